//! Subscriptions: made, listed, rotated, tested, ended, each partner its own.

use http::Method;
use lingminban::{
    Submission,
    api::{
        EventType, OutletKind, OverlapSeconds, Webhook, WebhookId, WebhookRequest, WebhookStatus,
    },
    webhook::Secret,
};
use serde_json::json;

use crate::support::*;

const URL: &str = "http://127.0.0.1:9/events";

fn request() -> WebhookRequest {
    WebhookRequest::builder().url(decoded(json!(URL))).build()
}

async fn subscribe(client: &lingminban::Client) -> Webhook {
    client
        .create_webhook(&Submission::new(request()))
        .await
        .expect("subscribed")
}

fn secret(webhook: &Webhook) -> String {
    let secret = webhook.secret.as_ref().expect("told once");
    assert!(secret.expose().parse::<Secret>().is_ok());
    secret.expose().to_owned()
}

#[tokio::test]
async fn a_subscription_is_told_its_secret_once_and_read_without_it() {
    let sandbox = sandbox().await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let asked = json!({
        "url": URL,
        "event_types": ["application.completed", "application.refused", "application.completed"],
        "description": "测试",
    });
    let submission = Submission::new(decoded(asked));
    let made = client
        .create_webhook(&submission)
        .await
        .expect("subscribed");
    // The answer was lost: the same submission tells the same secret.
    let again = client.create_webhook(&submission).await.expect("replayed");
    assert_eq!(again, made);
    secret(&made);
    assert_eq!(made.status, WebhookStatus::Enabled);
    assert_eq!(
        made.event_types,
        [
            EventType::ApplicationCompleted,
            EventType::ApplicationRefused
        ]
    );
    let read = client.get_webhook(&made.webhook_id).await.expect("own");
    assert_eq!(read.secret, None);
    assert_eq!(
        Webhook {
            secret: None,
            ..made
        },
        read
    );
    let all = client.list_webhooks().await.expect("own");
    assert_eq!(all, [read]);
    assert!(subscribe(&client).await.event_types.is_empty());
}

#[tokio::test]
async fn a_partner_has_ten_at_most_and_sees_no_other() {
    let sandbox = sandbox().await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let mut first = None;
    for _ in 0..10 {
        let made = subscribe(&client).await;
        first.get_or_insert(made.webhook_id);
    }
    let first = first.expect("made");
    let refused = client
        .create_webhook(&Submission::new(request()))
        .await
        .expect_err("one too many");
    assert_eq!(refused.status(), Some(409));
    let other = sandbox.sdk(OutletKind::Bank);
    assert!(other.list_webhooks().await.expect("none").is_empty());
    let stranger = sandbox.caller(OutletKind::Bank).await;
    let path = format!("/v1/webhooks/{first}");
    stranger.get(&path).await.refused(404, "webhook_not_found");
    stranger
        .post(&format!("{path}/tests"), &json!({}))
        .await
        .refused(404, "webhook_not_found");
    stranger
        .send(stranger.request(Method::DELETE, &path))
        .await
        .refused(404, "webhook_not_found");
    client.delete_webhook(&first).await.expect("own");
    let gone = client.get_webhook(&first).await.expect_err("deleted");
    assert_eq!(gone.status(), Some(404));
    // A number is not given twice: what was noted of the old one is not the new one's.
    let next = subscribe(&client).await;
    assert_eq!(next.webhook_id, WebhookId::of_number(11));
}

#[tokio::test]
async fn deleting_again_with_the_same_key_succeeds_again() {
    let sandbox = sandbox().await;
    let made = subscribe(&sandbox.sdk(OutletKind::Dealer)).await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let path = format!("/v1/webhooks/{}", made.webhook_id);
    let delete = |key: &'static str| {
        caller.send(
            caller
                .request(Method::DELETE, &path)
                .header("Idempotency-Key", key),
        )
    };
    let first = delete("delete-it-1").await;
    assert_eq!((first.status, first.bytes.len()), (204, 0));
    let again = delete("delete-it-1").await;
    assert_eq!(again.status, 204);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    delete("delete-it-2")
        .await
        .refused(404, "webhook_not_found");
}

#[tokio::test]
async fn a_rotation_gives_a_new_secret_and_says_how_long_the_old_one_signs() {
    let sandbox = sandbox().await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let made = subscribe(&client).await;
    let overlap = OverlapSeconds::try_from(600).ok();
    let rotated = client
        .rotate_webhook_secret(&made.webhook_id, overlap)
        .await
        .expect("own");
    assert_ne!(secret(&made), secret(&rotated));
    let until = rotated.previous_secret_until.expect("an overlap");
    assert_eq!(until.to_string(), "2026-03-02T09:10:00+08:00");
    sandbox.clock().advance(std::time::Duration::from_secs(600));
    let read = client.get_webhook(&made.webhook_id).await.expect("own");
    assert_eq!(read.previous_secret_until, None);
    let at_once = client
        .rotate_webhook_secret(&made.webhook_id, OverlapSeconds::try_from(0).ok())
        .await
        .expect("own");
    assert_eq!(at_once.previous_secret_until, None);
}

#[tokio::test]
async fn every_fault_of_a_subscription_is_told_at_once() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let body = json!({
        "url": "ftp://example.cn", "event_types": [], "description": "", "secret": "mine",
    });
    let got = caller.post("/v1/webhooks", &body).await;
    got.refused(422, "validation_failed");
    let told: Vec<(String, String)> = got.errors();
    let told: Vec<(&str, &str)> = told
        .iter()
        .map(|(place, code)| (place.as_str(), code.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("/description", "wrong_length"),
            ("/event_types", "wrong_length"),
            ("/secret", "unknown_member"),
            ("/url", "url"),
        ]
    );
    let unknown = json!({"url": URL, "event_types": ["application.gone"]});
    let got = caller.post("/v1/webhooks", &unknown).await;
    assert_eq!(got.errors()[0].0, "/event_types/0");
    let keyless = caller
        .request(Method::POST, "/v1/webhooks")
        .json(&json!({"url": URL}));
    caller
        .send(keyless)
        .await
        .refused(400, "missing_idempotency_key");
}
