//! Unified social credit code (统一社会信用代码), GB 32100-2015.

use super::{
    IdentifierError,
    newtype::{Ascii, identifier},
};

const STANDARD: Option<&str> = Some("GB 32100-2015");

/// The 31 symbols in the order of their values; I, O, S, V and Z are left out.
const SYMBOLS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Powers of three modulo 31.
const WEIGHTS: [u16; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
/// Weights of the organisation code (组织机构代码) inside, GB 11714-1997.
const ORGANIZATION_WEIGHTS: [u16; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

const LENGTH: IdentifierError = IdentifierError::new(
    "length",
    STANDARD,
    "统一社会信用代码应为18位，请对照营业执照逐位核对，检查是否漏录或多录。",
    "A unified social credit code has 18 characters: compare it with the business licence, one is missing or too many.",
);
const CHARSET: IdentifierError = IdentifierError::new(
    "charset",
    STANDARD,
    "统一社会信用代码只能由数字和大写字母组成，且不含I、O、S、V、Z；请检查是否把1录成I、把0录成O、把5录成S、把2录成Z。",
    "A unified social credit code consists of digits and capital letters other than I, O, S, V and Z: check for I in place of 1, O of 0, S of 5, Z of 2.",
);
const REGION: IdentifierError = IdentifierError::new(
    "region",
    STANDARD,
    "统一社会信用代码第3至8位是登记管理机关行政区划码，应为数字，请核对这6位。",
    "Places 3 to 8 of a unified social credit code are the region of the registering authority and must be digits: check these six.",
);
const CHECK_DIGIT: IdentifierError = IdentifierError::new(
    "check_digit",
    STANDARD,
    "统一社会信用代码的校验位（最后一位）不符，可能有一位录错或相邻两位颠倒，请逐位核对。",
    "The check symbol (last character) of the unified social credit code does not fit: one character is probably mistyped, or two are swapped; compare all of them.",
);
const ORGANIZATION_CODE: IdentifierError = IdentifierError::new(
    "organisation_code",
    Some("GB 11714-1997"),
    "统一社会信用代码中第9至17位的主体标识码校验不符，请对照营业执照核对；确认无误可继续办理。",
    "The organisation code in places 9 to 17 does not fit its own check symbol: compare it with the business licence; if it is the same there, go on.",
);

identifier! {
    /// A unified social credit code (统一社会信用代码, field `sfzmhm` when `sfzmmc` is N),
    /// GB 32100-2015. A value has the right form and a check symbol that fits; lower-case
    /// letters are refused, the code is printed in capitals.
    #[derive(Copy)]
    public struct SocialCreditCode(Ascii<18>);
    parse: SocialCreditCode::parse,
    wire: SocialCreditCode::parse,
    format: "social-credit-code",
    schema: {
        description: "统一社会信用代码，18位，GB 32100-2015；不含字母I、O、S、V、Z。",
        length: 18..=18,
        pattern: Some("^[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}$"),
        ga_field: Some("sfzmhm"),
        examples: ["91370399MA3TEA0100"],
    },
}

impl SocialCreditCode {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        let Some(ascii) = Ascii::<18>::of(text, is_symbol) else {
            return Err(fault_of_form(text, 18));
        };
        let (body, symbol) = ascii.bytes().split_at(17);
        check_region(body)?;
        if symbol == [check_symbol(body)] {
            Ok(Self(ascii))
        } else {
            Err(CHECK_DIGIT)
        }
    }

    /// Makes a valid code out of its first 17 characters by adding the check symbol. For test
    /// data: use the region 370399, which no county has.
    ///
    /// # Errors
    /// `length`, `charset` or `region`.
    pub fn with_check_symbol(body: &str) -> Result<Self, IdentifierError> {
        let Some(ascii) = Ascii::<17>::of(body, is_symbol) else {
            return Err(fault_of_form(body, 17));
        };
        check_region(ascii.bytes())?;
        let mut bytes = [0; 18];
        bytes[..17].copy_from_slice(ascii.bytes());
        bytes[17] = check_symbol(ascii.bytes());
        Ok(Self(Ascii::from_checked(bytes)))
    }

    /// Whether the organisation code (主体标识码) inside fits its own check symbol. Real codes
    /// break this now and then, so a fault is a warning, never a refusal.
    ///
    /// # Errors
    /// `organisation_code`.
    pub fn check(&self) -> Result<(), IdentifierError> {
        let code = &self.0.bytes()[8..17];
        let sum: u16 = code
            .iter()
            .zip(ORGANIZATION_WEIGHTS)
            .map(|(byte, weight)| organisation_value(*byte) * weight)
            .sum();
        // Remainder 0 gives 11, which is written 0; 10 is written X.
        let symbol = b"0X987654321"[usize::from(sum % 11)];
        if code[8] == symbol {
            Ok(())
        } else {
            Err(ORGANIZATION_CODE)
        }
    }
}

fn is_symbol(byte: &u8) -> bool {
    SYMBOLS.contains(byte)
}

fn fault_of_form(text: &str, length: usize) -> IdentifierError {
    if text.chars().count() == length {
        CHARSET
    } else {
        LENGTH
    }
}

fn check_region(body: &[u8]) -> Result<(), IdentifierError> {
    if body[2..8].iter().all(u8::is_ascii_digit) {
        Ok(())
    } else {
        Err(REGION)
    }
}

fn check_symbol(body: &[u8]) -> u8 {
    let sum: u16 = body
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| value(*byte) * weight)
        .sum();
    SYMBOLS[usize::from((31 - sum % 31) % 31)]
}

/// A symbol's place in the alphabet of 31.
fn value(byte: u8) -> u16 {
    (0..)
        .zip(SYMBOLS)
        .find_map(|(value, symbol)| (*symbol == byte).then_some(value))
        .unwrap_or_default()
}

/// The value in GB 11714-1997, where no letter is left out: A is 10, Z is 35.
fn organisation_value(byte: u8) -> u16 {
    match byte {
        b'0'..=b'9' => u16::from(byte - b'0'),
        _ => u16::from(byte.wrapping_sub(b'A')) + 10,
    }
}
