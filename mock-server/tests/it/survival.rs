//! A sandbox with a data directory is killed under load, again and again: no application that was
//! acknowledged is lost, and none is there twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use ::http::Method;
use lingminban_sandbox::engine::world::Chance;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    serve::Program,
    support::{Caller, Scratch, registration},
};

const KILLS: u32 = 50;
const CLIENTS: usize = 4;
const PATH: &str = "/v1/registrations";

/// Every submission that was ever sent, by its number: the answer, where one arrived.
#[derive(Default)]
struct Ledger {
    next: AtomicU32,
    sent: Mutex<BTreeMap<u32, Option<Value>>>,
}

impl Ledger {
    fn note(&self, number: u32, answer: Option<Value>) {
        self.sent.lock().expect("whole").insert(number, answer);
    }

    fn sent(&self) -> BTreeMap<u32, Option<Value>> {
        self.sent.lock().expect("whole").clone()
    }
}

fn key(number: u32) -> String {
    format!("survival-{number}")
}

/// Files one submission after the other until the sandbox is gone, and reports each that was
/// acknowledged.
async fn file(caller: Caller, ledger: Arc<Ledger>, acknowledged: mpsc::UnboundedSender<u32>) {
    loop {
        let number = ledger.next.fetch_add(1, Ordering::Relaxed);
        ledger.note(number, None);
        let request = caller
            .request(Method::POST, PATH)
            .header("Idempotency-Key", key(number))
            .json(&registration(number));
        let Ok(response) = request.send().await else {
            return;
        };
        let status = response.status();
        let Ok(answer) = response.json().await else {
            return;
        };
        assert_eq!(status, 201, "{answer}");
        ledger.note(number, Some(answer));
        let _ = acknowledged.send(number);
    }
}

/// Lets the clients run until so many submissions were acknowledged, and kills the sandbox a moment
/// later.
async fn kill_under_load(program: Program, ledger: &Arc<Ledger>, chance: &mut Chance) {
    let (acknowledged, mut reports) = mpsc::unbounded_channel();
    let caller = program.caller().await;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (caller, ledger) = (caller.clone(), Arc::clone(ledger));
            tokio::spawn(file(caller, ledger, acknowledged.clone()))
        })
        .collect();
    for _ in 0..=chance.below(30) {
        reports.recv().await.expect("the sandbox answers");
    }
    let moment = Instant::now() + Duration::from_micros(chance.below(5_000));
    while Instant::now() < moment {
        std::hint::spin_loop();
    }
    program.kill().await;
    for client in clients {
        client.await.expect("no wrong answer");
    }
}

/// Asks again for what was sent from `first` on: what was acknowledged is there and gives the same
/// answer, what was not is done now.
async fn ask_again(caller: &Caller, ledger: &Ledger, first: u32) {
    for (number, answer) in ledger.sent().split_off(&first) {
        let body = registration(number);
        let again = caller.post_keyed(PATH, &key(number), &body).await;
        let again = again.ok(201);
        match answer {
            Some(answer) => assert_eq!(again, answer, "the answer to {number}"),
            None => ledger.note(number, Some(again.clone())),
        }
        let reference = body["partner_reference"].as_str().expect("a text");
        let list = caller
            .get(&format!("/v1/applications?partner_reference={reference}"))
            .await
            .ok(200);
        let ids: Vec<&Value> = items(&list).map(|item| &item["application_id"]).collect();
        assert_eq!(ids, [&again["application_id"]], "{reference}");
        let id = again["application_id"].as_str().expect("a text");
        let found = caller.get(&format!("/v1/applications/{id}")).await.ok(200);
        assert_eq!(found["partner_reference"], body["partner_reference"]);
    }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list["items"].as_array().expect("a list").iter()
}

/// Every application there is, page by page.
async fn everything(caller: &Caller) -> Vec<Value> {
    let mut all = Vec::new();
    let mut next = "/v1/applications?page_size=100".to_owned();
    loop {
        let list = caller.get(&next).await.ok(200);
        all.extend(items(&list).cloned());
        let Some(token) = list["next_page_token"].as_str() else {
            return all;
        };
        next = format!("/v1/applications?page_size=100&page_token={token}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_lose_nothing_and_double_nothing() {
    let scratch = Scratch::new();
    let arguments = ["--data-dir", scratch.0.to_str().expect("a path")];
    let ledger = Arc::new(Ledger::default());
    let mut chance = Chance::new(9);
    let mut first_unsure = 0;
    for _ in 0..KILLS {
        let program = Program::start(&arguments).await;
        ask_again(&program.caller().await, &ledger, first_unsure).await;
        first_unsure = ledger.next.load(Ordering::Relaxed);
        kill_under_load(program, &ledger, &mut chance).await;
    }
    let program = Program::start(&arguments).await;
    let caller = program.caller().await;
    ask_again(&caller, &ledger, first_unsure).await;

    let sent = ledger.sent();
    let filed = everything(&caller).await;
    let of = |member: &str, list: &[Value]| -> BTreeSet<String> {
        list.iter().map(|one| one[member].to_string()).collect()
    };
    let answers: Vec<Value> = sent.into_values().flatten().collect();
    assert_eq!(filed.len(), answers.len(), "none lost, none doubled");
    for member in ["application_id", "partner_reference"] {
        let (filed, answered) = (of(member, &filed), of(member, &answers));
        assert_eq!(filed, answered);
        assert_eq!(filed.len(), answers.len(), "each once");
    }
    // Numbers grow with time, across all those ends and beginnings.
    let times: Vec<&str> = filed
        .iter()
        .map(|one| one["created_at"].as_str().expect("a time"))
        .collect();
    assert!(times.is_sorted());
}
