//! Resident identity number (居民身份证号码), GB 11643-1999.

use jiff::civil::Date;

use super::{
    IdentifierError,
    newtype::{Ascii, identifier, mask, number},
};

const STANDARD: Option<&str> = Some("GB 11643-1999");

const WEIGHTS: [u16; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Check symbols by remainder, ISO 7064 MOD 11-2.
const SYMBOLS: &[u8; 11] = b"10X98765432";
/// Nobody alive or on file was born earlier; without it a company's code made of digits only
/// could pass for a person born in the year 60.
const EARLIEST_YEAR: i16 = 1800;

const FORMAT: IdentifierError = IdentifierError::new(
    "format",
    STANDARD,
    "居民身份证号码应为18位：前17位为数字，最后一位为数字或X；请检查位数和字符。",
    "A resident identity number has 18 characters, 17 digits and then a digit or X: check its length and characters.",
);
const BIRTH_DATE: IdentifierError = IdentifierError::new(
    "birth_date",
    STANDARD,
    "居民身份证号码第7至14位不是真实存在的出生日期，请核对这8位。",
    "Places 7 to 14 of the identity number are no date that exists: check these eight digits.",
);
const CHECK_DIGIT: IdentifierError = IdentifierError::new(
    "check_digit",
    STANDARD,
    "居民身份证号码的校验位（最后一位）不符，可能有一位录错或相邻两位颠倒，请逐位核对。",
    "The check digit (last character) of the identity number does not fit: one character is probably mistyped, or two are swapped; compare all of them.",
);

identifier! {
    /// A resident identity number (居民身份证号码, field `sfzmhm` when `sfzmmc` is A),
    /// GB 11643-1999. Residence permits of Hong Kong, Macao and Taiwan residents have the
    /// same form.
    ///
    /// A value has a birth date that exists and a check digit that fits; a final `x` is
    /// stored as `X`. The region is not looked up: it is the one of the first issue, and
    /// regions since abolished stay valid. Nor is the birth date compared with today: a type
    /// knows no clock.
    #[derive(Copy)]
    personal struct ResidentId(Ascii<18>);
    parse: ResidentId::parse,
    wire: ResidentId::parse,
    format: "resident-id",
    schema: {
        description: "居民身份证号码，18位，GB 11643-1999；最后一位可为X。",
        length: 18..=18,
        pattern: Some("^[0-9]{17}[0-9Xx]$"),
        ga_field: Some("sfzmhm"),
        examples: ["370399199003070016"],
    },
}

impl ResidentId {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        let (body, last) = text.split_at_checked(17).ok_or(FORMAT)?;
        let body = Ascii::<17>::digits(body).ok_or(FORMAT)?;
        let symbol = match last.as_bytes() {
            [digit @ b'0'..=b'9'] => *digit,
            b"X" | b"x" => b'X',
            _ => return Err(FORMAT),
        };
        let id = Self::complete(body)?;
        if id.0.bytes()[17] == symbol {
            Ok(id)
        } else {
            Err(CHECK_DIGIT)
        }
    }

    /// Makes a valid number out of its first 17 digits by adding the check symbol. For test
    /// data: use the region 370399, which no county has.
    ///
    /// # Errors
    /// `format` unless there are 17 digits, `birth_date` if the date does not exist.
    pub fn with_check_symbol(body: &str) -> Result<Self, IdentifierError> {
        Self::complete(Ascii::digits(body).ok_or(FORMAT)?)
    }

    fn complete(body: Ascii<17>) -> Result<Self, IdentifierError> {
        let digits = body.bytes();
        date(&digits[6..14]).ok_or(BIRTH_DATE)?;
        let mut bytes = [0; 18];
        bytes[..17].copy_from_slice(digits);
        bytes[17] = check_symbol(digits);
        Ok(Self(Ascii::from_checked(bytes)))
    }

    /// The date of birth (出生日期).
    #[must_use]
    pub fn birth_date(&self) -> Date {
        // Parsing has proved that the date exists; the default is never taken.
        date(&self.0.bytes()[6..14]).unwrap_or_default()
    }

    /// The number with all but its first three and last four characters hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(self.as_str(), 3, 4)
    }
}

fn date(digits: &[u8]) -> Option<Date> {
    let (year, month, day) = (
        number(&digits[..4]),
        number(&digits[4..6]),
        number(&digits[6..]),
    );
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    (year >= EARLIEST_YEAR).then_some(date)
}

fn check_symbol(digits: &[u8; 17]) -> u8 {
    let sum: u16 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u16::from(digit - b'0') * weight)
        .sum();
    SYMBOLS[usize::from(sum % 11)]
}
