//! Vehicle identification number (车辆识别代号), GB 16735-2019.

use super::{
    IdentifierError,
    newtype::{Ascii, identifier},
};

const STANDARD: Option<&str> = Some("GB 16735-2019");

/// Zero-based place of the check digit, the ninth character.
const CHECK_PLACE: usize = 8;
/// Zero-based place of the model year code, the tenth character.
const MODEL_YEAR_PLACE: usize = 9;
/// Weights by place; the check digit itself counts nothing.
const WEIGHTS: [u16; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

const LENGTH: IdentifierError = IdentifierError::new(
    "length",
    STANDARD,
    "车辆识别代号应为17位，请对照合格证或车架逐位核对，检查是否漏录或多录。",
    "A VIN has 17 characters: compare it with the certificate or the frame, one is missing or too many.",
);
const CHARSET: IdentifierError = IdentifierError::new(
    "charset",
    STANDARD,
    "车辆识别代号只能由数字和大写字母组成，且不含I、O、Q；请检查是否把1录成I、把0录成O或Q。",
    "A VIN consists of digits and capital letters other than I, O and Q: check for I in place of 1, or O or Q in place of 0.",
);
const MODEL_YEAR_CODE: IdentifierError = IdentifierError::new(
    "model_year_code",
    STANDARD,
    "车辆识别代号第10位不是有效的年份代码（不能为I、O、Q、U、Z、0），请核对该位。",
    "The tenth character of the VIN is no model year code (never I, O, Q, U, Z or 0): check that character.",
);
const LAST4_NOT_DIGIT: IdentifierError = IdentifierError::new(
    "last4_not_digit",
    STANDARD,
    "车辆识别代号最后4位应为数字，请核对末4位。",
    "The last four characters of the VIN must be digits: check them.",
);
const CHECK_DIGIT: IdentifierError = IdentifierError::new(
    "check_digit",
    STANDARD,
    "车辆识别代号的校验位（第9位）不符，可能有一位录错或相邻两位颠倒，请逐位核对。",
    "The check digit (ninth character) of the VIN does not fit: one character is probably mistyped, or two are swapped; compare all of them.",
);

identifier! {
    /// A vehicle identification number (车辆识别代号, field `clsbdh`): 17 characters,
    /// GB 16735-2019.
    ///
    /// A value has the right length and characters. Whether it also keeps the rules for
    /// vehicles made in China (model year code, numeric tail, check digit) depends on how it
    /// was made: [`Vin::domestic`] and `FromStr` insist, [`Vin::imported`] and the wire do
    /// not, because makers abroad often ignore the check digit and the wire does not know
    /// where the vehicle comes from. [`Vin::check`] decides later.
    #[derive(Copy)]
    public struct Vin(Ascii<17>);
    parse: Vin::domestic,
    wire: Vin::imported,
    format: "vin",
    schema: {
        description: "车辆识别代号（VIN），17位，GB 16735-2019。国产车校验位不符为错误，进口车仅为提示。",
        length: 17..=17,
        pattern: Some("^[0-9A-HJ-NPR-Z]{17}$"),
        ga_field: Some("clsbdh"),
        examples: ["LZZTEST10N1000001"],
    },
}

impl Vin {
    /// Reads the VIN of a vehicle made in China (国产): every rule of the standard holds.
    ///
    /// # Errors
    /// `length`, `charset`, `model_year_code`, `last4_not_digit` or `check_digit`, the first
    /// that applies.
    pub fn domestic(text: &str) -> Result<Self, IdentifierError> {
        let vin = Self::imported(text)?;
        vin.check()?;
        Ok(vin)
    }

    /// Reads the VIN of an imported vehicle (进口): only length and characters are certain.
    ///
    /// # Errors
    /// `length` or `charset`.
    pub fn imported(text: &str) -> Result<Self, IdentifierError> {
        match Ascii::of(text, |byte| value(*byte).is_some()) {
            Some(ascii) => Ok(Self(ascii)),
            None if text.chars().count() == 17 => Err(CHARSET),
            None => Err(LENGTH),
        }
    }

    /// Whether the VIN keeps the rules for vehicles made in China. The caller treats a fault
    /// as an error for a domestic vehicle and as a warning for an imported one.
    ///
    /// # Errors
    /// `model_year_code`, `last4_not_digit` or `check_digit`, the first that applies.
    pub fn check(&self) -> Result<(), IdentifierError> {
        let bytes = self.0.bytes();
        if matches!(bytes[MODEL_YEAR_PLACE], b'U' | b'Z' | b'0') {
            return Err(MODEL_YEAR_CODE);
        }
        if !bytes[13..].iter().all(u8::is_ascii_digit) {
            return Err(LAST4_NOT_DIGIT);
        }
        if bytes[CHECK_PLACE] != check_digit(bytes) {
            return Err(CHECK_DIGIT);
        }
        Ok(())
    }

    /// Makes a valid VIN out of 17 characters by writing the check digit into the ninth place,
    /// whatever stood there. For test data.
    ///
    /// # Errors
    /// The same as [`Vin::domestic`], except `check_digit`.
    pub fn with_check_digit(text: &str) -> Result<Self, IdentifierError> {
        let Self(ascii) = Self::imported(text)?;
        let vin = Self(ascii.with(CHECK_PLACE, check_digit(ascii.bytes())));
        vin.check()?;
        Ok(vin)
    }
}

/// What a character counts in the check sum; `None` when a VIN cannot contain it.
const fn value(byte: u8) -> Option<u16> {
    Some(match byte {
        b'0'..=b'9' => (byte - b'0') as u16,
        b'A'..=b'H' => (byte - b'A') as u16 + 1,
        b'J'..=b'N' => (byte - b'J') as u16 + 1,
        b'P' => 7,
        b'R' => 9,
        b'S'..=b'Z' => (byte - b'S') as u16 + 2,
        _ => return None,
    })
}

fn check_digit(bytes: &[u8; 17]) -> u8 {
    let sum: u16 = bytes
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| value(*byte).unwrap_or_default() * weight)
        .sum();
    b"0123456789X"[usize::from(sum % 11)]
}
