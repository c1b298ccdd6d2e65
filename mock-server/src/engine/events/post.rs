//! Letters: pushes on their way out. The engine writes and signs them; a [`Postman`] carries them and
//! says what became of them.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use lingminban::{
    api::{AttemptOutcome, EventId, control::DeliveryEffect},
    webhook::{Secret, sign},
};

use super::{
    deliveries::{DeliveryNumber, Serial, Verdict},
    subscriptions::{Subscription, WebhookNumber},
    telling,
};
use crate::engine::{
    Engine,
    refusal::Refusal,
    space::{Space, SpaceId, State},
};

/// The longest a receiver may take.
pub const LONGEST_ANSWER: Duration = Duration::from_secs(15);

/// Who makes the attempts. It is called with a space locked: it must neither block nor call the
/// engine.
pub trait Postman: Send + Sync + 'static {
    /// Takes a letter out; [`Engine::report`] is to hear of it.
    fn carry(&self, letter: Letter);

    /// Something will fall due in a space after so much real time; [`Engine::look`] then.
    fn wake(&self, space: SpaceId, after: Duration);
}

/// One attempt to be made.
pub struct Letter {
    /// Which one.
    pub ticket: Ticket,
    /// Where to.
    pub url: String,
    /// What is sent along.
    pub headers: HeaderMap,
    /// The event.
    pub body: Vec<u8>,
    /// How often it is to be sent: twice when something is to go wrong.
    pub copies: u8,
}

/// Names an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    space: SpaceId,
    delivery: DeliveryNumber,
    serial: Serial,
}

/// A store that fails has no client here to be told; what was not kept is attempted again.
fn told(kept: Result<(), Refusal>) {
    if let Err(refusal) = kept {
        tracing::error!(code = %refusal.code(), "what became of a push is not kept");
    }
}

impl Engine {
    /// Lets everything happen in a space that is due, and puts on their way what it leads to.
    pub fn look(&self, space: SpaceId) {
        if let Some(space) = self.space(space) {
            told(self.change(&space, |_, _| ()));
        }
    }

    /// Hears what became of an attempt. It counts as made when it was due.
    pub fn report(&self, ticket: Ticket, outcome: AttemptOutcome, status: Option<u16>) {
        let Some(space) = self.space(ticket.space) else {
            return;
        };
        let noted = self.change(&space, |_, state| {
            let Ticket {
                delivery, serial, ..
            } = ticket;
            let deliveries = &mut state.events.deliveries;
            match deliveries.note(delivery, serial, outcome, status) {
                Verdict::GoesOn => {}
                Verdict::Disable(webhook, at) => disable(state, webhook, at),
            }
        });
        told(noted);
    }

    /// Hands what is due over to the postman, and tells when to look again. Without a postman
    /// everything stays as it is.
    pub(in crate::engine) fn dispatch(&self, space: &Space, state: &mut State, now: Timestamp) {
        let Some(postman) = self.postman() else {
            return;
        };
        if state.events.subscriptions.are_none() {
            return;
        }
        loop {
            let serial = self.next_serial();
            let Some(delivery) = state.events.deliveries.take_due(now, serial) else {
                break;
            };
            let ticket = Ticket {
                space: space.id,
                delivery,
                serial,
            };
            match self.letter(space, state, ticket) {
                Some(letter) => postman.carry(letter),
                // Its subscription is gone: nobody waits for it.
                None => {
                    let outcome = AttemptOutcome::Unreachable;
                    state
                        .events
                        .deliveries
                        .note(delivery, serial, outcome, None);
                }
            }
        }
        let host = self.host().elapsed();
        let next = [
            state.docket.due(Timestamp::MAX).map(|(at, _)| at),
            state.events.deliveries.next_due(),
        ];
        let next = next.into_iter().flatten().min();
        if let Some(after) = next.and_then(|next| state.clock.until(next, host)) {
            postman.wake(space.id, after);
        }
    }

    fn letter(&self, space: &Space, state: &State, ticket: Ticket) -> Option<Letter> {
        let delivery = state.events.deliveries.get(ticket.delivery)?;
        let number = delivery.webhook;
        let subscription = state.events.subscriptions.get(number)?;
        let at = delivery.due?;
        let event = telling::event(
            self.city(),
            space,
            state,
            delivery.subject,
            delivery.kind,
            Some(number),
        )?;
        let body = serde_json::to_vec(&event).ok()?;
        let effect = delivery.effect.filter(|_| delivery.attempts.is_empty());
        let seed = match effect {
            Some(DeliveryEffect::BadSignature) => !space.settings.seed,
            _ => space.settings.seed,
        };
        let mut headers = signed(subscription, seed, number, &event.event_id, at, &body);
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        Some(Letter {
            ticket,
            url: subscription.url.as_str().to_owned(),
            headers,
            body,
            copies: match effect {
                Some(DeliveryEffect::Duplicate) => 2,
                _ => 1,
            },
        })
    }
}

fn signed(
    subscription: &Subscription,
    seed: u64,
    number: WebhookNumber,
    id: &EventId,
    at: Timestamp,
    body: &[u8],
) -> HeaderMap {
    let secrets: Vec<Secret> = subscription
        .secrets(seed, number, at)
        .filter_map(|secret| secret.expose().parse().ok())
        .collect();
    let since_1970 = at.duration_since(Timestamp::UNIX_EPOCH);
    let since_1970 = Duration::try_from(since_1970).unwrap_or_default();
    sign(&secrets, id, SystemTime::UNIX_EPOCH + since_1970, body)
}

/// Nothing is pushed to the subscription any more.
fn disable(state: &mut State, webhook: WebhookNumber, at: Timestamp) {
    if let Some(subscription) = state.events.subscriptions.get_mut(webhook) {
        subscription.disabled_at = Some(at);
    }
    state.events.deliveries.give_up(webhook);
}
