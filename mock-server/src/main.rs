//! The command line of the sandbox.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use lingminban::moment::Moment;
use lingminban_sandbox::{Credential, Options, Sandbox, Settings, engine::world};
use serde::Serialize;

/// 灵敏办合作单位沙箱 · A sandbox of the partner outlets' platform
#[derive(Debug, Parser)]
#[command(version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until Ctrl-C or SIGTERM; prints one line of JSON when ready
    Serve(Serve),
}

#[derive(Debug, Args)]
struct Serve {
    /// Address to listen on
    #[arg(long, env = "LINGMINBAN_SANDBOX_HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 takes a free one
    #[arg(long, env = "LINGMINBAN_SANDBOX_PORT", default_value_t = 0)]
    port: u16,
    /// Writes the port to this file once requests are answered
    #[arg(long, env = "LINGMINBAN_SANDBOX_PORT_FILE")]
    port_file: Option<PathBuf>,
    /// Address under which others reach the sandbox
    #[arg(long, env = "LINGMINBAN_SANDBOX_PUBLIC_URL")]
    public_url: Option<String>,
    /// Token that opens the control interface; needed where the sandbox listens beyond this machine
    #[arg(long, env = "LINGMINBAN_SANDBOX_ADMIN_TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
    /// Directory that keeps all spaces over a restart, kill -9 included; without one they are in
    /// memory alone
    #[arg(long, env = "LINGMINBAN_SANDBOX_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Seed of identifiers, plates and credentials; where the data directory has spaces already, the
    /// first keeps its own
    #[arg(long, env = "LINGMINBAN_SANDBOX_SEED", default_value_t = 1)]
    seed: u64,
    /// What the sandbox's clock shows first: RFC 3339, or `now`
    #[arg(long, env = "LINGMINBAN_SANDBOX_START_TIME", default_value = "2026-03-02T09:00:00+08:00", value_parser = start_time)]
    start_time: Timestamp,
}

/// The line on stdout that says the sandbox answers.
#[derive(Serialize)]
struct Ready<'a> {
    base_url: &'a str,
    seed: u64,
    version: &'static str,
    credentials: Vec<Credential>,
}

fn start_time(text: &str) -> Result<Timestamp, String> {
    if text == "now" {
        use world::HostClock;
        return Ok(world::SystemClock::default().wall());
    }
    text.parse::<Moment>()
        .map(Moment::timestamp)
        .map_err(|_| "expected RFC 3339, such as 2026-03-02T09:00:00+08:00, or now".to_owned())
}

fn main() -> ExitCode {
    let Command::Serve(options) = CommandLine::parse().command;
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(log_filter())
        .init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime.and_then(|runtime| runtime.block_on(serve(options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the sandbox cannot serve");
            ExitCode::FAILURE
        }
    }
}

fn log_filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy()
}

async fn serve(options: Serve) -> io::Result<()> {
    // Before anybody can know the sandbox is there, so that no early signal is lost.
    let stop = stop_signal()?;
    let settings = Settings {
        seed: options.seed,
        start: options.start_time,
        ..Settings::default()
    };
    let sandbox = Sandbox::start_with(Options {
        settings,
        listen: Some((options.host.clone(), options.port)),
        public_url: options.public_url.clone(),
        admin_token: options.admin_token.clone().map(Into::into),
        data_dir: options.data_dir.clone(),
        front: None,
    })
    .await?;
    announce(&sandbox, &options)?;
    stop.await;
    tracing::info!("finishing what is in flight");
    sandbox.stop().await;
    Ok(())
}

fn announce(sandbox: &Sandbox, options: &Serve) -> io::Result<()> {
    if let Some(path) = &options.port_file {
        write_whole(path, &sandbox.address().port().to_string()).map_err(|error| {
            let path = path.display();
            let told = format!("无法写入端口文件 / cannot write the port file {path}: {error}");
            io::Error::new(error.kind(), told)
        })?;
    }
    let ready = Ready {
        base_url: options.public_url.as_deref().unwrap_or(sandbox.base_url()),
        seed: sandbox.engine().home().settings.seed,
        version: env!("CARGO_PKG_VERSION"),
        credentials: sandbox.credentials(),
    };
    let mut line = serde_json::to_string(&ready)?;
    line.push('\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

/// Whoever watches for the file never reads half of it.
fn write_whole(path: &std::path::Path, text: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
