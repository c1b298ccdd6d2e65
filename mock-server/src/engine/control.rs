//! The way of a control request: the same reading and answering as any other, without a partner, a
//! limit, a key or a fault script.
//!
//! origin and host → admin token → path, query, media type, size → typed decode (or every fault) → space → command →
//! reply

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use lingminban::{
    api::{
        Access, FindingCode, Operation, Output, Place, ProblemCode,
        control::{self, ClockMove},
    },
    identifiers::Vin,
    moment::Moment,
    text::Language,
};

use super::{
    Engine, Fault,
    body::{Receive, Spoilt},
    filing::Filing,
    lifecycle,
    names::Names,
    pipeline::{self, Input, Request},
    refusal::Refusal,
    register::VehicleRecord,
    space::{Pace, Space, SpaceId, State},
    world::is_settable,
};
use crate::server::Reply;

/// Who may use the control interface.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Admission {
    /// Whoever reaches it under one of its names.
    #[default]
    Open,
    /// Who has the admin token.
    Token(String),
    /// Nobody.
    Closed,
}

/// Without the token.
impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Token(_) => "Token(…)",
            Self::Closed => "Closed",
        })
    }
}

/// How the sandbox handles one control operation.
pub trait Command<O: Operation>
where
    O::Body: Receive,
{
    /// Does it.
    ///
    /// # Errors
    /// When it cannot be done; nothing has changed then.
    fn command(&self, language: Language, input: Input<O>) -> Result<O::Output, Refusal>;

    /// Everything wrong in the body that its schema cannot say, or in the parts of it that decoded.
    fn examine(&self, _: &Filing<'_, <O::Body as Receive>::Subject>) -> Vec<Fault> {
        Vec::new()
    }
}

/// Serves one control operation.
pub fn serve<O: Operation>(engine: &Engine, request: &Request<'_>) -> Option<Reply>
where
    O::Body: Receive,
    Engine: Command<O>,
{
    let (home, request_id) = pipeline::beside_operations(engine, request.call);
    let answered = answer::<O>(engine, request);
    let now = space_asked(engine, request).map_or(home, |space| space.now(engine.host.elapsed()));
    let mut reply = answered
        .unwrap_or_else(|refusal| refusal.told(request.language, request.call.path, &request_id));
    pipeline::stamp(&mut reply.headers, now, &request_id);
    Some(reply)
}

/// The space that the path names, whose time an answer is dated with.
fn space_asked(engine: &Engine, request: &Request<'_>) -> Option<Arc<Space>> {
    let mut values = request.path.iter();
    let (_, name) = values.find(|(name, _)| *name == "space_id")?;
    let id = name.parse::<control::SpaceId>().ok()?;
    engine.space(SpaceId::read(&id)?)
}

fn answer<O: Operation>(engine: &Engine, request: &Request<'_>) -> Result<Reply, Refusal>
where
    O::Body: Receive,
    Engine: Command<O>,
{
    if O::ACCESS == Access::Admin {
        engine
            .admission
            .admit(&engine.names, request.call.headers)?;
    }
    let query = pipeline::read_query::<O>(request.call)?;
    let path = pipeline::read_path::<O>(request)?;
    let (body, faults) = match O::Body::receive(request.call, &engine.control_schemas) {
        Err(Spoilt::Unreadable(refusal)) => return Err(refusal),
        Err(Spoilt::Faulty { value, mut faults }) => {
            faults.extend(engine.examine(&Filing::Parts {
                value: &value,
                faults: &faults,
            }));
            (None, faults)
        }
        Ok(body) => {
            let faults = engine.examine(&Filing::Whole(body.subject()));
            (Some(body), faults)
        }
    };
    let Some(body) = body.filter(|_| faults.is_empty()) else {
        return Err(Refusal::invalid(faults));
    };
    let output = engine.command(request.language, Input { path, query, body })?;
    match output.encode() {
        Ok((status, body)) => Ok(pipeline::success::<O>(status, output.media_type(), body)),
        Err(_) => Err(Refusal::new(ProblemCode::InternalError)),
    }
}

impl Admission {
    fn admit(&self, names: &Names, headers: &HeaderMap) -> Result<(), Refusal> {
        if names.is_of_a_foreign_page(headers) {
            let place = Place::Header("Origin");
            return Err(Refusal::at(ProblemCode::ForeignOrigin, place));
        }
        let token = match self {
            Self::Open if names.are_asked(headers) => return Ok(()),
            Self::Open => {
                let place = Place::Header("Host");
                return Err(Refusal::at(ProblemCode::UnknownHost, place));
            }
            Self::Closed => return Err(Refusal::new(ProblemCode::ControlClosed)),
            Self::Token(token) => token,
        };
        let shown = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        if shown.is_some_and(|(_, shown)| super::directory::same_secret(shown.trim(), token)) {
            return Ok(());
        }
        let place = Place::Header("Authorization");
        Err(
            Refusal::at(ProblemCode::AdminTokenRequired, place).with_header(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"lingminban-sandbox\""),
            ),
        )
    }
}

impl Engine {
    /// The space a control request names.
    ///
    /// # Errors
    /// 404.
    pub(super) fn named_space(&self, id: &control::SpaceId) -> Result<Arc<Space>, Refusal> {
        SpaceId::read(id)
            .and_then(|id| self.space(id))
            .ok_or_else(|| Refusal::at_parameter(ProblemCode::SpaceNotFound, "space_id"))
    }

    /// Changes a space by command. What is due happens first: a command changes what comes after it,
    /// never what came before. What the command makes due happens before it is done.
    ///
    /// # Errors
    /// When that cannot be kept: nothing has changed then.
    pub fn change<T>(
        &self,
        space: &Space,
        change: impl FnOnce(Timestamp, &mut State) -> T,
    ) -> Result<T, Refusal> {
        let mut state = space.lock();
        let now = state.clock.now(self.host.elapsed());
        lifecycle::settle(&self.city, &mut state, now);
        let done = change(now, &mut state);
        let now = state.clock.now(self.host.elapsed());
        lifecycle::settle(&self.city, &mut state, now);
        self.commit(space, &mut state)?;
        self.dispatch(space, &mut state, now);
        Ok(done)
    }

    /// Moves, stops or starts the clock of a space.
    ///
    /// # Errors
    /// When the way leads backwards, or beyond the calendar, or that cannot be kept.
    pub fn move_clock(&self, space: &Space, to: ClockMove) -> Result<(), Refusal> {
        let host = self.host.elapsed();
        let beyond =
            |pointer| Refusal::invalid(vec![Fault::finding(FindingCode::OutOfRange, pointer)]);
        self.change(space, |now, state| {
            let clock = &mut state.clock;
            match to {
                ClockMove::Advance(period) => {
                    let then = period.after(now).ok_or_else(|| beyond("/advance"))?;
                    clock.move_to(then, host);
                }
                ClockMove::AdvanceWorkingDays(days) => {
                    let then = self.city.calendar.later(now, days.get().into());
                    let then = then.ok_or_else(|| beyond("/advance_working_days"))?;
                    clock.move_to(then, host);
                }
                // A client knows the time to the millisecond.
                ClockMove::Set(instant) if instant < Moment::new(now) => {
                    let place = Place::Pointer("/set".to_owned());
                    return Err(Refusal::at(ProblemCode::ClockBackwards, place));
                }
                ClockMove::Set(instant) if !is_settable(instant) => return Err(beyond("/set")),
                ClockMove::Set(instant) => clock.move_to(instant.timestamp(), host),
                ClockMove::Frozen(true) => clock.freeze(host),
                ClockMove::Frozen(false) => clock.resume(host),
                ClockMove::Rate(rate) => clock.run_at(rate.get(), host),
            }
            Ok(())
        })?
    }

    /// Changes how fast the authority works from now on, on what is filed already too.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn set_pace(&self, space: &Space, pace: Pace) -> Result<(), Refusal> {
        self.change(space, |now, state| {
            state.pace = pace;
            lifecycle::reschedule_all(&self.city, state, now);
        })
    }

    /// Changes what is on record of a vehicle, and looks anew at its unfinished application. A
    /// vehicle that nobody knows is put on record, unregistered.
    ///
    /// # Errors
    /// When that cannot be kept.
    pub fn change_vehicle(
        &self,
        space: &Space,
        vin: Vin,
        change: impl FnOnce(&mut VehicleRecord),
    ) -> Result<VehicleRecord, Refusal> {
        self.change(space, |now, state| {
            let known = state.register.vehicle(vin).cloned();
            let mut record = known.unwrap_or_else(|| VehicleRecord::unregistered(vin));
            change(&mut record);
            state.register.put_vehicle(record.clone());
            lifecycle::reconsider(&self.city, state, vin, now);
            record
        })
    }
}
