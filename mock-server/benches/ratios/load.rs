//! The load generator: connections kept open, each with one request under way.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use http::HeaderName;
use lingminban_sandbox::server::Reply;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::machine::{here, others_busy};

/// Connections kept open.
const CONNECTIONS: usize = 16;

/// Requests without end, each made from a number that was not used before.
#[derive(Clone)]
pub(crate) struct Requests(Arc<Numbered<dyn Fn(u64) -> Vec<u8> + Send + Sync>>);

struct Numbered<F: ?Sized> {
    used: AtomicU64,
    make: F,
}

impl Requests {
    pub(crate) fn new(make: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let used = AtomicU64::new(0);
        Self(Arc::new(Numbered { used, make }))
    }

    pub(crate) fn next(&self) -> Vec<u8> {
        (self.0.make)(self.0.used.fetch_add(1, Relaxed))
    }
}

/// A request with about as many headers as our client sends.
pub(crate) fn request(method: &str, target: &str, token: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\
         authorization: Bearer {token}\r\nuser-agent: ratios\r\n{more}\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// When a load ends.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    Time(Duration),
    Answers(u64),
}

/// What a load came to.
pub(crate) struct Rate {
    answers: u64,
    time: Duration,
    /// The processor time of everything but the load generator.
    busy: Option<Duration>,
}

impl Rate {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(crate) fn per_second(&self) -> f64 {
        self.answers as f64 / self.time.as_secs_f64()
    }

    /// Microseconds of processor time for one answer; not a number where that cannot be known.
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(crate) fn cost(&self) -> f64 {
        let busy = self.busy.map_or(f64::NAN, |busy| busy.as_secs_f64());
        busy * 1e6 / self.answers as f64
    }
}

/// Keeps the connections busy from a thread of its own, one request after the other on each.
///
/// Panics at an answer that is not 2xx: a rate of failures would be no rate.
pub(crate) fn load(address: SocketAddr, requests: &Requests, until: Until) -> Rate {
    let requests = requests.clone();
    let generator = thread::spawn(move || {
        here(async {
            let mut wires = Vec::new();
            for _ in 0..CONNECTIONS {
                wires.push(Wire::open(address).await);
            }
            let busy_before = others_busy();
            let start = Instant::now();
            let sent = Arc::new(AtomicU64::new(0));
            let lanes = wires.into_iter().map(|mut wire| {
                let (requests, sent) = (requests.clone(), Arc::clone(&sent));
                tokio::spawn(async move {
                    let mut answers = 0;
                    while match until {
                        Until::Time(time) => start.elapsed() < time,
                        Until::Answers(all) => sent.fetch_add(1, Relaxed) < all,
                    } {
                        wire.exchange(&requests.next()).await;
                        answers += 1;
                    }
                    answers
                })
            });
            let mut answers = 0;
            for lane in lanes.collect::<Vec<_>>() {
                answers += lane.await.unwrap();
            }
            Rate {
                answers,
                time: start.elapsed(),
                busy: others_busy()
                    .zip(busy_before)
                    .map(|(now, then)| now.saturating_sub(then)),
            }
        })
    });
    generator.join().unwrap()
}

/// The answer to one request, for a bare server to repeat.
pub(crate) fn sample(address: SocketAddr, request: &[u8]) -> Reply {
    here(async {
        let mut wire = Wire::open(address).await;
        let head_length = wire.exchange(request).await;
        let (head, body) = wire.answer.split_at(head_length);
        let head = std::str::from_utf8(head).unwrap().trim_end();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap()[9..12].parse().unwrap();
        let fields = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())
        });
        Reply::new(status, fields.collect(), body)
    })
}

/// A keep-alive connection that reads as little of an answer as it can.
struct Wire {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Wire {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            answer: Vec::with_capacity(64 << 10),
        }
    }

    /// Sends a request and reads its whole answer, which stays in `answer`; gives the head's length.
    async fn exchange(&mut self, request: &[u8]) -> usize {
        self.stream.write_all(request).await.unwrap();
        self.answer.clear();
        let head_length = loop {
            self.read().await;
            let end = self.answer.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
        };
        let head = std::str::from_utf8(&self.answer[..head_length]).unwrap();
        let length = head.split_once("content-length: ").expect("a length").1;
        let length: usize = length.split_once("\r\n").unwrap().0.parse().unwrap();
        while self.answer.len() < head_length + length {
            self.read().await;
        }
        assert!(
            self.answer.starts_with(b"HTTP/1.1 2"),
            "{}",
            String::from_utf8_lossy(&self.answer)
        );
        head_length
    }

    async fn read(&mut self) {
        let count = self.stream.read_buf(&mut self.answer).await.unwrap();
        assert!(count > 0, "the server closed the connection");
    }
}
