//! Three timeouts, none of which overruns.

use std::{sync::Arc, time::Duration};

use lingminban::{
    Client, Outcome,
    client::{ErrorKind, Proxy, RetryPolicy, Stopped},
};
use tokio::net::TcpListener;

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Act, Answer, Server, one_after_the_other},
};

/// Never answers; meanwhile this much time passes.
fn hang(runtime: &Arc<TestRuntime>, duration: Duration) -> Act {
    let runtime = Arc::clone(runtime);
    Act::Hang(Arc::new(move || runtime.advance(duration)))
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_given_up_and_repeated() {
    let runtime = TestRuntime::with_random([0; 100]);
    let server = Server::doing([hang(&runtime, ATTEMPT), filed().into()]).await;
    client(&server, &runtime)
        .submit_registration(&submission())
        .await
        .unwrap();
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn an_answer_whose_body_stalls_is_given_up() {
    let runtime = TestRuntime::new();
    let slow = Arc::clone(&runtime);
    // More than sockets hold back: once it is written, the client has read the head.
    let long = Answer::new(201, vec![b' '; 15 << 20]);
    let server = Server::doing([Act::Stall(long, Arc::new(move || slow.advance(ATTEMPT)))]).await;
    let client = client_retrying(&server, &runtime, RetryPolicy::never());
    let error = client.submit_registration(&submission()).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::Accepted, ErrorKind::CutOff)
    );
}

#[tokio::test]
async fn the_whole_timeout_cuts_the_last_attempt_short() {
    let runtime = TestRuntime::with_random([0; 100]);
    // Two attempts use 60 of 90 seconds; a third may take 30, and the fourth has no time left.
    let server = Server::doing(vec![hang(&runtime, ATTEMPT); 4]).await;
    let error = client(&server, &runtime)
        .submit_registration(&submission())
        .await
        .unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::Unknown, ErrorKind::Timeout)
    );
    assert_eq!(
        (error.attempts(), error.stopped()),
        (3, Some(Stopped::Deadline))
    );
}

#[tokio::test]
async fn an_attempt_late_in_the_call_gets_only_the_time_left() {
    let runtime = TestRuntime::with_random([0; 100]);
    let late = Arc::clone(&runtime);
    let server = Server::start(one_after_the_other([
        status(503).header("retry-after", "80").into(),
        // Ten seconds later the call's ninety are over, though an attempt may take thirty.
        Act::Hang(Arc::new(move || late.advance(Duration::from_secs(10)))),
    ]))
    .await;
    let error = client(&server, &runtime)
        .get_application(&id())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 2));
}

#[tokio::test]
async fn a_pause_that_would_overrun_is_not_begun() {
    let runtime = TestRuntime::new();
    let server = Server::doing([status(503).header("retry-after", "90")]).await;
    let error = client(&server, &runtime)
        .get_application(&id())
        .await
        .unwrap_err();
    assert_eq!(error.stopped(), Some(Stopped::Deadline));
    assert_eq!(error.retry_after(), Some(WHOLE));
    assert!(runtime.pauses().is_empty());
}

#[tokio::test]
async fn fetching_the_token_counts_towards_the_whole() {
    let runtime = TestRuntime::new();
    let slow = Arc::clone(&runtime);
    let server = Server::start(move |_| {
        let slow = Arc::clone(&slow);
        Act::Hang(Arc::new(move || slow.advance(WHOLE)))
    })
    .await;
    let error = client(&server, &runtime)
        .submit_registration(&submission())
        .await
        .unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::NotSent, ErrorKind::Token)
    );
    assert_eq!(server.calls().len(), 0);
}

/// Connecting runs on the machine's own timer, the only one in these tests: a listener that never
/// shakes hands, and the shortest timeout there is.
#[tokio::test]
async fn connecting_that_takes_too_long_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = Client::builder()
        .base_url(format!("https://127.0.0.1:{port}"))
        .client_id("a")
        .client_secret("b")
        .proxy(Proxy::Off)
        .retry(RetryPolicy::never())
        .connect_timeout(Duration::from_millis(1))
        .runtime(TestRuntime::new())
        .build()
        .unwrap();
    let error = call_without_token(&client).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::NotSent, ErrorKind::Connect)
    );
    assert!(error.to_string().contains("timed out"), "{error}");
}
