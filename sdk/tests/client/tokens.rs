//! Tokens: fetched once for everybody, renewed early, and once more when refused.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use lingminban::{
    Client, Outcome,
    api::{ProblemCode, TokenErrorCode},
    client::ErrorKind,
};

use tokio::sync::watch;

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Act, Answer, Seen, Server, token},
};

/// Numbers its tokens; calls with them succeed.
async fn numbering(expires_in: u32) -> Server {
    let issued = AtomicU32::new(0);
    Server::start(move |seen| {
        if seen.is_token() {
            token(
                &format!("token-{}", issued.fetch_add(1, Relaxed)),
                expires_in,
            )
            .into()
        } else {
            application("accepted").into()
        }
    })
    .await
}

fn tokens_used(server: &Server) -> Vec<String> {
    let bearer = |seen: &Seen| seen.header("authorization").unwrap().to_owned();
    server.calls().iter().map(bearer).collect()
}

async fn fifty_at_once(client: &Client) -> Vec<lingminban::client::Result<()>> {
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get_application(&id()).await.map(drop) })
        })
        .collect();
    let mut results = Vec::new();
    for call in calls {
        results.push(call.await.unwrap());
    }
    results
}

#[tokio::test]
async fn fifty_first_calls_fetch_one_token() {
    let server = numbering(7200).await;
    let results = fifty_at_once(&client(&server, &TestRuntime::new())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.token_calls().len(), 1);
}

#[tokio::test]
async fn fifty_first_calls_share_one_failure() {
    let server = Server::start(|_| Answer::new(401, r#"{"error":"invalid_client"}"#).into()).await;
    let results = fifty_at_once(&client(&server, &TestRuntime::new())).await;
    assert!(results.iter().all(|result| {
        result
            .as_ref()
            .is_err_and(|error| error.outcome() == Outcome::NotSent)
    }));
    // All fifty were waiting before the first answer came.
    assert_eq!(server.token_calls().len(), 1);
}

#[tokio::test]
async fn the_credential_travels_as_http_basic_and_nowhere_else() {
    let server = numbering(7200).await;
    let client = Client::builder()
        .base_url(server.url())
        .client_id("outlet:1")
        .client_secret("p+ss wörd")
        .build()
        .unwrap();
    client.get_application(&id()).await.unwrap();
    let fetch = &server.token_calls()[0];
    let credential = fetch
        .header("authorization")
        .unwrap()
        .strip_prefix("Basic ")
        .unwrap();
    // Form-encoded first (RFC 6749 §2.3.1), or the colon would be ambiguous.
    assert_eq!(
        BASE64_STANDARD.decode(credential).unwrap(),
        b"outlet%3A1:p%2Bss+w%C3%B6rd"
    );
    assert_eq!(fetch.body, b"grant_type=client_credentials");
    assert_eq!(tokens_used(&server), ["Bearer token-0"]);
}

#[tokio::test]
async fn a_token_is_used_until_a_tenth_of_its_life_is_left() {
    let server = numbering(1000).await;
    let runtime = TestRuntime::new();
    let client = client(&server, &runtime);
    for advance in [0, 899, 1, 0] {
        runtime.advance(Duration::from_secs(advance));
        client.get_application(&id()).await.unwrap();
    }
    assert_eq!(
        tokens_used(&server),
        ["token-0", "token-0", "token-1", "token-1"].map(|token| format!("Bearer {token}"))
    );
}

#[tokio::test]
async fn while_one_caller_renews_the_others_go_on_with_the_old_token() {
    let issued = Arc::new(AtomicU32::new(0));
    let (begun, renewing) = watch::channel(false);
    let server = Server::start(move |seen| {
        if !seen.is_token() {
            application("accepted").into()
        } else if issued.fetch_add(1, Relaxed) == 0 {
            token("old", 1000).into()
        } else {
            let begun = begun.clone();
            Act::Hang(Arc::new(move || begun.send_modify(|begun| *begun = true)))
        }
    })
    .await;
    let runtime = TestRuntime::new();
    let client = client(&server, &runtime);
    client.get_application(&id()).await.unwrap();
    runtime.advance(Duration::from_secs(950));

    let renewer = tokio::spawn({
        let client = client.clone();
        async move { client.get_application(&id()).await.map(drop) }
    });
    let mut renewing = renewing;
    renewing.wait_for(|begun| *begun).await.unwrap();
    client.get_application(&id()).await.unwrap();
    assert_eq!(tokens_used(&server), ["Bearer old", "Bearer old"]);
    assert_eq!(server.token_calls().len(), 2);
    renewer.abort();
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_old_token_in_use() {
    let issued = AtomicU32::new(0);
    let server = Server::start(move |seen| match issued.fetch_add(1, Relaxed) {
        0 => token("old", 1000).into(),
        _ if seen.is_token() => Answer::new(400, r#"{"error":"invalid_request"}"#).into(),
        _ => application("accepted").into(),
    })
    .await;
    let runtime = TestRuntime::new();
    let client = client(&server, &runtime);
    client.get_application(&id()).await.unwrap();
    runtime.advance(Duration::from_secs(900));
    client.get_application(&id()).await.unwrap();
    client.get_application(&id()).await.unwrap();
    // The third call does not pay for another try; half-way to the end there is one.
    assert_eq!(server.token_calls().len(), 2);
    runtime.advance(Duration::from_secs(50));
    client.get_application(&id()).await.unwrap();
    assert_eq!(server.token_calls().len(), 3);
    assert_eq!(server.calls().len(), 4);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_repeated() {
    for code in [ProblemCode::ExpiredToken, ProblemCode::InvalidToken] {
        let issued = AtomicU32::new(0);
        let server = Server::start(move |seen| {
            if seen.is_token() {
                token(&format!("token-{}", issued.fetch_add(1, Relaxed)), 7200).into()
            } else if seen.header("authorization") == Some("Bearer token-0") {
                problem(code).into()
            } else {
                filed().into()
            }
        })
        .await;
        let client = client(&server, &TestRuntime::new());
        client.submit_registration(&submission()).await.unwrap();
        assert_eq!(tokens_used(&server), ["Bearer token-0", "Bearer token-1"]);
        let calls = server.calls();
        assert_eq!(
            calls[0].header("idempotency-key"),
            calls[1].header("idempotency-key")
        );
    }
}

#[tokio::test]
async fn a_token_refused_twice_is_not_renewed_again() {
    let server = Server::start(|seen| {
        if seen.is_token() {
            token("t", 7200).into()
        } else {
            problem(ProblemCode::InvalidToken).into()
        }
    })
    .await;
    let error = client(&server, &TestRuntime::new())
        .submit_registration(&submission())
        .await
        .unwrap_err();
    assert_eq!(
        (error.outcome(), error.status()),
        (Outcome::Refused, Some(401))
    );
    assert_eq!((server.token_calls().len(), server.calls().len()), (2, 2));
}

#[tokio::test]
async fn fifty_refused_at_once_fetch_one_successor() {
    let issued = AtomicU32::new(0);
    let server = Server::start(move |seen| {
        if seen.is_token() {
            token(&format!("token-{}", issued.fetch_add(1, Relaxed)), 7200).into()
        } else if seen.header("authorization") == Some("Bearer token-0") {
            problem(ProblemCode::ExpiredToken).into()
        } else {
            application("accepted").into()
        }
    })
    .await;
    let results = fifty_at_once(&client(&server, &TestRuntime::new())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.token_calls().len(), 2);
}

#[tokio::test]
async fn a_refused_credential_is_named_and_nothing_was_sent() {
    let server = Server::start(|_| Answer::new(401, r#"{"error":"invalid_client"}"#).into()).await;
    let error = client(&server, &TestRuntime::new())
        .submit_registration(&submission())
        .await
        .unwrap_err();
    assert_eq!(
        (error.outcome(), error.kind()),
        (Outcome::NotSent, ErrorKind::Token)
    );
    assert_eq!(*error.token_error().unwrap(), TokenErrorCode::InvalidClient);
    assert_eq!(error.operation(), "submit_registration");
    let text = error.to_string();
    assert!(
        text.contains("invalid_client") && text.contains("client_secret"),
        "{text}"
    );
    assert_eq!(server.calls().len(), 0);
}

#[tokio::test]
async fn a_token_answer_that_cannot_be_used_is_a_failed_fetch() {
    for body in [
        "{",
        r#"{"access_token":"a","token_type":"mac","expires_in":1,"scope":""}"#,
        r#"{"access_token":"a\nb","token_type":"Bearer","expires_in":1,"scope":""}"#,
    ] {
        let server = Server::start(move |_| Answer::new(200, body).into()).await;
        let error = client(&server, &TestRuntime::new())
            .get_application(&id())
            .await
            .unwrap_err();
        assert_eq!(
            (error.outcome(), error.kind()),
            (Outcome::NotSent, ErrorKind::Token),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_fetch_is_repeated_like_a_read() {
    let asked = AtomicU32::new(0);
    let server = Server::start(move |seen| match asked.fetch_add(1, Relaxed) {
        0 => Act::Drop,
        1 => problem(ProblemCode::RateLimited).into(),
        _ if seen.is_token() => token("t", 7200).into(),
        _ => application("accepted").into(),
    })
    .await;
    client(&server, &TestRuntime::new())
        .get_application(&id())
        .await
        .unwrap();
    assert_eq!(server.token_calls().len(), 3);
}

#[tokio::test]
async fn a_cancelled_fetch_leaves_the_way_free() {
    let asked = AtomicU32::new(0);
    let (begun, mut fetching) = watch::channel(false);
    let server = Server::start(move |seen| match asked.fetch_add(1, Relaxed) {
        0 => {
            let begun = begun.clone();
            Act::Hang(Arc::new(move || begun.send_modify(|begun| *begun = true)))
        }
        _ if seen.is_token() => token("t", 7200).into(),
        _ => application("accepted").into(),
    })
    .await;
    let client = client(&server, &TestRuntime::new());
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.get_application(&id()).await.map(drop) }
    });
    fetching.wait_for(|begun| *begun).await.unwrap();
    first.abort();
    client.get_application(&id()).await.unwrap();
}

#[tokio::test]
async fn a_renewal_that_hangs_leaves_time_to_go_on_with_the_old_token() {
    let runtime = TestRuntime::new();
    let slow = Arc::clone(&runtime);
    let issued = AtomicU32::new(0);
    let server = Server::start(move |seen| match issued.fetch_add(1, Relaxed) {
        0 => token("old", 1000).into(),
        _ if seen.is_token() => {
            let slow = Arc::clone(&slow);
            Act::Hang(Arc::new(move || slow.advance(WHOLE / 3)))
        }
        _ => application("accepted").into(),
    })
    .await;
    let client = client(&server, &runtime);
    client.get_application(&id()).await.unwrap();
    runtime.advance(Duration::from_secs(900));
    client.get_application(&id()).await.unwrap();
    assert_eq!(tokens_used(&server), ["Bearer old", "Bearer old"]);
}

#[tokio::test]
async fn a_late_refusal_of_an_old_token_does_not_cost_its_successor() {
    let (issued, called) = (AtomicU32::new(0), AtomicU32::new(0));
    let (release, released) = watch::channel(false);
    let (arrived, mut arrival) = watch::channel(false);
    let server = Server::start(move |seen| {
        if seen.is_token() {
            return token(&format!("token-{}", issued.fetch_add(1, Relaxed)), 7200).into();
        }
        match called.fetch_add(1, Relaxed) {
            0 => {
                arrived.send_modify(|arrived| *arrived = true);
                Act::Later(released.clone(), problem(ProblemCode::ExpiredToken))
            }
            1 => problem(ProblemCode::ExpiredToken).into(),
            _ => application("accepted").into(),
        }
    })
    .await;
    let client = client(&server, &TestRuntime::new());
    let slow = tokio::spawn({
        let client = client.clone();
        async move { client.get_application(&id()).await.map(drop) }
    });
    arrival.wait_for(|arrived| *arrived).await.unwrap();
    client.get_application(&id()).await.unwrap();
    release.send_modify(|released| *released = true);
    slow.await.unwrap().unwrap();
    assert_eq!(server.token_calls().len(), 2);
}
