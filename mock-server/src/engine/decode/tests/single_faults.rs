//! One thing wrong: exactly one fault, at its place.

use super::{
    bodies::{self, Body},
    faults, pointer, schemas,
    tree::Tree,
};
use crate::engine::{Fault, decode::Schemas};

fn only_fault(schemas: &Schemas, body: &Body, tree: &Tree) -> Fault {
    let mut faults = faults(body.refusal(schemas, tree.text().as_bytes()));
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

fn assert_only(schemas: &Schemas, body: &Body, tree: &Tree, code: &str, place: &str) {
    let fault = only_fault(schemas, body, tree);
    assert_eq!(
        (fault.code, pointer(&fault)),
        (code, place),
        "{}",
        body.name
    );
}

/// Puts a raw JSON text at one place of the full registration.
fn registration_with(place: &str, raw: &str) -> (Body, Tree) {
    let body = bodies::all().remove(0);
    let mut tree = body.tree.clone();
    *tree.at(place) = Tree::Raw(raw.to_owned());
    (body, tree)
}

/// Every place of every body, with the body to spoil.
fn each_place(mut test: impl FnMut(&Schemas, &Body, Tree, &str)) {
    let schemas = schemas();
    for body in bodies::all() {
        for place in body.tree.places() {
            test(&schemas, &body, body.tree.clone(), &place);
        }
    }
}

#[test]
fn good_bodies_are_taken() {
    let schemas = schemas();
    for body in bodies::all() {
        assert!(
            body.refusal(&schemas, body.tree.text().as_bytes())
                .is_none(),
            "{}",
            body.name
        );
    }
}

#[test]
fn null_is_never_a_value() {
    each_place(|schemas, body, mut tree, place| {
        *tree.at(place) = Tree::Raw("null".into());
        assert_only(schemas, body, &tree, "wrong_type", place);
    });
}

#[test]
fn an_array_is_no_struct_and_a_map_no_word() {
    each_place(|schemas, body, mut tree, place| {
        let node = tree.at(place);
        *node = match node.clone() {
            Tree::Object(members) => {
                Tree::List(members.into_iter().map(|(_, value)| value).collect())
            }
            scalar => {
                let word = scalar.as_text().unwrap_or_default();
                Tree::Object(vec![(word, Tree::Raw("null".into()))])
            }
        };
        assert_only(schemas, body, &tree, "wrong_type", place);
    });
}

#[test]
fn an_unknown_member_is_named_escaped() {
    each_place(|schemas, body, mut tree, place| {
        let Tree::Object(members) = tree.at(place) else {
            return;
        };
        members.push(("a/b~c".into(), Tree::Raw("1".into())));
        assert_only(
            schemas,
            body,
            &tree,
            "unknown_member",
            &format!("{place}/a~1b~0c"),
        );
    });
}

#[test]
fn a_repeated_member_is_named() {
    each_place(|schemas, body, mut tree, place| {
        let Some((members, index)) = tree.siblings(place) else {
            return;
        };
        let again = members[index].clone();
        members.push(again);
        assert_only(schemas, body, &tree, "duplicate_member", place);
    });
}

#[test]
fn a_missing_member_is_named_where_it_should_be() {
    let mut optional = Vec::new();
    each_place(|schemas, body, mut tree, place| {
        let Some((members, index)) = tree.siblings(place) else {
            return;
        };
        members.remove(index);
        if body.typed(tree.text().as_bytes()) {
            optional.push(format!("{} {place}", body.name));
        } else {
            assert_only(schemas, body, &tree, "required", place);
        }
    });
    optional.sort();
    optional.dedup();
    assert_eq!(
        optional,
        [
            "AddressChangeRequest /agent",
            "AddressChangeRequest /new_address/residence_permit_region_code",
            "AddressChangeRequest /outlet_id",
            "AddressChangeRequest /vehicle/plate_number",
            "AlterationRequest /agent",
            "AlterationRequest /altered/color",
            "AlterationRequest /altered/engine_number",
            "AlterationRequest /altered/replaced_structure",
            "AlterationRequest /outlet_id",
            "AlterationRequest /vehicle/plate_number",
            "Cancellation /reason",
            "CoOwnerChangeRequest /mortgagee_agreement",
            "CoOwnerChangeRequest /outlet_id",
            "CoOwnerChangeRequest /plate_choice",
            "CoOwnerChangeRequest /vehicle/plate_number",
            "ContactChangeRequest /agent",
            "ContactChangeRequest /new_contact/postal_address",
            "ContactChangeRequest /outlet_id",
            "ContactChangeRequest /vehicle/plate_number",
            "CorrectionRequest /agent",
            "CorrectionRequest /corrected/color",
            "CorrectionRequest /corrected/engine_number",
            "CorrectionRequest /corrected/first_registered_on",
            "CorrectionRequest /corrected/owner_name",
            "CorrectionRequest /outlet_id",
            "CorrectionRequest /vehicle/plate_number",
            "DeregistrationRequest /agent",
            "DeregistrationRequest /outlet_id",
            "DeregistrationRequest /vehicle/plate_number",
            "DrivingPermitReplacementRequest /agent",
            "DrivingPermitReplacementRequest /outlet_id",
            "DrivingPermitReplacementRequest /vehicle/plate_number",
            "ExemptMarkRequest /agent",
            "ExemptMarkRequest /compulsory_insurance",
            "ExemptMarkRequest /outlet_id",
            "ExemptMarkRequest /vehicle/plate_number",
            "HandIn /statement",
            "IdentityChangeRequest /agent",
            "IdentityChangeRequest /outlet_id",
            "IdentityChangeRequest /vehicle/plate_number",
            "InspectionBooking /outlet_id",
            "InspectionBooking /starts_at",
            "InspectionBooking /vehicle/plate_number",
            "InspectionForecastRequest /manufactured_on",
            "InspectionForecastRequest /old_cycle_from",
            "InspectionMarkReplacementRequest /agent",
            "InspectionMarkReplacementRequest /outlet_id",
            "InspectionMarkReplacementRequest /vehicle/plate_number",
            "InspectionMarkRequest /agent",
            "InspectionMarkRequest /compulsory_insurance",
            "InspectionMarkRequest /outlet_id",
            "InspectionMarkRequest /vehicle/plate_number",
            "InspectionResult /items/7/finding",
            "MortgageReleaseRequest /agent",
            "MortgageReleaseRequest /court_document",
            "MortgageReleaseRequest /court_document/enforcement_notice_number",
            "MortgageReleaseRequest /lender_reference",
            "MortgageReleaseRequest /outlet_id",
            "MortgageReleaseRequest /signatures/lender",
            "MortgageReleaseRequest /signatures/owner",
            "MortgageReleaseRequest /vehicle/plate_number",
            "MortgageRequest /agent",
            "MortgageRequest /earlier_lender_consent",
            "MortgageRequest /lender_reference",
            "MortgageRequest /outlet_id",
            "MortgageRequest /signatures/lender",
            "MortgageRequest /signatures/owner",
            "MortgageRequest /vehicle/plate_number",
            "MoveInRequest /agent",
            "MoveInRequest /compulsory_insurance",
            "MoveInRequest /mortgagee_agreement",
            "MoveInRequest /outlet_id",
            "MoveInRequest /plate_choice",
            "MoveInRequest /vehicle/plate_number",
            "OneStopRequest /inspection_id",
            "OneStopRequest /items/0/finding",
            "OneStopRequest /mark/vehicle/plate_number",
            "OwnerNameChangeRequest /agent",
            "OwnerNameChangeRequest /outlet_id",
            "OwnerNameChangeRequest /vehicle/plate_number",
            "PlateDrawRequest /outlet_id",
            "PlateExchangeRequest /agent",
            "PlateExchangeRequest /other/vehicle/plate_number",
            "PlateExchangeRequest /outlet_id",
            "PlateExchangeRequest /vehicle/plate_number",
            "PlateReplacementRequest /agent",
            "PlateReplacementRequest /outlet_id",
            "PlateReplacementRequest /vehicle/plate_number",
            "PledgeReleaseRequest /agent",
            "PledgeReleaseRequest /court_document",
            "PledgeReleaseRequest /court_document/enforcement_notice_number",
            "PledgeReleaseRequest /lender_reference",
            "PledgeReleaseRequest /outlet_id",
            "PledgeReleaseRequest /signatures/lender",
            "PledgeReleaseRequest /signatures/owner",
            "PledgeReleaseRequest /vehicle/plate_number",
            "PledgeRequest /agent",
            "PledgeRequest /earlier_lender_consent",
            "PledgeRequest /lender_reference",
            "PledgeRequest /outlet_id",
            "PledgeRequest /signatures/lender",
            "PledgeRequest /signatures/owner",
            "PledgeRequest /vehicle/plate_number",
            "RegistrationCertificateReplacementRequest /agent",
            "RegistrationCertificateReplacementRequest /mortgagee_agreement",
            "RegistrationCertificateReplacementRequest /outlet_id",
            "RegistrationCertificateReplacementRequest /vehicle/plate_number",
            "RegistrationRequest /agent",
            "RegistrationRequest /conformity_certificate",
            "RegistrationRequest /import_proof",
            "RegistrationRequest /origin_proof/invoice/code",
            "RegistrationRequest /outlet_id",
            "RegistrationRequest /owner/address/residence_permit_region_code",
            "RegistrationRequest /plate_choice/plate_draw_id",
            "RegistrationRequest /plate_choice/plate_number",
            "RegistrationRequest /purchase_tax/certificate_number",
            "RegistrationRequest /vehicle/displacement_ml",
            "SupplementAnswer /statement",
            "TemporaryPlateRequest /agent",
            "TemporaryPlateRequest /compulsory_insurance",
            "TemporaryPlateRequest /conformity_certificate",
            "TemporaryPlateRequest /import_proof",
            "TemporaryPlateRequest /origin_proof",
            "TemporaryPlateRequest /outlet_id",
            "TemporaryPlateRequest /test_permit",
            "TemporaryPlateRequest /valid_until",
            "TemporaryPlateRequest /vehicle/origin",
            "TemporaryPlateRequest /vehicle/plate_kind",
            "TemporaryPlateRequest /vehicle/plate_number",
            "TemporaryPlateRequest /vehicle/use_character",
            "TemporaryPlateRequest /vehicle/vehicle_type",
            "TransferRequest /agent",
            "TransferRequest /compulsory_insurance",
            "TransferRequest /into_stock",
            "TransferRequest /mortgagee_consent",
            "TransferRequest /outlet_id",
            "TransferRequest /plate_choice",
            "TransferRequest /registration_certificate_number",
            "TransferRequest /spouse",
            "TransferRequest /transfer_kind",
            "TransferRequest /transfer_proof/court_document",
            "TransferRequest /transfer_proof/court_document/enforcement_notice_number",
            "TransferRequest /transfer_proof/deed",
            "TransferRequest /transfer_proof/invoice",
            "TransferRequest /transfer_proof/reverse_invoice",
            "TransferRequest /vehicle/plate_number",
            "Withdrawal /reason",
        ]
    );
}

#[test]
fn the_spelling_of_a_whole_number_does_not_count() {
    each_place(|schemas, body, mut tree, place| {
        let Some(number) = tree.at(place).as_integer() else {
            return;
        };
        for spelling in [
            format!("{number}.0"),
            format!("{number}e0"),
            format!("{number}0E-1"),
        ] {
            *tree.at(place) = Tree::Raw(spelling.clone());
            let refusal = body.refusal(schemas, tree.text().as_bytes());
            assert!(refusal.is_none(), "{place} {spelling}: {refusal:?}");
        }
        *tree.at(place) = Tree::Raw(format!("{number}.5"));
        assert_only(schemas, body, &tree, "wrong_type", place);
    });
}

#[test]
fn numbers_out_of_range_are_told_the_range() {
    let numbers = [
        "-1",
        "201",
        "201.0",
        "18446744073709551617",
        "1e300",
        "-1e300",
    ];
    let schemas = schemas();
    for raw in numbers {
        let (body, tree) = registration_with("/vehicle/seats", raw);
        let fault = only_fault(&schemas, &body, &tree);
        assert_eq!(
            (fault.code, pointer(&fault)),
            ("out_of_range", "/vehicle/seats"),
            "{raw}"
        );
        assert_eq!(fault.detail.as_deref(), Some("0–200"));
    }
}

#[test]
fn dates_are_calendar_dates_of_one_form() {
    let nonsense = [
        "2026-02-30",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "10000-01-01",
        "-002026-03-02",
        "20260302",
        "2026-3-2",
        "2026-03-02T09:00:00+08:00",
        "2026-03-02 ",
        "",
    ];
    let schemas = schemas();
    for text in nonsense {
        let (body, tree) =
            registration_with("/agent/power_of_attorney_until", &format!("\"{text}\""));
        let fault = only_fault(&schemas, &body, &tree);
        assert_eq!(
            (fault.code, pointer(&fault), fault.detail.as_deref()),
            (
                "wrong_format",
                "/agent/power_of_attorney_until",
                Some("YYYY-MM-DD")
            ),
            "{text}"
        );
    }
}

#[test]
fn an_identifier_speaks_for_itself() {
    let schemas = schemas();
    let cases = [
        (
            "/vehicle/vin",
            "LZZTEST10N100000",
            "length",
            Some("GB 16735-2019"),
        ),
        (
            "/vehicle/vin",
            "LZZTEST10N100000O",
            "charset",
            Some("GB 16735-2019"),
        ),
        ("/owner/mobile_number", "12345", "format", None),
        (
            "/owner/address/region_code",
            "37030",
            "format",
            Some("GB/T 2260"),
        ),
        ("/owner/name", "张三 ", "outer_space", None),
    ];
    for (place, text, code, rule) in cases {
        let (body, tree) = registration_with(place, &format!("\"{text}\""));
        let fault = only_fault(&schemas, &body, &tree);
        assert_eq!(
            (fault.code, pointer(&fault), fault.rule),
            (code, place, rule)
        );
        assert_eq!(fault.detail, None);
    }
}

#[test]
fn a_closed_list_names_its_words_unless_they_are_many() {
    let schemas = schemas();
    let (body, tree) = registration_with("/plate_choice/method", "\"lottery\"");
    let fault = only_fault(&schemas, &body, &tree);
    assert_eq!(
        (fault.code, pointer(&fault)),
        ("not_in_list", "/plate_choice/method")
    );
    let words = "random, draw, self_composed, reuse";
    assert_eq!(fault.detail.as_deref(), Some(words));

    let (body, tree) = registration_with("/vehicle/vehicle_type", "\"Z99\"");
    let fault = only_fault(&schemas, &body, &tree);
    assert_eq!((fault.code, fault.detail), ("not_in_list", None));
}

#[test]
fn a_text_is_told_its_length_and_its_form() {
    let schemas = schemas();
    let long = format!("\"{}\"", "牌".repeat(65));
    let (body, tree) = registration_with("/vehicle/brand", &long);
    let fault = only_fault(&schemas, &body, &tree);
    assert_eq!(
        (fault.code, fault.detail.as_deref()),
        ("wrong_length", Some("1–64"))
    );

    let (body, tree) = registration_with("/operator_id", "\"a b\"");
    let fault = only_fault(&schemas, &body, &tree);
    assert_eq!(
        (fault.code, fault.detail.as_deref()),
        ("wrong_format", Some("^[A-Za-z0-9_-]+$"))
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let (body, mut tree) = registration_with("/vehicle/vin", "\"X\"");
    *tree.at("/vehicle/seats") = Tree::Raw("201".into());
    *tree.at("/owner/kind") = Tree::Raw("[]".into());
    if let Some((members, index)) = tree.siblings("/owner/name") {
        members[index].0 = "nmae".into();
    }
    if let Some((members, index)) = tree.siblings("/plate_choice/method") {
        let again = members[index].clone();
        members.push(again);
    }
    let faults = faults(body.refusal(&schemas(), tree.text().as_bytes()));
    let told: Vec<(&str, &str)> = faults
        .iter()
        .map(|fault| (pointer(fault), fault.code))
        .collect();
    assert_eq!(
        told,
        [
            ("/owner/kind", "wrong_type"),
            ("/owner/name", "required"),
            ("/owner/nmae", "unknown_member"),
            ("/plate_choice/method", "duplicate_member"),
            ("/vehicle/seats", "out_of_range"),
            ("/vehicle/vin", "length"),
        ]
    );
}
