//! A sandbox in a test, and the commands that make its bad days.

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use jiff::Timestamp;
use lingminban::{
    Client,
    api::{ApplicationId, Lookup, OutletKind},
    client::{ConfigError, Proxy},
    codes::VehicleStatusFlag,
    identifiers::Vin,
    moment::Moment,
};

use crate::{
    engine::{
        Engine,
        directory::Credential,
        lifecycle,
        register::VehicleRecord,
        space::{Pace, Settings, State},
        world::{HostClock, SystemClock, date_of},
    },
    server::{Answer, Server},
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
/// assert_eq!(outlets.len(), 192);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sandbox {
    engine: Arc<Engine>,
    server: Server,
    base_url: String,
}

/// How a sandbox is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Seed, start time and pace of its space.
    pub settings: Settings,
    /// Address to listen on; a free port of this machine when left out.
    pub listen: Option<(String, u16)>,
    /// Address under which others reach it, for the document; its own when left out.
    pub public_url: Option<String>,
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
    /// When the address cannot be listened on.
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
    /// When the address cannot be listened on.
    pub async fn start_through(
        options: Options,
        host: Box<dyn HostClock>,
        through: impl FnOnce(Arc<Engine>) -> Arc<dyn Answer>,
    ) -> io::Result<Self> {
        let (name, port) = options
            .listen
            .as_ref()
            .map_or(("127.0.0.1", 0), |(h, p)| (h, *p));
        let listener = TcpListener::bind((name, port)).map_err(|error| {
            let told = format!("无法监听 / cannot listen on {name}:{port}: {error}");
            io::Error::new(error.kind(), told)
        })?;
        let engine = Arc::new(Engine::new(host, &options.settings, options.public_url));
        let server = Server::start(listener, through(Arc::clone(&engine))).await?;
        let base_url = format!("http://{}", server.address());
        Ok(Self {
            engine,
            server,
            base_url,
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

    /// A client that acts with a credential.
    ///
    /// # Errors
    /// When no client can be built on this machine.
    pub fn client_of(&self, credential: &Credential) -> Result<Client, NoClient> {
        let client = Client::builder()
            .base_url(&self.base_url)
            .client_id(credential.client_id.as_ref())
            .client_secret(credential.client_secret.as_str())
            .proxy(Proxy::Off)
            .allow_plain_http(true)
            .build()?;
        Ok(client)
    }

    /// The space's clock.
    #[must_use]
    pub fn clock(&self) -> SpaceClock<'_> {
        SpaceClock { sandbox: self }
    }

    /// Changes how fast the authority works from now on, on what is filed already too.
    pub fn set_pace(&self, pace: Pace) {
        self.change(|now, state| {
            state.pace = pace;
            lifecycle::reschedule_all(self.engine.city(), state, now);
        });
    }

    /// Lets the authority take an application one state further, whatever the pace. `false` when
    /// the next word is the partner's, when nothing can follow, or when there is no such
    /// application.
    pub fn step(&self, id: &ApplicationId) -> bool {
        let Some(number) = self.engine.home().number_of(id) else {
            return false;
        };
        self.change(|now, state| lifecycle::nudge(self.engine.city(), state, number, now))
    }

    /// Sets or lifts a flag of any vehicle's status; a new car is put on record for it, unregistered.
    pub fn flag(&self, vin: Vin, flag: VehicleStatusFlag, set: bool) {
        self.change_vehicle(vin, |vehicle| {
            if set {
                vehicle.flags.insert(flag)
            } else {
                vehicle.flags.remove(flag)
            }
        })
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
        })
    }

    /// Finishes what is in flight and closes the port.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    /// The engine behind it.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    fn change_vehicle(&self, vin: Vin, change: impl FnOnce(&mut VehicleRecord)) {
        self.change(|now, state| {
            let known = state.register.vehicle(vin).cloned();
            let mut record = known.unwrap_or_else(|| VehicleRecord::unregistered(vin));
            change(&mut record);
            state.register.put_vehicle(record);
            lifecycle::reconsider(self.engine.city(), state, vin, now);
        });
    }

    /// What is due happens first: a command changes what comes after it, never what came before.
    fn change<T>(&self, change: impl FnOnce(Timestamp, &mut State) -> T) -> T {
        let mut state = self.engine.home().lock();
        let now = state.clock.now(self.engine.host().elapsed());
        lifecycle::settle(self.engine.city(), &mut state, now);
        change(now, &mut state)
    }
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
        self.sandbox.change(|now, _| Moment::new(now))
    }

    /// Stands still from now on.
    pub fn freeze(&self) {
        let host = self.host();
        self.sandbox.change(|_, state| state.clock.freeze(host));
    }

    /// Runs again at real rate.
    pub fn resume(&self) {
        let host = self.host();
        self.sandbox.change(|_, state| state.clock.resume(host));
    }

    /// Moves forward, and everything that falls due on the way happens.
    pub fn advance(&self, by: Duration) {
        self.sandbox.change(|_, state| state.clock.advance(by));
        // Settles at the new time.
        let _ = self.now();
    }

    /// Moves forward by working days (R164 Art 92), to the same time of day.
    pub fn advance_working_days(&self, days: u32) {
        let today = date_of(self.now().timestamp());
        let then = self.sandbox.engine.city().calendar.add(today, days);
        let calendar_days = then.since(today).map_or(0, |span| span.get_days());
        let by = Duration::from_secs(u64::from(calendar_days.unsigned_abs()) * 24 * 60 * 60);
        self.advance(by);
    }

    fn host(&self) -> Duration {
        self.sandbox.engine.host().elapsed()
    }
}
