//! 反向开票、单独签注 (商消费发〔2022〕92号): dealers on the list of commerce buy used cars.

use lingminban::{
    api::{FindingCode, PartyKind, TransferKind, TransferRequest},
    codes::AcquisitionMethod,
};

use super::{on_record::same_name, situation::Situation};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
    register::VehicleRecord,
};
use crate::field;

type Submission<'a> = Filing<'a, TransferRequest>;
type Member<T> = Field<TransferRequest, T>;

/// A dealer buys from a person, and issues its own invoice in its own name.
#[must_use]
pub fn examine(filing: &Submission<'_>) -> Vec<Fault> {
    let into_stock: Member<_> = field!(into_stock);
    let reverse: Member<_> = field!(transfer_proof.reverse_invoice);
    let is_set = |member: Member<bool>| filing.get(member).as_deref() == Some(&true);
    if !is_set(into_stock) && !is_set(reverse) {
        return Vec::new();
    }
    let seller: Member<_> = field!(seller.kind);
    let buyer: Member<_> = field!(buyer.kind);
    let acquisition: Member<_> = field!(transfer_proof.acquisition);
    let kind = filing.get(field!(transfer_kind?));
    let leaves = kind.as_deref() == Some(&TransferKind::Outbound);
    let wrong = [
        (
            filing.get(seller).as_deref() == Some(&PartyKind::Organisation),
            seller.pointer,
            FindingCode::SellerNotNaturalPerson,
        ),
        (
            filing.get(buyer).as_deref() == Some(&PartyKind::NaturalPerson),
            buyer.pointer,
            FindingCode::BuyerNotOrganisation,
        ),
        (
            filing
                .get(acquisition)
                .is_some_and(|by| *by != AcquisitionMethod::Purchase),
            acquisition.pointer,
            FindingCode::NotBought,
        ),
        (
            is_set(into_stock) && leaves,
            into_stock.pointer,
            FindingCode::NotApplicable,
        ),
    ];
    let wrong = wrong.into_iter().filter(|(holds, ..)| *holds);
    let mut faults: Vec<Fault> = wrong
        .map(|(_, pointer, code)| Fault::finding(code, pointer))
        .collect();
    if is_set(reverse) {
        faults.extend(issuer(filing));
    }
    faults
}

/// Names are compared as papers of one firm differ.
fn issuer(filing: &Submission<'_>) -> Option<Fault> {
    let issuer: Member<_> = field!(transfer_proof.invoice?.issuer);
    let named = filing.get(issuer)?.as_str().parse().ok();
    let buyer = filing.get(field!(buyer.name))?;
    let differs = named.is_none_or(|named| !same_name(&named, &buyer));
    differs.then(|| Fault::finding(FindingCode::IssuerNotBuyer, issuer.pointer))
}

/// 备案: the buyer is on the list. 小型非营运: the vehicle is a small car that is not operated; a micro one
/// and one that was operated once are taken for such, as the reforms of inspection take them (a parameter).
#[must_use]
pub fn grounds(
    request: &TransferRequest,
    vehicle: &VehicleRecord,
    situation: &Situation<'_>,
) -> Vec<Ground> {
    let asked_at = match (request.into_stock, request.transfer_proof.reverse_invoice) {
        (true, _) => "/into_stock",
        (false, true) => "/transfer_proof/reverse_invoice",
        (false, false) => return Vec::new(),
    };
    let mut buyer = situation
        .register
        .person_records(&request.buyer.identity_number);
    let filed = buyer.any(|dealer| dealer.filed_dealer);
    let small_car =
        vehicle.vehicle_type.is_small_or_micro_passenger() && !vehicle.use_character.is_operated();
    let found = [
        (
            !filed,
            "/buyer/identity_number",
            FindingCode::DealerNotFiled,
        ),
        (!small_car, asked_at, FindingCode::NotSmallCar),
    ];
    let found = found.into_iter().filter(|(holds, ..)| *holds);
    found
        .map(|(_, pointer, code)| Ground::from((pointer, code)))
        .collect()
}
