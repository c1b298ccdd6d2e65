//! Faults by command: what each does over the wire, what the SDK makes of it, when it is due, and what
//! is counted.

use std::time::Duration;

use ::http::{HeaderMap, Method};
use lingminban::{
    Client, Outcome, Submission,
    api::{
        ApplicationFilter, ApplicationStatus, OutletKind, RegistrationRequest, WebhookRequest,
        control::{
            FaultEntry, FaultOutcome, FaultScript, JournalFilter, NewSpace, SpaceCreated, SpaceId,
        },
    },
    client::{ErrorKind, Proxy, RetryPolicy},
};
use lingminban_sandbox::{
    Options, Pace, RateLimit, Sandbox, Settings,
    server::{Answer, Call},
};
use serde_json::{Value, json};

use crate::support::*;

const HOME: &str = "/sandbox/v1/spaces/space-0/faults";
const OUTLETS: &str = "/v1/outlets";
const REGISTRATIONS: &str = "/v1/registrations";

/// The first space of a sandbox.
fn home() -> SpaceId {
    SpaceId::numbered(0)
}

async fn set(sandbox: &Sandbox, rules: Value) {
    set_in(sandbox, &home(), rules).await;
}

async fn set_in(sandbox: &Sandbox, space: &SpaceId, rules: Value) {
    let script: FaultScript = decoded(rules);
    let control = sandbox.control().expect("a client");
    control.set_faults(space, script).await.expect("a script");
}

/// Name, requests counted and times acted of each rule.
async fn counted(sandbox: &Sandbox) -> Vec<(String, u64, u64)> {
    counted_in(sandbox, &home()).await
}

async fn counted_in(sandbox: &Sandbox, space: &SpaceId) -> Vec<(String, u64, u64)> {
    let control = sandbox.control().expect("a client");
    let counts = control.get_faults(space).await.expect("served");
    let rules = counts.rules.into_iter();
    rules
        .map(|rule| (rule.name, rule.matched, rule.acted))
        .collect()
}

fn counts(rules: &[(&str, u64, u64)]) -> Vec<(String, u64, u64)> {
    let rules = rules.iter();
    rules
        .map(|(name, matched, acted)| ((*name).to_owned(), *matched, *acted))
        .collect()
}

/// A dealer's client that makes at most so many attempts, without a pause.
fn client(sandbox: &Sandbox, attempts: u32) -> Client {
    timed_client(sandbox, attempts, Duration::from_secs(30))
}

fn timed_client(sandbox: &Sandbox, attempts: u32, attempt_timeout: Duration) -> Client {
    let credential = sandbox.credential(OutletKind::Dealer).expect("a dealer");
    let retry = RetryPolicy::builder()
        .max_attempts(attempts)
        .base_backoff(Duration::ZERO)
        .build();
    Client::builder()
        .base_url(sandbox.base_url())
        .client_id(credential.client_id.as_ref())
        .client_secret(credential.client_secret.as_str())
        .retry(retry)
        .attempt_timeout(attempt_timeout)
        .proxy(Proxy::Off)
        .build()
        .expect("a client")
}

fn submission(number: u32) -> Submission<RegistrationRequest> {
    registration_of(registration(number))
}

/// How many applications there are, asked without meeting a fault.
async fn filed(sandbox: &Sandbox) -> u32 {
    let control = sandbox.control().expect("a client");
    control
        .get_space(&home())
        .await
        .expect("there")
        .applications
}

async fn struck(caller: &Caller, method: Method, path: &str, fault: &str) -> Got {
    let request = caller.request(method, path).header("Sandbox-Fault", fault);
    caller.send(request).await
}

/// Status of an answer; `None` where the connection ended without one.
async fn status(caller: &Caller, path: &str) -> Option<u16> {
    let sent = caller.request(Method::GET, path).send().await;
    sent.ok().map(|answer| answer.status().as_u16())
}

async fn statuses(caller: &Caller, path: &str, requests: usize) -> Vec<Option<u16>> {
    let mut seen = Vec::new();
    for _ in 0..requests {
        seen.push(status(caller, path).await);
    }
    seen
}

/// The entries of faults that requests meet, with examples that nobody has to wait for.
async fn entries(sandbox: &Sandbox) -> Vec<FaultEntry> {
    let control = sandbox.control().expect("a client");
    let catalogue = control.fault_catalogue().await.expect("served");
    let of_requests = catalogue.items.into_iter().filter(|it| it.acts.is_some());
    of_requests
        .map(|mut entry| {
            if entry.example.get("ms").is_some() {
                entry.example["ms"] = json!(1);
            }
            entry
        })
        .collect()
}

#[tokio::test]
async fn the_sdk_knows_of_every_fault_what_the_catalogue_says() {
    let sandbox = sandbox().await;
    let dealer = client(&sandbox, 1);
    for (number, entry) in (1..).zip(entries(&sandbox).await) {
        let effect = entry.effect.as_str().to_owned();
        set(&sandbox, json!([entry.example])).await;
        let before = filed(&sandbox).await;
        let outcome = match dealer.submit_registration(&submission(number)).await {
            Ok(_) => FaultOutcome::Done,
            Err(error) => match error.outcome() {
                Outcome::NotSent => FaultOutcome::NotSent,
                Outcome::Refused => FaultOutcome::Refused,
                Outcome::Unknown => FaultOutcome::Unknown,
                Outcome::Accepted => FaultOutcome::Accepted,
            },
        };
        let acted = filed(&sandbox).await > before;
        let rule = counted(&sandbox).await.remove(0);
        if effect == "expired_token" {
            // The SDK fetched another token: the second request went through.
            assert_eq!((outcome, acted), (FaultOutcome::Done, true));
            assert_eq!(rule, (effect, 2, 1));
        } else {
            assert_eq!(entry.outcomes[0], outcome, "{effect}");
            assert_eq!(Some(acted), entry.acts, "{effect}");
            assert_eq!(rule, (effect, 1, 1));
        }
    }
}

#[tokio::test]
async fn a_failing_status_says_what_is_known() {
    let sandbox = sandbox().await;
    let dealer = client(&sandbox, 1);
    for (rule, outcome, kind) in [
        (json!({"status": 500}), Outcome::Unknown, ErrorKind::Problem),
        (json!({"status": 502}), Outcome::Unknown, ErrorKind::Problem),
        (json!({"status": 503}), Outcome::Refused, ErrorKind::Problem),
        (json!({"status": 429}), Outcome::Refused, ErrorKind::Problem),
        (json!({"status": 418}), Outcome::Refused, ErrorKind::Problem),
        (
            json!({"status": 409, "code": "request_in_progress"}),
            Outcome::Unknown,
            ErrorKind::Problem,
        ),
    ] {
        let mut script = rule.clone();
        script["operation"] = json!("submit_registration");
        script["effect"] = json!("status");
        set(&sandbox, json!([script])).await;
        let error = dealer.submit_registration(&submission(1)).await;
        let error = error.expect_err("a fault");
        assert_eq!((error.outcome(), error.kind()), (outcome, kind), "{rule}");
        assert_eq!(json!(error.status()), rule["status"]);
        assert_eq!(filed(&sandbox).await, 0, "{rule}");
    }
}

#[tokio::test]
async fn how_long_to_wait_is_told_in_both_forms() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let dealer = client(&sandbox, 1);
    for (form, written) in [("seconds", "90"), ("date", "Mon, 02 Mar 2026 01:01:30 GMT")] {
        set(
            &sandbox,
            json!([{"operation": "list_outlets", "effect": "status", "status": 429,
                    "retry_after": 90, "retry_after_form": form}]),
        )
        .await;
        let got = caller.get(OUTLETS).await;
        got.refused(429, "rate_limited");
        assert_eq!(got.header("retry-after"), Some(written));
        let error = dealer.list_outlets_page(&Default::default()).await;
        let error = error.expect_err("a fault");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(90)), "{form}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_fetched_by_the_same_submission() {
    let sandbox = sandbox().await;
    set(
        &sandbox,
        json!([{"operation": "submit_registration", "nth": [1, 2], "effect": "lost_ack"}]),
    )
    .await;
    let submission = submission(1);
    let error = client(&sandbox, 1).submit_registration(&submission).await;
    let error = error.expect_err("no answer");
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::Unknown, ErrorKind::Broken)
    );
    assert_eq!(filed(&sandbox).await, 1);
    // Lost once more, although only the stored answer was asked for; then it arrives.
    let dealer = client(&sandbox, 2);
    let told = dealer.submit_registration(&submission).await.expect("told");
    let listed: Vec<_> = dealer
        .list_applications(ApplicationFilter::default())
        .try_collect()
        .await
        .expect("own");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].application_id, told.application_id);
    assert_eq!(counted(&sandbox).await, counts(&[("lost_ack", 3, 2)]));
}

#[tokio::test]
async fn the_sdks_own_repetition_files_once_whatever_the_fault() {
    for effect in ["lost_ack", "close_before", "html_502"] {
        let sandbox = sandbox().await;
        set(
            &sandbox,
            json!([{"operation": "submit_registration", "nth": [1, 2, 3], "effect": effect}]),
        )
        .await;
        let told = client(&sandbox, 4)
            .submit_registration(&submission(1))
            .await;
        told.expect("the fourth attempt is let through");
        assert_eq!(filed(&sandbox).await, 1, "{effect}");
        assert_eq!(counted(&sandbox).await, counts(&[(effect, 4, 3)]));
    }
}

#[tokio::test]
async fn a_good_answer_that_cannot_be_read_leaves_an_application_to_look_up() {
    let sandbox = sandbox().await;
    set(
        &sandbox,
        json!([
            {"operation": "submit_registration", "nth": 1, "effect": "truncate"},
            {"operation": "submit_registration", "nth": 3, "effect": "not_json"},
        ]),
    )
    .await;
    let dealer = client(&sandbox, 4);
    for number in 1..=2 {
        let submission = submission(number);
        let error = dealer.submit_registration(&submission).await;
        let error = error.expect_err("not to be read");
        assert_eq!(
            (error.outcome(), error.kind(), error.status()),
            (Outcome::Accepted, ErrorKind::Unreadable, Some(201))
        );
        assert_eq!(filed(&sandbox).await, number);
        // The same submission again is safe here too.
        let told = dealer.submit_registration(&submission).await;
        let reference = told.expect("the stored answer").partner_reference;
        assert_eq!(reference.as_str(), format!("TEST-{number}"));
    }
    assert_eq!(filed(&sandbox).await, 2);
}

#[tokio::test]
async fn words_and_members_of_later_days_are_read_and_kept() {
    let sandbox = sandbox().await;
    let known = sandbox.register(registration(1)).await;
    let dealer = client(&sandbox, 1);
    let asked_with = async |effect: &str| {
        let rule = json!([{"operation": "get_application", "effect": effect}]);
        set(&sandbox, rule).await;
        dealer.get_application(&known.application_id).await
    };
    let unknown = asked_with("unknown_enum").await.expect("read");
    assert_eq!(unknown.status.as_str(), "added_later");
    assert_eq!(unknown.status.known(), None);
    assert_eq!(unknown.application_id, known.application_id);
    let result = unknown.result.expect("completed");
    assert_eq!(
        result.plate_number,
        known.result.as_ref().expect("completed").plate_number
    );
    assert_eq!(asked_with("extra_fields").await.expect("read"), known);
    assert_eq!(asked_with("wrong_content_type").await.expect("read"), known);
    assert_eq!(known.status, ApplicationStatus::Completed);
}

#[tokio::test]
async fn an_expired_token_is_healed_by_the_sdk_in_the_middle_of_its_work() {
    let sandbox = sandbox().await;
    let dealer = client(&sandbox, 1);
    dealer
        .submit_registration(&submission(1))
        .await
        .expect("filed");
    set(
        &sandbox,
        json!([
            {"operation": "*", "nth": [1, 4], "effect": "expired_token"},
            {"name": "tokens", "operation": "issue_token", "nth": 1_000, "effect": "close_before"},
        ]),
    )
    .await;
    for number in 2..=3 {
        dealer
            .submit_registration(&submission(number))
            .await
            .expect("filed");
    }
    assert_eq!(filed(&sandbox).await, 3);
    // One refused, two filed; the request for a token has none to expire, so it does not count.
    let seen = counted(&sandbox).await;
    assert_eq!(seen, counts(&[("expired_token", 3, 1), ("tokens", 1, 0)]));
    let caller = sandbox.caller(OutletKind::Dealer).await;
    caller.get(OUTLETS).await.refused(401, "expired_token");
    let got = struck(&caller, Method::GET, OUTLETS, "expired_token").await;
    got.refused(401, "expired_token");
    assert!(got.header("www-authenticate").is_some());
}

#[tokio::test]
async fn over_the_wire_each_fault_is_what_it_is_called() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let whole = caller.get(OUTLETS).await;
    let ask = async |fault: &str| struck(&caller, Method::GET, OUTLETS, fault).await;

    let got = ask("truncate").await;
    assert_eq!(got.status, 200);
    assert_eq!(got.bytes, whole.bytes[..whole.bytes.len() / 2]);
    assert!(serde_json::from_slice::<Value>(&got.bytes).is_err());

    let got = ask("not_json").await;
    assert_eq!((got.status, got.text().as_str()), (200, "OK"));
    assert_eq!(got.header("content-type"), Some("application/json"));

    let got = ask("html_502").await;
    assert_eq!(got.status, 502);
    assert_eq!(got.header("content-type"), Some("text/html"));
    assert!(got.text().contains("502 Bad Gateway"));

    let got = ask("wrong_content_type").await;
    assert_eq!(got.bytes, whole.bytes);
    assert_eq!(got.header("content-type"), Some("text/html; charset=utf-8"));

    let got = ask("unknown_enum").await.ok(200);
    assert_eq!(got["items"][0]["kind"], "added_later");
    let got = ask("extra_fields").await.ok(200);
    assert!(got["added_later"].is_object() && got["items"][0]["added_later"].is_object());

    for (fault, date) in [
        ("skewed_date", "Tue, 03 Mar 2026 01:00:00 GMT"),
        ("skewed_date;seconds=-3600", "Mon, 02 Mar 2026 00:00:00 GMT"),
    ] {
        let got = ask(fault).await;
        assert_eq!(got.bytes, whole.bytes);
        assert_eq!(got.header("date"), Some(date));
    }

    let got = ask("status;status=503;retry_after=2").await;
    got.refused(503, "service_unavailable");
    assert_eq!(got.header("retry-after"), Some("2"));
    let got = ask("status;status=418").await;
    got.refused(418, "scripted_fault");

    for fault in ["close_before", "lost_ack"] {
        let request = caller.request(Method::GET, OUTLETS);
        let sent = request.header("Sandbox-Fault", fault).send().await;
        assert!(sent.is_err(), "{fault}");
    }
    let began = std::time::Instant::now();
    assert_eq!(ask("delay;ms=30").await.bytes, whole.bytes);
    assert!(began.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn a_header_asks_for_what_a_rule_would_do() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let seen = |mut got: Got| {
        got.headers.remove("x-request-id");
        let text = written(&got);
        text.split(r#","request_id":"#).next().map(str::to_owned)
    };
    for entry in entries(&sandbox).await {
        let Some(header) = entry.header else { continue };
        if ["lost_ack", "close_before", "delay"].contains(&entry.effect.as_str()) {
            continue;
        }
        let mut rule = entry.example.clone();
        rule["operation"] = json!("list_outlets");
        set(&sandbox, json!([rule])).await;
        let by_script = seen(caller.get(OUTLETS).await);
        let by_header = seen(struck(&caller, Method::GET, OUTLETS, &header).await);
        assert_eq!(by_script, by_header, "{header}");
        assert_ne!(by_script, seen(caller.get(OUTLETS).await), "{header}");
    }
}

/// By what the engine gives the server to hold back: nobody waits.
#[tokio::test]
async fn answers_are_held_back_as_long_as_the_script_says() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let bearer = format!("Bearer {}", caller.bearer());
    let mut headers = HeaderMap::new();
    headers.insert("authorization", bearer.parse().expect("a header"));
    let delays = async |rule: Value, requests: usize| -> Vec<u128> {
        let mut rule = rule;
        rule["operation"] = json!("list_outlets");
        set(&sandbox, json!([rule])).await;
        let ask = || {
            let call = Call {
                method: &Method::GET,
                path: OUTLETS,
                query: None,
                headers: &headers,
                body: b"",
            };
            let reply = sandbox.engine().answer(&call).expect("an answer");
            reply.delay.as_millis()
        };
        (0..requests).map(|_| ask()).collect()
    };
    assert_eq!(
        delays(json!({"effect": "delay", "ms": 700}), 2).await,
        [700, 700]
    );
    let slower = json!({"effect": "slower", "ms": 10_000, "nth": [1, 3, 4, 5]});
    assert_eq!(
        delays(slower, 6).await,
        [10_000, 0, 20_000, 40_000, 60_000, 0]
    );
    let range = json!({"effect": "delay", "range_ms": [100, 300]});
    let drawn = delays(range.clone(), 50).await;
    assert!(drawn.iter().all(|ms| (100..=300).contains(ms)), "{drawn:?}");
    assert!(drawn.iter().any(|ms| *ms != drawn[0]));
    assert_eq!(delays(range, 50).await, drawn, "the seed decides");
    let percentiles = json!({"p50": 10, "p95": 20, "p99": 30, "max": 40});
    let mut drawn = delays(
        json!({"effect": "delay", "percentiles_ms": percentiles}),
        400,
    )
    .await;
    drawn.sort_unstable();
    assert!(drawn[180] <= 10 && drawn[220] >= 9, "{drawn:?}");
    assert!(drawn[399] <= 40);

    let mut by_header = |fault: &str| -> Vec<u128> {
        headers.insert("sandbox-fault", fault.parse().expect("a value"));
        let call = Call {
            method: &Method::GET,
            path: OUTLETS,
            query: None,
            headers: &headers,
            body: b"",
        };
        let ask = |_| sandbox.engine().answer(&call).expect("an answer");
        (0..400).map(ask).map(|it| it.delay.as_millis()).collect()
    };
    let drawn = by_header(r#"delay;range_ms="100 300""#);
    assert!(drawn.iter().all(|ms| (100..=300).contains(ms)), "{drawn:?}");
    assert!(drawn.iter().any(|ms| *ms < 120) && drawn.iter().any(|ms| *ms > 280));
    let mut drawn = by_header(r#"delay;percentiles_ms="p50=10 p95=20 p99=30 max=40""#);
    drawn.sort_unstable();
    assert!(drawn[180] <= 10 && drawn[220] >= 9, "{drawn:?}");
    assert!(drawn[399] <= 40);
}

#[tokio::test]
async fn a_client_that_does_not_wait_knows_nothing_and_may_ask_again() {
    let sandbox = sandbox().await;
    set(
        &sandbox,
        json!([{"operation": "submit_registration", "nth": 1, "effect": "delay", "ms": 60_000}]),
    )
    .await;
    let submission = submission(1);
    let hasty = timed_client(&sandbox, 1, Duration::from_millis(500));
    let error = hasty.submit_registration(&submission).await;
    let error = error.expect_err("too slow");
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::Unknown, ErrorKind::Timeout)
    );
    hasty
        .submit_registration(&submission)
        .await
        .expect("the stored answer");
    assert_eq!(filed(&sandbox).await, 1);
}

#[tokio::test]
async fn a_rule_acts_on_the_requests_it_names_and_counts_them_all() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let (good, bad) = (Some(200), Some(500));
    for (nth, seen) in [
        (json!(2), [good, bad, good, good]),
        (json!([4, 1]), [bad, good, good, bad]),
        (json!("every"), [bad; 4]),
    ] {
        let rule =
            json!({"operation": "list_outlets", "nth": nth, "effect": "status", "status": 500});
        set(&sandbox, json!([rule])).await;
        assert_eq!(statuses(&caller, OUTLETS, 4).await, seen, "{nth}");
        let acted = seen.iter().filter(|status| **status == bad).count() as u64;
        assert_eq!(counted(&sandbox).await, counts(&[("status", 4, acted)]));
    }
    // Neither number nor chance: every one.
    set(
        &sandbox,
        json!([{"operation": "list_outlets", "effect": "lost_ack"}]),
    )
    .await;
    assert_eq!(statuses(&caller, OUTLETS, 2).await, [None; 2]);
}

#[tokio::test]
async fn of_several_rules_the_first_that_is_due_acts_and_all_count() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    set(
        &sandbox,
        json!([
            {"name": "one", "operation": "list_outlets", "nth": [1, 2], "effect": "status", "status": 500},
            {"name": "all", "operation": "*", "nth": [2, 3, 4], "effect": "status", "status": 502},
            {"name": "else", "operation": "submit_transfer", "effect": "lost_ack"},
        ]),
    )
    .await;
    let seen = statuses(&caller, OUTLETS, 3).await;
    assert_eq!(seen, [Some(500), Some(500), Some(502)]);
    // The token endpoint is an operation like any other.
    let credential = sandbox.credential(OutletKind::Dealer).expect("a dealer");
    assert_eq!(caller.token(&credential, None).await.status, 502);
    assert_eq!(status(&caller, OUTLETS).await, Some(200));
    assert_eq!(
        counted(&sandbox).await,
        counts(&[("one", 4, 2), ("all", 5, 2), ("else", 0, 0)])
    );
}

#[tokio::test]
async fn chance_follows_from_the_seed_of_the_space() {
    let sandbox = sandbox().await;
    let control = sandbox.control().expect("a client");
    let rule = json!([{"operation": "list_outlets", "probability": 0.5, "effect": "lost_ack"}]);
    let mut seen = Vec::new();
    for seed in [7, 7, 8] {
        let wish = NewSpace::builder().seed(seed.try_into().expect("a seed"));
        let space = control
            .create_space(wish.frozen(true).build())
            .await
            .expect("a space");
        let dealer = dealer_in(&sandbox, &space).await;
        set_in(&sandbox, &space.space_id, rule.clone()).await;
        let answers = statuses(&dealer, OUTLETS, 40).await;
        let lost = answers.iter().filter(|status| status.is_none()).count();
        assert!((8..=32).contains(&lost), "{lost} of 40");
        let counted = counted_in(&sandbox, &space.space_id).await;
        assert_eq!(counted, counts(&[("lost_ack", 40, lost as u64)]));
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0], seen[2]);
}

async fn dealer_in(sandbox: &Sandbox, created: &SpaceCreated) -> Caller {
    Caller::of(sandbox.base_url(), &credential(created, OutletKind::Dealer)).await
}

#[tokio::test]
async fn a_repetition_under_the_same_key_counts_like_any_other() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    set(
        &sandbox,
        json!([{"operation": "submit_registration", "nth": 2, "effect": "truncate"}]),
    )
    .await;
    let post = async || {
        caller
            .post_keyed(REGISTRATIONS, "one-key-1", &registration(1))
            .await
    };
    let first = post().await;
    first.ok(201);
    let second = post().await;
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(second.bytes, first.bytes[..first.bytes.len() / 2]);
    // What is stored was not touched.
    assert_eq!(post().await.bytes, first.bytes);
    assert_eq!(counted(&sandbox).await, counts(&[("truncate", 3, 1)]));
}

#[tokio::test]
async fn what_is_not_let_in_is_not_counted_and_what_is_refused_is_not_spoilt() {
    let limited = Settings {
        rate_limit: Some(RateLimit {
            requests: 1,
            seconds: 60,
        }),
        ..Settings::default()
    };
    let sandbox = sandbox_with(limited).await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    set(&sandbox, json!([{"operation": "*", "effect": "truncate"}])).await;
    let stranger = sandbox.stranger();
    stranger.get(OUTLETS).await.refused(401, "missing_token");
    let missing = caller.get("/v1/outlets/none").await;
    missing.refused(404, "outlet_not_found");
    caller.get(OUTLETS).await.refused(429, "rate_limited");
    assert_eq!(counted(&sandbox).await, counts(&[("truncate", 1, 0)]));
    // The control interface itself never fails, whatever the header says.
    let got = struck(&stranger, Method::GET, HOME, "lost_ack").await;
    assert_eq!(got.ok(200)["rules"][0]["rule"]["effect"], "truncate");
}

#[tokio::test]
async fn a_header_goes_before_the_script_which_counts_all_the_same() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    set(
        &sandbox,
        json!([{"operation": "list_outlets", "nth": [1, 2], "effect": "status", "status": 500}]),
    )
    .await;
    let fault = r#"status; status=503; name="my own""#;
    let got = struck(&caller, Method::GET, OUTLETS, fault).await;
    got.refused(503, "service_unavailable");
    caller.get(OUTLETS).await.refused(500, "internal_error");
    caller.get(OUTLETS).await.ok(200);
    assert_eq!(counted(&sandbox).await, counts(&[("status", 3, 1)]));
    let control = sandbox.control().expect("a client");
    let journal = control.journal(&home(), &JournalFilter::default()).await;
    let faults: Vec<_> = journal
        .expect("served")
        .items
        .into_iter()
        .filter(|entry| entry.operation.as_deref() == Some("list_outlets"))
        .map(|entry| (entry.status, entry.fault))
        .collect();
    assert_eq!(
        faults,
        [
            (Some(503), Some("my own".to_owned())),
            (Some(500), Some("status".to_owned())),
            (Some(200), None),
        ]
    );
}

#[tokio::test]
async fn a_header_that_makes_no_sense_is_refused() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    for (header, codes) in [
        ("", &["wrong_format"][..]),
        ("lost_ack, truncate", &["wrong_format"]),
        ("delay;ms", &["wrong_format"]),
        ("lost_everything", &["not_in_list"]),
        ("delay", &["exactly_one"]),
        ("delay;ms=600001", &["out_of_range"]),
        ("delay;ms=soon", &["wrong_type"]),
        ("status", &["required"]),
        ("status;status=200", &["out_of_range"]),
        ("status;status=503;code=none", &["not_in_list"]),
        ("delay;range_ms=50", &["wrong_type"]),
        ("delay;range_ms=\"50\"", &["wrong_length"]),
        ("delay;range_ms=\"50 soon\"", &["wrong_type"]),
        ("delay;range_ms=\"100 50\"", &["out_of_range"]),
        ("delay;range_ms=\"1 2\";ms=1", &["exactly_one"]),
        ("delay;percentiles_ms=\"1 2 3 4\"", &["wrong_type"]),
        ("delay;percentiles_ms=\"p50=1 p95=2 p99=3\"", &["required"]),
        (
            "delay;percentiles_ms=\"p50=4 p95=2 p99=3 max=9 p100=9\"",
            &["out_of_range", "unknown_member"],
        ),
        ("lost_ack;ms=5", &["not_applicable"]),
        ("lost_ack;colour=red", &["unknown_member"]),
        (
            "lost_ack;nth=1;probability=1",
            &["unknown_member", "unknown_member", "not_applicable"],
        ),
        ("slower;ms=5", &["not_applicable"]),
        ("never", &["not_applicable"]),
        ("bad_signature", &["not_applicable"]),
    ] {
        let got = struck(&caller, Method::POST, REGISTRATIONS, header).await;
        got.refused(400, "invalid_parameter");
        let errors = got.errors();
        assert!(
            errors.iter().all(|(place, _)| place == "Sandbox-Fault"),
            "{header}: {errors:?}"
        );
        let found: Vec<&str> = errors.iter().map(|(_, code)| code.as_str()).collect();
        assert_eq!(found, codes, "{header}: {}", got.text());
    }
    let twice = caller
        .request(Method::GET, OUTLETS)
        .header("Sandbox-Fault", "lost_ack")
        .header("Sandbox-Fault", "lost_ack");
    caller.send(twice).await.refused(400, "invalid_parameter");
    assert_eq!(filed(&sandbox).await, 0);
}

#[tokio::test]
async fn the_token_endpoint_fails_too() {
    let sandbox = sandbox().await;
    let stranger = sandbox.stranger();
    let credential = sandbox.credential(OutletKind::Dealer).expect("a dealer");
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", credential.client_id.as_ref()),
        ("client_secret", credential.client_secret.as_str()),
    ];
    let token = async |fault: &str| {
        let request = stranger.request(Method::POST, "/oauth2/token").form(&form);
        stranger.send(request.header("Sandbox-Fault", fault)).await
    };
    let got = token("status;status=401").await;
    assert_eq!(
        (got.status, got.json()["error"].as_str()),
        (401, Some("invalid_client"))
    );
    assert_eq!(token("html_502").await.status, 502);
    assert!(token("extra_fields").await.ok(200)["added_later"].is_object());
    // It speaks of errors in its own words.
    for wrong in ["expired_token", "lost_everything"] {
        let got = token(wrong).await;
        assert_eq!(
            (got.status, got.json()["error"].as_str()),
            (400, Some("invalid_request"))
        );
    }

    set(
        &sandbox,
        json!([
            {"operation": "issue_token", "nth": 1, "effect": "close_before"},
            {"operation": "issue_token", "nth": 2, "effect": "status", "status": 503},
            {"operation": "issue_token", "nth": [3, 6], "effect": "not_json"},
        ]),
    )
    .await;
    let hasty = client(&sandbox, 1);
    for _ in 0..3 {
        let error = hasty.submit_registration(&submission(1)).await;
        let error = error.expect_err("no token");
        assert_eq!(
            (error.outcome(), error.kind()),
            (Outcome::NotSent, ErrorKind::Token)
        );
    }
    assert_eq!(filed(&sandbox).await, 0);
    hasty
        .submit_registration(&submission(1))
        .await
        .expect("a token");
}

#[tokio::test]
async fn everything_wrong_in_a_script_is_told_at_once_and_the_old_one_stays() {
    let sandbox = sandbox().await;
    let admin = sandbox.stranger();
    let put = async |script: &Value| {
        let request = admin.request(Method::PUT, HOME).json(script);
        admin.send(request).await
    };
    let kept = json!([{"name": "kept", "operation": "*", "nth": 9, "effect": "lost_ack"}]);
    put(&kept).await.ok(200);
    let got = put(&json!([
        {"operation": "submit_everything", "effect": "lost_ack"},
        {"operation": "submit_transfer", "effect": "status"},
        {"operation": "*", "effect": "lost_ack", "ms": 5, "colour": "red"},
        {"operation": "*", "effect": "lost_ack", "nth": 0},
        {"operation": "*", "effect": "lost_ack", "nth": "often"},
        {"operation": "*", "effect": "lost_ack", "nth": [1, 0]},
        {"operation": "*", "effect": "lost_ack", "nth": 1, "probability": 0},
        {"operation": "*", "effect": "lost_ack", "probability": 1.5},
        {"operation": "events", "effect": "truncate"},
        {"operation": "*", "effect": "never"},
        {"operation": "*", "effect": "delay", "ms": 1, "range_ms": [3, 2]},
        {"operation": "*", "effect": "delay", "range_ms": [1]},
        {"operation": "*"},
        "lost_ack",
    ]))
    .await;
    got.refused(422, "validation_failed");
    let mut errors = got.errors();
    errors.sort();
    let mut wanted: Vec<(String, String)> = [
        ("/0/operation", "not_in_list"),
        ("/1/status", "required"),
        ("/10", "exactly_one"),
        ("/10/range_ms/1", "out_of_range"),
        ("/11/range_ms", "wrong_length"),
        ("/12/effect", "required"),
        ("/13", "wrong_type"),
        ("/2/colour", "unknown_member"),
        ("/2/ms", "not_applicable"),
        ("/3/nth", "out_of_range"),
        ("/4/nth", "wrong_format"),
        ("/5/nth/1", "out_of_range"),
        ("/6/probability", "not_applicable"),
        ("/6/probability", "out_of_range"),
        ("/7/probability", "out_of_range"),
        ("/8/effect", "not_in_list"),
        ("/9/effect", "not_in_list"),
    ]
    .into_iter()
    .map(|(place, code)| (place.to_owned(), code.to_owned()))
    .collect();
    wanted.sort();
    assert_eq!(errors, wanted);

    let rule = json!({"operation": "*", "effect": "lost_ack"});
    let too_many = Value::Array(vec![rule.clone(); 1_001]);
    let got = put(&too_many).await;
    assert_eq!(got.errors(), [(String::new(), "wrong_length".to_owned())]);
    let got = put(&rule).await;
    assert_eq!(got.errors(), [(String::new(), "wrong_type".to_owned())]);
    assert_eq!(counted(&sandbox).await, counts(&[("kept", 0, 0)]));

    let most = Value::Array(vec![kept[0].clone(); 1_000]);
    assert_eq!(
        put(&most).await.ok(200)["rules"].as_array().map(Vec::len),
        Some(1_000)
    );
    assert_eq!(put(&json!([])).await.ok(200), json!({"rules": []}));
    let request = admin.request(Method::PUT, "/sandbox/v1/spaces/space-99/faults");
    let nowhere = admin.send(request.json(&kept)).await;
    nowhere.refused(404, "space_not_found");
}

#[tokio::test]
async fn a_script_is_forked_kept_in_snapshots_and_taken_away_by_a_reset() {
    let sandbox = sandbox().await;
    let control = sandbox.control().expect("a client");
    let space = control
        .create_space(NewSpace::builder().frozen(true).build())
        .await
        .expect("a space");
    let id = &space.space_id;
    let dealer = dealer_in(&sandbox, &space).await;
    let rule = json!([{"operation": "list_outlets", "nth": [2, 3], "effect": "close_before"}]);
    set_in(&sandbox, id, rule).await;
    assert_eq!(statuses(&dealer, OUTLETS, 1).await, [Some(200)]);

    let fork = control.fork_space(id).await.expect("a fork");
    let snapshot = control.take_snapshot(id).await.expect("a snapshot");
    let rest = [None, None, Some(200)];
    assert_eq!(statuses(&dealer, OUTLETS, 3).await, rest);
    let forked = dealer_in(&sandbox, &fork).await;
    assert_eq!(statuses(&forked, OUTLETS, 3).await, rest);
    let all = counts(&[("close_before", 4, 2)]);
    assert_eq!(counted_in(&sandbox, id).await, all);
    assert_eq!(counted_in(&sandbox, &fork.space_id).await, all);

    control.restore_snapshot(&snapshot).await.expect("restored");
    assert_eq!(
        counted_in(&sandbox, id).await,
        counts(&[("close_before", 1, 0)])
    );
    assert_eq!(statuses(&dealer, OUTLETS, 3).await, rest);
    control.reset_space(id).await.expect("reset");
    assert_eq!(counted_in(&sandbox, id).await, []);
    assert_eq!(counted(&sandbox).await, [], "a script is its space's own");
}

#[tokio::test]
async fn a_script_outlives_the_program_with_what_it_has_counted() {
    let scratch = Scratch::new();
    let start = async || {
        let options = Options {
            data_dir: Some(scratch.0.clone()),
            ..Options::default()
        };
        Sandbox::start_with(options).await.expect("started")
    };
    let sandbox = start().await;
    let credential = sandbox.credential(OutletKind::Dealer).expect("a dealer");
    let rules = json!([
        {"operation": "list_outlets", "nth": 3, "effect": "close_before"},
        {"operation": "list_outlets", "probability": 0.5, "effect": "html_502"},
    ]);
    set(&sandbox, rules.clone()).await;
    let dealer = Caller::of(sandbox.base_url(), &credential).await;
    let mut seen = statuses(&dealer, OUTLETS, 2).await;
    let before = counted(&sandbox).await;
    sandbox.stop().await;

    let sandbox = start().await;
    assert_eq!(counted(&sandbox).await, before);
    let dealer = Caller::of(sandbox.base_url(), &credential).await;
    seen.extend(statuses(&dealer, OUTLETS, 10).await);
    assert_eq!(seen[2], None);
    // From the beginning, in one piece.
    set(&sandbox, rules).await;
    assert_eq!(statuses(&dealer, OUTLETS, 12).await, seen);
}

#[tokio::test]
async fn events_go_wrong_by_script() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[204]).await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let request: WebhookRequest = decoded(json!({"url": receiver.url()}));
    let subscribed = client.create_webhook(&Submission::new(request)).await;
    let webhook = subscribed.expect("subscribed");
    sandbox.set_pace(Pace::Manual);
    set(
        &sandbox,
        json!([
            {"operation": "events", "nth": 1, "effect": "duplicate_event"},
            {"operation": "events", "nth": 2, "effect": "never"},
            {"operation": "events", "nth": 3, "effect": "out_of_order"},
            {"operation": "events", "nth": 5, "effect": "bad_signature"},
            {"name": "requests", "operation": "*", "nth": 1_000, "effect": "lost_ack"},
        ]),
    )
    .await;
    let filed = client
        .submit_registration(&submission(1))
        .await
        .expect("filed");
    for _ in 0..4 {
        assert!(sandbox.step(&filed.application_id));
        // What is out of order follows its successor after a moment.
        sandbox.pushed().await;
        sandbox.clock().advance(Duration::from_millis(1));
        sandbox.pushed().await;
    }
    let kinds: Vec<String> = receiver.pushes().iter().map(Push::kind).collect();
    let told: Vec<&str> = kinds
        .iter()
        .filter_map(|kind| kind.strip_prefix("application."))
        .collect();
    assert_eq!(
        told,
        ["received", "received", "approved", "in_review", "completed"]
    );
    let pushes = receiver.pushes();
    for good in &pushes[..4] {
        good.verified(&webhook).expect("signed");
    }
    pushes[4]
        .verified(&webhook)
        .expect_err("not the platform's");
    assert_eq!(
        counted(&sandbox).await,
        counts(&[
            ("duplicate_event", 5, 1),
            ("never", 5, 1),
            ("out_of_order", 5, 1),
            ("bad_signature", 5, 1),
            ("requests", 1, 0),
        ])
    );
    // The list of events has them all, in their order.
    let listed = client.list_events_page(&Default::default()).await;
    assert_eq!(listed.expect("own").items.len(), 5);
}

#[tokio::test]
async fn of_events_out_of_order_every_other_one_overtakes() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[204]).await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let request: WebhookRequest = decoded(json!({"url": receiver.url()}));
    let subscribed = client.create_webhook(&Submission::new(request)).await;
    subscribed.expect("subscribed");
    sandbox.set_pace(Pace::Manual);
    let rule = json!({"operation": "events", "nth": "every", "effect": "out_of_order"});
    set(&sandbox, json!([rule])).await;
    let filed = client.submit_registration(&submission(1)).await;
    let filed = filed.expect("filed");
    for _ in 0..4 {
        assert!(sandbox.step(&filed.application_id));
        sandbox.clock().advance(Duration::from_secs(1));
        sandbox.pushed().await;
    }
    // The last has none behind it, and comes when its time is over.
    sandbox.clock().advance(Duration::from_secs(60));
    sandbox.pushed().await;
    let pushes = receiver.pushes();
    let order: Vec<u64> = pushes.iter().map(|push| push.number() % 10).collect();
    assert_eq!(order, [2, 1, 4, 3, 5]);
    assert_eq!(counted(&sandbox).await, counts(&[("out_of_order", 5, 3)]));
}

#[tokio::test]
async fn the_catalogue_names_every_fault_with_a_rule_that_can_be_sent() {
    let sandbox = sandbox().await;
    let got = sandbox.stranger().get("/sandbox/v1/faults").await.ok(200);
    let items = got["items"].as_array().expect("a list");
    assert_eq!(items.len(), 17);
    let script: Value = items.iter().map(|item| item["example"].clone()).collect();
    set(&sandbox, script).await;
    let of_events: Vec<_> = items
        .iter()
        .filter(|item| item.get("acts").is_none())
        .collect();
    assert_eq!(of_events.len(), 4);
    assert!(of_events.iter().all(|item| item.get("header").is_none()));
}
