//! A registration from filing to plate.

use std::{collections::BTreeSet, time::Duration};

use http::Method;
use lingminban::{
    Submission,
    api::{
        Application, ApplicationFilter, ApplicationStatus as Status, FindingCode, HandIn,
        MaterialKind, MaterialState, OutletKind, PlateDraw, PlateDrawRequest, SupplementAnswer,
        Withdrawal,
    },
    codes::{PlateKind, VehicleStatusFlag},
};
use lingminban_sandbox::Pace;
use serde_json::{Value, json};

use crate::support::{
    Caller, Judged, decoded, fresh_key, put_all, put_vin, registration, registration_of, sandbox,
    scan, supplement, vin,
};

const DEALER: OutletKind = OutletKind::Dealer;

fn states(application: &Application) -> Vec<(&str, &str)> {
    let materials = application.required_materials.iter();
    materials
        .map(|one| (one.kind.as_str(), one.state.as_str()))
        .collect()
}

async fn statuses(sandbox: &Judged, application: &Application) -> Vec<String> {
    let timeline = sandbox
        .sdk(DEALER)
        .get_timeline(&application.application_id)
        .await
        .expect("own");
    timeline
        .items
        .iter()
        .map(|entry| entry.status.to_string())
        .collect()
}

#[tokio::test]
async fn the_standard_one_needs_no_material_and_completes() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let submission =
        registration_of(crate::support::example::<lingminban::api::SubmitRegistration>("standard"));
    let filed = dealer
        .submit_registration(&submission)
        .await
        .expect("filed");
    assert_eq!(filed.status, Status::Received);
    assert_eq!(filed.missing_materials().count(), 0);
    assert!(filed.result.is_none());
    sandbox.settle();
    let done = dealer
        .get_application(&filed.application_id)
        .await
        .expect("own");
    assert_eq!(done.status, Status::Completed);
    assert_eq!(
        statuses(&sandbox, &done).await,
        ["received", "accepted", "in_review", "approved", "completed"]
    );
    let result = done.result.expect("issued");
    assert_eq!(result.plate_kind, PlateKind::SmallVehicle);
    assert_eq!(result.plate_number.issuing_authority(), Some("鲁C"));
    // Registered in March 2026: the first mark is due two years on, at the month's end.
    assert_eq!(result.inspection_due_on.to_string(), "2028-03-31");
}

#[tokio::test]
async fn it_waits_for_every_material_that_no_lookup_confirms() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let filed = dealer
        .submit_registration(&registration_of(supplement(1)))
        .await
        .expect("filed");
    let required: Vec<_> = filed
        .required_materials
        .iter()
        .filter(|material| material.state == MaterialState::Required)
        .collect();
    assert!(required.len() >= 2, "{:?}", states(&filed));
    assert!(
        required.iter().all(|material| material.lookup.is_some()),
        "each names its source"
    );
    assert!(
        filed
            .required_materials
            .iter()
            .any(|one| one.state == MaterialState::Exempted)
    );

    let id = &filed.application_id;
    let kinds: Vec<MaterialKind> = filed
        .missing_materials()
        .filter_map(|kind| kind.known())
        .collect();
    for kind in &kinds {
        sandbox.clock().advance(Duration::from_secs(3_600));
        let waits = dealer.get_application(id).await.expect("own");
        assert_eq!(waits.status, Status::Received, "{kind} is still missing");
        let put = dealer
            .put_material(id, *kind, scan(b"a scan"))
            .await
            .expect("wanted");
        assert_eq!(put.state, MaterialState::Received);
    }
    sandbox.settle();
    let done = dealer.get_application(id).await.expect("own");
    assert_eq!(done.status, Status::Completed);
    assert!(
        !statuses(&sandbox, &done)
            .await
            .contains(&"supplement_required".to_owned())
    );
}

#[tokio::test]
async fn handed_in_early_it_is_told_once_everything_that_is_missing() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let filed = dealer
        .submit_registration(&registration_of(supplement(1)))
        .await
        .expect("filed");
    let id = &filed.application_id;
    let missing: BTreeSet<String> = filed.missing_materials().map(ToString::to_string).collect();

    let notice = dealer
        .hand_in_application(id, &HandIn::default())
        .await
        .expect("received");
    assert_eq!(notice.status, Status::SupplementRequired);
    let told: BTreeSet<String> = notice
        .findings
        .iter()
        .map(|finding| {
            assert_eq!(finding.code, FindingCode::MaterialMissing);
            assert_eq!(finding.rule, "R164 Art 3");
            finding
                .material
                .as_ref()
                .expect("names the material")
                .to_string()
        })
        .collect();
    assert_eq!(told, missing);

    let caller = sandbox.caller(DEALER).await;
    let supplements = format!("/v1/applications/{id}/supplements");
    let early = caller.post(&supplements, &json!({})).await;
    early.refused(422, "validation_failed");
    assert_eq!(early.errors().len(), missing.len(), "{}", early.text());
    for kind in &missing {
        assert!(
            early.text().contains(kind.as_str()),
            "{kind}: {}",
            early.text()
        );
    }

    put_all(&dealer, id).await;
    sandbox.settle();
    let waits = dealer.get_application(id).await.expect("own");
    assert_eq!(
        waits.status,
        Status::SupplementRequired,
        "the partner has the word"
    );
    let answered = dealer
        .answer_supplement_notice(id, &SupplementAnswer::default())
        .await
        .expect("complete");
    assert_eq!(answered.status, Status::Accepted);
    sandbox.settle();
    let done = dealer.get_application(id).await.expect("own");
    assert_eq!(done.status, Status::Completed);
    assert!(done.result.is_some());
    // Steps that its state no longer allows.
    caller
        .post(&supplements, &json!({}))
        .await
        .refused(409, "wrong_state");
    let submission = format!("/v1/applications/{id}/submission");
    caller
        .post(&submission, &json!({}))
        .await
        .refused(409, "wrong_state");
}

#[tokio::test]
async fn handing_in_what_is_complete_changes_nothing() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let filed = dealer
        .submit_registration(&registration_of(registration(1)))
        .await
        .expect("filed");
    let handed_in = dealer
        .hand_in_application(&filed.application_id, &HandIn::default())
        .await
        .expect("received");
    assert_eq!(handed_in, filed);
}

#[tokio::test]
async fn the_same_bytes_put_again_change_nothing() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let filed = dealer
        .submit_registration(&registration_of(supplement(1)))
        .await
        .expect("filed");
    let id = &filed.application_id;
    let kind = filed
        .missing_materials()
        .next()
        .and_then(|kind| kind.known())
        .expect("one");
    let first = dealer
        .put_material(id, kind, scan(b"one"))
        .await
        .expect("wanted");
    assert_eq!(first.size_bytes, Some(3));
    let digest = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
    assert_eq!(first.sha256.as_deref(), Some(digest));

    sandbox.clock().advance(Duration::from_secs(60));
    let again = dealer
        .put_material(id, kind, scan(b"one"))
        .await
        .expect("the same");
    assert_eq!(again, first, "not even the time");
    let other = dealer
        .put_material(id, kind, scan(b"another"))
        .await
        .expect("replaced");
    assert_ne!(other.sha256, first.sha256);
    assert!(other.received_at > first.received_at);
    let listed = dealer.list_materials(id).await.expect("own");
    let of_kind: Vec<_> = listed.items.iter().filter(|one| one.kind == kind).collect();
    assert_eq!(of_kind, [&other]);

    // Once the authority has the word, the same bytes are still answered and others refused.
    put_all(&dealer, id).await;
    sandbox.settle();
    let late = dealer
        .put_material(id, kind, scan(b"another"))
        .await
        .expect("the same");
    assert_eq!(late, other);
    let refused = dealer
        .put_material(id, kind, scan(b"too late"))
        .await
        .expect_err("completed");
    assert_eq!(
        refused.problem().expect("a problem").code.as_str(),
        "wrong_state"
    );
}

async fn put(
    caller: &Caller,
    path: &str,
    media: &str,
    digest: Option<&str>,
    bytes: &[u8],
) -> crate::support::Got {
    let mut request = caller
        .request(Method::PUT, path)
        .header("Content-Type", media)
        .body(bytes.to_vec());
    if let Some(digest) = digest {
        request = request.header("Content-Digest", digest);
    }
    caller.send(request).await
}

#[tokio::test]
async fn materials_that_cannot_be_taken_are_refused_with_their_reason() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let filed = caller
        .post("/v1/registrations", &supplement(1))
        .await
        .ok(201);
    let materials = format!(
        "/v1/applications/{}/materials",
        filed["application_id"].as_str().expect("an id")
    );
    let wanted = format!("{materials}/origin_proof");
    let pdf = "application/pdf";

    // SHA-256 of "one", not of "two".
    let of_one = "sha-256=:dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me0=:";
    put(&caller, &wanted, pdf, Some(of_one), b"two")
        .await
        .refused(400, "digest_mismatch");
    put(
        &caller,
        &wanted,
        pdf,
        Some("sha-256=:bm90IGEgZGlnZXN0:"),
        b"one",
    )
    .await
    .refused(400, "digest_mismatch");
    put(&caller, &wanted, pdf, None, b"")
        .await
        .refused(400, "empty_material");
    put(&caller, &wanted, "text/plain", None, b"one")
        .await
        .refused(415, "unsupported_media_type");
    let exempted = format!("{materials}/identity_proof");
    put(&caller, &exempted, pdf, None, b"one")
        .await
        .refused(409, "material_not_required");
    let of_transfers = format!("{materials}/driving_permit");
    put(&caller, &of_transfers, pdf, None, b"one")
        .await
        .refused(409, "material_not_required");
    let no_kind = format!("{materials}/driving_licence");
    put(&caller, &no_kind, pdf, None, b"one")
        .await
        .refused(400, "invalid_parameter");
    let large = vec![b'x'; (10 << 20) + 1];
    put(&caller, &wanted, pdf, None, &large)
        .await
        .refused(413, "payload_too_large");
    let listed = caller.get(&materials).await.ok(200);
    assert!(
        !listed.to_string().contains("sha256"),
        "nothing was kept: {listed}"
    );

    put(
        &caller,
        &wanted,
        pdf,
        Some(&format!("sha-512=:AAAA:, {of_one}")),
        b"one",
    )
    .await
    .ok(200);
    put(&caller, &wanted, "image/jpeg", None, &large[1..])
        .await
        .ok(200);
}

#[tokio::test]
async fn withdrawn_it_is_over_and_the_car_may_be_filed_anew() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let mut body = supplement(1);
    body["plate_choice"] = json!({"method": "self_composed", "plate_number": "鲁C55555"});
    let filed = dealer
        .submit_registration(&registration_of(body.clone()))
        .await
        .expect("filed");
    let id = &filed.application_id;
    let withdrawn = dealer
        .withdraw_application(id, &Withdrawal::default())
        .await
        .expect("undecided");
    assert_eq!(withdrawn.status, Status::Withdrawn);
    assert_eq!(withdrawn.poll_after_ms, None);
    let again = dealer
        .withdraw_application(id, &Withdrawal::default())
        .await
        .expect_err("over");
    assert_eq!(
        again.problem().expect("a problem").code.as_str(),
        "wrong_state"
    );

    // The number it was promised is free again, the vehicle not in process.
    body["partner_reference"] = json!("ANEW");
    let anew = dealer
        .submit_registration(&registration_of(body))
        .await
        .expect("filed anew");
    assert_ne!(anew.application_id, *id);
}

#[tokio::test]
async fn what_is_decided_cannot_be_withdrawn() {
    let sandbox = sandbox().await;
    sandbox.set_pace(Pace::Manual);
    let dealer = sandbox.sdk(DEALER);
    let filed = dealer
        .submit_registration(&registration_of(registration(1)))
        .await
        .expect("filed");
    let id = &filed.application_id;
    for status in [
        Status::Accepted,
        Status::InReview,
        Status::Approved,
        Status::Completed,
    ] {
        assert!(sandbox.step(id));
        let now = dealer.get_application(id).await.expect("own");
        assert_eq!(now.status, status);
        if matches!(status, Status::Approved | Status::Completed) {
            let error = dealer
                .withdraw_application(id, &Withdrawal::default())
                .await
                .expect_err("decided");
            assert_eq!(
                error.problem().expect("a problem").code.as_str(),
                "wrong_state"
            );
        }
    }
}

#[tokio::test]
async fn validating_tells_what_filing_would_lead_to_and_files_nothing() {
    let sandbox = sandbox().await;
    let dealer = sandbox.sdk(DEALER);
    let assessed = dealer
        .validate_registration(&decoded(supplement(1)))
        .await
        .expect("no fault");
    let required: BTreeSet<&str> = assessed
        .required_materials
        .iter()
        .filter(|material| material.state == MaterialState::Required)
        .map(|material| material.kind.as_str())
        .collect();
    let missing: BTreeSet<&str> = assessed
        .findings
        .iter()
        .filter_map(|finding| finding.material.as_ref().map(|kind| kind.as_str()))
        .collect();
    assert!(required.len() >= 2);
    assert_eq!(missing, required);
    let received = assessed
        .deadlines
        .iter()
        .find(|one| one.status == Status::Received);
    let received = received.expect("a deadline");
    assert_eq!(
        (
            received.working_days,
            received.deadline_on.to_string().as_str()
        ),
        (5, "2026-03-09")
    );
    let review = assessed
        .deadlines
        .iter()
        .find(|one| one.status == Status::InReview);
    let review = review.expect("a deadline");
    assert_eq!(
        (review.working_days, review.rule.as_str()),
        (2, "R164 Art 10")
    );

    let listed = dealer
        .list_applications(ApplicationFilter::default())
        .try_collect()
        .await
        .expect("a list");
    assert!(listed.is_empty());
    dealer
        .get_vehicle(&vin(1))
        .await
        .expect_err("not registered");
}

#[tokio::test]
async fn validating_binds_no_key_and_uses_no_number() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let (key, body) = (fresh_key(), registration(1));
    let dry = "/v1/registrations?validate_only=true";
    let first = caller.post_keyed(dry, &key, &body).await;
    first.ok(200);
    let second = caller.post_keyed(dry, &key, &body).await;
    second.ok(200);
    assert_eq!(second.header("idempotency-replayed"), None);
    let filed = caller.post_keyed("/v1/registrations", &key, &body).await;
    let id = filed.ok(201)["application_id"].clone();
    // The same as in a space in which nothing was validated.
    let other = crate::support::sandbox().await;
    let caller = other.caller(DEALER).await;
    let straight = caller.post("/v1/registrations", &body).await.ok(201);
    assert_eq!(straight["application_id"], id);
    sandbox.settle();
    other.settle();
    let plate = |sandbox: &Judged| {
        let client = sandbox.sdk(DEALER);
        async move {
            let record = client.get_vehicle(&vin(1)).await.expect("registered");
            record.plate_number.expect("plated").to_string()
        }
    };
    assert_eq!(plate(&sandbox).await, plate(&other).await);
}

#[tokio::test]
async fn validating_names_the_grounds_of_a_refusal_and_refuses_faults() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let dry = "/v1/registrations?validate_only=true";
    let catalogue = sandbox.catalogue().await;
    let stolen = catalogue
        .items
        .iter()
        .find(|item| item.name == "new_stolen")
        .expect("listed");
    let assessed = caller.post(dry, &stolen.requests[0].body).await.ok(200);
    assert_eq!(assessed["findings"][0]["code"], "stolen_or_defrauded");
    assert_eq!(assessed["findings"][0]["rule"], "R164 Art 15(9)");

    let mut wrong = registration(1);
    wrong["compulsory_insurance"]["valid_until"] = json!("2026-03-01");
    caller
        .post(dry, &wrong)
        .await
        .refused(422, "validation_failed");
    caller
        .post("/v1/registrations", &registration(2))
        .await
        .ok(201);
    caller
        .post(dry, &registration(2))
        .await
        .refused(409, "already_submitted");
    let mut foreign = registration(3);
    foreign["operator_id"] = json!("zb-dealer-002-op1");
    caller
        .post(dry, &foreign)
        .await
        .refused(403, "operator_not_of_outlet");
}

async fn draw(sandbox: &Judged, kind: PlateKind) -> PlateDraw {
    let request = PlateDrawRequest::builder().plate_kind(kind).build();
    let drawn = sandbox
        .sdk(DEALER)
        .draw_plates(&Submission::new(request))
        .await;
    drawn.expect("drawn")
}

fn choosing(mut body: Value, draw: &PlateDraw, number: &impl ToString) -> Value {
    body["plate_choice"] = json!({
        "method": "draw",
        "plate_draw_id": draw.plate_draw_id,
        "plate_number": number.to_string(),
    });
    body
}

#[tokio::test]
async fn a_draw_offers_fifty_numbers_and_the_chosen_one_is_issued() {
    let sandbox = sandbox().await;
    let drawn = draw(&sandbox, PlateKind::SmallVehicle).await;
    let numbers: BTreeSet<String> = drawn
        .plate_numbers
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(numbers.len(), 50, "fifty different ones");
    let held = drawn
        .held_until
        .timestamp()
        .duration_since(sandbox.clock().now().timestamp());
    assert_eq!(held.as_secs(), 180);

    let chosen = &drawn.plate_numbers[49];
    let done = sandbox
        .register(choosing(registration(1), &drawn, chosen))
        .await;
    assert_eq!(done.result.expect("issued").plate_number, *chosen);
}

#[tokio::test]
async fn two_draws_never_overlap_and_keep_off_what_is_taken() {
    let sandbox = sandbox().await;
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        for number in draw(&sandbox, PlateKind::SmallVehicle).await.plate_numbers {
            assert!(seen.insert(number.to_string()), "{number} was drawn twice");
        }
    }
}

#[tokio::test]
async fn a_draw_is_held_for_three_minutes_of_the_space_s_clock() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let drawn = draw(&sandbox, PlateKind::SmallVehicle).await;
    let [first, second, ..] = drawn.plate_numbers.as_slice() else {
        panic!("fifty numbers")
    };
    sandbox.clock().advance(Duration::from_millis(179_999));
    let in_time = choosing(registration(1), &drawn, first);
    caller.post("/v1/registrations", &in_time).await.ok(201);
    // Held for the one who drew it: nobody composes it himself.
    let mut composed = registration(2);
    composed["plate_choice"] = json!({"method": "self_composed", "plate_number": second});
    let taken = caller.post("/v1/registrations", &composed).await;
    assert_eq!(
        taken.errors(),
        [("/plate_choice/plate_number".into(), "plate_taken".into())]
    );

    sandbox.clock().advance(Duration::from_millis(1));
    let late = caller
        .post(
            "/v1/registrations",
            &choosing(registration(3), &drawn, second),
        )
        .await;
    late.refused(422, "validation_failed");
    assert_eq!(
        late.errors(),
        [(
            "/plate_choice/plate_draw_id".into(),
            "plate_draw_expired".into()
        )]
    );
    caller.post("/v1/registrations", &composed).await.ok(201);
}

#[tokio::test]
async fn a_number_is_chosen_from_one_s_own_draw_and_once() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let drawn = draw(&sandbox, PlateKind::SmallVehicle).await;
    let other = draw(&sandbox, PlateKind::SmallVehicle).await;
    let number = |got: crate::support::Got| got.errors();
    let not_in_draw = choosing(registration(1), &drawn, &other.plate_numbers[0]);
    assert_eq!(
        number(caller.post("/v1/registrations", &not_in_draw).await),
        [(
            "/plate_choice/plate_number".into(),
            "plate_not_in_draw".into()
        )]
    );
    // Somebody else's draw is nobody's business.
    let chain = sandbox.caller_of("zb-dealer-2").await;
    let mut foreign = choosing(registration(2), &drawn, &drawn.plate_numbers[0]);
    foreign["operator_id"] = json!("zb-dealer-002-op1");
    foreign["outlet_id"] = json!("zb-dealer-002");
    assert_eq!(
        number(chain.post("/v1/registrations", &foreign).await),
        [(
            "/plate_choice/plate_draw_id".into(),
            "plate_draw_expired".into()
        )]
    );
    let chosen = choosing(registration(3), &drawn, &drawn.plate_numbers[0]);
    caller.post("/v1/registrations", &chosen).await.ok(201);
    let twice = choosing(registration(4), &drawn, &drawn.plate_numbers[0]);
    assert_eq!(
        number(caller.post("/v1/registrations", &twice).await),
        [("/plate_choice/plate_number".into(), "plate_taken".into())]
    );
    sandbox.settle();
    let twice = choosing(registration(4), &drawn, &drawn.plate_numbers[0]);
    caller
        .post("/v1/registrations", &twice)
        .await
        .refused(422, "validation_failed");
}

#[tokio::test]
async fn a_number_may_be_composed_if_it_is_this_city_s_and_free() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let composed = |number, plate: &str| {
        let mut body = registration(number);
        body["plate_choice"] = json!({"method": "self_composed", "plate_number": plate});
        body
    };
    let done = sandbox.register(composed(1, "鲁CA1234")).await;
    assert_eq!(
        done.result.expect("issued").plate_number.to_string(),
        "鲁CA1234"
    );
    let pointer = "/plate_choice/plate_number";
    for (number, plate, code) in [
        (2, "鲁CA1234", "plate_taken"),
        // The catalogue's.
        (3, "鲁C8K9M2", "plate_taken"),
        (4, "鲁B12345", "plate_not_local"),
        (5, "鲁CD12345", "plate_kind"),
    ] {
        let got = caller
            .post("/v1/registrations", &composed(number, plate))
            .await;
        got.refused(422, "validation_failed");
        assert!(
            got.errors().contains(&(pointer.into(), code.into())),
            "{plate}: {}",
            got.text()
        );
    }
    // Promised, though not issued yet.
    caller
        .post("/v1/registrations", &composed(6, "鲁CB1234"))
        .await
        .ok(201);
    let promised = caller
        .post("/v1/registrations", &composed(7, "鲁CB1234"))
        .await;
    assert_eq!(promised.errors(), [(pointer.into(), "plate_taken".into())]);
}

#[tokio::test]
async fn a_choice_is_complete_and_free_of_contradiction() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let (draw, number) = ("/plate_choice/plate_draw_id", "/plate_choice/plate_number");
    let (missing, too_much) = ("plate_choice_incomplete", "plate_choice_contradictory");
    for (choice, errors) in [
        (
            json!({"method": "draw"}),
            vec![(draw, missing), (number, missing)],
        ),
        (json!({"method": "self_composed"}), vec![(number, missing)]),
        (
            json!({"method": "random", "plate_number": "鲁C12345"}),
            vec![(number, too_much)],
        ),
        (
            json!({"method": "random", "plate_draw_id": "draw-000001"}),
            vec![(draw, too_much)],
        ),
        (
            json!({"method": "self_composed", "plate_draw_id": "draw-000001", "plate_number": "鲁C12345"}),
            vec![(draw, too_much)],
        ),
    ] {
        let mut body = registration(1);
        body["plate_choice"] = choice.clone();
        let got = caller.post("/v1/registrations", &body).await;
        let expected: Vec<(String, String)> = errors
            .into_iter()
            .map(|(place, code)| (place.into(), code.into()))
            .collect();
        assert_eq!(got.errors(), expected, "{choice}");
    }
}

#[tokio::test]
async fn an_electric_car_gets_a_new_energy_plate() {
    let sandbox = sandbox().await;
    let electric = |number| {
        let mut body = registration(number);
        body["vehicle"]["fuel"] = json!("electric");
        body["vehicle"]
            .as_object_mut()
            .expect("a vehicle")
            .remove("displacement_ml");
        body
    };
    let done = sandbox.register(electric(1)).await;
    let result = done.result.expect("issued");
    assert_eq!(result.plate_kind, PlateKind::SmallNewEnergy);
    assert_eq!(result.plate_number.to_string().chars().count(), 8);
    assert_eq!(result.plate_number.is_pure_electric(), Some(true));

    let drawn = draw(&sandbox, PlateKind::SmallNewEnergy).await;
    let of_class = |pure| {
        let mut numbers = drawn.plate_numbers.iter();
        numbers
            .find(|number| number.is_pure_electric() == Some(pure))
            .expect("both classes are drawn")
    };
    // The other class letters are those of vehicles that burn something too (GA 36).
    let other = choosing(electric(2), &drawn, of_class(false));
    let caller = sandbox.caller(DEALER).await;
    let refused = caller.post("/v1/registrations", &other).await;
    assert_eq!(
        refused.refused(422, "validation_failed").errors(),
        [(
            "/plate_choice/plate_number".to_owned(),
            "new_energy_class_mismatch".to_owned()
        )]
    );
    let chosen = of_class(true);
    let done = sandbox
        .register(choosing(electric(2), &drawn, chosen))
        .await;
    assert_eq!(done.result.expect("issued").plate_number, *chosen);
    // A petrol car cannot have one.
    let petrol = choosing(registration(3), &drawn, &drawn.plate_numbers[8]);
    caller
        .post("/v1/registrations", &petrol)
        .await
        .refused(422, "validation_failed");
}

#[tokio::test]
async fn the_record_is_read_by_vin_and_by_plate_once_there_is_one() {
    let sandbox = sandbox().await;
    let caller = sandbox.caller(DEALER).await;
    let body = registration(1);
    let path = format!("/v1/vehicles/{}", vin(1));
    let filed = caller.post("/v1/registrations", &body).await.ok(201);
    caller.get(&path).await.refused(404, "vehicle_not_found");
    sandbox.settle();
    let record = caller.get(&path).await;
    let read = record.ok(200);
    assert_eq!(read["first_registered_on"], "2026-03-02");
    assert_eq!(read["mortgaged"], false);
    assert_eq!(read["status_flags"], json!([]));
    let owner = &body["owner"];
    for member in [&owner["name"], &owner["address"]["detail"]] {
        let text = member.as_str().expect("a text");
        assert!(!record.text().contains(text), "nothing of the owner");
    }
    let id = filed["application_id"].as_str().expect("an id");
    let done = caller.get(&format!("/v1/applications/{id}")).await.ok(200);
    let plate = &done["result"]["plate_number"];
    assert_eq!(read["plate_number"], *plate);
    assert_eq!(
        read["inspection_due_on"],
        done["result"]["inspection_due_on"]
    );

    let dealer = sandbox.sdk(DEALER);
    let number = decoded(plate.clone());
    let by_plate = dealer
        .find_vehicle(PlateKind::SmallVehicle, &number)
        .await
        .expect("asked");
    assert_eq!(
        serde_json::to_value(by_plate.expect("found")).expect("JSON"),
        read
    );
    // Kind and number together are the key.
    let other = dealer
        .find_vehicle(PlateKind::LargeVehicle, &number)
        .await
        .expect("asked");
    assert!(other.is_none());
    sandbox.flag(vin(1), VehicleStatusFlag::Sealed, true);
    assert_eq!(
        caller.get(&path).await.ok(200)["status_flags"],
        json!(["sealed"])
    );
}

#[tokio::test]
async fn a_vehicle_is_registered_once() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(DEALER).await;
    let mut again = registration(1);
    again["partner_reference"] = json!("AGAIN");
    let mut foreign = again.clone();
    foreign["operator_id"] = json!("zb-dealer-002-op1");
    foreign["outlet_id"] = json!("zb-dealer-002");
    let chain = sandbox.caller_of("zb-dealer-2").await;

    let filed = dealer
        .post("/v1/registrations", &registration(1))
        .await
        .ok(201);
    let in_process = dealer.post("/v1/registrations", &again).await;
    in_process.refused(409, "vehicle_in_process");
    assert_eq!(in_process.json()["application_id"], filed["application_id"]);
    let of_another = chain.post("/v1/registrations", &foreign).await;
    of_another.refused(409, "vehicle_in_process");
    assert_eq!(
        of_another.json().get("application_id"),
        None,
        "not theirs to know"
    );
    sandbox.settle();
    let registered = dealer.post("/v1/registrations", &again).await;
    registered.refused(409, "vehicle_already_registered");
}

/// A wrong check digit is an error for a domestic vehicle and a warning for an imported one.
#[tokio::test]
async fn an_imported_vehicle_may_break_the_check_digit_and_is_warned() {
    let sandbox = sandbox().await;
    let dealer = sandbox.caller(OutletKind::Dealer).await;
    let mut body = registration(1);
    put_vin(
        &mut body,
        lingminban::identifiers::Vin::imported("WZZTEST13N1000001").expect("a VIN"),
    );
    dealer
        .post("/v1/registrations", &body)
        .await
        .refused(422, "validation_failed");
    body["vehicle"]["origin"] = json!("imported");
    let proof = body["conformity_certificate"].take();
    let members = body.as_object_mut().expect("an object");
    members.remove("conformity_certificate");
    members.insert(
        "import_proof".to_owned(),
        json!({"number": "XI2026000001", "vin": proof["vin"], "imported_on": "2026-01-20"}),
    );
    let filed = dealer.post("/v1/registrations", &body).await.ok(201);
    assert_eq!(filed["warnings"][0]["code"], "imported_vin_check_digit");
    assert_eq!(filed["warnings"][0]["pointer"], "/vehicle/vin");
    assert_eq!(filed["findings"], json!([]));
}
