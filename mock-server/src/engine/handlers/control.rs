//! How the sandbox handles each control operation.

use std::time::Duration;

use jiff::{Timestamp, civil::Date};
use lingminban::{
    api::{
        Application, Created, FindingCode, Found, Json, NoContent, ProblemCode,
        control::{
            Catalogue, ClockState, CreateSpace, DecideApplication, Decision, DecisionCommand,
            DeleteSnapshot, DeleteSpace, FlagCommand, ForkSpace, GetCatalogue, GetSpace,
            ListSpaces, LookupCommand, NewSpace, Pace as PaceName, Polls, PutVehicle, ResetSpace,
            RestoreSnapshot, SetClock, SetFlags, SetLookups, SetPace, Snapshot, SnapshotId,
            Space as SpaceShown, SpaceCreated, SpaceCredential, SpaceFilter, SpacePage,
            TakeSnapshot, VehicleOnRecord, VehicleStanding,
        },
    },
    inspection,
    moment::Moment,
    text::Language,
};
use serde::Serialize;
use serde_json::Value;

use super::{applications::wrong_state, pages::Page, view};
use crate::{
    engine::{
        Engine, Fault, RateLimit, catalogue,
        control::Command,
        directory::PartnerIndex,
        filing::{Field, Filing},
        journal::Notes,
        lifecycle::{self, Order},
        pipeline::{Input, Scene},
        refusal::Refusal,
        register::{Registration, VehicleRecord},
        space::{Pace, Settings, Space, SpaceId, State},
        world::{Clock, date_of, is_settable},
    },
    field,
    rules::{on_record, papers, territory},
};

impl Command<CreateSpace> for Engine {
    fn examine(&self, asked: &Filing<'_, NewSpace>) -> Vec<Fault> {
        let start = asked.get(field!(start_time?));
        let wrong = start.is_some_and(|start| !is_settable(*start));
        let fault = || Fault::finding(FindingCode::OutOfRange, "/start_time");
        wrong.then(fault).into_iter().collect()
    }

    fn command(
        &self,
        _: Language,
        input: Input<CreateSpace>,
    ) -> Result<Created<SpaceCreated>, Refusal> {
        let asked = input.body.0;
        let own = self.home().settings;
        let pace = match asked.pace {
            Some(name) => pace(name, asked.polls)?,
            None if asked.polls.is_none() => own.pace,
            None => return Err(polls_refused(FindingCode::NotApplicable)),
        };
        let settings = Settings {
            seed: asked.seed.map_or(own.seed, |seed| seed.get()),
            start: asked.start_time.map_or(own.start, Moment::timestamp),
            frozen: asked.frozen.unwrap_or_default(),
            pace,
            rate_limit: asked.rate_limit.map(|limit| RateLimit {
                requests: limit.requests.get(),
                seconds: limit.seconds.get(),
            }),
            journal_bytes: asked
                .journal_bytes
                .map_or(own.journal_bytes, |bytes| bytes.get()),
        };
        let space = self.create_space(&settings)?;
        let mut created = self.told_created(&space)?;
        if let Some(kind) = asked.outlet_kind {
            created
                .credentials
                .retain(|credential| credential.outlet_kind == kind);
        }
        Ok(Created(created))
    }
}

impl Command<ListSpaces> for Engine {
    fn command(&self, _: Language, input: Input<ListSpaces>) -> Result<Found<SpacePage>, Refusal> {
        let SpaceFilter {
            page_size,
            page_token,
        } = input.query;
        // Spaces belong to no partner: the list is the same for all.
        let page = Page::new::<ListSpaces>(
            &SpaceFilter::default(),
            PartnerIndex::FIRST,
            page_size,
            page_token.as_deref(),
        )?;
        let mut spaces = self.spaces().from(SpaceId(page.from), page.size + 1);
        let next_page_token = spaces.get(page.size).map(|next| page.token(next.id.0));
        spaces.truncate(page.size);
        let told = spaces.iter().map(|space| self.told_space(space));
        let items = told.collect::<Result<_, _>>()?;
        Ok(Found(SpacePage {
            items,
            next_page_token,
        }))
    }
}

impl Command<GetSpace> for Engine {
    fn command(&self, _: Language, input: Input<GetSpace>) -> Result<Found<SpaceShown>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        self.told_space(&space).map(Found)
    }
}

impl Command<DeleteSpace> for Engine {
    fn command(&self, _: Language, input: Input<DeleteSpace>) -> Result<NoContent, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        if space.id == self.home().id {
            return Err(Refusal::at_parameter(
                ProblemCode::FirstSpaceStays,
                "space_id",
            ));
        }
        self.delete_space(space.id)?;
        Ok(NoContent)
    }
}

impl Command<ResetSpace> for Engine {
    fn command(&self, _: Language, input: Input<ResetSpace>) -> Result<Found<SpaceShown>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let fresh = State::new(&space.settings, self.city(), self.host().elapsed());
        self.change(&space, |_, state| *state = fresh.reset_from(state))?;
        space.journal().restart();
        self.told_space(&space).map(Found)
    }
}

impl Command<ForkSpace> for Engine {
    fn command(
        &self,
        _: Language,
        input: Input<ForkSpace>,
    ) -> Result<Created<SpaceCreated>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let fork = self.fork_space(&space)?;
        self.told_created(&fork).map(Created)
    }
}

impl Command<TakeSnapshot> for Engine {
    fn command(
        &self,
        _: Language,
        input: Input<TakeSnapshot>,
    ) -> Result<Created<Snapshot>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let (number, at) = self.take_snapshot(&space)?;
        Ok(Created(told_snapshot(&space, number, at)))
    }
}

impl Command<RestoreSnapshot> for Engine {
    fn command(
        &self,
        _: Language,
        input: Input<RestoreSnapshot>,
    ) -> Result<Found<SpaceShown>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let host = self.host().elapsed();
        let number = input.path.snapshot_id.number();
        let restored = number
            .and_then(|number| space.snapshot(number, host))
            .ok_or_else(no_snapshot)?;
        self.change(&space, |_, state| *state = restored.restored_from(state))?;
        self.told_space(&space).map(Found)
    }
}

impl Command<DeleteSnapshot> for Engine {
    fn command(&self, _: Language, input: Input<DeleteSnapshot>) -> Result<NoContent, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let number = input.path.snapshot_id.number();
        let number = number.ok_or_else(no_snapshot)?;
        if self.forget_snapshot(&space, number)? {
            Ok(NoContent)
        } else {
            Err(no_snapshot())
        }
    }
}

impl Command<SetClock> for Engine {
    fn command(&self, _: Language, input: Input<SetClock>) -> Result<Found<ClockState>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let to =
            input.body.0.only().ok_or_else(|| {
                Refusal::invalid(vec![Fault::finding(FindingCode::ExactlyOne, "")])
            })?;
        self.move_clock(&space, to)?;
        Ok(Found(told_clock(
            &space.lock().clock,
            self.host().elapsed(),
        )))
    }
}

impl Command<SetPace> for Engine {
    fn command(&self, _: Language, input: Input<SetPace>) -> Result<Found<SpaceShown>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let pace = pace(input.body.0.pace, input.body.0.polls)?;
        self.set_pace(&space, pace)?;
        self.told_space(&space).map(Found)
    }
}

impl Command<DecideApplication> for Engine {
    fn command(
        &self,
        language: Language,
        input: Input<DecideApplication>,
    ) -> Result<Found<Application>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let order = order(&input.body.0)?;
        let number = space.number_of(&input.path.application_id);
        self.change(&space, |now, state| {
            let known = number.filter(|number| state.docket.get(*number).is_some());
            let number = known.ok_or_else(|| {
                Refusal::at_parameter(ProblemCode::ApplicationNotFound, "application_id")
            })?;
            if !lifecycle::decide(self.city(), state, number, order, now) {
                return Err(wrong_state());
            }
            let scene = Scene {
                city: self.city(),
                space: &space,
                partner: state.docket[number].partner,
                state,
                now,
                language,
                headers: &http::HeaderMap::new(),
                effective: true,
                notes: Notes::default(),
            };
            Ok(Found(view::application(
                &scene,
                number,
                &scene.state.docket[number],
            )))
        })?
    }
}

impl Command<PutVehicle> for Engine {
    fn examine(&self, command: &Filing<'_, VehicleOnRecord>) -> Vec<Fault> {
        let plate = on_record::plate(command, field!(plate_number), field!(plate_kind));
        let registered: Field<VehicleOnRecord, Date> = field!(first_registered_on);
        let in_order = |earlier, later| papers::in_order(command, earlier, later);
        [
            plate,
            in_order(field!(manufactured_on?), registered),
            in_order(registered, field!(inspection_due_on?)),
            in_order(registered, field!(old_cycle_from?)),
            papers::seats(command, field!(vehicle_type), field!(seats))
                .into_iter()
                .collect(),
        ]
        .concat()
    }

    fn command(
        &self,
        _: Language,
        input: Input<PutVehicle>,
    ) -> Result<Found<VehicleStanding>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let (vin, Json(told)) = (input.path.vin, input.body);
        let put = self.change(&space, |now, state| {
            // Its completion would write what was on record when it was filed.
            if state.docket.open_for(vin).next().is_some() {
                return Err(Refusal::at_parameter(ProblemCode::VehicleInProcess, "vin"));
            }
            let today = date_of(now);
            let plate = (told.plate_kind, told.plate_number);
            let holder = state.register.by_plate(&plate);
            let own = holder.is_some_and(|holder| holder.vin == vin);
            let taken = !own && !state.register.is_unused(&plate);
            let early = told.first_registered_on > today;
            let faults: Vec<Fault> = [
                (taken, FindingCode::PlateTaken, "/plate_number"),
                (early, FindingCode::DateInFuture, "/first_registered_on"),
            ]
            .into_iter()
            .filter(|(wrong, ..)| *wrong)
            .map(|(_, code, pointer)| Fault::finding(code, pointer))
            .collect();
            if !faults.is_empty() {
                return Err(Refusal::invalid(faults));
            }
            let known = state.register.vehicle(vin).cloned();
            let known = known.unwrap_or_else(|| VehicleRecord::unregistered(vin));
            let record = registered(known, told, today);
            state.register.put_vehicle(record.clone());
            Ok(told_standing(&record))
        })?;
        put.map(Found)
    }
}

/// The record of a vehicle that is told to be registered.
fn registered(known: VehicleRecord, told: VehicleOnRecord, today: Date) -> VehicleRecord {
    let mut record = VehicleRecord {
        vehicle_type: told.vehicle_type,
        use_character: told.use_character,
        seats: told.seats.get(),
        manufactured_on: told.manufactured_on,
        passed_on: None,
        ..known
    };
    record.defects.old_cycle_from = told.old_cycle_from;
    let profile = record.profile(told.first_registered_on);
    let next = inspection::next_due(&profile, today, &inspection::Parameters::default());
    let due_on = told.inspection_due_on.or(next.map(|due| due.due_on));
    record.registration = Some(Registration {
        plate_kind: told.plate_kind,
        plate_number: told.plate_number,
        certificate_number: told.registration_certificate_number,
        owner_name: told.owner.name,
        owner_identity: told.owner.identity_number,
        first_registered_on: told.first_registered_on,
        acquired_on: told.first_registered_on,
        numbered_on: None,
        mortgages: Vec::new(),
        insured_until: told.insured_until,
        inspection_due_on: due_on.unwrap_or(today),
        scrap_due_on: None,
        last_exchanged_on: None,
        elsewhere: !territory::is_of_city(told.plate_number),
        in_stock: false,
    });
    record
}

impl Command<SetFlags> for Engine {
    fn examine(&self, command: &Filing<'_, FlagCommand>) -> Vec<Fault> {
        to_and_fro(command, ["set", "clear"])
    }

    fn command(
        &self,
        _: Language,
        input: Input<SetFlags>,
    ) -> Result<Found<VehicleStanding>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let command = input.body.0;
        let record = self.change_vehicle(&space, input.path.vin, |vehicle| {
            command
                .set
                .iter()
                .for_each(|flag| vehicle.flags.insert(*flag));
            command
                .clear
                .iter()
                .for_each(|flag| vehicle.flags.remove(*flag));
        })?;
        Ok(Found(told_standing(&record)))
    }
}

impl Command<SetLookups> for Engine {
    fn examine(&self, command: &Filing<'_, LookupCommand>) -> Vec<Fault> {
        to_and_fro(command, ["silence", "answer"])
    }

    fn command(
        &self,
        _: Language,
        input: Input<SetLookups>,
    ) -> Result<Found<VehicleStanding>, Refusal> {
        let space = self.named_space(&input.path.space_id)?;
        let command = input.body.0;
        let record = self.change_vehicle(&space, input.path.vin, |vehicle| {
            let lookups = &mut vehicle.silent_lookups;
            command
                .silence
                .iter()
                .for_each(|lookup| lookups.insert(*lookup));
            command
                .answer
                .iter()
                .for_each(|lookup| lookups.remove(*lookup));
        })?;
        Ok(Found(told_standing(&record)))
    }
}

impl Command<GetCatalogue> for Engine {
    fn command(&self, _: Language, _: Input<GetCatalogue>) -> Result<Found<Catalogue>, Refusal> {
        Ok(Found(catalogue::catalogue()))
    }
}

impl Engine {
    fn told_space(&self, space: &Space) -> Result<SpaceShown, Refusal> {
        let kept = space.snapshots_kept().into_iter();
        let snapshots = kept
            .map(|(number, at)| told_snapshot(space, number, at))
            .collect();
        let host = self.host().elapsed();
        self.change(space, |now, state| {
            let (pace, polls) = told_pace(state.pace);
            SpaceShown {
                space_id: space.id.name(),
                seed: space.settings.seed,
                pace: pace.into(),
                polls,
                clock: told_clock(&state.clock, host),
                applications: u32::try_from(state.docket.len()).unwrap_or(u32::MAX),
                pushes_waiting: u32::try_from(state.events.deliveries.waiting(now))
                    .unwrap_or(u32::MAX),
                snapshots,
            }
        })
    }

    fn told_created(&self, space: &Space) -> Result<SpaceCreated, Refusal> {
        let SpaceShown {
            space_id,
            seed,
            pace,
            clock,
            ..
        } = self.told_space(space)?;
        let credentials = self.credentials(space).into_iter();
        Ok(SpaceCreated {
            space_id,
            seed,
            pace,
            clock,
            credentials: credentials
                .map(|credential| SpaceCredential {
                    outlet_kind: credential.outlet_kind.into(),
                    outlet_id: credential.outlet_id,
                    operator_id: credential.operator_id,
                    client_id: credential.client_id.into(),
                    client_secret: credential.client_secret,
                })
                .collect(),
        })
    }
}

fn told_snapshot(space: &Space, number: u32, at: Timestamp) -> Snapshot {
    Snapshot {
        snapshot_id: SnapshotId::numbered(number),
        space_id: space.id.name(),
        taken_at: Moment::new(at),
    }
}

fn told_clock(clock: &Clock, host: Duration) -> ClockState {
    ClockState {
        now: Moment::new(clock.now(host)),
        frozen: clock.is_frozen(),
        rate: clock.rate(),
    }
}

fn told_pace(pace: Pace) -> (PaceName, Option<u32>) {
    match pace {
        Pace::Quick => (PaceName::Quick, None),
        Pace::Statutory => (PaceName::Statutory, None),
        Pace::Manual => (PaceName::Manual, None),
        Pace::AfterPolls(polls) => (PaceName::AfterPolls, Some(polls)),
    }
}

fn told_standing(record: &VehicleRecord) -> VehicleStanding {
    VehicleStanding {
        vin: record.vin,
        registered: record.registration.is_some(),
        status_flags: record.flags.iter().map(Into::into).collect(),
        silent_lookups: record.silent_lookups.iter().map(Into::into).collect(),
    }
}

/// 办理速度, whose `polls` belong to one pace alone.
fn pace(name: PaceName, polls: Option<Polls>) -> Result<Pace, Refusal> {
    match (name, polls) {
        (PaceName::AfterPolls, Some(polls)) => Ok(Pace::AfterPolls(polls.get())),
        (PaceName::AfterPolls, None) => Err(polls_refused(FindingCode::Required)),
        (_, Some(_)) => Err(polls_refused(FindingCode::NotApplicable)),
        (PaceName::Quick, None) => Ok(Pace::Quick),
        (PaceName::Statutory, None) => Ok(Pace::Statutory),
        (PaceName::Manual, None) => Ok(Pace::Manual),
    }
}

fn polls_refused(code: FindingCode) -> Refusal {
    Refusal::invalid(vec![Fault::finding(code, "/polls")])
}

/// What is wrong with a command of two lists, one of which undoes what the other does: both empty, or
/// a word in both.
fn to_and_fro<T: Serialize>(command: &Filing<'_, T>, names: [&str; 2]) -> Vec<Fault> {
    let command = command.to_json();
    let [to, fro] = names.map(|name| command.get(name).and_then(Value::as_array));
    let is_empty = |list: Option<&Vec<Value>>| list.is_none_or(Vec::is_empty);
    if command.is_object() && is_empty(to) && is_empty(fro) {
        let fault = Fault::finding(FindingCode::Required, "");
        return vec![fault.with_detail(names.join(" / "))];
    }
    let both = fro.into_iter().flatten().enumerate();
    both.filter(|(_, word)| to.is_some_and(|to| to.contains(word)))
        .map(|(index, _)| {
            let place = format!("/{}/{index}", names[1]);
            Fault::finding(FindingCode::NotApplicable, place)
        })
        .collect()
}

/// 决定, whose lists belong to one decision each.
fn order(command: &DecisionCommand) -> Result<Order<'_>, Refusal> {
    let DecisionCommand {
        decision,
        materials,
        reasons,
    } = command;
    let mut faults = Vec::new();
    for (pointer, wanted, given) in [
        (
            "/materials",
            *decision == Decision::Supplement,
            !materials.is_empty(),
        ),
        (
            "/reasons",
            *decision == Decision::Refuse,
            !reasons.is_empty(),
        ),
    ] {
        match (wanted, given) {
            (true, false) => faults.push(Fault::finding(FindingCode::Required, pointer)),
            (false, true) => faults.push(Fault::finding(FindingCode::NotApplicable, pointer)),
            _ => {}
        }
    }
    // A form's fault is no ground on which the authority refuses.
    let formal = reasons.iter().enumerate();
    faults.extend(
        formal
            .filter(|(_, reason)| reason.rule() == "API")
            .map(|(index, _)| Fault::finding(FindingCode::NotInList, format!("/reasons/{index}"))),
    );
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults));
    }
    Ok(match decision {
        Decision::Step => Order::Step,
        Decision::Accept => Order::Accept,
        Decision::Supplement => Order::Supplement(materials),
        Decision::Approve => Order::Approve,
        Decision::Complete => Order::Complete,
        Decision::Refuse => Order::Refuse(reasons),
    })
}

fn no_snapshot() -> Refusal {
    Refusal::at_parameter(ProblemCode::SnapshotNotFound, "snapshot_id")
}
