//! 机动车登记档案: vehicles, plates and people as the authority has them on record.
//!
//! A space stands on a base that all spaces share and holds only what differs from it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::civil::Date;
use lingminban::{
    api::{CompulsoryInsurance, Lookup, ShortText, TemporaryPlateCase, TransferKind},
    codes::{PlateKind, UseCharacter, VehicleStatusFlag, VehicleType},
    identifiers::{
        IdentityNumber, PersonName, PlateNumber, RegistrationCertificateNumber, SocialCreditCode,
        Vin,
    },
    inspection::{self, Outstanding, Parameters, VehicleProfile},
    wire_enum::WireEnum,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::store::{
    rows::{Damaged, Reader, Writer},
    tracked::Tracked,
};
use crate::rules::own_number;

/// A plate's key: kind and number together (a car and a motorcycle may share a number).
pub type Plate = (PlateKind, PlateNumber);

/// 机动车档案.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VehicleRecord {
    /// 车辆识别代号.
    pub vin: Vin,
    /// 车辆类型.
    pub vehicle_type: VehicleType,
    /// 使用性质.
    pub use_character: UseCharacter,
    /// 核定载客人数.
    pub seats: u16,
    /// 出厂日期.
    pub manufactured_on: Option<Date>,
    /// 机动车状态, as a set.
    pub flags: Words<VehicleStatusFlag>,
    /// Faults of the vehicle itself that only a check against other records shows.
    pub defects: Defects,
    /// Sources that have no answer for this vehicle.
    pub silent_lookups: Words<Lookup>,
    /// 登记, once registered.
    pub registration: Option<Registration>,
    /// 检验合格日期: when it passed its last test; none where it failed that one, or a mark rests on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_on: Option<Date>,
    /// 临时行驶车号牌 issued on an application for one, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub temporary_plates: Vec<IssuedTemporaryPlate>,
}

/// 临时行驶车号牌, as issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedTemporaryPlate {
    /// 号码.
    pub plate_number: String,
    /// 申领情形.
    pub case: TemporaryPlateCase,
    /// 所有人身份证明号码 of whoever had the vehicle then.
    pub owner: IdentityNumber,
    /// 有效期起.
    pub valid_from: Date,
    /// 有效期止.
    pub valid_until: Date,
    /// 第几次 of its case and owner.
    pub nth: u32,
}

/// What the authority knows of a vehicle beside its status flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defects {
    /// 来历证明被涂改 (R164 Art 15(2)).
    pub origin_altered: bool,
    /// 型号未列入公告 (R164 Art 15(5)).
    pub model_not_announced: bool,
    /// 技术数据不符合国家安全技术标准 (R164 Art 15(6)).
    pub below_standard: bool,
    /// 人身伤亡事故或改装被处罚: the old inspection cycle from that day.
    pub old_cycle_from: Option<Date>,
}

/// 登记 of a vehicle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Registration {
    /// 号牌种类; in stock, of the plates to come.
    pub plate_kind: PlateKind,
    /// 号牌号码; in stock, and of a vehicle that has left, the one that was collected.
    pub plate_number: PlateNumber,
    /// 登记证书编号.
    pub certificate_number: RegistrationCertificateNumber,
    /// 所有人姓名.
    pub owner_name: PersonName,
    /// 所有人身份证明号码.
    pub owner_identity: IdentityNumber,
    /// 初次登记日期.
    pub first_registered_on: Date,
    /// 取得日期 of the present owner.
    pub acquired_on: Date,
    /// 取号日期: when it got its number here; none where it has had it as long as it is on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbered_on: Option<Date>,
    /// 抵押登记和质押备案 in force, the oldest first.
    pub mortgages: Vec<Mortgage>,
    /// 交强险终止日期.
    pub insured_until: Option<Date>,
    /// 检验有效期止, as issued.
    pub inspection_due_on: Date,
    /// 强制报废期止, where one is on record that the class does not give.
    pub scrap_due_on: Option<Date>,
    /// 互换号牌日期: when its number was last exchanged (R164 Art 20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_exchanged_on: Option<Date>,
    /// 外地登记: registered with another authority, known here as the national register has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// 二手车待销售: in the stock of the dealer who owns it, without plates; or sold from there to another city,
    /// which gives it its plates.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_stock: bool,
}

/// 签注 in the papers of a vehicle that a dealer holds for sale (商消费发〔2022〕92号).
pub const AWAITING_SALE: &str = "二手车待销售";

impl Registration {
    /// 号牌.
    #[must_use]
    pub fn plate(&self) -> Plate {
        (self.plate_kind, self.plate_number)
    }

    /// 交强险 in force, on its last day too.
    #[must_use]
    pub fn is_insured_on(&self, day: Date) -> bool {
        self.insured_until.is_some_and(|last| last >= day)
    }

    /// 交强险: a policy that is named holds beside the one on record, until the later of their last days.
    pub fn insure(&mut self, policy: Option<&CompulsoryInsurance>) {
        let named = policy.map(|policy| policy.valid_until);
        self.insured_until = named.max(self.insured_until);
    }

    /// 号牌 as papers name them: kind 41 and no number where it bears none.
    #[must_use]
    pub fn plate_shown(&self) -> (PlateKind, Option<PlateNumber>) {
        if self.in_stock {
            (PlateKind::Unplated, None)
        } else {
            (self.plate_kind, Some(self.plate_number))
        }
    }

    /// Takes over the dates that only the completion of what went before it could fix.
    pub fn follow(&mut self, before: &Self) {
        self.first_registered_on = before.first_registered_on;
        self.acquired_on = before.acquired_on;
        self.numbered_on = before.numbered_on;
        self.inspection_due_on = before.inspection_due_on;
        for mortgage in &mut self.mortgages {
            let same = |one: &&Mortgage| {
                one.lender == mortgage.lender
                    && one.contract_number == mortgage.contract_number
                    && one.pledged == mortgage.pledged
            };
            let dated = before.mortgages.iter().find(same);
            mortgage.registered_on = dated.and_then(|dated| dated.registered_on);
        }
    }
}

/// 抵押登记 or 质押备案.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mortgage {
    /// 抵押权人、质权人.
    pub lender: SocialCreditCode,
    /// Its name; none where it was not kept.
    pub lender_name: Option<ShortText>,
    /// 抵押合同编号; none where it was not kept.
    pub contract_number: Option<ShortText>,
    /// 登记日期; none until it is completed.
    pub registered_on: Option<Date>,
    /// 质押: whether it is a pledge.
    pub pledged: bool,
}

impl VehicleRecord {
    /// What the authority may know of a vehicle before its registration says what it is.
    #[must_use]
    pub fn unregistered(vin: Vin) -> Self {
        Self {
            vin,
            vehicle_type: VehicleType::K33,
            use_character: UseCharacter::NonOperating,
            seats: 5,
            manufactured_on: None,
            flags: Words::default(),
            defects: Defects::default(),
            silent_lookups: Words::default(),
            registration: None,
            passed_on: None,
            temporary_plates: Vec::new(),
        }
    }

    /// 转出: it has left the city. Where it went is another register's to say.
    #[must_use]
    pub fn has_moved_out(&self) -> bool {
        self.flags.contains(VehicleStatusFlag::TransferredOut)
    }

    /// 转出、转入: it leaves the city, or comes to it.
    pub fn change_place(&mut self, kind: TransferKind) {
        match kind {
            TransferKind::Local => {}
            TransferKind::Outbound => self.flags.insert(VehicleStatusFlag::TransferredOut),
            TransferKind::Inbound => {
                self.flags.remove(VehicleStatusFlag::TransferredOut);
                if let Some(registration) = &mut self.registration {
                    registration.elsewhere = false;
                }
            }
        }
    }

    /// What decides the vehicle's inspection cycle.
    #[must_use]
    pub fn profile(&self, first_registered_on: Date) -> VehicleProfile {
        VehicleProfile::builder()
            .vehicle_type(self.vehicle_type)
            .use_character(self.use_character)
            .seats(self.seats)
            .first_registered_on(first_registered_on)
            .maybe_manufactured_on(self.manufactured_on)
            .maybe_old_cycle_from(self.defects.old_cycle_from)
            .build()
    }

    /// What is outstanding for its mark on a day; none without a registration.
    #[must_use]
    pub fn outstanding(&self, today: Date) -> Option<Outstanding> {
        let registration = self.registration.as_ref()?;
        let profile = self.profile(registration.first_registered_on);
        let due_on = registration.inspection_due_on;
        inspection::outstanding(&profile, due_on, today, &Parameters::default())
    }

    /// 强制报废期止: on record, or by class (商务部令2012年第12号).
    #[must_use]
    pub fn scrap_due_on(&self) -> Option<Date> {
        let registration = self.registration.as_ref()?;
        let profile = self.profile(registration.first_registered_on);
        registration
            .scrap_due_on
            .or_else(|| inspection::scrap_due_on(&profile, &Parameters::default()))
    }
}

/// A set of a closed list's words, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words<E> {
    bits: u64,
    of: std::marker::PhantomData<E>,
}

impl<E> Default for Words<E> {
    fn default() -> Self {
        Self::from_bits(0)
    }
}

impl<E> Words<E> {
    /// The set as a number.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.bits
    }

    /// The set of a number.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self {
            bits,
            of: std::marker::PhantomData,
        }
    }
}

impl<E: WireEnum> Words<E> {
    fn bit(word: E) -> u64 {
        E::ALL
            .iter()
            .position(|member| *member == word)
            .map_or(0, |index| 1 << index)
    }

    /// Puts a word in.
    pub fn insert(&mut self, word: E) {
        self.bits |= Self::bit(word);
    }

    /// Takes a word out.
    pub fn remove(&mut self, word: E) {
        self.bits &= !Self::bit(word);
    }

    /// Whether the word is in.
    #[must_use]
    pub fn contains(self, word: E) -> bool {
        self.bits & Self::bit(word) != 0
    }

    /// The words in the order of their list.
    pub fn iter(self) -> impl Iterator<Item = E> {
        E::ALL
            .iter()
            .copied()
            .filter(move |word| self.contains(*word))
    }
}

impl<E: WireEnum> FromIterator<E> for Words<E> {
    fn from_iter<I: IntoIterator<Item = E>>(words: I) -> Self {
        let mut set = Self::default();
        words.into_iter().for_each(|word| set.insert(word));
        set
    }
}

/// Stored as words: the list may grow, and its order is nobody's promise.
impl<E: WireEnum> Serialize for Words<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(E::as_str))
    }
}

impl<'de, E: WireEnum> Deserialize<'de> for Words<E> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<Box<str>>::deserialize(deserializer)?;
        let known = words.iter().map(|word| E::from_word(word));
        known
            .collect::<Option<_>>()
            .ok_or_else(|| de::Error::custom("no word of the list"))
    }
}

/// A person or an organisation, as far as the authority has something on record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// 不得再次申请至 (R164 Art 80, 81): the last day.
    pub barred_until: Option<Date>,
    /// 出售记录: used vehicles sold.
    pub sales: Vec<Sale>,
    /// 备案二手车经营主体: on the list that commerce hands to the police (商消费发〔2022〕92号).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filed_dealer: bool,
    /// 曾用、现用证件号码: the other identity numbers of the same person, as far as changes of them were
    /// filed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_numbers: Vec<IdentityNumber>,
}

/// 交回的号牌号码: a number that its vehicle lost when it was sold or deregistered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenUp {
    /// Who had it.
    pub owner: IdentityNumber,
    /// The vehicle that had it.
    pub vin: Vin,
    /// Since when the owner had vehicle and number.
    pub used_since: Date,
    /// The day on which it was given up.
    pub given_up_on: Date,
}

/// One vehicle sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// 开票日期.
    pub sold_on: Date,
    /// 取得日期 of the vehicle.
    pub acquired_on: Date,
}

/// What every fresh space knows, shared by all.
#[derive(Debug, Default)]
pub struct BaseRegister {
    vehicles: HashMap<Vin, VehicleRecord>,
    plates: HashMap<Plate, Vin>,
    people: HashMap<IdentityNumber, PersonRecord>,
    given_up: HashMap<Plate, GivenUp>,
}

impl BaseRegister {
    /// Puts a vehicle on record.
    pub fn put_vehicle(&mut self, record: VehicleRecord) {
        if let Some(plate) = plate_of(&record) {
            self.plates.insert(plate, record.vin);
        }
        self.vehicles.insert(record.vin, record);
    }

    /// Puts a person on record.
    pub fn put_person(&mut self, identity: IdentityNumber, record: PersonRecord) {
        self.people.insert(identity, record);
    }

    /// Puts a number on record that was given up.
    pub fn put_given_up(&mut self, plate: Plate, given_up: GivenUp) {
        self.given_up.insert(plate, given_up);
    }
}

/// The register of one space.
#[derive(Clone, Debug)]
pub struct Register {
    base: Arc<BaseRegister>,
    vehicles: Tracked<HashMap<Vin, VehicleRecord>>,
    /// `None` where the base's plate was given back.
    plates: HashMap<Plate, Option<Vin>>,
    /// Numbers promised to applications that are not finished.
    reserved: Tracked<HashSet<Plate>>,
    people: Tracked<HashMap<IdentityNumber, PersonRecord>>,
    /// Numbers given up, each with its last owner; `None` where the number is on a vehicle again.
    given_up: Tracked<HashMap<Plate, Option<GivenUp>>>,
    /// The day on which it is looked at; never kept.
    today: Date,
    /// What a vehicle's record would be, while that is looked at; never kept.
    supposed: Option<Box<VehicleRecord>>,
}

/// Rows of vehicles, of numbers promised, of people and of numbers given up in the store.
const VEHICLES: &str = "vehicle";
const RESERVED: &str = "reserved_plate";
const PEOPLE: &str = "person";
const GIVEN_UP: &str = "given_up_plate";

impl Register {
    /// The register of a fresh space.
    #[must_use]
    pub fn new(base: Arc<BaseRegister>) -> Self {
        Self {
            base,
            vehicles: Tracked::default(),
            plates: HashMap::new(),
            reserved: Tracked::default(),
            people: Tracked::default(),
            given_up: Tracked::default(),
            today: Date::MIN,
            supposed: None,
        }
    }

    /// Hands its rows to the store.
    pub fn save(&mut self, writer: &mut Writer) {
        writer.table(VEHICLES, &mut self.vehicles);
        writer.table(RESERVED, &mut self.reserved);
        writer.table(PEOPLE, &mut self.people);
        writer.table(GIVEN_UP, &mut self.given_up);
    }

    /// What was handed to the store, on the same base.
    ///
    /// # Errors
    /// When it makes no sense.
    pub fn load(base: Arc<BaseRegister>, reader: &mut Reader) -> Result<Self, Damaged> {
        let mut register = Self::new(base);
        let vehicles: Vec<(Vin, VehicleRecord)> = reader.table(VEHICLES)?;
        // Who has a number now comes last: another vehicle may have had it before.
        for (vin, _) in &vehicles {
            if let Some(plate) = register.base.vehicles.get(vin).and_then(plate_of) {
                register.plates.insert(plate, None);
            }
        }
        for (vin, record) in vehicles {
            if let Some(plate) = plate_of(&record) {
                register.plates.insert(plate, Some(vin));
            }
            register.vehicles.insert(vin, record);
        }
        for (plate, ()) in reader.table(RESERVED)? {
            register.reserved.insert(plate);
        }
        for (identity, record) in reader.table(PEOPLE)? {
            register.people.insert(identity, record);
        }
        for (plate, given_up) in reader.table(GIVEN_UP)? {
            register.given_up.insert(plate, given_up);
        }
        register.given_up.watch();
        register.vehicles.watch();
        register.reserved.watch();
        register.people.watch();
        Ok(register)
    }

    /// A vehicle on record, registered or not.
    #[must_use]
    pub fn vehicle(&self, vin: Vin) -> Option<&VehicleRecord> {
        if let Some(supposed) = self.supposed.as_deref().filter(|record| record.vin == vin) {
            return Some(supposed);
        }
        self.on_file(vin)
    }

    /// The same as it is written, whatever is supposed: what papers name a vehicle by.
    #[must_use]
    pub fn on_file(&self, vin: Vin) -> Option<&VehicleRecord> {
        self.vehicles
            .get(&vin)
            .or_else(|| self.base.vehicles.get(&vin))
    }

    /// 号牌种类 by which papers name a vehicle, whatever is supposed.
    #[must_use]
    pub fn plate_kind_shown(&self, vin: Vin) -> Option<PlateKind> {
        let registration = self.on_file(vin)?.registration.as_ref()?;
        Some(registration.plate_shown().0)
    }

    /// Lets one vehicle's record be another until the next supposition; numbers stay whose they are.
    pub fn suppose(&mut self, record: Option<VehicleRecord>) {
        self.supposed = record.map(Box::new);
    }

    /// The vehicle with a plate.
    #[must_use]
    pub fn by_plate(&self, plate: &Plate) -> Option<&VehicleRecord> {
        let vin = match self.plates.get(plate) {
            Some(changed) => (*changed)?,
            None => *self.base.plates.get(plate)?,
        };
        self.vehicle(vin)
    }

    /// Whether anybody may have the number: nobody has it, it is not promised, and not kept for who
    /// had it last.
    #[must_use]
    pub fn is_free(&self, plate: &Plate) -> bool {
        let kept = || {
            let given_up = self.given_up(plate);
            given_up.is_some_and(|given_up| own_number::claim(given_up, self.today).is_ok())
        };
        self.is_unused(plate) && !kept()
    }

    /// Whether nobody has the number and it is not promised.
    #[must_use]
    pub fn is_unused(&self, plate: &Plate) -> bool {
        self.by_plate(plate).is_none() && !self.reserved.contains(plate)
    }

    /// Who gave the number up, while it is on no vehicle.
    #[must_use]
    pub fn given_up(&self, plate: &Plate) -> Option<&GivenUp> {
        match self.given_up.get(plate) {
            Some(changed) => changed.as_ref(),
            None => self.base.given_up.get(plate),
        }
    }

    /// Notes who gives a number up.
    pub fn note_given_up(&mut self, plate: Plate, given_up: GivenUp) {
        self.given_up.insert(plate, Some(given_up));
    }

    /// Looks at it on a day.
    pub fn look_on(&mut self, today: Date) {
        self.today = today;
    }

    /// The number that a record to be written would give to its vehicle anew.
    #[must_use]
    pub fn promised(&self, record: &VehicleRecord) -> Option<Plate> {
        // What has moved out may come back for the very number it had.
        let of = |record: &VehicleRecord| {
            let here = record.registration.as_ref();
            let here = here.filter(|_| !record.has_moved_out());
            let plated = here.filter(|registration| !registration.in_stock);
            plated.map(Registration::plate)
        };
        let before = self.vehicle(record.vin).and_then(of);
        of(record).filter(|plate| before != Some(*plate))
    }

    /// Promises a number to an application.
    pub fn reserve(&mut self, plate: Plate) {
        self.reserved.insert(plate);
    }

    /// Gives a promised number back.
    pub fn release(&mut self, plate: &Plate) {
        self.reserved.remove(plate);
    }

    /// Writes a record; the number the vehicle had before becomes free.
    pub fn put_vehicle(&mut self, record: VehicleRecord) {
        if let Some(before) = self.vehicle(record.vin).and_then(plate_of) {
            self.plates.insert(before, None);
        }
        if let Some(plate) = plate_of(&record) {
            self.reserved.remove(&plate);
            if self.given_up(&plate).is_some() {
                self.given_up.insert(plate, None);
            }
            self.plates.insert(plate, Some(record.vin));
        }
        self.vehicles.insert(record.vin, record);
    }

    /// Writes the records of two vehicles that exchange numbers, in one step: written one after the other,
    /// the second would give back what the first has just got.
    pub fn put_exchanged(&mut self, records: [VehicleRecord; 2]) {
        let before = |record: &VehicleRecord| self.vehicle(record.vin).and_then(plate_of);
        for plate in records.each_ref().map(before).into_iter().flatten() {
            self.plates.insert(plate, None);
        }
        for record in records {
            if let Some(plate) = plate_of(&record) {
                self.reserved.remove(&plate);
                self.plates.insert(plate, Some(record.vin));
            }
            self.vehicles.insert(record.vin, record);
        }
    }

    fn person(&self, identity: &IdentityNumber) -> Option<&PersonRecord> {
        self.people
            .get(identity)
            .or_else(|| self.base.people.get(identity))
    }

    /// What is on record of a person, under whichever identity number: nobody sheds anything with the old
    /// one.
    pub fn person_records(
        &self,
        identity: &IdentityNumber,
    ) -> impl Iterator<Item = &PersonRecord> + use<'_> {
        let own = self.person(identity);
        let others = own.map_or(&[][..], |own| &own.other_numbers);
        let others = others.iter().filter_map(|other| self.person(other));
        own.into_iter().chain(others)
    }

    /// Whether two identity numbers are known to be one person's.
    #[must_use]
    pub fn is_same_person(&self, one: &IdentityNumber, other: &IdentityNumber) -> bool {
        let others = self.person(one).map(|person| &person.other_numbers);
        one == other || others.is_some_and(|others| others.contains(other))
    }

    /// Notes that two identity numbers are one person's, and so are all those that either is known to
    /// have.
    pub fn note_same_person(&mut self, one: &IdentityNumber, other: &IdentityNumber) {
        let mut numbers = vec![*one, *other];
        for number in [one, other] {
            let others = self.person(number).map(|person| &person.other_numbers);
            numbers.extend(others.into_iter().flatten());
        }
        numbers.sort_unstable();
        numbers.dedup();
        for number in &numbers {
            let others = numbers.iter().filter(|other| *other != number);
            let record = PersonRecord {
                other_numbers: others.copied().collect(),
                ..self.person(number).cloned().unwrap_or_default()
            };
            self.put_person(*number, record);
        }
    }

    /// Writes what is on record of a person.
    pub fn put_person(&mut self, identity: IdentityNumber, record: PersonRecord) {
        self.people.insert(identity, record);
    }

    /// Notes a sale.
    pub fn note_sale(&mut self, seller: &IdentityNumber, sale: Sale) {
        let mut record = self.person(seller).cloned().unwrap_or_default();
        record.sales.push(sale);
        self.put_person(*seller, record);
    }
}

/// The number a vehicle has. That of one deregistered, transferred out or in stock is nobody's.
#[must_use]
pub fn plate_of(record: &VehicleRecord) -> Option<Plate> {
    let registration = record.registration.as_ref()?;
    if registration.in_stock {
        return None;
    }
    let closed = [
        VehicleStatusFlag::Deregistered,
        VehicleStatusFlag::TransferredOut,
    ];
    let is_closed = closed.into_iter().any(|flag| record.flags.contains(flag));
    (!is_closed).then(|| registration.plate())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pledge_is_not_dated_by_the_mortgage_of_the_same_contract() {
        let date = jiff::civil::date(2025, 11, 10);
        let secured = |pledged, registered_on| Mortgage {
            lender: "91370399MA3TEA0100".parse().unwrap(),
            lender_name: None,
            contract_number: Some("DY-2026-0001".parse().unwrap()),
            registered_on,
            pledged,
        };
        let base = crate::engine::catalogue::base_register();
        let vin = "LGXC16AF7N0000037".parse().unwrap();
        let known = Register::new(Arc::new(base)).vehicle(vin).cloned();
        let mut before = known.and_then(|known| known.registration).unwrap();
        before.mortgages = vec![secured(false, Some(date))];
        let mut coming = before.clone();
        coming.mortgages = vec![secured(false, None), secured(true, None)];
        coming.follow(&before);
        let dates = coming.mortgages.iter().map(|it| it.registered_on);
        assert_eq!(Vec::from_iter(dates), [Some(date), None]);
    }

    #[test]
    fn exchanged_numbers_are_both_had_before_and_after_a_restart() {
        let car = |vin: &str, number: &str| {
            let date = jiff::civil::date(2022, 11, 10);
            VehicleRecord {
                registration: Some(Registration {
                    plate_kind: PlateKind::SmallVehicle,
                    plate_number: number.parse().unwrap(),
                    certificate_number: "370399000037".parse().unwrap(),
                    owner_name: "李样本".parse().unwrap(),
                    owner_identity: "370399198802290029".parse().unwrap(),
                    first_registered_on: date,
                    acquired_on: date,
                    numbered_on: None,
                    mortgages: Vec::new(),
                    insured_until: None,
                    inspection_due_on: date,
                    scrap_due_on: None,
                    last_exchanged_on: None,
                    elsewhere: false,
                    in_stock: false,
                }),
                ..VehicleRecord::unregistered(vin.parse().unwrap())
            }
        };
        let [one, other] = ["LZZTEST10N1000001", "LFPH3ACC2M1A00123"];
        let [first, second] = ["鲁C12345", "鲁C54321"];
        let mut base = BaseRegister::default();
        base.put_vehicle(car(one, first));
        let base = Arc::new(base);
        let mut register = Register::new(Arc::clone(&base));
        register.put_vehicle(car(other, second));
        register.put_exchanged([car(one, second), car(other, first)]);

        let mut writer = Writer::of_everything();
        register.save(&mut writer);
        let mut reader = Reader::default();
        for row in writer.finish().unwrap() {
            reader.add(row.kind.to_owned(), row.key, row.value.unwrap());
        }
        for register in [register, Register::load(base, &mut reader).unwrap()] {
            for (number, vin) in [(second, one), (first, other)] {
                let plate = (PlateKind::SmallVehicle, number.parse().unwrap());
                let found = register.by_plate(&plate).map(|found| found.vin);
                assert_eq!(found, Some(vin.parse().unwrap()), "{number}");
                assert!(!register.is_free(&plate));
            }
        }
    }

    #[test]
    fn what_is_on_record_under_either_number_is_the_person_s() {
        let number = |text: &str| text.parse::<IdentityNumber>().unwrap();
        let [first, second, third] = [
            number("370399199003070016"),
            number("370399198802290029"),
            number("370399198001012010"),
        ];
        let sale = Sale {
            sold_on: jiff::civil::date(2026, 1, 5),
            acquired_on: jiff::civil::date(2025, 11, 5),
        };
        let mut register = Register::new(Arc::default());
        register.note_sale(&second, sale);
        register.note_same_person(&first, &second);
        register.note_same_person(&second, &third);
        register.note_sale(&third, sale);
        for person in [first, second, third] {
            let sales = register.person_records(&person).map(|it| it.sales.len());
            assert_eq!(sales.sum::<usize>(), 2);
        }
        assert!(register.is_same_person(&first, &third));
        assert!(!register.is_same_person(&first, &number("370399198001012002")));
    }

    #[test]
    fn numbers_promised_and_people_are_known_after_a_restart() {
        let plate = (PlateKind::SmallVehicle, "鲁C12345".parse().unwrap());
        let person: IdentityNumber = "370399199003070016".parse().unwrap();
        let mut register = Register::new(Arc::default());
        register.reserve(plate);
        let record = PersonRecord {
            barred_until: Some(jiff::civil::date(2027, 1, 1)),
            ..PersonRecord::default()
        };
        register.put_person(person, record.clone());
        let old: Plate = (PlateKind::SmallVehicle, "鲁C54321".parse().unwrap());
        let given_up = GivenUp {
            owner: person,
            vin: "LGXC16AF7N0000037".parse().unwrap(),
            used_since: jiff::civil::date(2024, 1, 1),
            given_up_on: jiff::civil::date(2026, 1, 1),
        };
        register.note_given_up(old, given_up.clone());

        let mut writer = Writer::of_everything();
        register.save(&mut writer);
        let mut reader = Reader::default();
        for row in writer.finish().unwrap() {
            reader.add(row.kind.to_owned(), row.key, row.value.unwrap());
        }
        let mut register = Register::load(Arc::default(), &mut reader).unwrap();
        register.look_on(jiff::civil::date(2026, 3, 2));

        assert!(!register.is_free(&plate));
        assert_eq!(register.person(&person), Some(&record));
        assert_eq!(register.given_up(&old), Some(&given_up));
        assert!(register.is_unused(&old) && !register.is_free(&old));
    }
}
