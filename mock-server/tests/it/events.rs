//! The list of events: everything that happens, in order, each partner its own, from any place on.

use lingminban::api::{
    ApplicationStatus as Status, Cursor, Event, EventPage, EventQuery, EventType, MaterialKind,
    OutletKind, SupplementAnswer, Withdrawal,
};
use lingminban_sandbox::{Pace, Settings};

use crate::support::*;

async fn page(caller: &Caller, query: &str) -> EventPage {
    decoded(caller.get(&format!("/v1/events{query}")).await.ok(200))
}

fn words(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

/// All events from a place on, page by page.
async fn all(client: &lingminban::Client, cursor: Option<Cursor>) -> Vec<Event> {
    let mut stream = client.events(cursor).until_read();
    let mut events = Vec::new();
    while let Some(followed) = stream.next().await {
        events.push(followed.expect("an event").event);
    }
    events
}

#[tokio::test]
async fn a_registration_tells_every_step_in_order_and_nothing_personal() {
    let sandbox = sandbox().await;
    let application = sandbox.register(registration(1)).await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let got = caller.get("/v1/events").await;
    let page: EventPage = decoded(got.ok(200));
    assert_eq!(
        words(&page.items),
        [
            "application.received",
            "application.accepted",
            "application.in_review",
            "application.approved",
            "application.completed",
        ]
    );
    assert!(!page.has_more);
    assert!(page.items.is_sorted_by_key(|event| event.occurred_at));
    let timeline = sandbox
        .sdk(OutletKind::Dealer)
        .get_timeline(&application.application_id)
        .await
        .expect("own");
    for (event, state) in page.items.iter().zip(&timeline.items) {
        assert_eq!(event.occurred_at, state.since);
        assert_eq!(event.status.as_ref(), Some(&state.status));
        assert_eq!(
            event.application_id.as_ref(),
            Some(&application.application_id)
        );
        assert_eq!(
            event.partner_reference.as_ref(),
            Some(&application.partner_reference)
        );
        assert!(!event.test);
    }
    let body = registration(1);
    for personal in ["name", "identity_number", "mobile_number"] {
        let text = body["owner"][personal].as_str().expect("a text");
        assert!(!got.text().contains(text), "{personal}");
    }
    assert!(
        !got.text()
            .contains(body["vehicle"]["vin"].as_str().expect("a VIN"))
    );
}

#[tokio::test]
async fn materials_supplements_and_withdrawals_are_told() {
    let sandbox = sandbox().await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let filed = client
        .submit_registration(&registration_of(supplement(1)))
        .await
        .expect("filed");
    let id = &filed.application_id;
    client
        .hand_in_application(id, &Default::default())
        .await
        .expect("received");
    let put = put_all(&client, id).await;
    // The same bytes again are no event.
    client
        .put_material(id, put[0], scan(format!("scan of {}", put[0]).as_bytes()))
        .await
        .expect("repeated");
    client
        .answer_supplement_notice(id, &SupplementAnswer::default())
        .await
        .expect("complete");
    client
        .withdraw_application(id, &Withdrawal::default())
        .await
        .expect("undecided");
    let events = all(&client, None).await;
    let mut expected = vec!["application.received", "application.supplement_required"];
    expected.extend(put.iter().map(|_| "material.received"));
    expected.extend(["application.accepted", "application.withdrawn"]);
    assert_eq!(words(&events), expected);
    let kinds: Vec<MaterialKind> = events
        .iter()
        .filter_map(|event| event.material_kind.as_ref()?.known())
        .collect();
    assert_eq!(kinds, put);
    assert!(
        events
            .iter()
            .all(|event| event.material_kind.is_none() || event.status.is_none())
    );
}

#[tokio::test]
async fn each_partner_sees_its_own() {
    let sandbox = sandbox().await;
    let mine = sandbox.register(registration(1)).await;
    sandbox.transfer(transfer()).await;
    let dealer = all(&sandbox.sdk(OutletKind::Dealer), None).await;
    let market = all(&sandbox.sdk(OutletKind::UsedCarMarket), None).await;
    assert_eq!(dealer.len(), 5);
    assert!(market.len() >= 5);
    assert!(
        market
            .iter()
            .all(|event| event.application_id.as_ref() != Some(&mine.application_id))
    );
    // Another's application has no events, and another's cursor is none.
    let caller = sandbox.caller(OutletKind::UsedCarMarket).await;
    let foreign = page(&caller, &format!("?application_id={}", mine.application_id)).await;
    assert!(foreign.items.is_empty() && !foreign.has_more);
    let own = page(&sandbox.caller(OutletKind::Dealer).await, "").await;
    let refused = caller
        .get(&format!("/v1/events?cursor={}", own.next_cursor))
        .await;
    refused.refused(400, "invalid_cursor");
    assert_eq!(refused.errors()[0].0, "cursor");
}

#[tokio::test]
async fn a_cursor_is_good_for_ever_and_with_any_filter() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let empty = page(&caller, "").await;
    assert!(empty.items.is_empty() && !empty.has_more);
    sandbox.register(registration(1)).await;
    sandbox
        .clock()
        .advance(std::time::Duration::from_secs(100 * 24 * 3_600));
    let second = sandbox.register(registration(2)).await;
    // The token has lapsed since; the cursor has not.
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let since = page(
        &caller,
        &format!("?cursor={}&page_size=3", empty.next_cursor),
    )
    .await;
    assert_eq!((since.items.len(), since.has_more), (3, true));
    let rest = page(&caller, &format!("?cursor={}", since.next_cursor)).await;
    assert_eq!((rest.items.len(), rest.has_more), (7, false));
    // After each event there is a cursor of its own, which asks for what comes after it.
    for (index, event) in rest.items.iter().enumerate() {
        let cursor = event.cursor.as_ref().expect("in the list");
        let after = page(&caller, &format!("?cursor={cursor}")).await;
        assert_eq!(after.items, rest.items[index + 1..]);
    }
    let query = format!(
        "?cursor={}&type=application.completed&application_id={}",
        empty.next_cursor, second.application_id
    );
    let filtered = page(&caller, &query).await;
    assert_eq!(words(&filtered.items), ["application.completed"]);
    // Nothing new gives the same cursor again.
    let idle = page(&caller, &format!("?cursor={}", rest.next_cursor)).await;
    assert_eq!(
        (idle.items.len(), &idle.next_cursor),
        (0, &rest.next_cursor)
    );
}

#[tokio::test]
async fn a_bad_query_is_told_in_full() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(OutletKind::Dealer).await;
    let got = caller
        .get("/v1/events?page_size=101&type=application.gone&limit=1")
        .await;
    got.refused(400, "invalid_parameter");
    let places: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["limit", "page_size", "type"]);
    for cursor in ["AAAA", "not-a-cursor", "AAAAAAAAAAAAAAAA"] {
        caller
            .get(&format!("/v1/events?cursor={cursor}"))
            .await
            .refused(400, "invalid_cursor");
    }
    let credential = sandbox.credential(OutletKind::Dealer).expect("one");
    let narrow = sandbox
        .stranger()
        .token(&credential, Some("applications"))
        .await
        .ok(200);
    let narrow = caller.with_token(narrow["access_token"].as_str().expect("a token"));
    narrow
        .get("/v1/events")
        .await
        .refused(403, "insufficient_scope");
}

#[tokio::test]
async fn decisions_by_command_and_by_deadline_are_events_too() {
    let sandbox = sandbox_with(Settings {
        pace: Pace::Manual,
        ..Settings::default()
    })
    .await;
    let client = sandbox.sdk(OutletKind::Dealer);
    let filed = client
        .submit_registration(&registration_of(registration(1)))
        .await
        .expect("filed");
    assert!(sandbox.step(&filed.application_id));
    let waiting = client
        .submit_registration(&registration_of(supplement(2)))
        .await
        .expect("filed");
    sandbox
        .clock()
        .advance(std::time::Duration::from_secs(60 * 24 * 3_600));
    let client = sandbox.sdk(OutletKind::Dealer);
    let query = EventQuery::builder()
        .application_id(waiting.application_id)
        .build();
    let page = client.list_events_page(&query).await.expect("events");
    assert_eq!(
        words(&page.items),
        [
            "application.received",
            "application.supplement_required",
            "application.lapsed"
        ]
    );
    let first = all(&client, None).await;
    assert_eq!(first[1].kind, EventType::ApplicationAccepted);
    assert_eq!(first[1].status.as_ref().expect("one"), &Status::Accepted);
}
