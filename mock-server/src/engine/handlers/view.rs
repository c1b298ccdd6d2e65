//! What an application looks like from outside, in somebody's language.

use lingminban::{
    api::{
        Application, ApplicationResult, ApplicationStatus as Status, BundleId, Finding,
        FindingCode, MaterialRequirement, OutletKind, Service, TemporaryPlate, TemporaryPlateCase,
        Timeline, TimelineEntry, TransferKind,
    },
    moment::Moment,
    text::Language,
};

use crate::{
    engine::{
        docket::{Entry, Ground, MaterialEntry, Number},
        lifecycle,
        pipeline::Scene,
        world::date_of,
    },
    rules::{
        standing::{self, Column},
        temporary_plates,
    },
};

/// How long a program may sleep when nothing happens by itself soon.
const IDLE_POLL_MS: u32 = 60_000;

/// The application as the partner reads it.
#[must_use]
pub(super) fn application(scene: &Scene<'_>, number: Number, entry: &Entry) -> Application {
    let (status, since) = entry.state();
    let deadline = lifecycle::deadline(scene.city, entry, status, since);
    let clock_starts_on = lifecycle::clock_starts_on(scene.city, entry);
    Application {
        application_id: scene.space.application_id(number),
        bundle_id: entry
            .bundle
            .as_ref()
            .map(|part| BundleId::of_first(&scene.space.application_id(part.first))),
        service: entry.service.into(),
        status: status.into(),
        status_since: Moment::new(since),
        partner_reference: entry.partner_reference.clone(),
        outlet_id: scene.city.directory[entry.outlet].id.clone(),
        operator_id: entry.operator.clone(),
        created_at: Moment::new(entry.created_at()),
        clock_starts_on: (clock_starts_on > date_of(entry.created_at())).then_some(clock_starts_on),
        deadline_on: deadline.map(|(day, _)| day),
        deadline_rule: deadline.map(|(_, rule)| rule.to_owned()),
        poll_after_ms: (!status.is_terminal()).then(|| poll_after(scene, entry)),
        required_materials: requirements(&entry.materials),
        findings: findings(entry, scene.language),
        warnings: warnings(scene, entry),
        temporary_plate: temporary_plate(scene, number, entry),
        result: (status == Status::Completed)
            .then(|| result(scene, number, entry))
            .flatten(),
    }
}

fn warnings(scene: &Scene<'_>, entry: &Entry) -> Vec<Finding> {
    let mut warnings = grounds(entry.service, &entry.warnings, scene.language);
    if !lifecycle::rests_on_announced_days(scene.city, entry) {
        warnings.push(calendar_not_announced(scene.language));
    }
    warnings
}

/// 提示 that dates are counted over days whose holidays nobody has announced.
#[must_use]
pub(super) fn calendar_not_announced(language: Language) -> Finding {
    let code = FindingCode::CalendarNotAnnounced;
    Finding {
        code: code.into(),
        message: code.text().in_language(language).to_owned(),
        rule: code.rule().to_owned(),
        pointer: None,
        material: None,
    }
}

/// 办理过程.
#[must_use]
pub(super) fn timeline(scene: &Scene<'_>, entry: &Entry) -> Timeline {
    let items = entry.history.iter().map(|(status, since)| {
        let deadline = lifecycle::deadline(scene.city, entry, *status, *since);
        TimelineEntry {
            status: (*status).into(),
            since: Moment::new(*since),
            deadline_on: deadline.map(|(day, _)| day),
            rule: deadline.map(|(_, rule)| rule.to_owned()),
        }
    });
    Timeline {
        items: items.collect(),
    }
}

/// 所需材料.
#[must_use]
pub(super) fn requirements(materials: &[MaterialEntry]) -> Vec<MaterialRequirement> {
    materials
        .iter()
        .map(|material| MaterialRequirement {
            kind: material.kind.into(),
            state: material.state.into(),
            lookup: material.lookup.map(Into::into),
        })
        .collect()
}

/// A material still to be handed in.
#[must_use]
pub(super) fn missing(service: Service, material: &MaterialEntry, language: Language) -> Finding {
    let code = FindingCode::MaterialMissing;
    let text = code.text().in_language(language);
    let message = match language {
        Language::Chinese => format!("{text}：{}", material.kind.chinese_name()),
        Language::English => format!("{text} ({})", material.kind),
    };
    Finding {
        code: code.into(),
        message,
        rule: standing::rule_of_missing(service, material.kind).to_owned(),
        pointer: None,
        material: Some(material.kind.into()),
    }
}

/// A ground of the authority's, with the article that makes it one for the service.
fn ground(service: Service, ground: &Ground, language: Language) -> Finding {
    Finding {
        code: ground.code.into(),
        message: ground.code.text().in_language(language).to_owned(),
        rule: standing::rule(service, ground.code).to_owned(),
        pointer: Some(ground.pointer.to_string()),
        material: None,
    }
}

/// Several of them.
#[must_use]
pub(super) fn grounds(service: Service, grounds: &[Ground], language: Language) -> Vec<Finding> {
    grounds
        .iter()
        .map(|found| ground(service, found, language))
        .collect()
}

/// What there is to say in the present state: what is missing while the partner has the word, and
/// every ground once the authority has spoken.
fn findings(entry: &Entry, language: Language) -> Vec<Finding> {
    let chosen = |which: fn(FindingCode) -> bool| {
        let fitting = entry
            .grounds
            .iter()
            .filter(move |ground| which(ground.code));
        fitting
            .map(|found| ground(entry.service, found, language))
            .collect()
    };
    match entry.status() {
        Status::SupplementRequired => entry
            .missing()
            .map(|material| missing(entry.service, material, language))
            .collect(),
        Status::NotAccepted => chosen(|code| code == FindingCode::ApplicantBarred),
        Status::Refused => chosen(|_| true),
        Status::InReview => chosen(|code| code == FindingCode::UnderInvestigation),
        _ => Vec::new(),
    }
}

/// The temporary plate that was issued; the one that drives the vehicle while its own are made again; and
/// the one that drives it out of the city.
fn temporary_plate(scene: &Scene<'_>, number: Number, entry: &Entry) -> Option<TemporaryPlate> {
    match (entry.service, entry.outcome.transfer_kind) {
        (Service::TemporaryPlate, _) => issued_plate(scene, number, entry),
        (Service::PlateReplacement, _) => plate_meanwhile(number, entry),
        (_, TransferKind::Outbound) => plate_for_leaving(number, entry),
        _ => None,
    }
}

/// As it is on record now: formal plates may have ended it since.
fn issued_plate(scene: &Scene<'_>, number: Number, entry: &Entry) -> Option<TemporaryPlate> {
    let vehicle = scene.state.register.vehicle(entry.vin)?;
    let plate_number = lifecycle::temporary_number(number);
    let mut issued = vehicle.temporary_plates.iter();
    let plate = issued.find(|plate| plate.plate_number == plate_number)?;
    Some(TemporaryPlate {
        plate_number,
        case: plate.case.into(),
        valid_from: plate.valid_from,
        valid_until: plate.valid_until,
        nth: Some(plate.nth),
        at_most: temporary_plates::at_most(plate.case),
    })
}

/// 转出 (R164 Art 27): from the day on which the vehicle's own were collected.
fn plate_for_leaving(number: Number, entry: &Entry) -> Option<TemporaryPlate> {
    let (status, since) = entry.state();
    let case = TemporaryPlateCase::TransferOut;
    let valid_from = (status == Status::Completed).then(|| date_of(since))?;
    let registration = entry.outcome.record.registration.as_ref()?;
    Some(TemporaryPlate {
        plate_number: lifecycle::temporary_number(number),
        case: case.into(),
        valid_from,
        valid_until: temporary_plates::last_day(case, valid_from, registration.insured_until)?,
        nth: None,
        at_most: None,
    })
}

/// 补换领号牌期间 (R164 Art 51): from the day on which the authority turns to it, in a bundle when the
/// part's turn comes.
fn plate_meanwhile(number: Number, entry: &Entry) -> Option<TemporaryPlate> {
    let (status, since) = entry.state();
    let completed = status == Status::Completed;
    if status.is_terminal() && !completed {
        return None;
    }
    let case = TemporaryPlateCase::PlateRemaking;
    let valid_from = entry.handled_from()?;
    let registration = entry.outcome.record.registration.as_ref()?;
    let last = temporary_plates::last_day(case, valid_from, registration.insured_until)?;
    Some(TemporaryPlate {
        plate_number: lifecycle::temporary_number(number),
        case: case.into(),
        valid_from,
        valid_until: if completed {
            temporary_plates::beside_formal_plates(last, date_of(since))
        } else {
            last
        },
        nth: None,
        at_most: None,
    })
}

fn result(scene: &Scene<'_>, number: Number, entry: &Entry) -> Option<ApplicationResult> {
    // It gives nothing out but the temporary plate.
    if entry.service == Service::TemporaryPlate {
        return None;
    }
    let registration = entry.outcome.record.registration.as_ref()?;
    Some(ApplicationResult {
        plate_kind: registration.plate_kind.into(),
        plate_number: registration.plate_number,
        registration_certificate_number: registration.certificate_number,
        inspection_due_on: registration.inspection_due_on,
        deregistration_certificate_number: entry
            .outcome
            .deregistered_for
            // One for each application: nothing needs to be counted.
            .map(|_| format!("ZX3799{:08}", u64::from(number) + 1)),
        plates_handed_out_on: sold_with_plates(scene, entry).then(|| date_of(entry.state().1)),
        other_plate_number: entry
            .outcome
            .other_record
            .as_ref()
            .and_then(|other| other.registration.as_ref())
            .map(|registration| registration.plate_number),
        public_on: is_of_lenders(entry.service).then(|| date_of(entry.state().1)),
        plates_collected: entry.outcome.transfer_kind == TransferKind::Outbound
            || registration.in_stock,
    })
}

/// 带牌销售: whether the outlet has the plates at hand.
fn sold_with_plates(scene: &Scene<'_>, entry: &Entry) -> bool {
    entry.service == Service::Registration
        && scene.city.directory[entry.outlet].kind == OutletKind::MotorcycleDealer
}

/// 抵押、质押: what is registered or released on a day that is open to the public.
fn is_of_lenders(service: Service) -> bool {
    matches!(
        standing::column(service),
        Column::Mortgage | Column::MortgageRelease
    )
}

fn poll_after(scene: &Scene<'_>, entry: &Entry) -> u32 {
    let Some(due) = entry.due else {
        return IDLE_POLL_MS;
    };
    let wait = due
        .as_millisecond()
        .saturating_sub(scene.now.as_millisecond());
    u32::try_from(wait.max(1))
        .unwrap_or(IDLE_POLL_MS)
        .min(IDLE_POLL_MS)
}
