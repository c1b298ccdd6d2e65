//! Engines made of closures, and connections that show every byte.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    time::Duration,
};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use lingminban_sandbox::server::{Answer, Call, Rejection, Reply, Server};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

/// An engine made of two closures.
pub(crate) struct Engine<A, P>(pub(crate) A, pub(crate) P);

impl<A, P> Answer for Engine<A, P>
where
    A: Fn(&Call<'_>) -> Option<Reply> + Send + Sync + 'static,
    P: Fn(&Call<'_>) -> Reply + Send + Sync + 'static,
{
    fn answer(&self, call: &Call<'_>) -> Option<Reply> {
        (self.0)(call)
    }

    fn panicked(&self, call: &Call<'_>) -> Reply {
        (self.1)(call)
    }

    fn turned_away(&self, call: &Call<'_>, why: Rejection) -> Reply {
        reply(StatusCode::IM_A_TEAPOT, format!("{why:?} {}", call.path))
    }
}

pub(crate) fn reply(status: StatusCode, body: impl Into<Vec<u8>>) -> Reply {
    Reply::new(status, HeaderMap::new(), body)
}

pub(crate) async fn serve(answer: impl Fn(&Call<'_>) -> Reply + Send + Sync + 'static) -> Server {
    serve_on(TcpListener::bind("127.0.0.1:0").unwrap(), answer).await
}

pub(crate) async fn serve_on(
    listener: TcpListener,
    answer: impl Fn(&Call<'_>) -> Reply + Send + Sync + 'static,
) -> Server {
    let engine = engine(move |call| Some(answer(call)));
    Server::start(listener, Arc::new(engine)).await.unwrap()
}

pub(crate) fn engine(
    answer: impl Fn(&Call<'_>) -> Option<Reply> + Send + Sync + 'static,
) -> impl Answer {
    let panicked = |call: &Call<'_>| reply(StatusCode::INTERNAL_SERVER_ERROR, call.path);
    Engine(answer, panicked)
}

/// One HTTP/1.1 connection that shows every byte.
pub(crate) struct Wire<S = TcpStream> {
    pub(crate) stream: S,
    pub(crate) received: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// In the order sent, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Wire {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self::over(stream)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self {
            stream,
            received: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    pub(crate) async fn get(&mut self, target: &str) -> Response {
        self.send(get(target)).await;
        self.response().await.unwrap()
    }

    /// The next response to a request that was not `HEAD`; `None` when the connection ended instead.
    pub(crate) async fn response(&mut self) -> Option<Response> {
        let (status, headers) = self.head().await?;
        let mut response = Response {
            status,
            headers,
            body: Vec::new(),
        };
        let length = match response.all("content-length")[..] {
            [] => 0,
            [length] => length.parse().unwrap(),
            _ => panic!("content-length is doubled: {response:?}"),
        };
        while self.received.len() < length {
            self.receive().await.then_some(())?;
        }
        response.body = self.received.drain(..length).collect();
        Some(response)
    }

    /// Status line and headers alone.
    pub(crate) async fn head(&mut self) -> Option<(u16, Vec<(String, String)>)> {
        let end = loop {
            if let Some(end) = self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
            {
                break end;
            }
            self.receive().await.then_some(())?;
        };
        let head: Vec<u8> = self.received.drain(..end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap()[9..12].parse().unwrap();
        let fields = lines.map(|line| line.split_once(": ").unwrap());
        let fields = fields.map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Some((status, fields.collect()))
    }

    /// False when the connection has ended.
    pub(crate) async fn receive(&mut self) -> bool {
        match self.stream.read_buf(&mut self.received).await {
            Ok(count) => count > 0,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof
                ) =>
            {
                false
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether the server has closed the connection without saying more.
    pub(crate) async fn has_ended(&mut self) -> bool {
        !self.receive().await
    }
}

pub(crate) fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: localhost\r\n\r\n")
}

pub(crate) const EPOCH: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

/// An answer known to the last byte: it has its own date and says what was asked.
pub(crate) fn echo(call: &Call<'_>) -> Reply {
    let mut reply = reply(StatusCode::OK, call.path);
    let epoch = HeaderValue::from_static(EPOCH);
    reply.headers.insert(header::DATE, epoch);
    reply
}

/// What an engine saw, as one line of text.
pub(crate) fn seen(call: &Call<'_>) -> Reply {
    let text = format!("{} {} {:?}", call.method, call.path, call.query);
    reply(StatusCode::OK, text)
}

/// Answers `/silent…` with nothing and everything else with its path; counts what it was asked.
pub(crate) fn silent_engine() -> (impl Answer, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let engine = engine(move |call| {
        counted.fetch_add(1, Relaxed);
        (!call.path.starts_with("/silent")).then(|| echo(call))
    });
    (engine, asked)
}

/// Holds back `/late/…` by the milliseconds its last segment names.
pub(crate) fn late(call: &Call<'_>) -> Reply {
    let mut reply = reply(StatusCode::OK, call.path);
    if let Some(millis) = call.path.strip_prefix("/late/") {
        reply.delay = Duration::from_millis(millis.parse().unwrap());
    }
    reply
}

/// An engine that says when it begins to answer `/slow` and then waits to be let go.
pub(crate) fn slow_engine() -> (
    impl Fn(&Call<'_>) -> Reply + Send + Sync + 'static,
    tokio::sync::mpsc::UnboundedReceiver<()>,
    mpsc::Sender<()>,
) {
    let (begin, begun) = tokio::sync::mpsc::unbounded_channel();
    let (let_go, gate) = mpsc::channel();
    let gate = Mutex::new(gate);
    let answer = move |call: &Call<'_>| {
        if call.path == "/slow" {
            begin.send(()).unwrap();
            gate.lock().unwrap().recv().unwrap();
        }
        reply(StatusCode::OK, call.path)
    };
    (answer, begun, let_go)
}

pub(crate) async fn http_2<S>(wire: Wire<S>) -> hyper::client::conn::http2::SendRequest<String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let io = TokioIo::new(wire.stream);
    let (requests, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
        .await
        .unwrap();
    tokio::spawn(connection);
    requests
}

/// Measurements of the whole process take turns.
pub(crate) static MEMORY: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Resident memory of this process in bytes.
#[cfg(target_os = "linux")]
pub(crate) fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
