//! Traces name the operation, count attempts, and show nothing that identifies anybody.

use std::{cell::RefCell, io::Write, sync::Once};

use lingminban::{api::ProblemCode, codes::PlateKind, identifiers::PlateNumber};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::{
    fixtures::*,
    runtime::TestRuntime,
    server::{Answer, Server},
};

thread_local! {
    /// What this thread traces while somebody listens.
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| {
            if let Some(log) = log {
                log.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything that is traced meanwhile, to the last detail. A test runs on one thread.
///
/// One subscriber for the whole program: where each test sets its own, what another thread reaches
/// just then may be noted as of interest to nobody.
async fn traced(run: impl Future<Output = ()>) -> String {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_writer(|| Log)
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    LOG.set(Some(Vec::new()));
    run.await;
    String::from_utf8(LOG.take().unwrap()).unwrap()
}

#[tokio::test]
async fn a_call_is_one_span_in_opentelemetrys_words() {
    let server = Server::doing([status(503), filed()]).await;
    let client = client(&server, &TestRuntime::new());
    let log = traced(async {
        client.submit_registration(&submission()).await.unwrap();
    })
    .await;
    let port = format!("server.port={}", server.port);
    let closed = log
        .lines()
        .find(|line| line.contains(": close") && !line.contains("issue_token"))
        .unwrap();
    for part in [
        r#"otel.name="submit_registration""#,
        r#"otel.kind="client""#,
        r#"http.request.method="POST""#,
        r#"url.template="/v1/registrations""#,
        r#"server.address="127.0.0.1""#,
        &port,
        "http.response.status_code=201",
        "http.request.resend_count=1",
    ] {
        assert!(closed.contains(part), "{part} in {closed}");
    }
    assert!(log.contains("attempt failed, trying again"), "{log}");
    assert!(log.contains(r#"otel.name="issue_token""#), "{log}");
}

#[tokio::test]
async fn a_failure_is_named_by_its_code() {
    let server = Server::doing([problem(ProblemCode::VehicleInProcess)]).await;
    let client = client(&server, &TestRuntime::new());
    let log = traced(async {
        client.submit_registration(&submission()).await.unwrap_err();
    })
    .await;
    assert!(log.contains(r#"error.type="vehicle_in_process""#), "{log}");
}

#[tokio::test]
async fn nothing_personal_is_traced() {
    let server = Server::doing([
        filed(),
        Answer::new(200, r#"{"items":[]}"#),
        problem(ProblemCode::VehicleNotFound),
    ])
    .await;
    let client = client(&server, &TestRuntime::new());
    let plate: PlateNumber = "鲁C12345".parse().unwrap();
    let request = registration();
    let vin = request.vehicle.vin;
    let log = traced(async {
        client.submit_registration(&submission()).await.unwrap();
        client
            .find_vehicle(PlateKind::SmallVehicle, &plate)
            .await
            .unwrap();
        client.get_vehicle(&vin).await.unwrap_err();
    })
    .await;
    let owner = serde_json::to_value(&request.owner).unwrap();
    let name = owner["name"].as_str().unwrap();
    let number = owner["identity_number"].as_str().unwrap();
    for secret in [
        vin.as_str(),
        "12345",
        "%E9",
        name,
        number,
        SECRET,
        "Bearer",
        "Basic",
    ] {
        // The transport's own crates trace too; this SDK answers for what it hands them.
        let lines: Vec<_> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(lines.is_empty(), "{secret} in {lines:#?}");
    }
}
