//! 机动车检验: calendars, bookings and results of the stations.

use jiff::{Timestamp, ToSpan, civil::Date};
use lingminban::{
    api::{
        BookInspection, CancelInspection, CheckInInspection, Created, FailedItem, FindingCode,
        Found, GetInspection, InspectAtOneStop, InspectedItem, Inspection, InspectionBooking,
        InspectionCalendar, InspectionId, InspectionItem, InspectionPage, InspectionResult,
        InspectionSlot, InspectionStatus as Status, InspectionTest, Json, ListInspectionSlots,
        ListInspections, OneStop, OneStopRequest, OperatorId, OutletKind, PartnerReference, Place,
        ProblemCode, RebookInspection, Rebooking, RecordInspectionResult, RegisteredVehicle,
        Service,
    },
    identifiers::{MobileNumber, Vin},
    inspection::DueKind,
    moment::Moment,
};

use super::{
    filing::{self, Deed, Draft},
    pages::Page,
    view,
};
use crate::{
    engine::{
        Engine, Fault,
        directory::{Outlet, OutletIndex},
        filing::{Field, Filing},
        inspections::{Inspected, InspectionNumber, Test},
        pipeline::{Handle, Input, Scene},
        refusal::Refusal,
        register::VehicleRecord,
        world::date_of,
    },
    field,
    rules::{
        inspections as rules, standing,
        station_calendar::{self, Slot},
    },
};

/// Days of a calendar when no last one is named, and at the most.
const DAYS_SHOWN: i64 = 7;
const MOST_DAYS: i64 = 31;

impl Handle<ListInspectionSlots> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListInspectionSlots>,
    ) -> Result<Found<InspectionCalendar>, Refusal> {
        let outlet_id = input.path.outlet_id;
        let outlet = scene.city.directory.outlet(outlet_id.as_str());
        let outlet = outlet
            .ok_or_else(|| Refusal::at_parameter(ProblemCode::OutletNotFound, "outlet_id"))?;
        let from = input.query.from.unwrap_or_else(|| scene.today());
        let to = input
            .query
            .to
            .unwrap_or_else(|| from.saturating_add((DAYS_SHOWN - 1).days()));
        if to < from || to > from.saturating_add((MOST_DAYS - 1).days()) {
            let place = Place::Parameter("to".to_owned());
            return Err(Refusal::new(ProblemCode::InvalidParameter)
                .with_faults(vec![Fault::at(place, FindingCode::OutOfRange)]));
        }
        let days = from.series(1.day()).take_while(|day| *day <= to);
        let slots = days.flat_map(|day| slots_of(scene, outlet, day));
        Ok(Found(InspectionCalendar {
            slots: slots.map(|slot| told_slot(scene, outlet, &slot)).collect(),
            outlet_id,
        }))
    }
}

fn told_slot(scene: &Scene<'_>, outlet: &Outlet, slot: &Slot) -> InspectionSlot {
    let free = scene.state.inspections.free(outlet.index, slot);
    InspectionSlot {
        starts_at: Moment::new(slot.starts_at),
        ends_at: Moment::new(slot.ends_at),
        capacity: slot.capacity,
        free: if slot.ends_at > scene.now { free } else { 0 },
    }
}

/// The slots of a station's day; an outlet that is no station has none, nor has a day for which the
/// calendar is not open yet.
fn slots_of(scene: &Scene<'_>, outlet: &Outlet, day: Date) -> Vec<Slot> {
    let is_open = day <= station_calendar::last_day(scene.today());
    if outlet.kind != OutletKind::InspectionStation || !is_open {
        return Vec::new();
    }
    station_calendar::slots(outlet.index.number(), day, &scene.city.calendar).collect()
}

/// The slot that a booking names, where it is still to come: the places of one that has begun are for
/// those who are there.
fn slot_named(scene: &Scene<'_>, outlet: &Outlet, starts_at: Timestamp) -> Option<Slot> {
    let mut slots = slots_of(scene, outlet, date_of(starts_at)).into_iter();
    slots.find(|slot| slot.starts_at == starts_at && starts_at > scene.now)
}

/// 随到随检: the first slot of today that is not over and has room.
///
/// # Errors
/// 409.
fn slot_now(scene: &Scene<'_>, outlet: &Outlet) -> Result<Slot, Refusal> {
    let has_room = |slot: &Slot| {
        slot.ends_at > scene.now && scene.state.inspections.free(outlet.index, slot) > 0
    };
    let mut slots = slots_of(scene, outlet, scene.today()).into_iter();
    slots
        .find(has_room)
        .ok_or_else(|| Refusal::new(ProblemCode::NoFreeSlot))
}

impl Handle<BookInspection> for Engine {
    fn authorise(&self, scene: &Scene<'_>, input: &Input<BookInspection>) -> Result<(), Refusal> {
        let Json(booking) = &input.body;
        let known = scene.state.register.vehicle(booking.vehicle.vin);
        let entrusted = filing::refuse_unentrusted(
            scene,
            &Deed {
                service: Service::InspectionMark,
                outlet_id: booking.outlet_id.as_ref(),
                operator_id: &booking.operator_id,
                classes: [
                    known.map(|known| {
                        let pointers = ["/vehicle/vin"; 2];
                        (pointers, known.vehicle_type, known.use_character)
                    }),
                    None,
                ],
                domicile: None,
            },
        );
        let outlet = filing::outlet_meant(scene, booking.outlet_id.as_ref());
        Refusal::together([entrusted, refuse_other_kinds(outlet)])?;
        refuse_reference(scene, &booking.partner_reference)
    }

    fn examine(&self, scene: &Scene<'_>, booking: &Filing<'_, InspectionBooking>) -> Vec<Fault> {
        let starts_at: Field<InspectionBooking, Moment> = field!(starts_at?);
        let named = booking.get(starts_at).map(|at| at.timestamp());
        let day = named.map_or_else(|| scene.today(), date_of);
        let found = rules::examine_booking(booking, &filing::situation(scene), day).into_iter();
        let told = found.map(|fault| standing::by_article_of(Service::InspectionMark, fault));
        let mut faults: Vec<Fault> = told.collect();
        faults.extend(filing::needs_outlet(scene, booking, field!(outlet_id?)));
        let outlet_id = booking.get(field!(outlet_id?));
        let outlet = filing::outlet_meant(scene, outlet_id.as_deref());
        if named.is_some_and(|named| slot_named(scene, outlet, named).is_none()) {
            faults.push(Fault::finding(FindingCode::SlotUnknown, starts_at.pointer));
        }
        faults
    }

    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<BookInspection>,
    ) -> Result<Created<Inspection>, Refusal> {
        let Json(booking) = input.body;
        refuse_inspected(scene, booking.vehicle.vin, "/vehicle/vin")?;
        let outlet = filing::outlet_meant(scene, booking.outlet_id.as_ref());
        let slot = match booking.starts_at {
            Some(named) => slot_named(scene, outlet, named.timestamp())
                .filter(|slot| scene.state.inspections.free(outlet.index, slot) > 0)
                .ok_or_else(no_free_slot)?,
            None => slot_now(scene, outlet)?,
        };
        let comer = Comer {
            outlet: outlet.index,
            partner_reference: booking.partner_reference,
            vehicle: booking.vehicle,
            mobile: booking.owner.mobile_number,
            walk_in: booking.starts_at.is_none(),
        };
        let number = take_in(scene, comer, &slot);
        Ok(Created(shown(scene, number)))
    }
}

fn no_free_slot() -> Refusal {
    let place = Place::Pointer("/starts_at".to_owned());
    Refusal::at(ProblemCode::NoFreeSlot, place)
}

/// Only stations inspect, whoever else may file for marks.
///
/// # Errors
/// 403.
fn refuse_other_kinds(outlet: &Outlet) -> Result<(), Refusal> {
    if outlet.kind == OutletKind::InspectionStation {
        return Ok(());
    }
    let place = Place::Header("Authorization");
    Err(Refusal::at(ProblemCode::ServiceNotEntrusted, place))
}

/// A reference names one inspection.
///
/// # Errors
/// 409 with the inspection.
fn refuse_reference(scene: &Scene<'_>, reference: &PartnerReference) -> Result<(), Refusal> {
    let inspections = &scene.state.inspections;
    let named = inspections.by_reference(scene.partner, reference);
    named.map_or(Ok(()), |number| {
        let place = Place::Pointer("/partner_reference".to_owned());
        Err(Refusal::at(ProblemCode::ReferenceUsed, place).with_inspection(id_of(number)))
    })
}

/// A vehicle has one inspection at a time.
///
/// # Errors
/// 409 with the inspection, where it is the partner's own.
fn refuse_inspected(scene: &Scene<'_>, vin: Vin, pointer: &str) -> Result<(), Refusal> {
    let inspections = &scene.state.inspections;
    let Some(number) = inspections.open_for(vin) else {
        return Ok(());
    };
    let place = Place::Pointer(pointer.to_owned());
    let refusal = Refusal::at(ProblemCode::VehicleHasInspection, place);
    let own = inspections
        .get(number)
        .is_some_and(|entry| entry.partner == scene.partner);
    Err(if own {
        refusal.with_inspection(id_of(number))
    } else {
        refusal
    })
}

/// A vehicle that is to be inspected.
struct Comer {
    outlet: OutletIndex,
    partner_reference: PartnerReference,
    vehicle: RegisteredVehicle,
    /// Where messages about it go.
    mobile: MobileNumber,
    walk_in: bool,
}

/// Puts it into a slot: booked, or there already.
fn take_in(scene: &mut Scene<'_>, comer: Comer, slot: &Slot) -> InspectionNumber {
    let now = scene.now;
    let vin = comer.vehicle.vin;
    let known = scene.state.register.vehicle(vin);
    let registration = known.and_then(|known| known.registration.as_ref());
    let outstanding = known.and_then(|known| known.outstanding(date_of(slot.starts_at)));
    let entry = Inspected {
        partner: scene.partner,
        outlet: comer.outlet,
        partner_reference: comer.partner_reference,
        vin,
        plate_number: comer.vehicle.plate_number,
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        walk_in: comer.walk_in,
        due_on: registration.map_or(Date::MIN, |registration| registration.inspection_due_on),
        due_kind: outstanding.map_or(DueKind::Test, |outstanding| outstanding.kind),
        state: if comer.walk_in {
            (Status::CheckedIn, now)
        } else {
            (Status::Booked, now)
        },
        tests: Vec::new(),
        contact: comer.mobile.masked().into(),
    };
    let number = scene.state.inspections.add(entry);
    if !comer.walk_in {
        tell_owner(scene, number);
    }
    number
}

/// 短信: the owner hears of what concerns him and did not happen before his eyes.
fn tell_owner(scene: &mut Scene<'_>, number: InspectionNumber) {
    let state = &mut *scene.state;
    if let Some(entry) = state.inspections.get(number) {
        state.events.messages.inspected(number, entry, scene.now);
    }
}

impl Handle<GetInspection> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<GetInspection>,
    ) -> Result<Found<Inspection>, Refusal> {
        let number = own(scene, &input.path.inspection_id)?;
        Ok(Found(shown(scene, number)))
    }
}

impl Handle<ListInspections> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<ListInspections>,
    ) -> Result<Found<InspectionPage>, Refusal> {
        let mut filter = input.query;
        let (size, token) = (filter.page_size.take(), filter.page_token.take());
        let page = Page::new::<ListInspections>(&filter, scene.partner, size, token.as_deref())?;
        let directory = &scene.city.directory;
        let outlet = filter
            .outlet_id
            .as_ref()
            .map(|id| directory.outlet(id.as_str()).map(|outlet| outlet.index));
        let mut numbers = match outlet {
            // No outlet of that name has inspected anything.
            Some(None) => Vec::new(),
            outlet => scene.state.inspections.list(
                scene.partner,
                &filter,
                outlet.flatten(),
                page.from,
                page.size + 1,
            ),
        };
        let next_page_token = numbers.get(page.size).map(|next| page.token(*next));
        numbers.truncate(page.size);
        let items = numbers.into_iter().map(|number| shown(scene, number));
        Ok(Found(InspectionPage {
            items: items.collect(),
            next_page_token,
        }))
    }
}

impl Handle<RebookInspection> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<RebookInspection>,
    ) -> Result<Found<Inspection>, Refusal> {
        let number = own(scene, &input.path.inspection_id)?;
        let Json(Rebooking { starts_at }) = input.body;
        let entry = in_state(scene, number, |entry| entry.status() == Status::Booked)?;
        let outlet = &scene.city.directory[entry.outlet];
        let starts_at = starts_at.timestamp();
        let slot = slot_named(scene, outlet, starts_at).ok_or_else(|| {
            Refusal::invalid(vec![Fault::finding(FindingCode::SlotUnknown, "/starts_at")])
        })?;
        let known = unsettled(scene, entry)?;
        let against = rules::against(known, date_of(starts_at), "/starts_at");
        if !against.is_empty() {
            return Err(Refusal::invalid(against));
        }
        // To move within a slot takes no other place.
        let same = entry.starts_at == slot.starts_at;
        if !same && scene.state.inspections.free(entry.outlet, &slot) == 0 {
            return Err(no_free_slot());
        }
        scene.state.inspections.rebook(number, &slot);
        tell_owner(scene, number);
        Ok(Found(shown(scene, number)))
    }
}

impl Handle<CancelInspection> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<CancelInspection>,
    ) -> Result<Found<Inspection>, Refusal> {
        let number = own(scene, &input.path.inspection_id)?;
        in_state(scene, number, |entry| entry.status() == Status::Booked)?;
        let inspections = &mut scene.state.inspections;
        inspections.enter(number, Status::Cancelled, scene.now);
        tell_owner(scene, number);
        Ok(Found(shown(scene, number)))
    }
}

impl Handle<CheckInInspection> for Engine {
    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<CheckInInspection>,
    ) -> Result<Found<Inspection>, Refusal> {
        let number = own(scene, &input.path.inspection_id)?;
        let Json(check_in) = input.body;
        operated(scene, number, &check_in.operator_id)?;
        may_check_in(scene, number)?;
        let inspections = &mut scene.state.inspections;
        inspections.enter(number, Status::CheckedIn, scene.now);
        Ok(Found(shown(scene, number)))
    }
}

impl Handle<RecordInspectionResult> for Engine {
    fn examine(&self, _: &Scene<'_>, result: &Filing<'_, InspectionResult>) -> Vec<Fault> {
        let items = result.get(field!(items));
        items.map_or_else(Vec::new, |items| rules::examine_items(&items))
    }

    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<RecordInspectionResult>,
    ) -> Result<Found<Inspection>, Refusal> {
        let number = own(scene, &input.path.inspection_id)?;
        let Json(result) = input.body;
        operated(scene, number, &result.operator_id)?;
        let entry = in_state(scene, number, |entry| entry.status() == Status::CheckedIn)?;
        refuse_overtaken(scene, entry)?;
        refuse_other_items(&result.items, &entry.items_due())?;
        record(scene, number, result.operator_id, result.items);
        Ok(Found(shown(scene, number)))
    }
}

/// # Errors
/// 422.
fn refuse_other_items(items: &[InspectedItem], due: &[InspectionItem]) -> Result<(), Refusal> {
    let faults = rules::examine_against_due(items, due);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Refusal::invalid(faults))
    }
}

/// Puts in what a test showed. The last test is what the vehicle's record shows: one that failed takes
/// back that an earlier one was passed.
fn record(
    scene: &mut Scene<'_>,
    number: InspectionNumber,
    operator: OperatorId,
    items: Vec<InspectedItem>,
) {
    let failed = items.into_iter().filter(|inspected| !inspected.passed);
    let test = Test {
        at: scene.now,
        operator,
        failed: failed
            .filter_map(|inspected| Some((inspected.item, inspected.finding?)))
            .collect(),
    };
    let today = scene.today();
    let passed = scene.state.inspections.record(number, test);
    tell_owner(scene, number);
    let state = &mut *scene.state;
    let vin = state.inspections.get(number).map(|entry| entry.vin);
    if let Some(known) = vin.and_then(|vin| state.register.vehicle(vin)) {
        let tested = tested(known, passed.then_some(today));
        state.register.put_vehicle(tested);
    }
}

fn tested(known: &VehicleRecord, passed_on: Option<Date>) -> VehicleRecord {
    VehicleRecord {
        passed_on,
        ..known.clone()
    }
}

const MARK: &str = "/mark";

impl Handle<InspectAtOneStop> for Engine {
    fn authorise(&self, scene: &Scene<'_>, input: &Input<InspectAtOneStop>) -> Result<(), Refusal> {
        let Json(request) = &input.body;
        let mark = &request.mark;
        let outlet = filing::outlet_meant(scene, mark.outlet_id.as_ref());
        let entrusted = [filing::authorise(scene, mark), refuse_other_kinds(outlet)];
        Refusal::together(entrusted).map_err(|refusal| refusal.within(MARK))?;
        if request.inspection_id.is_none() {
            refuse_reference(scene, &mark.partner_reference)
                .map_err(|refusal| refusal.within(MARK))?;
        }
        filing::refuse_repeated(scene, mark).map_err(|refusal| refusal.within(MARK))
    }

    fn examine(&self, scene: &Scene<'_>, request: &Filing<'_, OneStopRequest>) -> Vec<Fault> {
        let mut faults = request.within(field!(mark), |mark| filing::examine(scene, mark));
        if let Some(items) = request.get(field!(items)) {
            faults.extend(rules::examine_items(&items));
        }
        // A booking was looked at when it was made, and is again when the vehicle comes.
        if !request.has(field!(inspection_id?)) {
            let situation = filing::situation(scene);
            faults.extend(request.within(field!(mark), |mark| {
                rules::examine_walk_in(mark, &situation)
            }));
        }
        faults
    }

    fn handle(
        &self,
        scene: &mut Scene<'_>,
        input: Input<InspectAtOneStop>,
    ) -> Result<Created<OneStop>, Refusal> {
        let Json(request) = input.body;
        let (operator, vin) = (request.mark.operator_id.clone(), request.mark.vehicle.vin);
        let outlet = filing::outlet_meant(scene, request.mark.outlet_id.as_ref());
        let arrival = arrival(scene, &request, outlet)?;
        let due = match &arrival {
            Arrival::Booked(number) => in_state(scene, *number, |_| true)?.items_due(),
            Arrival::WalkIn(_) => InspectionItem::ALL.to_vec(),
        };
        refuse_other_items(&request.items, &due)?;
        let passed = request.items.iter().all(|inspected| inspected.passed);
        let draft = if passed {
            filing::refuse_in_process(scene, vin).map_err(|refusal| refusal.within(MARK))?;
            Some(draft(scene, &request)?)
        } else {
            None
        };
        let number = match arrival {
            Arrival::Booked(number) => number,
            Arrival::WalkIn(slot) => take_in(
                scene,
                Comer {
                    outlet: outlet.index,
                    partner_reference: request.mark.partner_reference,
                    vehicle: request.mark.vehicle,
                    mobile: request.mark.owner.mobile_number,
                    walk_in: true,
                },
                &slot,
            ),
        };
        record(scene, number, operator, request.items);
        let filed = draft.map(|draft| filing::file(scene, draft, None));
        Ok(Created(OneStop {
            inspection: shown(scene, number),
            application: filed
                .map(|number| view::application(scene, number, &scene.state.docket[number])),
        }))
    }
}

/// How a vehicle comes to be inspected.
enum Arrival {
    /// It has an inspection: booked for today, or in it, or to be done again.
    Booked(InspectionNumber),
    /// 随到随检.
    WalkIn(Slot),
}

fn arrival(
    scene: &Scene<'_>,
    request: &OneStopRequest,
    outlet: &Outlet,
) -> Result<Arrival, Refusal> {
    let vin = request.mark.vehicle.vin;
    let Some(id) = &request.inspection_id else {
        refuse_inspected(scene, vin, "/mark/vehicle/vin")?;
        return Ok(Arrival::WalkIn(slot_now(scene, outlet)?));
    };
    let own = own_number(scene, id).filter(|number| {
        let entry = scene.state.inspections.get(*number);
        entry.is_some_and(|entry| entry.outlet == outlet.index)
    });
    let number = own.ok_or_else(|| {
        let place = Place::Pointer("/inspection_id".to_owned());
        Refusal::at(ProblemCode::InspectionNotFound, place)
    })?;
    let entry = in_state(scene, number, |_| true)?;
    if entry.vin != vin {
        let fault = Fault::finding(FindingCode::VinMismatch, "/mark/vehicle/vin");
        return Err(Refusal::invalid(vec![fault]));
    }
    if entry.status() == Status::CheckedIn {
        refuse_overtaken(scene, entry)?;
    } else {
        may_check_in(scene, number)?;
    }
    Ok(Arrival::Booked(number))
}

/// The application for the mark, of a vehicle that has passed.
fn draft(scene: &mut Scene<'_>, request: &OneStopRequest) -> Result<Draft, Refusal> {
    let today = scene.today();
    let known = scene.state.register.vehicle(request.mark.vehicle.vin);
    let passed = known.map(|known| tested(known, Some(today)));
    scene.state.register.suppose(passed);
    let draft = filing::judge(scene, &request.mark)
        .and_then(|judgement| filing::draft(scene, request.mark.clone(), judgement));
    scene.state.register.suppose(None);
    draft.map_err(|refusal| refusal.within(MARK))
}

/// The vehicle may be checked in today: it is booked for today, or failed and is in no other
/// inspection; and the records have not overtaken what it was booked for.
///
/// # Errors
/// 409.
fn may_check_in(scene: &Scene<'_>, number: InspectionNumber) -> Result<(), Refusal> {
    let today = scene.today();
    let entry = in_state(scene, number, |entry| {
        entry.status() == Status::Failed || entry.status() == Status::Booked && entry.day() == today
    })?;
    if entry.status() == Status::Failed {
        refuse_inspected(scene, entry.vin, "")?;
    }
    refuse_overtaken(scene, entry)
}

/// Nothing on record keeps the vehicle from being tested today, whatever was so when it was booked.
///
/// # Errors
/// 409 with what does.
fn refuse_overtaken(scene: &Scene<'_>, entry: &Inspected) -> Result<(), Refusal> {
    let known = unsettled(scene, entry)?;
    let against = rules::against(known, scene.today(), "");
    if against.is_empty() {
        Ok(())
    } else {
        Err(Refusal::new(ProblemCode::InspectionWrongState).with_faults(against))
    }
}

/// The vehicle, where the inspection is not settled otherwise.
///
/// # Errors
/// 409 that says how it is.
fn unsettled<'a>(scene: &'a Scene<'_>, entry: &Inspected) -> Result<&'a VehicleRecord, Refusal> {
    let wrong = ProblemCode::InspectionWrongState;
    let known = scene.state.register.vehicle(entry.vin);
    let known = known.ok_or_else(|| Refusal::new(wrong))?;
    rules::settled(entry, known, scene.today()).map_or(Ok(known), |why| {
        Err(Refusal::at(wrong, Place::Pointer(String::new())).saying(why))
    })
}

/// An operator of the station takes a step.
///
/// # Errors
/// 403.
fn operated(
    scene: &Scene<'_>,
    number: InspectionNumber,
    operator_id: &OperatorId,
) -> Result<(), Refusal> {
    let station = in_state(scene, number, |_| true)?.outlet;
    filing::refuse_operator(scene, operator_id, station)
}

/// The inspection, where its state allows the step.
///
/// # Errors
/// 409.
fn in_state<'a>(
    scene: &'a Scene<'_>,
    number: InspectionNumber,
    allows: impl FnOnce(&Inspected) -> bool,
) -> Result<&'a Inspected, Refusal> {
    let entry = scene.state.inspections.get(number);
    entry
        .filter(|entry| allows(entry))
        .ok_or_else(|| Refusal::new(ProblemCode::InspectionWrongState))
}

/// The number behind a 检验流水号.
pub(super) fn number_of(id: &InspectionId) -> Option<InspectionNumber> {
    InspectionNumber::try_from(id.number()?.checked_sub(1)?).ok()
}

fn own_number(scene: &Scene<'_>, id: &InspectionId) -> Option<InspectionNumber> {
    let number = number_of(id)?;
    let entry = scene.state.inspections.get(number)?;
    (entry.partner == scene.partner).then_some(number)
}

/// The partner's own inspection; another's is answered like one that does not exist.
///
/// # Errors
/// 404.
fn own(scene: &Scene<'_>, id: &InspectionId) -> Result<InspectionNumber, Refusal> {
    own_number(scene, id)
        .ok_or_else(|| Refusal::at_parameter(ProblemCode::InspectionNotFound, "inspection_id"))
}

/// 检验流水号: a running number, for nobody files by it.
pub(super) fn id_of(number: InspectionNumber) -> InspectionId {
    InspectionId::of_number(u64::from(number) + 1)
}

fn shown(scene: &Scene<'_>, number: InspectionNumber) -> Inspection {
    told(scene, number, &scene.state.inspections[number])
}

/// The inspection as the partner reads it.
fn told(scene: &Scene<'_>, number: InspectionNumber, entry: &Inspected) -> Inspection {
    let (status, since) = entry.state;
    let items_due = entry.items_due();
    Inspection {
        inspection_id: id_of(number),
        partner_reference: entry.partner_reference.clone(),
        outlet_id: scene.city.directory[entry.outlet].id.clone(),
        status: status.into(),
        status_since: Moment::new(since),
        vin: entry.vin,
        plate_number: entry.plate_number,
        starts_at: Moment::new(entry.starts_at),
        ends_at: Moment::new(entry.ends_at),
        walk_in: entry.walk_in,
        due_on: entry.due_on,
        due_kind: entry.due_kind.into(),
        overdue: entry.due_on < entry.day(),
        tests: entry.tests.iter().map(told_test).collect(),
        items_due: items_due.into_iter().map(Into::into).collect(),
    }
}

fn told_test(test: &Test) -> InspectionTest {
    let failed = test.failed.iter().map(|(item, finding)| FailedItem {
        item: (*item).into(),
        finding: finding.clone(),
    });
    InspectionTest {
        tested_at: Moment::new(test.at),
        operator_id: test.operator.clone(),
        passed: test.failed.is_empty(),
        failed_items: failed.collect(),
    }
}
