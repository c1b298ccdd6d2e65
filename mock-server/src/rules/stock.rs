//! 反向开票、单独签注 (商消费发〔2022〕92号): dealers on the list of commerce buy used cars.
//!
//! That only small cars which are not operated are held so is seen to by the mandates: no outlet files
//! the transfer of another.

use lingminban::{
    api::{FindingCode, PartyKind, TransferKind, TransferRequest},
    codes::AcquisitionMethod,
};

use super::{on_record::same_name, situation::Situation};
use crate::engine::{
    Fault,
    docket::Ground,
    filing::{Field, Filing},
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

/// 备案: the buyer is on the list.
#[must_use]
pub fn grounds(request: &TransferRequest, situation: &Situation<'_>) -> Option<Ground> {
    let asked = request.into_stock || request.transfer_proof.reverse_invoice;
    let mut buyer = situation
        .register
        .person_records(&request.buyer.identity_number);
    let filed = buyer.any(|dealer| dealer.filed_dealer);
    (asked && !filed).then(|| Ground {
        pointer: "/buyer/identity_number".into(),
        code: FindingCode::DealerNotFiled,
    })
}
