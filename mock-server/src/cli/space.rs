//! `space …`: commands to a sandbox that runs already, each answered with JSON on stdout.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
};

use clap::{ArgGroup, Args, Subcommand};
use lingminban::{
    api::{
        OutletKind,
        control::{
            ClockMove, ExportFormat, ExportQuery, FaultScript, NewSpace, Pace, Period, Polls, Rate,
            Seed, SpaceFilter, SpaceId, WorkingDays,
        },
    },
    moment::Moment,
    wire_enum::WireEnum,
};
use lingminban_sandbox::Control;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{Exit, place::Place, ready_files, tell};

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

pub(super) async fn space(options: Space) -> Exit {
    match carry_out(options.command).await {
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
    }
}

async fn carry_out(command: Command) -> Result<(), Failure> {
    match command {
        Command::New(new) => {
            let control = new.whom.control()?;
            let created = control.create_space(NewSpace {
                seed: new.seed,
                pace: new.pace,
                polls: new.polls,
                start_time: new.start_time,
                frozen: new.frozen.then_some(true),
                outlet_kind: new.outlet_kind,
                ..NewSpace::default()
            });
            print(&created.await?)
        }
        Command::List(list) => print_all(&list.whom.control()?).await,
        Command::Reset(one) => print(&one.whom.control()?.reset_space(&one.space).await?),
        Command::Fork(one) => print(&one.whom.control()?.fork_space(&one.space).await?),
        Command::Delete(one) => Ok(one.whom.control()?.delete_space(&one.space).await?),
        Command::Clock(clock) => {
            let One { whom, space } = &clock.one;
            let control = whom.control()?;
            match clock.to() {
                Some(to) => print(&control.clock(space, to).await?),
                None => print(&control.get_space(space).await?.clock),
            }
        }
        Command::Faults(faults) => {
            let One { whom, space } = &faults.one;
            let control = whom.control()?;
            match faults.script()? {
                Some(script) => print(&control.set_faults(space, script).await?),
                None => print(&control.get_faults(space).await?),
            }
        }
        Command::Journal(journal) => {
            let One { whom, space } = &journal.one;
            let query = ExportQuery::builder().format(journal.format).build();
            let text = whom.control()?.export_journal(space, &query).await?;
            Ok(io::stdout().lock().write_all(text.as_bytes())?)
        }
    }
}

async fn print_all(control: &Control) -> Result<(), Failure> {
    let mut filter = SpaceFilter::default();
    loop {
        let page = control.list_spaces(&filter).await?;
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
    fn control(&self) -> io::Result<Control> {
        let found = self.place.find()?;
        let ca = match &found.ca_file {
            Some(path) => ready_files::read(path, "CA")?,
            None => Vec::new(),
        };
        let token = self.admin_token.as_ref().map(ExposeSecret::expose_secret);
        Control::trusting(&found.base_url(), token, &ca).map_err(io::Error::other)
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
    /// The script to set, if one is to be set: from a file, or from stdin for `-`.
    fn script(&self) -> io::Result<Option<FaultScript>> {
        if self.clear {
            return Ok(Some(FaultScript::default()));
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
        let script = serde_json::from_slice(&text).map_err(|error| {
            io::Error::other(format!("故障脚本不正确 / no fault script: {error}"))
        })?;
        Ok(Some(script))
    }
}
