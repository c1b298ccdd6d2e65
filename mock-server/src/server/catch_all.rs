//! The engine as wiremock sees it: two mocks below all others, renewed before they keep too much.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::Poll,
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::sync::Notify;
use wiremock::{Match, Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use super::{Answer, Call, Reply};

/// A mounted mock keeps every request it matched, some 4 KiB for a small one, and only a reset of the
/// server frees them. So the mocks are replaced after this many requests or this many body bytes: so
/// few that what is freed is still in the processor's cache, so many that replacing costs nothing.
const KEPT_REQUESTS: usize = 64;
const KEPT_BYTES: usize = 512 * 1024;

/// Answers every request. Clones share everything.
///
/// A mock either answers or drops the connection, and has decided which before it is asked. So there
/// are two: the first asks the engine while it is being matched and matches only when there is to be
/// no answer; otherwise the second finds the answer where the first left it. wiremock matches and
/// answers a request under one lock, so no other request comes between.
#[derive(Clone)]
pub(super) struct CatchAll(Arc<Shared>);

struct Shared {
    /// Weak, because the server owns the mocks that own this.
    server: Weak<MockServer>,
    answer: Arc<dyn Answer>,
    /// The answer on its way from the first mock to the second.
    prepared: Mutex<Option<Reply>>,
    kept_requests: AtomicUsize,
    kept_bytes: AtomicUsize,
    answered: Arc<AtomicU64>,
    delayed: AtomicUsize,
    delay_over: Notify,
    covered: AtomicBool,
    closing: AtomicBool,
}

impl CatchAll {
    /// `answered` counts the calls the engine is asked, across servers.
    pub(super) fn new(
        server: &Arc<MockServer>,
        answer: Arc<dyn Answer>,
        answered: Arc<AtomicU64>,
    ) -> Self {
        Self(Arc::new(Shared {
            server: Arc::downgrade(server),
            answer,
            prepared: Mutex::new(None),
            kept_requests: AtomicUsize::new(0),
            kept_bytes: AtomicUsize::new(0),
            answered,
            delayed: AtomicUsize::new(0),
            delay_over: Notify::new(),
            covered: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        }))
    }

    /// Registers both mocks, after any other: among equals wiremock asks the older one first.
    pub(super) async fn register(&self, server: &MockServer) {
        let silence = Mock::given(Silence(self.clone())).respond_with_err(|_: &Request| NoAnswer);
        let voice = Mock::given(matchers::any()).respond_with(self.clone());
        for mock in [silence, voice] {
            server.register(mock.with_priority(u8::MAX)).await;
        }
    }

    /// From now on answers ask the client to close its connection.
    pub(super) fn close_connections(&self) {
        self.0.closing.store(true, Relaxed);
    }

    /// How many requests the engine has decided on.
    pub(super) fn answered(&self) -> u64 {
        self.0.answered.load(Relaxed)
    }

    /// Whether an answer is still held back by its delay.
    pub(super) fn has_delayed(&self) -> bool {
        self.0.delayed.load(Relaxed) > 0
    }

    /// Ends when the delay of one more answer is over.
    pub(super) async fn delay_over(&self) {
        self.0.delay_over.notified().await;
    }

    /// Puts a mock over the engine. Nothing is renewed until [`CatchAll::uncover`]: the reset would
    /// take the mock away with what it has counted.
    ///
    /// Like [`CatchAll::renew`] it must run as a task on the server's own thread.
    pub(super) async fn cover(self, mock: Mock) {
        self.0.covered.store(true, Relaxed);
        if let Some(server) = self.0.server.upgrade() {
            server.register(mock).await;
        }
    }

    /// Takes away what was put over the engine, on the server's own thread.
    pub(super) async fn uncover(self) {
        if self.0.covered.swap(false, Relaxed) {
            self.renew().await;
        }
    }

    /// Frees the requests kept by the mocks by replacing them with fresh ones.
    ///
    /// It must run as a task on the server's own thread. There the lock is free whenever a task runs,
    /// so reset and registration happen in one go and no request can meet a server without mocks.
    pub(super) async fn renew(self) {
        if self.0.covered.load(Relaxed) {
            return;
        }
        let Some(server) = self.0.server.upgrade() else {
            return;
        };
        // wiremock counts resets in 16 bits and a build with overflow checks panics at the 65,536th,
        // after the mocks are gone and before ours are back.
        despite_panics(server.reset()).await;
        self.register(&server).await;
    }

    /// Counts what the mocks keep; true when it is time to replace them.
    fn is_full(&self, request: &Request) -> bool {
        let requests = self.0.kept_requests.fetch_add(1, Relaxed) + 1;
        let bytes = self
            .0
            .kept_bytes
            .fetch_add(request.body.len() + request.url.as_str().len(), Relaxed);
        let full =
            requests >= KEPT_REQUESTS || bytes.saturating_add(request.body.len()) >= KEPT_BYTES;
        if full {
            self.0.kept_requests.store(0, Relaxed);
            self.0.kept_bytes.store(0, Relaxed);
        }
        full
    }

    fn reply(&self, call: &Call<'_>) -> Option<Reply> {
        let answer = &self.0.answer;
        catch_unwind(AssertUnwindSafe(|| answer.answer(call)))
            .or_else(|_| catch_unwind(AssertUnwindSafe(|| Some(answer.panicked(call)))))
            .unwrap_or_else(|_| Some(bare_failure()))
    }

    /// Has the engine decide on a request; true when there is to be an answer.
    fn decide(&self, request: &Request) -> bool {
        let reply = self.reply(&call(request));
        self.0.answered.fetch_add(1, Relaxed);
        if self.is_full(request) {
            tokio::spawn(self.clone().renew());
        }
        let mut prepared = self.prepared();
        *prepared = reply;
        prepared.is_some()
    }

    fn prepared(&self) -> std::sync::MutexGuard<'_, Option<Reply>> {
        let prepared = &self.0.prepared;
        prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an answer until its delay is over.
    ///
    /// The task begins to wait only after wiremock has begun to: this thread does not turn to it before.
    pub(super) fn follow(&self, delay: Duration) {
        self.0.delayed.fetch_add(1, Relaxed);
        let shared = Arc::clone(&self.0);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            shared.delayed.fetch_sub(1, Relaxed);
            shared.delay_over.notify_one();
        });
    }
}

impl Respond for CatchAll {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let reply = self.prepared().take().unwrap_or_else(bare_failure);
        if !reply.delay.is_zero() {
            self.follow(reply.delay);
        }
        template(reply, self.0.closing.load(Relaxed))
    }
}

/// Matches the requests that are to have no answer.
struct Silence(CatchAll);

impl Match for Silence {
    fn matches(&self, request: &Request) -> bool {
        !self.0.decide(request)
    }
}

/// What wiremock is told instead of an answer; it closes the connection over it.
#[derive(Debug)]
struct NoAnswer;

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the engine gave no answer")
    }
}

impl std::error::Error for NoAnswer {}

fn call(request: &Request) -> Call<'_> {
    let path = request.url.path();
    Call {
        method: &request.method,
        // Only `CONNECT host:port` has no slash: it is read as scheme and opaque path.
        path: if path.starts_with('/') { path } else { "/" },
        query: request.url.query(),
        headers: &request.headers,
        body: &request.body,
    }
}

fn template(reply: Reply, closing: bool) -> ResponseTemplate {
    let has_body = !matches!(
        reply.status,
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    let mut headers = reply.headers;
    for name in FRAMING {
        headers.remove(name);
    }
    if closing {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let mut template = ResponseTemplate::new(reply.status).append_headers(fields(headers));
    if !reply.delay.is_zero() {
        template = template.set_delay(reply.delay);
    }
    if has_body {
        template.set_body_bytes(reply.body)
    } else {
        template
    }
}

/// hyper writes these, and trusts or panics over ours.
pub(super) const FRAMING: [HeaderName; 5] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::UPGRADE,
];

/// The fields with the name repeated for each value: `HeaderMap` names only the first of several.
fn fields(headers: HeaderMap) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let mut last = None;
    headers.into_iter().filter_map(move |(name, value)| {
        if name.is_some() {
            last = name;
        }
        last.clone().map(|name| (name, value))
    })
}

/// The last resort when even the engine's own failure answer failed.
fn bare_failure() -> Reply {
    const BODY: &str = r#"{"type":"about:blank","title":"内部错误 Internal error","status":500,"detail":"沙箱内部错误，请上报此问题。 The sandbox failed; please report it."}"#;
    let content_type = HeaderValue::from_static("application/problem+json");
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type)]);
    Reply::new(StatusCode::INTERNAL_SERVER_ERROR, headers, BODY)
}

/// Runs a future to its end, be that a panic.
async fn despite_panics(future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))).unwrap_or(Poll::Ready(()))
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Rejection;

    struct Teapot;

    impl Answer for Teapot {
        fn answer(&self, call: &Call<'_>) -> Option<Reply> {
            Some(self.panicked(call))
        }

        fn turned_away(&self, call: &Call<'_>, _: Rejection) -> Reply {
            self.panicked(call)
        }

        fn panicked(&self, _: &Call<'_>) -> Reply {
            Reply::new(StatusCode::IM_A_TEAPOT, HeaderMap::new(), "")
        }
    }

    #[test]
    fn the_mock_is_replaced_more_often_than_wiremock_can_count() {
        use std::io::{Read, Write};
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let server = MockServer::builder().disable_request_recording();
        let server = Arc::new(runtime.block_on(server.start()));
        let catch_all = CatchAll::new(&server, Arc::new(Teapot), Arc::default());
        runtime.block_on(async {
            for _ in 0..=usize::from(u16::MAX) {
                catch_all.clone().renew().await;
            }
        });
        let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 418");
    }
}
