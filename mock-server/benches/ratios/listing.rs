//! Whether a page costs the same however much is on file.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use http::{HeaderMap, Method};
use jiff::Timestamp;
use lingminban_sandbox::{
    Settings,
    engine::{Engine, world::HostClock},
};
use serde_json::Value;

use crate::{
    filings,
    machine::{median, verdict},
};

const FEW: u64 = 1_000;
const MANY: u64 = 100_000;
/// The credential with three outlets.
const SEVERAL_OUTLETS: &str = "zb-dealer-2";
const LIMIT: f64 = 2.0;
/// Measurements of each page.
const ROUNDS: usize = 41;
/// So many applications are withdrawn, evenly spread.
const WITHDRAWN: u64 = 10;

pub(crate) fn measure() {
    let (few, many) = (Office::with(FEW), Office::with(MANY));
    println!("µs for a page of up to 50         of {FEW}  of {MANY}   ratio   entries");
    let filters = few.filters().into_iter().zip(many.filters());
    for ((name, of_few), (_, of_many)) in filters {
        compare(
            &format!("{name}, first"),
            (&few, &of_few),
            (&many, &of_many),
        );
        let middle = few.middle(&of_few).zip(many.middle(&of_many));
        if let Some((of_few, of_many)) = middle {
            compare(
                &format!("{name}, middle"),
                (&few, &of_few),
                (&many, &of_many),
            );
        }
    }
}

fn compare(name: &str, few: (&Office, &str), many: (&Office, &str)) {
    let mut times = [Vec::new(), Vec::new()];
    let mut entries = [0, 0];
    for _ in 0..ROUNDS {
        for (side, (office, query)) in [few, many].into_iter().enumerate() {
            let start = Instant::now();
            let page = office.ask(query);
            times[side].push(start.elapsed().as_secs_f64() * 1e6);
            entries[side] = page;
        }
    }
    let [few, many] = times.map(|mut times| median(&mut times));
    let ratio = many / few;
    let verdict = verdict(ratio <= LIMIT, "≤ 2");
    let entries = format!("{} {}", entries[0], entries[1]);
    println!("{name:30} {few:9.1} {many:10.1} {ratio:7.2}   {entries:9} {verdict}");
}

/// An engine with applications of one partner with several outlets.
struct Office {
    engine: Engine,
    headers: HeaderMap,
    /// One that filed a third of them.
    outlet: String,
    applications: u64,
}

impl Office {
    /// An application is filed every millisecond; nearly all are completed.
    fn with(applications: u64) -> Self {
        let host = Host::default();
        let engine = Engine::new(Box::new(host.clone()), &Settings::default(), None);
        let credentials = filings::credentials(&engine);
        let several = credentials
            .iter()
            .find(|credential| credential.client_id.as_ref() == SEVERAL_OUTLETS);
        let token = filings::token(&engine, several.unwrap());
        let headers = filings::headers(&token, None);
        let target = "/v1/operators?page_size=200";
        let operators = filings::answered(&engine, &Method::GET, target, &headers, "");
        let operators: Value = serde_json::from_slice(&operators.body).unwrap();
        let operators: Vec<(String, String)> = operators["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|operator| operator["state"] == "certified")
            .map(|operator| (text(&operator["outlet_id"]), text(&operator["operator_id"])))
            .collect();
        for number in 0..applications {
            host.pass(1);
            let turn = usize::try_from(number).unwrap() % operators.len();
            let (outlet, operator) = &operators[turn];
            let body = filings::registration(number, operator, Some(outlet));
            let keyed = filings::headers(&token, Some(&format!("bench-key-{number:026}")));
            let filed =
                filings::answered(&engine, &Method::POST, "/v1/registrations", &keyed, &body);
            if number % (applications / WITHDRAWN) == 0 {
                let filed: Value = serde_json::from_slice(&filed.body).unwrap();
                let id = filed["application_id"].as_str().unwrap();
                let target = format!("/v1/applications/{id}/withdrawal");
                filings::answered(&engine, &Method::POST, &target, &headers, "{}");
            }
        }
        Self {
            headers,
            engine,
            outlet: operators[0].0.clone(),
            applications,
        }
    }

    /// Names and queries, the same for every office in the same order.
    fn filters(&self) -> Vec<(&'static str, String)> {
        let middle = self.applications / 2;
        let (from, to) = (at(middle), at(middle + 5));
        let outlet = &self.outlet;
        vec![
            ("all", String::new()),
            ("status, most", "status=completed".into()),
            ("status, few", "status=withdrawn".into()),
            ("status, the last", "status=received".into()),
            ("status, none", "status=refused".into()),
            ("service, all", "service=registration".into()),
            ("service, none", "service=transfer".into()),
            ("outlet, a third", format!("outlet_id={outlet}")),
            ("outlet, none", "outlet_id=zb-bank-001".into()),
            ("VIN, one", format!("vin={}", filings::vin(middle))),
            ("VIN, none", format!("vin={}", filings::vin(999_999))),
            (
                "reference, one",
                format!("partner_reference={}", filings::reference(middle)),
            ),
            ("reference, none", "partner_reference=none".into()),
            ("time, half", format!("created_from={from}")),
            ("time, the other half", format!("created_before={from}")),
            (
                "time, few",
                format!("created_from={from}&created_before={to}"),
            ),
            ("time, none", format!("created_from={}", at(10_000_000))),
            (
                "time, few of a status",
                format!("created_from={from}&status=withdrawn"),
            ),
            (
                "time, none of a status",
                format!("created_before={from}&status=received"),
            ),
        ]
    }

    /// The query for the page in the middle, where there are several.
    fn middle(&self, filter: &str) -> Option<String> {
        let mut tokens = Vec::new();
        loop {
            let token = tokens
                .last()
                .map_or(String::new(), |token| format!("&page_token={token}"));
            let query = format!("{filter}&page_size=200{token}");
            let page: Value = serde_json::from_slice(&self.page(&query)).unwrap();
            match page["next_page_token"].as_str() {
                Some(next) => tokens.push(next.to_owned()),
                None => break,
            }
        }
        let token = tokens.get(tokens.len() / 2)?;
        Some(format!("{filter}&page_token={token}"))
    }

    /// How many entries a page has.
    fn ask(&self, query: &str) -> usize {
        let page = self.page(query);
        page.windows(16)
            .filter(|window| window == b"\"application_id\"")
            .count()
    }

    fn page(&self, query: &str) -> Vec<u8> {
        let target = format!("/v1/applications?{}", query.trim_start_matches('&'));
        filings::answered(&self.engine, &Method::GET, &target, &self.headers, "").body
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// When the application with a number was filed.
fn at(number: u64) -> Timestamp {
    let start = Settings::default().start;
    start + Duration::from_millis(number + 1)
}

/// A host on which time passes on command.
#[derive(Clone, Default)]
struct Host(Arc<AtomicU64>);

impl Host {
    fn pass(&self, millis: u64) {
        self.0.fetch_add(millis, Relaxed);
    }
}

impl HostClock for Host {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Relaxed))
    }

    fn wall(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}
