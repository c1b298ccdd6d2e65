//! Rules on the papers a submission names, whatever its service.

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{ConformityCertificate, Fen, FindingCode, ImportProof, Place, Seats, VehicleOrigin},
    codes::VehicleType,
    identifiers::{InvoiceCode, InvoiceNumber, Vin},
};
use serde_json::Value;

use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
};

/// 凭证与车辆相符 (R164 Art 15(3)): every VIN in a submission is the vehicle's.
#[must_use]
pub fn same_vehicle<S>(
    filing: &Filing<'_, S>,
    vehicle: Field<S, Vin>,
    papers: &[Field<S, Vin>],
) -> Vec<Fault> {
    let Some(vin) = filing.get(vehicle) else {
        return Vec::new();
    };
    let differs = |paper: &&Field<S, Vin>| filing.get(**paper).is_some_and(|other| other != vin);
    papers
        .iter()
        .filter(differs)
        .map(|paper| Fault::finding(FindingCode::VinMismatch, paper.pointer))
        .collect()
}

/// 合格证或进口凭证 (R164 Art 12(3)): the one that fits the origin, and only that one.
#[must_use]
pub fn proof_of_origin<S>(
    filing: &Filing<'_, S>,
    origin: Field<S, VehicleOrigin>,
    certificate: Field<S, ConformityCertificate>,
    import: Field<S, ImportProof>,
) -> Vec<Fault> {
    let Some(origin) = filing.get(origin) else {
        return Vec::new();
    };
    let (certificate_given, import_given) = (filing.has(certificate), filing.has(import));
    let findings = match *origin {
        VehicleOrigin::Domestic => [
            (!certificate_given).then_some((
                certificate.pointer,
                FindingCode::ConformityCertificateMissing,
            )),
            import_given.then_some((import.pointer, FindingCode::ProofNotOfOrigin)),
        ],
        VehicleOrigin::Imported => [
            (!import_given).then_some((import.pointer, FindingCode::ImportProofMissing)),
            certificate_given.then_some((certificate.pointer, FindingCode::ProofNotOfOrigin)),
        ],
    };
    findings
        .into_iter()
        .flatten()
        .map(|(pointer, code)| Fault::finding(code, pointer))
        .collect()
}

/// Whether the others of a submission call for a member that may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must be there.
    Present,
    /// It may be there.
    Optional,
    /// It must not be there.
    Absent,
}

impl Need {
    /// There if and only if.
    #[must_use]
    pub const fn when(needed: bool) -> Self {
        if needed { Self::Present } else { Self::Absent }
    }

    /// There only if.
    #[must_use]
    pub const fn only_when(fits: bool) -> Self {
        if fits { Self::Optional } else { Self::Absent }
    }
}

/// A member that is there without need, or that is needed and not there.
#[must_use]
pub fn needed<S, T>(filing: &Filing<'_, S>, member: Field<S, T>, need: Need) -> Option<Fault> {
    let code = match (need, filing.has(member)) {
        (Need::Present, false) => FindingCode::Required,
        (Need::Absent, true) => FindingCode::NotApplicable,
        _ => return None,
    };
    // Where there is no room for it, that is the fault to tell.
    let has_room = match filing {
        Filing::Whole(_) => true,
        Filing::Parts { value, .. } => {
            let around = member.pointer.rsplit_once('/').map(|(around, _)| around);
            around.is_some_and(|around| value.pointer(around).is_some_and(Value::is_object))
        }
    };
    has_room.then(|| Fault::finding(code, member.pointer))
}

/// What is filed after its last day is handled all the same: the duty has a fine, and no refusal.
#[must_use]
pub fn late(
    last_day: Date,
    today: Date,
    pointer: &'static str,
    code: FindingCode,
) -> Option<Ground> {
    (today > last_day).then(|| Ground::from((pointer, code)))
}

/// No paper is dated after today.
#[must_use]
pub fn not_in_future<S>(
    filing: &Filing<'_, S>,
    today: Date,
    dates: &[Field<S, Date>],
) -> Vec<Fault> {
    dates
        .iter()
        .filter(|date| filing.get(**date).is_some_and(|date| *date > today))
        .map(|date| Fault::finding(FindingCode::DateInFuture, date.pointer))
        .collect()
}

/// 核定载客: only a trailer seats nobody (GA 802).
#[must_use]
pub fn seats<S>(
    filing: &Filing<'_, S>,
    vehicle_type: Field<S, VehicleType>,
    seats: Field<S, Seats>,
) -> Option<Fault> {
    let (kind, named) = (filing.get(vehicle_type)?, filing.get(seats)?);
    (named.get() == 0 && !kind.is_trailer())
        .then(|| Fault::finding(FindingCode::SeatsNotOfClass, seats.pointer))
}

/// What happened first is dated first; blames the later date.
#[must_use]
pub fn in_order<S>(
    filing: &Filing<'_, S>,
    earlier: Field<S, Date>,
    later: Field<S, Date>,
) -> Vec<Fault> {
    match (filing.get(earlier), filing.get(later)) {
        (Some(first), Some(second)) if second < first => {
            vec![Fault::finding(FindingCode::DatesOutOfOrder, later.pointer)]
        }
        _ => Vec::new(),
    }
}

/// The members of an invoice that rules look at.
pub struct InvoiceFields<S> {
    /// 发票代码.
    pub code: Field<S, InvoiceCode>,
    /// 发票号码.
    pub number: Field<S, InvoiceNumber>,
    /// 开票日期.
    pub issued_on: Field<S, Date>,
    /// 价税合计.
    pub price: Field<S, Fen>,
}

/// 发票: code and number belong together, a fully digital number carries the year of issue, and nothing
/// is invoiced for nothing.
#[must_use]
pub fn invoice<S>(filing: &Filing<'_, S>, today: Date, invoice: &InvoiceFields<S>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if filing
        .get(invoice.price)
        .is_some_and(|price| price.get() == 0)
    {
        let code = FindingCode::OutOfRange;
        faults.push(Fault::finding(code, invoice.price.pointer));
    }
    let Some(number) = filing.get(invoice.number) else {
        return faults;
    };
    let code = filing.get(invoice.code);
    let undecided = filing.has(invoice.code) && code.is_none();
    if !undecided {
        let outcome = number.check_code(code.as_deref());
        faults.extend(identifier_fault(invoice.code.pointer, outcome));
    }
    let of_another_year = |year| {
        let issued_on = filing.get(invoice.issued_on);
        issued_on.is_some_and(|issued_on| issued_on.year() != year)
    };
    let found = match number.year() {
        Some(year) if year > today.year() => Some(FindingCode::DateInFuture),
        Some(year) if of_another_year(year) => Some(FindingCode::InvoiceYearMismatch),
        _ => None,
    };
    faults.extend(found.map(|code| Fault::finding(code, invoice.number.pointer)));
    faults
}

/// A policy may begin this many days after the filing: no source sets a number, a month leaves room
/// for a car that is fetched later.
const INSURED_WITHIN_DAYS: i64 = 30;

/// 交强险: not ended, and for at most a year (JQX Art 20). It may begin a little later.
#[must_use]
pub fn insurance<S>(
    filing: &Filing<'_, S>,
    today: Date,
    from: Field<S, Date>,
    until: Field<S, Date>,
) -> Vec<Fault> {
    let Some(last) = filing.get(until) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    if *last < today {
        faults.push(Fault::finding(FindingCode::InsuranceExpired, until.pointer));
    }
    if let Some(first) = filing.get(from) {
        if *first > today.saturating_add(INSURED_WITHIN_DAYS.days()) {
            faults.push(Fault::finding(
                FindingCode::InsurancePeriodWrong,
                from.pointer,
            ));
        }
        // A policy "from 1 March to 1 March" at noon is a year too.
        let year_on = first.saturating_add(1.year());
        if *last < *first || *last > year_on {
            faults.push(Fault::finding(
                FindingCode::InsurancePeriodWrong,
                until.pointer,
            ));
        }
    }
    faults
}

/// 代理 (R164 Art 86): the power of attorney still holds.
#[must_use]
pub fn power_of_attorney<S>(
    filing: &Filing<'_, S>,
    today: Date,
    until: Field<S, Date>,
) -> Vec<Fault> {
    let expired = filing.get(until).is_some_and(|last| *last < today);
    expired
        .then(|| Fault::finding(FindingCode::PowerOfAttorneyExpired, until.pointer))
        .into_iter()
        .collect()
}

/// A check of an identifier that depends on another member.
#[must_use]
pub fn identifier_fault(
    pointer: &'static str,
    outcome: Result<(), lingminban::identifiers::IdentifierError>,
) -> Vec<Fault> {
    outcome
        .err()
        .map(|error| Fault::identifier(Place::Pointer(pointer.to_owned()), error))
        .into_iter()
        .collect()
}
