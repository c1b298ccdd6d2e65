//! 注册登记 (R164 Art 10–15).

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{
        FindingCode, Lookup, Millilitres, NewVehicle, RegistrationRequest, Service, VehicleOrigin,
    },
    codes::{Fuel, PlateKind, VehicleStatusFlag, VehicleType},
    identifiers::PlateNumber,
    services::MaterialCondition as When,
};

use super::{
    materials::{self, SILENT_ON_PAPER_INVOICES},
    papers, parties, plate_choice,
    situation::Situation,
    standing,
};
use crate::engine::{
    Fault,
    docket::{Ground, MaterialEntry},
    filing::{Field, Filing},
    register::VehicleRecord,
};
use crate::field;

type Submission<'a> = Filing<'a, RegistrationRequest>;
type Member<T> = Field<RegistrationRequest, T>;

/// Everything the submission alone shows to be wrong.
#[must_use]
pub fn examine(filing: &Submission<'_>, situation: &Situation<'_>) -> Vec<Fault> {
    let today = situation.today;
    [
        vin(filing),
        not_older_than_vins(filing),
        papers::same_vehicle(
            filing,
            field!(vehicle.vin),
            &[
                field!(origin_proof.invoice.vin),
                field!(conformity_certificate?.vin),
                field!(import_proof?.vin),
                field!(compulsory_insurance.vin),
            ],
        ),
        papers::proof_of_origin(
            filing,
            field!(vehicle.origin),
            field!(conformity_certificate?),
            field!(import_proof?),
        ),
        papers::not_in_future(
            filing,
            today,
            &[
                field!(vehicle.manufactured_on),
                field!(origin_proof.invoice.issued_on),
                field!(conformity_certificate?.issued_on),
                field!(import_proof?.imported_on),
            ],
        ),
        papers::in_order(
            filing,
            field!(vehicle.manufactured_on),
            field!(origin_proof.invoice.issued_on),
        ),
        papers::invoice(
            filing,
            today,
            &papers::InvoiceFields {
                code: field!(origin_proof.invoice.code?),
                number: field!(origin_proof.invoice.number),
                issued_on: field!(origin_proof.invoice.issued_on),
                price: field!(origin_proof.invoice.price_fen),
            },
        ),
        papers::insurance(
            filing,
            today,
            field!(compulsory_insurance.valid_from),
            field!(compulsory_insurance.valid_until),
        ),
        parties::identity(
            filing,
            today,
            field!(owner.kind),
            field!(owner.identity_number),
        ),
        parties::agent(filing, today, field!(agent?.identity_number)),
        papers::power_of_attorney(filing, today, field!(agent?.power_of_attorney_until)),
        seats(filing),
        masses(filing),
        displacement(filing),
        home(filing),
        plate_choice::check(
            filing,
            situation,
            &plate_choice::Choice {
                method: field!(plate_choice.method),
                draw: field!(plate_choice.plate_draw_id?),
                number: field!(plate_choice.plate_number?),
                owner: field!(owner.identity_number),
            },
            plate_kind_of(filing),
            filing
                .get(field!(vehicle.fuel))
                .map(|fuel| is_pure_electric(*fuel)),
        ),
    ]
    .concat()
}

/// 车辆识别代号 (GB 16735): the check digit binds domestic makers; imported vehicles often lack it.
fn vin(filing: &Submission<'_>) -> Vec<Fault> {
    let field: Member<_> = field!(vehicle.vin);
    match (filing.get(field), filing.get(field!(vehicle.origin))) {
        (Some(vin), Some(origin)) if *origin == VehicleOrigin::Domestic => {
            papers::identifier_fault(field.pointer, vin.check())
        }
        _ => Vec::new(),
    }
}

/// A vehicle with a VIN of 17 characters was made in 1981 or later, when they came in (ISO 3779).
fn not_older_than_vins(filing: &Submission<'_>) -> Vec<Fault> {
    let field: Member<_> = field!(vehicle.manufactured_on);
    let too_old = filing.get(field).is_some_and(|made| made.year() < 1981);
    too_old
        .then(|| Fault::finding(FindingCode::OutOfRange, field.pointer))
        .into_iter()
        .collect()
}

/// 居住证明 (R164 Art 89): who has his home elsewhere registers a vehicle here by a residence permit, but
/// a small car that is not operated without.
fn home(filing: &Submission<'_>) -> Vec<Fault> {
    let vehicle_type = filing.get(field!(vehicle.vehicle_type));
    if !vehicle_type.is_some_and(|vehicle_type| asks_for_home(*vehicle_type)) {
        return Vec::new();
    }
    parties::lives_here(
        filing,
        field!(owner.address.region_code),
        field!(owner.address.residence_permit_region_code?),
        FindingCode::AddressOutsideCity,
    )
}

/// Of what partners may register, only small cars that are not operated are free of it.
const fn asks_for_home(vehicle_type: VehicleType) -> bool {
    vehicle_type.is_motorcycle()
}

/// 核定载客 (GA 802): small and micro cars seat nine at most, motorcycles with two wheels two and those
/// with three wheels three (the last two not verified in print: a parameter).
fn seats(filing: &Submission<'_>) -> Vec<Fault> {
    let field: Member<_> = field!(vehicle.seats);
    let vehicle_type: Member<_> = field!(vehicle.vehicle_type);
    let too_many = || {
        let (seats, kind) = (filing.get(field)?, filing.get(vehicle_type)?);
        let most = match *kind {
            VehicleType::M21 | VehicleType::M22 => 2,
            kind if kind.is_motorcycle() => 3,
            kind if kind.is_small_or_micro_passenger() => 9,
            _ => return None,
        };
        (seats.get() > most).then(|| Fault::finding(FindingCode::SeatsNotOfClass, field.pointer))
    };
    let none = papers::seats(filing, vehicle_type, field);
    none.or_else(too_many).into_iter().collect()
}

/// 排量 (GA 802): what has more than this is no light motorcycle (轻便摩托车), in millilitres (not
/// verified in print: a parameter).
const LIGHT_MOTORCYCLE_ML: u32 = 50;

fn displacement(filing: &Submission<'_>) -> Vec<Fault> {
    let field: Member<_> = field!(vehicle.displacement_ml?);
    let (Some(displacement), Some(kind)) =
        (filing.get(field), filing.get(field!(vehicle.vehicle_type)))
    else {
        return Vec::new();
    };
    let too_much = kind.is_light_motorcycle() && displacement.get() > LIGHT_MOTORCYCLE_ML;
    too_much
        .then(|| Fault::finding(FindingCode::DisplacementNotOfClass, field.pointer))
        .into_iter()
        .collect()
}

/// 质量: a vehicle does not outweigh its own limit.
fn masses(filing: &Submission<'_>) -> Vec<Fault> {
    let kerb: Member<_> = field!(vehicle.kerb_mass_kg);
    match (filing.get(kerb), filing.get(field!(vehicle.gross_mass_kg))) {
        (Some(own), Some(gross)) if own > gross => {
            vec![Fault::finding(FindingCode::MassesOutOfOrder, kerb.pointer)]
        }
        _ => Vec::new(),
    }
}

fn plate_kind_of(filing: &Submission<'_>) -> Option<PlateKind> {
    let vehicle_type = filing.get(field!(vehicle.vehicle_type))?;
    let fuel = filing.get(field!(vehicle.fuel))?;
    plate_kind(*vehicle_type, *fuel)
}

/// 号牌种类: electric and hydrogen cars bear new-energy plates. Whether a hybrid plugs in, its fuel
/// does not tell; hybrids bear ordinary plates here.
#[must_use]
pub fn plate_kind(vehicle_type: VehicleType, fuel: Fuel) -> Option<PlateKind> {
    PlateKind::for_vehicle(
        vehicle_type,
        matches!(fuel, Fuel::Electric | Fuel::Hydrogen),
    )
}

/// 纯电动: decides the class letter of a new-energy plate (GA 36).
#[must_use]
pub fn is_pure_electric(fuel: Fuel) -> bool {
    fuel == Fuel::Electric
}

/// Grounds of Art 15 that only the authority's records show.
#[must_use]
pub fn grounds(
    request: &RegistrationRequest,
    vehicle: Option<&VehicleRecord>,
    situation: &Situation<'_>,
) -> Vec<Ground> {
    let standing = vehicle
        .map(|vehicle| standing::grounds(Service::Registration, vehicle, situation.today))
        .unwrap_or_default();
    let agent = request.agent.as_ref();
    let people = [
        ("/owner", Some(&request.owner.identity_number)),
        ("/agent", agent.map(|agent| &agent.identity_number)),
    ];
    standing
        .into_iter()
        .map(Ground::of_vehicle)
        .chain(parties::barred(situation, people))
        .collect()
}

/// What looks unusual: identifiers whose standard binds only some.
#[must_use]
pub fn warnings(request: &RegistrationRequest) -> Vec<Ground> {
    let imported = request.vehicle.origin == VehicleOrigin::Imported;
    let certificate = request.conformity_certificate.as_ref();
    let number = request.plate_choice.plate_number.as_ref();
    let unusual = [
        (
            imported && request.vehicle.vin.check().is_err(),
            "/vehicle/vin",
            FindingCode::ImportedVinCheckDigit,
        ),
        (
            certificate.is_some_and(|certificate| !certificate.number.has_usual_length()),
            "/conformity_certificate/number",
            FindingCode::UnusualCertificateNumber,
        ),
        (
            number.is_some_and(PlateNumber::has_unusual_serial),
            "/plate_choice/plate_number",
            FindingCode::UnusualPlateSerial,
        ),
    ];
    let found = unusual.into_iter().filter(|(holds, ..)| *holds);
    found
        .map(|(_, pointer, code)| Ground::from((pointer, code)))
        .collect()
}

/// What a registration asks for (R164 Art 12).
#[must_use]
pub fn materials(
    request: &RegistrationRequest,
    vehicle: Option<&VehicleRecord>,
    today: Date,
) -> Vec<MaterialEntry> {
    let mut silent = vehicle
        .map(|vehicle| vehicle.silent_lookups)
        .unwrap_or_default();
    // Stations know what they have tested; nobody has booked a test for what bears no plates.
    silent.insert(Lookup::InspectionData);
    if !request.origin_proof.invoice.number.is_digital() {
        SILENT_ON_PAPER_INVOICES
            .into_iter()
            .for_each(|lookup| silent.insert(lookup));
    }
    materials::required(Service::Registration, silent, |condition| match condition {
        When::Always => true,
        When::Agent => request.agent.is_some(),
        When::Domestic => request.vehicle.origin == VehicleOrigin::Domestic,
        When::Imported => request.vehicle.origin == VehicleOrigin::Imported,
        When::PurchaseTaxDue => owes_purchase_tax(&request.vehicle),
        When::SafetyInspectionDue => needs_safety_inspection(request, vehicle, today),
        When::ResidencePermit => {
            let permit = &request.owner.address.residence_permit_region_code;
            permit.is_some() && asks_for_home(request.vehicle.vehicle_type)
        }
        _ => false,
    })
}

/// 车辆购置税 (车辆购置税法 Art 1): of motorcycles only those with more than so many millilitres owe it;
/// electric ones have none.
const UNTAXED_MOTORCYCLE_ML: u32 = 150;

fn owes_purchase_tax(vehicle: &NewVehicle) -> bool {
    let displacement = vehicle.displacement_ml.map_or(0, Millilitres::get);
    !vehicle.vehicle_type.is_motorcycle() || displacement > UNTAXED_MOTORCYCLE_ML
}

/// 安全技术检验 (R164 Art 11): not before registration, unless two years have passed since the
/// domestic vehicle left the factory or the imported one came in, or it had an accident since.
fn needs_safety_inspection(
    request: &RegistrationRequest,
    vehicle: Option<&VehicleRecord>,
    today: Date,
) -> bool {
    let since = match (&request.import_proof, request.vehicle.origin) {
        (Some(proof), VehicleOrigin::Imported) => proof.imported_on,
        _ => request.vehicle.manufactured_on,
    };
    let had_accident = vehicle.is_some_and(|vehicle| {
        vehicle.flags.contains(VehicleStatusFlag::AccidentPending)
            || vehicle.defects.old_cycle_from.is_some()
    });
    had_accident || since.saturating_add(2.years()) < today
}

/// 查验 (R164 Art 14): small and micro non-operating cars and motorcycles whose maker shares its data
/// are not shown to the authority.
#[must_use]
pub fn needs_vehicle_check(materials: &[MaterialEntry]) -> bool {
    !materials.iter().any(|material| {
        material.lookup == Some(Lookup::MakerData)
            && material.state == lingminban::api::MaterialState::Exempted
    })
}
