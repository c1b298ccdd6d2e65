//! 事件: what has happened in a space, who wants to hear of it, and what became of telling them.
//!
//! Nothing here reaches out: an attempt that is due waits for somebody to make it, and its outcome is
//! dated at the instant for which it was due. So one run is like the other, however fast the network.

pub mod deliveries;
pub mod feed;
pub mod messages;
pub mod post;
pub mod subscriptions;
pub mod telling;

use jiff::Timestamp;
use lingminban::api::{ApplicationStatus, EventType, MaterialKind, control::DeliveryEffect};

use serde::{Deserialize, Serialize};

use super::{
    docket::Number,
    space::State,
    store::rows::{Damaged, Reader, Writer},
    world::date_of,
};
use deliveries::{Deliveries, DeliveryNumber, Subject};
use feed::{Feed, Position, Record};
use messages::Messages;
use subscriptions::{Subscriptions, WebhookNumber};

/// The events of a space and their way to partners and citizens.
#[derive(Clone, Debug, Default)]
pub struct Events {
    /// What has happened.
    pub feed: Feed,
    /// Who wants to hear of it.
    pub subscriptions: Subscriptions,
    /// On its way to them.
    pub deliveries: Deliveries,
    /// 短信 to the citizens.
    pub messages: Messages,
}

/// Numbers that do not follow from what is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    webhooks: WebhookNumber,
    deliveries: (DeliveryNumber, u32),
}

impl Events {
    /// What its rows in the store do not tell.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            webhooks: self.subscriptions.last(),
            deliveries: self.deliveries.counts(),
        }
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        self.feed.save(writer);
        self.subscriptions.save(writer);
        self.deliveries.save(writer);
        self.messages.save(writer);
    }

    /// What was handed to the store.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(counts: Counts, reader: &mut Reader) -> Result<Self, Damaged> {
        Ok(Self {
            feed: Feed::load(reader)?,
            subscriptions: Subscriptions::load(counts.webhooks, reader)?,
            deliveries: Deliveries::load(counts.deliveries, reader)?,
            messages: Messages::load(reader)?,
        })
    }
}

/// An application entered a state: partner and citizen are told, and it is counted.
pub fn entered(state: &mut State, number: Number, status: ApplicationStatus, at: Timestamp) {
    happened(state, number, EventType::of(status), None, at);
    if let Some(entry) = state.docket.get(number) {
        let counted = (date_of(at), entry.service, entry.outlet);
        state.statistics.entered(counted, status);
        state.events.messages.entered(number, entry, status, at);
    }
}

/// A material was received.
pub fn received(state: &mut State, number: Number, material: MaterialKind, at: Timestamp) {
    let kind = EventType::MaterialReceived;
    happened(state, number, kind, Some(material), at);
}

/// Something happened to an application: it is on record, and on its way to all who subscribed.
fn happened(
    state: &mut State,
    number: Number,
    kind: EventType,
    material: Option<MaterialKind>,
    at: Timestamp,
) {
    let Some(position) = record(state, number, kind, material, at) else {
        return;
    };
    let Events {
        subscriptions,
        deliveries,
        ..
    } = &state.events;
    let partner = state.docket.get(number).map(|entry| entry.partner);
    let overtakes = deliveries.overtakes(subscriptions.wanting(partner, kind));
    let effect = state.script.next_event_effect(overtakes);
    push(state, position, None, effect);
}

/// Puts an event on record; `None` where there is no such application.
pub fn record(
    state: &mut State,
    number: Number,
    kind: EventType,
    material: Option<MaterialKind>,
    at: Timestamp,
) -> Option<Position> {
    let partner = state.docket.get(number)?.partner;
    Some(state.events.feed.push(Record {
        kind,
        material,
        partner,
        application: number,
        at,
    }))
}

/// Puts a recorded event on its way: to one subscription, or to all that want it.
pub fn push(
    state: &mut State,
    position: Position,
    only: Option<WebhookNumber>,
    effect: Option<DeliveryEffect>,
) -> Vec<DeliveryNumber> {
    let Events {
        feed,
        subscriptions,
        deliveries,
        ..
    } = &mut state.events;
    let Some(Record {
        kind, partner, at, ..
    }) = feed.get(position).copied()
    else {
        return Vec::new();
    };
    let mut enqueue =
        |webhook| deliveries.enqueue(webhook, Subject::Happened(position), kind, effect, at);
    match only {
        Some(webhook) => vec![enqueue(webhook)],
        None => subscriptions
            .wanting(Some(partner), kind)
            .map(enqueue)
            .collect(),
    }
}

/// Puts an invented event on its way: to one subscription, or to all of the space that want it.
pub fn push_invented(
    state: &mut State,
    kind: EventType,
    only: Option<WebhookNumber>,
    effect: Option<DeliveryEffect>,
    at: Timestamp,
) -> (Subject, Vec<DeliveryNumber>) {
    let Events {
        subscriptions,
        deliveries,
        ..
    } = &mut state.events;
    let subject = deliveries.invent(at);
    let mut enqueue = |webhook| deliveries.enqueue(webhook, subject, kind, effect, at);
    let numbers = match only {
        Some(webhook) => vec![enqueue(webhook)],
        None => subscriptions.wanting(None, kind).map(enqueue).collect(),
    };
    (subject, numbers)
}
