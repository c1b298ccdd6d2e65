//! Requests, answers and clients that tests share.

use std::{sync::Arc, time::Duration};

use lingminban::{
    Client, Submission,
    api::{
        Application, ApplicationId, Form, IssueToken, NoParams, Open, Operation, Problem,
        ProblemCode, ProblemError, RegistrationRequest, SubmitRegistration, SubmitTransfer,
        TokenRequest, TransferRequest,
    },
    client::RetryPolicy,
    text::Language,
};
use serde_json::json;

use crate::{
    runtime::TestRuntime,
    server::{Answer, Server},
};

pub(crate) const SECRET: &str = "s3cret-of-the-partner";

/// A call that needs no token fetched before.
pub(crate) async fn call_without_token(client: &Client) -> lingminban::client::Result<()> {
    let form: TokenRequest =
        serde_json::from_value(json!({"grant_type": "client_credentials"})).unwrap();
    let none = NoParams {};
    let reply = client
        .call::<IssueToken>(&none, &none, &Form(form), None)
        .await;
    reply.map(drop)
}

/// A client of this server, on this clock.
pub(crate) fn client(server: &Server, runtime: &Arc<TestRuntime>) -> Client {
    client_retrying(server, runtime, RetryPolicy::default())
}

pub(crate) fn client_retrying(
    server: &Server,
    runtime: &Arc<TestRuntime>,
    retry: RetryPolicy,
) -> Client {
    Client::builder()
        .base_url(server.url())
        .client_id("zb-dealer-001")
        .client_secret(SECRET)
        .runtime(Arc::clone(runtime) as _)
        .retry(retry)
        .build()
        .unwrap()
}

/// Whole timeout of [`client`].
pub(crate) const WHOLE: Duration = Duration::from_secs(90);
/// Attempt timeout of [`client`].
pub(crate) const ATTEMPT: Duration = Duration::from_secs(30);

pub(crate) fn registration() -> RegistrationRequest {
    serde_json::from_str(SubmitRegistration::EXAMPLES[0].json).unwrap()
}

pub(crate) fn transfer() -> TransferRequest {
    serde_json::from_str(SubmitTransfer::EXAMPLES[0].json).unwrap()
}

pub(crate) fn submission() -> Submission<RegistrationRequest> {
    Submission::new(registration())
}

pub(crate) fn id() -> ApplicationId {
    "3703010000001".parse().unwrap()
}

pub(crate) fn application_json(status: &str) -> serde_json::Value {
    json!({
        "application_id": "3703010000001",
        "service": "registration",
        "status": status,
        "status_since": "2026-03-02T09:00:00+08:00",
        "partner_reference": "DMS-2026-000123",
        "outlet_id": "zb-dealer-001",
        "operator_id": "zb-dealer-001-1",
        "created_at": "2026-03-02T09:00:00+08:00",
        "required_materials": [],
        "findings": [],
        "member_of_tomorrow": {"ignored": true},
    })
}

pub(crate) fn application(status: &str) -> Answer {
    Answer::new(200, application_json(status).to_string()).header("x-request-id", "answered-id")
}

/// 201 with an application.
pub(crate) fn filed() -> Answer {
    Answer {
        status: 201,
        ..application("accepted")
    }
}

pub(crate) fn problem(code: ProblemCode) -> Answer {
    let problem = Problem::new(code, Language::Chinese, "/v1/registrations", "answered-id");
    Answer::new(
        code.status().as_u16(),
        serde_json::to_string(&problem).unwrap(),
    )
    .header("content-type", "application/problem+json")
    .header("x-request-id", "answered-id")
}

/// A problem of the future: its code is unknown, its texts are the platform's own.
pub(crate) fn talkative_problem(text: &str) -> Answer {
    let mut problem = Problem::new(
        ProblemCode::ValidationFailed,
        Language::Chinese,
        text,
        "answered-id",
    );
    problem.title = text.to_owned();
    problem.detail = text.to_owned();
    problem.code = Open::Unknown(text.into());
    problem.errors = vec![
        ProblemError {
            pointer: Some(format!("/owner/{text}")),
            code: text.to_owned(),
            message: text.to_owned(),
            rule: Some(text.to_owned()),
            ..ProblemError::default()
        },
        ProblemError {
            pointer: Some("/owner/identity_number".to_owned()),
            code: "check_digit".to_owned(),
            message: text.to_owned(),
            ..ProblemError::default()
        },
    ];
    Answer::new(422, serde_json::to_string(&problem).unwrap())
}

pub(crate) fn status(status: u16) -> Answer {
    Answer::new(status, "<html>gateway</html>")
}

pub(crate) fn parsed(status: &str) -> Application {
    serde_json::from_value(application_json(status)).unwrap()
}
