//! 材料: what a service asks for, and what data sharing exempts (R164 Art 4, 12).
//!
//! An exemption holds only while its lookup answers; otherwise the paper is asked for.

use lingminban::{
    api::{Lookup, MaterialKind, MaterialState, Service},
    services::{self, MaterialCondition, MaterialRule},
};

use crate::engine::{docket::MaterialEntry, register::Words};

/// What the catalogue asks for where these conditions hold, with the sources that stay silent.
#[must_use]
pub fn required(
    service: Service,
    silent: Words<Lookup>,
    holds: impl Fn(MaterialCondition) -> bool,
) -> Vec<MaterialEntry> {
    let asked = services::rule(service).materials.iter();
    asked
        .filter(|rule| holds(rule.condition))
        .map(|rule| entry(rule, silent))
        .collect()
}

fn entry(rule: &MaterialRule, silent: Words<Lookup>) -> MaterialEntry {
    let answers = rule.lookup.is_some_and(|lookup| !silent.contains(lookup));
    MaterialEntry {
        kind: rule.kind,
        state: if answers {
            MaterialState::Exempted
        } else {
            MaterialState::Required
        },
        lookup: rule.lookup,
        scan: None,
    }
}

/// Whether something is asked for by now that was not when these materials were.
#[must_use]
pub fn are_fewer_than_needed(
    service: Service,
    asked: &[MaterialEntry],
    holds: impl Fn(MaterialCondition) -> bool,
) -> bool {
    let mut needed = services::rule(service).materials.iter();
    needed.any(|rule| holds(rule.condition) && asked.iter().all(|entry| entry.kind != rule.kind))
}

/// Sources that have nothing on a paper invoice (12 + 8 digits): it is in no electronic account,
/// and tax paid on it is booked under a number the tax data does not carry.
pub const SILENT_ON_PAPER_INVOICES: [Lookup; 2] =
    [Lookup::InvoicePlatform, Lookup::PurchaseTaxData];

/// Whether it shows who an applicant is, or who comes for him: nobody else's will do in its place.
#[must_use]
pub const fn is_personal(kind: MaterialKind) -> bool {
    matches!(
        kind,
        MaterialKind::IdentityProof | MaterialKind::PowerOfAttorney | MaterialKind::ResidencePermit
    )
}
