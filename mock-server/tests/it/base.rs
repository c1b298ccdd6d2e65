//! 基层网点: township squadrons and traffic stations, their hours, and how much they handle.

use std::{collections::BTreeMap, time::Duration};

use jiff::civil::Date;
use lingminban::{
    Submission,
    api::{
        Application, ApplicationStatus as Status, BaseShare, District, OutletKind, Service,
        Statistic, StatisticsDimension, StatisticsFilter, Withdrawal, control::Snapshot,
    },
    moment::Moment,
};
use lingminban_sandbox::{Pace, engine::statistics::Counts};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::support::{
    Judged, decoded, registration, registration_of, sandbox, sandbox_at, supplement, transfer,
    transfer_after, transfer_of,
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

async fn count(sandbox: &Judged, filter: StatisticsFilter) -> Vec<Statistic> {
    let bank = sandbox.sdk(OutletKind::Bank);
    bank.list_statistics(filter)
        .try_collect()
        .await
        .expect("a list")
}

async fn share(sandbox: &Judged, filter: StatisticsFilter) -> BaseShare {
    let bank = sandbox.sdk(OutletKind::Bank);
    bank.list_statistics_page(&filter)
        .await
        .expect("a page")
        .base_share
}

/// An entry in few words.
fn line(one: &Statistic) -> String {
    let text = |word: Option<String>| word.unwrap_or_else(|| "*".to_owned());
    format!(
        "{} {} {} {}: {} {} {}",
        text(one.day.map(|day| day.to_string())),
        text(one.service.as_ref().map(ToString::to_string)),
        text(one.outlet_kind.as_ref().map(ToString::to_string)),
        text(one.district.as_ref().map(ToString::to_string)),
        one.received,
        one.completed,
        one.refused
    )
}

fn lines(items: &[Statistic]) -> Vec<String> {
    items.iter().map(line).collect()
}

/// One registration on Monday at a dealer, two at the squadron, of which one is refused on Tuesday;
/// on Tuesday a transfer at the market that is withdrawn.
async fn busy() -> Judged {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let control = sandbox.control().expect("a client");
    let space = control
        .list_spaces(&Default::default())
        .await
        .expect("listed");
    let space = space.items[0].space_id.clone();
    let decide = async |filed: &Application, command: Value| {
        let id = &filed.application_id;
        let decided = control.decide(&space, id, decoded(command)).await;
        decided.expect("decided");
    };
    let bought = file(&sandbox, OutletKind::Dealer, registration(1)).await;
    let first = file(&sandbox, SQUADRON, registration(2)).await;
    let second = file(&sandbox, SQUADRON, registration(3)).await;
    decide(&bought, json!({"decision": "complete"})).await;
    decide(&first, json!({"decision": "complete"})).await;
    sandbox.clock().advance(DAY);
    decide(
        &second,
        json!({"decision": "refuse", "reasons": ["under_investigation"]}),
    )
    .await;
    let market = sandbox.sdk(OutletKind::UsedCarMarket);
    let sale = market
        .submit_transfer(&transfer_of(transfer()))
        .await
        .expect("filed");
    let withdrawal = Withdrawal::default();
    let withdrawn = market.withdraw_application(&sale.application_id, &withdrawal);
    withdrawn.await.expect("withdrawn");
    sandbox
}

#[tokio::test]
async fn what_is_handled_is_counted_by_day_service_kind_and_district() {
    let sandbox = busy().await;
    let all = count(&sandbox, StatisticsFilter::default()).await;
    assert_eq!(
        lines(&all),
        [
            "2026-03-02 registration dealer zhangdian: 1 1 0",
            "2026-03-02 registration township_squadron zhangdian: 2 1 0",
            "2026-03-03 registration township_squadron zhangdian: 0 0 1",
            "2026-03-03 transfer used_car_market zhangdian: 1 0 0",
        ]
    );
    let day = |text: &str| text.parse::<Date>().unwrap();
    let filter = StatisticsFilter::builder;
    for (filter, expected) in [
        (filter().to(day("2026-03-02")).build(), &all[..2]),
        (filter().from(day("2026-03-03")).build(), &all[2..]),
        (filter().service(Service::Transfer).build(), &all[3..]),
        (filter().outlet_kind(SQUADRON).build(), &all[1..3]),
        (filter().district(District::Boshan).build(), &[]),
        (
            filter()
                .from(day("2026-03-03"))
                .to(day("2026-03-02"))
                .build(),
            &[],
        ),
        // Page after page it is the same.
        (filter().page_size(1_u64.try_into().unwrap()).build(), &all),
    ] {
        assert_eq!(
            count(&sandbox, filter.clone()).await,
            expected,
            "{filter:?}"
        );
    }
    for (by, expected) in [
        (
            StatisticsDimension::Day,
            &["2026-03-02 * * *: 3 2 0", "2026-03-03 * * *: 1 0 1"][..],
        ),
        (
            StatisticsDimension::Service,
            &["* registration * *: 3 2 1", "* transfer * *: 1 0 0"],
        ),
        (
            StatisticsDimension::OutletKind,
            &[
                "* * dealer *: 1 1 0",
                "* * township_squadron *: 2 1 1",
                "* * used_car_market *: 1 0 0",
            ],
        ),
        (StatisticsDimension::District, &["* * * zhangdian: 4 2 1"]),
    ] {
        let items = count(&sandbox, filter().by(by).build()).await;
        assert_eq!(lines(&items), expected, "{by}");
    }
}

#[tokio::test]
async fn the_share_of_the_base_is_among_all_kinds() {
    let sandbox = busy().await;
    let filter = StatisticsFilter::builder;
    let whole = BaseShare {
        received: 4,
        received_at_base: 2,
        share_permille: Some(500),
    };
    assert_eq!(share(&sandbox, filter().build()).await, whole);
    for narrower in [
        filter().outlet_kind(OutletKind::Dealer).build(),
        filter().page_size(1_u64.try_into().unwrap()).build(),
        filter().by(StatisticsDimension::Day).build(),
    ] {
        assert_eq!(share(&sandbox, narrower).await, whole);
    }
    let registrations = filter().service(Service::Registration).build();
    let of_registrations = share(&sandbox, registrations).await;
    assert_eq!(of_registrations.share_permille, Some(666), "rounded down");
    let nothing = share(&sandbox, filter().district(District::Boshan).build()).await;
    assert_eq!(nothing, BaseShare::of(0, 0));
    assert_eq!(nothing.share_permille, None);
}

#[tokio::test]
async fn what_makes_no_sense_is_told() {
    let sandbox = sandbox().await;
    let bank = sandbox.caller(OutletKind::Bank).await;
    for (query, parameter) in [
        ("from=20260302", "from"),
        ("to=2026-02-30", "to"),
        ("by=outlet", "by"),
        ("outlet_kind=police", "outlet_kind"),
        ("day=2026-03-02", "day"),
    ] {
        let refused = bank.get(&format!("/v1/statistics?{query}")).await;
        assert_eq!(refused.errors()[0].0, parameter, "{query}");
    }
    let refused = bank.get("/v1/statistics?page_token=x").await;
    refused.refused(400, "invalid_page_token");
}

/// One thing that happens in a space.
#[derive(Clone, Debug)]
enum Step {
    Register { kind: OutletKind, car: u32 },
    Transfer,
    Withdraw { place: u32 },
    Decide { place: u32, decision: &'static str },
    Pace(Pace),
    Pass(Duration),
    Snapshot,
    Restore,
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    let place = || 0..6_u32;
    let kinds = vec![OutletKind::Dealer, SQUADRON, TRAFFIC];
    prop_oneof![
        6 => (select(kinds), 1..40_u32).prop_map(|(kind, car)| Step::Register { kind, car }),
        1 => Just(Step::Transfer),
        1 => place().prop_map(|place| Step::Withdraw { place }),
        3 => (place(), select(vec!["step", "complete", "refuse"]))
            .prop_map(|(place, decision)| Step::Decide { place, decision }),
        1 => select(vec![Pace::Quick, Pace::Statutory, Pace::Manual]).prop_map(Step::Pace),
        3 => select(vec![DAY / 24, DAY / 2, 2 * DAY]).prop_map(Step::Pass),
        1 => Just(Step::Snapshot),
        1 => Just(Step::Restore),
        1 => Just(Step::Reset),
    ]
}

/// Goes through all applications, as the statistics never do.
fn scanned(sandbox: &Judged) -> BTreeMap<(Date, Service, String, String), Counts> {
    let engine = sandbox.engine();
    let state = engine.home().lock();
    let mut counts = BTreeMap::<_, Counts>::new();
    for number in state.docket.numbers() {
        let entry = &state.docket[number];
        let outlet = &engine.city().directory[entry.outlet];
        for (status, at) in &entry.history {
            let (kind, district) = (outlet.kind.to_string(), outlet.district.to_string());
            let cell = (Moment::new(*at).date(), entry.service, kind, district);
            match status {
                Status::Received => counts.entry(cell).or_default().received += 1,
                Status::Completed => counts.entry(cell).or_default().completed += 1,
                Status::Refused | Status::NotAccepted => {
                    counts.entry(cell).or_default().refused += 1;
                }
                _ => {}
            }
        }
    }
    counts
}

async fn told(sandbox: &Judged) -> BTreeMap<(Date, Service, String, String), Counts> {
    let items = count(sandbox, StatisticsFilter::default()).await;
    let cells = items.into_iter().map(|one| {
        let cell = (
            one.day.expect("told"),
            one.service.expect("told").known().expect("told"),
            one.outlet_kind.expect("told").to_string(),
            one.district.expect("told").to_string(),
        );
        let counts = Counts {
            received: one.received,
            completed: one.completed,
            refused: one.refused,
        };
        (cell, counts)
    });
    cells.collect()
}

async fn take(sandbox: &Judged, step: &Step, snapshot: &mut Option<Snapshot>) {
    let engine = sandbox.engine();
    let home = engine.home();
    let control = sandbox.control().expect("a client");
    let id = home.id.name();
    let application = |place: u32| home.application_id(place);
    // What cannot be done now is refused, and changes nothing.
    match step {
        Step::Register { kind, car } => {
            let body = through(sandbox, *kind, registration(*car));
            let submission = Submission::new(decoded(body));
            let _ = sandbox.sdk(*kind).submit_registration(&submission).await;
        }
        Step::Transfer => {
            let market = sandbox.sdk(OutletKind::UsedCarMarket);
            let _ = market.submit_transfer(&transfer_of(transfer())).await;
        }
        Step::Withdraw { place } => {
            let squadron = sandbox.sdk(SQUADRON);
            let withdrawal = Withdrawal::default();
            let _ = squadron
                .withdraw_application(&application(*place), &withdrawal)
                .await;
        }
        Step::Decide { place, decision } => {
            let mut command = json!({ "decision": decision });
            if *decision == "refuse" {
                command["reasons"] = json!(["under_investigation"]);
            }
            let _ = control
                .decide(&id, &application(*place), decoded(command))
                .await;
        }
        Step::Pace(pace) => sandbox.set_pace(*pace),
        Step::Pass(time) => sandbox.clock().advance(*time),
        Step::Snapshot => *snapshot = Some(control.take_snapshot(&id).await.expect("taken")),
        Step::Restore => {
            if let Some(snapshot) = snapshot {
                control.restore_snapshot(snapshot).await.expect("restored");
            }
        }
        Step::Reset => {
            control.reset_space(&id).await.expect("reset");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_counted_is_what_a_scan_would_count(steps in vec(step(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let sandbox = sandbox().await;
            let mut snapshot = None;
            for step in &steps {
                take(&sandbox, step, &mut snapshot).await;
            }
            prop_assert_eq!(told(&sandbox).await, scanned(&sandbox));
            Ok(())
        })?;
    }
}
