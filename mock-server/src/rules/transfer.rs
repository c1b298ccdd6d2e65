//! 转让登记 (R164 Art 25–30).

use jiff::{ToSpan, civil::Date};
use lingminban::{
    api::{FindingCode, Lookup, Service, TransferKind, TransferRequest},
    codes::{AcquisitionMethod, PlateKind},
    identifiers::{IdentityNumber, PlateNumber},
    services::MaterialCondition as When,
};

use super::{
    marks, materials, mortgage,
    on_record::{self, Claim},
    own_number, papers, parties, plate_choice,
    situation::Situation,
    standing, stock, territory, transfer_proof,
};
use crate::engine::{
    Fault,
    docket::{Ground, MaterialEntry},
    filing::{Field, Filing},
    register::{Register, Registration, Sale, VehicleRecord},
};
use crate::field;

type Submission<'a> = Filing<'a, TransferRequest>;
type Member<T> = Field<TransferRequest, T>;

/// Sales of vehicles held for less than a year that a person may make in a calendar year before the
/// transfer is no longer registered (商消费发〔2022〕92号). The wording leaves open whether the third
/// itself is blocked; the strict reading is taken.
pub const SALES_BLOCKED_FROM: usize = 3;

/// Everything the submission alone shows to be wrong.
#[must_use]
pub fn examine(filing: &Submission<'_>, situation: &Situation<'_>) -> Vec<Fault> {
    let today = situation.today;
    let plate = plate_given_up(filing, situation);
    [
        on_record::registered(filing, situation, field!(vehicle.vin)),
        papers::same_vehicle(
            filing,
            field!(vehicle.vin),
            &[
                field!(transfer_proof.invoice?.vin),
                field!(compulsory_insurance?.vin),
            ],
        ),
        on_record::named_plate(
            filing,
            field!(vehicle.plate_number?),
            field!(vehicle.plate_kind),
        ),
        papers::not_in_future(
            filing,
            today,
            &[
                field!(transfer_proof.invoice?.issued_on),
                field!(transfer_proof.court_document?.effective_on),
                field!(transfer_proof.deed?.issued_on),
                field!(transfer_proof.delivered_on),
                field!(mortgagee_consent?.signed_on),
            ],
        ),
        papers::invoice(
            filing,
            today,
            &papers::InvoiceFields {
                code: field!(transfer_proof.invoice?.code?),
                number: field!(transfer_proof.invoice?.number),
                issued_on: field!(transfer_proof.invoice?.issued_on),
                price: field!(transfer_proof.invoice?.price_fen),
            },
        ),
        transfer_proof::examine(filing),
        before_first_registration(filing, situation),
        papers::insurance(
            filing,
            today,
            field!(compulsory_insurance?.valid_from),
            field!(compulsory_insurance?.valid_until),
        ),
        parties::identity(
            filing,
            today,
            field!(seller.kind),
            field!(seller.identity_number),
        ),
        parties::identity(
            filing,
            today,
            field!(buyer.kind),
            field!(buyer.identity_number),
        ),
        parties::agent(filing, today, field!(agent?.identity_number)),
        papers::power_of_attorney(filing, today, field!(agent?.power_of_attorney_until)),
        two_parties(filing),
        territory::examine(filing, situation),
        stock::examine(filing),
        own_number::examine_spouse(filing, situation),
        no_new_number(filing),
        plate_choice::check(
            filing,
            situation,
            &plate_choice::Choice {
                method: field!(plate_choice?.method),
                draw: field!(plate_choice?.plate_draw_id?),
                number: field!(plate_choice?.plate_number?),
                owner: field!(buyer.identity_number),
            },
            plate.map(|(kind, _)| kind),
            plate.and_then(|(_, old)| old?.is_pure_electric()),
        ),
    ]
    .concat()
}

/// The plate that the new one follows in kind and class: of a vehicle in stock the one that it had.
fn plate_given_up(
    filing: &Submission<'_>,
    situation: &Situation<'_>,
) -> Option<(PlateKind, Option<PlateNumber>)> {
    let known = filing
        .get(field!(vehicle.vin))
        .and_then(|vin| situation.register.vehicle(*vin)?.registration.as_ref())
        .filter(|registration| registration.in_stock);
    if let Some(registration) = known {
        return Some((registration.plate_kind, Some(registration.plate_number)));
    }
    let kind = filing.get(field!(vehicle.plate_kind))?;
    let number = filing.get(field!(vehicle.plate_number?));
    Some((*kind, number.map(|number| *number)))
}

/// 初次登记: nobody sells, or hands over, what nobody has registered yet. That a vehicle is handed over
/// before its invoice is issued happens, and contradicts nothing.
fn before_first_registration(filing: &Submission<'_>, situation: &Situation<'_>) -> Vec<Fault> {
    let known = filing
        .get(field!(vehicle.vin))
        .and_then(|vin| situation.register.vehicle(*vin)?.registration.as_ref());
    let Some(registration) = known else {
        return Vec::new();
    };
    let dates: [Member<Date>; 2] = [
        field!(transfer_proof.invoice?.issued_on),
        field!(transfer_proof.delivered_on),
    ];
    let first = registration.first_registered_on;
    let earlier = dates
        .into_iter()
        .filter(|date| filing.get(*date).is_some_and(|date| *date < first));
    earlier
        .map(|date| Fault::finding(FindingCode::DatesOutOfOrder, date.pointer))
        .collect()
}

/// 取号: no number is given to a vehicle that leaves the city, goes into stock or keeps its own.
fn no_new_number(filing: &Submission<'_>) -> Vec<Fault> {
    let choice: Member<_> = field!(plate_choice?);
    let spouse: Member<_> = field!(spouse?);
    let kind = filing.get(field!(transfer_kind?));
    let given_none = kind.is_some_and(|kind| *kind == TransferKind::Outbound)
        || filing.get(field!(into_stock)).as_deref() == Some(&true)
        || filing.has(spouse);
    (given_none && filing.has(choice))
        .then(|| Fault::finding(FindingCode::NoNumberGiven, choice.pointer))
        .into_iter()
        .collect()
}

/// A transfer has two parties.
fn two_parties(filing: &Submission<'_>) -> Vec<Fault> {
    let buyer: Member<_> = field!(buyer.identity_number);
    match (
        filing.get(field!(seller.identity_number)),
        filing.get(buyer),
    ) {
        (Some(seller), Some(other)) if seller == other => {
            vec![Fault::finding(FindingCode::BuyerIsSeller, buyer.pointer)]
        }
        _ => Vec::new(),
    }
}

/// Grounds of Art 25, 26 and 29 that only the authority's records show.
#[must_use]
pub fn grounds(
    request: &TransferRequest,
    vehicle: &VehicleRecord,
    registration: &Registration,
    situation: &Situation<'_>,
) -> Vec<Ground> {
    let claim = Claim {
        plate: (request.vehicle.plate_kind, request.vehicle.plate_number),
        certificate: request.registration_certificate_number.as_ref(),
        owner: &request.seller,
        owner_at: ["/seller/identity_number", "/seller/name"],
    };
    let agent = request.agent.as_ref();
    let people = [
        ("/seller", Some(&request.seller.identity_number)),
        ("/buyer", Some(&request.buyer.identity_number)),
        ("/agent", agent.map(|agent| &agent.identity_number)),
    ];
    let standing = standing(request.kind(), vehicle, situation.today)
        .into_iter()
        .map(|code| ("/vehicle/vin", code));
    standing
        .chain(claim.mismatches(situation.register, vehicle.vin, registration))
        .chain(
            sale(request, registration)
                .filter(|(seller, sale)| is_one_sale_too_many(situation.register, seller, *sale))
                .map(|_| ("/seller", FindingCode::ThreeSalesInYear)),
        )
        .map(Ground::from)
        .chain(mortgage::consented(
            request.mortgagee_consent.as_ref(),
            registration,
        ))
        .chain(stock::grounds(request, vehicle, situation))
        .chain(parties::barred(situation, people))
        .collect()
}

/// What of the vehicle's standing stands in the way: what has left the city comes back by an inbound
/// transfer.
#[must_use]
pub fn standing(kind: TransferKind, vehicle: &VehicleRecord, today: Date) -> Vec<FindingCode> {
    if kind == TransferKind::Inbound {
        standing::grounds_on_the_way(Service::Transfer, vehicle, today)
    } else {
        standing::grounds(Service::Transfer, vehicle, today)
    }
}

/// The sale a transfer is, if it is one: by the natural person on record. What is inherited, given
/// or awarded is no sale.
#[must_use]
pub fn sale(
    request: &TransferRequest,
    registration: &Registration,
) -> Option<(IdentityNumber, Sale)> {
    let seller = registration.owner_identity;
    let is_sale = request.transfer_proof.acquisition == AcquisitionMethod::Purchase
        && seller.as_resident().is_some();
    let sale = Sale {
        sold_on: request.transfer_proof.invoice.as_ref()?.issued_on,
        acquired_on: registration.acquired_on,
    };
    is_sale.then_some((seller, sale))
}

/// 一年三辆 (商消费发〔2022〕92号): counted per natural person and calendar year, over all markets,
/// vehicles held for less than a year.
#[must_use]
pub fn is_one_sale_too_many(register: &Register, seller: &IdentityNumber, sale: Sale) -> bool {
    let held_short = |sale: &Sale| sale.sold_on < sale.acquired_on.saturating_add(1.year());
    let earlier = register
        .person_records(seller)
        .flat_map(|person| &person.sales)
        .filter(|earlier| earlier.sold_on.year() == sale.sold_on.year())
        .filter(|earlier| held_short(earlier))
        .count();
    held_short(&sale) && earlier + 1 >= SALES_BLOCKED_FROM
}

/// What a transfer asks for (R164 Art 25).
#[must_use]
pub fn materials(
    request: &TransferRequest,
    vehicle: &VehicleRecord,
    registration: &Registration,
    today: Date,
) -> Vec<MaterialEntry> {
    let mut silent = marks::silent(request.compulsory_insurance.as_ref(), vehicle, today);
    // Of paper invoices it knows nothing, nor of decisions and deeds.
    let invoice = request.transfer_proof.invoice.as_ref();
    if !invoice.is_some_and(|invoice| invoice.number.is_digital()) {
        silent.insert(Lookup::InvoicePlatform);
    }
    let address = &request.buyer.address;
    let without_papers = transfer_proof::has_enforcement_notice(request);
    materials::required(Service::Transfer, silent, |condition| match condition {
        When::Always => true,
        When::Agent => request.agent.is_some(),
        When::Mortgaged => !registration.mortgages.is_empty(),
        When::InspectionOverdue => standing::is_inspection_overdue(vehicle, today),
        When::ResidencePermit => address.residence_permit_region_code.is_some(),
        When::RegisteredElsewhere => request.kind() == TransferKind::Inbound,
        When::PapersInHand => !without_papers,
        When::EnforcementNotice => without_papers,
        When::Spouse => request.spouse.is_some(),
        _ => false,
    })
}
