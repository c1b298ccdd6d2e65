//! What the program can be asked, and by which number it says how that went.

mod exit;
mod locale;
mod place;
mod ready_files;
mod serve;
mod space;
mod texts;
mod values;
mod wait_ready;

use std::{ffi::OsString, io};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use lingminban::text::Language;

pub(crate) use exit::Exit;

/// What stands in the comments of the commands is for us; what users read is in [`texts`].
#[derive(Debug, Parser)]
#[command(name = "lingminban-sandbox", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Box<serve::Serve>),
    WaitReady(wait_ready::WaitReady),
    Space(Box<space::Space>),
}

/// Does what the command line asks.
pub(crate) fn run() -> Exit {
    let language = locale::language(|name| std::env::var(name).ok());
    let command = match parse(language, std::env::args_os()) {
        Ok(line) => line.command,
        Err(error) => return told(&error, language),
    };
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(log_filter())
        .init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(async {
            match command {
                Command::Serve(options) => serve::serve(*options).await,
                Command::WaitReady(options) => wait_ready::wait_ready(options).await,
                Command::Space(options) => space::space(*options, language).await,
            }
        }),
        Err(error) => {
            tracing::error!(%error, "no runtime can be had; 无法创建运行时");
            Exit::Failed
        }
    }
}

fn parse(
    language: Language,
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<CommandLine, clap::Error> {
    let command = texts::worded(CommandLine::command(), language);
    CommandLine::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

/// clap's own answer: help, version, or what is wrong with the command line.
fn told(error: &clap::Error, language: Language) -> Exit {
    if error.print().is_err() {
        return Exit::Failed;
    }
    if !error.use_stderr() {
        return Exit::Done;
    }
    if language == Language::Chinese {
        tell("命令行有误，用法见 --help。");
    }
    Exit::Usage
}

/// A line for people. When nobody reads it any more there is nobody to tell.
fn tell(line: &str) {
    use io::Write;
    writeln!(io::stderr(), "{line}").ok();
}

fn log_filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy()
}
