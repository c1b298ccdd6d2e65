//! `space …`: commands to a sandbox that runs already, each answered with JSON on stdout.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
    time::Duration,
};

use clap::{ArgGroup, Args, Subcommand};
use lingminban::{
    api::{
        OutletKind,
        control::{
            ClockMove, ExportFormat, ExportQuery, NewSpace, Pace, Period, Polls, Rate, Seed,
            SpaceFilter, SpaceId, WorkingDays,
        },
    },
    moment::Moment,
    text::Language,
    wire_enum::WireEnum,
};
use lingminban_sandbox::{Control, Options, WrongOption};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::IgnoredAny};
use tokio::time::timeout;

use super::{Exit, place::Place, ready_files, tell, values};

#[derive(Debug, Args)]
pub(super) struct Space {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(New),
    List(List),
    Reset(One),
    Fork(One),
    Delete(One),
    Clock(Clock),
    Faults(Faults),
    Journal(Journal),
}

/// A sandbox, and what opens its control interface.
#[derive(Debug, Args)]
struct Whom {
    #[command(flatten)]
    place: Place,
    #[arg(
        long,
        env = "LINGMINBAN_SANDBOX_ADMIN_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    admin_token: Option<SecretString>,
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = values::duration)]
    timeout: Duration,
}

#[derive(Debug, Args)]
struct New {
    #[command(flatten)]
    whom: Whom,
    #[arg(long, value_parser = number::<Seed>)]
    seed: Option<Seed>,
    #[arg(long, value_parser = word::<Pace>)]
    pace: Option<Pace>,
    #[arg(long, value_parser = number::<Polls>)]
    polls: Option<Polls>,
    #[arg(long, value_name = "TIME")]
    start_time: Option<Moment>,
    #[arg(long)]
    frozen: bool,
    #[arg(long, value_name = "KIND", value_parser = word::<OutletKind>)]
    outlet_kind: Option<OutletKind>,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    whom: Whom,
}

#[derive(Debug, Args)]
struct One {
    #[command(flatten)]
    whom: Whom,
    #[arg(value_name = "SPACE")]
    space: SpaceId,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("move").args(["advance", "working_days", "set", "freeze", "run", "rate"]))]
struct Clock {
    #[command(flatten)]
    one: One,
    #[arg(long, value_name = "DURATION")]
    advance: Option<Period>,
    #[arg(long, value_name = "DAYS", value_parser = number::<WorkingDays>)]
    working_days: Option<WorkingDays>,
    #[arg(long, value_name = "TIME")]
    set: Option<Moment>,
    #[arg(long)]
    freeze: bool,
    #[arg(long)]
    run: bool,
    #[arg(long, value_parser = rate)]
    rate: Option<Rate>,
}

#[derive(Debug, Args)]
struct Faults {
    #[command(flatten)]
    one: One,
    #[arg(value_name = "FILE", conflicts_with = "clear")]
    script: Option<PathBuf>,
    #[arg(long)]
    clear: bool,
}

#[derive(Debug, Args)]
struct Journal {
    #[command(flatten)]
    one: One,
    #[arg(long, default_value = "jsonl", value_parser = word::<ExportFormat>)]
    format: ExportFormat,
}

fn word<E: WireEnum>(text: &str) -> Result<E, String> {
    E::from_word(text).ok_or_else(|| {
        let words: Vec<&str> = E::ALL.iter().map(|word| word.as_str()).collect();
        format!("应为 / expected one of: {}", words.join(", "))
    })
}

fn number<Q: TryFrom<u64, Error: std::fmt::Display>>(text: &str) -> Result<Q, String> {
    let number: u64 = text
        .parse()
        .map_err(|_| "应为整数 / expected a whole number".to_owned())?;
    Q::try_from(number).map_err(|error| error.to_string())
}

fn rate(text: &str) -> Result<Rate, String> {
    let rate: f64 = text
        .parse()
        .map_err(|_| "应为数字 / expected a number".to_owned())?;
    Rate::try_from(rate).map_err(|error| error.to_string())
}

/// Why a command was not carried out.
enum Failure {
    /// On this side.
    Here(io::Error),
    /// By the sandbox, or on the way to it.
    There(lingminban::Error),
    /// Nobody answered for so long.
    Nowhere(Duration),
    /// No command line could be carried out like that.
    Usage(WrongOption),
}

impl From<WrongOption> for Failure {
    fn from(wrong: WrongOption) -> Self {
        Self::Usage(wrong)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Here(error)
    }
}

impl From<lingminban::Error> for Failure {
    fn from(error: lingminban::Error) -> Self {
        Self::There(error)
    }
}

/// What the sandbox says for people it says in this language.
pub(super) async fn space(options: Space, language: Language) -> Exit {
    match carry_out(options.command, language).await {
        Ok(()) => Exit::Done,
        Err(Failure::Here(error)) => {
            tell(&error.to_string());
            Exit::Failed
        }
        Err(Failure::There(error)) => {
            tell(&error.to_string());
            if let Some(problem) = error.problem() {
                tell(&serde_json::to_string_pretty(problem).unwrap_or_default());
                Exit::Refused
            } else {
                Exit::NotReady
            }
        }
        Err(Failure::Nowhere(waited)) => {
            tell(&format!(
                "沙箱未在 {waited:?} 内应答（--timeout） / the sandbox does not answer within {waited:?} (--timeout)"
            ));
            Exit::NotReady
        }
        Err(Failure::Usage(wrong)) => {
            tell(&wrong.to_string());
            Exit::Usage
        }
    }
}

async fn carry_out(command: Command, language: Language) -> Result<(), Failure> {
    match command {
        Command::New(new) => {
            let space = NewSpace {
                seed: new.seed,
                pace: new.pace,
                polls: new.polls,
                start_time: new.start_time,
                frozen: new.frozen.then_some(true),
                outlet_kind: new.outlet_kind,
                ..NewSpace::default()
            };
            let control = new.whom.control(language)?;
            print(&new.whom.in_time(control.create_space(space)).await?)
        }
        Command::List(list) => print_all(&list.whom, language).await,
        Command::Reset(One { whom, space }) => print(
            &whom
                .in_time(whom.control(language)?.reset_space(&space))
                .await?,
        ),
        Command::Fork(One { whom, space }) => print(
            &whom
                .in_time(whom.control(language)?.fork_space(&space))
                .await?,
        ),
        Command::Delete(One { whom, space }) => {
            whom.in_time(whom.control(language)?.delete_space(&space))
                .await
        }
        Command::Clock(clock) => {
            let One { whom, space } = &clock.one;
            let control = whom.control(language)?;
            match clock.to() {
                Some(to) => print(&whom.in_time(control.clock(space, to)).await?),
                None => print(&whom.in_time(control.get_space(space)).await?.clock),
            }
        }
        Command::Faults(faults) => {
            let One { whom, space } = &faults.one;
            let control = whom.control(language)?;
            let counts = match faults.script()? {
                Some(script) => {
                    let set = control.set_faults_as_written(space, script);
                    whom.in_time(set).await?
                }
                None => whom.in_time(control.get_faults(space)).await?,
            };
            print(&counts)
        }
        Command::Journal(journal) => {
            let One { whom, space } = &journal.one;
            let query = ExportQuery::builder().format(journal.format).build();
            let control = whom.control(language)?;
            let text = whom.in_time(control.export_journal(space, &query)).await?;
            Ok(io::stdout().lock().write_all(text.as_bytes())?)
        }
    }
}

async fn print_all(whom: &Whom, language: Language) -> Result<(), Failure> {
    let control = whom.control(language)?;
    let mut filter = SpaceFilter::default();
    loop {
        let page = whom.in_time(control.list_spaces(&filter)).await?;
        page.items.iter().try_for_each(print)?;
        filter.page_token = page.next_page_token;
        if filter.page_token.is_none() {
            return Ok(());
        }
    }
}

/// One line of JSON.
fn print(value: &impl Serialize) -> Result<(), Failure> {
    let line = serde_json::to_string(value).map_err(io::Error::other)?;
    Ok(writeln!(io::stdout().lock(), "{line}")?)
}

impl Whom {
    fn control(&self, language: Language) -> Result<Control, Failure> {
        // A variable that is set and empty gives no token.
        let token = self.admin_token.as_ref().map(ExposeSecret::expose_secret);
        let token = token.filter(|token| !token.is_empty());
        Options {
            admin_token: token.map(Into::into),
            ..Options::default()
        }
        .check()?;
        let found = self.place.find()?;
        let ca = found.ca.as_deref().unwrap_or_default();
        let control = Control::speaking(language, &found.base_url(), token, ca);
        Ok(control.map_err(io::Error::other)?)
    }

    /// An answer of the sandbox, which has `--timeout` to give it.
    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, lingminban::Error>>,
    ) -> Result<T, Failure> {
        let answer = timeout(self.timeout, answer).await;
        Ok(answer.map_err(|_| Failure::Nowhere(self.timeout))??)
    }
}

impl Clock {
    /// clap lets one of them through at most.
    fn to(&self) -> Option<ClockMove> {
        self.advance
            .map(ClockMove::Advance)
            .or(self.working_days.map(ClockMove::AdvanceWorkingDays))
            .or(self.set.map(ClockMove::Set))
            .or(self.freeze.then_some(ClockMove::Frozen(true)))
            .or(self.run.then_some(ClockMove::Frozen(false)))
            .or(self.rate.map(ClockMove::Rate))
    }
}

impl Faults {
    /// The script to set, if one is to be set: from a file, or from stdin for `-`. Whether it is a
    /// script is the sandbox's to say, which tells everything that is wrong at once.
    fn script(&self) -> io::Result<Option<Vec<u8>>> {
        if self.clear {
            return Ok(Some(b"[]".to_vec()));
        }
        let Some(path) = &self.script else {
            return Ok(None);
        };
        let mut text = Vec::new();
        if path.as_os_str() == "-" {
            io::stdin().lock().read_to_end(&mut text)?;
        } else {
            text = ready_files::read(path, "FILE")?;
        }
        serde_json::from_slice::<IgnoredAny>(&text).map_err(|error| {
            io::Error::other(format!(
                "故障脚本不是 JSON / the script is no JSON: {error}"
            ))
        })?;
        Ok(Some(text))
    }
}
