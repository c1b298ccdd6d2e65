//! Nothing personal and nothing secret shows: by type, and in whatever the platform answers.

use std::error::Error as _;

use lingminban::{
    Client, Submission,
    client::{ClientIdentity, Error, Proxy, RetryPolicy},
};

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Act, Answer, Server},
};

/// What must not show: the texts of the owner, and every secret of the client.
fn forbidden() -> Vec<String> {
    let owner = serde_json::to_value(&registration().owner).unwrap();
    let mut texts: Vec<String> = [
        "/name",
        "/identity_number",
        "/mobile_number",
        "/address/detail",
    ]
    .iter()
    .map(|member| owner.pointer(member).unwrap().as_str().unwrap().to_owned())
    .collect();
    texts.extend([SECRET, "proxy-password", "PRIVATE KEY", "the-token"].map(str::to_owned));
    texts
}

fn shows_nothing(what: &str, shown: &str) {
    for text in forbidden() {
        assert!(!shown.contains(&text), "{what} shows {text}: {shown}");
    }
}

fn every_text_of(error: &Error) -> String {
    format!(
        "{error} {error:?} {error:#?} {:?}",
        error.source().map(ToString::to_string)
    )
}

#[test]
fn a_submission_shows_no_personal_data() {
    shows_nothing("submission", &format!("{:?}", submission()));
    shows_nothing("transfer", &format!("{:?}", Submission::new(transfer())));
}

#[test]
fn configuration_and_client_show_no_secret() {
    let key = rcgen::KeyPair::generate().unwrap();
    let builder = || {
        Client::builder()
            .base_url("http://127.0.0.1:1")
            .client_id("a")
            .client_secret(SECRET)
            .proxy(Proxy::url("http://user:proxy-password@127.0.0.1:1"))
            .client_identity(ClientIdentity::from_pem("certificate", key.serialize_pem()))
    };
    shows_nothing("config", &format!("{:?}", builder().config()));
    let client = Client::builder()
        .base_url("http://127.0.0.1:1")
        .client_id("a")
        .client_secret(SECRET)
        .proxy(Proxy::url("http://user:proxy-password@127.0.0.1:1"))
        .build()
        .unwrap();
    shows_nothing("client", &format!("{client:?}"));
    shows_nothing(
        "configuration error",
        &format!("{0} {0:?}", builder().build().unwrap_err()),
    );
}

#[tokio::test]
async fn an_error_shows_nothing_the_platform_says_in_its_own_words() {
    for text in forbidden() {
        let acts: Vec<Act> = vec![
            talkative_problem(&text).into(),
            Answer::new(201, format!(r#"{{"application_id":"{text}","status":7}}"#)).into(),
            Answer::new(201, format!(r#""{text}""#)).into(),
            Answer::new(403, text.clone()).into(),
            status(302)
                .header("location", format!("/login?{SECRET}"))
                .into(),
            Act::CutOff(Answer::new(201, text.clone())),
        ];
        for act in acts {
            let server = Server::doing([act]).await;
            let client = client_retrying(&server, &TestRuntime::new(), RetryPolicy::never());
            let error = client.submit_registration(&submission()).await.unwrap_err();
            shows_nothing("error", &every_text_of(&error));
        }
    }
}

#[tokio::test]
async fn an_error_shows_places_and_codes() {
    let server = Server::doing([talkative_problem("13800000000")]).await;
    let error = client(&server, &TestRuntime::new())
        .submit_registration(&submission())
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.ends_with("; ? ?; /owner/identity_number check_digit"),
        "{text}"
    );
    // The whole of it is there for those who ask.
    assert_eq!(error.problem().unwrap().errors.len(), 2);
}

#[tokio::test]
async fn an_error_of_a_broken_connection_does_not_show_its_address() {
    let server = Server::doing([Act::Drop]).await;
    let client = client_retrying(&server, &TestRuntime::new(), RetryPolicy::never());
    let vin = registration().vehicle.vin;
    let error = client.get_vehicle(&vin).await.unwrap_err();
    let shown = every_text_of(&error);
    assert!(!shown.contains(vin.as_str()), "{shown}");
}

#[tokio::test]
async fn a_request_id_that_is_no_identifier_is_not_taken() {
    let server = Server::doing([status(403).header("x-request-id", "the name is in here")]).await;
    let error = client(&server, &TestRuntime::new())
        .get_application(&id())
        .await
        .unwrap_err();
    assert_eq!(error.request_id(), server.calls()[0].header("x-request-id"));
}

#[tokio::test]
async fn texts_are_in_both_languages() {
    let server = Server::doing([problem(lingminban::api::ProblemCode::AlreadySubmitted)]).await;
    let error = client(&server, &TestRuntime::new())
        .submit_registration(&submission())
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("该合作单位业务编号已经提交过") && text.contains("submitted before"),
        "{text}"
    );
}
