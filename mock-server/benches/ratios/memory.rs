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
