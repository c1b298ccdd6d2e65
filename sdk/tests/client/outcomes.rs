//! Each failure says what is known about the world.

use lingminban::{
    Outcome,
    api::ProblemCode,
    client::{ErrorKind, RetryPolicy},
};
use tokio::net::TcpListener;

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Act, Answer, Server, token},
};

async fn outcome_of_one_attempt(act: impl Into<Act>) -> (Outcome, ErrorKind, Option<u16>) {
    let server = Server::doing([act.into()]).await;
    let client = client_retrying(&server, &TestRuntime::new(), RetryPolicy::never());
    let error = client.submit_registration(&submission()).await.unwrap_err();
    assert_eq!(error.operation(), "submit_registration");
    assert_eq!(error.attempts(), 1);
    (error.outcome(), error.kind(), error.status())
}

#[tokio::test]
async fn of_every_way_a_single_attempt_can_end() {
    use ErrorKind::{Broken, CutOff, Problem, Redirect, Status, Unreadable};
    use Outcome::{Accepted, Refused, Unknown};

    let table: Vec<(Act, Outcome, ErrorKind, Option<u16>)> = vec![
        (Act::Drop, Unknown, Broken, None),
        (Act::CutOff(filed()), Accepted, CutOff, Some(201)),
        (
            Answer::new(201, "{").into(),
            Accepted,
            Unreadable,
            Some(201),
        ),
        (Answer::new(201, "").into(), Accepted, Unreadable, Some(201)),
        (
            Answer::new(202, application_json("accepted").to_string()).into(),
            Accepted,
            Unreadable,
            Some(202),
        ),
        (Answer::new(204, "").into(), Accepted, Unreadable, Some(204)),
        (
            application("accepted").into(),
            Accepted,
            Unreadable,
            Some(200),
        ),
        (
            status(302).header("location", "/login").into(),
            Unknown,
            Redirect,
            Some(302),
        ),
        (
            problem(ProblemCode::ValidationFailed).into(),
            Refused,
            Problem,
            Some(422),
        ),
        (
            problem(ProblemCode::VehicleInProcess).into(),
            Refused,
            Problem,
            Some(409),
        ),
        (
            problem(ProblemCode::RequestInProgress).into(),
            Unknown,
            Problem,
            Some(409),
        ),
        (
            problem(ProblemCode::RateLimited).into(),
            Refused,
            Problem,
            Some(429),
        ),
        (
            problem(ProblemCode::ServiceUnavailable).into(),
            Refused,
            Problem,
            Some(503),
        ),
        (
            problem(ProblemCode::InternalError).into(),
            Unknown,
            Problem,
            Some(500),
        ),
        (talkative_problem("new").into(), Refused, Problem, Some(422)),
        (status(403).into(), Refused, Status, Some(403)),
        (status(429).into(), Refused, Status, Some(429)),
        (status(500).into(), Unknown, Status, Some(500)),
        (status(502).into(), Unknown, Status, Some(502)),
        (status(503).into(), Unknown, Status, Some(503)),
        (status(504).into(), Unknown, Status, Some(504)),
    ];
    for (row, (act, outcome, kind, status)) in table.into_iter().enumerate() {
        assert_eq!(
            outcome_of_one_attempt(act).await,
            (outcome, kind, status),
            "row {row}"
        );
    }
}

#[tokio::test]
async fn a_refusal_carries_the_problem_and_the_request_id() {
    let server = Server::doing([problem(ProblemCode::AlreadySubmitted)]).await;
    let error = client(&server, &TestRuntime::new())
        .submit_registration(&submission())
        .await
        .unwrap_err();
    assert_eq!(error.problem().unwrap().code, ProblemCode::AlreadySubmitted);
    assert_eq!(error.request_id(), Some("answered-id"));
    assert!(error.to_string().contains("already_submitted"), "{error}");
}

#[tokio::test]
async fn without_an_answer_the_request_id_is_the_one_sent() {
    let server = Server::doing([Act::Drop]).await;
    let client = client_retrying(&server, &TestRuntime::new(), RetryPolicy::never());
    let error = client.submit_registration(&submission()).await.unwrap_err();
    assert_eq!(error.request_id(), server.calls()[0].header("x-request-id"));
    assert!(error.request_id().is_some());
}

#[tokio::test]
async fn nothing_was_sent_where_nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let runtime = TestRuntime::new();
    let client = lingminban::Client::builder()
        .base_url(format!("http://127.0.0.1:{port}"))
        .client_id("a")
        .client_secret("b")
        .runtime(runtime.clone())
        .build()
        .unwrap();

    let error = call_without_token(&client).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::NotSent, ErrorKind::Connect)
    );
    assert_eq!(error.attempts(), 4);

    let error = client.submit_registration(&submission()).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::NotSent, ErrorKind::Token)
    );
    assert!(
        std::error::Error::source(&error)
            .unwrap()
            .to_string()
            .contains("Connect")
    );
}

#[tokio::test]
async fn nothing_was_sent_where_the_name_is_unknown() {
    let client = lingminban::Client::builder()
        .base_url("https://platform.invalid")
        .client_id("a")
        .client_secret("b")
        .proxy(lingminban::client::Proxy::Off)
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = call_without_token(&client).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::NotSent, ErrorKind::Connect)
    );
}

/// The outcome of a submission that is answered like this, attempt after attempt.
async fn outcome_of(acts: Vec<Act>) -> (Outcome, Option<u16>) {
    let server = Server::doing(acts).await;
    let client = client_retrying(
        &server,
        &TestRuntime::new(),
        RetryPolicy::builder()
            .max_attempts(server_attempts())
            .build(),
    );
    let error = client.submit_registration(&submission()).await.unwrap_err();
    (error.outcome(), error.status())
}

const fn server_attempts() -> u32 {
    2
}

#[tokio::test]
async fn of_several_attempts_is_the_most_that_any_may_have_done() {
    use Outcome::{Accepted, Refused, Unknown};
    let lost = || Act::Drop;
    let table: Vec<(Vec<Act>, Outcome, Option<u16>)> = vec![
        // Decided before the key is looked up: says nothing of the first attempt.
        (
            vec![lost(), problem(ProblemCode::RateLimited).into()],
            Unknown,
            Some(429),
        ),
        (
            vec![lost(), problem(ProblemCode::ServiceUnavailable).into()],
            Unknown,
            Some(503),
        ),
        (
            vec![lost(), problem(ProblemCode::InsufficientScope).into()],
            Unknown,
            Some(403),
        ),
        (vec![lost(), status(403).into()], Unknown, Some(403)),
        // Decided after it: had the first attempt acted, its answer would have come again.
        (
            vec![lost(), problem(ProblemCode::ValidationFailed).into()],
            Refused,
            Some(422),
        ),
        (
            vec![lost(), problem(ProblemCode::VehicleInProcess).into()],
            Refused,
            Some(409),
        ),
        // A success that broke off is a success; its own status is what is told.
        (
            vec![Act::CutOff(filed()), status(502).into()],
            Accepted,
            Some(201),
        ),
        (vec![Act::CutOff(filed()), Act::Drop], Accepted, Some(201)),
        (
            vec![problem(ProblemCode::RateLimited).into(), lost()],
            Unknown,
            None,
        ),
    ];
    for (row, (acts, outcome, status)) in table.into_iter().enumerate() {
        assert_eq!(outcome_of(acts).await, (outcome, status), "row {row}");
    }
}

#[tokio::test]
async fn stays_unknown_when_a_later_attempt_was_not_sent() {
    // The token is refused after a lost attempt, and there is no other to be had.
    let server = Server::start({
        let calls = std::sync::atomic::AtomicU32::new(0);
        let tokens = std::sync::atomic::AtomicU32::new(0);
        move |seen| {
            use std::sync::atomic::Ordering::Relaxed;
            if seen.is_token() {
                match tokens.fetch_add(1, Relaxed) {
                    0 => token("first", 7200).into(),
                    _ => Answer::new(401, r#"{"error":"invalid_client"}"#).into(),
                }
            } else {
                match calls.fetch_add(1, Relaxed) {
                    0 => Act::Drop,
                    _ => problem(ProblemCode::ExpiredToken).into(),
                }
            }
        }
    })
    .await;
    let error = client(&server, &TestRuntime::new())
        .submit_registration(&submission())
        .await
        .unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::Unknown, ErrorKind::Token)
    );
}

#[tokio::test]
async fn of_a_read_is_the_last_attempts() {
    // Of a write, a gateway's refusal would leave the lost attempt unknown.
    let server = Server::doing([Act::Drop, status(403).into()]).await;
    let error = client(&server, &TestRuntime::new())
        .get_application(&id())
        .await
        .unwrap_err();
    assert_eq!((error.outcome(), error.attempts()), (Outcome::Refused, 2));
}

#[tokio::test]
async fn of_a_refused_token_without_successor_is_refused() {
    let tokens = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |seen| {
        if !seen.is_token() {
            problem(ProblemCode::ExpiredToken).into()
        } else if tokens.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
            token("first", 7200).into()
        } else {
            Answer::new(401, r#"{"error":"invalid_client"}"#).into()
        }
    })
    .await;
    let client = client(&server, &TestRuntime::new());
    let error = client.submit_registration(&submission()).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::Refused, ErrorKind::Token)
    );
}

#[tokio::test]
async fn a_dry_run_that_was_filed_is_not_a_plain_failure() {
    let server = Server::doing([filed()]).await;
    let error = client(&server, &TestRuntime::new())
        .validate_registration(&registration())
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Accepted);
}

#[tokio::test]
async fn an_answer_too_long_to_read_is_a_success_that_could_not_be_read() {
    let server = Server::doing([Answer::new(201, vec![b' '; (16 << 20) + 1])]).await;
    let error = client(&server, &TestRuntime::new())
        .submit_registration(&submission())
        .await
        .unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::Accepted, ErrorKind::Unreadable)
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_says_so() {
    let server = Server::doing([
        status(307).header("location", "/elsewhere"),
        Answer::new(200, application_json("accepted").to_string()),
    ])
    .await;
    let error = client(&server, &TestRuntime::new())
        .get_application(&id())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(server.calls().len(), 1);
    assert!(error.to_string().contains("redirect"), "{error}");
}
