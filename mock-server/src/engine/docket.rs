//! The applications of a space: stored once, found by every key the list operation knows.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::RangeBounds,
};

use jiff::{Timestamp, civil::Date};
use lingminban::{
    api::{
        ApplicationFilter, ApplicationStatus, DeregistrationCause, FindingCode, Lookup,
        MaterialKind, MaterialState, OperatorId, PartnerReference, Service, TemporaryPlateCase,
        TransferKind,
    },
    identifiers::{IdentityNumber, Vin},
};
use serde::{Deserialize, Serialize};

use super::{
    directory::{OutletIndex, PartnerIndex},
    register::{Sale, VehicleRecord},
    store::{
        rows::{Damaged, Reader, Writer},
        tracked::Tracked,
    },
};
use crate::rules::materials;

/// Number of an application in its space, in the order of filing.
pub type Number = u32;

/// One application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// 业务类型.
    pub service: Service,
    /// Who filed it.
    pub partner: PartnerIndex,
    /// Through which outlet.
    pub outlet: OutletIndex,
    /// By whom.
    pub operator: OperatorId,
    /// The partner's own name of it.
    pub partner_reference: PartnerReference,
    /// The vehicle.
    pub vin: Vin,
    /// What the service asks for.
    pub materials: Vec<MaterialEntry>,
    /// What the rules found when it was filed; which of it shows is a matter of the state.
    pub grounds: Vec<Ground>,
    /// States entered so far, the first first; never empty.
    pub history: Vec<(ApplicationStatus, Timestamp)>,
    /// When the next state comes by itself, if it does.
    pub due: Option<Timestamp>,
    /// How many times it was read in this state, where that moves it on.
    pub polls: u32,
    /// 查验: whether the vehicle must be shown.
    pub vehicle_check: bool,
    /// What the partner should know although nothing hangs on it.
    pub warnings: Vec<Ground>,
    /// What completion writes.
    pub outcome: Box<Outcome>,
    /// 一窗通办: the bundle it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<Box<BundlePart>>,
}

/// Where in a bundle an application stands: the parts of one have numbers in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundlePart {
    /// The first part.
    pub first: Number,
    /// How many parts there are.
    pub parts: u32,
    /// When its turn came: the end of the part before it.
    pub turn: Option<Timestamp>,
    /// Whose it is: how many parts so far have given the vehicle to another owner.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub applicant: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl BundlePart {
    /// All of the bundle.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<Number> {
        self.first..self.first.saturating_add(self.parts)
    }
}

/// What completion writes: plate and certificate are promised from the filing on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// The vehicle's new record.
    pub record: VehicleRecord,
    /// The seller's, where it is a sale.
    pub sale: Option<(IdentityNumber, Sale)>,
    /// 注销原因, where it is the end of a registration.
    pub deregistered_for: Option<DeregistrationCause>,
    /// 临时行驶车号牌, where it is an application for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temporary_plate: Option<Box<PromisedTemporaryPlate>>,
    /// 互换号牌: the other vehicle's new record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_record: Option<Box<VehicleRecord>>,
    /// 转让地域, where it is not within the city.
    #[serde(default = "local", skip_serializing_if = "is_local")]
    pub transfer_kind: TransferKind,
}

const fn local() -> TransferKind {
    TransferKind::Local
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_local(kind: &TransferKind) -> bool {
    matches!(kind, TransferKind::Local)
}

/// 临时行驶车号牌 to be issued; its days are counted from the day of issue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PromisedTemporaryPlate {
    /// 申领情形.
    pub case: TemporaryPlateCase,
    /// 所有人身份证明号码.
    pub owner: IdentityNumber,
    /// 交强险起始日期, where the insurance begins with the policy named.
    pub insured_from: Option<Date>,
    /// 交强险终止日期.
    pub insured_until: Option<Date>,
    /// 申请有效期止.
    pub asked: Option<Date>,
    /// 道路测试、示范应用凭证有效期止.
    pub permitted_until: Option<Date>,
}

impl Outcome {
    /// Nothing but the record.
    #[must_use]
    pub fn of(record: VehicleRecord) -> Self {
        Self {
            record,
            sale: None,
            deregistered_for: None,
            temporary_plate: None,
            other_record: None,
            transfer_kind: local(),
        }
    }
}

/// One material of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialEntry {
    /// What.
    pub kind: MaterialKind,
    /// How it stands.
    pub state: MaterialState,
    /// The source that exempted it, or did not answer.
    pub lookup: Option<Lookup>,
    /// What was put.
    pub scan: Option<Box<ScanEntry>>,
}

/// A scan that was put; the bytes themselves are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanEntry {
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    /// Number of bytes.
    pub size: u32,
    /// When.
    pub received_at: Timestamp,
}

/// Something on which the authority refuses or investigates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ground {
    /// Place in the submission (RFC 6901).
    pub pointer: Cow<'static, str>,
    /// What.
    pub code: FindingCode,
}

impl From<(&'static str, FindingCode)> for Ground {
    fn from((pointer, code): (&'static str, FindingCode)) -> Self {
        Self {
            pointer: pointer.into(),
            code,
        }
    }
}

impl Ground {
    /// What is the matter with the vehicle that the application is about.
    #[must_use]
    pub fn of_vehicle(code: FindingCode) -> Self {
        Self::from(("/vehicle/vin", code))
    }

    /// Whether the authority looks at it anew whenever it decides: the vehicle, what counts sales and
    /// plates, and what a temporary plate rests on.
    fn is_of_review(&self) -> bool {
        match self.code {
            FindingCode::ThreeSalesInYear
            | FindingCode::TemporaryPlatesUsedUp
            | FindingCode::StockPlatesUsedUp
            | FindingCode::NotInStock
            | FindingCode::NotMovingOut
            | FindingCode::NotBoughtForExport
            | FindingCode::NoPlatesInMaking
            | FindingCode::TemporaryPlateInForce
            | FindingCode::TemporaryPlateDayPassed
            | FindingCode::TestPermitExpired
            | FindingCode::TemporaryPlateBeyondInsurance => true,
            _ => matches!(&*self.pointer, "/vehicle/vin" | "/other/vehicle/vin"),
        }
    }
}

impl Entry {
    /// 办理状态 and since when.
    #[must_use]
    pub fn state(&self) -> (ApplicationStatus, Timestamp) {
        self.history
            .last()
            .copied()
            .unwrap_or((ApplicationStatus::Received, Timestamp::MIN))
    }

    /// 办理状态.
    #[must_use]
    pub fn status(&self) -> ApplicationStatus {
        self.state().0
    }

    /// When it was filed.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.history.first().map_or(Timestamp::MIN, |(_, at)| *at)
    }

    fn accepted_at(&self) -> Option<Timestamp> {
        let mut history = self.history.iter();
        history
            .find(|(status, _)| *status == ApplicationStatus::Accepted)
            .map(|(_, at)| *at)
    }

    /// Whether an earlier part of its bundle has the authority's attention.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.bundle.as_ref().is_some_and(|part| part.turn.is_none())
    }

    /// The day from which the authority handles it: accepted, and its turn in its bundle.
    #[must_use]
    pub fn handled_from(&self) -> Option<Date> {
        let accepted = self.accepted_at()?;
        let turn = self
            .bundle
            .as_ref()
            .map_or(Some(accepted), |part| part.turn)?;
        Some(super::world::date_of(accepted.max(turn)))
    }

    /// 互换号牌: the other vehicle.
    #[must_use]
    pub fn other_vin(&self) -> Option<Vin> {
        let other = self.outcome.other_record.as_ref();
        other.map(|record| record.vin)
    }

    /// A material, where the service asks for it.
    #[must_use]
    pub fn material(&self, kind: MaterialKind) -> Option<&MaterialEntry> {
        self.materials.iter().find(|material| material.kind == kind)
    }

    /// Materials still to be handed in.
    pub fn missing(&self) -> impl Iterator<Item = &MaterialEntry> {
        self.materials
            .iter()
            .filter(|material| material.state == MaterialState::Required)
    }
}

type Bucket = (PartnerIndex, OutletIndex, Service, ApplicationStatus);

/// Their rows in the store.
const ROWS: &str = "application";

/// All applications of a space.
#[derive(Clone, Debug, Default)]
pub struct Docket {
    entries: Tracked<Vec<Entry>>,
    references: HashMap<(PartnerIndex, PartnerReference), Number>,
    by_vin: HashMap<Vin, Vec<Number>>,
    /// Whatever the filter, a page is merged from the few buckets that fit, never by a scan.
    buckets: BTreeMap<Bucket, BTreeSet<Number>>,
    agenda: BTreeSet<(Timestamp, Number)>,
}

/// Up to `limit` numbers in a range, the least first, of all that are in one of these sets: a list from
/// buckets takes no more of any than it shows.
pub(super) fn first_of<'a>(
    sets: impl Iterator<Item = &'a BTreeSet<u32>>,
    range: impl RangeBounds<u32> + Clone,
    limit: usize,
) -> Vec<u32> {
    let mut merged: Vec<u32> = sets
        .flat_map(|members| members.range(range.clone()).take(limit).copied())
        .collect();
    merged.sort_unstable();
    merged.truncate(limit);
    merged
}

impl Docket {
    /// Files an application.
    pub fn file(&mut self, entry: Entry) -> Number {
        let number = self.numbers().end;
        self.references
            .insert((entry.partner, entry.partner_reference.clone()), number);
        for vin in [Some(entry.vin), entry.other_vin()].into_iter().flatten() {
            self.by_vin.entry(vin).or_default().push(number);
        }
        self.buckets
            .entry(bucket(&entry))
            .or_default()
            .insert(number);
        if let Some(due) = entry.due {
            self.agenda.insert((due, number));
        }
        self.entries.push(entry)
    }

    /// One application.
    #[must_use]
    pub fn get(&self, number: Number) -> Option<&Entry> {
        self.entries.get(number as usize)
    }

    /// The application a partner filed under its reference.
    #[must_use]
    pub fn by_reference(
        &self,
        partner: PartnerIndex,
        reference: &PartnerReference,
    ) -> Option<Number> {
        self.references.get(&(partner, reference.clone())).copied()
    }

    /// The applications of this vehicle, the first first.
    pub fn of_vehicle(&self, vin: Vin) -> impl DoubleEndedIterator<Item = Number> {
        self.by_vin.get(&vin).into_iter().flatten().copied()
    }

    /// The applications of this vehicle that have not ended, the last first: several in a bundle, or where a
    /// temporary plate is asked for while plates are made.
    pub fn open_for(&self, vin: Vin) -> impl Iterator<Item = Number> {
        self.of_vehicle(vin).rev().filter(|number| {
            self.get(*number)
                .is_some_and(|entry| !entry.status().is_terminal())
        })
    }

    /// Every part of the bundle that an application is part of; it alone where it is part of none.
    #[must_use]
    pub fn bundle_of(&self, number: Number) -> std::ops::Range<Number> {
        let part = self.get(number).and_then(|entry| entry.bundle.as_deref());
        part.map_or(number..number.saturating_add(1), BundlePart::range)
    }

    /// The parts of an application's bundle for which a material of one is as good as handed in, the one
    /// itself included: what shows who somebody is serves his own parts only.
    pub fn sharing(&self, number: Number, kind: MaterialKind) -> impl Iterator<Item = Number> {
        let applicant = |number: Number| Some(self.get(number)?.bundle.as_ref()?.applicant);
        let own = applicant(number);
        self.bundle_of(number)
            .filter(move |part| !materials::is_personal(kind) || applicant(*part) == own)
    }

    /// The same as applications.
    pub fn together_with(&self, number: Number) -> impl Iterator<Item = &Entry> {
        self.bundle_of(number).filter_map(|part| self.get(part))
    }

    /// Lets the authority turn to a part of a bundle, with the record that the part before it left.
    pub fn take_turn(&mut self, number: Number, at: Timestamp, left: Option<&VehicleRecord>) {
        let Some(entry) = self.entries.edit(number) else {
            return;
        };
        if let Some(part) = &mut entry.bundle {
            part.turn = Some(at);
        }
        let registrations = (
            &mut entry.outcome.record.registration,
            left.and_then(|record| record.registration.as_ref()),
        );
        if let (Some(coming), Some(left)) = registrations {
            coming.follow(left);
        }
    }

    /// Takes in a scan, without changing the state; gives the material as it is now, where the
    /// service asks for it.
    pub fn receive(
        &mut self,
        number: Number,
        kind: MaterialKind,
        scan: ScanEntry,
    ) -> Option<&MaterialEntry> {
        let entry = self.entries.edit(number)?;
        let material = entry
            .materials
            .iter_mut()
            .find(|material| material.kind == kind)?;
        material.state = MaterialState::Received;
        material.scan = Some(Box::new(scan));
        Some(material)
    }

    /// Counts a reading of an application and gives how many there were in this state.
    pub fn count_poll(&mut self, number: Number) -> u32 {
        self.entries.edit(number).map_or(0, |entry| {
            entry.polls = entry.polls.saturating_add(1);
            entry.polls
        })
    }

    /// Asks for a material that is not in hand, whether the service asked for it or not.
    pub fn require(&mut self, number: Number, kind: MaterialKind) {
        let Some(entry) = self.entries.edit(number) else {
            return;
        };
        let known = entry
            .materials
            .iter_mut()
            .find(|material| material.kind == kind);
        match known {
            Some(material) => material.state = MaterialState::Required,
            None => entry.materials.push(MaterialEntry {
                kind,
                state: MaterialState::Required,
                lookup: None,
                scan: None,
            }),
        }
    }

    /// Adds a ground of the authority's.
    pub fn add_ground(&mut self, number: Number, ground: Ground) {
        let Some(entry) = self.entries.edit(number) else {
            return;
        };
        if !entry.grounds.contains(&ground) {
            entry.grounds.push(ground);
            entry.grounds.sort();
        }
    }

    /// Puts in the record as it was written at last.
    pub fn set_record(&mut self, number: Number, record: VehicleRecord) {
        if let Some(entry) = self.entries.edit(number) {
            entry.outcome.record = record;
        }
    }

    /// Puts what a review found in the place of what earlier ones did; what the submission itself shows
    /// stays.
    pub fn set_reviewed_grounds(&mut self, number: Number, found: Vec<Ground>) {
        let Some(entry) = self.entries.edit(number) else {
            return;
        };
        entry.grounds.retain(|ground| !ground.is_of_review());
        entry.grounds.extend(found);
        entry.grounds.sort();
    }

    /// Enters a state, and says when the next one comes by itself.
    pub fn enter(
        &mut self,
        number: Number,
        status: ApplicationStatus,
        at: Timestamp,
        due: Option<Timestamp>,
    ) {
        let Some(entry) = self.entries.edit(number) else {
            return;
        };
        if let Some(members) = self.buckets.get_mut(&bucket(entry)) {
            members.remove(&number);
        }
        entry.history.push((status, at));
        entry.polls = 0;
        if status.is_terminal() {
            // Nothing is added to it any more, and it stays for good.
            entry.history.shrink_to_fit();
            entry.materials.shrink_to_fit();
            entry.grounds.shrink_to_fit();
        }
        self.buckets
            .entry(bucket(entry))
            .or_default()
            .insert(number);
        self.schedule(number, due);
    }

    /// Says when the next state comes by itself.
    pub fn schedule(&mut self, number: Number, due: Option<Timestamp>) {
        let Some(entry) = self.entries.edit(number) else {
            return;
        };
        if let Some(before) = std::mem::replace(&mut entry.due, due) {
            self.agenda.remove(&(before, number));
        }
        if let Some(due) = due {
            self.agenda.insert((due, number));
        }
    }

    /// The next application whose state changes by itself at `now` or before.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<(Timestamp, Number)> {
        self.agenda.first().copied().filter(|(at, _)| *at <= now)
    }

    /// Up to `limit` applications of `partner` that fit the filter, filed as number `from` or later.
    #[must_use]
    pub fn list(
        &self,
        partner: PartnerIndex,
        filter: &Selection<'_>,
        from: Number,
        limit: usize,
    ) -> Vec<Number> {
        if let Some(reference) = filter.partner_reference {
            return self.narrow(
                self.by_reference(partner, reference).into_iter(),
                partner,
                filter,
                from,
                limit,
            );
        }
        if let Some(vin) = filter.vin {
            return self.narrow(self.of_vehicle(vin), partner, filter, from, limit);
        }
        let from = from.max(self.first_since(filter.created_from));
        let before = filter
            .created_before
            .map_or(Number::MAX, |end| self.first_since(Some(end)));
        if from >= before {
            return Vec::new();
        }
        let fitting = self
            .buckets
            .range(
                (
                    partner,
                    OutletIndex::FIRST,
                    Service::ALL[0],
                    ApplicationStatus::ALL[0],
                )..,
            )
            .take_while(|(bucket, _)| bucket.0 == partner)
            .filter(|(bucket, _)| filter.fits(**bucket))
            .map(|(_, members)| members);
        first_of(fitting, from..before, limit)
    }

    fn narrow(
        &self,
        numbers: impl Iterator<Item = Number>,
        partner: PartnerIndex,
        filter: &Selection<'_>,
        from: Number,
        limit: usize,
    ) -> Vec<Number> {
        numbers
            .filter(|number| *number >= from)
            .filter(|number| {
                self.get(*number).is_some_and(|entry| {
                    entry.partner == partner && filter.fits(bucket(entry)) && filter.covers(entry)
                })
            })
            .take(limit)
            .collect()
    }

    /// Number of the first application filed at `start` or later: a space's clock never runs
    /// backwards, so numbers and times have one order.
    fn first_since(&self, start: Option<Timestamp>) -> Number {
        start.map_or(0, |start| {
            let index = self
                .entries
                .partition_point(|entry| entry.created_at() < start);
            Number::try_from(index).unwrap_or(Number::MAX)
        })
    }

    /// The numbers of all applications.
    #[must_use]
    pub fn numbers(&self) -> std::ops::Range<Number> {
        0..Number::try_from(self.entries.len()).unwrap_or(Number::MAX)
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(ROWS, &mut self.entries);
    }

    /// What was handed to the store. Everything but the applications themselves follows from them.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(reader: &mut Reader) -> Result<Self, Damaged> {
        let mut docket = Self::default();
        for entry in reader.list(ROWS)? {
            docket.file(entry);
        }
        docket.entries.watch();
        Ok(docket)
    }

    /// How many applications there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// For numbers the docket itself gave.
impl std::ops::Index<Number> for Docket {
    type Output = Entry;

    fn index(&self, number: Number) -> &Entry {
        &self.entries[number as usize]
    }
}

/// The filter of the list operation, with what the directory knows put in.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    status: Option<ApplicationStatus>,
    service: Option<Service>,
    outlet: Option<OutletIndex>,
    partner_reference: Option<&'a PartnerReference>,
    vin: Option<Vin>,
    created_from: Option<Timestamp>,
    created_before: Option<Timestamp>,
}

impl<'a> Selection<'a> {
    /// The filter, its outlet already found.
    #[must_use]
    pub fn new(filter: &'a ApplicationFilter, outlet: Option<OutletIndex>) -> Self {
        Self {
            status: filter.status,
            service: filter.service,
            outlet,
            partner_reference: filter.partner_reference.as_ref(),
            vin: filter.vin,
            created_from: filter.created_from.map(|moment| moment.timestamp()),
            created_before: filter.created_before.map(|moment| moment.timestamp()),
        }
    }

    fn fits(&self, (_, outlet, service, status): Bucket) -> bool {
        self.outlet.is_none_or(|wanted| wanted == outlet)
            && self.service.is_none_or(|wanted| wanted == service)
            && self.status.is_none_or(|wanted| wanted == status)
    }

    fn covers(&self, entry: &Entry) -> bool {
        self.vin
            .is_none_or(|wanted| wanted == entry.vin || Some(wanted) == entry.other_vin())
            && self
                .created_from
                .is_none_or(|start| entry.created_at() >= start)
            && self
                .created_before
                .is_none_or(|end| entry.created_at() < end)
    }
}

fn bucket(entry: &Entry) -> Bucket {
    (entry.partner, entry.outlet, entry.service, entry.status())
}
