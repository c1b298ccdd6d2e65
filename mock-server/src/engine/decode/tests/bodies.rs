//! The contract's own examples, and bodies that use every member there is.

use lingminban::api::{
    AddressChangeRequest, AlterationRequest, BookInspection, Cancellation, CheckIn,
    CoOwnerChangeRequest, ContactChangeRequest, CorrectionRequest, DeregistrationRequest,
    DrawPlates, DrivingPermitReplacementRequest, ExemptMarkRequest, ForecastInspections, HandIn,
    IdentityChangeRequest, InspectAtOneStop, InspectionBooking, InspectionForecastRequest,
    InspectionMarkReplacementRequest, InspectionMarkRequest, InspectionResult,
    MortgageReleaseRequest, MortgageRequest, MoveInRequest, OneStopRequest, Operation,
    OwnerNameChangeRequest, PlateDrawRequest, PlateExchangeRequest, PlateReplacementRequest,
    PledgeReleaseRequest, PledgeRequest, Rebooking, RecordInspectionResult,
    RegistrationCertificateReplacementRequest, RegistrationRequest, SubmitAddressChange,
    SubmitAlteration, SubmitCoOwnerChange, SubmitContactChange, SubmitCorrection,
    SubmitDeregistration, SubmitDrivingPermitReplacement, SubmitExemptMark, SubmitIdentityChange,
    SubmitInspectionMark, SubmitInspectionMarkReplacement, SubmitMortgage, SubmitMortgageRelease,
    SubmitMoveIn, SubmitOwnerNameChange, SubmitPlateExchange, SubmitPlateReplacement, SubmitPledge,
    SubmitPledgeRelease, SubmitRegistration, SubmitRegistrationCertificateReplacement,
    SubmitTemporaryPlate, SubmitTransfer, SupplementAnswer, TemporaryPlateRequest, TransferRequest,
    Withdrawal,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::tree::Tree;
use crate::engine::decode::{Document, MOST_FAULTS, Schemas, Unreadable, faults, strict};

/// A good body of one request type.
#[derive(Clone)]
pub(super) struct Body {
    pub(super) name: &'static str,
    pub(super) tree: Tree,
    typed: fn(&[u8]) -> bool,
    decode: fn(&Schemas, &str, &[u8]) -> Option<Unreadable>,
}

impl Body {
    fn new<T: DeserializeOwned>(name: &'static str, value: &Value) -> Self {
        Self {
            name,
            tree: value.into(),
            typed: |bytes| {
                str::from_utf8(bytes).is_ok_and(|text| strict::from_str::<T>(text).is_ok())
            },
            decode: |schemas, name, bytes| schemas.decode::<T>(name, bytes).err(),
        }
    }

    /// Whether the typed decode takes these bytes.
    pub(super) fn typed(&self, bytes: &[u8]) -> bool {
        (self.typed)(bytes)
    }

    /// Whether the schema alone takes them.
    pub(super) fn by_schema(&self, schemas: &Schemas, bytes: &[u8]) -> bool {
        let components = schemas.components();
        let validator = components
            .validator(self.name)
            .expect("a component that compiles");
        Document::read(bytes, MOST_FAULTS + 1).is_ok_and(|document| {
            faults::find(&document, validator, &components.schemas).is_empty()
        })
    }

    /// What is told of them, if they are refused.
    pub(super) fn refusal(&self, schemas: &Schemas, bytes: &[u8]) -> Option<Unreadable> {
        (self.decode)(schemas, self.name, bytes)
    }
}

fn example<O: Operation>(name: &str) -> Value {
    let example = O::EXAMPLES
        .iter()
        .find(|example| example.name == name)
        .expect("an example");
    serde_json::from_str(example.json).expect("JSON")
}

fn with(mut body: Value, additions: &[(&str, Value)]) -> Value {
    for (place, value) in additions {
        let (parent, name) = place.rsplit_once('/').expect("a member");
        body.pointer_mut(parent).expect("a parent")[name] = value.clone();
    }
    body
}

fn agent() -> Value {
    json!({
        "name": "王代理",
        "identity_number": "370399199003070016",
        "mobile_number": "13800000003",
        "power_of_attorney_until": "2026-12-31",
    })
}

fn consent() -> Value {
    json!({
        "mortgagee_name": "示例银行",
        "mortgagee_credit_code": "91370399MA3TEA0100",
        "contract_number": "HT-1",
        "signed_on": "2026-03-01",
    })
}

fn court_document() -> Value {
    json!({
        "issuer": "法院",
        "number": "(2026)1",
        "effective_on": "2026-03-01",
        "enforcement_notice_number": "(2026)2",
    })
}

fn import_proof() -> Value {
    json!({ "number": "XK220012345", "vin": "LZZTEST10N1000001", "imported_on": "2026-01-02" })
}

/// Every member of every request stands in at least one of these.
pub(super) fn all() -> Vec<Body> {
    let registration = with(
        example::<SubmitRegistration>("standard"),
        &[
            ("/outlet_id", json!("zb-dealer-001")),
            ("/agent", agent()),
            ("/import_proof", import_proof()),
            (
                "/owner/address/residence_permit_region_code",
                json!("370303"),
            ),
            ("/origin_proof/invoice/code", json!("037002600111")),
            ("/purchase_tax/certificate_number", json!("T-1")),
            ("/plate_choice/plate_draw_id", json!("draw-000001")),
            ("/plate_choice/plate_number", json!("鲁C12345")),
        ],
    );
    let transfer = example::<SubmitTransfer>("standard");
    let insurance = registration["compulsory_insurance"].clone();
    let transfer = with(
        transfer,
        &[
            ("/outlet_id", json!("zb-market-001")),
            ("/agent", agent()),
            ("/compulsory_insurance", insurance),
            ("/mortgagee_consent", consent()),
            ("/transfer_kind", json!("local")),
            ("/into_stock", json!(false)),
            (
                "/spouse",
                json!({ "marriage_certificate_number": "J370303-2020-000001", "married_on": "2020-05-20" }),
            ),
            ("/transfer_proof/reverse_invoice", json!(false)),
            ("/transfer_proof/court_document", court_document()),
            (
                "/transfer_proof/deed",
                json!({ "issuer": "公证处", "number": "GZ-1", "issued_on": "2026-03-01" }),
            ),
        ],
    );
    let contact_change = with(
        example::<SubmitContactChange>("standard"),
        &[("/outlet_id", json!("zb-post-001")), ("/agent", agent())],
    );
    let owner_name_change = with(
        example::<SubmitOwnerNameChange>("standard"),
        &[("/outlet_id", json!("zb-post-001")), ("/agent", agent())],
    );
    let deregistration = with(
        example::<SubmitDeregistration>("standard"),
        &[("/outlet_id", json!("zb-other-001")), ("/agent", agent())],
    );
    let replaced = |standard: Value, more: (&str, Value)| {
        with(standard, &[("/outlet_id", json!("zb-post-001")), more])
    };
    let plates = replaced(
        example::<SubmitPlateReplacement>("standard"),
        ("/agent", agent()),
    );
    let permit = replaced(
        example::<SubmitDrivingPermitReplacement>("standard"),
        ("/agent", agent()),
    );
    let mark = replaced(
        example::<SubmitInspectionMarkReplacement>("standard"),
        ("/agent", agent()),
    );
    let agreement = json!({
        "mortgagee_name": "示例银行",
        "mortgagee_credit_code": "91370399MA3TEA0100",
        "signed_on": "2026-03-01",
    });
    let certificate = replaced(
        with(
            example::<SubmitRegistrationCertificateReplacement>("standard"),
            &[("/agent", agent())],
        ),
        ("/mortgagee_agreement", agreement.clone()),
    );
    let of_lender = |body| {
        with(
            body,
            &[("/outlet_id", json!("zb-bank-001")), ("/agent", agent())],
        )
    };
    let consented = |body| {
        let earlier = json!({ "credit_code": "91370399MA3TEA0100", "signed_on": "2026-03-01" });
        with(of_lender(body), &[("/earlier_lender_consent", earlier)])
    };
    let mortgage = consented(example::<SubmitMortgage>("standard"));
    let decided = |body| with(of_lender(body), &[("/court_document", court_document())]);
    let mortgage_release = decided(example::<SubmitMortgageRelease>("standard"));
    let pledge = consented(example::<SubmitPledge>("standard"));
    let pledge_release = decided(example::<SubmitPledgeRelease>("standard"));
    let temporary_plate = with(
        example::<SubmitTemporaryPlate>("standard"),
        &[
            ("/outlet_id", json!("zb-dealer-001")),
            ("/agent", agent()),
            ("/import_proof", import_proof()),
            (
                "/test_permit",
                json!({ "number": "CS-1", "valid_until": "2026-06-30" }),
            ),
            ("/vehicle/plate_kind", json!("02")),
            ("/vehicle/plate_number", json!("鲁C12345")),
        ],
    );
    let plate_exchange = with(
        example::<SubmitPlateExchange>("standard"),
        &[("/outlet_id", json!("zb-post-001")), ("/agent", agent())],
    );
    let move_in = with(
        example::<SubmitMoveIn>("standard"),
        &[
            ("/outlet_id", json!("zb-market-001")),
            ("/agent", agent()),
            (
                "/compulsory_insurance",
                registration["compulsory_insurance"].clone(),
            ),
            (
                "/mortgagee_agreement",
                certificate["mortgagee_agreement"].clone(),
            ),
        ],
    );
    let address_change = with(
        example::<SubmitAddressChange>("standard"),
        &[
            ("/outlet_id", json!("zb-post-001")),
            ("/agent", agent()),
            ("/new_address/residence_permit_region_code", json!("370304")),
        ],
    );
    let alteration = with(
        example::<SubmitAlteration>("standard"),
        &[
            ("/outlet_id", json!("zb-squadron-001")),
            ("/agent", agent()),
            ("/altered/engine_number", json!("EA211-0002")),
            ("/altered/replaced_structure", json!("frame")),
        ],
    );
    let co_owner_change = with(
        example::<SubmitCoOwnerChange>("standard"),
        &[
            ("/outlet_id", json!("zb-post-001")),
            ("/mortgagee_agreement", agreement),
            ("/plate_choice", json!({ "method": "random" })),
        ],
    );
    let identity_change = with(
        example::<SubmitIdentityChange>("standard"),
        &[("/outlet_id", json!("zb-post-001")), ("/agent", agent())],
    );
    let correction = with(
        example::<SubmitCorrection>("standard"),
        &[
            ("/outlet_id", json!("zb-post-001")),
            ("/agent", agent()),
            ("/corrected/first_registered_on", json!("2022-11-11")),
            ("/corrected/engine_number", json!("EA211-0002")),
            ("/corrected/color", json!("red")),
        ],
    );
    let draw = with(
        example::<DrawPlates>("standard"),
        &[("/outlet_id", json!("zb-dealer-001"))],
    );
    let of_mark = |body: Value, outlet: &str| {
        let insurance = registration["compulsory_insurance"].clone();
        with(
            body,
            &[
                ("/outlet_id", json!(outlet)),
                ("/agent", agent()),
                ("/compulsory_insurance", insurance),
            ],
        )
    };
    let inspection_mark = of_mark(
        example::<SubmitInspectionMark>("standard"),
        "zb-station-001",
    );
    let exempt_mark = of_mark(example::<SubmitExemptMark>("standard"), "zb-post-001");
    let booking = with(
        example::<BookInspection>("standard"),
        &[("/outlet_id", json!("zb-station-001"))],
    );
    let one_stop = with(
        example::<InspectAtOneStop>("standard"),
        &[
            ("/inspection_id", json!("insp-000001")),
            ("/items/0/finding", json!("无")),
        ],
    );
    vec![
        Body::new::<RegistrationRequest>("RegistrationRequest", &registration),
        Body::new::<RegistrationRequest>(
            "RegistrationRequest",
            &example::<SubmitRegistration>("supplement"),
        ),
        Body::new::<TransferRequest>("TransferRequest", &transfer),
        Body::new::<ContactChangeRequest>("ContactChangeRequest", &contact_change),
        Body::new::<OwnerNameChangeRequest>("OwnerNameChangeRequest", &owner_name_change),
        Body::new::<DeregistrationRequest>("DeregistrationRequest", &deregistration),
        Body::new::<PlateReplacementRequest>("PlateReplacementRequest", &plates),
        Body::new::<DrivingPermitReplacementRequest>("DrivingPermitReplacementRequest", &permit),
        Body::new::<RegistrationCertificateReplacementRequest>(
            "RegistrationCertificateReplacementRequest",
            &certificate,
        ),
        Body::new::<InspectionMarkReplacementRequest>("InspectionMarkReplacementRequest", &mark),
        Body::new::<MortgageRequest>("MortgageRequest", &mortgage),
        Body::new::<MortgageReleaseRequest>("MortgageReleaseRequest", &mortgage_release),
        Body::new::<PledgeRequest>("PledgeRequest", &pledge),
        Body::new::<PledgeReleaseRequest>("PledgeReleaseRequest", &pledge_release),
        Body::new::<TemporaryPlateRequest>("TemporaryPlateRequest", &temporary_plate),
        Body::new::<PlateExchangeRequest>("PlateExchangeRequest", &plate_exchange),
        Body::new::<MoveInRequest>("MoveInRequest", &move_in),
        Body::new::<AddressChangeRequest>("AddressChangeRequest", &address_change),
        Body::new::<AlterationRequest>("AlterationRequest", &alteration),
        Body::new::<CoOwnerChangeRequest>("CoOwnerChangeRequest", &co_owner_change),
        Body::new::<IdentityChangeRequest>("IdentityChangeRequest", &identity_change),
        Body::new::<CorrectionRequest>("CorrectionRequest", &correction),
        Body::new::<PlateDrawRequest>("PlateDrawRequest", &draw),
        Body::new::<InspectionForecastRequest>(
            "InspectionForecastRequest",
            &example::<ForecastInspections>("old_cycle"),
        ),
        Body::new::<InspectionMarkRequest>("InspectionMarkRequest", &inspection_mark),
        Body::new::<ExemptMarkRequest>("ExemptMarkRequest", &exempt_mark),
        Body::new::<InspectionBooking>("InspectionBooking", &booking),
        Body::new::<Rebooking>(
            "Rebooking",
            &json!({ "starts_at": "2026-03-03T10:00:00+08:00" }),
        ),
        Body::new::<Cancellation>("Cancellation", &json!({ "reason": "车主临时有事" })),
        Body::new::<CheckIn>("CheckIn", &json!({ "operator_id": "zb-station-001-op1" })),
        Body::new::<InspectionResult>(
            "InspectionResult",
            &example::<RecordInspectionResult>("failed"),
        ),
        Body::new::<OneStopRequest>("OneStopRequest", &one_stop),
        Body::new::<HandIn>("HandIn", &json!({ "statement": "材料齐全" })),
        Body::new::<SupplementAnswer>("SupplementAnswer", &json!({ "statement": "已补正" })),
        Body::new::<Withdrawal>("Withdrawal", &json!({ "reason": "客户改变主意" })),
    ]
}
