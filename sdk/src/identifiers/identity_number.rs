//! The number of whoever owns, sells or buys: a person's or an organisation's.

use super::{
    IdentifierError, ResidentId, SocialCreditCode,
    newtype::{identifier, mask},
};

/// What an [`IdentityNumber`] identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityKind {
    /// A natural person, by resident identity number (居民身份证号码).
    Resident,
    /// An organisation, by unified social credit code (统一社会信用代码).
    Organisation,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Either {
    Resident(ResidentId),
    Organisation(SocialCreditCode),
}

impl AsRef<str> for Either {
    fn as_ref(&self) -> &str {
        match self {
            Self::Resident(id) => id.as_str(),
            Self::Organisation(code) => code.as_str(),
        }
    }
}

identifier! {
    /// An identity number (身份证明号码, field `sfzmhm`): a [`ResidentId`] or a
    /// [`SocialCreditCode`], told apart by form.
    #[derive(Copy)]
    personal struct IdentityNumber(Either);
    parse: IdentityNumber::parse,
    wire: IdentityNumber::parse,
    format: "identity-number",
    schema: {
        description: "身份证明号码：个人为居民身份证号码（GB 11643-1999），单位为统一社会信用代码（GB 32100-2015），均为18位。",
        length: 18..=18,
        pattern: Some("^[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{9}[0-9A-HJ-NP-RTUWXYx]$"),
        ga_field: Some("sfzmhm"),
        examples: ["370399199003070016", "91370399MA3TEA0100"],
    },
}

impl IdentityNumber {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        match (text.parse::<ResidentId>(), text.parse::<SocialCreditCode>()) {
            (Ok(id), Ok(code)) => Ok(prefer(id, code)),
            (Ok(id), Err(_)) => Ok(id.into()),
            // One wrong resident number in thirty-one satisfies the other standard by accident.
            (Err(as_resident), Ok(code)) if looks_like_resident(text) && !is_company(&code) => {
                Err(as_resident)
            }
            (Err(_), Ok(code)) => Ok(code.into()),
            (Err(as_resident), Err(as_organisation)) => Err(if looks_like_resident(text) {
                as_resident
            } else {
                as_organisation
            }),
        }
    }

    /// Whether this is a person's number or an organisation's.
    #[must_use]
    pub const fn kind(&self) -> IdentityKind {
        match self.0 {
            Either::Resident(_) => IdentityKind::Resident,
            Either::Organisation(_) => IdentityKind::Organisation,
        }
    }

    /// The resident identity number, if it is one.
    #[must_use]
    pub const fn as_resident(&self) -> Option<&ResidentId> {
        match &self.0 {
            Either::Resident(id) => Some(id),
            Either::Organisation(_) => None,
        }
    }

    /// The unified social credit code, if it is one.
    #[must_use]
    pub const fn as_organisation(&self) -> Option<&SocialCreditCode> {
        match &self.0 {
            Either::Resident(_) => None,
            Either::Organisation(code) => Some(code),
        }
    }

    /// The number with all but its first three and last four characters hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(self.as_str(), 3, 4)
    }
}

impl From<ResidentId> for IdentityNumber {
    fn from(id: ResidentId) -> Self {
        Self(Either::Resident(id))
    }
}

impl From<SocialCreditCode> for IdentityNumber {
    fn from(code: SocialCreditCode) -> Self {
        Self(Either::Organisation(code))
    }
}

/// Eighteen digits can satisfy both standards by accident. Companies begin with 9 and carry an
/// organisation code with a check of its own; residents begin with 9 only on the new permanent
/// residence card of foreigners.
fn prefer(id: ResidentId, code: SocialCreditCode) -> IdentityNumber {
    if is_company(&code) {
        code.into()
    } else {
        id.into()
    }
}

fn is_company(code: &SocialCreditCode) -> bool {
    code.as_str().starts_with('9') && code.check().is_ok()
}

/// Which of the two the sender probably meant: digits but for the last character, unless they
/// begin like a company's code (9) and no birth year of the last two centuries follows.
fn looks_like_resident(text: &str) -> bool {
    let mut body = text.chars();
    body.next_back();
    if !body.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let birth_century = text.get(6..8).unwrap_or_default();
    !text.starts_with('9') || matches!(birth_century, "19" | "20")
}
