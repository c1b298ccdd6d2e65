//! Pushes: signed, in order, tried again on the space's clock, given up, and gone wrong by command.

use std::time::Duration;

use lingminban::{
    Client, Submission,
    api::{
        AttemptOutcome, Delivery, DeliveryFilter, DeliveryStatus, EventType, OutletKind,
        OverlapSeconds, Webhook, WebhookRequest, WebhookStatus,
        control::{ClockMove, DeliveryEffect, FireCommand, NewSpace, SpaceId},
    },
};
use lingminban_sandbox::{Options, Pace, Sandbox};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::support::*;

const HOUR: Duration = Duration::from_secs(3_600);

async fn subscribe(client: &Client, url: &str) -> Webhook {
    let request: WebhookRequest = decoded(json!({ "url": url }));
    client
        .create_webhook(&Submission::new(request))
        .await
        .expect("subscribed")
}

async fn deliveries(client: &Client, webhook: &Webhook) -> Vec<Delivery> {
    client
        .list_deliveries(&webhook.webhook_id, DeliveryFilter::default())
        .try_collect()
        .await
        .expect("own")
}

/// A dealer's subscription, and one test event on its way.
async fn one_push(sandbox: &Judged, receiver: &Receiver) -> (Client, Webhook) {
    let client = sandbox.sdk(OutletKind::Dealer);
    let webhook = subscribe(&client, &receiver.url()).await;
    client
        .test_webhook(&webhook.webhook_id, EventType::WebhookTest)
        .await
        .expect("pushed");
    sandbox.pushed().await;
    (client, webhook)
}

/// When the attempts were made, and what came of them, as far as the answer's status says.
fn attempts(delivery: &Delivery) -> Vec<(String, Option<u16>)> {
    let told = delivery.attempts.iter();
    told.map(|attempt| {
        let at = attempt.attempted_at.to_string();
        (
            at.trim_end_matches("+08:00").to_owned(),
            attempt.http_status,
        )
    })
    .collect()
}

#[tokio::test]
async fn every_event_arrives_once_signed_in_order_and_as_the_list_has_it() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[204]).await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let webhook = subscribe(&client, &receiver.url()).await;
    // Another partner's.
    let bank = Receiver::answering(&[204]).await;
    subscribe(&sandbox.sdk(OutletKind::Bank), &bank.url()).await;
    sandbox.register(registration(1)).await;
    sandbox.pushed().await;
    let listed = client
        .list_events_page(&Default::default())
        .await
        .expect("events")
        .items;
    let pushed: Vec<_> = receiver
        .pushes()
        .iter()
        .map(|push| push.verified(&webhook).expect("signed"))
        .collect();
    assert_eq!(pushed.len(), 5);
    for (pushed, mut listed) in pushed.into_iter().zip(listed) {
        listed.cursor = None;
        assert_eq!(pushed.message_id, listed.event_id);
        assert_eq!(
            pushed.sent_at.timestamp().as_second(),
            listed.occurred_at.timestamp().as_second()
        );
        assert_eq!(pushed.event, listed);
    }
    let all = deliveries(&client, &webhook).await;
    assert!(
        all.iter()
            .all(|one| one.status == DeliveryStatus::Delivered)
    );
    assert!(bank.pushes().is_empty());
    let push = &receiver.pushes()[0];
    assert_eq!(push.headers["content-type"], "application/json");
}

#[tokio::test]
async fn only_what_was_asked_for_is_pushed() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[204]).await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let request = json!({"url": receiver.url(), "event_types": ["application.completed"]});
    let submission = Submission::new(decoded(request));
    let webhook = client
        .create_webhook(&submission)
        .await
        .expect("subscribed");
    sandbox.register(registration(1)).await;
    sandbox.pushed().await;
    let kinds: Vec<String> = receiver.pushes().iter().map(Push::kind).collect();
    assert_eq!(kinds, ["application.completed"]);
    client
        .delete_webhook(&webhook.webhook_id)
        .await
        .expect("own");
    sandbox.register(registration(2)).await;
    sandbox.pushed().await;
    assert_eq!(receiver.pushes().len(), 1);
}

#[tokio::test]
async fn what_fails_is_tried_again_when_the_clock_says_so() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[500, 429, 204]).await;
    let (client, webhook) = one_push(&sandbox, &receiver).await;
    let first = deliveries(&client, &webhook).await.remove(0);
    assert_eq!(first.status, DeliveryStatus::Pending);
    let next = first.next_attempt_at.expect("five seconds later");
    assert_eq!(next.to_string(), "2026-03-02T09:00:05+08:00");
    sandbox.clock().advance(Duration::from_secs(4));
    sandbox.pushed().await;
    assert_eq!(receiver.pushes().len(), 1);
    sandbox.clock().advance(Duration::from_secs(1));
    sandbox.pushed().await;
    assert_eq!(receiver.pushes().len(), 2);
    // A step beyond it changes nothing of when it counts as made.
    sandbox.clock().advance(HOUR);
    sandbox.pushed().await;
    let last = deliveries(&client, &webhook).await.remove(0);
    assert_eq!(last.status, DeliveryStatus::Delivered);
    assert_eq!(
        attempts(&last),
        [
            ("2026-03-02T09:00:00".to_owned(), Some(500)),
            ("2026-03-02T09:00:05".to_owned(), Some(429)),
            ("2026-03-02T09:05:05".to_owned(), Some(204)),
        ]
    );
    // Each attempt is signed with its own time.
    for push in receiver.pushes() {
        assert_eq!(push.headers["webhook-id"], last.event_id.as_str());
        push.verified(&webhook).expect("signed");
    }
}

#[tokio::test]
async fn after_the_last_attempt_the_subscription_is_disabled_until_it_is_enabled() {
    let sandbox = sandbox().await;
    let mut statuses = vec![503; 10];
    statuses.push(204);
    let receiver = Receiver::answering(&statuses).await;
    let (client, webhook) = one_push(&sandbox, &receiver).await;
    sandbox.clock().advance(100 * HOUR);
    sandbox.pushed().await;
    let delivery = deliveries(&client, &webhook).await.remove(0);
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    assert_eq!(delivery.attempts.len(), 10);
    let last = &delivery.attempts[9];
    assert_eq!(last.attempted_at.to_string(), "2026-03-05T12:35:05+08:00");
    let read = client.get_webhook(&webhook.webhook_id).await.expect("own");
    assert_eq!(read.status, WebhookStatus::Disabled);
    assert_eq!(read.disabled_at, Some(last.attempted_at));
    // Disabled: nothing is pushed, nothing can be asked for.
    sandbox.register(registration(1)).await;
    sandbox.pushed().await;
    assert_eq!(receiver.pushes().len(), 10);
    for refused in [
        client
            .test_webhook(&webhook.webhook_id, EventType::WebhookTest)
            .await,
        client
            .redeliver(&webhook.webhook_id, &delivery.delivery_id)
            .await,
    ] {
        assert_eq!(refused.expect_err("disabled").status(), Some(409));
    }
    let enabled = client
        .enable_webhook(&webhook.webhook_id)
        .await
        .expect("own");
    assert_eq!(
        (enabled.status, enabled.disabled_at),
        (WebhookStatus::Enabled.into(), None)
    );
    let again = client
        .redeliver(&webhook.webhook_id, &delivery.delivery_id)
        .await
        .expect("enabled");
    assert_eq!(again.status, DeliveryStatus::Pending);
    sandbox.pushed().await;
    let delivery = deliveries(&client, &webhook).await.remove(0);
    assert_eq!(delivery.status, DeliveryStatus::Delivered);
    // What happened meanwhile is in the list of events alone.
    assert_eq!(deliveries(&client, &webhook).await.len(), 1);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_disabled_at_once() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[410]).await;
    let (client, webhook) = one_push(&sandbox, &receiver).await;
    let read = client.get_webhook(&webhook.webhook_id).await.expect("own");
    assert_eq!(read.status, WebhookStatus::Disabled);
}

#[tokio::test]
async fn every_way_to_fail_is_told() {
    let options = Options {
        longest_push: Some(Duration::from_millis(50)),
        ..Options::default()
    };
    let sandbox = sandbox_of(options, StandingHost::default()).await;
    let slow = ResponseTemplate::new(204).set_delay(Duration::from_secs(60));
    let elsewhere = ResponseTemplate::new(307).insert_header("location", "http://127.0.0.1:1/");
    let receiver = Receiver::scripted([slow, elsewhere]).await;
    let (client, webhook) = one_push(&sandbox, &receiver).await;
    sandbox.clock().advance(Duration::from_secs(5));
    sandbox.pushed().await;
    let told = deliveries(&client, &webhook).await.remove(0).attempts;
    assert_eq!(told[0].outcome, AttemptOutcome::TimedOut);
    assert_eq!(
        (&told[1].outcome, told[1].http_status),
        (&AttemptOutcome::Refused.into(), Some(307))
    );
    let nobody = subscribe(&client, "http://127.0.0.1:1/").await;
    client
        .test_webhook(&nobody.webhook_id, EventType::WebhookTest)
        .await
        .expect("pushed");
    sandbox.pushed().await;
    let told = deliveries(&client, &nobody).await.remove(0).attempts;
    assert_eq!(told[0].outcome, AttemptOutcome::Unreachable);
    assert_eq!(told[0].http_status, None);
}

#[tokio::test]
async fn while_secrets_overlap_both_sign() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[204]).await;
    let (client, old) = one_push(&sandbox, &receiver).await;
    let rotated = client
        .rotate_webhook_secret(&old.webhook_id, OverlapSeconds::try_from(3_600).ok())
        .await
        .expect("own");
    let push = async || {
        client
            .test_webhook(&old.webhook_id, EventType::WebhookTest)
            .await
            .expect("pushed");
        sandbox.pushed().await;
        receiver.pushes().pop().expect("a push")
    };
    let during = push().await;
    assert!(during.verified(&old).is_ok() && during.verified(&rotated).is_ok());
    sandbox.clock().advance(HOUR);
    let after = push().await;
    assert!(after.verified(&old).is_err() && after.verified(&rotated).is_ok());
}

#[tokio::test]
async fn every_old_secret_signs_as_long_as_it_was_to() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[204]).await;
    let (client, first) = one_push(&sandbox, &receiver).await;
    let rotate = async |seconds: u64| {
        client
            .rotate_webhook_secret(&first.webhook_id, OverlapSeconds::try_from(seconds).ok())
            .await
    };
    let signing = async |subscriptions: &[&Webhook]| {
        client
            .test_webhook(&first.webhook_id, EventType::WebhookTest)
            .await
            .expect("pushed");
        sandbox.pushed().await;
        let push = receiver.pushes().pop().expect("a push");
        let signatures = push.headers["webhook-signature"].to_str().expect("text");
        let by = subscriptions.iter().map(|one| push.verified(one).is_ok());
        (signatures.split(' ').count(), by.collect::<Vec<_>>())
    };
    let until = |webhook: &Webhook| webhook.previous_secret_until.map(|until| until.to_string());

    let second = rotate(7_200).await.expect("own");
    let third = rotate(3_600).await.expect("own");
    assert_eq!(until(&third).as_deref(), Some("2026-03-02T11:00:00+08:00"));
    let all = [&first, &second, &third];
    assert_eq!(signing(&all).await, (3, vec![true, true, true]));
    // The second ends before the first, for which more was promised.
    sandbox.clock().advance(HOUR);
    assert_eq!(signing(&all).await, (2, vec![true, false, true]));
    let read = client.get_webhook(&first.webhook_id).await.expect("own");
    assert_eq!(until(&read).as_deref(), Some("2026-03-02T11:00:00+08:00"));
    // One that ends at once takes no other with it.
    let fourth = rotate(0).await.expect("own");
    let all = [&first, &second, &third, &fourth];
    assert_eq!(signing(&all).await, (2, vec![true, false, false, true]));
    sandbox.clock().advance(HOUR - Duration::from_secs(1));
    assert_eq!(signing(&all).await.0, 2);
    sandbox.clock().advance(Duration::from_secs(1));
    assert_eq!(signing(&all).await, (1, vec![false, false, false, true]));
}

#[tokio::test]
async fn of_old_secrets_five_sign_at_most() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[204]).await;
    let (client, webhook) = one_push(&sandbox, &receiver).await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let path = format!("/v1/webhooks/{}/secret-rotations", webhook.webhook_id);
    let rotate = async |seconds: u32| {
        let body = json!({ "overlap_seconds": seconds });
        caller.post(&path, &body).await
    };
    for minutes in [50, 40, 30, 20, 60] {
        rotate(minutes * 60).await.ok(200);
    }
    let refused = rotate(60).await;
    refused.refused(409, "limit_reached");
    let problem = refused.json();
    assert!(
        problem["detail"]
            .as_str()
            .expect("text")
            .contains("五个旧密钥")
    );
    let message = problem["errors"][0]["message"].as_str().expect("text");
    assert!(message.contains("2026-03-02T09:20:00+08:00"), "{message}");
    let read = client.get_webhook(&webhook.webhook_id).await.expect("own");
    let until = read.previous_secret_until.expect("an old one signs");
    assert_eq!(until.to_string(), "2026-03-02T10:00:00+08:00");
    // Whoever lost a secret gets rid of it at once.
    rotate(0).await.ok(200);
    rotate(60).await.refused(409, "limit_reached");
    sandbox.clock().advance(Duration::from_secs(20 * 60));
    rotate(60).await.ok(200);
}

#[tokio::test]
async fn a_test_of_any_type_is_marked_and_stands_in_no_list() {
    let sandbox = sandbox().await;
    let receiver = Receiver::answering(&[204]).await;
    let (client, webhook) = one_push(&sandbox, &receiver).await;
    for kind in EventType::ALL {
        client
            .test_webhook(&webhook.webhook_id, *kind)
            .await
            .expect("pushed");
    }
    sandbox.pushed().await;
    let pushes = receiver.pushes();
    let mut ids = Vec::new();
    for (push, kind) in pushes[1..].iter().zip(EventType::ALL) {
        let event = push.verified(&webhook).expect("signed").event;
        assert_eq!(event.kind, *kind);
        assert!(event.test);
        assert_eq!(
            event.status.map(|status| status.known()),
            kind.status().map(Some)
        );
        ids.push(event.event_id);
    }
    assert_eq!(ids.len(), EventType::ALL.len());
    ids.dedup();
    assert_eq!(ids.len(), EventType::ALL.len());
    let listed = client.list_events_page(&Default::default()).await;
    assert!(listed.expect("a list").items.is_empty());
}

/// The first space of a sandbox.
fn home() -> SpaceId {
    SpaceId::numbered(0)
}

#[tokio::test]
async fn pushes_go_wrong_by_command() {
    let sandbox = sandbox().await;
    let control = sandbox.control().expect("a client");
    let receiver = Receiver::answering(&[204]).await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let webhook = subscribe(&client, &receiver.url()).await;
    sandbox.set_pace(Pace::Manual);
    let filed = client
        .submit_registration(&registration_of(registration(1)))
        .await
        .expect("filed");
    sandbox.pushed().await;
    let fire = async |kind, effect| {
        let command = FireCommand::builder()
            .kind(kind)
            .application_id(filed.application_id.clone())
            .maybe_effect(effect)
            .build();
        let fired = control.fire_event(&home(), command).await.expect("fired");
        sandbox.pushed().await;
        fired
    };
    let kinds = || -> Vec<String> { receiver.pushes().iter().map(Push::kind).collect() };
    let count = || receiver.pushes().len();

    let twice = fire(
        EventType::ApplicationAccepted,
        Some(DeliveryEffect::Duplicate),
    )
    .await;
    assert_eq!(count(), 3);
    let pushes = receiver.pushes();
    assert_eq!(
        pushes[1].headers["webhook-id"],
        twice.event.event_id.as_str()
    );
    assert_eq!(pushes[1].headers, pushes[2].headers);
    assert_eq!(pushes[1].body, pushes[2].body);
    pushes[2].verified(&webhook).expect("signed");

    let never = fire(EventType::ApplicationRefused, Some(DeliveryEffect::Never)).await;
    assert_eq!((count(), never.deliveries.len()), (3, 1));

    fire(
        EventType::ApplicationApproved,
        Some(DeliveryEffect::OutOfOrder),
    )
    .await;
    assert_eq!(count(), 3);
    fire(EventType::ApplicationCompleted, None).await;
    sandbox.clock().advance(Duration::from_millis(1));
    sandbox.pushed().await;
    assert_eq!(
        kinds()[3..],
        ["application.completed", "application.approved"]
    );

    // The list of events has them all, in the order in which they were fired.
    let listed = client
        .list_events_page(&Default::default())
        .await
        .expect("a list");
    let listed: Vec<&str> = listed
        .items
        .iter()
        .map(|event| event.kind.as_str())
        .collect();
    assert_eq!(
        listed,
        [
            "application.received",
            "application.accepted",
            "application.refused",
            "application.approved",
            "application.completed"
        ]
    );
    // The application itself stays as it is, and nobody is written to.
    let read = client
        .get_application(&filed.application_id)
        .await
        .expect("own");
    assert_eq!(read.status, filed.status);
    let messages = control.list_messages(&home(), &Default::default()).await;
    assert!(messages.expect("a list").items.is_empty());
}

#[tokio::test]
async fn a_bad_signature_is_made_good_by_the_next_attempt() {
    let sandbox = sandbox().await;
    let control = sandbox.control().expect("a client");
    let receiver = Receiver::answering(&[400, 204]).await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let webhook = subscribe(&client, &receiver.url()).await;
    let other = Receiver::answering(&[204]).await;
    subscribe(&sandbox.sdk(OutletKind::Bank), &other.url()).await;
    let command = FireCommand::builder()
        .kind(EventType::ApplicationCompleted)
        .webhook_id(webhook.webhook_id.clone())
        .effect(DeliveryEffect::BadSignature)
        .build();
    let fired = control.fire_event(&home(), command).await.expect("fired");
    assert!(fired.event.test);
    assert_eq!(fired.deliveries.len(), 1);
    sandbox.clock().advance(Duration::from_secs(5));
    sandbox.pushed().await;
    let pushes = receiver.pushes();
    assert_eq!(pushes.len(), 2);
    pushes[0]
        .verified(&webhook)
        .expect_err("not the platform's");
    pushes[1].verified(&webhook).expect("signed");
    // To every subscription of the space, without naming one.
    let command = FireCommand::builder().kind(EventType::WebhookTest).build();
    let fired = control.fire_event(&home(), command).await.expect("fired");
    assert_eq!(fired.deliveries.len(), 2);
    sandbox.pushed().await;
    assert_eq!((receiver.pushes().len(), other.pushes().len()), (3, 1));
}

#[tokio::test]
async fn a_command_that_names_what_is_not_there_changes_nothing() {
    let sandbox = sandbox().await;
    let admin = sandbox.stranger();
    let dealer = subscribe(&sandbox.sdk(OutletKind::Dealer), "http://127.0.0.1:1/").await;
    let transferred = sandbox.transfer(transfer()).await;
    let fire = async |body| {
        let path = "/sandbox/v1/spaces/space-0/events/fire";
        admin
            .send(admin.request(http::Method::POST, path).json(&body))
            .await
    };
    let got = fire(json!({"type": "webhook.test", "application_id": "1"})).await;
    got.refused(404, "application_not_found");
    assert_eq!(got.errors()[0].0, "/application_id");
    let got = fire(json!({"type": "webhook.test", "webhook_id": "wh-000099"})).await;
    got.refused(404, "webhook_not_found");
    // Another partner's application is nothing for this subscription.
    let body = json!({
        "type": "application.lapsed",
        "application_id": transferred.application_id,
        "webhook_id": dealer.webhook_id,
    });
    fire(body).await.refused(404, "webhook_not_found");
    let got = fire(json!({"effect": "lost"})).await;
    got.refused(422, "validation_failed");
    let places: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["/effect", "/type"]);
}

#[tokio::test]
async fn spaces_push_on_their_own_and_a_fork_goes_on_by_itself() {
    let sandbox = sandbox().await;
    let control = sandbox.control().expect("a client");
    let receiver = Receiver::answering(&[500, 204]).await;
    let (client, webhook) = one_push(&sandbox, &receiver).await;
    let fork = control.fork_space(&home()).await.expect("a fork");
    let snapshot = control.take_snapshot(&home()).await.expect("a snapshot");
    let fresh = control
        .create_space(NewSpace::default())
        .await
        .expect("a space");
    let five_seconds = || ClockMove::Advance("PT5S".parse().expect("a period"));
    for space in [&fork.space_id, &fresh.space_id] {
        control.clock(space, five_seconds()).await.expect("moved");
        while control
            .get_space(space)
            .await
            .expect("there")
            .pushes_waiting
            > 0
        {
            tokio::task::yield_now().await;
        }
    }
    // The fork made its second attempt; here the first is still the only one.
    assert_eq!(receiver.pushes().len(), 2);
    assert_eq!(deliveries(&client, &webhook).await[0].attempts.len(), 1);
    sandbox.clock().advance(Duration::from_secs(5));
    sandbox.pushed().await;
    assert_eq!(deliveries(&client, &webhook).await[0].attempts.len(), 2);
    assert_eq!(receiver.pushes().len(), 3);
    control.restore_snapshot(&snapshot).await.expect("restored");
    assert_eq!(deliveries(&client, &webhook).await[0].attempts.len(), 1);
    control.reset_space(&home()).await.expect("reset");
    sandbox.clock().advance(HOUR);
    sandbox.pushed().await;
    assert_eq!(receiver.pushes().len(), 3);
}

/// With real time, and nobody who asks for anything.
#[tokio::test]
async fn while_the_clock_runs_pushes_come_by_themselves() {
    let sandbox = Sandbox::start().await.expect("a port");
    let mut receiver = Receiver::answering(&[204]).await;
    let client = sandbox.client(OutletKind::Dealer).expect("a client");
    let webhook = subscribe(&client, &receiver.url()).await;
    client
        .submit_registration(&registration_of(registration(1)))
        .await
        .expect("filed");
    for _ in 0..5 {
        receiver.next().await;
    }
    let last = receiver.pushes().pop().expect("the fifth");
    let event = last.verified(&webhook).expect("signed").event;
    assert_eq!(event.kind, EventType::ApplicationCompleted);
}
