//! Spaces and commands: what the control interface changes, and what it never does.

use http::Method;
use lingminban::{
    Submission,
    api::{
        OutletKind, RegistrationRequest,
        control::{ClockMove, NewSpace, PutVehicle, SpaceCreated, SpaceFilter},
    },
    codes::VehicleStatusFlag,
    moment::Moment,
};
use lingminban_sandbox::{Control, Options, Pace, Sandbox};
use serde_json::{Value, json};

use crate::support::*;

const SPACES: &str = "/sandbox/v1/spaces";

async fn dealer_in(sandbox: &Judged, created: &SpaceCreated) -> Caller {
    Caller::of(sandbox.base_url(), &credential(created, OutletKind::Dealer)).await
}

/// A space whose clock stands still.
fn still() -> NewSpace {
    NewSpace::builder().frozen(true).build()
}

async fn put(caller: &Caller, path: &str, body: &Value) -> Got {
    caller
        .send(caller.request(Method::PUT, path).json(body))
        .await
}

async fn command(caller: &Caller, path: &str, body: &Value) -> Got {
    caller
        .send(caller.request(Method::POST, path).json(body))
        .await
}

/// Everything there is to see of an application in a space, as bytes.
async fn seen(caller: &Caller) -> Vec<u8> {
    let filed = caller
        .post_keyed("/v1/registrations", "one-key-for-all", &registration(1))
        .await;
    let id = filed.ok(201)["application_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let mut bytes = filed.bytes;
    for path in [
        format!("/v1/applications/{id}"),
        format!("/v1/applications/{id}/timeline"),
        "/v1/applications".to_owned(),
    ] {
        let got = caller.get(&path).await;
        bytes.extend(got.header("date").expect("a date").bytes());
        bytes.extend(got.bytes);
    }
    bytes
}

#[tokio::test]
async fn equal_spaces_give_equal_bytes_and_see_nothing_of_each_other() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let one = control.create_space(still()).await.unwrap();
    let two = control.create_space(still()).await.unwrap();
    assert_ne!(one.space_id, two.space_id);
    let (first, second) = (
        dealer_in(&sandbox, &one).await,
        dealer_in(&sandbox, &two).await,
    );
    assert_eq!(seen(&first).await, seen(&second).await);

    control
        .clock(&two.space_id, ClockMove::Advance("P1D".parse().unwrap()))
        .await
        .unwrap();
    let date = |got: Got| got.header("date").unwrap().to_owned();
    assert_eq!(
        date(first.get("/v1/applications").await),
        "Mon, 02 Mar 2026 01:00:00 GMT"
    );
    let home = sandbox.caller(OutletKind::Dealer).await;
    assert_eq!(
        home.get("/v1/applications").await.ok(200)["items"],
        json!([])
    );
}

#[tokio::test]
async fn a_credential_opens_its_own_space_alone_and_dies_with_it() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let space = control
        .create_space(NewSpace::builder().outlet_kind(OutletKind::Bank).build())
        .await
        .unwrap();
    assert!(!space.credentials.is_empty());
    assert!(
        space
            .credentials
            .iter()
            .all(|credential| credential.outlet_kind == OutletKind::Bank)
    );
    let credential = credential(&space, OutletKind::Bank);
    let bank = Caller::of(sandbox.base_url(), &credential).await;
    bank.get("/v1/applications").await.ok(200);

    control.delete_space(&space.space_id).await.unwrap();
    bank.get("/v1/applications")
        .await
        .refused(401, "invalid_token");
    assert_eq!(bank.token(&credential, None).await.status, 401);
    let next = control.create_space(still()).await.unwrap();
    assert_ne!(
        next.space_id, space.space_id,
        "numbers are never given again"
    );
    let error = control.get_space(&space.space_id).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    sandbox
        .stranger()
        .send(
            sandbox
                .stranger()
                .request(Method::DELETE, &format!("{SPACES}/space-0")),
        )
        .await
        .refused(409, "first_space_stays");
}

#[tokio::test]
async fn a_fork_goes_on_from_where_its_parent_stands() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let parent = control.create_space(still()).await.unwrap();
    let dealer = dealer_in(&sandbox, &parent).await;
    let filed = dealer
        .post("/v1/registrations", &registration(1))
        .await
        .ok(201);
    let path = format!(
        "/v1/applications/{}",
        filed["application_id"].as_str().unwrap()
    );

    let fork = control.fork_space(&parent.space_id).await.unwrap();
    let day = ClockMove::Advance("P1D".parse().unwrap());
    control.clock(&fork.space_id, day).await.unwrap();
    let forked = dealer_in(&sandbox, &fork).await;
    assert_eq!(forked.get(&path).await.ok(200)["status"], "completed");
    assert_eq!(dealer.get(&path).await.ok(200)["status"], "received");
}

#[tokio::test]
async fn a_snapshot_brings_everything_back_and_a_reset_everything_to_its_start() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let space = control.create_space(still()).await.unwrap();
    let dealer = dealer_in(&sandbox, &space).await;
    dealer
        .post("/v1/registrations", &registration(1))
        .await
        .ok(201);
    let before = control.get_space(&space.space_id).await.unwrap();
    let snapshot = control.take_snapshot(&space.space_id).await.unwrap();

    let week = ClockMove::Advance("P7D".parse().unwrap());
    control.clock(&space.space_id, week).await.unwrap();
    dealer
        .get("/v1/applications")
        .await
        .refused(401, "expired_token");
    let dealer = dealer_in(&sandbox, &space).await;
    dealer
        .post("/v1/registrations", &registration(2))
        .await
        .ok(201);

    let back = control.restore_snapshot(&snapshot).await.unwrap();
    assert_eq!((back.applications, back.clock), (1, before.clock));
    assert_eq!(back.snapshots, std::slice::from_ref(&snapshot));
    let dealer = dealer_in(&sandbox, &space).await;
    dealer
        .post("/v1/registrations", &registration(2))
        .await
        .ok(201);

    let fresh = control.reset_space(&space.space_id).await.unwrap();
    assert_eq!(fresh.applications, 0);
    assert_eq!(fresh.snapshots.len(), 1, "snapshots outlive a reset");
    control.delete_snapshot(&snapshot).await.unwrap();
    let error = control.restore_snapshot(&snapshot).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
}

#[tokio::test]
async fn a_clock_does_one_thing_at_a_time_and_never_runs_backwards() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let space = control.create_space(still()).await.unwrap();
    let path = format!("{SPACES}/{}/clock", space.space_id);
    let stranger = sandbox.stranger();
    for (body, now) in [
        (json!({"advance": "P30D"}), "2026-04-01T09:00:00+08:00"),
        // 清明节: 4 April, a Saturday, and 6 April off.
        (
            json!({"advance_working_days": 3}),
            "2026-04-07T09:00:00+08:00",
        ),
        (
            json!({"set": "2026-05-01T00:00:00+08:00"}),
            "2026-05-01T00:00:00+08:00",
        ),
        (json!({"advance": "PT0S"}), "2026-05-01T00:00:00+08:00"),
        (json!({"rate": 60}), "2026-05-01T00:00:00+08:00"),
        (json!({"frozen": true}), "2026-05-01T00:00:00+08:00"),
    ] {
        assert_eq!(
            command(&stranger, &path, &body).await.ok(200)["now"],
            now,
            "{body}"
        );
    }
    command(
        &stranger,
        &path,
        &json!({"set": "2026-04-30T00:00:00+08:00"}),
    )
    .await
    .refused(409, "clock_backwards");
    for (body, place, code) in [
        (json!({}), "", "exactly_one"),
        (json!({"frozen": true, "rate": 2}), "", "exactly_one"),
        (json!({"advance": "P9999Y"}), "/advance", "out_of_range"),
        (json!({"advance": "-P1D"}), "/advance", "wrong_format"),
        (json!({"advance": "P"}), "/advance", "wrong_length"),
        (json!({"rate": 0}), "/rate", "out_of_range"),
        (json!({"rate": "fast"}), "/rate", "wrong_type"),
        (
            json!({"advance_working_days": 0}),
            "/advance_working_days",
            "out_of_range",
        ),
        (json!({"forward": "P1D"}), "/forward", "unknown_member"),
        (
            json!({"set": "9999-12-31T20:00:00+08:00"}),
            "/set",
            "out_of_range",
        ),
    ] {
        let got = command(&stranger, &path, &body).await;
        got.refused(422, "validation_failed");
        assert_eq!(
            got.errors(),
            [(place.to_owned(), code.to_owned())],
            "{body}"
        );
    }
}

#[tokio::test]
async fn time_runs_at_the_rate_asked_for() {
    let host = StandingHost::default();
    let sandbox = sandbox_on(Default::default(), host.clone()).await;
    let control = sandbox.control().unwrap();
    let space = control.create_space(NewSpace::default()).await.unwrap();
    let rate = ClockMove::Rate(3_600.0.try_into().unwrap());
    control.clock(&space.space_id, rate).await.unwrap();
    host.pass(std::time::Duration::from_secs(24));
    let clock = control.get_space(&space.space_id).await.unwrap().clock;
    let day_later: Moment = "2026-03-03T09:00:00+08:00".parse().unwrap();
    assert_eq!(
        (clock.now, clock.rate, clock.frozen),
        (day_later, 3_600.0, false)
    );
}

#[tokio::test]
async fn at_manual_pace_each_step_is_a_command() {
    let sandbox = sandbox().await;
    let stranger = sandbox.stranger();
    let created = command(
        &stranger,
        SPACES,
        &json!({"pace": "manual", "frozen": true}),
    )
    .await
    .ok(201);
    let created: SpaceCreated = decoded(created);
    let dealer = dealer_in(&sandbox, &created).await;
    let mut number = 0;
    let mut file = async || {
        number += 1;
        let filed = dealer
            .post("/v1/registrations", &registration(number))
            .await
            .ok(201);
        let id = filed["application_id"].as_str().unwrap();
        format!("{SPACES}/{}/applications/{id}/decision", created.space_id)
    };
    let status = |got: Got| got.ok(200)["status"].as_str().unwrap().to_owned();

    let path = file().await;
    for (decision, reached) in [
        ("accept", "accepted"),
        ("step", "in_review"),
        ("approve", "approved"),
        ("complete", "completed"),
    ] {
        let got = command(&stranger, &path, &json!({"decision": decision})).await;
        assert_eq!(status(got), reached);
    }
    command(&stranger, &path, &json!({"decision": "step"}))
        .await
        .refused(409, "wrong_state");

    let path = file().await;
    let supplement = json!({"decision": "supplement", "materials": ["purchase_tax"]});
    let asked = command(&stranger, &path, &supplement).await.ok(200);
    assert_eq!(asked["status"], "supplement_required");
    assert_eq!(asked["findings"][0]["material"], "purchase_tax");

    let path = file().await;
    let refuse =
        json!({"decision": "refuse", "reasons": ["stolen_or_defrauded", "open_violations"]});
    let refused = command(&stranger, &path, &refuse).await.ok(200);
    assert_eq!(refused["status"], "refused");
    assert_eq!(refused["findings"][0]["code"], "stolen_or_defrauded");
    assert_eq!(refused["findings"][1]["rule"], "R164 Art 25");

    let path = file().await;
    for (body, place, code) in [
        (json!({"decision": "supplement"}), "/materials", "required"),
        (json!({"decision": "refuse"}), "/reasons", "required"),
        (
            json!({"decision": "accept", "reasons": ["open_violations"]}),
            "/reasons",
            "not_applicable",
        ),
        (
            json!({"decision": "refuse", "reasons": ["required"]}),
            "/reasons/0",
            "not_in_list",
        ),
        (json!({"decision": "perhaps"}), "/decision", "not_in_list"),
    ] {
        let got = command(&stranger, &path, &body).await;
        got.refused(422, "validation_failed");
        assert_eq!(
            got.errors(),
            [(place.to_owned(), code.to_owned())],
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_application_may_live_of_being_asked_after() {
    let sandbox = sandbox().await;
    let stranger = sandbox.stranger();
    let body = json!({"pace": "after_polls", "polls": 2});
    let created: SpaceCreated = decoded(command(&stranger, SPACES, &body).await.ok(201));
    let dealer = dealer_in(&sandbox, &created).await;
    let filed = dealer
        .post("/v1/registrations", &registration(1))
        .await
        .ok(201);
    let path = format!(
        "/v1/applications/{}",
        filed["application_id"].as_str().unwrap()
    );
    let mut states = Vec::new();
    for _ in 0..9 {
        states.push(
            dealer.get(&path).await.ok(200)["status"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(
        states,
        [
            "received",
            "accepted",
            "accepted",
            "in_review",
            "in_review",
            "approved",
            "approved",
            "completed",
            "completed"
        ]
    );
    for (body, code) in [
        (json!({"pace": "after_polls"}), "required"),
        (json!({"pace": "quick", "polls": 2}), "not_applicable"),
    ] {
        let path = format!("{SPACES}/{}/pace", created.space_id);
        let got = put(&stranger, &path, &body).await;
        assert_eq!(got.errors(), [("/polls".to_owned(), code.to_owned())]);
        let got = command(&stranger, SPACES, &body).await;
        assert_eq!(got.errors(), [("/polls".to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn flags_and_lookups_of_any_vehicle_are_set_and_lifted() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    let created = control.create_space(still()).await.unwrap();
    let stranger = sandbox.stranger();
    let vehicle = format!("{SPACES}/{}/vehicles/{}", created.space_id, vin(1));
    let set = json!({"set": ["sealed", "stolen"]});
    let standing = command(&stranger, &format!("{vehicle}/flags"), &set)
        .await
        .ok(200);
    assert_eq!(standing["status_flags"], json!(["stolen", "sealed"]));
    let clear = json!({"clear": ["stolen"]});
    let standing = command(&stranger, &format!("{vehicle}/flags"), &clear)
        .await
        .ok(200);
    assert_eq!(standing["status_flags"], json!(["sealed"]));
    assert_eq!(standing["registered"], false);
    let silence = json!({"silence": ["insurer_platform"]});
    let standing = command(&stranger, &format!("{vehicle}/lookups"), &silence)
        .await
        .ok(200);
    assert_eq!(standing["silent_lookups"], json!(["insurer_platform"]));

    let dealer = dealer_in(&sandbox, &created).await;
    let dry = "/v1/registrations?validate_only=true";
    let assessed = dealer.post(dry, &registration(1)).await.ok(200);
    let codes: Vec<&str> = assessed["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert!(
        codes.contains(&"sealed_or_detained") && codes.contains(&"material_missing"),
        "{codes:?}"
    );
    let wrong = format!(
        "{SPACES}/{}/vehicles/LZZTEST11N100000I/flags",
        created.space_id
    );
    command(&stranger, &wrong, &json!({}))
        .await
        .refused(400, "invalid_parameter");
}

#[tokio::test]
async fn a_vehicle_is_put_on_record_as_a_test_needs_it() {
    let sandbox = sandbox().await;
    let caller = sandbox.stranger();
    let path = |vin| format!("{SPACES}/space-0/vehicles/{vin}");
    let record = example::<PutVehicle>("due_for_inspection");
    let standing = put(&caller, &path(vin(3)), &record).await.ok(200);
    assert_eq!(standing["registered"], true);
    let station = sandbox.sdk(OutletKind::InspectionStation);
    let vehicle = station.get_vehicle(&vin(3)).await.expect("registered");
    assert_eq!(json!(vehicle.plate_number), record["plate_number"]);
    assert_eq!(vehicle.inspection_due_on.to_string(), "2026-04-30");

    // In the place of what was there; its flags stay.
    sandbox.flag(vin(3), VehicleStatusFlag::Sealed, true);
    let mut other = record.clone();
    other["plate_number"] = json!("鲁C54322");
    other["first_registered_on"] = json!("2025-06-20");
    other
        .as_object_mut()
        .expect("a body")
        .remove("inspection_due_on");
    put(&caller, &path(vin(3)), &other).await.ok(200);
    let vehicle = station.get_vehicle(&vin(3)).await.expect("registered");
    assert_eq!(vehicle.inspection_due_on.to_string(), "2027-06-30");
    assert_eq!(vehicle.status_flags, [VehicleStatusFlag::Sealed]);
    // The number it had is free.
    put(&caller, &path(vin(4)), &record).await.ok(200);

    let mut wrong = record.clone();
    wrong["plate_kind"] = json!("52");
    wrong["manufactured_on"] = json!("2020-05-01");
    let got = put(&caller, &path(vin(5)), &wrong).await;
    got.refused(422, "validation_failed");
    let mut places: Vec<String> = got.errors().into_iter().map(|(place, _)| place).collect();
    places.sort();
    assert_eq!(places, ["/first_registered_on", "/plate_number"]);
    let mut early = record.clone();
    early["inspection_due_on"] = json!("2020-04-14");
    early["old_cycle_from"] = json!("2020-04-14");
    early["seats"] = json!(0);
    let got = put(&caller, &path(vin(5)), &early).await;
    let expected = [
        ("/inspection_due_on", "dates_out_of_order"),
        ("/old_cycle_from", "dates_out_of_order"),
        ("/seats", "seats_not_of_class"),
    ];
    let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
    assert_eq!(got.errors(), expected);
    let mut taken = record;
    taken["first_registered_on"] = json!("2026-03-03");
    let got = put(&caller, &path(vin(5)), &taken).await;
    let mut errors = got.errors();
    errors.sort();
    let expected = [
        ("/first_registered_on", "date_in_future"),
        ("/plate_number", "plate_taken"),
    ];
    let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
    assert_eq!(errors, expected);
    assert!(station.get_vehicle(&vin(5)).await.is_err());
}

/// What is promised to an application stays promised, and what it will write is not undone by it.
#[tokio::test]
async fn nothing_is_put_on_record_in_the_way_of_an_application() {
    let sandbox = sandbox_at(Pace::Manual, "2026-03-02T09:00:00+08:00").await;
    let dealer = sandbox.sdk(OutletKind::Dealer);
    let mut body = registration(1);
    body["plate_choice"] = json!({ "method": "self_composed", "plate_number": "鲁C5K7M3" });
    let request: RegistrationRequest = decoded(body);
    let filed = dealer.submit(&Submission::new(request)).await;
    filed.expect("filed");
    let caller = sandbox.stranger();
    let path = |vin| format!("{SPACES}/space-0/vehicles/{vin}");
    let mut record = example::<PutVehicle>("due_for_inspection");
    let got = put(&caller, &path(vin(1)), &record).await;
    got.refused(409, "vehicle_in_process");
    record["plate_number"] = json!("鲁C5K7M3");
    let got = put(&caller, &path(vin(3)), &record).await;
    let taken = ("/plate_number".to_owned(), "plate_taken".to_owned());
    assert_eq!(got.errors(), [taken]);
}

#[tokio::test]
async fn what_means_nothing_is_refused() {
    let sandbox = sandbox().await;
    let created = sandbox.control().unwrap().create_space(still()).await;
    let space = format!("{SPACES}/{}", created.unwrap().space_id);
    let vehicle = format!("{space}/vehicles/{}", vin(1));
    let stranger = sandbox.stranger();
    for (path, body, errors) in [
        (
            format!("{vehicle}/flags"),
            json!({}),
            vec![("", "required")],
        ),
        (
            format!("{vehicle}/flags"),
            json!({"set": [], "clear": []}),
            vec![("", "required")],
        ),
        (
            format!("{vehicle}/flags"),
            json!({"set": ["sealed", "stolen"], "clear": ["stolen"]}),
            vec![("/clear/0", "not_applicable")],
        ),
        (
            format!("{vehicle}/lookups"),
            json!({"silence": ["insurer_platform"], "answer": ["insurer_platform"], "both": 1}),
            vec![("/answer/0", "not_applicable"), ("/both", "unknown_member")],
        ),
        (
            format!("{space}/reset"),
            json!({"seed": 3, "pace": "manual"}),
            vec![("/pace", "unknown_member"), ("/seed", "unknown_member")],
        ),
        (
            format!("{space}/forks"),
            json!(["seed"]),
            vec![("", "not_applicable")],
        ),
        (
            SPACES.to_owned(),
            json!({"start_time": "1969-12-31T20:00:00Z"}),
            vec![("/start_time", "out_of_range")],
        ),
        (
            SPACES.to_owned(),
            json!({"start_time": "9999-12-31T20:00:00+08:00", "seeds": 1}),
            vec![
                ("/seeds", "unknown_member"),
                ("/start_time", "out_of_range"),
            ],
        ),
    ] {
        let got = command(&stranger, &path, &body).await;
        got.refused(422, "validation_failed");
        let expected: Vec<(String, String)> = errors
            .into_iter()
            .map(|(place, code)| (place.to_owned(), code.to_owned()))
            .collect();
        assert_eq!(got.errors(), expected, "{path} {body}");
    }
    let never = json!([{"operation": "*", "effect": "lost_ack", "nth": []}]);
    let got = put(&stranger, &format!("{space}/faults"), &never).await;
    got.refused(422, "validation_failed");
    let expected = ("/0/nth".to_owned(), "wrong_length".to_owned());
    assert_eq!(got.errors(), [expected]);
    // An answer has the time of the space it is about.
    let advance = json!({"advance": "P30D"});
    let got = command(&stranger, &format!("{space}/clock"), &advance).await;
    assert_eq!(got.header("date"), Some("Wed, 01 Apr 2026 01:00:00 GMT"));
    // What says nothing is nothing.
    command(&stranger, &format!("{space}/reset"), &json!({}))
        .await
        .ok(200);
    let backwards = "from=2026-03-03T00:00:00Z&before=2026-03-02T00:00:00Z";
    let got = stranger
        .get(&format!("{space}/journal?{backwards}&operation=no_such"))
        .await;
    got.refused(400, "invalid_parameter");
}

#[tokio::test]
async fn spaces_are_listed_page_by_page() {
    let sandbox = sandbox().await;
    let control = sandbox.control().unwrap();
    for _ in 0..4 {
        control.create_space(still()).await.unwrap();
    }
    let mut filter = SpaceFilter::builder()
        .page_size(2.try_into().unwrap())
        .build();
    let mut listed = Vec::new();
    loop {
        let page = control.list_spaces(&filter).await.unwrap();
        listed.extend(
            page.items
                .into_iter()
                .map(|space| space.space_id.to_string()),
        );
        filter.page_token = page.next_page_token;
        if filter.page_token.is_none() {
            break;
        }
    }
    assert_eq!(
        listed,
        ["space-0", "space-1", "space-2", "space-3", "space-4"]
    );
}

#[tokio::test]
async fn the_admin_token_guards_every_command() {
    let options = Options {
        admin_token: Some("open-sesame".into()),
        ..Options::default()
    };
    let sandbox = Sandbox::start_with(options).await.unwrap();
    sandbox
        .control()
        .unwrap()
        .create_space(still())
        .await
        .unwrap();
    for wrong in [None, Some("open-sesam"), Some("open-sesame2")] {
        let control = Control::new(sandbox.base_url(), wrong).unwrap();
        let error = control.create_space(still()).await.unwrap_err();
        let code = error.problem().and_then(|problem| problem.code.known());
        assert_eq!(code, Some(lingminban::api::ProblemCode::AdminTokenRequired));
        control.catalogue().await.unwrap();
    }
}

#[tokio::test]
async fn beyond_this_machine_nothing_is_commanded_without_a_token() {
    let options = Options {
        listen: Some(("0.0.0.0".to_owned(), 0)),
        ..Options::default()
    };
    let sandbox = Sandbox::start_with(options).await.unwrap();
    let url = format!("http://127.0.0.1:{}", sandbox.address().port());
    let stranger = Caller::stranger(&url);
    command(&stranger, SPACES, &json!({}))
        .await
        .refused(403, "control_closed");
}
