//! An application lives by the law's procedure and the space's clock.

use std::{collections::BTreeSet, time::Duration};

use lingminban::{
    Client, Submission,
    api::{
        Application, ApplicationId, ApplicationStatus as Status, ContactChangeRequest, Finding,
        FindingCode, HandIn, Lookup, OutletKind, SubmitContactChange, SupplementAnswer, Timeline,
        Withdrawal,
    },
    codes::VehicleStatusFlag,
};
use lingminban_sandbox::{Pace, Settings};
use serde_json::{Value, json};

use crate::support::{
    Judged, StandingHost, decoded, example, put_all, registration, registration_of, sandbox,
    sandbox_at, sandbox_on, supplement, transfer, transfer_of, vin,
};

const DEALER: OutletKind = OutletKind::Dealer;
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The Friday before the Spring Festival of 2026: Saturday is worked, 15 to 23 February are off.
const EVE: &str = "2026-02-13T09:00:00+08:00";

/// Papers that were there on the eve.
fn early(mut body: Value) -> Value {
    for paper in ["/origin_proof/invoice", "/transfer_proof/invoice"] {
        if let Some(invoice) = body.pointer_mut(paper) {
            invoice["issued_on"] = json!("2026-02-12");
        }
    }
    if let Some(proof) = body.get_mut("transfer_proof") {
        proof["delivered_on"] = json!("2026-02-12");
    }
    body
}

async fn file(client: &Client, body: Value) -> Application {
    client
        .submit_registration(&registration_of(body))
        .await
        .expect("filed")
}

async fn read(client: &Client, id: &ApplicationId) -> Application {
    client.get_application(id).await.expect("own")
}

/// State, since when, until when by law, and the article.
fn told(timeline: &Timeline) -> Vec<(String, String, Option<String>, Option<String>)> {
    let items = timeline.items.iter();
    items
        .map(|entry| {
            let deadline = entry.deadline_on.map(|day| day.to_string());
            (
                entry.status.to_string(),
                entry.since.to_string(),
                deadline,
                entry.rule.clone(),
            )
        })
        .collect()
}

fn entry(
    status: &str,
    since: &str,
    deadline: &str,
    rule: &str,
) -> (String, String, Option<String>, Option<String>) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (
        status.to_owned(),
        format!("{since}+08:00"),
        some(deadline),
        some(rule),
    )
}

/// The State Council has announced no holidays of 2027: what is counted into that year says so.
#[tokio::test]
async fn dates_of_a_year_without_holidays_announced_say_so() {
    let is_it = |finding: &&Finding| finding.code == FindingCode::CalendarNotAnnounced;
    for (now, filed_so, assessed_so) in [
        // Five working days end in the year; thirty days in which to supplement may not.
        ("2026-11-20T10:00:00+08:00", false, false),
        ("2026-12-15T10:00:00+08:00", false, true),
        ("2026-12-28T10:00:00+08:00", true, true),
        ("2027-03-01T10:00:00+08:00", true, true),
    ] {
        let sandbox = sandbox_at(Pace::Manual, now).await;
        let post = sandbox.sdk(OutletKind::PostOffice);
        let request: ContactChangeRequest = decoded(example::<SubmitContactChange>("standard"));
        let assessed = post.validate(&request).await.expect("assessed");
        let told = assessed.warnings.iter().find(is_it);
        assert_eq!(told.is_some(), assessed_so, "{now}");
        let filed = post.submit(&Submission::new(request)).await.expect("filed");
        let told = filed.warnings.iter().find(is_it);
        assert_eq!(told.is_some(), filed_so, "{now}");
        assert!(told.is_none_or(|told| told.rule == "R164 Art 92"));
        // Once it has ended no date is told that could change.
        while sandbox.step(&filed.application_id) {}
        let done = read(&post, &filed.application_id).await;
        assert_eq!(done.status, Status::Completed);
        assert!(!done.warnings.iter().any(|told| is_it(&told)), "{now}");
    }
}

#[tokio::test]
async fn at_statutory_pace_holidays_are_not_worked() {
    let sandbox = sandbox_at(Pace::Statutory, EVE).await;
    let dealer = sandbox.sdk(DEALER);
    let filed = file(&dealer, early(registration(1))).await;
    assert_eq!(
        filed.deadline_on.expect("a deadline").to_string(),
        "2026-02-27"
    );
    assert_eq!(filed.deadline_rule.as_deref(), Some("XKF Art 32"));
    sandbox.clock().advance(40 * DAY);
    let timeline = dealer
        .get_timeline(&filed.application_id)
        .await
        .expect("own");
    assert_eq!(
        told(&timeline),
        [
            entry(
                "received",
                "2026-02-13T09:00:00",
                "2026-02-27",
                "XKF Art 32"
            ),
            entry(
                "accepted",
                "2026-02-14T09:00:00",
                "2026-02-25",
                "R164 Art 10"
            ),
            entry(
                "in_review",
                "2026-02-14T11:00:00",
                "2026-02-25",
                "R164 Art 10"
            ),
            entry(
                "approved",
                "2026-02-25T15:00:00",
                "2026-02-25",
                "R164 Art 10"
            ),
            entry("completed", "2026-02-25T16:00:00", "", ""),
        ]
    );
}

#[tokio::test]
async fn a_transfer_has_one_working_day() {
    let sandbox = sandbox_at(Pace::Statutory, EVE).await;
    let market = sandbox.sdk(OutletKind::UsedCarMarket);
    let filed = market
        .submit_transfer(&transfer_of(early(transfer())))
        .await
        .expect("filed");
    sandbox.clock().advance(40 * DAY);
    let timeline = market
        .get_timeline(&filed.application_id)
        .await
        .expect("own");
    assert_eq!(
        told(&timeline)[1..],
        [
            entry(
                "accepted",
                "2026-02-14T09:00:00",
                "2026-02-24",
                "R164 Art 25"
            ),
            // The buyer shows the vehicle.
            entry(
                "vehicle_check",
                "2026-02-14T10:00:00",
                "2026-02-24",
                "R164 Art 25"
            ),
            entry(
                "in_review",
                "2026-02-14T12:00:00",
                "2026-02-24",
                "R164 Art 25"
            ),
            entry(
                "approved",
                "2026-02-24T15:00:00",
                "2026-02-24",
                "R164 Art 25"
            ),
            entry("completed", "2026-02-24T16:00:00", "", ""),
        ]
    );
}

#[tokio::test]
async fn filed_in_the_holidays_it_is_accepted_on_the_first_working_day() {
    let sandbox = sandbox_at(Pace::Statutory, "2026-02-17T22:30:00+08:00").await;
    let dealer = sandbox.sdk(DEALER);
    let filed = file(&dealer, early(registration(1))).await;
    assert_eq!(
        filed.deadline_on.expect("a deadline").to_string(),
        "2026-02-28"
    );
    sandbox.clock().advance_working_days(1);
    assert_eq!(
        read(&dealer, &filed.application_id)
            .await
            .status_since
            .to_string(),
        "2026-02-24T11:00:00+08:00"
    );
    sandbox.clock().advance(DAY * 10);
    let timeline = dealer
        .get_timeline(&filed.application_id)
        .await
        .expect("own");
    let accepted = entry(
        "accepted",
        "2026-02-24T09:00:00",
        "2026-02-26",
        "R164 Art 10",
    );
    assert_eq!(told(&timeline)[1], accepted);
}

#[tokio::test]
async fn a_vehicle_whose_maker_shares_nothing_is_shown_first() {
    let sandbox = sandbox_at(Pace::Statutory, EVE).await;
    let dealer = sandbox.sdk(DEALER);
    let catalogue = sandbox.catalogue().await;
    let item = catalogue
        .items
        .into_iter()
        .find(|item| item.name == "new_lookups_down");
    let mut body = early(item.expect("listed").requests.remove(0).body);
    body["partner_reference"] = json!("SHOWN");
    let filed = file(&dealer, body).await;
    assert!(filed.required_materials.iter().any(|one| {
        one.lookup
            .as_ref()
            .is_some_and(|lookup| *lookup == Lookup::MakerData)
    }));
    put_all(&dealer, &filed.application_id).await;
    sandbox.clock().advance(40 * DAY);
    let timeline = dealer
        .get_timeline(&filed.application_id)
        .await
        .expect("own");
    let states: Vec<(String, String)> = told(&timeline)
        .into_iter()
        .map(|(state, since, ..)| (state, since))
        .collect();
    let expected = [
        ("received", "2026-02-13T09:00:00+08:00"),
        ("accepted", "2026-02-14T09:00:00+08:00"),
        ("vehicle_check", "2026-02-14T10:00:00+08:00"),
        ("in_review", "2026-02-14T12:00:00+08:00"),
        ("approved", "2026-02-25T15:00:00+08:00"),
        ("completed", "2026-02-25T16:00:00+08:00"),
    ];
    assert_eq!(
        states,
        expected.map(|(state, since)| (state.to_owned(), since.to_owned()))
    );
}

#[tokio::test]
async fn at_manual_pace_nothing_moves_but_by_command() {
    let sandbox = sandbox_at(Pace::Manual, EVE).await;
    let dealer = sandbox.sdk(DEALER);
    let filed = file(&dealer, early(registration(1))).await;
    let id = &filed.application_id;
    sandbox.clock().advance(365 * DAY);
    assert_eq!(read(&dealer, id).await.status, Status::Received);
    for status in [
        Status::Accepted,
        Status::InReview,
        Status::Approved,
        Status::Completed,
    ] {
        assert!(sandbox.step(id), "to {status}");
        assert_eq!(read(&dealer, id).await.status, status);
        sandbox.clock().advance(DAY);
    }
    assert!(!sandbox.step(id), "nothing can follow");
    assert!(
        !sandbox.step(&"9465000000099".parse().expect("an id")),
        "no such application"
    );
    let mut waiting = early(supplement(2));
    waiting["compulsory_insurance"]["valid_until"] = json!("2027-02-28");
    let waiting = file(&dealer, waiting).await;
    assert!(
        !sandbox.step(&waiting.application_id),
        "the partner has the word"
    );
}

#[tokio::test]
async fn a_change_of_pace_takes_hold_of_what_is_filed() {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let dealer = sandbox.sdk(DEALER);
    let filed = file(&dealer, registration(1)).await;
    let id = &filed.application_id;
    sandbox.settle();
    assert_eq!(read(&dealer, id).await.status, Status::Received);
    sandbox.set_pace(Pace::Statutory);
    sandbox.clock().advance(DAY);
    assert_eq!(read(&dealer, id).await.status, Status::Accepted);
    sandbox.set_pace(Pace::Manual);
    sandbox.clock().advance(30 * DAY);
    assert_eq!(read(&dealer, id).await.status, Status::Accepted);
    sandbox.set_pace(Pace::Quick);
    sandbox.settle();
    assert_eq!(read(&dealer, id).await.status, Status::Completed);
}

#[tokio::test]
async fn a_notice_that_nobody_answers_lapses() {
    let sandbox = sandbox_at(Pace::Statutory, EVE).await;
    let dealer = sandbox.sdk(DEALER);
    let filed = file(&dealer, early(supplement(1))).await;
    let id = &filed.application_id;
    let notice = dealer
        .hand_in_application(id, &HandIn::default())
        .await
        .expect("received");
    // Thirty days of the calendar, not of the office.
    assert_eq!(
        notice.deadline_on.expect("a deadline").to_string(),
        "2026-03-15"
    );
    assert!(
        !notice
            .deadline_rule
            .expect("says whose")
            .starts_with("R164"),
        "no article sets it"
    );
    sandbox
        .clock()
        .advance(31 * DAY - 9 * HOUR - Duration::from_millis(1));
    assert_eq!(
        sandbox.clock().now().to_string(),
        "2026-03-15T23:59:59.999+08:00"
    );
    assert_eq!(read(&dealer, id).await.status, Status::SupplementRequired);
    sandbox.clock().advance(Duration::from_millis(1));
    let lapsed = read(&dealer, id).await;
    assert_eq!(lapsed.status, Status::Lapsed);
    assert_eq!(lapsed.status_since.to_string(), "2026-03-16T00:00:00+08:00");
    let late = dealer
        .answer_supplement_notice(id, &SupplementAnswer::default())
        .await;
    assert_eq!(
        late.expect_err("too late")
            .problem()
            .expect("a problem")
            .code
            .as_str(),
        "wrong_state"
    );
    // The vehicle may be filed anew.
    let mut anew = early(registration(1));
    anew["partner_reference"] = json!("ANEW");
    file(&dealer, anew).await;
}

#[tokio::test]
async fn the_authority_gives_notice_within_five_working_days_by_itself() {
    let sandbox = sandbox_at(Pace::Quick, EVE).await;
    let dealer = sandbox.sdk(DEALER);
    let filed = file(&dealer, early(supplement(1))).await;
    let id = &filed.application_id;
    let missing = filed.missing_materials().count();
    assert_eq!(
        filed.deadline_on.expect("a deadline").to_string(),
        "2026-02-27"
    );
    sandbox
        .clock()
        .advance(14 * DAY + 6 * HOUR - Duration::from_millis(1));
    assert_eq!(read(&dealer, id).await.status, Status::Received);
    sandbox.clock().advance(Duration::from_millis(1));
    let notice = read(&dealer, id).await;
    assert_eq!(notice.status, Status::SupplementRequired);
    // On the day itself: a day later the application would count as accepted (XKF Art 32).
    assert_eq!(notice.status_since.to_string(), "2026-02-27T15:00:00+08:00");
    assert_eq!(notice.findings.len(), missing, "one notice with everything");
}

/// Handing in early does not lead a barred applicant past the acceptance (R164 Art 80).
#[tokio::test]
async fn a_barred_agent_is_not_accepted_however_the_papers_come() {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let market = sandbox.sdk(OutletKind::UsedCarMarket);
    let catalogue = sandbox.catalogue().await;
    let case = catalogue
        .items
        .iter()
        .find(|item| item.name == "agent_barred");
    let body = case.expect("the case").requests[0].body.clone();
    let filed = market
        .submit_transfer(&transfer_of(body))
        .await
        .expect("filed");
    assert!(filed.missing_materials().count() > 0);
    let id = &filed.application_id;
    let handed_in = market
        .hand_in_application(id, &HandIn::default())
        .await
        .expect("handed in");
    assert_eq!(handed_in.status, Status::NotAccepted);
    assert_eq!(handed_in.findings[0].code.as_str(), "applicant_barred");
}

/// What an officer investigates goes on once the suspicion is lifted.
#[tokio::test]
async fn a_case_goes_on_when_its_investigation_ends() {
    let sandbox = sandbox_at(Pace::Quick, "2026-03-02T09:00:00+08:00").await;
    let market = sandbox.sdk(OutletKind::UsedCarMarket);
    let sold = decoded(transfer()["vehicle"]["vin"].clone());
    sandbox.flag(sold, VehicleStatusFlag::Suspect, true);
    let filed = market
        .submit_transfer(&transfer_of(transfer()))
        .await
        .expect("filed");
    let id = &filed.application_id;
    sandbox.clock().advance(DAY);
    assert_eq!(read(&market, id).await.status, Status::InReview);
    sandbox.flag(sold, VehicleStatusFlag::Suspect, false);
    sandbox.settle();
    assert_eq!(read(&market, id).await.status, Status::Completed);
}

#[tokio::test]
async fn what_befalls_the_vehicle_before_the_review_counts_and_after_it_does_not() {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let market = sandbox.sdk(OutletKind::UsedCarMarket);
    let sale = transfer();
    let sold = decoded(sale["vehicle"]["vin"].clone());
    let filed = market
        .submit_transfer(&transfer_of(sale.clone()))
        .await
        .expect("filed");
    let id = &filed.application_id;
    assert!(sandbox.step(id));
    sandbox.flag(sold, VehicleStatusFlag::Sealed, true);
    sandbox.flag(sold, VehicleStatusFlag::ViolationPending, true);
    assert!(sandbox.step(id));
    assert!(sandbox.step(id));
    assert_eq!(read(&market, id).await.status, Status::InReview);
    assert!(sandbox.step(id));
    let refused = read(&market, id).await;
    assert_eq!(refused.status, Status::Refused);
    let codes: BTreeSet<&str> = refused
        .findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect();
    assert_eq!(
        codes,
        BTreeSet::from(["open_violations", "sealed_or_detained"])
    );

    sandbox.flag(sold, VehicleStatusFlag::Sealed, false);
    sandbox.flag(sold, VehicleStatusFlag::ViolationPending, false);
    let mut again = sale;
    again["partner_reference"] = json!("AGAIN");
    let filed = market
        .submit_transfer(&transfer_of(again))
        .await
        .expect("filed");
    let id = &filed.application_id;
    for _ in 0..4 {
        assert!(sandbox.step(id));
    }
    assert_eq!(read(&market, id).await.status, Status::Approved);
    sandbox.flag(sold, VehicleStatusFlag::Sealed, true);
    assert!(sandbox.step(id));
    assert_eq!(read(&market, id).await.status, Status::Completed);
    let record = market.get_vehicle(&sold).await.expect("registered");
    assert_eq!(
        record.status_flags,
        [VehicleStatusFlag::Sealed],
        "it stays with the vehicle"
    );
}

#[tokio::test]
async fn a_suspect_never_passes_by_itself() {
    for flag in [
        VehicleStatusFlag::Suspect,
        VehicleStatusFlag::Locked,
        VehicleStatusFlag::HitAndRun,
    ] {
        let sandbox = sandbox().await;
        let market = sandbox.sdk(OutletKind::UsedCarMarket);
        let sale = transfer();
        sandbox.flag(decoded(sale["vehicle"]["vin"].clone()), flag, true);
        let filed = market
            .submit_transfer(&transfer_of(sale))
            .await
            .expect("filed");
        let id = &filed.application_id;
        // Not so long that its inspection is overdue.
        sandbox.clock().advance(30 * DAY);
        assert!(!sandbox.step(id), "{flag}: not by command either");
        let held = read(&market, id).await;
        assert_eq!(held.status, Status::InReview, "{flag}");
        assert_eq!(held.findings[0].code.as_str(), "under_investigation");
        assert_eq!(held.findings[0].rule, "R164 Art 74");
        assert_eq!(held.poll_after_ms, Some(60_000));
        let withdrawn = market
            .withdraw_application(id, &Withdrawal::default())
            .await
            .expect("undecided");
        assert_eq!(withdrawn.status, Status::Withdrawn);
    }
}

/// Deadline and poll hint belong to states that something can follow.
fn assert_hints(application: &Application, seen: &mut BTreeSet<String>) {
    let status = application.status.known().expect("a known state");
    seen.insert(status.to_string());
    let open = !status.is_terminal();
    assert_eq!(application.poll_after_ms.is_some(), open, "{status}");
    assert_eq!(application.deadline_on.is_some(), open, "{status}");
    assert_eq!(application.deadline_rule.is_some(), open, "{status}");
    assert_eq!(
        application.result.is_some(),
        status == Status::Completed,
        "{status}"
    );
    assert_ne!(application.poll_after_ms, Some(0), "{status}");
}

#[tokio::test]
async fn every_state_that_is_not_the_end_says_when_to_ask_again() {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let dealer = sandbox.sdk(DEALER);
    let mut seen = BTreeSet::new();
    let mut walk = async |application: Application| {
        assert_hints(&application, &mut seen);
        while sandbox.step(&application.application_id) {
            assert_hints(&read(&dealer, &application.application_id).await, &mut seen);
        }
    };
    let catalogue = sandbox.catalogue().await;
    for name in ["new_stolen", "new_owner_barred", "new_electric"] {
        let item = catalogue
            .items
            .iter()
            .find(|item| item.name == name)
            .expect("listed");
        walk(file(&dealer, item.requests[0].body.clone()).await).await;
    }
    let silent = catalogue
        .items
        .iter()
        .find(|item| item.name == "new_lookups_down")
        .expect("listed");
    let shown = file(&dealer, silent.requests[0].body.clone()).await;
    put_all(&dealer, &shown.application_id).await;
    walk(shown).await;
    let filed = file(&dealer, supplement(1)).await;
    let notice = dealer
        .hand_in_application(&filed.application_id, &HandIn::default())
        .await;
    walk(notice.expect("received")).await;
    sandbox.clock().advance(60 * DAY);
    walk(read(&dealer, &filed.application_id).await).await;
    let filed = file(&dealer, supplement(2)).await;
    let withdrawn = dealer
        .withdraw_application(&filed.application_id, &Withdrawal::default())
        .await;
    walk(withdrawn.expect("undecided")).await;
    let all: BTreeSet<String> = Status::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(seen, all, "every state was met");
}

#[tokio::test]
async fn the_hint_leads_to_the_next_state() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let mut application = file(&dealer, registration(1)).await;
    let mut asked = 0;
    while let Some(wait) = application.poll_after_ms {
        sandbox.clock().advance(Duration::from_millis(wait.into()));
        let next = read(&dealer, &application.application_id).await;
        assert_ne!(
            next.status, application.status,
            "{} asked too early",
            application.status
        );
        application = next;
        asked += 1;
    }
    assert_eq!(application.status, Status::Completed);
    assert_eq!(asked, 4);
}

/// Files one of each kind and gives the paths of their timelines.
async fn file_some(sandbox: &Judged) -> Vec<String> {
    let dealer = sandbox.sdk(DEALER);
    let market = sandbox.sdk(OutletKind::UsedCarMarket);
    let waiting = file(&dealer, early(supplement(2))).await;
    let noticed = file(&dealer, early(supplement(3))).await;
    dealer
        .hand_in_application(&noticed.application_id, &HandIn::default())
        .await
        .expect("received");
    let filed = [
        file(&dealer, early(registration(1))).await,
        waiting,
        noticed,
        market
            .submit_transfer(&transfer_of(early(transfer())))
            .await
            .expect("filed"),
    ];
    filed
        .map(|one| format!("/v1/applications/{}/timeline", one.application_id))
        .to_vec()
}

#[tokio::test]
async fn one_great_leap_and_many_small_steps_come_to_the_same() {
    for pace in [Pace::Statutory, Pace::Quick] {
        let mut timelines = Vec::new();
        for step in [60 * DAY, 7 * HOUR, Duration::from_secs(97 * 60)] {
            let sandbox = sandbox_at(pace, EVE).await;
            let paths = file_some(&sandbox).await;
            let mut left = 60 * DAY;
            while !left.is_zero() {
                let by = step.min(left);
                sandbox.clock().advance(by);
                left -= by;
            }
            let dealer = sandbox.caller(DEALER).await;
            let market = sandbox.caller(OutletKind::UsedCarMarket).await;
            let mut bytes = Vec::new();
            for (place, path) in paths.iter().enumerate() {
                let caller = if place == 3 { &market } else { &dealer };
                let got = caller.get(path).await;
                got.ok(200);
                bytes.push(got.text());
            }
            timelines.push(bytes);
        }
        assert_eq!(timelines[0], timelines[1]);
        assert_eq!(timelines[0], timelines[2]);
    }
}

#[tokio::test]
async fn the_clock_runs_stands_and_leaps_but_never_back() {
    let host = StandingHost::default();
    let sandbox = sandbox_on(Settings::default(), host.clone()).await;
    let shown = || sandbox.clock().now().to_string();
    assert_eq!(shown(), "2026-03-02T09:00:00+08:00");
    host.pass(HOUR);
    assert_eq!(shown(), "2026-03-02T10:00:00+08:00");
    sandbox.clock().freeze();
    host.pass(HOUR);
    assert_eq!(shown(), "2026-03-02T10:00:00+08:00");
    sandbox.clock().advance(DAY);
    assert_eq!(shown(), "2026-03-03T10:00:00+08:00");
    sandbox.clock().resume();
    host.pass(HOUR);
    assert_eq!(shown(), "2026-03-03T11:00:00+08:00");
    // Over the weekend.
    sandbox.clock().advance_working_days(4);
    assert_eq!(shown(), "2026-03-09T11:00:00+08:00");
    sandbox.clock().advance(Duration::MAX);
    sandbox.clock().advance_working_days(1);
    let caller = sandbox.caller(DEALER).await;
    let got = caller.get("/v1/outlets/zb-dealer-001").await;
    assert!(
        got.status < 500,
        "the end of time is no failure: {}",
        got.text()
    );
}

#[tokio::test]
async fn a_source_that_answers_again_exempts_again() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let catalogue = sandbox.catalogue().await;
    let item = catalogue
        .items
        .into_iter()
        .find(|item| item.name == "new_tax_not_found");
    let mut item = item.expect("listed");
    sandbox.silence(item.vin, Lookup::PurchaseTaxData, false);
    sandbox.silence(item.vin, Lookup::InsurerPlatform, true);
    let filed = file(&dealer, item.requests.remove(0).body).await;
    let missing: Vec<String> = filed.missing_materials().map(ToString::to_string).collect();
    assert_eq!(missing, ["compulsory_insurance"]);
}

/// A new car that nobody has heard of is put on record for the flag.
#[tokio::test]
async fn any_flag_can_be_set_on_any_vehicle() {
    let sandbox = sandbox().await;
    sandbox.flag(vin(1), VehicleStatusFlag::Stolen, true);
    sandbox.silence(vin(1), Lookup::PurchaseTaxData, true);
    let dealer = sandbox.sdk(DEALER);
    let filed = file(&dealer, registration(1)).await;
    assert_eq!(filed.missing_materials().count(), 1);
    sandbox.silence(vin(2), Lookup::PurchaseTaxData, false);
    sandbox.flag(vin(2), VehicleStatusFlag::Stolen, true);
    let refused = sandbox.register(registration(2)).await;
    assert_eq!(refused.status, Status::Refused);
    assert_eq!(refused.findings[0].code.as_str(), "stolen_or_defrauded");
}
