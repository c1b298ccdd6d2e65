//! What every filing has in common: who may file, what is filed already, and the filing itself.

use lingminban::{
    api::{
        Assessment, Deadline, FindingCode, OperatorId, OperatorState, OutletId, PartnerReference,
        Place, PlateChoice, ProblemCode, Service, Submitted,
    },
    codes::{PlateKind, UseCharacter, VehicleType},
    identifiers::{MobileNumber, PlateNumber, RegistrationCertificateNumber, Vin},
};

use super::view;
use crate::{
    engine::{
        Fault,
        directory::{Operator, Outlet},
        docket::{Entry, Ground, MaterialEntry, Outcome},
        events,
        filing::{Field, Filing},
        lifecycle,
        pipeline::Scene,
        refusal::Refusal,
        space::State,
    },
    rules::{
        entrustment::{self, SupplementWindow},
        situation::Situation,
    },
};
use lingminban::api::ApplicationStatus as Status;

/// Who files what, as far as authority goes.
pub(super) struct Claim<'a> {
    /// 业务类型.
    pub(super) service: Service,
    /// 网点编号, when named.
    pub(super) outlet_id: Option<&'a OutletId>,
    /// 经办人编号.
    pub(super) operator_id: &'a OperatorId,
    /// The vehicle's class, when the vehicle is known.
    pub(super) class: Option<(VehicleType, UseCharacter)>,
    /// The members that show its type and its use.
    pub(super) class_pointers: [&'static str; 2],
}

/// 委托 (R164 Art 69): outlet, operator and vehicle class must all be entrusted; every reason why
/// not is told.
///
/// # Errors
/// 403.
pub(super) fn authorise(scene: &Scene<'_>, claim: &Claim<'_>) -> Result<(), Refusal> {
    let outlets = outlets(scene, claim.outlet_id)?;
    let mut reasons: Vec<(ProblemCode, Place)> = Vec::new();
    if !outlets
        .iter()
        .any(|outlet| outlet.is_entrusted_with(claim.service))
    {
        reasons.push((
            ProblemCode::ServiceNotEntrusted,
            Place::Header("Authorization"),
        ));
    }
    let operator = scene.city.directory.operator(claim.operator_id.as_str());
    if let Some(code) = operator_fault(scene, operator, outlets) {
        reasons.push((code, Place::Pointer("/operator_id".to_owned())));
    }
    let entrusted = claim
        .class
        .map_or([true; 2], |(vehicle_type, use_character)| {
            entrustment::entrusted(claim.service, vehicle_type, use_character)
        });
    for (pointer, entrusted) in claim.class_pointers.into_iter().zip(entrusted) {
        if !entrusted {
            let place = Place::Pointer(pointer.to_owned());
            reasons.push((ProblemCode::VehicleClassNotEntrusted, place));
        }
    }
    let Some((code, _)) = reasons.first() else {
        return Ok(());
    };
    let refusal = Refusal::new(*code);
    let rule = Some(entrustment::ENTRUSTMENT_RULE);
    Err(refusal.with_faults(
        reasons
            .into_iter()
            .map(|(code, place)| Fault {
                place,
                code: code.as_str(),
                text: code.text(),
                rule,
                detail: None,
            })
            .collect(),
    ))
}

fn operator_fault(
    scene: &Scene<'_>,
    operator: Option<&Operator>,
    outlets: &[Outlet],
) -> Option<ProblemCode> {
    let here = |operator: &&Operator| outlets.iter().any(|outlet| outlet.index == operator.outlet);
    match operator
        .filter(here)
        .map(|operator| operator.state_on(scene.today()))
    {
        None => Some(ProblemCode::OperatorNotOfOutlet),
        Some(OperatorState::NotAssessed) => Some(ProblemCode::OperatorNotAssessed),
        Some(OperatorState::Lapsed) => Some(ProblemCode::OperatorCertificateLapsed),
        Some(OperatorState::Certified) => None,
    }
}

/// The partner's outlet that is named, or all of them when none is. Never empty.
///
/// # Errors
/// 403 when the one named is not the partner's.
pub(super) fn outlets<'a>(
    scene: &Scene<'a>,
    named: Option<&OutletId>,
) -> Result<&'a [Outlet], Refusal> {
    let own = scene.city.directory.outlets_of(scene.partner);
    let Some(named) = named else { return Ok(own) };
    own.iter()
        .find(|outlet| outlet.id == *named)
        .map(std::slice::from_ref)
        .ok_or_else(|| {
            Refusal::at(
                ProblemCode::OutletNotOfPartner,
                Place::Pointer("/outlet_id".to_owned()),
            )
        })
}

/// A partner with several outlets says which.
#[must_use]
pub(super) fn outlet_named<S>(
    scene: &Scene<'_>,
    filing: &Filing<'_, S>,
    outlet_id: Field<S, OutletId>,
) -> Option<Fault> {
    let several = scene.city.directory.outlets_of(scene.partner).len() > 1;
    (several && !filing.has(outlet_id))
        .then(|| Fault::finding(FindingCode::Required, outlet_id.pointer))
}

/// What a rule may know.
#[must_use]
pub(super) fn situation<'a>(scene: &'a Scene<'_>) -> Situation<'a> {
    Situation {
        today: scene.today(),
        now: scene.now,
        partner: scene.partner,
        register: &scene.state.register,
        draws: &scene.state.draws,
    }
}

/// A submission that the rules let pass.
pub(super) struct Draft {
    /// 业务类型.
    pub(super) service: Service,
    /// 网点编号, when named.
    pub(super) outlet_id: Option<OutletId>,
    /// 经办人编号.
    pub(super) operator: OperatorId,
    /// 合作单位业务编号.
    pub(super) partner_reference: PartnerReference,
    /// 手机号码 of the applicant.
    pub(super) mobile: MobileNumber,
    /// 车辆识别代号.
    pub(super) vin: Vin,
    /// 所需材料.
    pub(super) materials: Vec<MaterialEntry>,
    /// 不予受理、不予登记的情形.
    pub(super) grounds: Vec<Ground>,
    /// 提示.
    pub(super) warnings: Vec<Ground>,
    /// 查验: whether the vehicle must be shown.
    pub(super) vehicle_check: bool,
}

/// A submission filed before under the same reference. Asked before the rules: whoever repeats a
/// submission because its answer was lost must learn of the first, whatever has changed since.
///
/// # Errors
/// 409 with the application.
pub(super) fn refuse_repeated(
    scene: &Scene<'_>,
    reference: &PartnerReference,
) -> Result<(), Refusal> {
    let filed = scene.state.docket.by_reference(scene.partner, reference);
    filed.map_or(Ok(()), |number| {
        let place = Place::Pointer("/partner_reference".to_owned());
        Err(Refusal::at(ProblemCode::AlreadySubmitted, place)
            .with_application(scene.space.application_id(number)))
    })
}

/// A vehicle with an application that has not ended.
///
/// # Errors
/// 409 with the application, where it is the partner's own.
pub(super) fn refuse_in_process(scene: &Scene<'_>, vin: Vin) -> Result<(), Refusal> {
    let docket = &scene.state.docket;
    let Some(number) = docket.open_for(vin) else {
        return Ok(());
    };
    let place = Place::Pointer("/vehicle/vin".to_owned());
    let refusal = Refusal::at(ProblemCode::VehicleInProcess, place);
    let own = docket[number].partner == scene.partner;
    Err(if own {
        refusal.with_application(scene.space.application_id(number))
    } else {
        refusal
    })
}

/// What filing would lead to.
#[must_use]
pub(super) fn assess(scene: &mut Scene<'_>, draft: &Draft) -> Submitted {
    scene.effective = false;
    let language = scene.language;
    let missing = draft
        .materials
        .iter()
        .filter(|material| material.state == lingminban::api::MaterialState::Required)
        .map(|material| view::missing(material, language));
    let grounds = sorted(draft.grounds.clone());
    let grounds = view::grounds(&grounds, language).into_iter();
    Submitted::Assessed(Box::new(Assessment {
        service: draft.service.into(),
        required_materials: view::requirements(&draft.materials),
        findings: grounds.chain(missing).collect(),
        warnings: view::grounds(&draft.warnings, language),
        deadlines: deadlines(scene, draft.service),
    }))
}

/// Each once, in the order of their places.
fn sorted(mut grounds: Vec<Ground>) -> Vec<Ground> {
    grounds.sort();
    grounds.dedup();
    grounds
}

fn deadlines(scene: &Scene<'_>, service: Service) -> Vec<Deadline> {
    let today = scene.today();
    Status::ALL
        .iter()
        .filter_map(|status| {
            let limit = entrustment::limit(service, *status, SupplementWindow::default())?;
            let deadline_on = limit.period.last_day(today, &scene.city.calendar);
            Some(Deadline {
                status: (*status).into(),
                working_days: scene.city.calendar.count_between(today, deadline_on),
                deadline_on,
                rule: limit.rule.to_owned(),
            })
        })
        .collect()
}

/// Files: from here on it cannot fail.
pub(super) fn file(scene: &mut Scene<'_>, draft: Draft, outcome: Outcome) -> Submitted {
    let grounds = sorted(draft.grounds);
    let plate = outcome
        .record
        .registration
        .as_ref()
        .map(|registration| (registration.plate_kind, registration.plate_number));
    let own = scene.city.directory.outlets_of(scene.partner);
    let named = draft.outlet_id.as_ref();
    let outlet = own
        .iter()
        .find(|outlet| named.is_none_or(|named| outlet.id == *named));
    let entry = Entry {
        service: draft.service,
        partner: scene.partner,
        outlet: outlet.unwrap_or(&own[0]).index,
        operator: draft.operator,
        partner_reference: draft.partner_reference,
        vin: draft.vin,
        materials: draft.materials,
        grounds,
        warnings: draft.warnings,
        vehicle_check: draft.vehicle_check,
        history: vec![(Status::Received, scene.now)],
        due: None,
        polls: 0,
        outcome: Box::new(outcome),
    };
    if let Some(plate) = plate {
        scene.state.register.reserve(plate);
    }
    let number = scene.state.docket.file(entry);
    scene.state.events.messages.know(number, &draft.mobile);
    events::entered(scene.state, number, Status::Received, scene.now);
    lifecycle::reschedule(scene.city, scene.state, number, scene.now);
    Submitted::Filed(Box::new(view::application(
        scene,
        number,
        &scene.state.docket[number],
    )))
}

/// The number a choice comes to; the rules have found it available.
///
/// # Errors
/// 503 when the city has no number left.
pub(super) fn choose_plate(
    state: &mut State,
    kind: PlateKind,
    pure_electric: Option<bool>,
    choice: Option<&PlateChoice>,
) -> Result<PlateNumber, Refusal> {
    match choice.and_then(|choice| choice.plate_number) {
        Some(number) => Ok(number),
        None => state
            .draws
            .free(kind, pure_electric, &state.register, &mut state.chance)
            .ok_or_else(|| Refusal::new(ProblemCode::ServiceUnavailable)),
    }
}

/// The next 登记证书编号: twelve digits, none of them the catalogue's.
///
/// # Errors
/// 503 after a hundred million certificates.
pub(super) fn next_certificate(
    state: &mut State,
) -> Result<RegistrationCertificateNumber, Refusal> {
    state.serial.certificates += 1;
    format!("3799{:08}", state.serial.certificates)
        .parse()
        .map_err(|_| Refusal::new(ProblemCode::ServiceUnavailable))
}
