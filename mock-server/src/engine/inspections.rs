//! 检验: the inspections of a space, and whose places in the stations' calendars are taken.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{Timestamp, ToSpan, civil::Date};
use lingminban::{
    api::{
        InspectionFilter, InspectionItem, InspectionStatus, OperatorId, PartnerReference, ShortText,
    },
    identifiers::{PlateNumber, Vin},
    inspection::DueKind,
    moment::BEIJING,
};
use serde::{Deserialize, Serialize};

use super::{
    directory::{OutletIndex, PartnerIndex},
    docket::first_of,
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
    world::date_of,
};
use crate::rules::station_calendar::Slot;

/// Number of an inspection in its space, in the order of booking.
pub type InspectionNumber = u32;

/// One inspection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inspected {
    /// Who booked it.
    pub partner: PartnerIndex,
    /// The station.
    pub outlet: OutletIndex,
    /// The partner's own name of it.
    pub partner_reference: PartnerReference,
    /// The vehicle.
    pub vin: Vin,
    /// 号牌号码, as it was booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate_number: Option<PlateNumber>,
    /// The beginning of its slot.
    pub starts_at: Timestamp,
    /// The end of its slot.
    pub ends_at: Timestamp,
    /// 随到随检.
    pub walk_in: bool,
    /// 检验有效期止 when it was booked.
    pub due_on: Date,
    /// What was due by then.
    pub due_kind: DueKind,
    /// How it stands, and since when.
    pub state: (InspectionStatus, Timestamp),
    /// Every test, the first first.
    pub tests: Vec<Test>,
    /// 手机号码 of the owner, masked.
    pub contact: Box<str>,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// When.
    pub at: Timestamp,
    /// 检验员.
    pub operator: OperatorId,
    /// 不合格项目, and what was found.
    pub failed: Vec<(InspectionItem, ShortText)>,
}

impl Inspected {
    /// 检验状态.
    #[must_use]
    pub fn status(&self) -> InspectionStatus {
        self.state.0
    }

    /// The day it is booked for.
    #[must_use]
    pub fn day(&self) -> Date {
        date_of(self.starts_at)
    }

    /// Whether the vehicle is booked for it or in it. One that failed may come again, or be booked anew
    /// anywhere.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(
            self.status(),
            InspectionStatus::Booked | InspectionStatus::CheckedIn
        )
    }

    /// Whether nothing can follow.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(
            self.status(),
            InspectionStatus::Passed | InspectionStatus::Cancelled | InspectionStatus::NoShow
        )
    }

    /// 待检项目: all of them, or those that failed the last time; none once it has ended.
    #[must_use]
    pub fn items_due(&self) -> Vec<InspectionItem> {
        if self.has_ended() {
            return Vec::new();
        }
        match self.tests.last() {
            None => InspectionItem::ALL.to_vec(),
            Some(last) => last.failed.iter().map(|(item, _)| *item).collect(),
        }
    }

    fn place(&self) -> Place {
        (self.outlet, self.starts_at)
    }

    /// Whether it has a place in the calendar.
    fn takes_a_place(&self) -> bool {
        self.status() != InspectionStatus::Cancelled
    }

    /// Until when the vehicle may come, or be tested where it has; none where neither is awaited.
    fn awaited_until(&self) -> Option<Timestamp> {
        let day = match self.status() {
            InspectionStatus::Booked => self.day(),
            InspectionStatus::CheckedIn => date_of(self.state.1),
            _ => return None,
        };
        let day_after = day.saturating_add(1.day());
        let midnight = BEIJING.to_timestamp(day_after.at(0, 0, 0, 0));
        Some(midnight.unwrap_or(Timestamp::MAX))
    }

    /// What the end of the day makes of it when nothing happened. A check-in holds for the day, or a
    /// vehicle that drove away would be in its inspection, and kept from every other, for ever; what
    /// failed before waits for its re-test again.
    fn at_the_end_of_the_day(&self) -> InspectionStatus {
        match (self.status(), self.tests.is_empty()) {
            (InspectionStatus::CheckedIn, true) => InspectionStatus::Cancelled,
            (InspectionStatus::CheckedIn, false) => InspectionStatus::Failed,
            _ => InspectionStatus::NoShow,
        }
    }
}

type Place = (OutletIndex, Timestamp);
type Bucket = (PartnerIndex, OutletIndex, InspectionStatus);

/// Their rows in the store.
const ROWS: &str = "inspection";

/// The inspections of a space.
#[derive(Clone, Debug, Default)]
pub struct Inspections {
    entries: Tracked<Vec<Inspected>>,
    references: HashMap<(PartnerIndex, PartnerReference), InspectionNumber>,
    by_vin: HashMap<Vin, Vec<InspectionNumber>>,
    /// Whatever the filter, a page comes from the few entries under a reference or a VIN, from one day's, or
    /// from the few buckets that fit: never from a scan of all.
    buckets: BTreeMap<Bucket, BTreeSet<InspectionNumber>>,
    by_day: HashMap<(PartnerIndex, Date), BTreeSet<InspectionNumber>>,
    taken: HashMap<Place, u32>,
    awaited: BTreeSet<(Timestamp, InspectionNumber)>,
}

impl Inspections {
    /// Puts one in.
    pub fn add(&mut self, entry: Inspected) -> InspectionNumber {
        let number = self.entries.push(entry);
        self.register(number);
        number
    }

    fn register(&mut self, number: InspectionNumber) {
        let Some(entry) = self.entries.get(number as usize) else {
            return;
        };
        let reference = (entry.partner, entry.partner_reference.clone());
        self.references.insert(reference, number);
        self.by_vin.entry(entry.vin).or_default().push(number);
        self.note(number);
    }

    /// Notes what lists, calendar and clock have to know of it and what a step may change.
    fn note(&mut self, number: InspectionNumber) {
        let Some(entry) = self.entries.get(number as usize) else {
            return;
        };
        self.buckets
            .entry(bucket(entry))
            .or_default()
            .insert(number);
        self.by_day
            .entry((entry.partner, entry.day()))
            .or_default()
            .insert(number);
        if entry.takes_a_place() {
            *self.taken.entry(entry.place()).or_default() += 1;
        }
        if let Some(until) = entry.awaited_until() {
            self.awaited.insert((until, number));
        }
    }

    /// Takes back what was noted.
    fn forget(&mut self, number: InspectionNumber) {
        let Some(entry) = self.entries.get(number as usize) else {
            return;
        };
        if let Some(members) = self.buckets.get_mut(&bucket(entry)) {
            members.remove(&number);
        }
        if let Some(members) = self.by_day.get_mut(&(entry.partner, entry.day())) {
            members.remove(&number);
        }
        if entry.takes_a_place()
            && let Some(taken) = self.taken.get_mut(&entry.place())
        {
            *taken = taken.saturating_sub(1);
        }
        if let Some(until) = entry.awaited_until() {
            self.awaited.remove(&(until, number));
        }
    }

    /// Changes one, with all that depends on it.
    fn change(&mut self, number: InspectionNumber, change: impl FnOnce(&mut Inspected)) {
        self.forget(number);
        if let Some(entry) = self.entries.edit(number) {
            change(entry);
        }
        self.note(number);
    }

    /// One inspection.
    #[must_use]
    pub fn get(&self, number: InspectionNumber) -> Option<&Inspected> {
        self.entries.get(number as usize)
    }

    /// The inspection that a partner booked under its reference.
    #[must_use]
    pub fn by_reference(
        &self,
        partner: PartnerIndex,
        reference: &PartnerReference,
    ) -> Option<InspectionNumber> {
        self.references.get(&(partner, reference.clone())).copied()
    }

    /// The inspection that the vehicle is booked for or in: one at the most.
    #[must_use]
    pub fn open_for(&self, vin: Vin) -> Option<InspectionNumber> {
        let numbers = self.by_vin.get(&vin)?.iter().rev().copied();
        numbers
            .into_iter()
            .find(|number| self.get(*number).is_some_and(Inspected::is_open))
    }

    /// 余量 of a slot.
    #[must_use]
    pub fn free(&self, outlet: OutletIndex, slot: &Slot) -> u32 {
        let taken = self.taken.get(&(outlet, slot.starts_at));
        slot.capacity.saturating_sub(taken.copied().unwrap_or(0))
    }

    /// 改约.
    pub fn rebook(&mut self, number: InspectionNumber, slot: &Slot) {
        self.change(number, |entry| {
            (entry.starts_at, entry.ends_at) = (slot.starts_at, slot.ends_at);
        });
    }

    /// Enters a state.
    pub fn enter(&mut self, number: InspectionNumber, status: InspectionStatus, at: Timestamp) {
        self.change(number, |entry| entry.state = (status, at));
    }

    /// Puts in what a test showed; whether the vehicle passed.
    pub fn record(&mut self, number: InspectionNumber, test: Test) -> bool {
        let passed = test.failed.is_empty();
        let status = if passed {
            InspectionStatus::Passed
        } else {
            InspectionStatus::Failed
        };
        self.change(number, |entry| {
            entry.state = (status, test.at);
            entry.tests.push(test);
        });
        passed
    }

    /// Whoever has not come by the end of the day does not come, and is not tested who was not by then.
    pub fn expire(&mut self, now: Timestamp) {
        while let Some((until, number)) = self.awaited.first().copied()
            && until <= now
        {
            self.awaited.pop_first();
            if let Some(entry) = self.get(number) {
                let status = entry.at_the_end_of_the_day();
                self.enter(number, status, until);
            }
        }
    }

    /// Up to `limit` of a partner's that fit the filter, its outlet already found, from a number on.
    #[must_use]
    pub fn list(
        &self,
        partner: PartnerIndex,
        filter: &InspectionFilter,
        outlet: Option<OutletIndex>,
        from: InspectionNumber,
        limit: usize,
    ) -> Vec<InspectionNumber> {
        let reference = filter.partner_reference.as_ref();
        let fits = |number: &InspectionNumber| {
            self.get(*number).is_some_and(|entry| {
                *number >= from
                    && entry.partner == partner
                    && filter.status.is_none_or(|wanted| wanted == entry.status())
                    && outlet.is_none_or(|wanted| wanted == entry.outlet)
                    && filter.on.is_none_or(|wanted| wanted == entry.day())
                    && filter.vin.is_none_or(|wanted| wanted == entry.vin)
                    && reference.is_none_or(|wanted| *wanted == entry.partner_reference)
            })
        };
        if let Some(reference) = reference {
            let named = self.by_reference(partner, reference).into_iter();
            return named.filter(fits).take(limit).collect();
        }
        if let Some(vin) = filter.vin {
            let numbers = self.by_vin.get(&vin).into_iter().flatten().copied();
            return numbers.filter(fits).take(limit).collect();
        }
        if let Some(day) = filter.on {
            let members = self.by_day.get(&(partner, day)).into_iter();
            let numbers = members.flat_map(|members| members.range(from..)).copied();
            return numbers.filter(fits).take(limit).collect();
        }
        let first = (partner, OutletIndex::FIRST, InspectionStatus::ALL[0]);
        let fitting = self
            .buckets
            .range(first..)
            .take_while(|(bucket, _)| bucket.0 == partner)
            .filter(|((_, at, status), _)| {
                outlet.is_none_or(|wanted| wanted == *at)
                    && filter.status.is_none_or(|wanted| wanted == *status)
            })
            .map(|(_, members)| members);
        first_of(fitting, from.., limit)
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.entries);
    }

    /// What was handed to the store. Everything but the inspections themselves follows from them.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(reader: &mut Reader) -> Result<Self, Damaged> {
        let mut inspections = Self::default();
        for entry in reader.list(ROWS)? {
            inspections.add(entry);
        }
        inspections.entries.watch();
        Ok(inspections)
    }
}

fn bucket(entry: &Inspected) -> Bucket {
    (entry.partner, entry.outlet, entry.status())
}

/// For numbers the inspections themselves gave.
impl std::ops::Index<InspectionNumber> for Inspections {
    type Output = Inspected;

    fn index(&self, number: InspectionNumber) -> &Inspected {
        &self.entries[number as usize]
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::{
        engine::space::DEFAULT_START,
        rules::{station_calendar, working_days::WorkingCalendar},
    };

    const STATION: OutletIndex = OutletIndex::FIRST;

    fn slot(nth: usize) -> Slot {
        let calendar = WorkingCalendar::new();
        let mut slots = station_calendar::slots(0, date(2026, 3, 2), &calendar);
        slots.nth(nth).unwrap()
    }

    fn booked(reference: &str, slot: &Slot) -> Inspected {
        Inspected {
            partner: PartnerIndex::FIRST,
            outlet: STATION,
            partner_reference: reference.parse().unwrap(),
            vin: "LZZTEST10N1000001".parse().unwrap(),
            plate_number: Some("鲁C12345".parse().unwrap()),
            starts_at: slot.starts_at,
            ends_at: slot.ends_at,
            walk_in: false,
            due_on: date(2026, 4, 30),
            due_kind: DueKind::Test,
            state: (InspectionStatus::Booked, DEFAULT_START),
            tests: Vec::new(),
            contact: "139****0002".into(),
        }
    }

    #[test]
    fn places_follow_bookings_and_come_back_after_a_restart() {
        let (first, second) = (slot(0), slot(1));
        let mut inspections = Inspections::default();
        let moved = inspections.add(booked("A", &first));
        let cancelled = inspections.add(booked("B", &first));
        inspections.rebook(moved, &second);
        inspections.enter(cancelled, InspectionStatus::Cancelled, DEFAULT_START);

        let mut writer = Writer::of_everything();
        inspections.save(&mut writer);
        let mut reader = Reader::default();
        for row in writer.finish().unwrap() {
            reader.add(row.kind.to_owned(), row.key, row.value.unwrap());
        }
        let loaded = Inspections::load(&mut reader).unwrap();
        for known in [&inspections, &loaded] {
            assert_eq!(known.free(STATION, &first), first.capacity);
            assert_eq!(known.free(STATION, &second), second.capacity - 1);
            let reference = "A".parse().unwrap();
            let found = known.by_reference(PartnerIndex::FIRST, &reference);
            assert_eq!(found, Some(moved));
        }
    }

    #[test]
    fn who_has_not_come_by_midnight_has_not_come_nor_is_tested_who_was_not() {
        let slot = slot(7);
        let mut inspections = Inspections::default();
        let came = inspections.add(booked("A", &slot));
        let missed = inspections.add(booked("B", &slot));
        let failed = inspections.add(booked("C", &slot));
        inspections.record(failed, failed_test(&[InspectionItem::Brakes]));
        for there in [came, failed] {
            inspections.enter(there, InspectionStatus::CheckedIn, slot.starts_at);
        }
        let midnight = "2026-03-02T16:00:00Z".parse().unwrap();
        inspections.expire(midnight - 1.millisecond());
        let status = |inspections: &Inspections, number| inspections.get(number).unwrap().state;
        assert_eq!(
            status(&inspections, missed),
            (InspectionStatus::Booked, DEFAULT_START)
        );
        inspections.expire(midnight);
        for (number, ended) in [
            (missed, InspectionStatus::NoShow),
            (came, InspectionStatus::Cancelled),
            (failed, InspectionStatus::Failed),
        ] {
            assert_eq!(status(&inspections, number), (ended, midnight));
        }
        assert_eq!(inspections.open_for(booked("D", &slot).vin), None);
        assert_eq!(inspections.get(failed).unwrap().items_due().len(), 1);
    }

    fn failed_test(items: &[InspectionItem]) -> Test {
        Test {
            at: DEFAULT_START,
            operator: "zb-station-001-op1".parse().unwrap(),
            failed: items
                .iter()
                .map(|item| (*item, "制动力不足".parse().unwrap()))
                .collect(),
        }
    }

    /// By every filter alone and together, whatever has happened since the booking.
    #[test]
    fn a_list_is_of_all_that_fit_in_the_order_of_booking() {
        let partners: [PartnerIndex; 2] = [0, 1].map(|number| decoded(&json!(number)));
        let outlets: [OutletIndex; 3] = [0, 1, 2].map(|number| decoded(&json!(number)));
        let days = [date(2026, 3, 2), date(2026, 3, 3)];
        let vin = |number: usize| {
            Vin::with_check_digit(&format!("LZZTEST10N100000{}", number % 4 + 1)).unwrap()
        };
        let calendar = WorkingCalendar::new();
        let slot_of = |number: usize| {
            let mut slots = station_calendar::slots(0, days[number % 2], &calendar);
            slots.nth(number % 8).unwrap()
        };
        let mut inspections = Inspections::default();
        for number in 0..120 {
            let entry = Inspected {
                partner: partners[usize::from(number % 5 == 0)],
                outlet: outlets[number % 3],
                vin: vin(number),
                ..booked(&format!("R-{number}"), &slot_of(number))
            };
            let at = inspections.add(entry);
            match number % 7 {
                0 => inspections.enter(at, InspectionStatus::Cancelled, DEFAULT_START),
                1 => inspections.rebook(at, &slot_of(number + 1)),
                2 => {
                    inspections.record(at, failed_test(&[InspectionItem::Brakes]));
                }
                _ => {}
            }
        }
        let statuses = [
            None,
            Some(InspectionStatus::Booked),
            Some(InspectionStatus::Failed),
        ];
        let vins = [None, Some(vin(2))];
        let references = [
            None,
            Some("R-11".parse().unwrap()),
            Some("X".parse().unwrap()),
        ];
        let mut listed = 0;
        for (status, on) in pairs(&statuses, &[None, Some(days[0]), Some(date(2027, 1, 1))]) {
            for (vin, reference) in pairs(&vins, &references) {
                for (outlet, partner) in pairs(&[None, Some(outlets[1])], &partners) {
                    let filter = InspectionFilter {
                        status,
                        on,
                        vin,
                        partner_reference: reference.clone(),
                        ..InspectionFilter::default()
                    };
                    let fits = |number: &InspectionNumber| {
                        let entry = &inspections[*number];
                        let named = |wanted: &PartnerReference| *wanted == entry.partner_reference;
                        entry.partner == partner
                            && outlet.is_none_or(|wanted| wanted == entry.outlet)
                            && status.is_none_or(|wanted| wanted == entry.status())
                            && on.is_none_or(|wanted| wanted == entry.day())
                            && vin.is_none_or(|wanted| wanted == entry.vin)
                            && reference.as_ref().is_none_or(named)
                    };
                    for (from, limit) in [(0, 200), (0, 3), (41, 200), (41, 3)] {
                        let all = (from..120).filter(fits);
                        let expected: Vec<_> = all.take(limit).collect();
                        let got = inspections.list(partner, &filter, outlet, from, limit);
                        assert_eq!(got, expected, "{filter:?} {outlet:?}");
                        listed += got.len();
                    }
                }
            }
        }
        assert!(listed > 1_000, "{listed}");
    }

    fn decoded<T: serde::de::DeserializeOwned>(value: &serde_json::Value) -> T {
        T::deserialize(value).unwrap()
    }

    fn pairs<A: Clone, B: Clone>(these: &[A], those: &[B]) -> Vec<(A, B)> {
        let pair = |this: &A| {
            let this = this.clone();
            those.iter().map(move |that| (this.clone(), that.clone()))
        };
        these.iter().flat_map(pair).collect()
    }

    #[test]
    fn a_re_test_is_of_what_failed() {
        let mut inspections = Inspections::default();
        let number = inspections.add(booked("A", &slot(0)));
        let due = |inspections: &Inspections| inspections.get(number).unwrap().items_due();
        assert_eq!(due(&inspections), InspectionItem::ALL);
        let again = [InspectionItem::Brakes, InspectionItem::Headlamps];
        assert!(!inspections.record(number, failed_test(&again)));
        assert_eq!(due(&inspections), again);
        assert!(inspections.record(number, failed_test(&[])));
        assert_eq!(due(&inspections), []);
    }
}
