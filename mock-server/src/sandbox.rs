//! A sandbox in a test, and the commands that make its bad days.

use std::{io, net::TcpListener, path::PathBuf, sync::Arc, time::Duration};

use lingminban::{
    Client,
    api::{
        ApplicationId, Lookup, OutletKind,
        control::{ClockMove, SpaceCredential},
    },
    client::{ConfigError, Proxy},
    codes::VehicleStatusFlag,
    identifiers::Vin,
    moment::Moment,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Notify;
use wiremock::Mock;

use crate::{
    Control,
    engine::{
        Engine,
        control::Admission,
        directory::Credential,
        events::post::LONGEST_ANSWER,
        lifecycle,
        names::Names,
        refusal::Refusal,
        register::VehicleRecord,
        space::{Pace, Settings},
        store::Store,
        world::{HostClock, SystemClock, later},
    },
    postman::Post,
    server::{Answer, FrontSettings, Server, Tls},
};

/// 沙箱: a server that behaves like the authority, with a space nobody else sees.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use lingminban::api::{OutletFilter, OutletKind};
/// use lingminban_sandbox::Sandbox;
///
/// let sandbox = Sandbox::start().await?;
/// let client = sandbox.client(OutletKind::Dealer)?;
/// let outlets = client.list_outlets(OutletFilter::default()).try_collect().await?;
/// assert_eq!(outlets.len(), 240);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sandbox {
    engine: Arc<Engine>,
    server: Server,
    base_url: String,
    admin_token: Option<SecretString>,
    ca_pem: Option<String>,
    /// Told of each attempt to push.
    reported: Arc<Notify>,
    /// Last, so that the server has ended before.
    _closing: Closing,
}

/// The server's threads may hold on to the engine for a moment longer than the sandbox does, and must
/// not keep others from its directory.
#[derive(Debug)]
struct Closing(Arc<Engine>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// How a sandbox is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Seed, start time and pace of its space.
    pub settings: Settings,
    /// Address to listen on; a free port of this machine when left out.
    pub listen: Option<(String, u16)>,
    /// Address under which others reach it, for the document and for the control interface, which takes
    /// no command for a host it does not know; its own when left out.
    pub public_url: Option<String>,
    /// 管理令牌: opens the control interface to who has it. Without one it is open to whoever
    /// reaches a sandbox that listens on this machine alone, and closed on any other.
    pub admin_token: Option<SecretString>,
    /// 数据目录: keeps all spaces over a restart, kill -9 included; made when it is not there. One
    /// process at a time may have it. Of a space that is there already the settings are kept too.
    pub data_dir: Option<PathBuf>,
    /// Puts a front before it: TLS, and limits on what clients can hold on to. When left out, it gets
    /// one with the usual limits if it listens beyond this machine, and none otherwise.
    pub front: Option<FrontSettings>,
    /// The longest a receiver of webhooks may take, in real time; 15 seconds when left out.
    pub longest_push: Option<Duration>,
}

impl Sandbox {
    /// A sandbox on a free port of this machine.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(Options::default()).await
    }

    /// A sandbox as the options say.
    ///
    /// # Errors
    /// When an option cannot work ([`Options::check`]), or the address cannot be listened on.
    pub async fn start_with(options: Options) -> io::Result<Self> {
        Self::start_on(options, Box::new(SystemClock::default())).await
    }

    /// A sandbox whose real time is somebody's own.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start_on(options: Options, host: Box<dyn HostClock>) -> io::Result<Self> {
        Self::start_through(options, host, |engine| engine).await
    }

    /// A sandbox that answers through something of the caller's, which sees every request and every
    /// answer: a test can judge both there once, instead of in each call.
    ///
    /// # Errors
    /// When an option cannot work, the address cannot be listened on, or the data directory cannot be
    /// used.
    pub async fn start_through(
        options: Options,
        host: Box<dyn HostClock>,
        through: impl FnOnce(Arc<Engine>) -> Arc<dyn Answer>,
    ) -> io::Result<Self> {
        options
            .check()
            .map_err(|wrong| io::Error::new(io::ErrorKind::InvalidInput, wrong))?;
        let (name, port) = options
            .listen
            .as_ref()
            .map_or(("127.0.0.1", 0), |(h, p)| (h, *p));
        let listener = TcpListener::bind((name, port)).map_err(|error| {
            let told = format!("无法监听 / cannot listen on {name}:{port}: {error}");
            io::Error::new(error.kind(), told)
        })?;
        let address = listener.local_addr()?;
        let admission = admission(options.admin_token.as_ref(), address);
        let names = names(&options, name);
        let (settings, public_url) = (&options.settings, options.public_url);
        let engine = match &options.data_dir {
            None => Engine::new(host, settings, public_url),
            Some(directory) => Store::open(directory)
                .and_then(|store| Engine::kept_in(store, host, settings, public_url))
                .map_err(io::Error::other)?,
        };
        let engine = Arc::new(engine.admitting(admission, names));
        let reported = Arc::new(Notify::new());
        let longest_push = options.longest_push.unwrap_or(LONGEST_ANSWER);
        let post = Post::new(&engine, longest_push, Arc::clone(&reported));
        engine.employ(Box::new(post));
        let answer = through(Arc::clone(&engine));
        let beyond = !address.ip().is_loopback();
        let front = options
            .front
            .or_else(|| beyond.then(FrontSettings::default));
        let tls = front.as_ref().and_then(|front| front.tls.clone());
        let server = match front {
            Some(front) => Server::start_guarded(listener, answer, front).await?,
            None => Server::start(listener, answer).await?,
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        Ok(Self {
            _closing: Closing(Arc::clone(&engine)),
            base_url: format!("{scheme}://{}", server.address()),
            ca_pem: tls.and_then(|tls| tls.ca_pem().map(str::to_owned)),
            engine,
            server,
            admin_token: options.admin_token,
            reported,
        })
    }

    /// Its address, such as `http://127.0.0.1:49152`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The socket it listens on.
    #[must_use]
    pub fn address(&self) -> std::net::SocketAddr {
        self.server.address()
    }

    /// Credentials of its space: the first of each kind first, then the second of each.
    #[must_use]
    pub fn credentials(&self) -> Vec<Credential> {
        self.engine.credentials(self.engine.home())
    }

    /// The first credential of a kind.
    #[must_use]
    pub fn credential(&self, kind: OutletKind) -> Option<Credential> {
        self.credentials()
            .into_iter()
            .find(|credential| credential.outlet_kind == kind)
    }

    /// A client that acts as the first outlet of a kind. No proxy: a sandbox is next door.
    ///
    /// # Errors
    /// When there is no outlet of that kind, or no client can be built on this machine.
    pub fn client(&self, kind: OutletKind) -> Result<Client, NoClient> {
        let credential = self.credential(kind).ok_or(NoClient::NoOutlet(kind))?;
        self.client_of(&credential)
    }

    /// A client that acts with a credential: of the sandbox's own space, or of one that was made by
    /// command.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use lingminban::api::{OutletKind, control::NewSpace};
    /// use lingminban_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::start().await?;
    /// let wish = NewSpace::builder().outlet_kind(OutletKind::Bank).build();
    /// let space = sandbox.control()?.create_space(wish).await?;
    /// let bank = sandbox.client_of(&space.credentials[0])?;
    /// assert!(bank.list_webhooks().await?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When no client can be built on this machine.
    pub fn client_of(&self, credential: &impl ClientCredential) -> Result<Client, NoClient> {
        let mut client = Client::builder()
            .base_url(&self.base_url)
            .client_id(credential.client_id())
            .client_secret(credential.client_secret())
            .proxy(Proxy::Off)
            .allow_plain_http(true);
        if let Some(ca) = &self.ca_pem {
            client = client.ca_certificates_pem(ca.as_bytes());
        }
        Ok(client.build()?)
    }

    /// 根证书: the authority that signed the certificate it made for itself, as PEM, for clients of
    /// the test's own; `None` where it made none.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// How many requests the authority has been asked, refused ones included. Those a mounted mock
    /// answered and those the front turned away do not count.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.server.answered()
    }

    /// A client of the control interface.
    ///
    /// # Errors
    /// When no client can be built on this machine.
    pub fn control(&self) -> Result<Control, ConfigError> {
        let token = self.admin_token.as_ref().map(ExposeSecret::expose_secret);
        match &self.ca_pem {
            Some(ca) => Control::trusting(&self.base_url, token, ca.as_bytes()),
            None => Control::new(&self.base_url, token),
        }
    }

    /// The space's clock.
    #[must_use]
    pub fn clock(&self) -> SpaceClock<'_> {
        SpaceClock { sandbox: self }
    }

    /// Changes how fast the authority works from now on, on what is filed already too.
    pub fn set_pace(&self, pace: Pace) {
        let set = self.engine.set_pace(self.engine.home(), pace);
        told(set, "the pace stays what it was");
    }

    /// Lets the authority take an application one state further, whatever the pace. `false` when
    /// the next word is the partner's, when nothing can follow, or when there is no such
    /// application.
    pub fn step(&self, id: &ApplicationId) -> bool {
        let Some(number) = self.engine.home().number_of(id) else {
            return false;
        };
        let engine = &self.engine;
        let stepped = engine.change(engine.home(), |now, state| {
            lifecycle::nudge(engine.city(), state, number, now)
        });
        told(stepped, "the application stays where it was").unwrap_or_default()
    }

    /// Sets or lifts a flag of any vehicle's status; a new car is put on record for it, unregistered.
    pub fn flag(&self, vin: Vin, flag: VehicleStatusFlag, set: bool) {
        self.change_vehicle(vin, |vehicle| {
            if set {
                vehicle.flags.insert(flag)
            } else {
                vehicle.flags.remove(flag)
            }
        });
    }

    /// Makes a data source silent on any vehicle, or lets it answer again.
    pub fn silence(&self, vin: Vin, lookup: Lookup, silent: bool) {
        self.change_vehicle(vin, |vehicle| {
            let lookups = &mut vehicle.silent_lookups;
            if silent {
                lookups.insert(lookup)
            } else {
                lookups.remove(lookup)
            }
        });
    }

    /// Puts a wiremock mock over the authority for one test (挂载): what it matches it answers, with
    /// expectations and all, everything else goes on to the authority. Mocks of one priority are asked
    /// in the order mounted; priorities 1 to 254 come before the authority, 255 is never asked.
    ///
    /// Stopping or dropping the sandbox verifies what is mounted. A mock belongs to the whole sandbox,
    /// not to a space. While one is mounted, every request is kept in memory, some 4 KiB and its body
    /// twice, until [`Sandbox::unmount`]: for tests, not for load.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use lingminban::api::OutletKind;
    /// use lingminban_sandbox::{
    ///     Sandbox,
    ///     wiremock::{Mock, ResponseTemplate, matchers::path},
    /// };
    ///
    /// let sandbox = Sandbox::start().await?;
    /// let down = Mock::given(path("/v1/operators")).respond_with(ResponseTemplate::new(503));
    /// sandbox.mount(down.up_to_n_times(1).expect(1)).await;
    ///
    /// // The client meets the 503 once, tries again, and is answered by the authority.
    /// let client = sandbox.client(OutletKind::Dealer)?;
    /// let operators = client.list_operators(Default::default()).try_collect().await?;
    /// assert!(!operators.is_empty());
    /// sandbox.verify().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn mount(&self, mock: Mock) {
        self.server.mount(mock).await;
    }

    /// Verifies the expectations of the mounted mocks.
    ///
    /// # Panics
    /// With wiremock's report when one is not met.
    pub async fn verify(&self) {
        self.server.verify().await;
    }

    /// Takes away all mounted mocks, without verifying them, and frees what was kept for them.
    pub async fn unmount(&self) {
        self.server.unmount().await;
    }

    /// Waits until every push of its space that is due has been attempted (推送完毕). What fails is due
    /// again later on the space's clock, and is not waited for.
    pub async fn pushed(&self) {
        let home = self.engine.home();
        // A store that fails has been told of already, and nothing more will be pushed.
        let waiting = || {
            let waiting = self
                .engine
                .change(home, |now, state| state.events.deliveries.waiting(now));
            waiting.unwrap_or_default()
        };
        loop {
            let reported = self.reported.notified();
            tokio::pin!(reported);
            // From here on no report is missed.
            reported.as_mut().enable();
            if waiting() == 0 {
                return;
            }
            reported.await;
        }
    }

    /// Finishes what is in flight and closes the port.
    ///
    /// # Panics
    /// When an expectation of a mounted mock is not met.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    /// The engine behind it.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    fn change_vehicle(&self, vin: Vin, change: impl FnOnce(&mut VehicleRecord)) {
        let changed = self.engine.change_vehicle(self.engine.home(), vin, change);
        told(changed, "the vehicle stays what it was");
    }
}

/// 合作单位凭证: what [`Sandbox::client_of`] takes.
pub trait ClientCredential {
    /// The name to ask for tokens with.
    fn client_id(&self) -> &str;

    /// The secret to ask for tokens with.
    fn client_secret(&self) -> &str;
}

impl ClientCredential for Credential {
    fn client_id(&self) -> &str {
        &self.client_id
    }

    fn client_secret(&self) -> &str {
        &self.client_secret
    }
}

impl ClientCredential for SpaceCredential {
    fn client_id(&self) -> &str {
        &self.client_id
    }

    fn client_secret(&self) -> &str {
        &self.client_secret
    }
}

/// A command of the test's own that was refused, as it is when the disk fails, is told in the log.
fn told<T>(done: Result<T, Refusal>, instead: &str) -> Option<T> {
    done.inspect_err(|refusal| tracing::warn!(code = %refusal.code(), "{instead}"))
        .ok()
}

fn admission(token: Option<&SecretString>, address: std::net::SocketAddr) -> Admission {
    match token {
        Some(token) => Admission::Token(token.expose_secret().to_owned()),
        None if address.ip().is_loopback() => Admission::Open,
        None => Admission::Closed,
    }
}

/// What the sandbox may be called, beside what every machine calls itself.
fn names(options: &Options, listened: &str) -> Names {
    let tls = options.front.as_ref().and_then(|front| front.tls.as_ref());
    let certified = tls.map(Tls::names).unwrap_or_default();
    let hosts = certified.iter().map(String::as_str).chain([listened]);
    Names::new(options.public_url.as_deref(), hosts)
}

/// No client can be had.
#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    /// The city has no outlet of the kind.
    #[error("本市没有此类网点 / the city has no outlet of kind {0}")]
    NoOutlet(OutletKind),
    /// The client cannot be built.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// 时钟 of a sandbox's space. It never runs backwards.
#[derive(Clone, Copy, Debug)]
pub struct SpaceClock<'a> {
    sandbox: &'a Sandbox,
}

impl SpaceClock<'_> {
    /// What it shows.
    #[must_use]
    pub fn now(&self) -> Moment {
        let engine = &self.sandbox.engine;
        let now = engine.change(engine.home(), |now, _| now);
        // What cannot be kept has not happened, but time has passed.
        Moment::new(now.unwrap_or_else(|_| engine.home().now(engine.host().elapsed())))
    }

    /// Stands still from now on.
    pub fn freeze(&self) {
        self.go(ClockMove::Frozen(true));
    }

    /// Runs again.
    pub fn resume(&self) {
        self.go(ClockMove::Frozen(false));
    }

    /// Moves forward, and everything that falls due on the way happens. Stops at the end of the
    /// calendar.
    pub fn advance(&self, by: Duration) {
        self.go(ClockMove::Set(Moment::new(later(
            self.now().timestamp(),
            by,
        ))));
    }

    /// Moves forward by working days (R164 Art 92), to the same time of day.
    pub fn advance_working_days(&self, days: u32) {
        let calendar = &self.sandbox.engine.city().calendar;
        if let Some(then) = calendar.later(self.now().timestamp(), days) {
            self.go(ClockMove::Set(Moment::new(then)));
        }
    }

    /// Forward is the only way these lead, and the calendar's end is the last step there is.
    fn go(&self, to: ClockMove) {
        let engine = &self.sandbox.engine;
        let moved = engine.move_clock(engine.home(), to);
        told(moved, "the clock stays where it was");
    }
}
