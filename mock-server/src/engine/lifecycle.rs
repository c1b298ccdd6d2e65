//! 办理流程: how an application moves on, as a function of the space's clock.
//!
//! Nothing runs in the background: whoever looks at a space first lets everything happen that is
//! due, in the order of its time, so that one look and many looks see the same.

use std::{ops::Range, time::Duration};

use jiff::{Timestamp, ToSpan, civil::Date};
use lingminban::{
    api::{
        ApplicationStatus as Status, FindingCode, MaterialKind, Service, TemporaryPlateCase,
        TransferKind,
    },
    codes::VehicleStatusFlag,
    identifiers::Vin,
    inspection,
    moment::BEIJING,
    services::MaterialCondition,
};

use super::{
    city::City,
    docket::{Docket, Entry, Ground, Number, PromisedTemporaryPlate},
    events,
    register::{IssuedTemporaryPlate, Plate, Registration, VehicleRecord, plate_of},
    space::{Pace, State},
    world::{date_of, later},
};
use crate::rules::{
    deadlines::{self, Limit, RunsFrom, SupplementWindow},
    deregistration, exchange, marks, materials, on_record, opening_hours, own_number, replacements,
    standing, temporary_plates, transfer,
};

/// A step at quick pace.
const QUICK_STEP: Duration = Duration::from_millis(40);

/// The hour of the afternoon at which the authority decides what it must decide that day.
const DECISION_HOUR: i8 = 15;

/// Lets everything happen that is due.
pub fn settle(city: &City, state: &mut State, now: Timestamp) {
    state.register.look_on(date_of(now));
    while let Some((at, number)) = state.docket.due(now) {
        step(city, state, number, at);
    }
    state.keys.expire(now);
    state.draws.expire(now);
    state.inspections.expire(now);
}

/// What is due at `at` happens.
fn step(city: &City, state: &mut State, number: Number, at: Timestamp) {
    review(state, number, at);
    match next(&state.docket, number) {
        Next::State(next) | Next::ByDeadline(next) | Next::AfterDeadline(next) => {
            enter(city, state, number, next, at);
        }
        Next::Nothing => state.docket.schedule(number, None),
    }
}

/// The authority takes an application one state further, at any pace. `false` when the next word
/// is the partner's, or nothing can follow.
pub fn nudge(city: &City, state: &mut State, number: Number, at: Timestamp) -> bool {
    review(state, number, at);
    let Next::State(next) = next(&state.docket, number) else {
        return false;
    };
    enter(city, state, number, next, at);
    true
}

/// What the authority is told to do with an application.
#[derive(Clone, Copy, Debug)]
pub enum Order<'a> {
    /// One state further, as the law has it.
    Step,
    /// 受理.
    Accept,
    /// 一次告知: these materials are asked for.
    Supplement(&'a [MaterialKind]),
    /// 准予.
    Approve,
    /// 办结.
    Complete,
    /// 不予登记, on these grounds.
    Refuse(&'a [FindingCode]),
}

/// Decides in the authority's place, at any pace and whatever the records say: whoever commands is
/// the authority. `false`, and nothing has changed, when the state does not allow it.
pub fn decide(
    city: &City,
    state: &mut State,
    number: Number,
    order: Order<'_>,
    at: Timestamp,
) -> bool {
    let Some(entry) = state.docket.get(number) else {
        return false;
    };
    let (status, its_turn) = (entry.status(), !entry.waits());
    let undecided = matches!(
        status,
        Status::Received | Status::Accepted | Status::VehicleCheck | Status::InReview
    );
    match order {
        Order::Step => return nudge(city, state, number, at),
        Order::Accept if status == Status::Received => {
            enter(city, state, number, Status::Accepted, at);
        }
        Order::Supplement(materials) if status == Status::Received => {
            for kind in materials {
                state.docket.require(number, *kind);
            }
            enter(city, state, number, Status::SupplementRequired, at);
        }
        Order::Approve if undecided && its_turn => walk(city, state, number, Status::Approved, at),
        Order::Complete if undecided && its_turn || status == Status::Approved => {
            walk(city, state, number, Status::Completed, at);
        }
        Order::Refuse(reasons) if undecided => {
            walk(city, state, number, Status::InReview, at);
            for code in reasons {
                let pointer = "/vehicle/vin".into();
                let code = *code;
                state.docket.add_ground(number, Ground { pointer, code });
            }
            enter(city, state, number, Status::Refused, at);
        }
        _ => return false,
    }
    true
}

/// Takes an application along the road that everything goes well on, to `target`.
fn walk(city: &City, state: &mut State, number: Number, target: Status, at: Timestamp) {
    while let Some(entry) = state.docket.get(number) {
        let next = match entry.status() {
            reached if reached == target => return,
            Status::Received => Status::Accepted,
            Status::Accepted if entry.vehicle_check => Status::VehicleCheck,
            Status::Accepted | Status::VehicleCheck => Status::InReview,
            Status::InReview => Status::Approved,
            Status::Approved => Status::Completed,
            _ => return,
        };
        enter(city, state, number, next, at);
    }
}

/// Counts a reading of an application, which moves it on at the pace that lives of readings.
pub fn poll(city: &City, state: &mut State, number: Number, at: Timestamp) {
    if let Pace::AfterPolls(polls) = state.pace
        && state.docket.count_poll(number) >= polls
    {
        nudge(city, state, number, at);
    }
}

/// 交件: what the partner hands in early is judged at once, barred applicants first.
pub fn hand_in(city: &City, state: &mut State, number: Number, at: Timestamp) {
    if let Next::ByDeadline(next) | Next::State(next @ Status::NotAccepted) =
        next(&state.docket, number)
    {
        enter(city, state, number, next, at);
    }
}

/// Looks anew at what is unfinished of a vehicle whose record changed.
pub fn reconsider(city: &City, state: &mut State, vin: Vin, at: Timestamp) {
    let open: Vec<Number> = state.docket.open_for(vin).collect();
    for number in open {
        review(state, number, at);
        reschedule(city, state, number, at);
    }
}

/// Enters a state with all that comes with it, for every part of a bundle that it is entered for.
pub fn enter(city: &City, state: &mut State, number: Number, status: Status, at: Timestamp) {
    let moved = moved_together(&state.docket, number, status);
    for part in moved.clone() {
        if is_open(&state.docket, part) {
            enter_alone(city, state, part, status, at);
        }
    }
    if status.is_terminal() {
        hand_on(city, state, moved.end, at);
    }
}

fn is_open(docket: &Docket, number: Number) -> bool {
    let entry = docket.get(number);
    entry.is_some_and(|entry| !entry.status().is_terminal())
}

/// A bundle is accepted, or asked for supplements, as one; whoever withdraws a part withdraws what was
/// to follow it.
fn moved_together(docket: &Docket, number: Number, status: Status) -> Range<Number> {
    let bundle = docket.bundle_of(number);
    match status {
        Status::Accepted | Status::SupplementRequired | Status::NotAccepted | Status::Lapsed => {
            bundle
        }
        Status::Withdrawn => number..bundle.end,
        _ => number..number.saturating_add(1),
    }
}

fn enter_alone(city: &City, state: &mut State, number: Number, status: Status, at: Timestamp) {
    state.docket.enter(number, status, at, None);
    events::entered(state, number, status, at);
    match status {
        Status::InReview => review(state, number, at),
        Status::Approved => note_sale(state, number),
        Status::Completed => complete(state, number, date_of(at)),
        _ if status.is_terminal() => give_back(state, number),
        _ => {}
    }
    reschedule(city, state, number, at);
}

/// The authority turns to a part of a bundle, once the part before it has ended; where that came to
/// nothing, to refuse it.
fn hand_on(city: &City, state: &mut State, next: Number, at: Timestamp) {
    let docket = &state.docket;
    let is_first = docket.bundle_of(next).start == next;
    if is_first || !is_open(docket, next) {
        return;
    }
    let before = docket.get(next - 1);
    let completed = before.filter(|entry| entry.status() == Status::Completed);
    let left = completed.map(|entry| entry.outcome.record.clone());
    state.docket.take_turn(next, at, left.as_ref());
    if left.is_none() {
        let ground = Ground {
            pointer: "".into(),
            code: FindingCode::EarlierPartNotCompleted,
        };
        state.docket.add_ground(next, ground);
    }
    reschedule(city, state, next, at);
}

/// Says anew when the next state comes by itself, after something changed.
pub fn reschedule(city: &City, state: &mut State, number: Number, at: Timestamp) {
    let due = due(city, state.pace, &state.docket, number, at);
    state.docket.schedule(number, due);
}

/// Says anew for every application when its next state comes, after the pace changed.
pub fn reschedule_all(city: &City, state: &mut State, at: Timestamp) {
    for number in state.docket.numbers() {
        reschedule(city, state, number, at);
    }
}

enum Next {
    State(Status),
    /// The partner has the word; on the last day of the law's time this follows by itself.
    ByDeadline(Status),
    /// The partner has the word; when the law's time is over this follows by itself.
    AfterDeadline(Status),
    Nothing,
}

fn next(docket: &Docket, number: Number) -> Next {
    let Some(entry) = docket.get(number) else {
        return Next::Nothing;
    };
    let has = |entry: &Entry, code| entry.grounds.iter().any(|ground| ground.code == code);
    let barred = |part: &Entry| has(part, FindingCode::ApplicantBarred);
    let lacks = |part: &Entry| part.missing().next().is_some();
    match entry.status() {
        Status::Received if docket.together_with(number).any(barred) => {
            Next::State(Status::NotAccepted)
        }
        // Without a notice by then the application would count as accepted (XKF Art 32).
        Status::Received if docket.together_with(number).any(lacks) => {
            Next::ByDeadline(Status::SupplementRequired)
        }
        Status::Received => Next::State(Status::Accepted),
        Status::SupplementRequired => Next::AfterDeadline(Status::Lapsed),
        Status::Accepted if entry.waits() => Next::Nothing,
        Status::Accepted if entry.vehicle_check => Next::State(Status::VehicleCheck),
        Status::Accepted | Status::VehicleCheck => Next::State(Status::InReview),
        Status::InReview if refused(entry) => Next::State(Status::Refused),
        Status::InReview if has(entry, FindingCode::UnderInvestigation) => Next::Nothing,
        Status::InReview => Next::State(Status::Approved),
        Status::Approved => Next::State(Status::Completed),
        Status::NotAccepted
        | Status::Completed
        | Status::Refused
        | Status::Withdrawn
        | Status::Lapsed => Next::Nothing,
    }
}

fn refused(entry: &Entry) -> bool {
    entry.grounds.iter().any(|ground| {
        !matches!(
            ground.code,
            FindingCode::UnderInvestigation | FindingCode::ApplicantBarred
        )
    })
}

/// 法定期限 of the present state: its last day.
#[must_use]
pub fn last_day(city: &City, entry: &Entry) -> Option<Date> {
    let (status, since) = entry.state();
    deadline(city, entry, status, since).map(|(day, _)| day)
}

/// 法定期限 of a state an application entered: its last day and the article.
#[must_use]
pub fn deadline(
    city: &City,
    entry: &Entry,
    status: Status,
    since: Timestamp,
) -> Option<(Date, &'static str)> {
    let (limit, from) = running(entry, status, since)?;
    let last_day = limit.last_day(from, clock_starts_on(city, entry), &city.calendar);
    Some((last_day, limit.rule))
}

/// The limit of a state an application entered, and the day from which it runs.
fn running(entry: &Entry, status: Status, since: Timestamp) -> Option<(Limit, Date)> {
    let kind = entry.outcome.transfer_kind;
    let limit = deadlines::limit(entry.service, kind, status, SupplementWindow::default())?;
    let from = match limit.runs_from {
        RunsFrom::Acceptance if entry.waits() => return None,
        RunsFrom::Acceptance => entry.handled_from().unwrap_or_else(|| date_of(since)),
        RunsFrom::ThisState => date_of(since),
    };
    Some((limit, from))
}

/// Whether 起算日 and 法定期限 of the present state are counted over days of years whose holidays are all
/// announced.
#[must_use]
pub fn rests_on_announced_days(city: &City, entry: &Entry) -> bool {
    let filed_on = date_of(entry.created_at());
    let starts_on = clock_starts_on(city, entry);
    let (status, since) = entry.state();
    let limit = running(entry, status, since);
    let counted = limit.and_then(|(limit, from)| limit.counted(from, starts_on, &city.calendar));
    let spans = (starts_on > filed_on).then_some((filed_on, starts_on));
    let mut spans = spans.into_iter().chain(counted);
    spans.all(|(from, to)| city.calendar.is_announced(from, to))
}

/// 起算日: the day that sets the authority's periods running for an application.
#[must_use]
pub fn clock_starts_on(city: &City, entry: &Entry) -> Date {
    let hours = city.directory[entry.outlet].hours;
    opening_hours::clock_starts_on(hours, entry.created_at(), &city.calendar)
}

fn due(
    city: &City,
    pace: Pace,
    docket: &Docket,
    number: Number,
    at: Timestamp,
) -> Option<Timestamp> {
    let entry = docket.get(number)?;
    match next(docket, number) {
        Next::Nothing => None,
        Next::ByDeadline(_) => Some(instant(last_day(city, entry)?, DECISION_HOUR).max(at)),
        Next::AfterDeadline(_) => {
            let after = last_day(city, entry)?.saturating_add(1.day());
            Some(instant(after, 0).max(at))
        }
        Next::State(next) => match pace {
            Pace::Quick => Some(later(at, QUICK_STEP)),
            Pace::Manual | Pace::AfterPolls(_) => None,
            Pace::Statutory => Some(statutory(city, entry, next, at).max(at)),
        },
    }
}

/// Office hours: accepted on the first working morning after the clock has started, looked at that
/// afternoon, decided in the afternoon of the last day the law allows.
fn statutory(city: &City, entry: &Entry, next: Status, at: Timestamp) -> Timestamp {
    let today = date_of(at);
    match next {
        Status::Accepted | Status::NotAccepted => {
            let in_hand = today.max(clock_starts_on(city, entry));
            instant(city.calendar.add(in_hand, 1), 9)
        }
        Status::VehicleCheck | Status::InReview => {
            let working = city.calendar.next(today);
            let hours = if next == Status::VehicleCheck { 1 } else { 2 };
            later(
                at.max(instant(working, 9)),
                Duration::from_secs(hours * 3_600),
            )
        }
        Status::Completed => later(at, Duration::from_secs(3_600)),
        _ => instant(last_day(city, entry).unwrap_or(today), DECISION_HOUR),
    }
}

fn instant(date: Date, hour: i8) -> Timestamp {
    BEIJING
        .to_timestamp(date.at(hour, 0, 0, 0))
        .unwrap_or(Timestamp::MAX)
}

/// 审核: what is on record now decides, not what was when the application was filed.
fn review(state: &mut State, number: Number, at: Timestamp) {
    let Some(entry) = state.docket.get(number) else {
        return;
    };
    if entry.status() != Status::InReview {
        return;
    }
    let found = reviewed(state, entry, date_of(at));
    state.docket.set_reviewed_grounds(number, found);
}

/// What a review finds.
fn reviewed(state: &State, entry: &Entry, today: Date) -> Vec<Ground> {
    let known = state.register.vehicle(entry.vin);
    if let Some(promised) = &entry.outcome.temporary_plate {
        let making = are_plates_in_making(state, entry, promised);
        return temporary_plates::reviewed(promised, known, making, &state.register, today);
    }
    if let Some(other) = entry.other_vin() {
        let other = state.register.vehicle(other);
        return exchange::reviewed(known, other, &state.register, today);
    }
    let Some(vehicle) = known else {
        return Vec::new();
    };
    let mut codes = match entry.service {
        Service::Transfer => transfer::standing(entry.outcome.transfer_kind, vehicle, today),
        service => standing::grounds(service, vehicle, today),
    };
    if let Some(cause) = entry.outcome.deregistered_for {
        codes.extend(deregistration::unsettled(cause, vehicle));
    }
    if entry.service == Service::InspectionMarkReplacement {
        codes.extend(replacements::uninsured(vehicle, today));
    }
    codes.extend(on_record::without_plates(entry.service, vehicle));
    codes.extend(marks::unmet(entry.service, vehicle, today));
    codes.extend(needs_more(entry, vehicle).then_some(FindingCode::MaterialNeededSince));
    let of_vehicle = codes.into_iter().map(Ground::of_vehicle);
    let one_sale_too_many = entry.outcome.sale.is_some_and(|(seller, sale)| {
        transfer::is_one_sale_too_many(&state.register, &seller, sale)
    });
    of_vehicle
        .chain(one_sale_too_many.then(|| Ground {
            pointer: "/seller".into(),
            code: FindingCode::ThreeSalesInYear,
        }))
        .collect()
}

/// What befell the vehicle since may call for a material that nobody was asked for. That days went by while
/// the authority decided is nothing of the kind: whether an inspection is overdue is asked of the day of
/// the filing.
fn needs_more(entry: &Entry, vehicle: &VehicleRecord) -> bool {
    materials::are_fewer_than_needed(
        entry.service,
        &entry.materials,
        |condition| match condition {
            MaterialCondition::InspectionOverdue => {
                standing::is_inspection_overdue(vehicle, date_of(entry.created_at()))
            }
            MaterialCondition::CustomsSupervised => {
                let cause = entry.outcome.deregistered_for;
                cause.is_some_and(|cause| deregistration::asks(cause, vehicle, condition))
            }
            _ => false,
        },
    )
}

/// A sale counts from the decision on, so that of several under way the third is refused.
fn note_sale(state: &mut State, number: Number) {
    if let Some((seller, sale)) = state
        .docket
        .get(number)
        .and_then(|entry| entry.outcome.sale)
    {
        state.register.note_sale(&seller, sale);
    }
}

/// 办结: writes the record and issues plate and certificate.
fn complete(state: &mut State, number: Number, today: Date) {
    let Some(entry) = state.docket.get(number) else {
        return;
    };
    let service = entry.service;
    let mut record = match &entry.outcome.temporary_plate {
        Some(promised) => with_temporary_plate(state, number, entry, promised, today),
        None => {
            let mut record = entry.outcome.record.clone();
            keep_what_befell(state, &mut record);
            record
        }
    };
    if matches!(service, Service::Registration | Service::Transfer) {
        acquire(&mut record, service, today);
    }
    if let (Service::CoOwnerChange, Some(registration)) = (service, &mut record.registration) {
        registration.acquired_on = today;
    }
    if matches!(service, Service::InspectionMark | Service::ExemptMark) {
        mark(&mut record, today);
    }
    if matches!(
        service,
        Service::Registration | Service::Transfer | Service::MoveIn
    ) {
        pass_inspection(&mut record, today);
    }
    if entry.outcome.deregistered_for.is_some() {
        record.flags.insert(VehicleStatusFlag::Deregistered);
    }
    record.change_place(match service {
        Service::MoveIn => TransferKind::Inbound,
        _ => entry.outcome.transfer_kind,
    });
    take_plates(state, service, &mut record, today);
    date_mortgages(&mut record, today);
    let Some(mut other) = entry.outcome.other_record.as_deref().cloned() else {
        if service == Service::IdentityChange {
            renumber_owner(state, &record);
        }
        let before = state.register.vehicle(record.vin);
        let given_up = before.and_then(|before| own_number::given_up(before, &record, today));
        state.docket.set_record(number, record.clone());
        state.register.put_vehicle(record);
        if let Some((plate, given_up)) = given_up {
            state.register.note_given_up(plate, given_up);
        }
        return;
    };
    keep_what_befell(state, &mut other);
    take_plates(state, service, &mut other, today);
    for exchanged in [&mut record, &mut other] {
        if let Some(registration) = &mut exchanged.registration {
            registration.last_exchanged_on = Some(today);
        }
    }
    state.docket.set_record(number, record.clone());
    state.register.put_exchanged([record, other]);
}

/// What befell the vehicle while the application ran stays with it.
fn keep_what_befell(state: &State, record: &mut VehicleRecord) {
    if let Some(before) = state.register.vehicle(record.vin) {
        record.flags = before.flags;
        record.defects = before.defects;
        record.silent_lookups = before.silent_lookups;
        record.passed_on = before.passed_on;
        record.temporary_plates.clone_from(&before.temporary_plates);
    }
}

/// 核发临时行驶车号牌: what is on record by now, with the plate. Where the plates that it was to wait for
/// have been handed out meanwhile, it ends with them; where they are not made after all, there is none.
fn with_temporary_plate(
    state: &State,
    number: Number,
    entry: &Entry,
    promised: &PromisedTemporaryPlate,
    today: Date,
) -> VehicleRecord {
    let known = state.register.vehicle(entry.vin).cloned();
    let mut record = known.unwrap_or_else(|| entry.outcome.record.clone());
    let plate_number = temporary_number(number);
    let issued = temporary_plates::issue(promised, plate_number, &record, &state.register, today);
    let has_waited = temporary_plates::waits_for_plates(promised.case)
        && !are_plates_in_making(state, entry, promised);
    let mut issued = issued.filter(|_| !has_waited || were_made(state, entry, promised));
    if let Some(plate) = issued.as_mut().filter(|_| has_waited) {
        end_beside_formal_plates(plate, today);
    }
    record.temporary_plates.extend(issued);
    record
}

/// Whether an application is under way on which the plates are made.
fn are_plates_in_making(state: &State, entry: &Entry, promised: &PromisedTemporaryPlate) -> bool {
    let (register, docket) = (&state.register, &state.docket);
    temporary_plates::plates_in_making(promised.case, entry.vin, register, docket).is_some()
}

/// Whether the plates were handed out for which a temporary one was filed.
fn were_made(state: &State, entry: &Entry, promised: &PromisedTemporaryPlate) -> bool {
    let makes_them = |service| match promised.case {
        TemporaryPlateCase::PlateRemaking => service == Service::PlateReplacement,
        _ => service != Service::TemporaryPlate,
    };
    let others = state.docket.of_vehicle(entry.vin);
    others
        .filter_map(|number| state.docket.get(number))
        .any(|other| {
            let (status, since) = other.state();
            status == Status::Completed && since >= entry.created_at() && makes_them(other.service)
        })
}

/// Formal plates end a temporary one.
fn end_beside_formal_plates(plate: &mut IssuedTemporaryPlate, handed_out_on: Date) {
    let last = temporary_plates::beside_formal_plates(plate.valid_until, handed_out_on);
    plate.valid_until = last;
}

/// 核发号牌 (R164 Art 47): formal plates come with a number that the vehicle has not had, and where they
/// were made again. What leaves the city or goes into stock gets none, and drives on its temporary ones.
fn take_plates(state: &State, service: Service, record: &mut VehicleRecord, today: Date) {
    let before = state.register.vehicle(record.vin).and_then(plate_of);
    let is_numbered = plate_of(record).is_some_and(|plate| before != Some(plate));
    if let Some(registration) = record.registration.as_mut().filter(|_| is_numbered) {
        registration.numbered_on = Some(today);
    }
    if is_numbered || service == Service::PlateReplacement {
        for plate in &mut record.temporary_plates {
            end_beside_formal_plates(plate, today);
        }
    }
}

/// 临时行驶车号牌号码: one for each application, so nothing needs to be counted.
#[must_use]
pub fn temporary_number(number: Number) -> String {
    format!("鲁C临{:06}", u64::from(number) + 1)
}

/// The owner is the same person under the new number.
fn renumber_owner(state: &mut State, record: &VehicleRecord) {
    let identity = |record: &VehicleRecord| Some(record.registration.as_ref()?.owner_identity);
    let register = &mut state.register;
    let before = register.vehicle(record.vin).and_then(identity);
    if let (Some(before), Some(after)) = (before, identity(record)) {
        register.note_same_person(&before, &after);
    }
}

/// A mortgage is in force from the day it is registered.
fn date_mortgages(record: &mut VehicleRecord, today: Date) {
    let registration = record.registration.as_mut();
    for mortgage in registration.into_iter().flat_map(|it| &mut it.mortgages) {
        mortgage.registered_on.get_or_insert(today);
    }
}

/// A new owner has the vehicle.
fn acquire(record: &mut VehicleRecord, service: Service, today: Date) {
    if let Some(registration) = &mut record.registration {
        registration.acquired_on = today;
        if service == Service::Registration {
            registration.first_registered_on = today;
        }
    }
}

/// The vehicle has been shown, with a passed inspection where one was due: a test that was passed for it is
/// spent.
pub fn pass_inspection(record: &mut VehicleRecord, today: Date) {
    if let (Some(due), Some(registration)) =
        (next_inspection(record, today), &mut record.registration)
        && due > registration.inspection_due_on
    {
        registration.inspection_due_on = due;
        record.passed_on = None;
        record.flags.remove(VehicleStatusFlag::InspectionOverdue);
    }
}

/// 核发检验合格标志: it runs to the next due point, and nothing is overdue any more. The test it rests on is
/// spent: one passed late may lie within the next window too, and would serve a second mark.
///
/// The date may lie after 强制报废期止: no source cuts a mark short by it, a forecast does not either, and
/// from that day on the scrap standard itself stands in the way of what is filed.
fn mark(record: &mut VehicleRecord, today: Date) {
    let Some(registration) = &record.registration else {
        return;
    };
    let profile = record.profile(registration.first_registered_on);
    let due_on = registration.inspection_due_on;
    let until =
        inspection::marked_until(&profile, due_on, today, &inspection::Parameters::default());
    if let (Some(until), Some(registration)) = (until, &mut record.registration) {
        registration.inspection_due_on = until;
        record.passed_on = None;
        record.flags.remove(VehicleStatusFlag::InspectionOverdue);
    }
}

fn next_inspection(record: &VehicleRecord, today: Date) -> Option<Date> {
    let registration = record.registration.as_ref()?;
    let profile = record.profile(registration.first_registered_on);
    inspection::next_due(&profile, today, &inspection::Parameters::default()).map(|due| due.due_on)
}

/// The number promised to an application that came to nothing is free again.
fn give_back(state: &mut State, number: Number) {
    let Some(entry) = state.docket.get(number) else {
        return;
    };
    if let Some(plate) = promised(state, number, entry) {
        state.register.release(&plate);
    }
}

/// The number that an application, and no earlier part of its bundle, is to give to its vehicle.
fn promised(state: &State, number: Number, entry: &Entry) -> Option<Plate> {
    // It gives none, whatever numbers its vehicle has had since it was filed.
    if entry.service == Service::TemporaryPlate {
        return None;
    }
    let plate = state.register.promised(&entry.outcome.record)?;
    let earlier = state.docket.bundle_of(number).start..number;
    let has_it = |before: &Entry| {
        let registration = before.outcome.record.registration.as_ref();
        registration.map(Registration::plate) == Some(plate)
    };
    let promised_before = earlier
        .filter_map(|before| state.docket.get(before))
        .any(has_it);
    (!promised_before).then_some(plate)
}
