//! The same calls without async.

use lingminban::{
    Outcome,
    api::{BundleId, MaterialKind, OutletFilter, Scan, ScanFormat},
    blocking::Client,
    client::{ErrorKind, WaitOptions},
};

use crate::{
    fixtures::*,
    pages::page,
    runtime::TestRuntime,
    server::{Act, Answer, Server},
};

/// A platform on a runtime of its own, as it is for a program without one.
fn platform(acts: Vec<Act>) -> (tokio::runtime::Runtime, Server) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(Server::doing(acts));
    (runtime, server)
}

fn client(server: &Server) -> Client {
    lingminban::Client::builder()
        .base_url(server.url())
        .client_id("a")
        .client_secret(SECRET)
        .runtime(TestRuntime::new())
        .build_blocking()
        .unwrap()
}

#[test]
fn a_family_s_group_files_as_the_client_does() {
    let (_platform, server) = platform(vec![filed().into(), filed().into()]);
    let client = client(&server);
    let submission = submission();
    let by_client = client.submit_registration(&submission).unwrap();
    let by_group = client.registrations().submit(&submission).unwrap();
    assert_eq!(by_group, by_client);
    let [one, other] = &server.calls()[..] else {
        panic!("two calls");
    };
    assert_eq!(other.target, one.target);
    assert_eq!(other.body, one.body);
    assert_eq!(
        other.header("idempotency-key"),
        one.header("idempotency-key")
    );
}

#[test]
fn a_group_s_other_calls_are_the_client_s() {
    let bundle = r#"{"bundle_id":"YC-1","status":"received","parts":[]}"#;
    let answers = [bundle; 2].map(|text| Answer::new(200, text).into());
    let (_platform, server) = platform(answers.into());
    let client = client(&server);
    let id: BundleId = "YC-1".parse().unwrap();
    let by_client = client.get_bundle(&id).unwrap();
    assert_eq!(client.bundles().get(&id).unwrap(), by_client);
    let [one, other] = &server.calls()[..] else {
        panic!("two calls");
    };
    assert_eq!(other.target, one.target);
}

#[test]
fn calls_repeat_and_answer_like_the_async_ones() {
    let (_platform, server) = platform(vec![
        Act::Drop,
        filed().into(),
        Answer::new(200, r#"{"kind":"origin_proof","state":"received"}"#).into(),
        application("in_review").into(),
        application("completed").into(),
    ]);
    let client = client(&server);
    let filed = client.submit_registration(&submission()).unwrap();
    let scan = Scan {
        format: ScanFormat::Pdf,
        bytes: vec![1],
    };
    client
        .put_material(&filed.application_id, MaterialKind::OriginProof, scan)
        .unwrap();
    let application = client
        .wait(&filed.application_id, WaitOptions::default())
        .unwrap();
    assert_eq!(application, parsed("completed"));
    assert_eq!(server.token_calls().len(), 1);
}

#[test]
fn lists_are_iterators() {
    let (_platform, server) = platform(vec![
        page(&["a", "b"], Some("t")).into(),
        page(&["c"], None).into(),
        Act::Drop,
    ]);
    let client = client(&server);
    let outlets: Vec<_> = client
        .list_outlets(OutletFilter::default())
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(outlets.len(), 3);
    let mut failing = client.list_outlets(OutletFilter::default());
    assert!(failing.next().unwrap().is_err());
    assert!(failing.next().is_none());
}

#[test]
fn several_threads_share_a_client() {
    let (_platform, server) = platform(vec![application("accepted").into(); 8]);
    let client = client(&server);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| client.get_application(&id()).unwrap());
        }
    });
    assert_eq!(server.token_calls().len(), 1);
}

#[tokio::test]
async fn inside_a_runtime_a_call_fails_and_says_why() {
    let server = Server::doing(Vec::<Act>::new()).await;
    let client = client(&server);
    let error = client.get_application(&id()).unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::AsyncContext, Outcome::NotSent)
    );
    assert!(error.to_string().contains("async runtime"), "{error}");
    let mut outlets = client.list_outlets(OutletFilter::default());
    assert_eq!(
        outlets.next().unwrap().unwrap_err().kind(),
        ErrorKind::AsyncContext
    );
    // Nor does dropping the last of them panic here.
    drop((client, outlets));
}

#[test]
fn events_are_followed_without_async() {
    let (platform, server) = platform(vec![
        crate::events::events(&["e1"], "after-e1", true),
        crate::events::events(&["e2"], "after-e2", false),
    ]);
    let client = client(&server);
    let cursors: Vec<String> = client
        .events(None)
        .with(|stream| stream.until_read())
        .map(|followed| followed.unwrap().cursor.to_string())
        .collect();
    assert_eq!(cursors, ["after-e1", "after-e2"]);
    let _inside = platform.enter();
    let failures: Vec<_> = client.events(None).map(Result::unwrap_err).collect();
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].kind(), ErrorKind::AsyncContext);
}
