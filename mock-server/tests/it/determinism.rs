//! Equal seed, standing clock and equal requests give equal bytes.

use std::{collections::BTreeSet, time::Duration};

use ::http::Method;
use lingminban::api::OutletKind;
use lingminban_sandbox::{Pace, Settings};
use serde_json::{Value, json};

use crate::support::{
    Caller, Got, Judged, registration, sandbox, sandbox_with, supplement, transfer, written,
};

fn of_seed(seed: u64) -> Settings {
    Settings {
        seed,
        ..Settings::default()
    }
}

/// A morning at the outlet: successes, refusals, time.
async fn a_morning(sandbox: &Judged) -> Vec<String> {
    let stranger = sandbox.stranger();
    let mut all = Vec::new();
    let mut callers: Vec<Caller> = Vec::new();
    for kind in [OutletKind::Dealer, OutletKind::UsedCarMarket] {
        let credential = sandbox.credential(kind).expect("a credential");
        let got = stranger.token(&credential, None).await;
        let token = got.ok(200)["access_token"]
            .as_str()
            .expect("a token")
            .to_owned();
        callers.push(stranger.with_token(&token));
        all.push(written(&got));
    }
    let [dealer, market] = callers.as_slice() else {
        panic!("two callers")
    };
    let keyed = async |caller: &Caller, path: &str, key: &str, body: &Value| {
        caller.post_keyed(path, key, body).await
    };
    let drawn = keyed(
        dealer,
        "/v1/plate-draws",
        "key-draw",
        &json!({"plate_kind": "02"}),
    )
    .await;
    let filed = keyed(dealer, "/v1/registrations", "key-filed", &registration(1)).await;
    let waits = keyed(dealer, "/v1/registrations", "key-waits", &supplement(2)).await;
    let wrong = keyed(
        dealer,
        "/v1/registrations",
        "key-wrong",
        &json!({"vehicle": {"seats": "x"}}),
    )
    .await;
    let again = keyed(dealer, "/v1/registrations", "key-filed", &registration(1)).await;
    let sold = keyed(market, "/v1/transfers", "key-sold", &transfer()).await;
    all.extend([&drawn, &filed, &waits, &wrong, &again, &sold].map(written));
    sandbox.clock().advance(Duration::from_secs(90));
    let id = |got: &Got| {
        got.json()["application_id"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    for (caller, path) in [
        (dealer, format!("/v1/applications/{}", id(&filed))),
        (dealer, format!("/v1/applications/{}/timeline", id(&filed))),
        (market, format!("/v1/applications/{}", id(&sold))),
        (dealer, format!("/v1/applications/{}/materials", id(&waits))),
        (dealer, "/v1/applications?page_size=1".to_owned()),
        (dealer, "/v1/outlets?page_size=200".to_owned()),
        (dealer, "/v1/operators".to_owned()),
        (dealer, "/v1/nothing".to_owned()),
        (dealer, "/sandbox/v1/catalogue".to_owned()),
    ] {
        all.push(written(&caller.get(&path).await));
    }
    let put = dealer
        .request(
            Method::PUT,
            &format!("/v1/applications/{}/materials/origin_proof", id(&waits)),
        )
        .header("Content-Type", "application/pdf")
        .body("a scan");
    all.push(written(&dealer.send(put).await));
    all
}

#[tokio::test]
async fn equal_seeds_and_requests_give_equal_bytes() {
    for pace in [Pace::Quick, Pace::Statutory] {
        let settings = Settings { pace, ..of_seed(7) };
        let one = sandbox_with(settings).await;
        let other = sandbox_with(settings).await;
        let (first, second) = (a_morning(&one).await, a_morning(&other).await);
        assert_eq!(first.len(), 18);
        for (first, second) in first.iter().zip(&second) {
            assert_eq!(first, second);
        }
        assert_eq!(one.credentials().len(), other.credentials().len());
    }
}

#[tokio::test]
async fn what_happens_meanwhile_to_others_changes_no_identifier() {
    // Identifiers come from seed and sequence, never from time.
    let (one, other) = (sandbox().await, sandbox().await);
    other.clock().advance(Duration::from_secs(12_345));
    let ids = async |sandbox: &Judged| {
        let dealer = sandbox.caller(OutletKind::Dealer).await;
        let draw = dealer
            .post("/v1/plate-draws", &json!({"plate_kind": "02"}))
            .await
            .ok(201);
        let filed = dealer
            .post("/v1/registrations", &registration(1))
            .await
            .ok(201);
        sandbox.settle();
        let path = format!(
            "/v1/applications/{}",
            filed["application_id"].as_str().expect("an id")
        );
        let result = dealer.get(&path).await.ok(200)["result"].clone();
        (
            draw["plate_draw_id"].clone(),
            draw["plate_numbers"].clone(),
            filed["application_id"].clone(),
            result,
        )
    };
    assert_eq!(ids(&one).await, ids(&other).await);
}

#[tokio::test]
async fn another_seed_gives_other_identifiers_plates_and_secrets() {
    let mut applications = BTreeSet::new();
    let mut secrets = BTreeSet::new();
    let mut draws = BTreeSet::new();
    let mut tokens = BTreeSet::new();
    let seeds = [0, 1, 2, 3, u64::MAX];
    for seed in seeds {
        let sandbox = sandbox_with(of_seed(seed)).await;
        let dealer = sandbox.caller(OutletKind::Dealer).await;
        let draw = dealer
            .post("/v1/plate-draws", &json!({"plate_kind": "02"}))
            .await
            .ok(201);
        let filed = dealer
            .post("/v1/registrations", &registration(1))
            .await
            .ok(201);
        applications.insert(filed["application_id"].to_string());
        draws.insert(draw["plate_numbers"].to_string());
        tokens.insert(dealer.bearer().to_owned());
        let credential = sandbox
            .credential(OutletKind::Dealer)
            .expect("a credential");
        secrets.insert(credential.client_secret.to_string());
    }
    for (what, found) in [
        ("applications", applications),
        ("secrets", secrets),
        ("draws", draws),
        ("tokens", tokens),
    ] {
        assert_eq!(found.len(), seeds.len(), "{what}: {found:?}");
    }
}

#[tokio::test]
async fn the_default_credentials_never_change() {
    // Partners have them in their own repositories: a change here breaks their builds.
    let sandbox = sandbox().await;
    insta::assert_json_snapshot!(sandbox.credentials());
}
