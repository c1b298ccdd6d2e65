//! What the fault step costs a request that meets no fault.

use std::{hint::black_box, time::Instant};

use http::{HeaderMap, Method};
use lingminban::api::{GetApplication, control::FaultScript};
use lingminban_sandbox::{
    Settings,
    engine::{
        Engine,
        decode::Schemas,
        faults::{Script, strike},
        world::SystemClock,
    },
};

use crate::{
    filings,
    machine::{median, verdict},
};

const REQUESTS: u32 = 5_000;
/// The step alone is too short to be timed as seldom.
const STEPS: u32 = 1_000_000;
const ROUNDS: usize = 15;

/// The step alone, with an empty script, as a part of a whole GET in this process: a stricter measure
/// than over HTTP, where a GET costs several times as much. There is no sandbox without the step, so
/// what it costs is timed beside the GET and not as a difference, which would drown in noise. GETs with
/// and without a rule on another operation take turns.
pub(crate) fn measure() {
    let engine = Engine::new(Box::new(SystemClock::default()), &Settings::default(), None);
    let dealer = filings::dealer(&engine);
    let token = filings::token(&engine, &dealer);
    let body = filings::registration(1, dealer.operator_id.as_str(), None);
    let headers = filings::headers(&token, Some("bench-key-1"));
    let filed = filings::answered(&engine, &Method::POST, "/v1/registrations", &headers, &body);
    let filed: serde_json::Value = serde_json::from_slice(&filed.body).unwrap();
    let target = format!(
        "/v1/applications/{}",
        filed["application_id"].as_str().unwrap()
    );
    let headers = filings::headers(&token, None);
    let read = || {
        black_box(filings::answered(
            &engine,
            &Method::GET,
            &target,
            &headers,
            "",
        ));
    };

    let (mut steps, mut plain, mut scripted) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let step = step(&headers);
        set(&engine, "[]");
        let without = nanos(REQUESTS, read);
        set(
            &engine,
            r#"[{"operation":"submit_transfer","effect":"lost_ack"}]"#,
        );
        let with = nanos(REQUESTS, read);
        if round > 0 {
            steps.push(step);
            plain.push(without);
            scripted.push(with / without);
        }
    }
    let (step, get) = (median(&mut steps), median(&mut plain));
    let share = step / get * 100.0;
    let verdict = verdict(share < 2.0, "< 2 %");
    println!(
        "ns: the step with an empty script {step:.1}, a GET in-process {get:.0}: {share:.2} %  {verdict}"
    );
    let ratio = median(&mut scripted);
    let (least, most) = (scripted[0], scripted[ROUNDS - 1]);
    println!(
        "a GET with a rule on another operation: {ratio:.3} of one without ({least:.3} to {most:.3})"
    );
}

/// Nanoseconds of the step when nothing is to go wrong.
fn step(headers: &HeaderMap) -> f64 {
    let schemas = Schemas::new(lingminban_openapi::sandbox_document);
    let mut script = Script::default();
    nanos(STEPS, || {
        let met = strike::<GetApplication>(black_box(&mut script), &schemas, black_box(headers));
        assert!(matches!(black_box(met), Ok(None)));
    })
}

fn set(engine: &Engine, script: &str) {
    let script: FaultScript = serde_json::from_str(script).unwrap();
    let home = engine.home();
    let replaced = home.lock().script.replace(script.into_rules(), 1);
    assert!(replaced);
}

/// Nanoseconds of one time, when it is done so many times.
fn nanos(times: u32, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        work();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(times)
}
