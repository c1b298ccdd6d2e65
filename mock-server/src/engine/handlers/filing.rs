//! What every filing has in common: who may file, what is filed already, and the filing itself.

use jiff::civil::Date;
use lingminban::{
    api::{
        Assessment, Deadline, FilingRequest, FindingCode, Json, OperatorId, OperatorState,
        OutletId, PartyAddress, Place, PlateChoice, ProblemCode, Service, Submitted, TransferKind,
    },
    codes::{PlateKind, UseCharacter, VehicleType},
    for_each_filing,
    identifiers::{IdentityNumber, MobileNumber, PlateNumber, RegistrationCertificateNumber, Vin},
    services,
};

use super::view;
use crate::{
    engine::{
        Engine, Fault,
        directory::{Operator, Outlet, OutletIndex},
        docket::{BundlePart, Entry, Ground, MaterialEntry, Number, Outcome},
        events,
        filing::{Field, Filing},
        lifecycle,
        pipeline::{Handle, Input, Scene},
        refusal::Refusal,
        register::{Plate, Register, Registration, VehicleRecord},
        space::State,
    },
    rules::{
        deadlines::{self, SupplementWindow},
        opening_hours,
        situation::Situation,
        standing,
    },
};
use lingminban::api::ApplicationStatus as Status;

/// 办理规则: how the authority judges one kind of filing, and what comes of it.
pub(super) trait Procedure: FilingRequest {
    /// The members that show the vehicle's type and its use.
    const CLASS_POINTERS: [&'static str; 2];

    /// 原机动车所有人, where completion gives the vehicle to the applicant.
    const FORMER_OWNER: Option<Field<Self, IdentityNumber>> = None;

    /// [`Self::CLASS_POINTERS`], where they differ by what is filed.
    fn class_pointers(&self) -> [&'static str; 2] {
        Self::CLASS_POINTERS
    }

    /// 车辆类型 and 使用性质, when the vehicle is known.
    fn class(&self, scene: &Scene<'_>) -> Option<(VehicleType, UseCharacter)> {
        let vehicle = scene.state.register.vehicle(*self.vin())?;
        Some((vehicle.vehicle_type, vehicle.use_character))
    }

    /// Another vehicle that it is about as well, and where that is named.
    fn other_vehicle(&self) -> Option<(Vin, &'static str)> {
        None
    }

    /// 住所 that decides where the vehicle is to be registered, and where in the request it stands;
    /// none where the service does not ask in which district somebody lives.
    fn domicile(&self) -> Option<(&'static str, &PartyAddress)> {
        None
    }

    /// 转让地域, of a transfer.
    fn transfer_kind(&self) -> TransferKind {
        TransferKind::Local
    }

    /// Whether it is filed while that application of the vehicle is under way.
    fn runs_beside(&self, _other: &Entry, _register: &Register) -> bool {
        false
    }

    /// Everything the submission alone shows to be wrong.
    fn examine(filing: &Filing<'_, Self>, situation: &Situation<'_>) -> Vec<Fault>;

    /// What the authority's records say to it.
    ///
    /// # Errors
    /// When there is nothing that could be filed.
    fn judge(&self, situation: &Situation<'_>) -> Result<Judgement, Refusal>;

    /// Writes into a vehicle's record what a later part of a bundle is to be judged by: as far as it is
    /// certain before the numbers are given out. What a vehicle is named by stays as it is: every part of
    /// a bundle names it as it is on record when the bundle is filed.
    fn foresee(&self, _record: &mut VehicleRecord, _today: Date) {}

    /// What completion will write.
    ///
    /// # Errors
    /// When the city has run out of something.
    fn outcome(self, scene: &mut Scene<'_>) -> Result<Outcome, Refusal>;
}

/// What the authority's records say to a submission that the rules let pass.
pub(super) struct Judgement {
    /// 所需材料.
    pub(super) materials: Vec<MaterialEntry>,
    /// 不予受理、不予登记的情形.
    pub(super) grounds: Vec<Ground>,
    /// 提示.
    pub(super) warnings: Vec<Ground>,
    /// 查验: whether the vehicle must be shown.
    pub(super) vehicle_check: bool,
}

macro_rules! handled {
    ($($operation:ty, $request:ty, $chinese:literal, $submit:ident, $validate:ident;)+) => { $(
        impl Handle<$operation> for Engine {
            fn authorise(
                &self,
                scene: &Scene<'_>,
                input: &Input<$operation>,
            ) -> Result<(), Refusal> {
                let Json(request) = &input.body;
                authorise(scene, request)?;
                refuse_repeated(scene, request)
            }

            fn examine(&self, scene: &Scene<'_>, filing: &Filing<'_, $request>) -> Vec<Fault> {
                examine(scene, filing)
            }

            fn handle(
                &self,
                scene: &mut Scene<'_>,
                input: Input<$operation>,
            ) -> Result<Submitted, Refusal> {
                let Json(request) = input.body;
                submit(scene, request, input.query.validate_only)
            }
        }
    )+ };
}
for_each_filing!(handled);

/// Everything that a submission alone shows to be wrong.
pub(super) fn examine<R: Procedure>(scene: &Scene<'_>, filing: &Filing<'_, R>) -> Vec<Fault> {
    let faults = R::examine(filing, &situation(scene)).into_iter();
    let told = faults.map(|fault| standing::by_article_of(R::SERVICE, fault));
    told.chain(outlet_named(scene, filing)).collect()
}

fn submit<R: Procedure>(
    scene: &mut Scene<'_>,
    request: R,
    validate_only: bool,
) -> Result<Submitted, Refusal> {
    let register = &scene.state.register;
    let beside = |other: &Entry| request.runs_beside(other, register);
    refuse_unless_beside(scene, *request.vin(), VEHICLE, beside)?;
    if let Some((vin, pointer)) = request.other_vehicle() {
        refuse_unless_beside(scene, vin, pointer, |_| false)?;
    }
    let judgement = judge(scene, &request)?;
    if validate_only {
        scene.effective = false;
        return Ok(Submitted::Assessed(Box::new(assess(
            scene, &request, &judgement,
        ))));
    }
    let draft = draft(scene, request, judgement)?;
    let number = file(scene, draft, None);
    Ok(Submitted::Filed(Box::new(view::application(
        scene,
        number,
        &scene.state.docket[number],
    ))))
}

/// What the authority's records say to it, in one order and nothing twice.
///
/// # Errors
/// When there is nothing that could be filed.
pub(super) fn judge<R: Procedure>(scene: &Scene<'_>, request: &R) -> Result<Judgement, Refusal> {
    let mut judgement = request.judge(&situation(scene))?;
    judgement.grounds.sort();
    judgement.grounds.dedup();
    Ok(judgement)
}

/// 委托 (R164 Art 69): outlet, operator, vehicle class and district must all be entrusted; every
/// reason why not is told.
///
/// # Errors
/// 403.
pub(super) fn authorise<R: Procedure>(scene: &Scene<'_>, request: &R) -> Result<(), Refusal> {
    let named = request.class(scene);
    let own = named.map(|(vehicle_type, used)| (request.class_pointers(), vehicle_type, used));
    let other = request.other_vehicle().and_then(|(vin, pointer)| {
        let vehicle = scene.state.register.vehicle(vin)?;
        Some(([pointer; 2], vehicle.vehicle_type, vehicle.use_character))
    });
    refuse_unentrusted(
        scene,
        &Deed {
            service: R::SERVICE,
            outlet_id: request.outlet_id(),
            operator_id: request.operator_id(),
            classes: [own, other],
            domicile: request.domicile(),
        },
    )
}

/// 车辆类型 and 使用性质 of a vehicle, and the members that show them.
type Class = ([&'static str; 2], VehicleType, UseCharacter);

/// What somebody is about to do, and for which vehicle or vehicles.
pub(super) struct Deed<'a> {
    /// The service it is part of.
    pub(super) service: Service,
    /// 网点编号, when named.
    pub(super) outlet_id: Option<&'a OutletId>,
    /// 经办人编号.
    pub(super) operator_id: &'a OperatorId,
    /// Of each vehicle that is known.
    pub(super) classes: [Option<Class>; 2],
    /// 住所 that decides where the vehicle is to be registered, and where it stands; none where nobody
    /// asks in which district somebody lives.
    pub(super) domicile: Option<(&'static str, &'a PartyAddress)>,
}

/// The same of anything that needs the mandate for a service.
///
/// # Errors
/// 403.
pub(super) fn refuse_unentrusted(scene: &Scene<'_>, deed: &Deed<'_>) -> Result<(), Refusal> {
    let outlets = outlets(scene, deed.outlet_id)?;
    let mut reasons: Vec<(ProblemCode, Place)> = Vec::new();
    if !outlets
        .iter()
        .any(|outlet| outlet.is_entrusted_with(deed.service))
    {
        reasons.push((
            ProblemCode::ServiceNotEntrusted,
            Place::Header("Authorization"),
        ));
    }
    if let Some(code) = operator_fault(scene, deed.operator_id, outlets) {
        reasons.push((code, Place::Pointer(OPERATOR.to_owned())));
    }
    for (pointers, vehicle_type, used) in deed.classes.into_iter().flatten() {
        let entrusted = services::rule(deed.service).entrusted(outlets[0].kind, vehicle_type, used);
        let refused = pointers.into_iter().zip(entrusted);
        for (pointer, _) in refused.filter(|(_, entrusted)| !entrusted) {
            let place = Place::Pointer(pointer.to_owned());
            reasons.push((ProblemCode::VehicleClassNotEntrusted, place));
        }
    }
    if let Some((pointer, address)) = deed.domicile
        && !outlets.iter().any(|outlet| outlet.serves(address))
    {
        reasons.push((
            ProblemCode::DistrictNotEntrusted,
            Place::Pointer(pointer.to_owned()),
        ));
    }
    let Some((code, _)) = reasons.first() else {
        return Ok(());
    };
    let refusal = Refusal::new(*code);
    let faults = reasons.into_iter();
    Err(refusal.with_faults(
        faults
            .map(|(code, place)| Fault::problem(code, place))
            .collect(),
    ))
}

const OPERATOR: &str = "/operator_id";

/// 经办人 of a step: certified, and of the outlet where it is taken.
///
/// # Errors
/// 403.
pub(super) fn refuse_operator(
    scene: &Scene<'_>,
    operator_id: &OperatorId,
    outlet: OutletIndex,
) -> Result<(), Refusal> {
    let outlet = std::slice::from_ref(&scene.city.directory[outlet]);
    operator_fault(scene, operator_id, outlet).map_or(Ok(()), |code| {
        let place = Place::Pointer(OPERATOR.to_owned());
        Err(Refusal::at(code, place))
    })
}

fn operator_fault(
    scene: &Scene<'_>,
    operator_id: &OperatorId,
    outlets: &[Outlet],
) -> Option<ProblemCode> {
    let operator = scene.city.directory.operator(operator_id.as_str());
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
fn outlet_named<R: FilingRequest>(scene: &Scene<'_>, filing: &Filing<'_, R>) -> Option<Fault> {
    let outlet_id = Field {
        pointer: "/outlet_id",
        read: R::outlet_id,
    };
    needs_outlet(scene, filing, outlet_id)
}

/// The same of a request that files nothing.
pub(super) fn needs_outlet<S>(
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
        docket: &scene.state.docket,
        draws: &scene.state.draws,
    }
}

/// A submission filed before under the same reference. Asked before the rules: whoever repeats a
/// submission because its answer was lost must learn of the first, whatever has changed since.
///
/// # Errors
/// 409 with the application.
pub(super) fn refuse_repeated<R: FilingRequest>(
    scene: &Scene<'_>,
    request: &R,
) -> Result<(), Refusal> {
    let reference = request.partner_reference();
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
    refuse_unless_beside(scene, vin, VEHICLE, |_| false)
}

const VEHICLE: &str = "/vehicle/vin";

/// The same of a vehicle named somewhere, but for applications beside which this one may run.
fn refuse_unless_beside(
    scene: &Scene<'_>,
    vin: Vin,
    pointer: &'static str,
    beside: impl Fn(&Entry) -> bool,
) -> Result<(), Refusal> {
    let docket = &scene.state.docket;
    let in_the_way = docket
        .open_for(vin)
        .find(|number| !docket.get(*number).is_some_and(&beside));
    let Some(number) = in_the_way else {
        return Ok(());
    };
    let place = Place::Pointer(pointer.to_owned());
    let refusal = Refusal::at(ProblemCode::VehicleInProcess, place);
    let own = docket[number].partner == scene.partner;
    Err(if own {
        refusal.with_application(scene.space.application_id(number))
    } else {
        refusal
    })
}

/// What filing would lead to.
pub(super) fn assess<R: Procedure>(
    scene: &Scene<'_>,
    request: &R,
    judgement: &Judgement,
) -> Assessment {
    let service = R::SERVICE;
    let clock_starts_on = clock_starts_on(scene, request);
    let language = scene.language;
    let missing = judgement
        .materials
        .iter()
        .filter(|material| material.state == lingminban::api::MaterialState::Required)
        .map(|material| view::missing(service, material, language));
    let grounds = view::grounds(service, &judgement.grounds, language).into_iter();
    let deadlines = deadlines(scene, service, request.transfer_kind(), clock_starts_on);
    let last_day = deadlines.iter().map(|deadline| deadline.deadline_on).max();
    let mut warnings = view::grounds(service, &judgement.warnings, language);
    if last_day.is_some_and(|last| !scene.city.calendar.is_announced(scene.today(), last)) {
        warnings.push(view::calendar_not_announced(language));
    }
    Assessment {
        service: service.into(),
        required_materials: view::requirements(&judgement.materials),
        findings: grounds.chain(missing).collect(),
        warnings,
        clock_starts_on: (clock_starts_on > scene.today()).then_some(clock_starts_on),
        deadlines,
    }
}

/// 起算日, were it filed now.
fn clock_starts_on<R: FilingRequest>(scene: &Scene<'_>, request: &R) -> Date {
    let hours = outlet_of(scene, request).hours;
    opening_hours::clock_starts_on(hours, scene.now, &scene.city.calendar)
}

/// The outlet through which it is filed.
fn outlet_of<'a, R: FilingRequest>(scene: &Scene<'a>, request: &R) -> &'a Outlet {
    outlet_meant(scene, request.outlet_id())
}

/// The partner's outlet that is named, or its only one.
pub(super) fn outlet_meant<'a>(scene: &Scene<'a>, named: Option<&OutletId>) -> &'a Outlet {
    let own = scene.city.directory.outlets_of(scene.partner);
    let outlet = own
        .iter()
        .find(|outlet| named.is_none_or(|named| outlet.id == *named));
    outlet.unwrap_or(&own[0])
}

fn deadlines(
    scene: &Scene<'_>,
    service: Service,
    kind: TransferKind,
    clock_starts_on: Date,
) -> Vec<Deadline> {
    let today = scene.today();
    Status::ALL
        .iter()
        .filter_map(|status| {
            let limit = deadlines::limit(service, kind, *status, SupplementWindow::default())?;
            let beginning = limit.beginning(today, clock_starts_on);
            let deadline_on = limit.period.last_day(beginning, &scene.city.calendar);
            Some(Deadline {
                status: (*status).into(),
                working_days: scene.city.calendar.count_between(beginning, deadline_on),
                deadline_on,
                rule: limit.rule.to_owned(),
            })
        })
        .collect()
}

/// An application that is not filed yet.
pub(super) struct Draft {
    entry: Entry,
    /// Where messages about it go.
    mobile: MobileNumber,
    /// The number that it gives to its vehicle.
    plate: Option<Plate>,
}

impl Draft {
    /// The record that its completion will write.
    pub(super) fn record(&self) -> &VehicleRecord {
        &self.entry.outcome.record
    }
}

/// Makes an application of a submission.
///
/// # Errors
/// When the city has run out of something.
pub(super) fn draft<R: Procedure>(
    scene: &mut Scene<'_>,
    request: R,
    judgement: Judgement,
) -> Result<Draft, Refusal> {
    let outlet = outlet_of(scene, &request).index;
    let operator = request.operator_id().clone();
    let partner_reference = request.partner_reference().clone();
    let mobile = request.applicant().mobile_number;
    let vin = *request.vin();
    let outcome = request.outcome(scene)?;
    let plate = scene.state.register.promised(&outcome.record);
    let entry = Entry {
        service: R::SERVICE,
        partner: scene.partner,
        outlet,
        operator,
        partner_reference,
        vin,
        materials: judgement.materials,
        grounds: judgement.grounds,
        warnings: judgement.warnings,
        vehicle_check: judgement.vehicle_check,
        history: vec![(Status::Received, scene.now)],
        due: None,
        polls: 0,
        outcome: Box::new(outcome),
        bundle: None,
    };
    Ok(Draft {
        entry,
        mobile,
        plate,
    })
}

/// Files it.
pub(super) fn file(scene: &mut Scene<'_>, draft: Draft, bundle: Option<BundlePart>) -> Number {
    if let Some(plate) = draft.plate {
        scene.state.register.reserve(plate);
    }
    let entry = Entry {
        bundle: bundle.map(Box::new),
        ..draft.entry
    };
    let number = scene.state.docket.file(entry);
    scene.state.events.messages.know(number, &draft.mobile);
    events::entered(scene.state, number, Status::Received, scene.now);
    lifecycle::reschedule(scene.city, scene.state, number, scene.now);
    number
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

/// The vehicle as it is registered.
///
/// # Errors
/// 422 when it is not.
pub(super) fn on_record(
    vin: Vin,
    register: &Register,
) -> Result<(&VehicleRecord, &Registration), Refusal> {
    let known = register.vehicle(vin);
    known
        .and_then(|known| Some((known, known.registration.as_ref()?)))
        .ok_or_else(|| {
            let code = FindingCode::VehicleNotRegistered;
            Refusal::invalid(vec![Fault::finding(code, "/vehicle/vin")])
        })
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
