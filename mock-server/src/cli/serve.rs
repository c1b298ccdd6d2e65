//! `serve`: the sandbox, until a signal or long silence ends it.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use clap::{ArgGroup, Args, builder::BoolishValueParser};
use jiff::Timestamp;
use lingminban_sandbox::{
    Credential, Options, Pace, Sandbox, Settings,
    engine::{
        Engine,
        pages::HEALTH,
        world::{HostClock, SystemClock},
    },
    server::{Answer, Call, FrontSettings, Rejection, Reply, Tls},
};
use secrecy::SecretString;
use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use super::{Exit, ready_files, tell, values};

/// Longer than a machine runs.
const FAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Below it no partner's request would pass: its token is in the head, or its secret in the body.
const FEWEST_BYTES: i64 = 1 << 10;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("ca_place").args(["port_file", "tls_ca_file"]).multiple(true))]
pub(super) struct Serve {
    #[arg(long, env = "LINGMINBAN_SANDBOX_HOST", default_value = "127.0.0.1")]
    host: String,
    #[arg(long, env = "LINGMINBAN_SANDBOX_PORT", default_value_t = 0)]
    port: u16,
    #[arg(long, env = "LINGMINBAN_SANDBOX_PORT_FILE")]
    port_file: Option<PathBuf>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_PUBLIC_URL")]
    public_url: Option<String>,
    #[arg(
        long,
        env = "LINGMINBAN_SANDBOX_ADMIN_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    admin_token: Option<SecretString>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_DATA_DIR", value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_SEED", default_value_t = 1)]
    seed: u64,
    #[arg(long, env = "LINGMINBAN_SANDBOX_START_TIME", default_value = "2026-03-02T09:00:00+08:00", value_parser = values::start_time)]
    start_time: Timestamp,
    #[arg(long, env = "LINGMINBAN_SANDBOX_PACE", default_value = "quick", value_parser = values::pace)]
    pace: Pace,
    #[arg(long, env = "LINGMINBAN_SANDBOX_EXIT_WHEN_IDLE", value_name = "DURATION", value_parser = values::duration)]
    exit_when_idle: Option<Duration>,
    #[command(flatten)]
    guarding: Guarding,
}

/// What puts a front before the sandbox, each of it alone.
#[derive(Debug, Args)]
struct Guarding {
    #[arg(long, env = "LINGMINBAN_SANDBOX_TLS_SELF_SIGNED", value_parser = BoolishValueParser::new(), requires = "ca_place", conflicts_with_all = ["tls_cert", "tls_key"])]
    tls_self_signed: bool,
    #[arg(long, value_name = "NAME", requires = "tls_self_signed")]
    tls_name: Vec<String>,
    #[arg(
        long,
        env = "LINGMINBAN_SANDBOX_TLS_CA_FILE",
        value_name = "FILE",
        requires = "tls_self_signed"
    )]
    tls_ca_file: Option<PathBuf>,
    #[arg(
        long,
        env = "LINGMINBAN_SANDBOX_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,
    #[arg(
        long,
        env = "LINGMINBAN_SANDBOX_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_GUARD", value_parser = BoolishValueParser::new())]
    guard: bool,
    #[arg(long, env = "LINGMINBAN_SANDBOX_MAX_CONNECTIONS", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    max_connections: Option<u32>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_MAX_BODY_BYTES", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(FEWEST_BYTES..))]
    max_body_bytes: Option<u32>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_MAX_HEADER_BYTES", value_name = "BYTES", value_parser = clap::value_parser!(u32).range(FEWEST_BYTES..))]
    max_header_bytes: Option<u32>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_HEADER_TIMEOUT", value_name = "DURATION", value_parser = values::duration)]
    header_timeout: Option<Duration>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_BODY_TIMEOUT", value_name = "DURATION", value_parser = values::duration)]
    body_timeout: Option<Duration>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_IDLE_TIMEOUT", value_name = "DURATION", value_parser = values::duration)]
    idle_timeout: Option<Duration>,
    #[arg(long, env = "LINGMINBAN_SANDBOX_WRITE_TIMEOUT", value_name = "DURATION", value_parser = values::duration)]
    write_timeout: Option<Duration>,
}

/// The line on stdout that says the sandbox answers.
#[derive(Serialize)]
struct Ready<'a> {
    base_url: &'a str,
    /// Where the authority's certificate stands that clients are to trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<&'a Path>,
    seed: u64,
    version: &'static str,
    credentials: Vec<Credential>,
}

pub(super) async fn serve(options: Serve) -> Exit {
    if let Err(wrong) = options.wanted(None).check() {
        tell(&wrong.to_string());
        return Exit::Usage;
    }
    match serve_to_the_end(options).await {
        Ok(()) => Exit::Done,
        Err(error) => {
            tracing::error!(%error, "the sandbox cannot serve; 沙箱无法提供服务");
            Exit::Failed
        }
    }
}

async fn serve_to_the_end(options: Serve) -> io::Result<()> {
    // Before anybody can know the sandbox is there, so that no early signal is lost.
    let stop = stop_signal()?;
    let front = options.front()?;
    let ca = front.as_ref().and_then(|front| front.tls.as_ref());
    let ca = ca.and_then(Tls::ca_pem).map(str::to_owned);
    let busy = Arc::new(Busy::new(Instant::now()));
    let seen = Arc::clone(&busy);
    let host = Box::new(SystemClock::default());
    let sandbox = Sandbox::start_through(options.wanted(front), host, |engine| {
        Arc::new(Watched { engine, seen })
    });
    let sandbox = sandbox.await?;
    let port = sandbox.address().port();
    let announced = announce(&sandbox, &options, ca.as_deref());
    announced.inspect_err(|_| options.withdraw(port))?;
    // Nobody could come before.
    busy.answers(Duration::ZERO);
    let silence = async {
        match options.exit_when_idle {
            Some(limit) => busy.idle(limit).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = stop => tracing::info!("finishing what is in flight; 正在结束"),
        () = silence => tracing::info!("no request came for long enough; 长时间无请求，正在结束"),
    }
    options.withdraw(port);
    sandbox.stop().await;
    Ok(())
}

/// Until when the sandbox is known to have something to do.
struct Busy(Mutex<Instant>);

impl Busy {
    fn new(until: Instant) -> Self {
        Self(Mutex::new(until))
    }

    fn until(&self) -> MutexGuard<'_, Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody is answered now, or waits so long for an answer that is held back.
    fn answers(&self, delay: Duration) {
        let now = Instant::now();
        let mut until = self.until();
        *until = now.checked_add(delay).unwrap_or(now).max(*until);
    }

    /// Ends when there has been nothing to do for `limit`.
    async fn idle(&self, limit: Duration) {
        while let Some(end) = self.end(limit) {
            sleep_until(end).await;
        }
    }

    /// When there will have been nothing to do for `limit`, unless that is over.
    fn end(&self, limit: Duration) -> Option<Instant> {
        let now = Instant::now();
        let end = self.until().checked_add(limit);
        // A limit no clock reaches is as good as one that never passes while the machine is on.
        Some(end.unwrap_or(now + FAR)).filter(|end| *end > now)
    }
}

/// An engine whose visitors are seen. Who only looks whether it lives is none: an orchestrator that
/// probes a sandbox would keep one alive that everybody has forgotten.
struct Watched {
    engine: Arc<Engine>,
    seen: Arc<Busy>,
}

impl Answer for Watched {
    fn answer(&self, call: &Call<'_>) -> Option<Reply> {
        let reply = self.engine.answer(call);
        if call.path != HEALTH {
            let delay = reply.as_ref().map(|reply| reply.delay);
            self.seen.answers(delay.unwrap_or_default());
        }
        reply
    }

    fn panicked(&self, call: &Call<'_>) -> Reply {
        self.engine.panicked(call)
    }

    fn turned_away(&self, call: &Call<'_>, why: Rejection) -> Reply {
        self.engine.turned_away(call, why)
    }
}

impl Serve {
    /// The sandbox the options ask for, behind a front.
    fn wanted(&self, front: Option<FrontSettings>) -> Options {
        Options {
            settings: Settings {
                seed: self.seed,
                start: self.start_time,
                pace: self.pace,
                ..Settings::default()
            },
            listen: Some((self.host.clone(), self.port)),
            public_url: self.public_url.clone(),
            admin_token: self.admin_token.clone(),
            data_dir: self.data_dir.clone(),
            front,
            longest_push: None,
        }
    }

    /// The front the options ask for; `None` leaves it to the sandbox.
    fn front(&self) -> io::Result<Option<FrontSettings>> {
        let asked = &self.guarding;
        let tls = self.tls()?;
        let limited = asked.max_connections.is_some()
            || asked.max_body_bytes.is_some()
            || asked.max_header_bytes.is_some()
            || asked.header_timeout.is_some()
            || asked.body_timeout.is_some()
            || asked.idle_timeout.is_some()
            || asked.write_timeout.is_some();
        if !asked.guard && tls.is_none() && !limited {
            return Ok(None);
        }
        let usual = FrontSettings::default();
        let bytes = |asked: Option<u32>, usual| {
            asked.map_or(usual, |asked| usize::try_from(asked).unwrap_or(usize::MAX))
        };
        Ok(Some(FrontSettings {
            tls,
            max_connections: asked.max_connections.unwrap_or(usual.max_connections),
            max_header_bytes: bytes(asked.max_header_bytes, usual.max_header_bytes),
            max_body_bytes: bytes(asked.max_body_bytes, usual.max_body_bytes),
            header_timeout: asked.header_timeout.unwrap_or(usual.header_timeout),
            body_timeout: asked.body_timeout.unwrap_or(usual.body_timeout),
            idle_timeout: asked.idle_timeout.unwrap_or(usual.idle_timeout),
            write_timeout: asked.write_timeout.unwrap_or(usual.write_timeout),
            ..usual
        }))
    }

    fn tls(&self) -> io::Result<Option<Tls>> {
        let asked = &self.guarding;
        let made = if asked.tls_self_signed {
            let names = self.names();
            let names = names.iter().map(String::as_str);
            Tls::self_signed(names, SystemClock::default().wall())
        } else if let (Some(certificates), Some(key)) = (&asked.tls_cert, &asked.tls_key) {
            Tls::from_pem(
                &ready_files::read(certificates, "--tls-cert")?,
                &ready_files::read(key, "--tls-key")?,
            )
        } else {
            return Ok(None);
        };
        made.map(Some).map_err(io::Error::other)
    }

    /// The names under which clients may know the sandbox, beside this machine's own.
    fn names(&self) -> Vec<String> {
        let uri = self.public_url.as_deref().and_then(|url| url.parse().ok());
        let public = uri.as_ref().and_then(http::Uri::host);
        let public = public.map(|host| host.trim_matches(['[', ']']).to_owned());
        let any = ["0.0.0.0", "::"].contains(&self.host.as_str());
        let listened = (!any).then(|| self.host.clone());
        let given = self.guarding.tls_name.iter().cloned();
        public.into_iter().chain(listened).chain(given).collect()
    }

    /// Where the authority's certificate is to stand, if it has one of its own.
    fn ca_place(&self) -> Option<PathBuf> {
        let beside = self.port_file.as_deref().map(ready_files::ca_file_beside);
        self.guarding.tls_ca_file.clone().or(beside)
    }

    /// Puts the files in place by which others find the sandbox, which answers already: what another one
    /// left, or still uses, is not touched by one that cannot start. The newest has them.
    ///
    /// First goes what leads elsewhere, last comes what leads here: in between there is nothing to read.
    fn tell_place(&self, port: u16, ca: Option<(&Path, &str)>) -> io::Result<()> {
        let port = port.to_string();
        let stage_port = |path| ready_files::stage(path, "--port-file", &port);
        let port_staged = self.port_file.as_deref().map(stage_port).transpose()?;
        let ca_staged = ca.map(|(place, pem)| ready_files::stage(place, "CA", pem));
        let ca_staged = ca_staged.transpose()?;
        if let Some(path) = &self.port_file {
            ready_files::remove(path, "--port-file")?;
            ready_files::remove(&ready_files::ca_file_beside(path), "CA")?;
        }
        for staged in [ca_staged, port_staged].into_iter().flatten() {
            staged.publish()?;
        }
        Ok(())
    }

    /// Nobody is to look for it any more; a newer one's file stays.
    fn withdraw(&self, port: u16) {
        let own = |path: &&PathBuf| {
            std::fs::read(path).is_ok_and(|written| written == port.to_string().as_bytes())
        };
        if let Some(path) = self.port_file.as_ref().filter(own)
            && let Err(error) = ready_files::remove(path, "--port-file")
        {
            tracing::warn!(%error, "the port file stays; 端口文件未能删除");
        }
    }
}

fn announce(sandbox: &Sandbox, options: &Serve, ca: Option<&str>) -> io::Result<()> {
    let ca_place = ca.and(options.ca_place());
    let ca_file = ca_place.as_deref();
    options.tell_place(sandbox.address().port(), ca_file.zip(ca))?;
    let ready = Ready {
        base_url: options.public_url.as_deref().unwrap_or(sandbox.base_url()),
        ca_file,
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

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn idleness_is_counted_from_the_last_answer() {
        let secs = Duration::from_secs;
        let begun = Instant::now();
        let busy = Busy::new(begun);
        let visits = async {
            sleep(secs(5)).await;
            busy.answers(Duration::ZERO);
            sleep(secs(7)).await;
            // Sent at 42, whatever is answered meanwhile.
            busy.answers(secs(30));
            sleep(secs(1)).await;
            busy.answers(secs(2));
        };
        tokio::join!(busy.idle(secs(8)), visits);
        let ended = begun.elapsed().as_secs();
        assert_eq!(ended, 50);
    }
}
