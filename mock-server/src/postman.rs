//! 推送: carries the engine's letters to their receivers, on a thread and a runtime of its own.
//!
//! Both are started with the first letter: a sandbox without subscriptions has neither.

use std::{
    collections::{BTreeSet, HashMap},
    io,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use lingminban::api::AttemptOutcome;
use reqwest::{Client, redirect::Policy};
use tokio::{
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    time::Instant,
};

use crate::engine::{
    Engine,
    events::post::{Letter, Postman},
    space::SpaceId,
};

/// Looks at a space no sooner than this after it was told to: a clock a million times as fast as
/// ours would have it looked at without end.
const SHORTEST_REST: Duration = Duration::from_millis(1);

/// The post office of one engine.
pub(crate) struct Post {
    engine: Weak<Engine>,
    longest_answer: Duration,
    reported: Arc<Notify>,
    notes: OnceLock<UnboundedSender<Note>>,
}

/// What the engine wants done.
enum Note {
    Carry(Letter),
    Wake(SpaceId, Duration),
}

impl Post {
    /// A post office that waits so long for a receiver, and notifies `reported` of each attempt made.
    pub(crate) fn new(
        engine: &Arc<Engine>,
        longest_answer: Duration,
        reported: Arc<Notify>,
    ) -> Self {
        Self {
            engine: Arc::downgrade(engine),
            longest_answer,
            reported,
            notes: OnceLock::new(),
        }
    }

    fn send(&self, note: Note) {
        let notes = self.notes.get_or_init(|| {
            let (sender, receiver) = unbounded_channel();
            if let Err(error) = self.open(receiver) {
                tracing::error!(%error, "no thread for webhooks: nothing is pushed");
            }
            sender
        });
        // Nobody receives where no thread could be had, and that was said.
        let _ = notes.send(note);
    }

    fn open(&self, notes: UnboundedReceiver<Note>) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let rounds = Rounds {
            engine: Weak::clone(&self.engine),
            carrier: Carrier::new(self.longest_answer),
            reported: Arc::clone(&self.reported),
            alarms: Alarms::default(),
        };
        std::thread::Builder::new()
            .name("postman".to_owned())
            .spawn(move || runtime.block_on(rounds.go(notes)))
            .map(drop)
    }
}

impl Postman for Post {
    fn carry(&self, letter: Letter) {
        self.send(Note::Carry(letter));
    }

    fn wake(&self, space: SpaceId, after: Duration) {
        self.send(Note::Wake(space, after));
    }
}

/// The postman's day: it ends with the engine.
struct Rounds {
    engine: Weak<Engine>,
    carrier: Carrier,
    reported: Arc<Notify>,
    alarms: Alarms,
}

impl Rounds {
    async fn go(mut self, mut notes: UnboundedReceiver<Note>) {
        loop {
            let alarm = self.alarms.next();
            tokio::select! {
                note = notes.recv() => match note {
                    Some(Note::Carry(letter)) => self.carry(letter),
                    Some(Note::Wake(space, after)) => self.alarms.set(space, after),
                    None => return,
                },
                space = ring(alarm) => {
                    self.alarms.clear(space);
                    let Some(engine) = self.engine.upgrade() else { return };
                    engine.look(space);
                }
            }
        }
    }

    fn carry(&self, letter: Letter) {
        let (engine, carrier) = (Weak::clone(&self.engine), self.carrier.clone());
        let reported = Arc::clone(&self.reported);
        tokio::spawn(async move {
            let ticket = letter.ticket;
            let (outcome, status) = carrier.deliver(letter).await;
            if let Some(engine) = engine.upgrade() {
                engine.report(ticket, outcome, status);
                reported.notify_waiters();
            }
        });
    }
}

/// Ends with the alarm, for the space it was set for; without one never.
async fn ring(alarm: Option<(Instant, SpaceId)>) -> SpaceId {
    match alarm {
        Some((at, space)) => {
            tokio::time::sleep_until(at).await;
            space
        }
        None => std::future::pending().await,
    }
}

/// When to look at which space again: one alarm a space.
#[derive(Default)]
struct Alarms {
    by_space: HashMap<SpaceId, Instant>,
    by_time: BTreeSet<(Instant, SpaceId)>,
}

impl Alarms {
    fn set(&mut self, space: SpaceId, after: Duration) {
        self.clear(space);
        // Beyond what the machine's clock can show, nothing ever falls due.
        if let Some(at) = Instant::now().checked_add(after.max(SHORTEST_REST)) {
            self.by_space.insert(space, at);
            self.by_time.insert((at, space));
        }
    }

    fn clear(&mut self, space: SpaceId) {
        if let Some(at) = self.by_space.remove(&space) {
            self.by_time.remove(&(at, space));
        }
    }

    fn next(&self) -> Option<(Instant, SpaceId)> {
        self.by_time.first().copied()
    }
}

/// Makes the attempts. The system's trust store is read with the first `https` receiver.
#[derive(Clone)]
struct Carrier {
    longest_answer: Duration,
    plain: Arc<OnceLock<Option<Client>>>,
    secure: Arc<OnceLock<Option<Client>>>,
}

impl Carrier {
    fn new(longest_answer: Duration) -> Self {
        Self {
            longest_answer,
            plain: Arc::default(),
            secure: Arc::default(),
        }
    }

    /// The outcome of the last copy.
    async fn deliver(&self, letter: Letter) -> (AttemptOutcome, Option<u16>) {
        let mut last = (AttemptOutcome::Unreachable, None);
        let Some(client) = self.client(&letter.url) else {
            return last;
        };
        for _ in 0..letter.copies {
            let request = client
                .post(&letter.url)
                .headers(letter.headers.clone())
                .body(letter.body.clone());
            last = match request.send().await {
                Ok(answer) if answer.status().is_success() => {
                    (AttemptOutcome::Delivered, Some(answer.status().as_u16()))
                }
                Ok(answer) => (AttemptOutcome::Refused, Some(answer.status().as_u16())),
                Err(error) if error.is_timeout() => (AttemptOutcome::TimedOut, None),
                Err(_) => (AttemptOutcome::Unreachable, None),
            };
        }
        last
    }

    fn client(&self, url: &str) -> Option<&Client> {
        if url.starts_with("https://") {
            self.secure.get_or_init(|| self.build(trusted())).as_ref()
        } else {
            let nobody = rustls::RootCertStore::empty();
            self.plain.get_or_init(|| self.build(nobody)).as_ref()
        }
    }

    /// reqwest is built without a TLS provider and asks for one before it knows whether one is
    /// needed.
    fn build(&self, roots: rustls::RootCertStore) -> Option<Client> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .ok()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .timeout(self.longest_answer)
            .user_agent(concat!("lingminban-sandbox/", env!("CARGO_PKG_VERSION")))
            .build();
        client
            .inspect_err(|error| tracing::error!(%error, "no HTTP client for webhooks"))
            .ok()
    }
}

/// What the system trusts; nothing where it has no trust store.
fn trusted() -> rustls::RootCertStore {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}
