//! The one mock: it hands every request to the engine and has itself replaced in time.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::Poll,
};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use super::{Answer, Call, Reply};

/// A mounted mock keeps every request it matched, some 4 KiB for a small one, and only a reset of the
/// server frees them. So the mock is replaced after this many requests or this many body bytes: so
/// few that what is freed is still in the processor's cache, so many that replacing costs nothing.
const KEPT_REQUESTS: usize = 64;
const KEPT_BYTES: usize = 512 * 1024;

/// Answers every request. Clones share everything.
#[derive(Clone)]
pub(super) struct CatchAll(Arc<Shared>);

struct Shared {
    /// Weak, because the server owns the mock that owns this.
    server: Weak<MockServer>,
    answer: Arc<dyn Answer>,
    kept_requests: AtomicUsize,
    kept_bytes: AtomicUsize,
    answered: AtomicU64,
    closing: AtomicBool,
}

impl CatchAll {
    pub(super) fn new(server: &Arc<MockServer>, answer: Arc<dyn Answer>) -> Self {
        Self(Arc::new(Shared {
            server: Arc::downgrade(server),
            answer,
            kept_requests: AtomicUsize::new(0),
            kept_bytes: AtomicUsize::new(0),
            answered: AtomicU64::new(0),
            closing: AtomicBool::new(false),
        }))
    }

    /// The mock to register: matches everything, after any other mock.
    pub(super) fn mock(&self) -> Mock {
        Mock::given(matchers::any())
            .respond_with(self.clone())
            .with_priority(u8::MAX)
    }

    /// From now on answers ask the client to close its connection.
    pub(super) fn close_connections(&self) {
        self.0.closing.store(true, Relaxed);
    }

    /// How many requests have been answered.
    pub(super) fn answered(&self) -> u64 {
        self.0.answered.load(Relaxed)
    }

    /// Frees the requests kept by the mock by replacing it with a fresh one.
    ///
    /// It must run as a task on the server's own thread. There the lock is free whenever a task runs,
    /// so reset and registration happen in one go and no request can meet a server without mocks.
    pub(super) async fn renew(self) {
        let Some(server) = self.0.server.upgrade() else {
            return;
        };
        // wiremock counts resets in 16 bits and a build with overflow checks panics at the 65,536th,
        // after the mocks are gone and before ours is back.
        despite_panics(server.reset()).await;
        server.register(self.mock()).await;
    }

    /// Counts what the mock keeps; true when it is time to replace it.
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

    fn reply(&self, call: &Call<'_>) -> Reply {
        let answer = &self.0.answer;
        catch_unwind(AssertUnwindSafe(|| answer.answer(call)))
            .or_else(|_| catch_unwind(AssertUnwindSafe(|| answer.panicked(call))))
            .unwrap_or_else(|_| bare_failure())
    }
}

impl Respond for CatchAll {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let reply = self.reply(&call(request));
        self.0.answered.fetch_add(1, Relaxed);
        if self.is_full(request) {
            tokio::spawn(self.clone().renew());
        }
        template(reply, self.0.closing.load(Relaxed))
    }
}

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
    let template = ResponseTemplate::new(reply.status).append_headers(fields(headers));
    if has_body {
        template.set_body_bytes(reply.body)
    } else {
        template
    }
}

/// hyper writes these, and trusts or panics over ours.
const FRAMING: [HeaderName; 5] = [
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
    Reply {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, content_type)]),
        body: BODY.into(),
    }
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

    struct Teapot;

    impl Answer for Teapot {
        fn answer(&self, _: &Call<'_>) -> Reply {
            Reply {
                status: StatusCode::IM_A_TEAPOT,
                headers: HeaderMap::new(),
                body: Vec::new(),
            }
        }

        fn panicked(&self, call: &Call<'_>) -> Reply {
            self.answer(call)
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
        let catch_all = CatchAll::new(&server, Arc::new(Teapot));
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
