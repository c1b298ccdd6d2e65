//! 机动车状态: what of a vehicle's standing stands in the way of which service.
//!
//! The block matrix of R164 Art 15, 18, 21, 25, 29, 36, 37, 42, 54, 74 and 76, as data: a row a
//! [`Condition`], a column for services that the regulation treats alike.

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{FindingCode, MaterialKind, Service},
    codes::VehicleStatusFlag as Flag,
    inspection::MISSED_CYCLES_TO_SCRAP,
    services::{self, MaterialCondition},
};

use crate::engine::{Fault, register::VehicleRecord};

/// 业务栏: services that the matrix treats alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// 注册登记.
    Registration,
    /// 转让登记.
    Transfer,
    /// 变更登记 of colour, engine, body and the like.
    Alteration,
    /// 迁移: 迁出, 迁入.
    Move,
    /// 抵押登记, 质押备案.
    Mortgage,
    /// 解除抵押登记, 解除质押备案.
    MortgageRelease,
    /// 注销登记.
    Deregistration,
    /// 补换领牌证.
    Reissue,
    /// 检验合格标志.
    InspectionMark,
    /// 共同所有人变更. It is registered under the articles of alterations, and refused by theirs (R164 Art
    /// 21): no article makes it wait for violations, as a sale or a move does. But a mortgagee is heard
    /// (R164 Art 32), whom a new colour does not concern.
    CoOwners,
}

impl Column {
    /// Every column, in the order of the matrix.
    pub const ALL: [Self; 10] = [
        Self::Registration,
        Self::Transfer,
        Self::Alteration,
        Self::Move,
        Self::Mortgage,
        Self::MortgageRelease,
        Self::Deregistration,
        Self::Reissue,
        Self::InspectionMark,
        Self::CoOwners,
    ];
}

/// The column of a service.
#[must_use]
pub const fn column(service: Service) -> Column {
    match service {
        Service::Registration => Column::Registration,
        Service::Transfer => Column::Transfer,
        // The proof of identity is all that either asks for, whatever is the matter with the
        // vehicle: whoever has another telephone says so.
        Service::ContactChange => Column::Reissue,
        // The certificate is signed over, as after an alteration.
        Service::OwnerNameChange => Column::Alteration,
        Service::Deregistration => Column::Deregistration,
        Service::PlateReplacement
        | Service::DrivingPermitReplacement
        | Service::RegistrationCertificateReplacement
        | Service::InspectionMarkReplacement => Column::Reissue,
        Service::Mortgage | Service::Pledge => Column::Mortgage,
        Service::MortgageRelease | Service::PledgeRelease => Column::MortgageRelease,
        Service::InspectionMark | Service::ExemptMark => Column::InspectionMark,
        // Art 46–48 refuse one for nothing that is the matter with the vehicle; what stops all
        // business stops this too.
        Service::TemporaryPlate => Column::Reissue,
        // A 变更登记; what Art 20 asks for beyond that, see [`Condition::own_cell`].
        Service::PlateExchange => Column::Alteration,
        Service::MoveIn => Column::Move,
        // As with a new telephone: nothing of the vehicle is at stake, and no article refuses it.
        Service::AddressChange => Column::Reissue,
        Service::Alteration => Column::Alteration,
        Service::CoOwnerChange => Column::CoOwners,
        // As a new name.
        Service::IdentityChange => Column::Alteration,
        // The error is the authority's own, whatever is the matter with the vehicle.
        Service::Correction => Column::Reissue,
    }
}

/// What may be the matter with a vehicle: the matrix's rows. The last three are no status; they are
/// what Art 15 lists beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// 违法未处理 (zt G).
    ViolationPending,
    /// 事故未处理 (zt I).
    AccidentPending,
    /// 查封、扣押 (zt K, L).
    SealedOrDetained,
    /// 被盗抢骗 (zt C).
    Stolen,
    /// 海关监管 (zt H).
    CustomsSupervised,
    /// 已抵押或者质押 (`dybj` 1, 2).
    Mortgaged,
    /// 距报废期限一年以内.
    NearScrapping,
    /// 达到报废标准 (zt M, P).
    ScrapStandardReached,
    /// 逾期未检验 (zt Q).
    InspectionOverdue,
    /// 已注销 (zt E).
    Deregistered,
    /// 已转出 (zt B).
    MovedOut,
    /// 嫌疑、锁定、逃逸 (zt J, O, N).
    UnderInvestigation,
    /// 来历证明被涂改.
    OriginAltered,
    /// 型号未列入公告.
    ModelNotAnnounced,
    /// 技术数据不符合国家安全技术标准.
    BelowStandard,
}

/// One cell: what a condition means for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// –: nothing.
    Free,
    /// ○: the service goes on where something is added; its own rules see to that, and say this
    /// under this article where it is missing.
    Conditional(FindingCode, &'static str),
    /// ●: not registered, on this article.
    Refused(FindingCode, &'static str),
    /// 调查: an officer decides; it never passes by itself.
    Investigated(FindingCode, &'static str),
    /// The service is just what such a vehicle needs, by this article.
    Called(&'static str),
}

impl Cell {
    /// The ground and its article, where there is one.
    #[must_use]
    pub const fn ground(self) -> Option<(FindingCode, &'static str)> {
        match self {
            Self::Conditional(code, rule)
            | Self::Refused(code, rule)
            | Self::Investigated(code, rule) => Some((code, rule)),
            Self::Free | Self::Called(_) => None,
        }
    }

    /// What the authority says of it whatever is added.
    const fn blocks(self) -> Option<FindingCode> {
        match self {
            Self::Refused(code, _) | Self::Investigated(code, _) => Some(code),
            Self::Free | Self::Conditional(..) | Self::Called(_) => None,
        }
    }
}

impl Condition {
    /// Every condition, in the order of the matrix.
    pub const ALL: [Self; 15] = [
        Self::ViolationPending,
        Self::AccidentPending,
        Self::SealedOrDetained,
        Self::Stolen,
        Self::CustomsSupervised,
        Self::Mortgaged,
        Self::NearScrapping,
        Self::ScrapStandardReached,
        Self::InspectionOverdue,
        Self::Deregistered,
        Self::MovedOut,
        Self::UnderInvestigation,
        Self::OriginAltered,
        Self::ModelNotAnnounced,
        Self::BelowStandard,
    ];

    /// The condition that a status flag shows; 停驶 stands in nobody's way.
    #[must_use]
    pub const fn of(flag: Flag) -> Option<Self> {
        match flag {
            Flag::ViolationPending => Some(Self::ViolationPending),
            Flag::AccidentPending => Some(Self::AccidentPending),
            Flag::Sealed | Flag::Detained => Some(Self::SealedOrDetained),
            Flag::Stolen => Some(Self::Stolen),
            Flag::CustomsSupervised => Some(Self::CustomsSupervised),
            Flag::ForciblyDeregistered | Flag::ScrapAnnounced => Some(Self::ScrapStandardReached),
            Flag::InspectionOverdue => Some(Self::InspectionOverdue),
            Flag::Deregistered => Some(Self::Deregistered),
            Flag::TransferredOut => Some(Self::MovedOut),
            Flag::Suspect | Flag::Locked | Flag::HitAndRun => Some(Self::UnderInvestigation),
            Flag::OffRoad => None,
        }
    }

    /// The condition's row, in the order of [`Column::ALL`]. Where the regulation has a service
    /// refused by reference to a list, the article is the service's and the item the list's.
    /// No article refuses the cells of a deregistered vehicle and of one due for scrapping that
    /// wants a mark; they are told by the article which describes the ground.
    #[must_use]
    pub const fn row(self) -> [Cell; Column::ALL.len()] {
        use Cell::{Called, Conditional, Free, Investigated, Refused};
        use FindingCode as Code;
        match self {
            Self::ViolationPending => [
                Free,
                Refused(Code::OpenViolations, "R164 Art 25"),
                Free,
                Refused(Code::OpenViolations, "R164 Art 18"),
                Free,
                Free,
                Conditional(Code::OpenViolations, "R164 Art 37"),
                Free,
                Refused(Code::OpenViolations, "R164 Art 54"),
                Free,
            ],
            Self::AccidentPending => [
                Free,
                Refused(Code::OpenAccident, "R164 Art 25"),
                Free,
                Refused(Code::OpenAccident, "R164 Art 18"),
                Free,
                Free,
                Conditional(Code::OpenAccident, "R164 Art 37"),
                Free,
                Refused(Code::OpenAccident, "R164 Art 54"),
                Free,
            ],
            Self::SealedOrDetained => [
                Refused(Code::SealedOrDetained, "R164 Art 15(8)"),
                Refused(Code::SealedOrDetained, "R164 Art 29, 15(8)"),
                Refused(Code::SealedOrDetained, "R164 Art 21, 15(8)"),
                Refused(Code::SealedOrDetained, "R164 Art 21, 15(8)"),
                Refused(Code::SealedOrDetained, "R164 Art 36, 15(8)"),
                Refused(Code::SealedOrDetained, "R164 Art 36"),
                Refused(Code::SealedOrDetained, "R164 Art 42, 15(8)"),
                Free,
                Free,
                Refused(Code::SealedOrDetained, "R164 Art 21, 15(8)"),
            ],
            Self::Stolen => [
                Refused(Code::StolenOrDefrauded, "R164 Art 15(9)"),
                Refused(Code::StolenOrDefrauded, "R164 Art 29, 15(9)"),
                Refused(Code::StolenOrDefrauded, "R164 Art 21, 15(9)"),
                Refused(Code::StolenOrDefrauded, "R164 Art 21, 15(9)"),
                Refused(Code::StolenOrDefrauded, "R164 Art 36, 15(9)"),
                Refused(Code::StolenOrDefrauded, "R164 Art 76"),
                Refused(Code::StolenOrDefrauded, "R164 Art 42, 15(9)"),
                Refused(Code::StolenOrDefrauded, "R164 Art 76"),
                Refused(Code::StolenOrDefrauded, "R164 Art 76"),
                Refused(Code::StolenOrDefrauded, "R164 Art 21, 15(9)"),
            ],
            Self::CustomsSupervised => [
                Free,
                Refused(Code::CustomsSupervised, "R164 Art 29(2)"),
                Free,
                Free,
                Refused(Code::CustomsSupervised, "R164 Art 36, 29(2)"),
                Free,
                Conditional(Code::CustomsSupervised, "R164 Art 37"),
                Free,
                Free,
                Free,
            ],
            Self::Mortgaged => [
                Free,
                Conditional(Code::MortgageeConsentMissing, "R164 Art 26"),
                Free,
                Conditional(Code::MortgageeConsentMissing, "R164 Art 32"),
                Conditional(Code::MortgageeConsentMissing, "R164 Art 32"),
                Free,
                Refused(Code::MortgagedOrPledged, "R164 Art 42"),
                Free,
                Free,
                Conditional(Code::MortgageeConsentMissing, "R164 Art 32"),
            ],
            Self::NearScrapping => [
                Free,
                Refused(Code::WithinOneYearOfScrap, "R164 Art 29(3)"),
                Free,
                Refused(Code::WithinOneYearOfScrap, "R164 Art 21"),
                Free,
                Free,
                Free,
                Free,
                Free,
                Free,
            ],
            Self::ScrapStandardReached => [
                Refused(Code::ScrapStandardReached, "R164 Art 15(7)"),
                Refused(Code::ScrapStandardReached, "R164 Art 29, 15(7)"),
                Refused(Code::ScrapStandardReached, "R164 Art 21, 15(7)"),
                Refused(Code::ScrapStandardReached, "R164 Art 21, 15(7)"),
                Refused(Code::ScrapStandardReached, "R164 Art 36, 15(7)"),
                Free,
                Called("R164 Art 37"),
                Free,
                Refused(Code::ScrapStandardReached, "R164 Art 15(7)"),
                Refused(Code::ScrapStandardReached, "R164 Art 21, 15(7)"),
            ],
            // What is missing is a material: the passed inspection, and the insurance with it.
            Self::InspectionOverdue => [
                Free,
                Conditional(Code::MaterialMissing, "R164 Art 25"),
                Free,
                Conditional(Code::MaterialMissing, "R164 Art 18"),
                Free,
                Free,
                Free,
                Free,
                Conditional(Code::MaterialMissing, "R164 Art 54"),
                Free,
            ],
            Self::Deregistered | Self::MovedOut => {
                let gone = Refused(Code::DeregisteredOrMovedOut, "R164 Art 29(1)");
                let mut row = [gone; Column::ALL.len()];
                row[Column::Deregistration as usize] =
                    Refused(Code::DeregisteredOrMovedOut, "R164 Art 42, 29(1)");
                row
            }
            Self::UnderInvestigation => {
                [Investigated(Code::UnderInvestigation, "R164 Art 74"); Column::ALL.len()]
            }
            // Art 29 takes over (2) of Art 15, not (5) and (6).
            Self::OriginAltered => {
                let mut row = Self::of_registration(Code::OriginAltered, "R164 Art 15(2)");
                row[Column::Transfer as usize] = Refused(Code::OriginAltered, "R164 Art 29, 15(2)");
                row
            }
            Self::ModelNotAnnounced => {
                Self::of_registration(Code::ModelNotAnnounced, "R164 Art 15(5)")
            }
            Self::BelowStandard => Self::of_registration(Code::BelowStandard, "R164 Art 15(6)"),
        }
    }

    /// A row that concerns the first registration alone.
    const fn of_registration(code: FindingCode, rule: &'static str) -> [Cell; Column::ALL.len()] {
        let mut row = [Cell::Free; Column::ALL.len()];
        row[Column::Registration as usize] = Cell::Refused(code, rule);
        row
    }

    /// What the condition means for the services of a column.
    #[must_use]
    pub const fn cell(self, column: Column) -> Cell {
        self.row()[column as usize]
    }

    /// What the condition means for a service: its column's cell, unless an article has more to say of
    /// this one.
    #[must_use]
    pub const fn cell_of(self, service: Service) -> Cell {
        match self.own_cell(service) {
            Some(cell) => cell,
            None => self.cell(column(service)),
        }
    }

    const fn own_cell(self, service: Service) -> Option<Cell> {
        use FindingCode as Code;
        match (service, self) {
            // 申请前应当将两辆车的违法行为和交通事故处理完毕.
            (Service::PlateExchange, Self::ViolationPending) => {
                Some(Cell::Refused(Code::OpenViolations, "R164 Art 20"))
            }
            (Service::PlateExchange, Self::AccidentPending) => {
                Some(Cell::Refused(Code::OpenAccident, "R164 Art 20"))
            }
            // 申请补领、换领登记证书的，抵押权人共同申请; of nothing else that is issued again.
            (Service::RegistrationCertificateReplacement, Self::Mortgaged) => Some(
                Cell::Conditional(Code::MortgageeConsentMissing, "R164 Art 32"),
            ),
            // 转入: what has left the city comes back so.
            (Service::MoveIn, Self::MovedOut) => Some(Cell::Free),
            _ => None,
        }
    }
}

/// Every condition a vehicle is in.
pub fn conditions(vehicle: &VehicleRecord, today: Date) -> impl Iterator<Item = Condition> {
    let defects = vehicle.defects;
    let registration = vehicle.registration.as_ref();
    let known = [
        (defects.origin_altered, Condition::OriginAltered),
        (defects.model_not_announced, Condition::ModelNotAnnounced),
        (defects.below_standard, Condition::BelowStandard),
        (near_scrapping(vehicle, today), Condition::NearScrapping),
        (
            registration.is_some_and(|registration| !registration.mortgages.is_empty()),
            Condition::Mortgaged,
        ),
        (
            is_inspection_overdue(vehicle, today),
            Condition::InspectionOverdue,
        ),
        (
            is_past_its_life(vehicle, today) || has_missed_too_many_cycles(vehicle, today),
            Condition::ScrapStandardReached,
        ),
    ];
    let known = known.into_iter().filter(|(holds, _)| *holds);
    vehicle
        .flags
        .iter()
        .filter_map(Condition::of)
        .chain(known.map(|(_, condition)| condition))
}

/// Every ground of the vehicle's own standing on which the service is refused or investigated.
#[must_use]
pub fn grounds(service: Service, vehicle: &VehicleRecord, today: Date) -> Vec<FindingCode> {
    blocked(service, conditions(vehicle, today))
}

/// The same of a vehicle between two places: that it has moved out is no ground.
#[must_use]
pub fn grounds_on_the_way(
    service: Service,
    vehicle: &VehicleRecord,
    today: Date,
) -> Vec<FindingCode> {
    let others = conditions(vehicle, today).filter(|condition| *condition != Condition::MovedOut);
    blocked(service, others)
}

fn blocked(service: Service, conditions: impl Iterator<Item = Condition>) -> Vec<FindingCode> {
    let mut grounds: Vec<FindingCode> = conditions
        .filter_map(|condition| condition.cell_of(service).blocks())
        .collect();
    grounds.sort();
    grounds.dedup();
    grounds
}

/// Grounds on which a vehicle is not even tested: stolen, gone from the register, at the end of its life.
/// What its owner can settle until the mark is filed for, and what an officer decides, keeps the mark back
/// and not the test.
#[must_use]
pub fn bars_test(vehicle: &VehicleRecord, day: Date) -> Vec<FindingCode> {
    let mut grounds = grounds(Service::InspectionMark, vehicle, day);
    grounds.retain(|code| {
        matches!(
            code,
            FindingCode::StolenOrDefrauded
                | FindingCode::DeregisteredOrMovedOut
                | FindingCode::ScrapStandardReached
        )
    });
    grounds
}

/// 依据 of a ground in a service: the cell's article, or the ground's own.
#[must_use]
pub fn rule(service: Service, code: FindingCode) -> &'static str {
    let cells = Condition::ALL
        .iter()
        .filter_map(|row| row.cell_of(service).ground());
    let found = cells
        .chain(article_of(service, code).map(|rule| (code, rule)))
        .chain(contradictions(column(service)).iter().copied())
        .find(|(ground, _)| *ground == code);
    found.map_or(code.rule(), |(_, rule)| rule)
}

/// 依据 of a material that is missing: the article of the cell that asks for it, where one does; of all
/// others, that everything missing is told at once. The mark after a test asks for one whether or not
/// the last has run out.
#[must_use]
pub fn rule_of_missing(service: Service, kind: MaterialKind) -> &'static str {
    match kind {
        MaterialKind::MortgageeConsent => rule(service, FindingCode::MortgageeConsentMissing),
        MaterialKind::CustomsRelease => rule(service, FindingCode::CustomsSupervised),
        kind if is_asked_when_overdue(service, kind) => rule(service, FindingCode::MaterialMissing),
        _ => FindingCode::MaterialMissing.rule(),
    }
}

fn is_asked_when_overdue(service: Service, kind: MaterialKind) -> bool {
    let mut asked = services::rule(service).materials.iter();
    asked.any(|rule| rule.kind == kind && rule.condition == MaterialCondition::InspectionOverdue)
        || (service, kind) == (Service::InspectionMark, MaterialKind::SafetyInspection)
}

/// What the submission alone shows to be wrong, by the article of the service for which it is: unless the
/// rule that found it names another.
#[must_use]
pub fn by_article_of(service: Service, fault: Fault) -> Fault {
    let code = fault.code.parse::<FindingCode>().ok();
    let general = code.filter(|code| fault.rule == Some(code.rule()));
    match general {
        Some(code) => Fault {
            rule: Some(rule(service, code)),
            ..fault
        },
        None => fault,
    }
}

/// Grounds that a service has by an article of its own: one more than the matrix, or, of what several
/// services ask for alike, the article that the service is done by.
fn article_of(service: Service, code: FindingCode) -> Option<&'static str> {
    use FindingCode as Code;
    match (service, code) {
        (Service::TemporaryPlate, Code::InsuranceNotInForce) => Some("R164 Art 47"),
        (
            _,
            Code::VehicleNotRegistered
            | Code::NothingChanges
            | Code::SignatureMissing
            | Code::SignatureRepeated
            | Code::OwnerIsLender
            | Code::AlreadyMortgaged
            | Code::NotMortgaged
            | Code::ContractMismatch
            | Code::MaterialNeededSince,
        ) => Some(services::rule(service).limit_rule),
        _ => None,
    }
}

/// 与登记内容不符: what is no standing of the vehicle, where the service has an article on it other
/// than that of transfers.
const fn contradictions(column: Column) -> &'static [(FindingCode, &'static str)] {
    use FindingCode::{MortgageeMismatch, RecordMismatch};
    match column {
        Column::Alteration => &[(RecordMismatch, "R164 Art 21, 15(1)")],
        Column::Move => &[
            (RecordMismatch, "R164 Art 21, 15(1)"),
            (MortgageeMismatch, "R164 Art 32"),
        ],
        Column::Mortgage => &[
            (RecordMismatch, "R164 Art 36, 15(1)"),
            (MortgageeMismatch, "R164 Art 32"),
        ],
        Column::MortgageRelease => &[
            (RecordMismatch, "R164 Art 36, 15(1)"),
            (MortgageeMismatch, "R164 Art 33"),
        ],
        Column::CoOwners => &[
            (RecordMismatch, "R164 Art 21, 15(1)"),
            (MortgageeMismatch, "R164 Art 32"),
        ],
        Column::Deregistration => &[(RecordMismatch, "R164 Art 42, 29(1)")],
        Column::Reissue => &[(MortgageeMismatch, "R164 Art 32")],
        Column::Registration | Column::Transfer | Column::InspectionMark => &[],
    }
}

/// 距报废期限一年以内 (R164 Art 29(3)); once the date is reached the scrap standard takes its place.
fn near_scrapping(vehicle: &VehicleRecord, today: Date) -> bool {
    vehicle
        .scrap_due_on()
        .is_some_and(|scrap| today < scrap && today.saturating_add(1.year()) >= scrap)
}

/// 达到报废年限 (《机动车强制报废标准规定》 Art 4(1), 5): whether or not a flag says so yet.
fn is_past_its_life(vehicle: &VehicleRecord, today: Date) -> bool {
    vehicle.scrap_due_on().is_some_and(|scrap| scrap <= today)
}

/// 逾期未检验: flagged, or past its date.
#[must_use]
pub fn is_inspection_overdue(vehicle: &VehicleRecord, today: Date) -> bool {
    let due = vehicle
        .registration
        .as_ref()
        .map(|registration| registration.inspection_due_on);
    vehicle.flags.contains(Flag::InspectionOverdue) || due.is_some_and(|due| due < today)
}

/// 连续三个检验周期未取得检验合格标志 (《机动车强制报废标准规定》 Art 4(4)).
fn has_missed_too_many_cycles(vehicle: &VehicleRecord, today: Date) -> bool {
    let missed = || vehicle.outstanding(today).map(|it| it.missed_cycles);
    is_inspection_overdue(vehicle, today)
        && missed().is_some_and(|missed| missed >= MISSED_CYCLES_TO_SCRAP)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::{catalogue, register::Register};

    /// The table as the regulation's readers have it: `●` refused, `○` allowed with something
    /// added, `–` no effect, `!` investigated, `*` called for; each with its article. What is told
    /// stands behind the row.
    const TABLE: &str = "
        ViolationPending       | –       | ● 25       | –          | ● 18       | –          | –     | ○ 37       | –    | ● 54 | – | open_violations
        AccidentPending        | –       | ● 25       | –          | ● 18       | –          | –     | ○ 37       | –    | ● 54 | – | open_accident
        SealedOrDetained       | ● 15(8) | ● 29,15(8) | ● 21,15(8) | ● 21,15(8) | ● 36,15(8) | ● 36  | ● 42,15(8) | –    | – | ● 21,15(8) | sealed_or_detained
        Stolen                 | ● 15(9) | ● 29,15(9) | ● 21,15(9) | ● 21,15(9) | ● 36,15(9) | ● 76  | ● 42,15(9) | ● 76 | ● 76 | ● 21,15(9) | stolen_or_defrauded
        CustomsSupervised      | –       | ● 29(2)    | –          | –          | ● 36,29(2) | –     | ○ 37       | –    | – | – | customs_supervised
        Mortgaged              | –       | ○ 26       | –          | ○ 32       | ○ 32       | –     | ● 42       | –    | – | ○ 32 | mortgagee_consent_missing, mortgaged_or_pledged
        NearScrapping          | –       | ● 29(3)    | –          | ● 21       | –          | –     | –          | –    | – | – | within_one_year_of_scrap
        ScrapStandardReached   | ● 15(7) | ● 29,15(7) | ● 21,15(7) | ● 21,15(7) | ● 36,15(7) | –     | * 37       | –    | ● 15(7) | ● 21,15(7) | scrap_standard_reached
        InspectionOverdue      | –       | ○ 25       | –          | ○ 18       | –          | –     | –          | –    | ○ 54 | – | material_missing
        Deregistered           | ● 29(1) | ● 29(1)    | ● 29(1)    | ● 29(1)    | ● 29(1)    | ● 29(1) | ● 42,29(1) | ● 29(1) | ● 29(1) | ● 29(1) | deregistered_or_moved_out
        MovedOut               | ● 29(1) | ● 29(1)    | ● 29(1)    | ● 29(1)    | ● 29(1)    | ● 29(1) | ● 42,29(1) | ● 29(1) | ● 29(1) | ● 29(1) | deregistered_or_moved_out
        UnderInvestigation     | ! 74    | ! 74       | ! 74       | ! 74       | ! 74       | ! 74  | ! 74       | ! 74 | ! 74 | ! 74 | under_investigation
        OriginAltered          | ● 15(2) | ● 29,15(2) | –          | –          | –          | –     | –          | –    | – | – | origin_altered
        ModelNotAnnounced      | ● 15(5) | –          | –          | –          | –          | –     | –          | –    | – | – | model_not_announced
        BelowStandard          | ● 15(6) | –          | –          | –          | –          | –     | –          | –    | – | – | below_standard";

    /// A cell as the table writes it.
    fn written(cell: Cell) -> String {
        let (sign, rule) = match cell {
            Cell::Free => return "–".to_owned(),
            Cell::Conditional(_, rule) => ("○", rule),
            Cell::Refused(_, rule) => ("●", rule),
            Cell::Investigated(_, rule) => ("!", rule),
            Cell::Called(rule) => ("*", rule),
        };
        let article = rule.strip_prefix("R164 Art ").unwrap();
        format!("{sign} {}", article.replace(", ", ","))
    }

    #[test]
    fn every_cell_of_the_block_matrix_is_as_in_the_table() {
        let mut cells = 0;
        let rows: Vec<&str> = TABLE.trim().lines().collect();
        assert_eq!(rows.len(), Condition::ALL.len());
        for (condition, row) in Condition::ALL.iter().zip(rows) {
            let (row, codes) = row.rsplit_once('|').unwrap();
            let mut expected = row.split('|').map(str::trim);
            assert_eq!(expected.next(), Some(format!("{condition:?}").as_str()));
            let mut told: Vec<&str> = Vec::new();
            for column in Column::ALL {
                let code = condition
                    .cell(column)
                    .ground()
                    .map(|(code, _)| code.as_str());
                told.extend(code.filter(|code| !told.contains(code)));
            }
            assert_eq!(told.join(", "), codes.trim(), "{condition:?}");
            for column in Column::ALL {
                let cell = written(condition.cell(column));
                assert_eq!(
                    expected.next(),
                    Some(cell.as_str()),
                    "{condition:?} {column:?}"
                );
                cells += 1;
            }
            assert_eq!(expected.next(), None);
        }
        assert_eq!(cells, 15 * 10);
    }

    #[test]
    fn a_column_never_gives_one_ground_two_articles() {
        for column in Column::ALL {
            let told: Vec<_> = Condition::ALL
                .iter()
                .filter_map(|row| row.cell(column).ground())
                .filter(|(code, _)| *code != FindingCode::MaterialMissing)
                .collect();
            for (code, rule) in &told {
                let rules = told.iter().filter(|(other, _)| other == code);
                assert!(rules.clone().all(|(_, other)| other == rule), "{code}");
            }
        }
    }

    #[test]
    fn an_exchange_of_numbers_is_an_alteration_of_vehicles_without_violations() {
        for condition in Condition::ALL {
            let expected = match condition {
                Condition::ViolationPending => {
                    Cell::Refused(FindingCode::OpenViolations, "R164 Art 20")
                }
                Condition::AccidentPending => {
                    Cell::Refused(FindingCode::OpenAccident, "R164 Art 20")
                }
                other => other.cell(Column::Alteration),
            };
            assert_eq!(condition.cell_of(Service::PlateExchange), expected);
            let other = condition.cell_of(Service::Transfer);
            assert_eq!(other, condition.cell(Column::Transfer));
        }
        let violations = FindingCode::OpenViolations;
        assert_eq!(rule(Service::PlateExchange, violations), "R164 Art 20");
    }

    /// By its date alone, whatever its flags: no service but its end, and what no row refuses.
    #[test]
    fn a_vehicle_at_its_scrap_date_has_reached_the_standard() {
        let on = |scrap: Date| {
            let base = Register::new(Arc::new(catalogue::base_register()));
            let clean = base.vehicle("LGXC16AF7N0000037".parse().unwrap());
            let mut vehicle = clean.cloned().unwrap();
            let registration = vehicle.registration.as_mut().unwrap();
            registration.inspection_due_on = jiff::civil::date(2026, 3, 31);
            registration.scrap_due_on = Some(scrap);
            let today = jiff::civil::date(2026, 3, 10);
            let conditions: Vec<_> = conditions(&vehicle, today).collect();
            let refused = |service: &Service| !grounds(*service, &vehicle, today).is_empty();
            (
                conditions,
                Service::ALL.iter().copied().filter(refused).collect(),
            )
        };
        let (conditions, refused): (_, Vec<Service>) = on(jiff::civil::date(2026, 3, 10));
        assert_eq!(conditions, [Condition::ScrapStandardReached]);
        assert!(refused.contains(&Service::Transfer) && refused.contains(&Service::ExemptMark));
        assert!(!refused.contains(&Service::Deregistration));
        let (conditions, refused) = on(jiff::civil::date(2026, 3, 11));
        assert_eq!(conditions, [Condition::NearScrapping]);
        assert!(!refused.contains(&Service::ExemptMark));
    }

    #[test]
    fn a_ground_without_a_cell_is_told_by_its_own_article() {
        let mismatch = FindingCode::RecordMismatch;
        assert_eq!(rule(Service::Transfer, mismatch), "R164 Art 29(1)");
        assert_eq!(rule(Service::Mortgage, mismatch), "R164 Art 36, 15(1)");
        let barred = FindingCode::ApplicantBarred;
        assert_eq!(rule(Service::Transfer, barred), barred.rule());
    }
}
