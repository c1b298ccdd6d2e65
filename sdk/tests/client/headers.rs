//! What goes along with each request, and what does not.

use lingminban::{
    Client,
    api::{MaterialKind, Scan, ScanFormat},
    client::{CallContext, WrongContext},
    text::Language,
};

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Act, Answer, Server},
};

#[tokio::test]
async fn language_and_agent_are_said_with_every_request_the_tokens_included() {
    let table = [
        (
            Language::Chinese,
            None,
            "zh-CN",
            concat!("lingminban-rust/", env!("CARGO_PKG_VERSION")),
        ),
        (
            Language::English,
            Some("my-dms/3.2"),
            "en",
            concat!("my-dms/3.2 lingminban-rust/", env!("CARGO_PKG_VERSION")),
        ),
    ];
    for (language, agent, expected_language, expected_agent) in table {
        let server = Server::doing([application("accepted")]).await;
        let client = Client::builder()
            .base_url(server.url())
            .client_id("a")
            .client_secret("b")
            .language(language)
            .maybe_user_agent(agent)
            .build()
            .unwrap();
        client.get_application(&id()).await.unwrap();
        for seen in [&server.calls()[0], &server.token_calls()[0]] {
            assert_eq!(seen.header("accept-language"), Some(expected_language));
            assert_eq!(seen.header("user-agent"), Some(expected_agent));
        }
    }
}

#[tokio::test]
async fn each_call_has_a_request_id_of_its_own_unless_the_partner_gives_one() {
    let server = Server::doing(vec![application("accepted"); 3]).await;
    let client = client(&server, &TestRuntime::new());
    client.get_application(&id()).await.unwrap();
    client.get_application(&id()).await.unwrap();
    let context = CallContext::new()
        .request_id("order-4711")
        .unwrap()
        .traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .unwrap();
    client
        .in_context(context)
        .get_application(&id())
        .await
        .unwrap();

    let calls = server.calls();
    let ids: Vec<_> = calls
        .iter()
        .map(|call| call.header("x-request-id").unwrap())
        .collect();
    assert_eq!(ids[0].len(), 36);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[2], "order-4711");
    assert_eq!(calls[0].header("traceparent"), None);
    assert_eq!(
        calls[2].header("traceparent"),
        Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    );
}

#[test]
fn identifiers_that_cannot_travel_are_refused() {
    for id in ["", "a b", "编号", "a\nb", &"x".repeat(129)] {
        assert_eq!(
            CallContext::new().request_id(id).unwrap_err(),
            WrongContext::RequestId
        );
    }
    for traceparent in [
        "",
        "00",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-1-2-3",
    ] {
        let error = CallContext::new().traceparent(traceparent).unwrap_err();
        assert_eq!(error, WrongContext::Traceparent);
    }
}

#[tokio::test]
async fn a_material_goes_out_as_it_is_with_its_digest() {
    let server = Server::doing([Answer::new(
        200,
        r#"{"kind":"origin_proof","state":"received"}"#,
    )])
    .await;
    let scan = Scan {
        format: ScanFormat::Png,
        bytes: b"hello world".to_vec(),
    };
    client(&server, &TestRuntime::new())
        .put_material(&id(), MaterialKind::OriginProof, scan)
        .await
        .unwrap();
    let seen = &server.calls()[0];
    assert_eq!(
        (seen.method.as_str(), seen.body.as_slice()),
        ("PUT", &b"hello world"[..])
    );
    assert_eq!(seen.header("content-type"), Some("image/png"));
    // The digest of this text is in many a book.
    assert_eq!(
        seen.header("content-digest"),
        Some("sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:")
    );
}

#[tokio::test]
async fn a_path_in_the_address_stays_in_front() {
    let server = Server::start(|seen| match seen.target.as_str() {
        "/lmb/api/oauth2/token" => crate::server::token("t", 7200).into(),
        "/lmb/api/v1/applications/3703010000001" => application("accepted").into(),
        _ => Act::Drop,
    })
    .await;
    for address in [
        format!("{}/lmb/api", server.url()),
        format!("{}/lmb/api/", server.url()),
    ] {
        let client = Client::builder()
            .base_url(address)
            .client_id("a")
            .client_secret("b")
            .build()
            .unwrap();
        client.get_application(&id()).await.unwrap();
    }
}

#[cfg(feature = "control")]
use lingminban::api::{
    NoBody, NoParams,
    control::{GetCatalogue, ListSpaces},
};

#[cfg(feature = "control")]
#[tokio::test]
async fn a_call_that_anyone_may_make_needs_no_token() {
    let server = Server::doing([Answer::new(200, r#"{"items":[]}"#)]).await;
    let client = client(&server, &TestRuntime::new());
    let none = NoParams {};
    let reply = client.call::<GetCatalogue>(&none, &none, &NoBody, None);
    reply.await.unwrap();
    assert_eq!(server.token_calls().len(), 0);
    assert_eq!(server.calls()[0].header("authorization"), None);
}

#[cfg(feature = "control")]
#[tokio::test]
async fn an_admin_shows_the_secret_itself() {
    let server = Server::doing([Answer::new(200, r#"{"items":[]}"#)]).await;
    let client = client(&server, &TestRuntime::new());
    let none = NoParams {};
    let reply = client
        .call::<ListSpaces>(&none, &Default::default(), &NoBody, None)
        .await;
    reply.unwrap();
    assert_eq!(server.token_calls().len(), 0);
    let shown = server.calls()[0].header("authorization").map(str::to_owned);
    assert_eq!(shown.as_deref(), Some(&*format!("Bearer {SECRET}")));
}
