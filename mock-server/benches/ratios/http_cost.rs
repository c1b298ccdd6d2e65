//! How much of a bare HTTP server's throughput is left.
//!
//! Both servers have one thread, get the same requests from the same load generator and answer the
//! same bytes. They take turns, so that whatever else the machine does meets both. On Linux the
//! processor time a server takes for an answer is measured too: on a busy machine only that counts.

use std::{
    any::Any,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use lingminban_sandbox::{
    Sandbox,
    server::{Answer, Call, Rejection, Reply, Server},
};

use crate::{
    filings,
    load::{Requests, Until, load, request, sample},
    machine::{here, median, verdict},
    yardstick::BareHyper,
};

/// One turn of one server.
const TURN: Duration = Duration::from_millis(800);
/// Turns of each server, after one turn that is not counted.
const ROUNDS: usize = 7;

pub(crate) fn measure() {
    println!("                                answers per second             µs of CPU per answer");
    println!(
        "workload                       ours   hyper  ratio (range)       ours   hyper  ratio"
    );
    register();
    read();
    adapter();
}

/// The whole pipeline: every request files another car. Each turn has a fresh sandbox, because a
/// city has only so many plates.
fn register() {
    let sandbox = started();
    let dealer = filings::dealer(sandbox.engine());
    // Equal seeds issue tokens that are valid in each other's spaces.
    let token = filings::token(sandbox.engine(), &dealer);
    let make = |number: u64| {
        let body = filings::registration(number, dealer.operator_id.as_str(), None);
        let key = format!("idempotency-key: {}\r\n", key(number));
        request("POST", "/v1/registrations", &token, &key, body.as_bytes())
    };
    let parts = |number: u64| {
        let vin = filings::vin(number).to_string();
        [vin, filings::reference(number), key(number)]
    };
    let pattern = Pattern::new(make(0), parts(0));
    let requests = Requests::new(move |number| pattern.with(parts(number)));
    compare("POST /v1/registrations", 0.25, &requests, || {
        Rc::new(Ours::of(started()))
    });
}

fn key(number: u64) -> String {
    // As long as the UUID that our client makes.
    format!("bench-key-{number:026}")
}

/// A request in which some texts change from one to the next, but not their length: writing it must
/// cost next to nothing, for whoever asks shares the machine with whoever answers.
struct Pattern {
    first: Vec<u8>,
    /// Which text stands where.
    places: Vec<(usize, usize)>,
}

impl Pattern {
    fn new(first: Vec<u8>, texts: [String; 3]) -> Self {
        let mut places = Vec::new();
        for (which, text) in texts.iter().enumerate() {
            let windows = first.windows(text.len()).enumerate();
            let found = windows.filter(|(_, window)| *window == text.as_bytes());
            places.extend(found.map(|(at, _)| (which, at)));
        }
        Self { first, places }
    }

    fn with(&self, texts: [String; 3]) -> Vec<u8> {
        let mut request = self.first.clone();
        for (which, at) in &self.places {
            let text = texts[*which].as_bytes();
            request[*at..at + text.len()].copy_from_slice(text);
        }
        request
    }
}

/// Applications that have run their course, read in turn.
fn read() {
    const APPLICATIONS: u64 = 10_000;
    let sandbox = started();
    let engine = sandbox.engine();
    let dealer = filings::dealer(engine);
    let token = filings::token(engine, &dealer);
    let operator = dealer.operator_id.to_string();
    let file = |number| {
        let body = filings::registration(number, &operator, None);
        let headers = filings::headers(&token, Some(&key(number)));
        let reply = filings::answered(engine, &Method::POST, "/v1/registrations", &headers, &body);
        let answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        answer["application_id"].as_str().unwrap().to_owned()
    };
    let ids: Vec<String> = (0..APPLICATIONS).map(file).collect();
    sandbox.clock().advance(Duration::from_secs(1));
    let requests = Requests::new(move |number| {
        let id = &ids[usize::try_from(number * 7_919 % APPLICATIONS).unwrap()];
        request("GET", &format!("/v1/applications/{id}"), &token, "", b"")
    });
    let ours = Rc::new(Ours::of(sandbox));
    compare("GET /v1/applications/{id}", 0.45, &requests, || {
        ours.clone()
    });
}

/// The adapter's cost alone: an engine that does nothing.
fn adapter() {
    let token = "0123456789abcdef0123456789abcdef";
    let get = |number| request("GET", &format!("/v1/applications/{number}"), token, "", b"");
    let put = |number| {
        let target = format!("/v1/materials/{number}");
        request("PUT", &target, token, "", &[b'x'; 256 << 10])
    };
    let workloads = [
        ("adapter: GET, 300 B back", Requests::new(get)),
        ("adapter: PUT 256 KB", Requests::new(put)),
    ];
    for (name, requests) in workloads {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = here(Server::start(listener, Arc::new(Fixed))).unwrap();
        let ours = Rc::new(Ours {
            address: server.address(),
            _server: Box::new(server),
        });
        compare(name, 0.0, &requests, || ours.clone());
    }
}

struct Fixed;

impl Answer for Fixed {
    fn answer(&self, call: &Call<'_>) -> Option<Reply> {
        Some(self.panicked(call))
    }

    fn turned_away(&self, call: &Call<'_>, _: Rejection) -> Reply {
        self.panicked(call)
    }

    fn panicked(&self, _: &Call<'_>) -> Reply {
        let fields = [
            ("content-type", "application/json"),
            ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("x-request-id", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ];
        let fields = fields.map(|(name, value)| {
            let value = HeaderValue::from_static(value);
            (HeaderName::from_static(name), value)
        });
        Reply::new(StatusCode::OK, HeaderMap::from_iter(fields), [b'x'; 300])
    }
}

/// A server of ours; it ends when dropped.
struct Ours {
    address: SocketAddr,
    _server: Box<dyn Any>,
}

impl Ours {
    fn of(sandbox: Sandbox) -> Self {
        Self {
            address: sandbox.address(),
            _server: Box::new(sandbox),
        }
    }
}

fn started() -> Sandbox {
    here(Sandbox::start()).unwrap()
}

/// Measures what `server` gives for each turn against a bare server that answers what it answers,
/// and prints a line. At least `least` of the bare server's throughput is to be left.
fn compare(name: &str, least: f64, requests: &Requests, mut server: impl FnMut() -> Rc<Ours>) {
    let bare = BareHyper::start(sample(server().address, &requests.next()));
    let turn = |address| load(address, requests, Until::Time(TURN));
    let mut rates = Ratio::default();
    let mut costs = Ratio::default();
    // A thread that ended would take its share of the processor time with it.
    let mut servers = Vec::new();
    for round in 0..=ROUNDS {
        servers.push(server());
        let ours = servers[round].address;
        let (ours, theirs) = (turn(ours), turn(bare.address));
        if round > 0 {
            rates.add(ours.per_second(), theirs.per_second());
            costs.add(theirs.cost(), ours.cost());
        }
    }
    let (ours, theirs, ratio, lowest, highest) = rates.medians();
    print!("{name:27} {ours:7.0} {theirs:7.0} {ratio:6.2} ({lowest:.2} to {highest:.2})");
    let (theirs, ours, ratio, ..) = costs.medians();
    let verdict = verdict(ratio >= least, &format!("≥ {least}"));
    println!(" {ours:7.1} {theirs:7.1} {ratio:6.2}  {verdict}");
}

/// One figure of both servers, taken in turns.
#[derive(Default)]
struct Ratio {
    ours: Vec<f64>,
    theirs: Vec<f64>,
    ratios: Vec<f64>,
}

impl Ratio {
    fn add(&mut self, ours: f64, theirs: f64) {
        self.ours.push(ours);
        self.theirs.push(theirs);
        self.ratios.push(ours / theirs);
    }

    /// Of ours, of theirs, of the ratios; and the least and the greatest ratio.
    fn medians(mut self) -> (f64, f64, f64, f64, f64) {
        let (ours, theirs) = (median(&mut self.ours), median(&mut self.theirs));
        let ratio = median(&mut self.ratios);
        let (least, most) = (self.ratios[0], self.ratios[self.ratios.len() - 1]);
        (ours, theirs, ratio, least, most)
    }
}
