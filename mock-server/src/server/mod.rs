//! The adapter between wiremock, our HTTP core, and the engine: the only place that knows wiremock.
//!
//! The engine sees a [`Call`] and gives a [`Reply`] through [`Answer`]; a [`Server`] keeps one
//! wiremock server answering on one listener until it is stopped. What follows is what the wire
//! does before and after [`Answer::answer`], because no code of ours can change it.
//!
//! # Two roads
//! [`Server::start`] is the plain road: straight to wiremock, as fast as it goes, for clients that mean
//! well, on this machine. [`Server::start_guarded`] puts a front before it, for clients that may be
//! anybody: TLS, and a bound on everything a client can hold on to. Who can reach this machine's
//! loopback can reach the core behind the front as well.
//!
//! | | plain | guarded |
//! |---|---|---|
//! | TLS, HTTP/2 by ALPN | no | with [`FrontSettings::tls`] |
//! | body | no limit; held about three times over | 413, and for all together 503, without reading on; an announced length is enough |
//! | body that does not come | waits for ever | 408 after [`FrontSettings::body_timeout`] |
//! | body that breaks off, is wrongly chunked | wiremock panics, that connection ends | that connection ends |
//! | head | 64 KiB target (bare 414), 400 KiB, 100 fields (bare 431) | [`FrontSettings::max_header_bytes`], 96 fields: 414 and 431 problems up to about twice that and 1,024 fields, bare 431 above |
//! | head that does not come, silence | waits for ever | closed after [`FrontSettings::header_timeout`], [`FrontSettings::idle_timeout`] |
//! | an answer nobody takes | waits for ever | reset after [`FrontSettings::write_timeout`] |
//! | connections | as many as there are files; one more ends all of them once | [`FrontSettings::max_connections`]; one more asks the oldest to leave |
//! | answers held back | as connections | as many as connections; one more sends that early which is due last |
//! | malformed HTTP | bare 400, closed | bare 400, closed |
//! | `CONNECT` | asked of the engine | the problem of an unknown path |
//! | `host` over HTTP/2 | absent | the authority |
//! | hop-by-hop fields, `te`, `expect`, `trailer` | told | not told |
//!
//! # What reaches the engine
//! - One call at a time, on one thread, the body read to its end first. **The plain road has no limit on
//!   a body**, so there the engine's limit decides the reply, not the memory used.
//! - `path` is what the `url` crate makes of the target: percent-encoding is kept as it came
//!   (`%2F`, `%ff` and even `%zz`), dot segments are resolved (`/a/../b` and `/a/%2e%2e/b` arrive as
//!   `/b`), `\` becomes `/`, characters that must not stand in a URL are percent-encoded, a fragment
//!   is cut off. The target as sent cannot be had.
//! - `OPTIONS *` arrives with the path `/`; an absolute target (`GET http://host/path`) with its path.
//!   `CONNECT host:port` has no path and arrives as `/`.
//! - Any method token arrives, `TRACE` and unknown ones too. A 2xx to `CONNECT` would open a tunnel
//!   to nowhere: refuse it. Header values are any bytes but control characters, so
//!   `HeaderValue::to_str` may fail. The version and the peer are not told.
//! - HTTP/1.0, HTTP/1.1 and HTTP/2 with prior knowledge all arrive alike; chunked bodies arrive whole;
//!   `Expect: 100-continue` is answered by hyper.
//!
//! # What never reaches the engine
//! - hyper's own empty answers, after which it closes the connection: the bare ones above.
//! - Connections that end without an answer on the plain road because wiremock panics: broken bodies, and
//!   an absolute or `CONNECT` target whose host is no URL host (`CONNECT 127.0.0.1:443`). Only that
//!   connection ends.
//! - What the front turns away: the engine only words it, in [`Answer::turned_away`].
//!
//! # What happens to a reply
//! `content-length`, `transfer-encoding`, `connection`, `keep-alive` and `upgrade` belong to the wire:
//! they are taken from the reply and written anew, so neither is ever doubled or wrong. A `date` in
//! the reply replaces the system's. `HEAD` sends the length of the reply's body and not the body; 204
//! and 304 send neither.
//!
//! No reply closes an HTTP/1 connection without a byte of answer, and with it whatever was sent after
//! that request. Over HTTP/2 the one stream is reset (`INTERNAL_ERROR`) and the connection goes on.

mod catch_all;
mod front;
mod keeper;
mod mounts;
mod open_files;

use std::{
    fmt, io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::Arc,
    thread,
    time::Duration,
};

use wiremock::Mock;

pub use front::{FrontSettings, Rejection, Tls, TlsError};

/// The longest a stopping server waits for answers that are held back ([`Reply::delay`]): half of what
/// container runtimes commonly grant between asking a process to end and killing it.
pub const LONGEST_FAREWELL: Duration = Duration::from_secs(5);

/// One request as it came off the wire (一次请求). Borrowed from wiremock, nothing is copied.
///
/// It deliberately has no `Debug`: bodies, queries and headers carry personal data and credentials.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The method, any token.
    pub method: &'a http::Method,
    /// The path, beginning with `/`, percent-encoding kept, dot segments resolved.
    pub path: &'a str,
    /// What follows the `?`, percent-encoding kept; `None` without a `?`, empty for a bare one.
    pub query: Option<&'a str>,
    /// The header fields, repeated ones included. HTTP/2 sends no `host`.
    pub headers: &'a http::HeaderMap,
    /// The whole body, with no limit on its length; empty when there was none.
    pub body: &'a [u8],
}

/// One answer (一次应答).
///
/// It has no `Debug` for the same reason as [`Call`].
pub struct Reply {
    /// A final status, 200 to 599: an interim one cannot be sent.
    pub status: http::StatusCode,
    /// The header fields; those that frame the message are written by the wire, see the module.
    pub headers: http::HeaderMap,
    /// The body; left out where HTTP allows none.
    pub body: Vec<u8>,
    /// How long the answer is held back (应答延迟), in real time: it is sent no earlier, unless a front
    /// needs the place ([`FrontSettings::max_connections`]). Zero sends it at once. Other requests are
    /// answered meanwhile.
    pub delay: Duration,
}

impl Reply {
    /// A reply sent at once.
    #[must_use]
    pub fn new(
        status: http::StatusCode,
        headers: http::HeaderMap,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        Self {
            status,
            headers,
            body: body.into(),
            delay: Duration::ZERO,
        }
    }
}

/// What answers requests.
///
/// It is called on the server's one thread: while it runs nothing else is answered, so it must
/// return within microseconds and never sleep, block or do input and output. An engine that keeps its
/// spaces on disk bends that: it writes before it answers, mostly to the system's memory.
pub trait Answer: Send + Sync + 'static {
    /// The answer to one call, or `None` for no answer at all: see the module. A panic in here is
    /// caught and answered by [`Answer::panicked`].
    fn answer(&self, call: &Call<'_>) -> Option<Reply>;

    /// The 500 problem for a call whose [`Answer::answer`] panicked. If this panics as well, a bare
    /// 500 problem without a request id is sent.
    fn panicked(&self, call: &Call<'_>) -> Reply;

    /// The problem for a call the front of a guarded server turns away; its body is empty, whatever was
    /// sent. It is called on the front's thread, beside [`Answer::answer`].
    fn turned_away(&self, call: &Call<'_>, why: Rejection) -> Reply;
}

/// A listening server (监听中的服务).
///
/// It runs on threads of its own: it needs no runtime of the caller's, may be started inside one,
/// and goes on when that one is dropped. Dropping it ends it at once, cutting what is in flight,
/// without blocking; the port closes a moment later. Use [`Server::stop`] to know when. If something
/// is [mounted](Server::mount), dropping it verifies that first, once no answer is being made.
pub struct Server {
    address: SocketAddr,
    front: Option<front::Front>,
    keeper: keeper::Keeper,
}

impl Server {
    /// Starts to answer on `listener`; once this returns, requests are being answered.
    ///
    /// It raises the process's soft limit on open files, as far as the system lets it, because the
    /// HTTP core gives up when a connection cannot be accepted. If that happens all the same,
    /// every open connection is lost and the server comes back on the same port.
    ///
    /// A client that sends its first request during the fraction of a millisecond in which the
    /// server starts or comes back may, rarely, get an empty 404 instead of the engine's answer: wiremock
    /// accepts connections before it can be given a mock. Nobody can know a port the system chose
    /// (port 0) so early.
    ///
    /// # Errors
    /// When the listener cannot be used, no thread can be had, or the server cannot be reached on its
    /// own address, a bilingual message says which.
    pub async fn start(listener: TcpListener, answer: Arc<dyn Answer>) -> io::Result<Self> {
        open_files::raise_limit();
        let address = listener.local_addr()?;
        let keeper = keeper::Keeper::start(listener, answer).await?;
        Ok(Self {
            address,
            front: None,
            keeper,
        })
    }

    /// Starts to answer on `listener` behind a front: see the module for what that changes.
    ///
    /// # Errors
    /// As [`Server::start`], and when this machine has no loopback address to put the HTTP core on.
    pub async fn start_guarded(
        listener: TcpListener,
        answer: Arc<dyn Answer>,
        settings: FrontSettings,
    ) -> io::Result<Self> {
        let files = open_files::raise_limit();
        let address = listener.local_addr()?;
        let loopback: [SocketAddr; 2] = [
            (Ipv4Addr::LOCALHOST, 0).into(),
            (Ipv6Addr::LOCALHOST, 0).into(),
        ];
        let inner = TcpListener::bind(&loopback[..])?;
        let upstream = inner.local_addr()?;
        let prompt = Arc::new(front::Prompt(Arc::clone(&answer)));
        let keeper = keeper::Keeper::start(inner, prompt).await?;
        let front = front::Front::start(listener, upstream, answer, settings, files).await?;
        Ok(Self {
            address,
            front: Some(front),
            keeper,
        })
    }

    /// The address it listens on, with the port the system chose if the listener was bound to port 0.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many calls the engine has been asked since the start.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.keeper.answered()
    }

    /// Answers what has been received, then closes every connection and the port; both are closed when
    /// this returns. While it finishes, answers ask HTTP/1 clients to close (`Connection: close`).
    ///
    /// Not waited for: a request whose body has not fully arrived, and the rest of an answer
    /// too large for the socket's buffer to a client that does not read it.
    ///
    /// It waits for an [`Answer::answer`] that is running, however long that takes, and for replies
    /// held back by their [`Reply::delay`], up to [`LONGEST_FAREWELL`] for all together; what is
    /// longer is cut. Cancelling it lets the server finish on its own.
    ///
    /// # Panics
    /// When the expectations of a mounted mock are not met, as [`Server::verify`].
    pub async fn stop(mut self) {
        if let Some(front) = self.front.take() {
            front.stop().await;
        }
        if self.keeper.has_mounts() {
            self.keeper.settle().await;
            self.verify().await;
            self.unmount().await;
        }
        self.keeper.stop().await;
    }

    /// Puts a wiremock mock over the engine (挂载); it is asked first from when this returns, and what it
    /// does not match goes on to the engine. Mounted mocks are asked by priority, those of one priority
    /// in the order mounted; 1 to 254 come before the engine, **255 is never asked**.
    ///
    /// While anything is mounted, wiremock keeps every request, some 4 KiB and the body twice, until
    /// [`Server::unmount`]. Delays of a mounted mock's own answers are not waited for by
    /// [`Server::stop`].
    pub async fn mount(&self, mock: Mock) {
        self.keeper.mount(mock).await;
    }

    /// Verifies the expectations of what is mounted.
    ///
    /// # Panics
    /// With wiremock's report when one is not met; or when the mocks were lost because the server had
    /// to be started again, see [`Server::start`].
    pub async fn verify(&self) {
        self.keeper.verify().await;
    }

    /// Takes away all that is mounted, without verifying it, and frees what was kept for it.
    pub async fn unmount(&self) {
        self.keeper.unmount().await;
    }
}

/// Verifies what is still mounted, as wiremock's own server does.
///
/// # Panics
/// As [`Server::verify`], unless the thread is panicking already.
impl Drop for Server {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.keeper.verify_now();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
