//! 网点目录: the outlets of the city, their operators, and the partners they belong to.
//!
//! Invented from fixed lists, always the same, shared by all spaces. The numbers of outlets are
//! those of Zibo's report: 192 of partners, of which 187 are of six named kinds, and beside them, at
//! the base, 35 township squadrons and 7 traffic stations. Sellers of motorcycles stand behind them.

use std::ops::{Index, Range};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::{
    Date,
    Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday},
    date, time,
};
use lingminban::{
    api::{self, District, OperatorId, OperatorState, OutletId, OutletKind, PartyAddress, Service},
    identifiers::PersonName,
    moment::TimeOfDay,
    services,
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::rules::opening_hours::OpeningHours;

/// The outlets of one kind.
struct Row {
    kind: OutletKind,
    /// The kind inside ids: `zb-dealer-001`.
    word: &'static str,
    count: u16,
    /// How an outlet is called, `{brand}` being the partner's and `{district}` its place.
    name: &'static str,
    /// 办公时间 of its outlets, one after the other, over and over. Partners keep their own, which nobody
    /// publishes, and are open when they file.
    hours: &'static [&'static [OpeningHours]],
}

/// 正常班: the hours of an office. The base's hours are not published: these and the staggered ones
/// are parameters.
const OFFICE_HOURS: &[OpeningHours] = &[OpeningHours {
    days: &[Monday, Tuesday, Wednesday, Thursday, Friday],
    from: time(9, 0, 0, 0),
    to: time(17, 0, 0, 0),
}];

/// 错时延时: open when offices are closed, each of the three on other days and hours.
const STAGGERED_HOURS: [&[OpeningHours]; 3] = [
    &[OpeningHours {
        days: &[Tuesday, Wednesday, Thursday, Friday, Saturday],
        from: time(11, 0, 0, 0),
        to: time(19, 0, 0, 0),
    }],
    &[OpeningHours {
        days: &[Wednesday, Thursday, Friday, Saturday, Sunday],
        from: time(10, 0, 0, 0),
        to: time(18, 0, 0, 0),
    }],
    &[
        OpeningHours {
            days: &[Monday, Tuesday, Wednesday, Thursday, Friday],
            from: time(12, 0, 0, 0),
            to: time(20, 0, 0, 0),
        },
        OpeningHours {
            days: &[Saturday],
            from: time(9, 0, 0, 0),
            to: time(12, 0, 0, 0),
        },
    ],
];

/// The partners' outlets, in their order. A kind that comes later stands behind [`BASE`]: whatever
/// is stored refers to outlets and partners by place.
const CITY: &[Row] = &[
    Row {
        kind: OutletKind::Dealer,
        word: "dealer",
        count: 25,
        name: "淄博{brand}汽车销售服务有限公司{district}店",
        hours: &[&[]],
    },
    Row {
        kind: OutletKind::UsedCarMarket,
        word: "market",
        count: 31,
        name: "淄博{brand}二手车交易市场{district}交易大厅",
        hours: &[&[]],
    },
    Row {
        kind: OutletKind::InspectionStation,
        word: "station",
        count: 83,
        name: "淄博{brand}机动车检测有限公司{district}检测站",
        hours: &[&[]],
    },
    Row {
        kind: OutletKind::Bank,
        word: "bank",
        count: 11,
        name: "淄博{brand}村镇银行{district}支行",
        hours: &[&[]],
    },
    Row {
        kind: OutletKind::Insurer,
        word: "insurer",
        count: 12,
        name: "{brand}财产保险淄博{district}营销服务部",
        hours: &[&[]],
    },
    Row {
        kind: OutletKind::PostOffice,
        word: "post",
        count: 25,
        name: "淄博{district}{brand}警邮便民服务点",
        hours: &[&[]],
    },
    Row {
        kind: OutletKind::Other,
        word: "other",
        count: 5,
        name: "淄博{district}{brand}车驾管便民服务点",
        hours: &[&[]],
    },
];

/// 基层网点: the authority's own posts, behind the partners'.
const BASE: &[Row] = &[
    Row {
        kind: OutletKind::TownshipSquadron,
        word: "squadron",
        count: 35,
        name: "淄博{district}交警大队{brand}中队",
        hours: &[OFFICE_HOURS],
    },
    Row {
        kind: OutletKind::TrafficStation,
        word: "traffic",
        count: 7,
        name: "淄博{district}{brand}交管服务站",
        hours: &STAGGERED_HOURS,
    },
];

/// Partners of kinds that came later, behind the base.
const LATER: &[Row] = &[Row {
    kind: OutletKind::MotorcycleDealer,
    word: "moto",
    // Published nowhere, and beside the report's 192: a parameter.
    count: 6,
    name: "淄博{brand}摩托车销售有限公司{district}店",
    hours: &[&[]],
}];

/// Where the outlets of a kind are, one after the other, over and over. The first eight places
/// differ, and 张店, the seat of the city, comes most often.
const PLACES: [District; 16] = [
    District::Zhangdian,
    District::Linzi,
    District::Zichuan,
    District::Huantai,
    District::Zhoucun,
    District::Boshan,
    District::Gaoqing,
    District::Yiyuan,
    District::Zhangdian,
    District::Linzi,
    District::Zhangdian,
    District::Zichuan,
    District::Zhangdian,
    District::Huantai,
    District::Zhangdian,
    District::Linzi,
];

/// Inspection stations that were granted registration beside what their kind is entrusted with,
/// by number. Not the first: its credential shows what a station without the grant is told.
const STATIONS_WITH_REGISTRATION: [u16; 3] = [2, 18, 41];

/// Markets that transfer to buyers of their own district alone, by number: the report has 28 of the 31
/// transfer across districts and does not name the others. Not the first: its credential files what the
/// document's examples show, and the second's shows what a market without the mandate is told.
const MARKETS_OF_ONE_DISTRICT: [u16; 3] = [2, 13, 24];

/// Of the dealers every so many arrange finance, and were granted mortgages and pledges. How many of
/// the city's do is published nowhere, so this is a parameter.
const EVERY_DEALER_WITH_FINANCE: u16 = 5;

/// What they were granted.
const OF_LENDERS: [Service; 4] = [
    Service::Mortgage,
    Service::MortgageRelease,
    Service::Pledge,
    Service::PledgeRelease,
];

/// 登记站: of the 83 stations the first 68 have a registration post, which issues marks without a test and
/// marks again. Which ones do is published nowhere, so this is a parameter.
const STATIONS_WITH_REGISTRATION_POST: u16 = 68;

/// What they were granted.
const OF_REGISTRATION_POSTS: [Service; 2] =
    [Service::InspectionMarkReplacement, Service::ExemptMark];

/// The dealer partner with several outlets, by number, and how many it has.
const CHAIN: (u16, u16) = (2, 3);

/// 经办人 of every outlet: the last day of each one's certificate; none without an assessment.
///
/// Around the sandbox's first day (2026-03-02) the first two are certified and the last has
/// lapsed. The two end on different days, so a clock that moves on meets the change.
const CERTIFICATES: [Option<Date>; 4] = [
    Some(date(2027, 12, 31)),
    Some(date(2028, 6, 30)),
    None,
    Some(date(2025, 6, 30)),
];

const BRANDS: ([char; 14], [char; 14]) = (
    [
        '槐', '泮', '稷', '砚', '岫', '翎', '蘅', '砺', '枫', '澄', '霁', '桓', '沂', '般',
    ],
    [
        '屿', '棠', '澜', '驰', '岭', '原', '桥', '禾', '川', '轩', '舟', '野', '泉', '途',
    ],
);
const SURNAMES: [char; 20] = [
    '丁', '于', '尹', '田', '毕', '曲', '孙', '宋', '翟', '国', '耿', '郇', '高', '崔', '隋', '韩',
    '董', '焦', '路', '窦',
];
const GIVEN_NAMES: ([char; 8], [char; 8]) = (
    ['青', '知', '一', '景', '云', '书', '长', '若'],
    ['禾', '远', '宁', '川', '舟', '溪', '柏', '秋'],
);

/// An outlet's place in the directory: small, because every application carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OutletIndex(u16);

impl OutletIndex {
    /// The first outlet.
    pub const FIRST: Self = Self(0);

    /// The index as a number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// A partner's place in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PartnerIndex(u16);

impl PartnerIndex {
    /// The first partner.
    pub const FIRST: Self = Self(0);

    /// The index as a number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The index a number stands for; whether there is such a partner is not asked.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }
}

/// An operator's place in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorIndex(u16);

/// 网点.
#[derive(Clone, Debug)]
pub struct Outlet {
    /// Its place in the directory.
    pub index: OutletIndex,
    /// The partner it belongs to.
    pub partner: PartnerIndex,
    /// 网点编号.
    pub id: OutletId,
    /// 网点名称.
    pub name: Box<str>,
    /// 网点类型.
    pub kind: OutletKind,
    /// 区县.
    pub district: District,
    /// 受委托业务: those of its kind and those it was granted.
    pub services: Box<[Service]>,
    /// 办公时间.
    pub hours: &'static [OpeningHours],
    /// 跨区办理; none where no service asks in which district somebody lives.
    pub cross_district: Option<bool>,
}

/// 经办人.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Its place in the directory.
    pub index: OperatorIndex,
    /// The outlet where the operator works.
    pub outlet: OutletIndex,
    /// 经办人编号.
    pub id: OperatorId,
    /// 姓名.
    pub name: PersonName,
    /// 证书有效期止: the last day of the certificate; none before the assessment.
    pub certified_until: Option<Date>,
}

/// 合作单位: who holds a credential, for one outlet or several.
#[derive(Clone, Debug)]
pub struct Partner {
    /// Its place in the directory.
    pub index: PartnerIndex,
    /// 网点类型 of all its outlets.
    pub kind: OutletKind,
    /// The name it asks for tokens with; the same in every space.
    pub client_id: Box<str>,
    outlets: Range<u16>,
}

/// What a program needs in order to act as a partner, for the sandbox's ready line.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Credential {
    /// 网点类型.
    pub outlet_kind: OutletKind,
    /// 网点编号: the partner's first outlet.
    pub outlet_id: OutletId,
    /// 经办人编号: a certified operator of that outlet.
    pub operator_id: OperatorId,
    /// The name to ask for tokens with.
    pub client_id: Box<str>,
    /// The secret to ask for tokens with; see [`client_secret`].
    pub client_secret: String,
}

/// 网点目录. Never changes once it is made.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    outlets: Vec<Outlet>,
    operators: Vec<Operator>,
    partners: Vec<Partner>,
    outlets_by_id: Vec<OutletIndex>,
    partners_by_client_id: Vec<PartnerIndex>,
}

impl Directory {
    /// The directory of the city.
    #[must_use]
    pub fn new() -> Self {
        // It takes no input, so the tests that count it have seen all it can do.
        Self::build().unwrap_or_default()
    }

    /// All outlets, in the order of their indices: by kind, then by number.
    #[must_use]
    pub fn outlets(&self) -> &[Outlet] {
        &self.outlets
    }

    /// All partners, in the order of their outlets.
    #[must_use]
    pub fn partners(&self) -> &[Partner] {
        &self.partners
    }

    /// The outlet with that number (网点编号).
    #[must_use]
    pub fn outlet(&self, id: &str) -> Option<&Outlet> {
        let found = self
            .outlets_by_id
            .binary_search_by(|index| self[*index].id.as_str().cmp(id));
        found.ok().map(|place| &self[self.outlets_by_id[place]])
    }

    /// The partner with that client id.
    #[must_use]
    pub fn partner_by_client_id(&self, client_id: &str) -> Option<&Partner> {
        let found = self
            .partners_by_client_id
            .binary_search_by(|index| (*self[*index].client_id).cmp(client_id));
        found
            .ok()
            .map(|place| &self[self.partners_by_client_id[place]])
    }

    /// Whether there is such a partner.
    #[must_use]
    pub fn has(&self, partner: PartnerIndex) -> bool {
        usize::from(partner.0) < self.partners.len()
    }

    /// The operator with that number (经办人编号).
    #[must_use]
    pub fn operator(&self, id: &str) -> Option<&Operator> {
        let (outlet, _) = id.rsplit_once("-op")?;
        let outlet = self.outlet(outlet)?;
        self.operators_of(outlet.index)
            .iter()
            .find(|operator| operator.id.as_str() == id)
    }

    /// The operators of an outlet.
    #[must_use]
    pub fn operators_of(&self, outlet: OutletIndex) -> &[Operator] {
        let first = usize::from(outlet.0) * CERTIFICATES.len();
        &self.operators[first..first + CERTIFICATES.len()]
    }

    /// The outlets of a partner: one or more.
    #[must_use]
    pub fn outlets_of(&self, partner: PartnerIndex) -> &[Outlet] {
        let Range { start, end } = self[partner].outlets;
        &self.outlets[usize::from(start)..usize::from(end)]
    }

    /// The operator as the contract tells it on that date.
    #[must_use]
    pub fn told(&self, operator: &Operator, on: Date) -> api::Operator {
        api::Operator {
            operator_id: operator.id.clone(),
            outlet_id: self[operator.outlet].id.clone(),
            name: operator.name.clone(),
            state: operator.state_on(on).into(),
            certified_until: operator.certified_until,
        }
    }

    /// Credentials to start with, valid in a space with that seed: the first partner of each
    /// kind, then the second of each. The second dealer has three outlets; the second inspection
    /// station has a grant that the first has not, and the second market serves its own district
    /// alone. Behind them the first squadron and the first traffic station, and the first of each kind
    /// that came later.
    #[must_use]
    pub fn credentials(&self, seed: u64) -> Vec<Credential> {
        let nth_of_each_kind = |rows: &'static [Row], nth| {
            rows.iter().filter_map(move |row| {
                self.partners
                    .iter()
                    .filter(|partner| partner.kind == row.kind)
                    .nth(nth)
            })
        };
        nth_of_each_kind(CITY, 0)
            .chain(nth_of_each_kind(CITY, 1))
            .chain(nth_of_each_kind(BASE, 0))
            .chain(nth_of_each_kind(LATER, 0))
            .filter_map(|partner| self.credential(partner, seed))
            .collect()
    }

    fn credential(&self, partner: &Partner, seed: u64) -> Option<Credential> {
        let outlet = self.outlets_of(partner.index).first()?;
        let operator = self.operators_of(outlet.index).first()?;
        Some(Credential {
            outlet_kind: outlet.kind,
            outlet_id: outlet.id.clone(),
            operator_id: operator.id.clone(),
            client_id: partner.client_id.clone(),
            client_secret: client_secret(seed, &partner.client_id),
        })
    }
}

impl Index<OutletIndex> for Directory {
    type Output = Outlet;

    fn index(&self, index: OutletIndex) -> &Outlet {
        &self.outlets[usize::from(index.0)]
    }
}

impl Index<PartnerIndex> for Directory {
    type Output = Partner;

    fn index(&self, index: PartnerIndex) -> &Partner {
        &self.partners[usize::from(index.0)]
    }
}

impl Index<OperatorIndex> for Directory {
    type Output = Operator;

    fn index(&self, index: OperatorIndex) -> &Operator {
        &self.operators[usize::from(index.0)]
    }
}

impl Outlet {
    /// Whether the outlet may file this service.
    #[must_use]
    pub fn is_entrusted_with(&self, service: Service) -> bool {
        self.services.contains(&service)
    }

    /// Whether the outlet may serve somebody who lives there.
    #[must_use]
    pub fn serves(&self, address: &PartyAddress) -> bool {
        self.cross_district != Some(false) || self.district.has(address)
    }
}

impl From<&Outlet> for api::Outlet {
    fn from(outlet: &Outlet) -> Self {
        Self {
            outlet_id: outlet.id.clone(),
            name: outlet.name.clone().into(),
            kind: outlet.kind.into(),
            district: outlet.district.into(),
            services: outlet.services.iter().copied().map(Into::into).collect(),
            opening_hours: outlet.hours.iter().map(told_hours).collect(),
            cross_district: outlet.cross_district,
        }
    }
}

fn told_hours(hours: &OpeningHours) -> api::OfficeHours {
    let days = hours.days.iter().copied().map(api::Weekday::from);
    api::OfficeHours {
        days: days.map(Into::into).collect(),
        from: TimeOfDay::new(hours.from),
        to: TimeOfDay::new(hours.to),
    }
}

impl Operator {
    /// 状态 on that date; a certificate still holds on its last day.
    #[must_use]
    pub fn state_on(&self, date: Date) -> OperatorState {
        match self.certified_until {
            None => OperatorState::NotAssessed,
            Some(last) if last < date => OperatorState::Lapsed,
            Some(_) => OperatorState::Certified,
        }
    }
}

impl Partner {
    /// Whether the outlet belongs to the partner.
    #[must_use]
    pub fn owns(&self, outlet: OutletIndex) -> bool {
        self.outlets.contains(&outlet.0)
    }
}

/// Without the secret.
impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("outlet_kind", &self.outlet_kind)
            .field("outlet_id", &self.outlet_id)
            .field("operator_id", &self.operator_id)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The secret of a partner in a space with that seed: HMAC-SHA-256 of the client id under the
/// seed, so that it can stand in a partner's CI configuration. The prefix tells people and
/// secret scanners that it opens nothing but a sandbox.
#[must_use]
pub fn client_secret(seed: u64, client_id: &str) -> String {
    // A key of one whole hash block, zeros at its end, is what HMAC makes of a shorter one.
    let mut key = [0; 64];
    key[..8].copy_from_slice(&seed.to_be_bytes());
    let mut mac = Hmac::<Sha256>::new(&key.into());
    mac.update(client_id.as_bytes());
    format!(
        "sandbox-{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}

/// Compares secrets without telling by its time how much was right.
#[must_use]
pub fn same_secret(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one
            .bytes()
            .zip(other.bytes())
            .fold(0, |differs, (a, b)| differs | (a ^ b))
            == 0
}

// Building.

impl Directory {
    /// None when an id or a name from the lists above were not valid.
    fn build() -> Option<Self> {
        let mut directory = Self::default();
        for row in CITY.iter().chain(BASE).chain(LATER) {
            directory.add_kind(row)?;
        }
        directory.outlets_by_id = directory
            .outlets
            .iter()
            .map(|outlet| outlet.index)
            .collect();
        let outlets = &directory.outlets;
        directory
            .outlets_by_id
            .sort_by_key(|index| &outlets[usize::from(index.0)].id);
        let partners = &directory.partners;
        directory.partners_by_client_id = partners.iter().map(|partner| partner.index).collect();
        directory
            .partners_by_client_id
            .sort_by_key(|index| &partners[usize::from(index.0)].client_id);
        Some(directory)
    }

    fn add_kind(&mut self, row: &Row) -> Option<()> {
        let mut last = 0;
        for partner in 1.. {
            if last == row.count {
                break;
            }
            let first = last + 1;
            last += match CHAIN {
                (chain, size) if row.kind == OutletKind::Dealer && partner == chain => size,
                _ => 1,
            };
            self.add_partner(row, partner, first, last)?;
        }
        Some(())
    }

    /// Adds a partner and its outlets, numbered `first` to `last` within their kind.
    fn add_partner(&mut self, row: &Row, number: u16, first: u16, last: u16) -> Option<()> {
        let index = PartnerIndex(u16::try_from(self.partners.len()).ok()?);
        let start = u16::try_from(self.outlets.len()).ok()?;
        for ordinal in first..=last {
            self.add_outlet(row, index, ordinal)?;
        }
        self.partners.push(Partner {
            index,
            kind: row.kind,
            client_id: format!("zb-{}-{number}", row.word).into(),
            outlets: start..u16::try_from(self.outlets.len()).ok()?,
        });
        Some(())
    }

    fn add_outlet(&mut self, row: &Row, partner: PartnerIndex, ordinal: u16) -> Option<()> {
        let index = OutletIndex(u16::try_from(self.outlets.len()).ok()?);
        let id = format!("zb-{}-{ordinal:03}", row.word);
        for (place, certified_until) in CERTIFICATES.into_iter().enumerate() {
            let operator = u16::try_from(self.operators.len()).ok()?;
            self.operators.push(Operator {
                index: OperatorIndex(operator),
                outlet: index,
                id: format!("{id}-op{}", place + 1).parse().ok()?,
                name: person_name(operator).parse().ok()?,
                certified_until,
            });
        }
        let district = PLACES[usize::from(ordinal - 1) % PLACES.len()];
        let services = services(row.kind, ordinal);
        self.outlets.push(Outlet {
            index,
            partner,
            id: id.parse().ok()?,
            name: outlet_name(row.name, partner, district).into(),
            kind: row.kind,
            district,
            cross_district: cross_district(row.kind, ordinal, &services),
            services,
            hours: row.hours[usize::from(ordinal - 1) % row.hours.len()],
        });
        Some(())
    }
}

fn services(kind: OutletKind, ordinal: u16) -> Box<[Service]> {
    let mut services: Vec<Service> = services::of_kind(kind).collect();
    match kind {
        OutletKind::InspectionStation => {
            if STATIONS_WITH_REGISTRATION.contains(&ordinal) {
                services.push(Service::Registration);
            }
            if ordinal <= STATIONS_WITH_REGISTRATION_POST {
                services.extend(OF_REGISTRATION_POSTS);
            }
        }
        OutletKind::Dealer if ordinal.is_multiple_of(EVERY_DEALER_WITH_FINANCE) => {
            services.extend(OF_LENDERS);
        }
        _ => {}
    }
    services.into()
}

/// The base's posts serve the whole city.
fn cross_district(kind: OutletKind, ordinal: u16, services: &[Service]) -> Option<bool> {
    let of_one = kind == OutletKind::UsedCarMarket && MARKETS_OF_ONE_DISTRICT.contains(&ordinal);
    services.contains(&Service::Transfer).then_some(!of_one)
}

fn outlet_name(pattern: &str, partner: PartnerIndex, district: District) -> String {
    let place = district.chinese_name().trim_end_matches(['区', '县']);
    pattern
        .replace("{brand}", &brand(partner))
        .replace("{district}", place)
}

/// Two characters, a different pair for each of the first 196 partners, and for each of the next 196
/// one the other way round. The factor shares no divisor with 196, so neighbours look different and
/// nothing repeats.
fn brand(partner: PartnerIndex) -> String {
    let (first, second) = BRANDS;
    let pairs = first.len() * second.len();
    let pair = usize::from(partner.0) * 57 % pairs;
    let (one, other) = (first[pair % first.len()], second[pair / first.len()]);
    let brand = if usize::from(partner.0) < pairs {
        [one, other]
    } else {
        [other, one]
    };
    brand.iter().collect()
}

/// Invented like [`brand`]: 1280 names, none twice among the first 1280 operators.
fn person_name(operator: u16) -> String {
    let (first, second) = GIVEN_NAMES;
    let pick = usize::from(operator) * 543 % (SURNAMES.len() * first.len() * second.len());
    let given = pick / SURNAMES.len();
    [
        SURNAMES[pick % SURNAMES.len()],
        first[given % first.len()],
        second[given / first.len()],
    ]
    .iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const FIRST_DAY: Date = date(2026, 3, 2);

    #[test]
    fn the_city_has_the_outlets_of_the_report() {
        let directory = Directory::new();
        let mut counts = BTreeMap::new();
        for outlet in directory.outlets() {
            *counts.entry(outlet.kind).or_insert(0) += 1;
        }
        let expected = [
            (OutletKind::Dealer, 25),
            (OutletKind::UsedCarMarket, 31),
            (OutletKind::InspectionStation, 83),
            (OutletKind::Bank, 11),
            (OutletKind::Insurer, 12),
            (OutletKind::PostOffice, 25),
            (OutletKind::Other, 5),
            (OutletKind::TownshipSquadron, 35),
            (OutletKind::TrafficStation, 7),
            (OutletKind::MotorcycleDealer, 6),
        ];
        assert_eq!(counts, BTreeMap::from(expected));
        assert_eq!(directory.outlets().len(), 192 + 42 + 6);
        assert_eq!(directory.partners().len(), 190 + 42 + 6);
    }

    /// What is stored refers to outlets and partners by place.
    #[test]
    fn no_place_has_moved() {
        let directory = Directory::new();
        for (place, outlet, partner) in [
            (0, "zb-dealer-001", "zb-dealer-1"),
            (24, "zb-dealer-025", "zb-dealer-23"),
            (25, "zb-market-001", "zb-market-1"),
            (56, "zb-station-001", "zb-station-1"),
            (139, "zb-bank-001", "zb-bank-1"),
            (150, "zb-insurer-001", "zb-insurer-1"),
            (162, "zb-post-001", "zb-post-1"),
            (187, "zb-other-001", "zb-other-1"),
            (191, "zb-other-005", "zb-other-5"),
            (192, "zb-squadron-001", "zb-squadron-1"),
            (227, "zb-traffic-001", "zb-traffic-1"),
            (234, "zb-moto-001", "zb-moto-1"),
        ] {
            let found = &directory[OutletIndex(place)];
            assert_eq!(found.id.as_str(), outlet);
            assert_eq!(&*directory[found.partner].client_id, partner);
        }
    }

    #[test]
    fn the_base_has_hours_and_traffic_stations_stagger_theirs() {
        let directory = Directory::new();
        let mut staggered = BTreeSet::new();
        for outlet in directory.outlets() {
            let is_base_level = outlet.kind.is_base_level();
            assert_eq!(outlet.hours.is_empty(), !is_base_level, "{}", outlet.id);
            for hours in outlet.hours {
                assert!(!hours.days.is_empty() && hours.from < hours.to);
            }
            if outlet.kind == OutletKind::TrafficStation {
                staggered.insert(format!("{:?}", outlet.hours));
            }
        }
        assert_eq!(staggered.len(), 3);
    }

    #[test]
    fn nothing_is_called_like_anything_else() {
        let directory = Directory::new();
        let outlets = directory.outlets();
        let names: BTreeSet<&str> = outlets.iter().map(|outlet| &*outlet.name).collect();
        let people: BTreeSet<&str> = directory
            .operators
            .iter()
            .map(|operator| operator.name.as_str())
            .collect();
        assert_eq!((names.len(), people.len()), (240, 960));
        // Two partners with one brand would be one company for the reader.
        let partners = directory.partners().iter();
        let brands: BTreeSet<String> = partners.map(|partner| brand(partner.index)).collect();
        assert_eq!(brands.len(), 238);
    }

    #[test]
    fn everything_is_found_by_its_own_id_and_index() {
        let directory = Directory::new();
        for outlet in directory.outlets() {
            let found = directory.outlet(outlet.id.as_str()).expect("known");
            assert_eq!((found.index, &found.id), (outlet.index, &outlet.id));
            assert_eq!(directory[outlet.index].id, outlet.id);
            assert!(directory[outlet.partner].owns(outlet.index));
        }
        for operator in &directory.operators {
            let found = directory.operator(operator.id.as_str()).expect("known");
            assert_eq!((found.index, &found.id), (operator.index, &operator.id));
            assert_eq!(directory[operator.index].id, operator.id);
            let own = directory.operators_of(operator.outlet);
            assert!(own.iter().any(|other| other.index == operator.index));
        }
        for partner in directory.partners() {
            let found = directory
                .partner_by_client_id(&partner.client_id)
                .expect("known");
            assert_eq!(found.index, partner.index);
        }
    }

    #[test]
    fn what_is_nearly_an_id_finds_nothing() {
        let directory = Directory::new();
        for id in [
            "",
            "zb-dealer-000",
            "zb-dealer-026",
            "zb-dealer-1",
            "ZB-DEALER-001",
        ] {
            assert!(directory.outlet(id).is_none(), "{id}");
        }
        for id in [
            "",
            "-op1",
            "zb-dealer-001",
            "zb-dealer-001-op0",
            "zb-dealer-001-op01",
        ] {
            assert!(directory.operator(id).is_none(), "{id}");
        }
        for id in [
            "",
            "zb-dealer-0",
            "zb-dealer-24",
            "zb-dealer-01",
            "zb-dealer-001",
        ] {
            assert!(directory.partner_by_client_id(id).is_none(), "{id}");
        }
    }

    #[test]
    fn every_district_has_outlets_and_the_seat_of_the_city_most() {
        let directory = Directory::new();
        let count = |district| {
            directory
                .outlets()
                .iter()
                .filter(|outlet| outlet.district == district)
                .count()
        };
        for district in District::ALL {
            assert!(count(*district) >= 5, "{district}");
            assert!(
                *district == District::Zhangdian || count(*district) < count(District::Zhangdian)
            );
        }
    }

    #[test]
    fn services_follow_the_kind_but_for_those_granted() {
        let directory = Directory::new();
        let (mut granted, mut with_post, mut without_post) = (Vec::new(), 0, Vec::new());
        for outlet in directory.outlets() {
            let of_kind: Vec<Service> = services::of_kind(outlet.kind).collect();
            let more = outlet.services.strip_prefix(&*of_kind);
            let id = outlet.id.as_str();
            match (outlet.kind, more.expect("what its kind has")) {
                (OutletKind::InspectionStation, posts) if posts == OF_REGISTRATION_POSTS => {
                    with_post += 1;
                }
                (OutletKind::InspectionStation, [Service::Registration, posts @ ..])
                    if posts == OF_REGISTRATION_POSTS =>
                {
                    with_post += 1;
                    granted.push(id);
                }
                (OutletKind::InspectionStation, []) => without_post.push(id),
                (OutletKind::Dealer, [_, _, _, _]) => granted.push(id),
                (_, []) => {}
                (kind, more) => panic!("{kind} {more:?}"),
            }
        }
        assert_eq!((with_post, without_post.len()), (68, 15));
        assert_eq!(without_post.first(), Some(&"zb-station-069"));
        assert_eq!(
            granted,
            [
                "zb-dealer-005",
                "zb-dealer-010",
                "zb-dealer-015",
                "zb-dealer-020",
                "zb-dealer-025",
                "zb-station-002",
                "zb-station-018",
                "zb-station-041",
            ]
        );
    }

    #[test]
    fn twenty_eight_of_the_markets_and_the_base_transfer_across_districts() {
        let directory = Directory::new();
        let mut counts = BTreeMap::new();
        for outlet in directory.outlets() {
            if let Some(cross_district) = outlet.cross_district {
                *counts.entry((outlet.kind, cross_district)).or_insert(0) += 1;
            }
        }
        let expected = [
            ((OutletKind::UsedCarMarket, true), 28),
            ((OutletKind::UsedCarMarket, false), 3),
            ((OutletKind::TownshipSquadron, true), 35),
            ((OutletKind::TrafficStation, true), 7),
        ];
        assert_eq!(counts, BTreeMap::from(expected));
    }

    #[test]
    fn every_outlet_has_operators_in_each_state() {
        let directory = Directory::new();
        for outlet in directory.outlets() {
            let operators = directory.operators_of(outlet.index);
            let count = |state| {
                operators
                    .iter()
                    .filter(|operator| operator.state_on(FIRST_DAY) == state)
                    .count()
            };
            assert!(count(OperatorState::Certified) >= 2, "{}", outlet.id);
            assert_eq!(count(OperatorState::NotAssessed), 1, "{}", outlet.id);
            assert_eq!(count(OperatorState::Lapsed), 1, "{}", outlet.id);
        }
    }

    #[test]
    fn a_certificate_holds_through_its_last_day() {
        let directory = Directory::new();
        let operator = directory.operator("zb-dealer-001-op1").expect("known");
        assert_eq!(
            operator.state_on(date(2027, 12, 31)),
            OperatorState::Certified
        );
        assert_eq!(operator.state_on(date(2028, 1, 1)), OperatorState::Lapsed);
    }

    #[test]
    fn the_second_dealer_alone_has_three_outlets() {
        let directory = Directory::new();
        for partner in directory.partners() {
            let ids: Vec<&str> = directory
                .outlets_of(partner.index)
                .iter()
                .map(|outlet| outlet.id.as_str())
                .collect();
            if &*partner.client_id == "zb-dealer-2" {
                assert_eq!(ids, ["zb-dealer-002", "zb-dealer-003", "zb-dealer-004"]);
            } else {
                assert_eq!(ids.len(), 1, "{}", partner.client_id);
            }
        }
        let chain = directory
            .partner_by_client_id("zb-dealer-2")
            .expect("known");
        let outside = directory.outlet("zb-dealer-005").expect("known");
        assert!(!chain.owns(outside.index));
    }

    #[test]
    fn secrets_are_constant_and_differ_by_seed_and_partner() {
        // Partners check these in: a change breaks their builds.
        assert_eq!(
            client_secret(1, "zb-dealer-1"),
            "sandbox-5z0-LEGq-cVj-2gnitZZe459PLAorNrahaDSc8wCXNU"
        );
        assert_ne!(
            client_secret(1, "zb-dealer-1"),
            client_secret(2, "zb-dealer-1")
        );
        assert_ne!(
            client_secret(1, "zb-dealer-1"),
            client_secret(1, "zb-dealer-2")
        );
    }

    #[test]
    fn the_ready_line_has_credentials_of_each_kind_and_they_work() {
        let directory = Directory::new();
        let credentials = directory.credentials(1);
        let outlets: Vec<&str> = credentials
            .iter()
            .map(|credential| credential.outlet_id.as_str())
            .collect();
        assert_eq!(
            outlets,
            [
                "zb-dealer-001",
                "zb-market-001",
                "zb-station-001",
                "zb-bank-001",
                "zb-insurer-001",
                "zb-post-001",
                "zb-other-001",
                "zb-dealer-002",
                "zb-market-002",
                "zb-station-002",
                "zb-bank-002",
                "zb-insurer-002",
                "zb-post-002",
                "zb-other-002",
                "zb-squadron-001",
                "zb-traffic-001",
                "zb-moto-001",
            ]
        );
        for credential in &credentials {
            let partner = directory
                .partner_by_client_id(&credential.client_id)
                .expect("known");
            let outlet = directory
                .outlet(credential.outlet_id.as_str())
                .expect("known");
            let operator = directory
                .operator(credential.operator_id.as_str())
                .expect("known");
            assert!(partner.owns(outlet.index) && operator.outlet == outlet.index);
            assert_eq!(operator.state_on(FIRST_DAY), OperatorState::Certified);
            assert_eq!(outlet.kind, credential.outlet_kind);
            assert_eq!(
                credential.client_secret,
                client_secret(1, &credential.client_id)
            );
            assert!(!format!("{credential:?}").contains(&credential.client_secret));
        }
    }

    #[test]
    fn the_contract_tells_what_the_directory_knows() {
        let directory = Directory::new();
        let outlet = directory.outlet("zb-dealer-001").expect("known");
        let operators = directory.operators_of(outlet.index);
        let told = directory.told(&operators[3], FIRST_DAY);
        assert_eq!(told.state, OperatorState::Lapsed);
        assert_eq!(told.outlet_id, outlet.id);
        assert_eq!(
            serde_json::to_value(api::Outlet::from(outlet)).expect("JSON"),
            serde_json::json!({
                "outlet_id": "zb-dealer-001",
                "name": "淄博槐屿汽车销售服务有限公司张店店",
                "kind": "dealer",
                "district": "zhangdian",
                "services": ["registration", "contact_change", "temporary_plate"],
            })
        );
        let squadron = directory.outlet("zb-squadron-001").expect("known");
        let market = directory.outlet("zb-market-002").expect("known");
        let told = serde_json::to_value(api::Outlet::from(market)).expect("JSON");
        assert_eq!(told["cross_district"], false);
        assert_eq!(
            serde_json::to_value(api::Outlet::from(squadron)).expect("JSON")["opening_hours"],
            serde_json::json!([{
                "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "from": "09:00",
                "to": "17:00",
            }])
        );
    }
}
