//! Events are followed from a stored cursor, through pauses and failures, each once.

use std::time::Duration;

use lingminban::{
    api::{Cursor, EventType, ProblemCode},
    client::{ErrorKind, EventStream, RetryPolicy},
};
use serde_json::{Value, json};

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Act, Answer, Server},
};

pub(crate) fn events(ids: &[&str], next: &str, has_more: bool) -> Act {
    let items: Vec<Value> = ids
        .iter()
        .map(|id| {
            json!({
                "event_id": id, "type": "application.accepted", "cursor": format!("after-{id}"),
                "occurred_at": "2026-03-02T09:00:00+08:00", "application_id": "3703010000001",
            })
        })
        .collect();
    let page = json!({"items": items, "next_cursor": next, "has_more": has_more});
    Answer::new(200, page.to_string()).into()
}

fn cursor(text: &str) -> Cursor {
    text.parse().unwrap()
}

/// The next so many events as `id after cursor`.
async fn next(stream: &mut EventStream, count: usize) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..count {
        let followed = stream.next().await.unwrap().unwrap();
        assert!(followed.event.cursor.is_none());
        told.push(format!("{} {}", followed.event.event_id, followed.cursor));
    }
    told
}

fn targets(server: &Server) -> Vec<String> {
    server.calls().into_iter().map(|seen| seen.target).collect()
}

#[tokio::test]
async fn page_after_page_then_pause_after_pause() {
    let server = Server::doing([
        events(&["e1", "e2"], "after-e2", true),
        events(&["e3"], "beyond-e3", false),
        events(&[], "beyond-e3", false),
        events(&[], "later", false),
        events(&["e4"], "after-e4", false),
    ])
    .await;
    let runtime = TestRuntime::new();
    let mut stream = client(&server, &runtime)
        .events(Some(cursor("stored")))
        .poll_interval(Duration::from_secs(7));
    assert_eq!(
        next(&mut stream, 4).await,
        ["e1 after-e1", "e2 after-e2", "e3 after-e3", "e4 after-e4"]
    );
    assert_eq!(
        targets(&server),
        [
            "/v1/events?cursor=stored&page_size=100",
            "/v1/events?cursor=after-e2&page_size=100",
            "/v1/events?cursor=beyond-e3&page_size=100",
            "/v1/events?cursor=beyond-e3&page_size=100",
            "/v1/events?cursor=later&page_size=100",
        ]
    );
    assert_eq!(runtime.pauses(), [Duration::from_secs(7); 3]);
    assert_eq!(stream.cursor(), Some(&cursor("after-e4")));
}

#[tokio::test]
async fn from_the_beginning_through_a_filter_until_all_is_read() {
    let server = Server::doing([events(&[], "c1", true), events(&["e1"], "c2", false)]).await;
    let runtime = TestRuntime::new();
    let mut stream = client(&server, &runtime)
        .events(None)
        .of_type(EventType::ApplicationCompleted)
        .of_application(id())
        .until_read();
    assert_eq!(next(&mut stream, 1).await, ["e1 after-e1"]);
    assert!(stream.next().await.is_none());
    assert!(stream.next().await.is_none());
    assert_eq!(stream.cursor(), Some(&cursor("c2")));
    let filter = "page_size=100&type=application.completed&application_id=3703010000001";
    assert_eq!(
        targets(&server),
        [
            format!("/v1/events?{filter}"),
            format!("/v1/events?cursor=c1&{filter}"),
        ]
    );
    assert!(runtime.pauses().is_empty());
}

#[tokio::test]
async fn a_platform_that_promises_more_and_gives_nothing_is_not_asked_without_pause() {
    let server = Server::doing([
        events(&[], "c1", true),
        events(&[], "c1", true),
        events(&["e1"], "c2", false),
    ])
    .await;
    let runtime = TestRuntime::new();
    let mut stream = client(&server, &runtime).events(None);
    next(&mut stream, 1).await;
    assert_eq!(runtime.pauses(), [Duration::from_secs(10)]);
}

#[tokio::test]
async fn a_failure_that_may_pass_is_retried_then_told_then_waited_out() {
    let server = Server::doing([
        // Within one request.
        status(502).into(),
        events(&["e1"], "after-e1", true),
        // A request that fails.
        status(502).into(),
        Act::Drop,
        // After which the stream goes on where it was.
        events(&["e2"], "after-e2", false),
    ])
    .await;
    let runtime = TestRuntime::new();
    let twice = RetryPolicy::builder()
        .max_attempts(2)
        .base_backoff(Duration::ZERO)
        .build();
    let mut stream = client_retrying(&server, &runtime, twice).events(None);
    next(&mut stream, 1).await;
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.operation(), "list_events");
    assert_eq!(next(&mut stream, 1).await, ["e2 after-e2"]);
    assert_eq!(
        targets(&server)[4],
        "/v1/events?cursor=after-e1&page_size=100"
    );
    assert!(runtime.pauses().contains(&Duration::from_secs(10)));
}

#[tokio::test]
async fn a_refusal_ends_the_stream() {
    let server = Server::doing([problem(ProblemCode::InvalidCursor)]).await;
    let mut stream = client(&server, &TestRuntime::new()).events(Some(cursor("foreign")));
    assert_eq!(
        stream.next().await.unwrap().unwrap_err().status(),
        Some(400)
    );
    assert!(stream.next().await.is_none());
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn an_event_without_its_cursor_is_not_passed_over_in_silence() {
    let event = json!({"event_id": "e1", "type": "t", "occurred_at": "2026-03-02T09:00:00+08:00"});
    let page = json!({"items": [event], "next_cursor": "c", "has_more": false});
    let server = Server::doing([Answer::new(200, page.to_string())]).await;
    let mut stream = client(&server, &TestRuntime::new()).events(None);
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreadable);
    assert!(stream.next().await.is_none());
    assert_eq!(stream.cursor(), None);
}

#[tokio::test]
async fn waiting_may_be_cancelled_without_losing_an_event() {
    let (ready, when) = tokio::sync::watch::channel(false);
    let Act::Answer(late) = events(&["e1"], "after-e1", false) else {
        unreachable!()
    };
    let server = Server::doing([Act::Later(when, late)]).await;
    let mut stream = client(&server, &TestRuntime::new()).events(None);
    tokio::select! {
        biased;
        _ = stream.next() => unreachable!("the answer is not there yet"),
        () = async {
            while server.calls().is_empty() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    ready.send(true).unwrap();
    assert_eq!(next(&mut stream, 1).await, ["e1 after-e1"]);
    assert_eq!(server.calls().len(), 1);
}
