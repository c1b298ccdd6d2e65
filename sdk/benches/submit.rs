//! What the SDK adds to a submission: its processor time against code written by hand on the same
//! HTTP client, sending the same body to the same server and reading the same answer.
//!
//! Processor time is read from Linux; elsewhere the figures are not a number.
//!
//! `cargo bench -p lingminban --bench submit`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    thread,
    time::Duration,
};

use lingminban::{
    Client, Submission,
    api::{Application, Operation, RegistrationRequest, SubmitRegistration},
    client::Proxy,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Submissions in one turn.
const CALLS: u32 = 4_000;
/// Turns of each, after one that is not counted.
const ROUNDS: usize = 25;
const LIMIT: f64 = 1.15;

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef";
const ANSWER: &str = r#"{"application_id":"3703000000001","service":"registration","status":"received","status_since":"2026-03-02T09:00:00+08:00","partner_reference":"DMS-2026-000001","outlet_id":"zb-dealer-001","operator_id":"zb-dealer-001-op1","created_at":"2026-03-02T09:00:00+08:00","deadline_on":"2026-03-09","deadline_rule":"R164 Art 92","poll_after_ms":40,"required_materials":[{"kind":"owner_identity","state":"exempted","lookup":"population"},{"kind":"origin_proof","state":"exempted","lookup":"invoice"},{"kind":"conformity_certificate","state":"exempted","lookup":"conformity_certificate"},{"kind":"compulsory_insurance","state":"exempted","lookup":"compulsory_insurance"},{"kind":"purchase_tax","state":"exempted","lookup":"purchase_tax"}],"findings":[]}"#;

fn main() {
    let address = serve();
    let turns = thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(measure(address))
    });
    turns.join().unwrap();
}

async fn measure(address: SocketAddr) {
    let base = format!("http://{address}");
    let example = SubmitRegistration::EXAMPLES.first().unwrap();
    let submission: Submission<RegistrationRequest> =
        Submission::new(serde_json::from_str(example.json).unwrap());
    let client = Client::builder()
        .base_url(&base)
        .client_id("dealer")
        .client_secret("secret")
        .proxy(Proxy::Off)
        .build()
        .unwrap();
    let by_hand = ByHand::new(base);
    let mut costs = [Costs::default(), Costs::default()];
    for round in 0..=ROUNDS {
        let before = Spent::now();
        for _ in 0..CALLS {
            let filed = client.submit_registration(&submission).await;
            std::hint::black_box(filed.unwrap());
        }
        let between = Spent::now();
        for _ in 0..CALLS {
            let filed = by_hand.submit(&submission).await;
            std::hint::black_box(filed.unwrap());
        }
        if round > 0 {
            costs[0].add(before, between);
            costs[1].add(between, Spent::now());
        }
    }
    let [ours, theirs] = costs;
    println!("µs of CPU for a submission       SDK  by hand   ratio");
    line("user", ours.user(), theirs.user());
    line("user and system", ours.all(), theirs.all());
}

fn line(name: &str, ours: f64, theirs: f64) {
    let ratio = ours / theirs;
    let verdict = if ratio <= LIMIT { "ok:" } else { "MISSED:" };
    println!("{name:27} {ours:9.1} {theirs:8.1} {ratio:7.3}  {verdict} ≤ {LIMIT}");
}

/// What a partner would write without the SDK: same settings, no promises.
struct ByHand {
    http: reqwest::Client,
    base: String,
}

impl ByHand {
    fn new(base: String) -> Self {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(no_tls())
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .user_agent("by-hand/1.0")
            .build()
            .unwrap();
        Self { http, base }
    }

    async fn submit(
        &self,
        submission: &Submission<RegistrationRequest>,
    ) -> Result<Application, reqwest::Error> {
        self.http
            .post(format!("{}/v1/registrations", self.base))
            .bearer_auth(TOKEN)
            .header("Accept", "application/json")
            .header("Idempotency-Key", submission.key().as_str())
            .json(submission.request())
            .send()
            .await?
            .error_for_status()?
            .json()
            .await
    }
}

/// Nothing is encrypted here; without it reqwest would look for a provider of its own.
fn no_tls() -> rustls::ClientConfig {
    let provider = rustls::crypto::ring::default_provider();
    rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// Processor time of many turns.
#[derive(Default)]
struct Costs {
    /// The kernel counts user time in ticks, so turns are added up before they are divided.
    user_ticks: u64,
    all_ticks: u64,
    /// µs of each turn.
    turns: Vec<f64>,
}

impl Costs {
    fn add(&mut self, before: Spent, after: Spent) {
        self.user_ticks += after.user_ticks - before.user_ticks;
        self.all_ticks += after.all_ticks - before.all_ticks;
        self.turns.push((after.all - before.all) / f64::from(CALLS));
    }

    fn all(&self) -> f64 {
        let mut turns = self.turns.clone();
        turns.sort_by(f64::total_cmp);
        turns[turns.len() / 2]
    }

    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn user(&self) -> f64 {
        self.all() * self.user_ticks as f64 / self.all_ticks as f64
    }
}

/// Processor time this thread has taken so far.
#[derive(Clone, Copy)]
struct Spent {
    user_ticks: u64,
    all_ticks: u64,
    /// µs.
    all: f64,
}

impl Spent {
    fn now() -> Self {
        let read = |name: &str| fs::read_to_string(format!("/proc/thread-self/{name}"));
        let stat = read("stat").unwrap_or_default();
        // The name, in parentheses, may hold spaces; user and system time are fields 14 and 15.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let mut ticks = fields.split_whitespace().skip(11);
        let mut next = || ticks.next().and_then(|ticks| ticks.parse().ok());
        let (user_ticks, system_ticks): (u64, u64) =
            (next().unwrap_or_default(), next().unwrap_or_default());
        let nanos = read("schedstat").ok();
        let nanos = nanos.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        Self {
            user_ticks,
            all_ticks: user_ticks + system_ticks,
            all: nanos.unwrap_or(f64::NAN) / 1e3,
        }
    }
}

/// A server that answers every request alike, on a thread of its own that is not counted.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer_all(stream));
            }
        });
    });
    address
}

async fn answer_all(mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let token = format!(
        r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":7200,"scope":""}}"#
    );
    let head = |status, length| {
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             date: Mon, 02 Mar 2026 01:00:00 GMT\r\nx-request-id: req-000000000001\r\n\r\n"
        )
    };
    let issued = head("200 OK", token.len()) + &token;
    let filed = head("201 Created", ANSWER.len()) + ANSWER;
    let mut request = Vec::new();
    while read(&mut stream, &mut request).await {
        let answer = if request.starts_with(b"POST /oauth2/token ") {
            &issued
        } else {
            &filed
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
        request.clear();
    }
}

/// Reads one request; `false` when there are no more.
async fn read(stream: &mut TcpStream, request: &mut Vec<u8>) -> bool {
    let mut length = None;
    loop {
        if length.is_some_and(|length| request.len() >= length) {
            return true;
        }
        if !matches!(stream.read_buf(request).await, Ok(1..)) {
            return false;
        }
        let end = request.windows(4).position(|four| four == b"\r\n\r\n");
        if let (None, Some(end)) = (length, end) {
            let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
            let body = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            length = Some(end + 4 + body);
        }
    }
}
