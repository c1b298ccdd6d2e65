//! What must hold for every text that is shown to an identifier.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use lingminban::{
    api::{ApplicationId, OperatorId, OutletId, PartnerReference, PlateDrawId},
    codes::PlateKind,
    identifiers::{
        Address, ConformityCertificateNumber, EngineNumber, Format, IdentifierError,
        IdentityNumber, ImportCertificateNumber, InvoiceCode, InvoiceNumber, MobileNumber,
        PersonName, PlateNumber, PolicyNumber, RegionCode, RegistrationCertificateNumber,
        ResidentId, SocialCreditCode, Vin, formats,
    },
    moment::{Moment, calendar_date},
};
use serde_json::{Value, json};

use crate::bytes::Bytes;

/// One valid text of each kind: what bytes alone would hardly ever hit.
const VALID: &[&str] = &[
    "LZZTEST10N1000001",
    "370399199003070016",
    "91370399MA3TEA0100",
    "鲁C12345",
    "鲁CD12345",
    "鲁C1234挂",
    "粤Z1234港",
    "使014578",
    "13800001234",
    "137032220001",
    "00012345",
    "24372000000012345678",
    "WAB012345678901",
    "XK220012345",
    "370012345678",
    "PDZA20223703000000001",
    "TZ220XS/A0012345",
    "370303",
    "张三",
    "张店区测试路1号",
    "2026-03-02",
    "2026-03-02T09:00:00+08:00",
    "zb-dealer-001-op1",
];

/// Characters that parsers treat in a way of their own.
const NOTABLE: &[char] = &[
    '0',
    '9',
    'A',
    'I',
    'O',
    'X',
    'x',
    'z',
    ' ',
    '\0',
    '-',
    '·',
    '・',
    '\u{3000}',
    '０',
    'Ｃ',
    'ｃ',
    '鲁',
    '挂',
    '使',
    '领',
    '\u{7f}',
    '\u{85}',
    '\u{feff}',
    '\u{202e}',
    'é',
    '\u{301}',
    '𠮷',
    '\u{10ffff}',
    '\n',
    '"',
    '\\',
];

/// Shows one text to every parser.
pub(crate) fn feed(data: &[u8]) {
    let text = text(&mut Bytes::new(data));
    for format in formats() {
        // Whatever it says, it says so without falling over.
        let _ = (format.check)(&text);
    }
    judge_public::<Vin>("vin", &text, Vin::as_str);
    judge_public::<SocialCreditCode>("social-credit-code", &text, SocialCreditCode::as_str);
    judge_public::<PlateNumber>("plate-number", &text, PlateNumber::as_str);
    judge_public::<InvoiceCode>("invoice-code", &text, InvoiceCode::as_str);
    judge_public::<InvoiceNumber>("invoice-number", &text, InvoiceNumber::as_str);
    judge_public::<ConformityCertificateNumber>(
        "conformity-certificate-number",
        &text,
        ConformityCertificateNumber::as_str,
    );
    judge_public::<ImportCertificateNumber>(
        "import-certificate-number",
        &text,
        ImportCertificateNumber::as_str,
    );
    judge_public::<RegistrationCertificateNumber>(
        "registration-certificate-number",
        &text,
        RegistrationCertificateNumber::as_str,
    );
    judge_public::<PolicyNumber>("policy-number", &text, PolicyNumber::as_str);
    judge_public::<EngineNumber>("engine-number", &text, EngineNumber::as_str);
    judge_public::<RegionCode>("region-code", &text, RegionCode::as_str);
    judge_personal::<ResidentId>("resident-id", &text, ResidentId::as_str);
    judge_personal::<IdentityNumber>("identity-number", &text, IdentityNumber::as_str);
    judge_personal::<MobileNumber>("mobile-number", &text, MobileNumber::as_str);
    judge_personal::<PersonName>("person-name", &text, PersonName::as_str);
    judge_personal::<Address>("address", &text, Address::as_str);
    judge_derived(&text);
    judge_names(&text);
    judge_dates(&text);
}

/// A valid text with a few characters changed, or any text at all.
fn text(bytes: &mut Bytes<'_>) -> String {
    let choice = bytes.below(VALID.len() + 8);
    let Some(valid) = VALID.get(choice) else {
        return bytes.text();
    };
    let mut chars: Vec<char> = valid.chars().collect();
    while !bytes.is_empty() && chars.len() < 400 {
        let place = bytes.below(chars.len() + 1);
        let character = match bytes.byte() {
            index if usize::from(index) < NOTABLE.len() => NOTABLE[usize::from(index)],
            byte => char::from(byte),
        };
        match bytes.byte() % 4 {
            0 => chars.insert(place, character),
            1 if place < chars.len() => drop(chars.remove(place)),
            2 => chars.truncate(place),
            _ if place < chars.len() => chars[place] = character,
            _ => chars.push(character),
        }
    }
    chars.into_iter().collect()
}

/// What holds for every identifier: the wire takes what its format takes, the canonical text is
/// read back as the same value.
fn judge<T>(format: &str, text: &str, as_str: fn(&T) -> &str) -> Option<T>
where
    T: FromStr<Err = IdentifierError> + serde::Serialize + serde::de::DeserializeOwned,
    T: Clone + PartialEq + Debug,
{
    let known: Option<&Format> = formats().iter().find(|known| known.name == format);
    assert!(known.is_some(), "{format} is no format");
    let sent = serde_json::from_value::<T>(json!(text));
    let checked = known.map(|known| (known.check)(text));
    assert_eq!(
        sent.is_ok(),
        checked == Some(Ok(())),
        "{format}: wire and format differ"
    );
    if let Some(Err(error)) = checked {
        assert!(!error.code().is_empty(), "{format}");
    }
    if let Ok(parsed) = text.parse::<T>() {
        assert!(sent.is_ok(), "{format}: parsed, but not from the wire");
        let canonical = as_str(&parsed).to_owned();
        assert!(
            canonical.parse::<T>().as_ref() == Ok(&parsed),
            "{format}: not read back"
        );
    }
    let value = sent.ok()?;
    let canonical = as_str(&value).to_owned();
    assert!(serde_json::to_value(&value).ok() == Some(Value::String(canonical.clone())));
    assert!(serde_json::from_value::<T>(json!(canonical)).ok().as_ref() == Some(&value));
    Some(value)
}

fn judge_public<T>(format: &str, text: &str, as_str: fn(&T) -> &str)
where
    T: FromStr<Err = IdentifierError> + serde::Serialize + serde::de::DeserializeOwned,
    T: Clone + PartialEq + Debug + Display,
{
    if let Some(value) = judge(format, text, as_str) {
        assert_eq!(value.to_string(), as_str(&value), "{format}");
    }
}

/// Personal data is not to be seen in `Debug`.
fn judge_personal<T>(format: &str, text: &str, as_str: fn(&T) -> &str)
where
    T: FromStr<Err = IdentifierError> + serde::Serialize + serde::de::DeserializeOwned,
    T: Clone + PartialEq + Debug,
{
    if let Some(value) = judge(format, text, as_str) {
        let shown = format!("{value:?}");
        let name = shown.strip_suffix("(…)").unwrap_or_default();
        let is_type_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic());
        assert!(is_type_name, "{format}: Debug shows more than the type");
    }
}

/// What is read out of an identifier once it is one.
fn judge_derived(text: &str) {
    if let Ok(vin) = Vin::imported(text) {
        assert_eq!(vin.check().is_ok(), Vin::domestic(text).is_ok());
    }
    if let Ok(vin) = Vin::with_check_digit(text) {
        assert_eq!(vin.check(), Ok(()));
    }
    if let Ok(plate) = text.parse::<PlateNumber>() {
        for kind in PlateKind::ALL {
            let _ = plate.fits(*kind);
        }
        let authority = plate.issuing_authority();
        assert!(authority.is_none_or(|authority| plate.as_str().starts_with(authority)));
        let _ = plate.has_unusual_serial();
    }
    if let Ok(id) = text.parse::<ResidentId>() {
        assert!(id.masked() != id.as_str() && id.masked().len() == id.as_str().len());
        assert!(id.birth_date().year() >= 1800);
    }
    if let Ok(number) = text.parse::<IdentityNumber>() {
        assert!(number.masked() != number.as_str());
        assert_ne!(
            number.as_resident().is_some(),
            number.as_organisation().is_some()
        );
    }
    if let Ok(number) = text.parse::<MobileNumber>() {
        assert!(number.masked() != number.as_str());
    }
}

/// Names that the platform or the partner gives.
fn judge_names(text: &str) {
    fn judge<T: FromStr + serde::de::DeserializeOwned>(text: &str, as_str: fn(&T) -> &str) {
        let sent = serde_json::from_value::<T>(json!(text)).ok();
        let parsed = text.parse::<T>().ok();
        assert_eq!(sent.is_some(), parsed.is_some());
        assert!(parsed.is_none_or(|value| as_str(&value) == text));
    }
    judge::<ApplicationId>(text, ApplicationId::as_str);
    judge::<OperatorId>(text, OperatorId::as_str);
    judge::<OutletId>(text, OutletId::as_str);
    judge::<PartnerReference>(text, PartnerReference::as_str);
    judge::<PlateDrawId>(text, PlateDrawId::as_str);
}

/// Dates and instants: what is read is written in a form that is read as the same.
fn judge_dates(text: &str) {
    if let Some(date) = calendar_date(text) {
        assert_eq!(date.to_string(), text);
    }
    if let Ok(moment) = text.parse::<Moment>() {
        assert!(
            moment.to_string().parse().ok() == Some(moment),
            "{moment} is not read back"
        );
        let _ = moment.date();
    }
}
