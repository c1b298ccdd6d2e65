//! 材料: what a service asks for, and what data sharing exempts (R164 Art 4, 12).
//!
//! An exemption holds only while its lookup answers; otherwise the paper is asked for.

use lingminban::api::{Lookup, MaterialKind, MaterialState};

use crate::engine::{docket::MaterialEntry, register::Words};

/// A material that its source confirms, unless the source is silent.
#[must_use]
pub fn looked_up(kind: MaterialKind, lookup: Lookup, silent: Words<Lookup>) -> MaterialEntry {
    let state = if silent.contains(lookup) {
        MaterialState::Required
    } else {
        MaterialState::Exempted
    };
    MaterialEntry {
        kind,
        state,
        lookup: Some(lookup),
        scan: None,
    }
}

/// A material no source can confirm.
#[must_use]
pub fn on_paper(kind: MaterialKind) -> MaterialEntry {
    MaterialEntry {
        kind,
        state: MaterialState::Required,
        lookup: None,
        scan: None,
    }
}

/// Sources that have nothing on a paper invoice (12 + 8 digits): it is in no electronic account,
/// and tax paid on it is booked under a number the tax data does not carry.
pub const SILENT_ON_PAPER_INVOICES: [Lookup; 2] =
    [Lookup::InvoicePlatform, Lookup::PurchaseTaxData];
