//! 推送: each event on its way to each subscription, attempt by attempt.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::Timestamp;
use lingminban::api::{AttemptOutcome, DeliveryStatus, EventType};

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
    /// The attempts of the last push.
    pub attempts: Vec<Attempt>,
    /// When the next attempt is due, or was, if it is being made.
    pub due: Option<Timestamp>,
}

/// Their rows in the store.
const ROWS: &str = "delivery";

/// The deliveries of a space.
#[derive(Clone, Debug)]
pub struct Deliveries {
    by_number: Tracked<BTreeMap<DeliveryNumber, Delivery>>,
    by_webhook: BTreeMap<WebhookNumber, Numbers>,
    agenda: BTreeSet<(Timestamp, DeliveryNumber)>,
    schedule: Schedule,
    last: DeliveryNumber,
    tests: u32,
}

/// The deliveries of one subscription.
#[derive(Clone, Debug, Default)]
struct Numbers {
    all: BTreeSet<DeliveryNumber>,
    ended: BTreeSet<DeliveryNumber>,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            by_number: Tracked::default(),
            by_webhook: BTreeMap::new(),
            agenda: BTreeSet::new(),
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
    /// The subscription is to be disabled: the last attempt failed, or the receiver asked for it.
    Disable,
}

/// 410: the receiver wants nothing more (Standard Webhooks).
const GONE: u16 = 410;

impl Deliveries {
    /// Puts an event on its way, due at once.
    pub fn enqueue(
        &mut self,
        webhook: WebhookNumber,
        subject: Subject,
        kind: EventType,
        at: Timestamp,
    ) -> DeliveryNumber {
        self.last += 1;
        let number = self.last;
        let delivery = Delivery {
            webhook,
            subject,
            kind,
            status: DeliveryStatus::Pending,
            attempts: Vec::new(),
            due: None,
        };
        self.by_number.insert(number, delivery);
        self.by_webhook
            .entry(webhook)
            .or_default()
            .all
            .insert(number);
        self.start(number, at);
        number
    }

    /// Puts an invented event on its way.
    pub fn enqueue_test(
        &mut self,
        webhook: WebhookNumber,
        kind: EventType,
        at: Timestamp,
    ) -> DeliveryNumber {
        self.tests += 1;
        self.enqueue(webhook, Subject::Test(self.tests, at), kind, at)
    }

    /// Begins the attempts of a delivery anew.
    pub fn start(&mut self, number: DeliveryNumber, at: Timestamp) {
        let first = later(at, self.schedule[0]);
        let Some(delivery) = self.by_number.edit(&number) else {
            return;
        };
        delivery.status = DeliveryStatus::Pending;
        delivery.attempts.clear();
        if let Some(before) = delivery.due.replace(first) {
            self.agenda.remove(&(before, number));
        }
        self.agenda.insert((first, number));
        if let Some(numbers) = self.by_webhook.get_mut(&delivery.webhook) {
            numbers.ended.remove(&number);
        }
    }

    /// Takes the next delivery whose attempt is due at `now` or before, to be attempted.
    pub fn take_due(&mut self, now: Timestamp) -> Option<DeliveryNumber> {
        let (at, number) = self.agenda.first().copied()?;
        if at > now {
            return None;
        }
        self.agenda.pop_first();
        Some(number)
    }

    /// When the next attempt is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, _)| *at)
    }

    /// Puts what was taken and never made back where it was.
    pub fn put_back(&mut self, number: DeliveryNumber) {
        let due = self.get(number).and_then(|delivery| delivery.due);
        if let Some(due) = due {
            self.agenda.insert((due, number));
        }
    }

    /// Notes what came of the attempt that was due.
    pub fn note(
        &mut self,
        number: DeliveryNumber,
        outcome: AttemptOutcome,
        status: Option<u16>,
    ) -> Verdict {
        let Some(delivery) = self.by_number.edit(&number) else {
            return Verdict::GoesOn;
        };
        let Some(at) = delivery.due.take() else {
            return Verdict::GoesOn;
        };
        self.agenda.remove(&(at, number));
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
                delivery.due = Some(next);
                self.agenda.insert((next, number));
                Verdict::GoesOn
            }
            _ => {
                self.end(number, DeliveryStatus::Failed);
                Verdict::Disable
            }
        }
    }

    /// Gives up whatever is on its way to a subscription.
    pub fn give_up(&mut self, webhook: WebhookNumber) {
        let pending: Vec<DeliveryNumber> = self
            .by_webhook
            .get(&webhook)
            .map(|numbers| numbers.all.difference(&numbers.ended).copied().collect())
            .unwrap_or_default();
        for number in pending {
            self.end(number, DeliveryStatus::Failed);
        }
    }

    /// Forgets all deliveries to a subscription.
    pub fn forget(&mut self, webhook: WebhookNumber) {
        let numbers = self.by_webhook.remove(&webhook).unwrap_or_default();
        for number in numbers.all {
            self.remove(number);
        }
    }

    /// The highest number given so far, and how many of them were tests.
    #[must_use]
    pub fn counts(&self) -> (DeliveryNumber, u32) {
        (self.last, self.tests)
    }

    /// Hands its rows to the store; the counts go with the space's other numbers.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.by_number);
    }

    /// What was handed to the store. What was taken to be attempted and never noted is due again:
    /// whether it reached the receiver nobody knows.
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
        let rows: Vec<(DeliveryNumber, Delivery)> = reader.table(ROWS)?;
        for (number, delivery) in rows {
            let numbers = deliveries.by_webhook.entry(delivery.webhook).or_default();
            numbers.all.insert(number);
            if delivery.status != DeliveryStatus::Pending {
                numbers.ended.insert(number);
            }
            let due = delivery.due.map(|due| (due, number));
            deliveries.agenda.extend(due);
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
        let numbers = self.by_webhook.get(&webhook).map(|numbers| &numbers.all);
        numbers
            .into_iter()
            .flat_map(move |all| all.range(from..))
            .filter_map(|number| Some((*number, self.get(*number)?)))
    }

    fn end(&mut self, number: DeliveryNumber, status: DeliveryStatus) {
        let Some(delivery) = self.by_number.edit(&number) else {
            return;
        };
        delivery.status = status;
        if let Some(due) = delivery.due.take() {
            self.agenda.remove(&(due, number));
        }
        let numbers = self.by_webhook.entry(delivery.webhook).or_default();
        numbers.ended.insert(number);
        if numbers.ended.len() > MOST_ENDED
            && let Some(oldest) = numbers.ended.pop_first()
        {
            numbers.all.remove(&oldest);
            self.remove(oldest);
        }
    }

    fn remove(&mut self, number: DeliveryNumber) {
        let due = self.by_number.remove(&number).and_then(|gone| gone.due);
        if let Some(due) = due {
            self.agenda.remove(&(due, number));
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
        deliveries.enqueue(webhook, Subject::Happened(0), KIND, start())
    }

    /// Fails every attempt that comes, and gives the instants at which they were due.
    fn fail_all(deliveries: &mut Deliveries, status: Option<u16>) -> (Vec<i64>, Verdict) {
        let mut instants = Vec::new();
        loop {
            let Some(number) = deliveries.take_due(Timestamp::MAX) else {
                return (instants, Verdict::GoesOn);
            };
            let due = deliveries.get(number).and_then(|delivery| delivery.due);
            instants.push(due.map_or(-1, Timestamp::as_second));
            let verdict = deliveries.note(number, AttemptOutcome::Refused, status);
            if verdict == Verdict::Disable {
                return (instants, verdict);
            }
        }
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
        assert_eq!((instants[0], verdict), (0, Verdict::Disable));
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
            (vec![0], Verdict::Disable)
        );
    }

    #[test]
    fn what_was_taken_is_taken_once_and_may_be_put_back() {
        let mut deliveries = Deliveries::default();
        let number = enqueue(&mut deliveries, 1);
        assert_eq!(deliveries.take_due(start()), Some(number));
        assert_eq!(deliveries.take_due(Timestamp::MAX), None);
        deliveries.put_back(number);
        assert_eq!(deliveries.next_due(), Some(start()));
        assert_eq!(deliveries.take_due(start()), Some(number));
        deliveries.note(number, AttemptOutcome::Delivered, Some(204));
        deliveries.put_back(number);
        assert_eq!(deliveries.next_due(), None);
    }

    #[test]
    fn a_new_push_begins_from_the_first_attempt() {
        let mut deliveries = Deliveries::default();
        let number = enqueue(&mut deliveries, 1);
        fail_all(&mut deliveries, None);
        let later = start() + Duration::from_secs(999_999);
        deliveries.start(number, later);
        let delivery = deliveries.get(number).unwrap();
        assert_eq!(delivery.status, DeliveryStatus::Pending);
        assert_eq!((delivery.attempts.len(), delivery.due), (0, Some(later)));
        assert_eq!(fail_all(&mut deliveries, None).0.len(), 10);
    }

    #[test]
    fn what_ends_with_its_subscription_leaves_nothing_due() {
        let mut deliveries = Deliveries::default();
        let (mine, other) = (enqueue(&mut deliveries, 1), enqueue(&mut deliveries, 2));
        deliveries.give_up(1);
        assert_eq!(deliveries.get(mine).unwrap().status, DeliveryStatus::Failed);
        deliveries.forget(2);
        assert!(deliveries.get(other).is_none());
        assert_eq!(deliveries.next_due(), None);
        // An attempt that was under way meanwhile changes nothing.
        assert_eq!(
            deliveries.note(mine, AttemptOutcome::Delivered, Some(200)),
            Verdict::GoesOn
        );
        assert_eq!(deliveries.get(mine).unwrap().status, DeliveryStatus::Failed);
    }

    #[test]
    fn of_those_that_ended_the_last_thousand_are_kept() {
        let mut deliveries = Deliveries::default();
        let pending = enqueue(&mut deliveries, 1);
        for _ in 0..1_500 {
            let number = enqueue(&mut deliveries, 1);
            deliveries.note(number, AttemptOutcome::Delivered, Some(200));
        }
        let kept: Vec<DeliveryNumber> = deliveries.of(1, 0).map(|(number, _)| number).collect();
        assert_eq!(kept.len(), 1_001);
        assert_eq!((kept[0], kept[1]), (pending, 502));
        assert_eq!(deliveries.by_number.len(), 1_001);
    }
}
