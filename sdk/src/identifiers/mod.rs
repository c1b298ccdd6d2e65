//! Identifiers of vehicles, people and papers: read once, then trusted.
//!
//! A value of one of these types has passed its standard. What the sender typed is changed
//! only where the papers themselves vary: plate numbers are brought into one canonical form,
//! the final `x` of an identity number becomes `X`. Everything else is taken as it is or
//! refused with an [`IdentifierError`] that says what to do.
//!
//! Personal ones ([`ResidentId`], [`IdentityNumber`], [`MobileNumber`], [`PersonName`],
//! [`Address`]) show nothing in `Debug` and have no `Display`.
//!
//! ```
//! use lingminban::identifiers::{PlateNumber, Vin};
//!
//! let plate: PlateNumber = "鲁c·12345".parse()?;
//! assert_eq!(plate.as_str(), "鲁C12345");
//!
//! let fault = Vin::domestic("LZZTEST11N1000001").unwrap_err();
//! assert_eq!(fault.code(), "check_digit");
//! assert_eq!(fault.rule(), Some("GB 16735-2019"));
//! # Ok::<(), lingminban::identifiers::IdentifierError>(())
//! ```

mod error;
mod identity_number;
mod invoice;
mod names;
pub(crate) mod newtype;
mod numbers;
mod plate_number;
mod resident_id;
mod social_credit_code;
mod vin;

pub use error::IdentifierError;
pub use identity_number::{IdentityKind, IdentityNumber};
pub use invoice::{InvoiceCode, InvoiceNumber};
pub use names::{Address, PersonName};
pub use numbers::{
    ConformityCertificateNumber, EngineNumber, ImportCertificateNumber, MobileNumber, PolicyNumber,
    RegionCode, RegistrationCertificateNumber,
};
pub use plate_number::PlateNumber;
pub use resident_id::ResidentId;
pub use social_credit_code::SocialCreditCode;
pub use vin::Vin;

use newtype::Wire;

/// A JSON-schema `format` of ours and the check behind it.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The name in the schema, such as `plate-number`.
    pub name: &'static str,
    /// Accepts exactly what deserialisation of the type accepts.
    pub check: fn(&str) -> Result<(), IdentifierError>,
}

impl Format {
    const fn of<T: Wire>() -> Self {
        Self {
            name: T::FORMAT,
            check: |text| T::from_wire(text).map(drop),
        }
    }
}

/// Every format, for a JSON-schema validator that shall judge as the types do.
#[must_use]
pub const fn formats() -> &'static [Format] {
    const {
        &[
            Format::of::<Vin>(),
            Format::of::<ResidentId>(),
            Format::of::<SocialCreditCode>(),
            Format::of::<IdentityNumber>(),
            Format::of::<PlateNumber>(),
            Format::of::<MobileNumber>(),
            Format::of::<InvoiceCode>(),
            Format::of::<InvoiceNumber>(),
            Format::of::<ConformityCertificateNumber>(),
            Format::of::<ImportCertificateNumber>(),
            Format::of::<RegistrationCertificateNumber>(),
            Format::of::<PolicyNumber>(),
            Format::of::<EngineNumber>(),
            Format::of::<RegionCode>(),
            Format::of::<PersonName>(),
            Format::of::<Address>(),
            Format::of::<crate::api::WebhookUrl>(),
        ]
    }
}
