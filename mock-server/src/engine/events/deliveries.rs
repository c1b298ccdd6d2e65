//! 推送: each event on its way to each subscription, attempt by attempt.
//!
//! A subscription has one attempt under way at a time, and they follow one another in the order in
//! which they fell due: what a receiver sees does not depend on the network.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use lingminban::api::{AttemptOutcome, DeliveryStatus, EventType, control::DeliveryEffect};

use serde::{Deserialize, Serialize};

use super::{feed::Position, subscriptions::WebhookNumber};
use crate::engine::{
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
    world::later,
};

/// Number of a delivery in its space, from 1.
pub type DeliveryNumber = u32;

/// Tells one attempt from every other of an engine: a space may be reset, forked or restored while
/// one is under way.
pub type Serial = u64;

/// Deliveries that have ended and are still shown, for each subscription.
pub const MOST_ENDED: usize = 1_000;

/// 推送计划: pauses before the first attempt and between each and the next.
pub type Schedule = [Duration; 10];

/// The schedule that Standard Webhooks recommends.
pub const SCHEDULE: Schedule = {
    const fn hours(hours: u64) -> Duration {
        Duration::from_secs(hours * 3_600)
    }
    [
        Duration::ZERO,
        Duration::from_secs(5),
        Duration::from_secs(5 * 60),
        Duration::from_secs(30 * 60),
        hours(2),
        hours(5),
        hours(10),
        hours(14),
        hours(20),
        hours(24),
    ]
};

/// How long an event that is to come out of order is held back when no other overtakes it.
const LONGEST_HOLD: Duration = Duration::from_secs(60);
/// How long after the event that overtook it.
const AFTER_OVERTAKEN: Duration = Duration::from_millis(1);

/// 410: the receiver wants nothing more (Standard Webhooks).
const GONE: u16 = 410;

/// What is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// What has happened, by its place in the feed.
    Happened(Position),
    /// An invented event, by the number of the test and its time.
    Test(u32, Timestamp),
}

/// One attempt, made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was due.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: AttemptOutcome,
    /// Status of the answer, where there was one.
    pub status: Option<u16>,
}

/// One event on its way to one subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// To whom.
    pub webhook: WebhookNumber,
    /// What.
    pub subject: Subject,
    /// 事件类型.
    pub kind: EventType,
    /// 推送状态.
    pub status: DeliveryStatus,
    /// What goes wrong with the first attempt.
    pub effect: Option<DeliveryEffect>,
    /// The attempts of the last push.
    pub attempts: Vec<Attempt>,
    /// When the next attempt is due, or was, if it is under way.
    pub due: Option<Timestamp>,
}

/// Their rows in the store.
const ROWS: &str = "delivery";

/// The deliveries of a space.
#[derive(Clone, Debug)]
pub struct Deliveries {
    by_number: Tracked<BTreeMap<DeliveryNumber, Delivery>>,
    queues: BTreeMap<WebhookNumber, Queue>,
    schedule: Schedule,
    last: DeliveryNumber,
    tests: u32,
}

/// The deliveries to one subscription.
#[derive(Debug, Default)]
struct Queue {
    all: BTreeSet<DeliveryNumber>,
    ended: BTreeSet<DeliveryNumber>,
    agenda: BTreeSet<(Timestamp, DeliveryNumber)>,
    /// Waits to be overtaken.
    held: Option<DeliveryNumber>,
    under_way: Option<UnderWay>,
}

#[derive(Clone, Copy, Debug)]
struct UnderWay {
    number: DeliveryNumber,
    due: Timestamp,
    serial: Serial,
    /// Whether its outcome still counts.
    counts: bool,
}

/// An attempt under way belongs to the space it was made for: in a copy it is still to be made.
impl Clone for Queue {
    fn clone(&self) -> Self {
        let mut agenda = self.agenda.clone();
        let still_to_be_made = self.under_way.filter(|attempt| attempt.counts);
        agenda.extend(still_to_be_made.map(|attempt| (attempt.due, attempt.number)));
        Self {
            all: self.all.clone(),
            ended: self.ended.clone(),
            agenda,
            held: self.held,
            under_way: None,
        }
    }
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            by_number: Tracked::default(),
            queues: BTreeMap::new(),
            schedule: SCHEDULE,
            last: 0,
            tests: 0,
        }
    }
}

/// What an attempt leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on, or has ended well.
    GoesOn,
    /// The subscription is to be disabled as of then: the last attempt failed, or the receiver asked
    /// for it.
    Disable(WebhookNumber, Timestamp),
}

impl Deliveries {
    /// Puts an event on its way, due at once unless something is to go wrong with it.
    pub fn enqueue(
        &mut self,
        webhook: WebhookNumber,
        subject: Subject,
        kind: EventType,
        effect: Option<DeliveryEffect>,
        at: Timestamp,
    ) -> DeliveryNumber {
        self.last += 1;
        let number = self.last;
        let delivery = Delivery {
            webhook,
            subject,
            kind,
            status: DeliveryStatus::Pending,
            effect,
            attempts: Vec::new(),
            due: None,
        };
        self.by_number.insert(number, delivery);
        let queue = self.queues.entry(webhook).or_default();
        queue.all.insert(number);
        // What is never pushed overtakes nothing.
        let overtaken = queue
            .held
            .take_if(|_| effect != Some(DeliveryEffect::Never));
        match effect {
            Some(DeliveryEffect::Never) => self.end(number, DeliveryStatus::Failed),
            Some(DeliveryEffect::OutOfOrder) => {
                queue.held = Some(number);
                self.schedule(number, Some(later(at, LONGEST_HOLD)));
            }
            Some(DeliveryEffect::Duplicate | DeliveryEffect::BadSignature) | None => {
                self.schedule(number, Some(later(at, self.schedule[0])));
            }
        }
        if let Some(overtaken) = overtaken {
            self.schedule(overtaken, Some(later(at, AFTER_OVERTAKEN)));
        }
        number
    }

    /// Whether an event to these subscriptions overtakes one that waits for that.
    #[must_use]
    pub fn overtakes(&self, mut webhooks: impl Iterator<Item = WebhookNumber>) -> bool {
        webhooks.any(|webhook| {
            let queue = self.queues.get(&webhook);
            queue.is_some_and(|queue| queue.held.is_some())
        })
    }

    /// A subject that nobody has seen.
    pub fn invent(&mut self, at: Timestamp) -> Subject {
        self.tests += 1;
        Subject::Test(self.tests, at)
    }

    /// Has the tests that come bear higher numbers than this, under which others were told of theirs.
    pub fn count_tests_from(&mut self, highest: u32) {
        self.tests = self.tests.max(highest);
    }

    /// Begins the attempts of a delivery anew. One that is under way counts no more; the next waits
    /// for its end all the same.
    pub fn restart(&mut self, number: DeliveryNumber, at: Timestamp) {
        let Some(delivery) = self.by_number.edit(&number) else {
            return;
        };
        delivery.status = DeliveryStatus::Pending;
        delivery.effect = None;
        delivery.attempts.clear();
        if let Some(queue) = self.queues.get_mut(&delivery.webhook) {
            queue.ended.remove(&number);
            if let Some(attempt) = &mut queue.under_way {
                attempt.counts &= attempt.number != number;
            }
            queue.held.take_if(|held| *held == number);
        }
        self.schedule(number, Some(later(at, self.schedule[0])));
    }

    /// Takes the next delivery whose attempt is due at `now` or before, to be attempted under that
    /// serial.
    pub fn take_due(&mut self, now: Timestamp, serial: Serial) -> Option<DeliveryNumber> {
        let free = |queue: &&mut Queue| {
            let first = queue.agenda.first();
            queue.under_way.is_none() && first.is_some_and(|(due, _)| *due <= now)
        };
        let queue = self.queues.values_mut().find(free)?;
        let (due, number) = queue.agenda.pop_first()?;
        queue.under_way = Some(UnderWay {
            number,
            due,
            serial,
            counts: true,
        });
        Some(number)
    }

    /// When the next attempt is due that waits for nothing but its time.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let free = self
            .queues
            .values()
            .filter(|queue| queue.under_way.is_none());
        free.filter_map(|queue| queue.agenda.first())
            .map(|(due, _)| *due)
            .min()
    }

    /// Attempts that are due at `now`, or under way.
    #[must_use]
    pub fn waiting(&self, now: Timestamp) -> usize {
        let waiting = |queue: &Queue| {
            let due = queue.agenda.iter().take_while(|(due, _)| *due <= now);
            due.count() + usize::from(queue.under_way.is_some())
        };
        self.queues.values().map(waiting).sum()
    }

    /// Notes what came of an attempt, at the instant for which it was due. One that counts no more
    /// changes nothing.
    pub fn note(
        &mut self,
        number: DeliveryNumber,
        serial: Serial,
        outcome: AttemptOutcome,
        status: Option<u16>,
    ) -> Verdict {
        let Some(delivery) = self.by_number.edit(&number) else {
            return Verdict::GoesOn;
        };
        let webhook = delivery.webhook;
        let queue = self.queues.entry(webhook).or_default();
        let mine = |attempt: &mut UnderWay| attempt.number == number && attempt.serial == serial;
        let Some(UnderWay {
            due: at,
            counts: true,
            ..
        }) = queue.under_way.take_if(mine)
        else {
            return Verdict::GoesOn;
        };
        delivery.due = None;
        delivery.attempts.push(Attempt {
            at,
            outcome,
            status,
        });
        if outcome == AttemptOutcome::Delivered {
            self.end(number, DeliveryStatus::Delivered);
            return Verdict::GoesOn;
        }
        match self.schedule.get(delivery.attempts.len()) {
            Some(pause) if status != Some(GONE) => {
                let next = later(at, *pause);
                self.schedule(number, Some(next));
                Verdict::GoesOn
            }
            _ => {
                self.end(number, DeliveryStatus::Failed);
                Verdict::Disable(webhook, at)
            }
        }
    }

    /// Gives up whatever is on its way to a subscription.
    pub fn give_up(&mut self, webhook: WebhookNumber) {
        let Some(queue) = self.queues.get_mut(&webhook) else {
            return;
        };
        queue.under_way = None;
        let pending: Vec<DeliveryNumber> = queue.all.difference(&queue.ended).copied().collect();
        for number in pending {
            self.end(number, DeliveryStatus::Failed);
        }
    }

    /// Forgets all deliveries to a subscription.
    pub fn forget(&mut self, webhook: WebhookNumber) {
        let queue = self.queues.remove(&webhook).unwrap_or_default();
        for number in queue.all {
            self.by_number.remove(&number);
        }
    }

    /// Numbers that its rows in the store do not tell.
    #[must_use]
    pub fn counts(&self) -> (DeliveryNumber, u32) {
        (self.last, self.tests)
    }

    /// Hands its rows to the store; the counts go with the space's other numbers.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.by_number);
    }

    /// What was handed to the store. An attempt that was under way is still to be made: whether it
    /// reached the receiver nobody knows.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(
        (last, tests): (DeliveryNumber, u32),
        reader: &mut Reader,
    ) -> Result<Self, Damaged> {
        let mut deliveries = Self {
            last,
            tests,
            ..Self::default()
        };
        let mut rows: Vec<(DeliveryNumber, Delivery)> = reader.table(ROWS)?;
        rows.sort_unstable_by_key(|(number, _)| *number);
        for (number, delivery) in rows {
            let queue = deliveries.queues.entry(delivery.webhook).or_default();
            queue.all.insert(number);
            let pending = delivery.status == DeliveryStatus::Pending;
            if !pending {
                queue.ended.insert(number);
            }
            // What nothing has followed yet still waits to be overtaken.
            let waits = pending
                && delivery.effect == Some(DeliveryEffect::OutOfOrder)
                && delivery.attempts.is_empty();
            queue.held = waits.then_some(number);
            queue.agenda.extend(delivery.due.map(|due| (due, number)));
            deliveries.by_number.insert(number, delivery);
        }
        deliveries.by_number.watch();
        Ok(deliveries)
    }

    /// A delivery.
    #[must_use]
    pub fn get(&self, number: DeliveryNumber) -> Option<&Delivery> {
        self.by_number.get(&number)
    }

    /// The deliveries to a subscription from a number on, in the order of their events.
    pub fn of(
        &self,
        webhook: WebhookNumber,
        from: DeliveryNumber,
    ) -> impl Iterator<Item = (DeliveryNumber, &Delivery)> {
        let numbers = self.queues.get(&webhook).map(|queue| &queue.all);
        numbers
            .into_iter()
            .flat_map(move |all| all.range(from..))
            .filter_map(|number| Some((*number, self.get(*number)?)))
    }

    /// Says anew when the next attempt is due.
    fn schedule(&mut self, number: DeliveryNumber, due: Option<Timestamp>) {
        let Some(delivery) = self.by_number.edit(&number) else {
            return;
        };
        let queue = self.queues.entry(delivery.webhook).or_default();
        if let Some(before) = std::mem::replace(&mut delivery.due, due) {
            queue.agenda.remove(&(before, number));
        }
        queue.agenda.extend(due.map(|due| (due, number)));
    }

    fn end(&mut self, number: DeliveryNumber, status: DeliveryStatus) {
        self.schedule(number, None);
        let Some(delivery) = self.by_number.edit(&number) else {
            return;
        };
        delivery.status = status;
        let queue = self.queues.entry(delivery.webhook).or_default();
        queue.held.take_if(|held| *held == number);
        queue.ended.insert(number);
        if queue.ended.len() > MOST_ENDED
            && let Some(oldest) = queue.ended.pop_first()
        {
            queue.all.remove(&oldest);
            self.by_number.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: EventType = EventType::ApplicationAccepted;

    fn start() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn enqueue(deliveries: &mut Deliveries, webhook: WebhookNumber) -> DeliveryNumber {
        deliveries.enqueue(webhook, Subject::Happened(0), KIND, None, start())
    }

    fn due(deliveries: &Deliveries, number: DeliveryNumber) -> Option<Timestamp> {
        deliveries.get(number).and_then(|delivery| delivery.due)
    }

    /// Fails every attempt that comes, and gives the instants at which they were due.
    fn fail_all(deliveries: &mut Deliveries, status: Option<u16>) -> (Vec<i64>, Verdict) {
        let mut instants = Vec::new();
        loop {
            let Some(number) = deliveries.take_due(Timestamp::MAX, 7) else {
                return (instants, Verdict::GoesOn);
            };
            instants.push(due(deliveries, number).map_or(-1, Timestamp::as_second));
            let verdict = deliveries.note(number, 7, AttemptOutcome::Refused, status);
            if verdict != Verdict::GoesOn {
                return (instants, verdict);
            }
        }
    }

    fn deliver(deliveries: &mut Deliveries, number: DeliveryNumber) {
        assert_eq!(deliveries.take_due(Timestamp::MAX, 7), Some(number));
        deliveries.note(number, 7, AttemptOutcome::Delivered, Some(204));
    }

    #[test]
    fn what_fails_is_tried_ten_times_over_three_days() {
        let mut deliveries = Deliveries::default();
        let number = enqueue(&mut deliveries, 1);
        let (instants, verdict) = fail_all(&mut deliveries, Some(500));
        let pauses: Vec<i64> = instants.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(
            pauses,
            [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
        );
        let end = Timestamp::from_second(instants[9]).unwrap();
        assert_eq!((instants[0], verdict), (0, Verdict::Disable(1, end)));
        let delivery = deliveries.get(number).unwrap();
        assert_eq!(delivery.status, DeliveryStatus::Failed);
        assert_eq!((delivery.attempts.len(), delivery.due), (10, None));
    }

    #[test]
    fn a_receiver_that_is_gone_is_not_asked_again() {
        let mut deliveries = Deliveries::default();
        enqueue(&mut deliveries, 1);
        assert_eq!(
            fail_all(&mut deliveries, Some(410)),
            (vec![0], Verdict::Disable(1, start()))
        );
    }

    #[test]
    fn one_attempt_a_subscription_is_under_way_in_the_order_of_their_time() {
        let mut deliveries = Deliveries::default();
        let (first, second) = (enqueue(&mut deliveries, 1), enqueue(&mut deliveries, 1));
        let other = enqueue(&mut deliveries, 2);
        assert_eq!(deliveries.waiting(start()), 3);
        assert_eq!(deliveries.take_due(start(), 1), Some(first));
        assert_eq!(deliveries.take_due(start(), 2), Some(other));
        assert_eq!(deliveries.take_due(Timestamp::MAX, 3), None);
        assert_eq!(
            (deliveries.next_due(), deliveries.waiting(start())),
            (None, 3)
        );
        // The second goes before the first's next attempt.
        deliveries.note(first, 1, AttemptOutcome::TimedOut, None);
        assert_eq!(deliveries.take_due(Timestamp::MAX, 4), Some(second));
        deliveries.note(second, 4, AttemptOutcome::Delivered, Some(200));
        assert_eq!(deliveries.take_due(start(), 5), None);
        assert_eq!(deliveries.waiting(start()), 1);
        assert_eq!(deliveries.take_due(Timestamp::MAX, 5), Some(first));
    }

    #[test]
    fn in_a_copy_what_was_under_way_is_still_to_be_done() {
        let mut deliveries = Deliveries::default();
        let number = enqueue(&mut deliveries, 1);
        deliveries.take_due(start(), 1);
        let mut copy = deliveries.clone();
        assert_eq!(copy.next_due(), Some(start()));
        // The outcome in the one is none in the other.
        copy.note(number, 1, AttemptOutcome::Delivered, Some(200));
        assert_eq!(copy.get(number).unwrap().status, DeliveryStatus::Pending);
        deliveries.note(number, 1, AttemptOutcome::Delivered, Some(200));
        assert_eq!(
            deliveries.get(number).unwrap().status,
            DeliveryStatus::Delivered
        );
    }

    #[test]
    fn a_new_push_begins_from_the_first_attempt() {
        let mut deliveries = Deliveries::default();
        let number = enqueue(&mut deliveries, 1);
        fail_all(&mut deliveries, None);
        let then = start() + Duration::from_secs(999_999);
        deliveries.restart(number, then);
        let delivery = deliveries.get(number).unwrap();
        assert_eq!(delivery.status, DeliveryStatus::Pending);
        assert_eq!((delivery.attempts.len(), delivery.due), (0, Some(then)));
        // What was under way before counts no more, but nothing overtakes it.
        assert_eq!(deliveries.take_due(then, 1), Some(number));
        deliveries.restart(number, then);
        assert_eq!(deliveries.take_due(then, 2), None);
        assert_eq!(deliveries.clone().take_due(then, 2), Some(number));
        deliveries.note(number, 1, AttemptOutcome::Delivered, Some(200));
        assert_eq!(fail_all(&mut deliveries, None).0.len(), 10);
    }

    #[test]
    fn what_ends_with_its_subscription_leaves_nothing_due() {
        let mut deliveries = Deliveries::default();
        let (mine, next) = (enqueue(&mut deliveries, 1), enqueue(&mut deliveries, 1));
        let other = enqueue(&mut deliveries, 2);
        assert_eq!(deliveries.take_due(start(), 1), Some(mine));
        deliveries.give_up(1);
        deliveries.forget(2);
        assert!(deliveries.get(other).is_none());
        assert_eq!(
            (deliveries.next_due(), deliveries.waiting(start())),
            (None, 0)
        );
        let late = deliveries.note(mine, 1, AttemptOutcome::Delivered, Some(200));
        assert_eq!(late, Verdict::GoesOn);
        for number in [mine, next] {
            assert_eq!(
                deliveries.get(number).unwrap().status,
                DeliveryStatus::Failed
            );
        }
    }

    #[test]
    fn of_those_that_ended_the_last_thousand_are_kept() {
        let mut deliveries = Deliveries::default();
        let held = Some(DeliveryEffect::OutOfOrder);
        let pending = deliveries.enqueue(1, Subject::Happened(0), KIND, held, start());
        for _ in 0..1_500 {
            let never = Some(DeliveryEffect::Never);
            deliveries.enqueue(1, Subject::Happened(0), KIND, never, start());
        }
        let kept: Vec<DeliveryNumber> = deliveries.of(1, 0).map(|(number, _)| number).collect();
        assert_eq!(kept.len(), 1_001);
        assert_eq!((kept[0], kept[1]), (pending, 502));
        assert_eq!(deliveries.by_number.len(), 1_001);
    }

    #[test]
    fn out_of_order_waits_to_be_overtaken_but_not_for_ever() {
        let mut deliveries = Deliveries::default();
        let held = Some(DeliveryEffect::OutOfOrder);
        let first = deliveries.enqueue(1, Subject::Happened(0), KIND, held, start());
        assert_eq!(deliveries.take_due(start(), 1), None);
        assert_eq!(due(&deliveries, first), Some(start() + LONGEST_HOLD));
        let second = enqueue(&mut deliveries, 1);
        deliver(&mut deliveries, second);
        deliver(&mut deliveries, first);
        // A third is not overtaken any more.
        let third = enqueue(&mut deliveries, 1);
        deliver(&mut deliveries, third);
    }

    #[test]
    fn what_is_never_pushed_overtakes_nothing() {
        let mut deliveries = Deliveries::default();
        let held = Some(DeliveryEffect::OutOfOrder);
        deliveries.enqueue(1, Subject::Happened(0), KIND, held, start());
        assert!(deliveries.overtakes([2, 1].into_iter()));
        assert!(!deliveries.overtakes([2].into_iter()));
        let never = Some(DeliveryEffect::Never);
        deliveries.enqueue(1, Subject::Happened(0), KIND, never, start());
        assert!(deliveries.overtakes([1].into_iter()));
        enqueue(&mut deliveries, 1);
        assert!(!deliveries.overtakes([1].into_iter()));
    }
}
