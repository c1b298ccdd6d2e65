//! What is resident: for each application that is kept, and after many requests.

use std::time::Duration;

use http::Method;
use lingminban_sandbox::{
    Sandbox, Settings,
    engine::{Engine, world::SystemClock},
};

use crate::{
    filings,
    load::{Requests, Until, load, request},
    machine::{here, resident, verdict},
};

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * 1024.0;

/// Registrations with all that comes with them: key and kept answer, indexes, plate, record.
pub(crate) fn stored_application() {
    const APPLICATIONS: u32 = 100_000;
    const LIMIT: f64 = 4.0 * KIB;
    let engine = Engine::new(Box::new(SystemClock::default()), &Settings::default(), None);
    let dealer = filings::dealer(&engine);
    let token = filings::token(&engine, &dealer);
    let operator = dealer.operator_id.to_string();
    let file = |number: u32| {
        let body = filings::registration(number.into(), &operator, None);
        // As long as the UUID that our client makes.
        let headers = filings::headers(&token, Some(&format!("bench-key-{number:026}")));
        filings::answered(&engine, &Method::POST, "/v1/registrations", &headers, &body);
    };
    (0..100).for_each(file);
    let before = resident();
    (100..100 + APPLICATIONS).for_each(file);
    std::thread::sleep(Duration::from_millis(400));
    // Whoever looks next lets everything happen that is due: all are completed and on record.
    let list = "/v1/applications?page_size=1&status=received";
    let headers = filings::headers(&token, None);
    let left = filings::answered(&engine, &Method::GET, list, &headers, "");
    assert_eq!(left.body, br#"{"items":[]}"#);
    let each = (resident() - before) / f64::from(APPLICATIONS);
    let verdict = verdict(each <= LIMIT, "≤ 4096");
    println!("bytes for each of {APPLICATIONS} completed registrations: {each:.0}  {verdict}");
}

/// What a journal takes and costs: one application read over and over, with a journal and without.
pub(crate) fn journal() {
    const REQUESTS: u32 = 1_000_000;
    let with = |journal_bytes| {
        let settings = Settings {
            journal_bytes,
            ..Settings::default()
        };
        Engine::new(Box::new(SystemClock::default()), &settings, None)
    };
    let budget = Settings::default().journal_bytes;
    let kept = with(budget);
    let before = resident();
    let each = read_over_and_over(&kept, REQUESTS, || {
        assert!(kept.home().journal().bytes() <= budget as usize);
    });
    let grown = (resident() - before) / MIB;
    let bytes = kept.home().journal().bytes() as f64 / MIB;
    let (evicted, _) = kept.home().journal().evicted();
    let none = read_over_and_over(&with(0), REQUESTS, || {});
    let verdict = verdict(evicted > 0 && grown <= 24.0, "≤ 16, resident ≤ 24");
    println!("MiB of journal after {REQUESTS} GETs: {bytes:.1}, resident {grown:.1}  {verdict}");
    println!("ns for each of them: {:.0} of {each:.0}", each - none);
}

/// Nanoseconds for each request.
fn read_over_and_over(engine: &Engine, requests: u32, look: impl Fn()) -> f64 {
    let dealer = filings::dealer(engine);
    let token = filings::token(engine, &dealer);
    let body = filings::registration(1, &dealer.operator_id.to_string(), None);
    let headers = filings::headers(&token, Some("bench-key"));
    let filed = filings::answered(engine, &Method::POST, "/v1/registrations", &headers, &body);
    let filed: serde_json::Value = serde_json::from_slice(&filed.body).unwrap();
    let id = filed["application_id"].as_str().unwrap();
    let target = format!("/v1/applications/{id}");
    let headers = filings::headers(&token, None);
    let start = std::time::Instant::now();
    for _ in 0..requests {
        filings::answered(engine, &Method::GET, &target, &headers, "");
        look();
    }
    start.elapsed().as_nanos() as f64 / f64::from(requests)
}

/// Reading one application over and over.
pub(crate) fn many_requests() {
    const LIMIT: f64 = 32.0 * MIB;
    let sandbox = here(Sandbox::start()).unwrap();
    let engine = sandbox.engine();
    let dealer = filings::dealer(engine);
    let token = filings::token(engine, &dealer);
    let body = filings::registration(1, &dealer.operator_id.to_string(), None);
    let headers = filings::headers(&token, Some("bench-key"));
    let filed = filings::answered(engine, &Method::POST, "/v1/registrations", &headers, &body);
    let filed: serde_json::Value = serde_json::from_slice(&filed.body).unwrap();
    let target = format!(
        "/v1/applications/{}",
        filed["application_id"].as_str().unwrap()
    );
    let requests = Requests::new(move |_| request("GET", &target, &token, "", b""));
    load(sandbox.address(), &requests, Until::Answers(1_000));
    let before = resident();
    let mut answered = 0;
    for answers in [200_000, 800_000] {
        load(sandbox.address(), &requests, Until::Answers(answers));
        answered += answers;
        let growth = resident() - before;
        let verdict = verdict(growth <= LIMIT, "≤ 32");
        let growth = growth / MIB;
        println!("MiB grown after {answered} GETs, every answer ours: {growth:.1}  {verdict}");
    }
}
