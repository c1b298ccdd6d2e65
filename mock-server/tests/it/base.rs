//! 基层网点: township squadrons and traffic stations, and their hours.

use std::time::Duration;

use jiff::civil::Date;
use lingminban::api::{Application, ApplicationStatus as Status, OutletKind};
use lingminban_sandbox::Pace;
use serde_json::{Value, json};

use crate::support::{
    Judged, registration, registration_of, sandbox, sandbox_at, supplement, transfer_after,
    transfer_of,
};

const SQUADRON: OutletKind = OutletKind::TownshipSquadron;
const TRAFFIC: OutletKind = OutletKind::TrafficStation;
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A submission as the first outlet of a kind files it, with papers that were there in time.
fn through(sandbox: &Judged, kind: OutletKind, mut body: Value) -> Value {
    body["operator_id"] = json!(sandbox.operator(kind));
    if let Some(invoice) = body.pointer_mut("/origin_proof/invoice") {
        invoice["issued_on"] = json!("2026-02-12");
    }
    body
}

async fn file(sandbox: &Judged, kind: OutletKind, body: Value) -> Application {
    let submission = registration_of(through(sandbox, kind, body));
    let filed = sandbox.sdk(kind).submit_registration(&submission).await;
    filed.expect("filed")
}

#[tokio::test]
async fn the_base_tells_its_hours_and_partners_keep_their_own() {
    let sandbox = sandbox().await;
    let bank = sandbox.sdk(OutletKind::Bank);
    let hours = async |id: &str| {
        let outlet = bank.get_outlet(&id.parse().unwrap()).await.unwrap();
        let told = outlet.opening_hours.iter().map(|hours| {
            let days: Vec<&str> = hours.days.iter().map(|day| day.as_str()).collect();
            format!("{} {}–{}", days.join(","), hours.from, hours.to)
        });
        told.collect::<Vec<String>>()
    };
    let office = "monday,tuesday,wednesday,thursday,friday 09:00–17:00";
    assert_eq!(hours("zb-squadron-035").await, [office]);
    let first = "tuesday,wednesday,thursday,friday,saturday 11:00–19:00";
    assert_eq!(hours("zb-traffic-001").await, [first]);
    assert_eq!(hours("zb-traffic-004").await, [first]);
    assert_eq!(
        hours("zb-traffic-003").await,
        [
            "monday,tuesday,wednesday,thursday,friday 12:00–20:00",
            "saturday 09:00–12:00"
        ]
    );
    assert_eq!(hours("zb-dealer-001").await, [""; 0]);
}

#[tokio::test]
async fn outside_hours_it_is_received_and_its_clock_starts_on_the_next_working_day() {
    for (kind, at, clock_starts_on, deadline_on) in [
        (SQUADRON, "2026-03-02T08:59:59", None, "2026-03-09"),
        (SQUADRON, "2026-03-02T09:00:00", None, "2026-03-09"),
        (SQUADRON, "2026-03-02T16:59:59", None, "2026-03-09"),
        (
            SQUADRON,
            "2026-03-02T17:00:00",
            Some("2026-03-03"),
            "2026-03-10",
        ),
        (
            SQUADRON,
            "2026-03-07T10:00:00",
            Some("2026-03-09"),
            "2026-03-16",
        ),
        // Saturday 14 and 28 February are worked, 15 to 23 February are off.
        (
            SQUADRON,
            "2026-02-13T17:00:00",
            Some("2026-02-14"),
            "2026-02-28",
        ),
        (SQUADRON, "2026-02-14T16:59:59", None, "2026-02-28"),
        (
            SQUADRON,
            "2026-02-14T17:00:00",
            Some("2026-02-24"),
            "2026-03-02",
        ),
        (
            SQUADRON,
            "2026-02-18T10:00:00",
            Some("2026-02-24"),
            "2026-03-02",
        ),
        // Closed on Mondays.
        (
            TRAFFIC,
            "2026-03-02T12:00:00",
            Some("2026-03-03"),
            "2026-03-10",
        ),
        (TRAFFIC, "2026-03-03T10:59:59", None, "2026-03-10"),
        (TRAFFIC, "2026-03-03T18:59:59", None, "2026-03-10"),
        (
            TRAFFIC,
            "2026-03-03T19:00:00",
            Some("2026-03-04"),
            "2026-03-11",
        ),
        // Open on Saturdays, on which nobody counts.
        (
            TRAFFIC,
            "2026-03-06T19:00:00",
            Some("2026-03-10"),
            "2026-03-17",
        ),
        (TRAFFIC, "2026-03-07T18:59:59", None, "2026-03-13"),
        (
            TRAFFIC,
            "2026-03-07T19:00:00",
            Some("2026-03-10"),
            "2026-03-17",
        ),
        (
            TRAFFIC,
            "2026-02-21T12:00:00",
            Some("2026-02-24"),
            "2026-03-02",
        ),
        (
            OutletKind::Dealer,
            "2026-03-07T23:00:00",
            None,
            "2026-03-13",
        ),
    ] {
        let sandbox = sandbox_at(Pace::Manual, &format!("{at}+08:00")).await;
        let place = format!("{kind} {at}");
        let date = |day: Option<Date>| day.map(|day| day.to_string());
        let submission = registration_of(through(&sandbox, kind, registration(1)));
        let client = sandbox.sdk(kind);
        let assessed = client
            .validate_registration(submission.request())
            .await
            .unwrap();
        let filed = client.submit_registration(&submission).await.unwrap();
        assert_eq!(filed.status, Status::Received, "{place}");
        assert_eq!(filed.created_at.to_string(), format!("{at}+08:00"));
        for starts in [filed.clock_starts_on, assessed.clock_starts_on] {
            assert_eq!(date(starts).as_deref(), clock_starts_on, "{place}");
        }
        let received = &assessed.deadlines[0];
        assert_eq!(received.status, Status::Received);
        assert_eq!(received.working_days, 5, "{place}");
        for deadline in [filed.deadline_on, Some(received.deadline_on)] {
            assert_eq!(date(deadline).as_deref(), Some(deadline_on), "{place}");
        }
    }
}

#[tokio::test]
async fn at_statutory_pace_the_authority_begins_when_the_clock_has_started() {
    let sandbox = sandbox_at(Pace::Statutory, "2026-03-06T17:00:00+08:00").await;
    let filed = file(&sandbox, SQUADRON, registration(1)).await;
    sandbox.clock().advance(14 * DAY);
    let client = sandbox.sdk(SQUADRON);
    let timeline = client.get_timeline(&filed.application_id).await.unwrap();
    let told: Vec<(String, String, String)> = timeline
        .items
        .iter()
        .map(|entry| {
            let deadline = entry.deadline_on.map(|day| day.to_string());
            (
                entry.status.to_string(),
                entry.since.to_string(),
                deadline.unwrap_or_default(),
            )
        })
        .collect();
    let expected = [
        ("received", "2026-03-06T17:00:00+08:00", "2026-03-16"),
        ("accepted", "2026-03-10T09:00:00+08:00", "2026-03-12"),
        ("in_review", "2026-03-10T11:00:00+08:00", "2026-03-12"),
        ("approved", "2026-03-12T15:00:00+08:00", "2026-03-12"),
        ("completed", "2026-03-12T16:00:00+08:00", ""),
    ];
    let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
    assert_eq!(told, expected);
    // What is missing is told by the last day of the same period.
    let filed = file(&sandbox, SQUADRON, supplement(2)).await;
    assert_eq!(filed.clock_starts_on.unwrap().to_string(), "2026-03-23");
    let last_day = filed.deadline_on.unwrap();
    sandbox.clock().advance(30 * DAY);
    let timeline = client.get_timeline(&filed.application_id).await.unwrap();
    assert_eq!(timeline.items[1].status, Status::SupplementRequired);
    assert_eq!(timeline.items[1].since.date(), last_day);
}

#[tokio::test]
async fn the_quick_pace_waits_for_nobody_s_hours() {
    let sandbox = sandbox_at(Pace::Quick, "2026-03-06T20:00:00+08:00").await;
    let filed = file(&sandbox, SQUADRON, registration(1)).await;
    sandbox.settle();
    let client = sandbox.sdk(SQUADRON);
    let completed = client.get_application(&filed.application_id).await.unwrap();
    assert_eq!(completed.status, Status::Completed);
    assert_eq!(completed.clock_starts_on.unwrap().to_string(), "2026-03-09");
    // No period of the authority's begins before its clock.
    let timeline = client.get_timeline(&filed.application_id).await.unwrap();
    let accepted = &timeline.items[1];
    assert_eq!(accepted.status, Status::Accepted);
    assert_eq!(accepted.since.date().to_string(), "2026-03-06");
    assert_eq!(accepted.deadline_on.unwrap().to_string(), "2026-03-11");
}

#[tokio::test]
async fn the_base_registers_and_transfers() {
    let sandbox = sandbox().await;
    let body = registration(1);
    let filed = file(&sandbox, TRAFFIC, body.clone()).await;
    sandbox.settle();
    let traffic = sandbox.sdk(TRAFFIC);
    let registered = traffic
        .get_application(&filed.application_id)
        .await
        .unwrap();
    assert_eq!(registered.status, Status::Completed);
    let sale = through(&sandbox, SQUADRON, transfer_after(&body, &registered));
    let squadron = sandbox.sdk(SQUADRON);
    let sold = squadron.submit_transfer(&transfer_of(sale)).await.unwrap();
    sandbox.settle();
    let sold = squadron
        .get_application(&sold.application_id)
        .await
        .unwrap();
    assert_eq!(sold.status, Status::Completed);
    assert!(traffic.get_application(&sold.application_id).await.is_err());
}
