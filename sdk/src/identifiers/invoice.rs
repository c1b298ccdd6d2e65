//! Invoices: the uniform invoice for vehicle sales (机动车销售统一发票) and for used vehicles
//! (二手车销售统一发票), on paper or fully digital (数电发票).

use super::{
    IdentifierError,
    newtype::{Ascii, identifier, number},
};

const CODE_FORMAT: IdentifierError = IdentifierError::new(
    "format",
    None,
    "发票代码应为12位数字，请对照纸质发票核对；数电发票没有发票代码，请勿填写。",
    "An invoice code has 12 digits: compare it with the paper invoice. A fully digital invoice has no code: leave it out.",
);
const NUMBER_FORMAT: IdentifierError = IdentifierError::new(
    "format",
    None,
    "发票号码应为8位数字（纸质发票）或20位数字（数电发票），请核对位数。",
    "An invoice number has 8 digits (paper) or 20 digits (fully digital): check its length.",
);
const CODE_UNEXPECTED: IdentifierError = IdentifierError::new(
    "code_unexpected",
    None,
    "数电发票（20位发票号码）没有发票代码，请删除发票代码后重新提交。",
    "A fully digital invoice (20-digit number) has no invoice code: remove the code and submit again.",
);
const CODE_MISSING: IdentifierError = IdentifierError::new(
    "code_missing",
    None,
    "纸质发票（8位发票号码）须同时填写12位发票代码。",
    "A paper invoice (8-digit number) needs its 12-digit invoice code beside the number.",
);

identifier! {
    /// The code of a paper invoice (发票代码, field `fpdm`), 12 digits.
    #[derive(Copy)]
    public struct InvoiceCode(Ascii<12>);
    parse: InvoiceCode::parse,
    wire: InvoiceCode::parse,
    format: "invoice-code",
    schema: {
        description: "发票代码，12位数字，仅纸质发票有；数电发票不填。",
        length: 12..=12,
        pattern: Some("^[0-9]{12}$"),
        ga_field: Some("fpdm"),
        examples: ["137032220001"],
    },
}

impl InvoiceCode {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        Ascii::digits(text).map(Self).ok_or(CODE_FORMAT)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Digits {
    Paper(Ascii<8>),
    Digital(Ascii<20>),
}

impl AsRef<str> for Digits {
    fn as_ref(&self) -> &str {
        match self {
            Self::Paper(digits) => digits.as_ref(),
            Self::Digital(digits) => digits.as_ref(),
        }
    }
}

identifier! {
    /// An invoice number (发票号码, field `fphm`): 8 digits on paper, 20 digits when fully
    /// digital.
    #[derive(Copy)]
    public struct InvoiceNumber(Digits);
    parse: InvoiceNumber::parse,
    wire: InvoiceNumber::parse,
    format: "invoice-number",
    schema: {
        description: "发票号码：纸质发票8位数字（另填12位发票代码），数电发票20位数字（不填发票代码）。",
        length: 8..=20,
        pattern: Some("^(?:[0-9]{8}|[0-9]{20})$"),
        ga_field: Some("fphm"),
        examples: ["00012345", "24372000000012345678"],
    },
}

impl InvoiceNumber {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        Ascii::digits(text)
            .map(Digits::Paper)
            .or_else(|| Ascii::digits(text).map(Digits::Digital))
            .map(Self)
            .ok_or(NUMBER_FORMAT)
    }

    /// Whether this is the number of a fully digital invoice (数电发票).
    #[must_use]
    pub const fn is_digital(&self) -> bool {
        matches!(self.0, Digits::Digital(_))
    }

    /// The year of issue, from the first two digits of a digital number, 2000 to 2099; a paper
    /// number does not tell. A year still to come is the caller's to refuse.
    #[must_use]
    pub fn year(&self) -> Option<i16> {
        match &self.0 {
            Digits::Paper(_) => None,
            Digits::Digital(digits) => Some(2000 + number(&digits.bytes()[..2])),
        }
    }

    /// Whether the number and the code given beside it belong together: a paper number needs a
    /// code, a digital one has none.
    ///
    /// # Errors
    /// `code_missing` or `code_unexpected`.
    pub const fn check_code(&self, code: Option<&InvoiceCode>) -> Result<(), IdentifierError> {
        match (self.0, code) {
            (Digits::Paper(_), Some(_)) | (Digits::Digital(_), None) => Ok(()),
            (Digits::Paper(_), None) => Err(CODE_MISSING),
            (Digits::Digital(_), Some(_)) => Err(CODE_UNEXPECTED),
        }
    }
}
