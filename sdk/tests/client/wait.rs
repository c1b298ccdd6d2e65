//! Waiting polls as the platform asks, and ends.

use std::time::Duration;

use lingminban::{
    Outcome,
    api::{ApplicationStatus, ProblemCode},
    client::{ErrorKind, WaitOptions},
};

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Act, Answer, Server},
};

fn polled(status: &str, poll_after_ms: u32) -> Act {
    let mut body = application_json(status);
    body["poll_after_ms"] = poll_after_ms.into();
    Answer::new(200, body.to_string()).into()
}

fn seconds(seconds: &[u64]) -> Vec<Duration> {
    seconds.iter().copied().map(Duration::from_secs).collect()
}

#[tokio::test]
async fn until_nothing_can_follow() {
    for end in [
        "completed",
        "refused",
        "not_accepted",
        "withdrawn",
        "lapsed",
    ] {
        let server = Server::doing([
            polled("accepted", 3000),
            polled("supplement_required", 5000),
            polled("state_of_tomorrow", 7000),
            application("in_review").into(),
            application(end).into(),
        ])
        .await;
        let runtime = TestRuntime::new();
        let application = client(&server, &runtime)
            .wait(&id(), WaitOptions::default())
            .await
            .unwrap();
        assert_eq!(application.status.as_str(), end);
        assert_eq!(runtime.pauses(), seconds(&[3, 5, 7, 2]));
    }
}

#[tokio::test]
async fn until_the_caller_is_satisfied_or_nothing_can_follow() {
    let wanted = |application: &lingminban::api::Application| {
        application.status == ApplicationStatus::SupplementRequired
    };
    for end in ["supplement_required", "refused"] {
        let server = Server::doing([polled("accepted", 1000), polled(end, 1000)]).await;
        let application = client(&server, &TestRuntime::new())
            .wait_until(&id(), WaitOptions::default(), wanted)
            .await
            .unwrap();
        assert_eq!(application.status.as_str(), end);
    }
}

#[tokio::test]
async fn neither_in_haste_nor_for_ages() {
    let server = Server::doing([
        polled("accepted", 0),
        polled("accepted", u32::MAX),
        application("completed").into(),
    ])
    .await;
    let runtime = TestRuntime::new();
    client(&server, &runtime)
        .wait(&id(), WaitOptions::default())
        .await
        .unwrap();
    assert_eq!(
        runtime.pauses(),
        [Duration::from_millis(100), Duration::from_secs(60)]
    );
}

#[tokio::test]
async fn no_longer_than_the_deadline() {
    let server = Server::doing(vec![polled("in_review", 4000); 10]).await;
    let runtime = TestRuntime::new();
    let options = WaitOptions::builder()
        .deadline(Duration::from_secs(10))
        .build();
    let error = client(&server, &runtime)
        .wait(&id(), options)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::NotYet, Outcome::Accepted)
    );
    assert_eq!(
        error.last_seen().unwrap().status,
        ApplicationStatus::InReview
    );
    assert_eq!(runtime.pauses(), seconds(&[4, 4]));
}

#[tokio::test]
async fn through_the_platforms_bad_minutes() {
    let mut acts: Vec<Act> = vec![status(502).into(); 4];
    acts.push(application("completed").into());
    let server = Server::doing(acts).await;
    client(&server, &TestRuntime::new())
        .wait(&id(), WaitOptions::default())
        .await
        .unwrap();
    assert_eq!(server.calls().len(), 5);
}

#[tokio::test]
async fn through_a_time_without_tokens_but_not_without_a_credential() {
    for (refusal, goes_on) in [
        (status(502), true),
        (Answer::new(401, r#"{"error":"invalid_client"}"#), false),
    ] {
        let asked = std::sync::atomic::AtomicU32::new(0);
        let server = Server::start(move |seen| {
            let first = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 4;
            match (first, seen.is_token()) {
                (true, _) => refusal.clone().into(),
                (false, true) => crate::server::token("t", 7200).into(),
                (false, false) => application("completed").into(),
            }
        })
        .await;
        let client = client(&server, &TestRuntime::new());
        let waited = client.wait(&id(), WaitOptions::default()).await;
        assert_eq!(waited.is_ok(), goes_on);
    }
}

#[tokio::test]
async fn but_not_through_a_refusal() {
    let server = Server::doing([problem(ProblemCode::ApplicationNotFound)]).await;
    let error = client(&server, &TestRuntime::new())
        .wait(&id(), WaitOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(404));
}

#[tokio::test]
async fn what_could_never_be_read_is_told_as_that() {
    let server = Server::start(|seen| {
        if seen.is_token() {
            crate::server::token("t", 7200).into()
        } else {
            status(502).into()
        }
    })
    .await;
    let options = WaitOptions::builder()
        .deadline(Duration::from_secs(10))
        .build();
    let error = client(&server, &TestRuntime::new())
        .wait(&id(), options)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Status, Some(502))
    );
}
