//! What is tried again, when, and how often.

use std::time::Duration;

use lingminban::{
    Client, Submission,
    api::{ApplicationId, HandIn, MaterialKind, PlateDrawRequest, ProblemCode, Scan, ScanFormat},
    client::{IdempotencyKey, Result, RetryPolicy, Stopped},
    codes::PlateKind,
};

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Act, Answer, Server},
};

const MATERIAL: &str = r#"{"kind":"origin_proof","state":"received"}"#;

fn scan() -> Scan {
    Scan {
        format: ScanFormat::Pdf,
        bytes: b"%PDF".to_vec(),
    }
}

/// Attempts made when the first one ends like this and the second succeeds.
async fn attempts(act: Act, success: Answer, call: impl AsyncFn(Client) -> Result<()>) -> usize {
    let server = Server::doing([act, success.into()]).await;
    let _ = call(client(&server, &TestRuntime::new())).await;
    server.calls().len()
}

#[tokio::test]
async fn every_kind_of_operation_repeats_what_may_pass() {
    let passing = || -> Vec<Act> {
        vec![
            Act::Drop,
            Act::CutOff(filed()),
            status(408).into(),
            status(500).into(),
            status(502).into(),
            status(503).into(),
            status(504).into(),
            problem(ProblemCode::RateLimited).into(),
            problem(ProblemCode::ServiceUnavailable).into(),
            problem(ProblemCode::InternalError).into(),
        ]
    };
    for (row, act) in passing().into_iter().enumerate() {
        // Safe: a read, and a PUT.
        let read = attempts(act.clone(), application("accepted"), async |client| {
            client.get_application(&id()).await.map(drop)
        });
        let put = attempts(act.clone(), Answer::new(200, MATERIAL), async |client| {
            client
                .put_material(&id(), MaterialKind::OriginProof, scan())
                .await
                .map(drop)
        });
        // With a required key, and with an optional one.
        let file = attempts(act.clone(), filed(), async |client| {
            client.submit_registration(&submission()).await.map(drop)
        });
        let step = attempts(act, application("accepted"), async |client| {
            client
                .hand_in_application(&id(), &HandIn::default())
                .await
                .map(drop)
        });
        assert_eq!(
            [read.await, put.await, file.await, step.await],
            [2; 4],
            "row {row}"
        );
    }
}

#[tokio::test]
async fn what_is_final_is_not_repeated() {
    let finals: Vec<Act> = vec![
        status(302).into(),
        status(400).into(),
        status(501).into(),
        problem(ProblemCode::ValidationFailed).into(),
        problem(ProblemCode::IdempotencyKeyReused).into(),
        problem(ProblemCode::WrongState).into(),
        problem(ProblemCode::MissingToken).into(),
        problem(ProblemCode::InsufficientScope).into(),
        Answer::new(201, "{").into(),
    ];
    for (row, act) in finals.into_iter().enumerate() {
        let made = attempts(act, filed(), async |client| {
            client.submit_registration(&submission()).await.map(drop)
        });
        assert_eq!(made.await, 1, "row {row}");
    }
}

#[tokio::test]
async fn a_submission_carries_its_key_with_every_attempt_and_after_storing() {
    let server = Server::doing([
        Act::Drop,
        status(503).into(),
        Act::CutOff(filed()),
        Act::Drop,
    ])
    .await;
    let runtime = TestRuntime::new();
    let submission = submission();
    client(&server, &runtime)
        .submit_registration(&submission)
        .await
        .unwrap_err();

    let stored = serde_json::to_string(&submission).unwrap();
    let again: Submission<_> = serde_json::from_str(&stored).unwrap();
    assert_eq!(again, submission);
    client(&server, &runtime)
        .submit_registration(&again)
        .await
        .unwrap_err();

    let calls = server.calls();
    assert_eq!(calls.len(), 8);
    for call in &calls {
        assert_eq!(
            call.header("idempotency-key"),
            Some(submission.key().as_str())
        );
        assert_eq!(call.body, calls[0].body);
    }
    let ids: Vec<_> = calls
        .iter()
        .map(|call| call.header("x-request-id"))
        .collect();
    assert!(ids[..4].iter().all(|id| *id == ids[0]) && ids[4] != ids[0]);
}

#[tokio::test]
async fn a_write_without_a_submission_gets_one_key_per_call() {
    let server = Server::doing([
        Act::Drop,
        application("accepted").into(),
        application("accepted").into(),
    ])
    .await;
    let client = client(&server, &TestRuntime::new());
    for _ in 0..2 {
        client
            .hand_in_application(&id(), &HandIn::default())
            .await
            .unwrap();
    }
    let calls = server.calls();
    let keys: Vec<_> = calls
        .iter()
        .map(|call| call.header("idempotency-key").unwrap())
        .collect();
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
}

#[tokio::test]
async fn a_read_carries_no_key() {
    let server = Server::doing([application("accepted")]).await;
    client(&server, &TestRuntime::new())
        .get_application(&id())
        .await
        .unwrap();
    assert_eq!(server.calls()[0].header("idempotency-key"), None);
}

#[tokio::test]
async fn a_request_in_progress_is_asked_again_when_it_says() {
    let server = Server::doing([
        problem(ProblemCode::RequestInProgress).header("retry-after", "2"),
        filed(),
    ])
    .await;
    let runtime = TestRuntime::with_random([0; 100]);
    client(&server, &runtime)
        .submit_registration(&submission())
        .await
        .unwrap();
    assert_eq!(runtime.pauses(), [Duration::from_secs(2)]);
}

/// Pauses of a read that is answered 502 four times, with these random numbers. Two go into the
/// request id, two into that of the token's request.
async fn pauses(random: u64) -> Vec<Duration> {
    let server = Server::doing(vec![status(502); 4]).await;
    let runtime = TestRuntime::with_random([random; 100]);
    client(&server, &runtime)
        .get_application(&id())
        .await
        .unwrap_err();
    runtime.pauses()
}

#[tokio::test]
async fn pauses_are_drawn_between_nothing_and_a_doubling_bound() {
    assert_eq!(pauses(0).await, [Duration::ZERO; 3]);
    let millis =
        |pauses: Vec<Duration>| -> Vec<u128> { pauses.iter().map(Duration::as_millis).collect() };
    assert_eq!(millis(pauses(1 << 63).await), [100, 200, 400]);
    assert_eq!(millis(pauses(u64::MAX).await), [199, 399, 799]);
}

#[tokio::test]
async fn pauses_stop_growing_at_the_longest() {
    let server = Server::doing(vec![status(502); 6]).await;
    let runtime = TestRuntime::with_random([u64::MAX; 100]);
    let policy = RetryPolicy::builder()
        .max_attempts(6)
        .base_backoff(Duration::from_secs(1))
        .max_backoff(Duration::from_secs(3))
        .build();
    client_retrying(&server, &runtime, policy)
        .get_application(&id())
        .await
        .unwrap_err();
    let seconds: Vec<_> = runtime
        .pauses()
        .iter()
        .map(|pause| pause.as_secs_f64().round())
        .collect();
    assert_eq!(seconds, [1.0, 2.0, 3.0, 3.0, 3.0]);
}

#[tokio::test]
async fn retry_after_is_read_as_seconds_and_as_a_date_on_the_platforms_clock() {
    let platform_time = "Mon, 02 Mar 2020 01:00:00 GMT";
    let table = [
        (
            status(503).header("retry-after", "7"),
            Duration::from_secs(7),
        ),
        // Six years behind this machine: what counts is the answer's own date.
        (
            status(503)
                .header("date", platform_time)
                .header("retry-after", "Mon, 02 Mar 2020 01:00:09 GMT"),
            Duration::from_secs(9),
        ),
        (
            status(503).header("retry-after", "Mon, 02 Mar 2026 01:00:11 GMT"),
            Duration::from_secs(11),
        ),
        (
            status(503)
                .header("date", platform_time)
                .header("retry-after", "Mon, 02 Mar 2020 00:00:00 GMT"),
            Duration::ZERO,
        ),
    ];
    for (answer, expected) in table {
        let server = Server::doing([answer, application("accepted")]).await;
        let runtime = TestRuntime::with_random([0; 100]);
        client(&server, &runtime)
            .get_application(&id())
            .await
            .unwrap();
        assert_eq!(runtime.pauses(), [expected]);
    }
}

#[tokio::test]
async fn those_told_to_come_back_do_not_all_come_at_once() {
    let server = Server::doing([
        status(503).header("retry-after", "7"),
        application("accepted"),
    ])
    .await;
    let runtime = TestRuntime::with_random([u64::MAX; 100]);
    client(&server, &runtime)
        .get_application(&id())
        .await
        .unwrap();
    let pause = runtime.pauses()[0];
    assert!(
        pause > Duration::from_secs(7) && pause < Duration::from_millis(7_200),
        "{pause:?}"
    );
}

#[tokio::test]
async fn a_failing_platform_is_not_asked_more_than_the_budget_allows() {
    let server = Server::start(|_| status(503).into()).await;
    let runtime = TestRuntime::new();
    let policy = RetryPolicy::builder().budget(5).build();
    let client = client_retrying(&server, &runtime, policy);
    let mut stopped = Vec::new();
    for _ in 0..4 {
        stopped.push(
            call_without_token(&client)
                .await
                .unwrap_err()
                .stopped()
                .unwrap(),
        );
    }
    assert_eq!(
        stopped,
        [
            Stopped::Attempts,
            Stopped::Budget,
            Stopped::Budget,
            Stopped::Budget
        ]
    );
    assert_eq!(server.token_calls().len(), 4 + 5);
}

#[tokio::test]
async fn ten_successes_earn_one_repetition_back() {
    let mut acts: Vec<Act> = vec![status(503).into(), Act::Drop];
    acts.extend((0..10).map(|_| Act::from(application("accepted"))));
    acts.extend([
        status(503).into(),
        application("accepted").into(),
        status(503).into(),
    ]);
    let server = Server::doing(acts).await;
    let policy = RetryPolicy::builder().budget(1).build();
    let client = client_retrying(&server, &TestRuntime::new(), policy);
    assert_eq!(
        client.get_application(&id()).await.unwrap_err().stopped(),
        Some(Stopped::Budget)
    );
    for _ in 0..11 {
        client.get_application(&id()).await.unwrap();
    }
    assert_eq!(
        client.get_application(&id()).await.unwrap_err().stopped(),
        Some(Stopped::Budget)
    );
}

#[tokio::test]
async fn a_key_of_the_partners_own_is_taken_if_it_can_travel() {
    for wrong in [
        "short",
        "has a space",
        "非ASCII字符的键键键",
        &"x".repeat(256),
    ] {
        assert!(wrong.parse::<IdempotencyKey>().is_err(), "{wrong}");
        assert!(serde_json::from_value::<IdempotencyKey>(wrong.into()).is_err());
    }
    let server = Server::doing([Act::Drop]).await;
    let request = PlateDrawRequest::builder()
        .plate_kind(PlateKind::SmallVehicle)
        .build();
    let submission = Submission::with_key(request, "order-4711".parse().unwrap());
    let client = client_retrying(&server, &TestRuntime::new(), RetryPolicy::never());
    client.draw_plates(&submission).await.unwrap_err();
    assert_eq!(
        server.calls()[0].header("idempotency-key"),
        Some("order-4711")
    );
}

#[tokio::test]
async fn a_repeated_answer_is_told_as_one() {
    use lingminban::api::{ApplicationPath, HandInApplication, NoParams, OptionalJson};
    let server = Server::doing([
        application("accepted").header("idempotency-replayed", "true"),
        application("accepted"),
    ])
    .await;
    let client = client(&server, &TestRuntime::new());
    let path = ApplicationPath {
        application_id: ApplicationId::clone(&id()),
    };
    for replayed in [true, false] {
        let body = OptionalJson(HandIn::default());
        let reply = client
            .call::<HandInApplication>(&path, &NoParams {}, &body, None)
            .await
            .unwrap();
        assert_eq!(reply.replayed, replayed);
        assert_eq!(reply.request_id.as_deref(), Some("answered-id"));
    }
}
