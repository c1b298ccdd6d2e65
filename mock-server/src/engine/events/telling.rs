//! An event and a delivery, as partners are told them.

use lingminban::{
    api::{
        ApplicationId, ApplicationStatus, Delivery, DeliveryAttempt, DeliveryId, Event, EventId,
        EventType, MaterialKind, PartnerReference, Service,
    },
    moment::Moment,
};

use super::{
    deliveries::{self, DeliveryNumber, Subject},
    subscriptions::WebhookNumber,
};
use crate::engine::{
    city::City,
    space::{Space, State},
};

/// 事件编号 of what is delivered. Tests have numbers that no event of a space has.
#[must_use]
pub fn event_id(space: &Space, state: &State, subject: Subject) -> EventId {
    match subject {
        Subject::Happened(position) => space.event_id(&state.lineage, position),
        Subject::Test(number, _) => EventId::of_number(number.into()),
    }
}

/// The event that a delivery brings; an invented one tells an outlet of the subscription's partner.
#[must_use]
pub fn event(
    city: &City,
    space: &Space,
    state: &State,
    subject: Subject,
    kind: EventType,
    webhook: Option<WebhookNumber>,
) -> Option<Event> {
    let (at, test) = match subject {
        Subject::Happened(position) => return happened(city, space, state, position),
        Subject::Test(_, at) => (at, true),
    };
    let subscription = webhook.and_then(|number| state.events.subscriptions.get(number));
    let outlet = subscription.and_then(|one| city.directory.outlets_of(one.partner).first());
    let about_application = kind != EventType::WebhookTest;
    let status = kind.status();
    Some(Event {
        event_id: event_id(space, state, subject),
        kind: kind.into(),
        occurred_at: Moment::new(at),
        application_id: about_application.then(invented_application),
        partner_reference: invented_reference().filter(|_| about_application),
        outlet_id: outlet
            .filter(|_| about_application)
            .map(|outlet| outlet.id.clone()),
        service: about_application.then(|| Service::Registration.into()),
        status: status.map(Into::into),
        material_kind: (kind == EventType::MaterialReceived)
            .then(|| MaterialKind::OriginProof.into()),
        cursor: None,
        test,
    })
}

/// No application has this number: they begin with the first.
fn invented_application() -> ApplicationId {
    ApplicationId::of_digits(0)
}

fn invented_reference() -> Option<PartnerReference> {
    "TEST".parse().ok()
}

/// The event at a place of the feed.
#[must_use]
pub fn happened(
    city: &City,
    space: &Space,
    state: &State,
    position: super::feed::Position,
) -> Option<Event> {
    let record = state.events.feed.get(position)?;
    let entry = state.docket.get(record.application)?;
    Some(Event {
        event_id: space.event_id(&state.lineage, position),
        kind: record.kind.into(),
        occurred_at: Moment::new(record.at),
        application_id: Some(space.application_id(record.application)),
        partner_reference: Some(entry.partner_reference.clone()),
        outlet_id: Some(city.directory[entry.outlet].id.clone()),
        service: Some(entry.service.into()),
        status: record.kind.status().map(ApplicationStatus::into),
        material_kind: record.material.map(Into::into),
        cursor: None,
        test: false,
    })
}

/// A delivery with its attempts.
#[must_use]
pub fn delivery(
    space: &Space,
    state: &State,
    number: DeliveryNumber,
    delivery: &deliveries::Delivery,
) -> Delivery {
    let attempts = delivery.attempts.iter().map(|attempt| DeliveryAttempt {
        attempted_at: Moment::new(attempt.at),
        outcome: attempt.outcome.into(),
        http_status: attempt.status,
    });
    Delivery {
        delivery_id: DeliveryId::of_number(number.into()),
        event_id: event_id(space, state, delivery.subject),
        event_type: delivery.kind.into(),
        status: delivery.status.into(),
        attempts: attempts.collect(),
        next_attempt_at: delivery.due.map(Moment::new),
    }
}
