//! The front (前置): stands between clients that may be anybody and the HTTP core, which trusts its own.
//!
//! It has a thread of its own. Everything a client can hold on to is bounded: connections, the bytes
//! and the time of a head and of a body, the memory of all bodies together, the time of doing nothing.
//! A request passes whole and within its limits, over connections that are kept, or not at all.

mod connection;
mod held;
mod pulse;
mod relay;
mod tls;
mod watched;

use std::{
    collections::VecDeque,
    io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use http::Uri;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto,
};
use tokio::{
    runtime::Builder,
    sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch},
    task::yield_now,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use held::Held;
pub(super) use held::Prompt;
pub use tls::{Tls, TlsError};

use super::{Answer, LONGEST_FAREWELL};

/// hyper's own limits lie above the front's, whose answers say more.
const SLACK: usize = 16 << 10;
/// As many header fields as hyper parses, at 64 bytes of passing memory each; the front itself passes on
/// fewer. Who sends a field too many is told so, and not by hyper, which has nothing to say.
const PARSED_FIELDS: usize = 1_024;
/// As many connections as the core ever has files for.
const MOST_PLACES: u32 = 65_536;
/// Streams of one HTTP/2 connection at a time.
const STREAMS: u32 = 64;
/// The pause after a connection that could not be accepted, or while all are taken.
const PAUSE: Duration = Duration::from_millis(50);
/// Turns of the front's loop without a request after which none is on its way.
const QUIET_TURNS: u32 = 64;
/// What a connection that is to leave is granted to send the rest of a body, or to take the next piece of
/// an answer.
const PARTING: Duration = Duration::from_secs(1);
/// What a stopping front grants its connections to write what they have.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// What clients may ask of a guarded server (前置限制).
#[derive(Clone, Debug)]
pub struct FrontSettings {
    /// The certificate to show; plain HTTP without one.
    pub tls: Option<Tls>,
    /// Connections served at a time, at least 1; fewer where the limit on open files demands it. One
    /// more asks the oldest to leave, which idle ones do at once; those that wait for an answer held back
    /// ([`Reply::delay`](super::Reply::delay)) get it early. It is also how many answers are held back
    /// at a time: one more sends that early which is due last.
    pub max_connections: u32,
    /// Bytes of a head: target and header fields. Above it 414 or 431, also above 96 fields.
    pub max_header_bytes: usize,
    /// Bytes of a body, announced or received. Above it 413.
    pub max_body_bytes: usize,
    /// Bytes of all bodies together that are being received or passed on, at least one body's. Above
    /// it 503. The core behind holds each about three times over while it is answered.
    pub max_bodies_bytes: usize,
    /// From a connection's beginning, TLS included, to the end of its first head. Then it is closed.
    pub header_timeout: Duration,
    /// From the end of a head to the end of its body. Then 408.
    pub body_timeout: Duration,
    /// From one answer to the end of the next request's head, and for taking the answer. Then the
    /// connection is closed.
    pub idle_timeout: Duration,
    /// For taking the next piece of an answer, some KiB. Then the connection is reset: who takes
    /// nothing holds on to the answer and to a place.
    pub write_timeout: Duration,
}

impl Default for FrontSettings {
    /// 512 connections, heads of 32 KiB in 10 s, bodies of 16 MiB in 60 s, 128 MiB of them
    /// together, 90 s of doing nothing, 30 s of taking nothing.
    fn default() -> Self {
        Self {
            tls: None,
            max_connections: 512,
            max_header_bytes: 32 << 10,
            max_body_bytes: 16 << 20,
            max_bodies_bytes: 128 << 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(90),
            write_timeout: Duration::from_secs(30),
        }
    }
}

/// Why the front turns a request away (拒收原因).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// 413: the body is longer than may be sent.
    BodyTooLarge,
    /// 408: the body did not arrive in time.
    BodyTooSlow,
    /// 414: the target alone is longer than a head may be.
    TargetTooLong,
    /// 431: the head is longer than may be sent, or has too many fields.
    HeadTooLarge,
    /// `CONNECT`: there is nothing to tunnel to.
    Tunnel,
    /// 503: bodies of others take all the room there is.
    NoRoom,
}

/// The owner's end. Dropping it ends the front at once.
pub(super) struct Front {
    stop: oneshot::Sender<Done>,
}

/// Told when the front has stopped.
type Done = oneshot::Sender<()>;

impl Front {
    /// Serves `listener` and passes on to `upstream`. `files` is the limit on open files, where known.
    pub(super) async fn start(
        listener: TcpListener,
        upstream: SocketAddr,
        answer: Arc<dyn Answer>,
        settings: FrontSettings,
        files: Option<u64>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let house = Arc::new(House::new(upstream, answer, settings, files)?);
        let (started, has_started) = oneshot::channel();
        let (stop, stopping) = oneshot::channel();
        thread::Builder::new()
            .name("lingminban-front".into())
            .spawn(move || {
                let runtime = match Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => return drop(started.send(Err(error))),
                };
                let done = runtime.block_on(keep_house(listener, house, started, stopping));
                // Every connection ends with it.
                drop(runtime);
                if let Some(done) = done {
                    done.send(()).ok();
                }
            })?;
        has_started.await.unwrap_or_else(|_| {
            Err(io::Error::other(
                "前置线程未能启动 / the front did not start",
            ))
        })?;
        Ok(Self { stop })
    }

    /// Answers what has been received, then closes every connection and the port.
    pub(super) async fn stop(self) {
        let (done, is_done) = oneshot::channel();
        // Either end is gone only when the front's thread is.
        if self.stop.send(done).is_ok() {
            is_done.await.ok();
        }
    }
}

/// What all connections share.
struct House {
    settings: FrontSettings,
    answer: Arc<dyn Answer>,
    tls: Option<TlsAcceptor>,
    http: auto::Builder<TokioExecutor>,
    upstream: Client<HttpConnector, Full<bytes::Bytes>>,
    upstream_uri: Uri,
    /// One for each connection served.
    places: Arc<Semaphore>,
    all_places: u32,
    /// One for each request passed on at a time: over HTTP/2 a connection may send many.
    turns: Semaphore,
    held: Held,
    /// One for each byte of a body.
    room: Arc<Semaphore>,
    guests: Guests,
    stage: watch::Sender<Stage>,
    traffic: Traffic,
}

/// How far the end has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// Answers ask the client to close its connection.
    Farewell,
    /// Every connection is to leave.
    Closed,
}

/// Connections that can be asked to leave, the oldest first.
#[derive(Default)]
struct Guests(Mutex<VecDeque<oneshot::Sender<()>>>);

impl Guests {
    /// Told when it is to leave.
    fn enter(&self) -> oneshot::Receiver<()> {
        let (ask, asked) = oneshot::channel();
        let mut guests = self.lock();
        if guests.len() == guests.capacity() {
            guests.retain(|guest| !guest.is_closed());
        }
        guests.push_back(ask);
        asked
    }

    fn ask_the_oldest(&self) {
        let mut guests = self.lock();
        while let Some(guest) = guests.pop_front() {
            if guest.send(()).is_ok() {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<oneshot::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What goes on in the whole house.
#[derive(Default)]
struct Traffic {
    requests: AtomicU64,
    waiting: AtomicUsize,
}

/// A request on its way to the engine and back.
struct Waiting<'a>(&'a Traffic);

impl Traffic {
    fn count_request(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Relaxed);
        Waiting(self)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}

impl House {
    fn new(
        upstream: SocketAddr,
        answer: Arc<dyn Answer>,
        settings: FrontSettings,
        files: Option<u64>,
    ) -> io::Result<Self> {
        let places = places(settings.max_connections, files);
        let uri = format!("http://{upstream}/").parse::<Uri>();
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            tls: settings.tls.as_ref().map(Tls::acceptor),
            http: http_of(&settings),
            upstream: Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .build(connector),
            upstream_uri: uri.map_err(io::Error::other)?,
            places: Arc::new(Semaphore::new(places as usize)),
            all_places: places,
            turns: Semaphore::new(places as usize),
            held: Held::new(places as usize),
            room: Arc::new(Semaphore::new(room(&settings))),
            guests: Guests::default(),
            stage: watch::Sender::new(Stage::Open),
            traffic: Traffic::default(),
            settings,
            answer,
        })
    }

    fn is_closing(&self) -> bool {
        *self.stage.borrow() != Stage::Open
    }

    /// A place for one more connection; while there is none, the oldest are asked to leave.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
                return Some(place);
            }
            self.guests.ask_the_oldest();
            let place = Arc::clone(&self.places).acquire_owned();
            if let Ok(place) = timeout(PAUSE, place).await {
                return place.ok();
            }
        }
    }

    /// Ends when a connection that enters now is to leave.
    fn asks_to_leave(&self) -> impl Future<Output = ()> {
        let asked = self.guests.enter();
        let mut stage = self.stage.subscribe();
        async move {
            tokio::select! {
                _ = asked => {}
                _ = stage.wait_for(|stage| *stage == Stage::Closed) => {}
            }
        }
    }
}

/// A connection takes one open file; a request passed on, and an answer held back, two more each: both ends
/// of the way to the core.
fn places(wanted: u32, files: Option<u64>) -> u32 {
    const FOR_OTHERS: u64 = 64;
    let most = files.map(|files| files.saturating_sub(FOR_OTHERS) / 5);
    let most = most.and_then(|most| u32::try_from(most).ok());
    wanted
        .min(most.unwrap_or(MOST_PLACES))
        .clamp(1, MOST_PLACES)
}

fn room(settings: &FrontSettings) -> usize {
    let most = settings.max_bodies_bytes.max(settings.max_body_bytes);
    most.min(Semaphore::MAX_PERMITS)
}

fn http_of(settings: &FrontSettings) -> auto::Builder<TokioExecutor> {
    let most = settings.max_header_bytes.saturating_mul(2) + SLACK;
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        // Also limits how long a connection may be idle; both are watched by the connection.
        .header_read_timeout(None)
        .max_headers(PARSED_FIELDS)
        .max_buf_size(most);
    http.http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(most).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS);
    http
}

async fn keep_house(
    listener: TcpListener,
    house: Arc<House>,
    started: oneshot::Sender<io::Result<()>>,
    mut stop: oneshot::Receiver<Done>,
) -> Option<Done> {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            started.send(Err(error)).ok();
            return None;
        }
    };
    started.send(Ok(())).ok();
    let done = tokio::select! {
        biased;
        order = &mut stop => order.ok()?,
        () = accept_all(&listener, &house) => return None,
    };
    house.stage.send_replace(Stage::Farewell);
    tokio::select! {
        () = accept_all(&listener, &house) => {}
        () = answer_the_received(&house) => {}
    }
    drop(listener);
    house.stage.send_replace(Stage::Closed);
    let all = house.places.acquire_many(house.all_places);
    timeout(LAST_WORDS, all).await.ok();
    Some(done)
}

/// Never ends.
async fn accept_all(listener: &tokio::net::TcpListener, house: &Arc<House>) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "a connection could not be accepted; 无法接受新连接");
                sleep(PAUSE).await;
                continue;
            }
        };
        let place = house.place().await;
        let house = Arc::clone(house);
        tokio::spawn(async move {
            connection::serve(stream, house).await;
            drop(place);
        });
    }
}

/// Runs until what has been received is answered, but not longer than [`LONGEST_FAREWELL`].
async fn answer_the_received(house: &House) {
    let answered = async {
        loop {
            grow_quiet(house).await;
            if house.traffic.waiting.load(Relaxed) == 0 {
                return;
            }
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(LONGEST_FAREWELL, answered).await.ok();
}

/// Runs until no request has come for a while: every turn reads what has been received.
async fn grow_quiet(house: &House) {
    let mut before = house.traffic.requests.load(Relaxed);
    let mut quiet = 0;
    while quiet < QUIET_TURNS {
        yield_now().await;
        let now = house.traffic.requests.load(Relaxed);
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
    }
}
