//! 临时行驶车号牌 (R164 Art 27, 28, 46–48, 51): for which cases, how long, and how often.

use jiff::{Span, ToSpan, civil::Date};
use lingminban::{
    api::{
        FindingCode, Lookup, OriginProof, Service, TemporaryPlateCase as Case,
        TemporaryPlateRequest, VehicleOrigin,
    },
    codes::VehicleType,
    identifiers::{IdentityNumber, Vin},
    services::MaterialCondition as When,
};

use super::{
    materials::{self, SILENT_ON_PAPER_INVOICES},
    on_record::{self, Claim},
    papers::{self, Need},
    parties,
    situation::Situation,
    standing,
};
use crate::engine::{
    Fault,
    docket::{Docket, Entry, Ground, MaterialEntry, PromisedTemporaryPlate},
    filing::{Field, Filing},
    register::{IssuedTemporaryPlate, Register, Registration, VehicleRecord, Words},
};
use crate::field;

type Submission<'a> = Filing<'a, TemporaryPlateRequest>;
type Member<T> = Field<TemporaryPlateRequest, T>;

/// 三日: no longer than so many days after formal plates are handed out (R164 Art 47).
const BESIDE_FORMAL_PLATES_DAYS: i64 = 3;

/// What a case allows and what it is about.
struct Allowance {
    /// 最长有效期, in calendar days (R164 Art 92).
    longest: Longest,
    /// 次数上限 for one owner of a vehicle, and what the one too many is refused with.
    at_most: Option<(u32, FindingCode)>,
    vehicle: Vehicle,
    /// 合格证、进口凭证: whether one of the two is asked for.
    conformity: bool,
    /// 依据 of how long it holds.
    rule: &'static str,
}

/// How long a plate holds.
#[derive(Clone, Copy)]
enum Longest {
    Days(i64),
    Months(i64),
}

/// What a case is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vehicle {
    /// A vehicle that is not registered.
    New,
    /// One that is, named by its plates, or as one that bears none.
    Registered,
    /// One that is or is about to be, and that may bear none.
    WithoutPlates,
}

const fn allowance(case: Case) -> Allowance {
    const OF_NEW: Allowance = Allowance {
        longest: Longest::Days(30),
        at_most: None,
        vehicle: Vehicle::New,
        conformity: false,
        rule: "R164 Art 47",
    };
    const OF_REGISTERED: Allowance = Allowance {
        vehicle: Vehicle::Registered,
        ..OF_NEW
    };
    match case {
        Case::Unsold | Case::AcquiredUnregistered => Allowance {
            at_most: Some((3, FindingCode::TemporaryPlatesUsedUp)),
            conformity: true,
            ..OF_NEW
        },
        Case::NewExport => Allowance {
            at_most: Some((1, FindingCode::TemporaryPlatesUsedUp)),
            ..OF_NEW
        },
        Case::ResearchTest => Allowance {
            longest: Longest::Months(6),
            ..OF_NEW
        },
        Case::OversizeSpecial => Allowance {
            longest: Longest::Days(90),
            conformity: true,
            ..OF_NEW
        },
        Case::ConnectedTest => Allowance {
            longest: Longest::Months(6),
            rule: "R164 Art 48",
            ..OF_NEW
        },
        // Of one that is being registered no plates can be named.
        Case::PlateMakingDelay => Allowance {
            longest: Longest::Days(15),
            vehicle: Vehicle::WithoutPlates,
            ..OF_NEW
        },
        Case::PlateRemaking => Allowance {
            longest: Longest::Days(15),
            rule: "R164 Art 51",
            ..OF_REGISTERED
        },
        Case::TransferOut => Allowance {
            rule: "R164 Art 27",
            ..OF_REGISTERED
        },
        Case::UsedExport => Allowance {
            longest: Longest::Days(60),
            rule: "R164 Art 28",
            ..OF_REGISTERED
        },
        // The notice sets no length; that of other vehicles for sale is taken: a parameter.
        Case::DealerStock => Allowance {
            at_most: Some((3, FindingCode::StockPlatesUsedUp)),
            vehicle: Vehicle::WithoutPlates,
            rule: "商消费发〔2022〕92号",
            ..OF_NEW
        },
    }
}

impl Allowance {
    /// The last day of one that begins on a day.
    fn last_day(&self, from: Date) -> Date {
        let span: Span = match self.longest {
            Longest::Days(days) => days.days(),
            Longest::Months(months) => months.months(),
        };
        from.saturating_add(span)
    }
}

/// Whether a case is of vehicles that are registered.
#[must_use]
pub fn is_of_registered(case: Case) -> bool {
    allowance(case).vehicle != Vehicle::New
}

/// Everything the submission alone shows to be wrong.
#[must_use]
pub fn examine(filing: &Submission<'_>, situation: &Situation<'_>) -> Vec<Fault> {
    let today = situation.today;
    [
        members(filing),
        vehicle(filing, situation),
        papers_named(filing, today),
        parties::identity(
            filing,
            today,
            field!(owner.kind),
            field!(owner.identity_number),
        ),
        parties::agent(filing, today, field!(agent?.identity_number)),
        papers::power_of_attorney(filing, today, field!(agent?.power_of_attorney_until)),
        last_day_asked(filing, situation),
    ]
    .concat()
}

/// Which members go with the case.
fn members(filing: &Submission<'_>) -> Vec<Fault> {
    let Some(case) = filing.get(field!(case)) else {
        return Vec::new();
    };
    let allowance = allowance(*case);
    let of_new = Need::when(allowance.vehicle == Vehicle::New);
    let [plate_kind, plate_number] = match allowance.vehicle {
        Vehicle::New => [Need::Absent; 2],
        Vehicle::Registered => [Need::Present, Need::Optional],
        Vehicle::WithoutPlates => [Need::Optional; 2],
    };
    let insurance = match allowance.vehicle {
        Vehicle::New => Need::Present,
        Vehicle::Registered | Vehicle::WithoutPlates => Need::Optional,
    };
    let acquired = Need::when(*case == Case::AcquiredUnregistered);
    let tested = Need::when(*case == Case::ConnectedTest);
    let conformity = Need::only_when(allowance.conformity);
    let found = [
        papers::needed(filing, field!(vehicle.origin?), of_new),
        papers::needed(filing, field!(vehicle.vehicle_type?), of_new),
        papers::needed(filing, field!(vehicle.use_character?), of_new),
        papers::needed(filing, field!(vehicle.plate_kind?), plate_kind),
        papers::needed(filing, field!(vehicle.plate_number?), plate_number),
        papers::needed(filing, field!(compulsory_insurance?), insurance),
        papers::needed(filing, field!(origin_proof?), acquired),
        papers::needed(filing, field!(test_permit?), tested),
        papers::needed(filing, field!(conformity_certificate?), conformity),
        papers::needed(filing, field!(import_proof?), conformity),
    ];
    let found = found.into_iter().flatten();
    let origin = papers::proof_of_origin(
        filing,
        field!(vehicle.origin?),
        field!(conformity_certificate?),
        field!(import_proof?),
    );
    found
        .chain(origin.into_iter().filter(|_| allowance.conformity))
        .collect()
}

/// The vehicle is on record where the case is of registered ones, and its numbers are right.
fn vehicle(filing: &Submission<'_>, situation: &Situation<'_>) -> Vec<Fault> {
    let vin: Member<_> = field!(vehicle.vin);
    let case = filing.get(field!(case));
    let registered = case.as_ref().is_some_and(|case| is_of_registered(**case));
    let in_making = || {
        let (case, vin) = (case.as_deref()?, filing.get(vin)?);
        plates_in_making(*case, *vin, situation.register, situation.docket)
    };
    let domestic = filing
        .get(field!(vehicle.origin?))
        .is_some_and(|origin| *origin == VehicleOrigin::Domestic);
    [
        match filing.get(vin) {
            Some(_) if registered && in_making().is_none() => {
                on_record::registered(filing, situation, vin)
            }
            Some(number) if domestic => papers::identifier_fault(vin.pointer, number.check()),
            _ => Vec::new(),
        },
        plates(filing, registered),
        special(filing),
    ]
    .concat()
}

/// 号牌: a number and its kind fit each other; a vehicle that bears plates is named by both.
fn plates(filing: &Submission<'_>, registered: bool) -> Vec<Fault> {
    let (number, kind): (Member<_>, Member<_>) =
        (field!(vehicle.plate_number?), field!(vehicle.plate_kind?));
    if registered {
        on_record::named_plate(filing, number, kind)
    } else {
        on_record::plate(filing, number, kind)
    }
}

/// 超限特型机动车 (R164 Art 46): goods vehicles, trailers, special-purpose vehicles and wheeled machinery;
/// no car and no motorcycle is built over size. The article lists no classes: a parameter.
fn special(filing: &Submission<'_>) -> Vec<Fault> {
    let vehicle_type: Member<_> = field!(vehicle.vehicle_type?);
    let over_size = filing.get(field!(case)).as_deref() == Some(&Case::OversizeSpecial);
    let can_be =
        |named: &VehicleType| matches!(named.class_letter(), 'H' | 'Q' | 'Z' | 'J' | 'B' | 'G');
    let cannot = filing
        .get(vehicle_type)
        .is_some_and(|named| !can_be(&named));
    (over_size && cannot)
        .then(|| Fault::finding(FindingCode::NotSpecialVehicle, vehicle_type.pointer))
        .into_iter()
        .collect()
}

/// Whether a case is of vehicles for which plates are being made.
#[must_use]
pub const fn waits_for_plates(case: Case) -> bool {
    matches!(case, Case::PlateMakingDelay | Case::PlateRemaking)
}

/// 号牌制作期间: whether plates are made on that application for which a case drives the vehicle: those
/// that were lost (R164 Art 51), or those of a number that it gets (Art 47).
#[must_use]
pub fn makes_plates(case: Case, application: &Entry, register: &Register) -> bool {
    match case {
        Case::PlateRemaking => application.service == Service::PlateReplacement,
        Case::PlateMakingDelay => {
            application.service != Service::TemporaryPlate
                && register.promised(&application.outcome.record).is_some()
        }
        _ => false,
    }
}

/// The application under way on which they are.
#[must_use]
pub fn plates_in_making<'a>(
    case: Case,
    vin: Vin,
    register: &Register,
    docket: &'a Docket,
) -> Option<&'a Entry> {
    if !waits_for_plates(case) {
        return None;
    }
    let mut open = docket.open_for(vin).filter_map(|number| docket.get(number));
    open.find(|application| makes_plates(case, application, register))
}

/// The vehicle for which they are, with the owner who is to have them; still under the plates on record,
/// where there are any.
#[must_use]
pub fn with_plates_in_making(
    case: Case,
    vin: Vin,
    situation: &Situation<'_>,
) -> Option<VehicleRecord> {
    let register = situation.register;
    let coming = &plates_in_making(case, vin, register, situation.docket)?
        .outcome
        .record;
    let known = register
        .vehicle(vin)
        .filter(|known| known.registration.is_some());
    let mut record = known.unwrap_or(coming).clone();
    if let (Some(registration), Some(coming)) = (&mut record.registration, &coming.registration) {
        registration.owner_name = coming.owner_name.clone();
        registration.owner_identity = coming.owner_identity;
        registration.insured_until = coming.insured_until;
    }
    Some(record)
}

/// What is wrong with the papers that are named.
fn papers_named(filing: &Submission<'_>, today: Date) -> Vec<Fault> {
    let permit: Member<Date> = field!(test_permit?.valid_until);
    let permit_ended = filing.get(permit).is_some_and(|last| *last < today);
    [
        papers::same_vehicle(
            filing,
            field!(vehicle.vin),
            &[
                field!(origin_proof?.invoice.vin),
                field!(conformity_certificate?.vin),
                field!(import_proof?.vin),
                field!(compulsory_insurance?.vin),
            ],
        ),
        papers::not_in_future(
            filing,
            today,
            &[
                field!(origin_proof?.invoice.issued_on),
                field!(conformity_certificate?.issued_on),
                field!(import_proof?.imported_on),
            ],
        ),
        papers::invoice(
            filing,
            today,
            &papers::InvoiceFields {
                code: field!(origin_proof?.invoice.code?),
                number: field!(origin_proof?.invoice.number),
                issued_on: field!(origin_proof?.invoice.issued_on),
                price: field!(origin_proof?.invoice.price_fen),
            },
        ),
        papers::insurance(
            filing,
            today,
            field!(compulsory_insurance?.valid_from),
            field!(compulsory_insurance?.valid_until),
        ),
        permit_ended
            .then(|| Fault::finding(FindingCode::TestPermitExpired, permit.pointer))
            .into_iter()
            .collect(),
    ]
    .concat()
}

/// 申请有效期止: not before today, and neither beyond the case's limit, nor the permit, nor the policy
/// named.
fn last_day_asked(filing: &Submission<'_>, situation: &Situation<'_>) -> Vec<Fault> {
    let field: Member<Date> = field!(valid_until?);
    let Some(asked) = filing.get(field) else {
        return Vec::new();
    };
    let finding = |code| Fault::finding(code, field.pointer);
    let policy = Insurance {
        from: filing
            .get(field!(compulsory_insurance?.valid_from))
            .as_deref()
            .copied(),
        until: filing
            .get(field!(compulsory_insurance?.valid_until))
            .as_deref()
            .copied(),
    };
    let known = filing
        .get(field!(vehicle.vin))
        .and_then(|vin| situation.register.vehicle(*vin));
    let insurance = policy.beside(known.and_then(|known| known.registration.as_ref()));
    let begins = insurance.begin(situation.today);
    let mut faults = Vec::new();
    if *asked < begins {
        faults.push(finding(FindingCode::DatesOutOfOrder));
    }
    if let Some(case) = filing.get(field!(case)) {
        let allowance = allowance(*case);
        let permitted = filing.get(field!(test_permit?.valid_until));
        let longest = allowance.last_day(begins);
        let longest = permitted.map_or(longest, |permitted| longest.min(*permitted));
        if *asked > longest {
            faults.push(Fault {
                rule: Some(allowance.rule),
                ..finding(FindingCode::TemporaryPlateTooLong)
            });
        }
    }
    // What the record alone knows is the authority's to tell.
    let named = policy.until.is_some();
    if named && insurance.until.is_some_and(|last| *asked > last) {
        faults.push(finding(FindingCode::TemporaryPlateBeyondInsurance));
    }
    faults
}

/// 二手车待销售: how many the dealer who holds the vehicle has had for it.
#[must_use]
pub fn issued_to_stock(
    vehicle: &VehicleRecord,
    registration: &Registration,
    register: &Register,
) -> u32 {
    let owner = &registration.owner_identity;
    let earlier = earlier(vehicle, Case::DealerStock, owner, register);
    u32::try_from(earlier.count()).unwrap_or(u32::MAX)
}

/// 交强险: from when to when, as far as it is known.
#[derive(Clone, Copy)]
struct Insurance {
    /// None where it is in force already.
    from: Option<Date>,
    until: Option<Date>,
}

impl Insurance {
    /// A policy together with the one on record: it is in force from the policy's first day, unless the
    /// one on record holds until then.
    fn beside(self, registration: Option<&Registration>) -> Self {
        let on_record = registration.and_then(|registration| registration.insured_until);
        Self {
            from: self
                .from
                .filter(|from| on_record.is_none_or(|last| last < *from)),
            until: self.until.max(on_record),
        }
    }

    /// The first day of a plate issued on a day.
    fn begin(self, issued_on: Date) -> Date {
        self.from.map_or(issued_on, |from| from.max(issued_on))
    }
}

/// Grounds that only the authority's records show.
#[must_use]
pub fn grounds(
    request: &TemporaryPlateRequest,
    known: Option<&VehicleRecord>,
    situation: &Situation<'_>,
) -> Vec<Ground> {
    let registration = known.and_then(|known| known.registration.as_ref());
    let agent = request.agent.as_ref();
    let people = [
        ("/owner", Some(&request.owner.identity_number)),
        ("/agent", agent.map(|agent| &agent.identity_number)),
    ];
    let making = plates_in_making(
        request.case,
        request.vehicle.vin,
        situation.register,
        situation.docket,
    );
    let promised = promised(request, registration);
    let making = making.is_some();
    reviewed(
        &promised,
        known,
        making,
        situation.register,
        situation.today,
    )
    .into_iter()
    .chain(mismatches(request, known, situation.register))
    .chain(parties::barred(situation, people))
    .collect()
}

/// What is looked at anew when the authority decides: the vehicle's standing, the occasion, how many there
/// were, the insurance, and whether there are days left.
#[must_use]
pub fn reviewed(
    promised: &PromisedTemporaryPlate,
    known: Option<&VehicleRecord>,
    in_making: bool,
    register: &Register,
    today: Date,
) -> Vec<Ground> {
    let on_the_way = match promised.case {
        Case::TransferOut => true,
        // It comes to the city, where its plates are made.
        Case::PlateMakingDelay => in_making,
        _ => false,
    };
    let standing = known.map_or_else(Vec::new, |known| standing(known, on_the_way, today));
    standing
        .into_iter()
        .map(Ground::of_vehicle)
        .chain(
            without_occasion(promised.case, known, in_making)
                .map(|code| Ground::from(("/case", code))),
        )
        .chain(too_many(promised, known, register, today).map(|code| Ground::from(("/case", code))))
        .chain(uncovered(promised, today).map(Ground::from))
        .collect()
}

/// What a case of registered vehicles rests on, where that is not so. Of an export the register knows who
/// has bought the vehicle; that the firm is on commerce's list of exporters it does not.
fn without_occasion(
    case: Case,
    known: Option<&VehicleRecord>,
    in_making: bool,
) -> Option<FindingCode> {
    let registration = known.and_then(|known| known.registration.as_ref());
    let (there, code) = match case {
        Case::DealerStock => (
            registration.is_some_and(|registration| registration.in_stock),
            FindingCode::NotInStock,
        ),
        Case::TransferOut => (
            known.is_some_and(VehicleRecord::has_moved_out),
            FindingCode::NotMovingOut,
        ),
        Case::UsedExport => (
            registration.is_some_and(|it| it.owner_identity.as_organisation().is_some()),
            FindingCode::NotBoughtForExport,
        ),
        Case::PlateMakingDelay | Case::PlateRemaking => (in_making, FindingCode::NoPlatesInMaking),
        Case::Unsold
        | Case::AcquiredUnregistered
        | Case::NewExport
        | Case::ResearchTest
        | Case::OversizeSpecial
        | Case::ConnectedTest => return None,
    };
    (!there).then_some(code)
}

/// 次数: no more than the law allows; where it sets no number, one after the other and never two at once.
fn too_many(
    promised: &PromisedTemporaryPlate,
    known: Option<&VehicleRecord>,
    register: &Register,
    today: Date,
) -> Option<FindingCode> {
    let mut earlier = earlier(known?, promised.case, &promised.owner, register);
    match allowance(promised.case).at_most {
        Some((most, code)) => {
            (earlier.count() >= usize::try_from(most).unwrap_or(usize::MAX)).then_some(code)
        }
        None => earlier
            .any(|plate| plate.valid_until >= today)
            .then_some(FindingCode::TemporaryPlateInForce),
    }
}

/// Where insurance, permit or applicant leave no day for it.
fn uncovered(
    promised: &PromisedTemporaryPlate,
    today: Date,
) -> impl Iterator<Item = (&'static str, FindingCode)> {
    let insurance = Insurance {
        from: promised.insured_from,
        until: promised.insured_until,
    };
    let begins = insurance.begin(today);
    let insured_until = insurance.until.filter(|last| *last >= today);
    let asked = promised.asked;
    let beyond = insured_until
        .zip(asked)
        .is_some_and(|(last, asked)| asked > last);
    let ended = |last: Option<Date>| last.is_some_and(|last| last < begins);
    let found = [
        (
            insured_until.is_none(),
            "/vehicle/vin",
            FindingCode::InsuranceNotInForce,
        ),
        (
            beyond,
            "/valid_until",
            FindingCode::TemporaryPlateBeyondInsurance,
        ),
        (
            ended(asked),
            "/valid_until",
            FindingCode::TemporaryPlateDayPassed,
        ),
        (
            ended(promised.permitted_until),
            "/test_permit/valid_until",
            FindingCode::TestPermitExpired,
        ),
    ];
    let found = found.into_iter().filter(|(holds, ..)| *holds);
    found.map(|(_, pointer, code)| (pointer, code))
}

/// A vehicle on its way to another city, or from one, is on record as moved out, and drives there on this
/// plate.
fn standing(vehicle: &VehicleRecord, on_the_way: bool, today: Date) -> Vec<FindingCode> {
    if on_the_way {
        standing::grounds_on_the_way(Service::TemporaryPlate, vehicle, today)
    } else {
        standing::grounds(Service::TemporaryPlate, vehicle, today)
    }
}

/// 与登记内容不符: plates and owner of a registered vehicle.
fn mismatches(
    request: &TemporaryPlateRequest,
    known: Option<&VehicleRecord>,
    register: &Register,
) -> impl Iterator<Item = Ground> {
    let vehicle = &request.vehicle;
    let on_record = known.and_then(|known| Some((known, known.registration.as_ref()?)));
    let claimed = on_record
        .into_iter()
        .flat_map(move |(known, registration)| {
            let (kind, number) = registration.plate_shown();
            let claim = Claim {
                plate: (
                    vehicle.plate_kind.unwrap_or(kind),
                    vehicle.plate_number.or(number),
                ),
                certificate: None,
                owner: &request.owner,
                owner_at: ["/owner/identity_number", "/owner/name"],
            };
            claim
                .mismatches(register, known.vin, registration)
                .collect::<Vec<_>>()
        });
    claimed.map(Ground::from)
}

/// What a temporary plate asks for (R164 Art 47, 48).
#[must_use]
pub fn materials(
    request: &TemporaryPlateRequest,
    known: Option<&VehicleRecord>,
) -> Vec<MaterialEntry> {
    let case = request.case;
    let mut silent: Words<Lookup> = known.map(|known| known.silent_lookups).unwrap_or_default();
    let on_paper = |proof: &OriginProof| !proof.invoice.number.is_digital();
    if request.origin_proof.as_ref().is_some_and(on_paper) {
        SILENT_ON_PAPER_INVOICES
            .into_iter()
            .for_each(|lookup| silent.insert(lookup));
    }
    let conformity = allowance(case).conformity;
    let of_origin = |origin| conformity && request.vehicle.origin == Some(origin);
    materials::required(
        Service::TemporaryPlate,
        silent,
        |condition| match condition {
            When::Always => true,
            When::Agent => request.agent.is_some(),
            When::ConformityDue => of_origin(VehicleOrigin::Domestic),
            When::ImportProofDue => of_origin(VehicleOrigin::Imported),
            When::AcquiredUnregistered => case == Case::AcquiredUnregistered,
            When::NewExport => case == Case::NewExport,
            When::ResearchTest => case == Case::ResearchTest,
            When::ConnectedTest => case == Case::ConnectedTest,
            When::TestDrive => matches!(case, Case::ResearchTest | Case::ConnectedTest),
            _ => false,
        },
    )
}

/// What completion will issue: the longest that the case, the permit, the insurance and the applicant
/// allow.
#[must_use]
pub fn promised(
    request: &TemporaryPlateRequest,
    registration: Option<&Registration>,
) -> PromisedTemporaryPlate {
    let named = request.compulsory_insurance.as_ref();
    let insurance = Insurance {
        from: named.map(|named| named.valid_from),
        until: named.map(|named| named.valid_until),
    }
    .beside(registration);
    PromisedTemporaryPlate {
        case: request.case,
        owner: request.owner.identity_number,
        insured_from: insurance.from,
        insured_until: insurance.until,
        asked: request.valid_until,
        permitted_until: request
            .test_permit
            .as_ref()
            .map(|permit| permit.valid_until),
    }
}

/// Issues it. None where nothing is left of the insurance, the permit or the days asked for by then; the
/// review refuses that before.
#[must_use]
pub fn issue(
    promised: &PromisedTemporaryPlate,
    plate_number: String,
    vehicle: &VehicleRecord,
    register: &Register,
    today: Date,
) -> Option<IssuedTemporaryPlate> {
    let insurance = Insurance {
        from: promised.insured_from,
        until: promised.insured_until,
    };
    let valid_from = insurance.begin(today);
    let longest = last_day(promised.case, valid_from, insurance.until)?;
    let limits = [promised.asked, promised.permitted_until];
    let valid_until = limits.into_iter().flatten().fold(longest, Date::min);
    let earlier = earlier(vehicle, promised.case, &promised.owner, register).count();
    (valid_until >= valid_from).then(|| IssuedTemporaryPlate {
        plate_number,
        case: promised.case,
        owner: promised.owner,
        valid_from,
        valid_until,
        nth: u32::try_from(earlier).unwrap_or(u32::MAX).saturating_add(1),
    })
}

/// 有效期止 of a plate that begins on a day: the longest of its case, and no longer than the compulsory
/// insurance (R164 Art 47). None where the vehicle is not insured then.
#[must_use]
pub fn last_day(case: Case, from: Date, insured_until: Option<Date>) -> Option<Date> {
    let insured_until = insured_until.filter(|last| *last >= from)?;
    Some(allowance(case).last_day(from).min(insured_until))
}

/// 作废: the last day of one that was to hold until `valid_until`, beside formal plates handed out on
/// a day (R164 Art 47).
#[must_use]
pub fn beside_formal_plates(valid_until: Date, handed_out_on: Date) -> Date {
    valid_until.min(handed_out_on.saturating_add(BESIDE_FORMAL_PLATES_DAYS.days()))
}

/// Those that count beside one more of a case. With a new owner counting begins anew, and of a dealer's
/// stock with every holding; no article says the first, it is how the limit is read.
fn earlier<'a>(
    vehicle: &'a VehicleRecord,
    case: Case,
    owner: &'a IdentityNumber,
    register: &'a Register,
) -> impl Iterator<Item = &'a IssuedTemporaryPlate> {
    let held_since = vehicle
        .registration
        .as_ref()
        .filter(|_| case == Case::DealerStock)
        .map(|registration| registration.acquired_on);
    vehicle.temporary_plates.iter().filter(move |plate| {
        plate.case == case
            && register.is_same_person(owner, &plate.owner)
            && held_since.is_none_or(|since| plate.valid_from >= since)
    })
}

/// 次数上限 of a case.
#[must_use]
pub fn at_most(case: Case) -> Option<u32> {
    allowance(case).at_most.map(|(most, _)| most)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_case_holds_and_repeats_as_the_articles_say() {
        let from = date(2026, 3, 2);
        let table = [
            (Case::Unsold, date(2026, 4, 1), Some(3), "R164 Art 47"),
            (
                Case::AcquiredUnregistered,
                date(2026, 4, 1),
                Some(3),
                "R164 Art 47",
            ),
            (Case::NewExport, date(2026, 4, 1), Some(1), "R164 Art 47"),
            (Case::ResearchTest, date(2026, 9, 2), None, "R164 Art 47"),
            (
                Case::OversizeSpecial,
                date(2026, 5, 31),
                None,
                "R164 Art 47",
            ),
            (Case::ConnectedTest, date(2026, 9, 2), None, "R164 Art 48"),
            (
                Case::PlateMakingDelay,
                date(2026, 3, 17),
                None,
                "R164 Art 47",
            ),
            (Case::PlateRemaking, date(2026, 3, 17), None, "R164 Art 51"),
            (Case::TransferOut, date(2026, 4, 1), None, "R164 Art 27"),
            (Case::UsedExport, date(2026, 5, 1), None, "R164 Art 28"),
            (
                Case::DealerStock,
                date(2026, 4, 1),
                Some(3),
                "商消费发〔2022〕92号",
            ),
        ];
        let listed: Vec<Case> = table.iter().map(|(case, ..)| *case).collect();
        assert_eq!(listed, Case::ALL);
        for (case, last, most, rule) in table {
            let insured = Some(date(2026, 11, 9));
            assert_eq!(last_day(case, from, insured), Some(last), "{case}");
            assert_eq!(at_most(case), most, "{case}");
            assert_eq!(allowance(case).rule, rule, "{case}");
        }
    }

    #[test]
    fn half_a_year_ends_with_a_shorter_month() {
        let last = last_day(
            Case::ResearchTest,
            date(2026, 8, 31),
            Some(date(2027, 8, 30)),
        );
        assert_eq!(last, Some(date(2027, 2, 28)));
    }

    #[test]
    fn none_holds_beyond_the_insurance_or_three_days_beside_formal_plates() {
        let from = date(2026, 3, 2);
        let until = |insured| last_day(Case::PlateRemaking, from, insured);
        assert_eq!(until(Some(date(2026, 3, 4))), Some(date(2026, 3, 4)));
        assert_eq!(until(Some(from)), Some(from));
        assert_eq!(until(Some(date(2026, 3, 1))), None);
        assert_eq!(until(None), None);
        let last = date(2026, 3, 17);
        assert_eq!(
            beside_formal_plates(last, date(2026, 3, 5)),
            date(2026, 3, 8)
        );
        assert_eq!(beside_formal_plates(last, date(2026, 3, 16)), last);
    }

    #[test]
    fn plates_count_by_case_and_owner() {
        let owner: IdentityNumber = "370399199003070016".parse().unwrap();
        let other: IdentityNumber = "91370399MA3TEA0100".parse().unwrap();
        let plate = |case, owner| IssuedTemporaryPlate {
            plate_number: "鲁C临000001".to_owned(),
            case,
            owner,
            valid_from: date(2026, 3, 2),
            valid_until: date(2026, 4, 1),
            nth: 1,
        };
        let mut vehicle = VehicleRecord::unregistered("LGXC16AF7N0000037".parse().unwrap());
        vehicle.temporary_plates = vec![
            plate(Case::Unsold, other),
            plate(Case::Unsold, other),
            plate(Case::AcquiredUnregistered, owner),
        ];
        let mut register = Register::new(Default::default());
        let count =
            |register: &Register, case, owner| earlier(&vehicle, case, &owner, register).count();
        assert_eq!(count(&register, Case::Unsold, other), 2);
        assert_eq!(count(&register, Case::AcquiredUnregistered, owner), 1);
        assert_eq!(count(&register, Case::Unsold, owner), 0);
        // Under another number he is the same.
        register.note_same_person(&other, &owner);
        assert_eq!(count(&register, Case::Unsold, owner), 2);
    }

    #[test]
    fn the_plate_of_a_leaving_vehicle_ends_with_its_insurance_at_the_latest() {
        let collected = date(2026, 3, 2);
        let until = |insured| last_day(Case::TransferOut, collected, insured);
        assert_eq!(until(Some(date(2026, 11, 9))), Some(date(2026, 4, 1)));
        assert_eq!(until(Some(date(2026, 3, 20))), Some(date(2026, 3, 20)));
        assert_eq!(until(Some(collected)), Some(collected));
        assert_eq!(until(Some(date(2026, 3, 1))), None);
        assert_eq!(until(None), None);
    }
}
