//! The identifiers as their standards describe them.
#![allow(clippy::unwrap_used)] // In helpers too, which the lint does not take for tests.

use std::fmt::Debug;

use jiff::civil::date;
use lingminban::{
    codes::PlateKind,
    identifiers::{
        Address, ConformityCertificateNumber, EngineNumber, IdentifierError, IdentityKind,
        IdentityNumber, ImportCertificateNumber, InvoiceCode, InvoiceNumber, MobileNumber,
        PersonName, PlateNumber, PolicyNumber, RegionCode, RegistrationCertificateNumber,
        ResidentId, SocialCreditCode, Vin, formats,
    },
};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

const VIN_SYMBOLS: &[u8] = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ";
const CREDIT_SYMBOLS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

fn outcome<T>(result: Result<T, IdentifierError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.code().to_owned(),
    }
}

#[test]
fn worked_cases_come_out_as_listed() {
    let cases: serde_json::Value =
        serde_json::from_str(include_str!("data/identifiers.json")).unwrap();
    let judge = |kind: &str, judge: fn(&str) -> String| {
        for case in cases[kind].as_array().unwrap() {
            let (text, expected) = (case[0].as_str().unwrap(), case[1].as_str().unwrap());
            assert_eq!(judge(text), expected.to_lowercase(), "{kind} {text}");
        }
    };
    judge("vin", |text| outcome(text.parse::<Vin>()));
    judge("ric", |text| outcome(text.parse::<ResidentId>()));
    judge("uscc", |text| outcome(text.parse::<SocialCreditCode>()));
}

#[test]
fn an_imported_vin_needs_length_and_characters_only() {
    let imported = Vin::imported("WBAFR7C53BC000000").unwrap();
    assert_eq!(outcome(imported.check()), "check_digit");
    assert_eq!(outcome(Vin::domestic("WBAFR7C53BC000000")), "check_digit");
    let from_wire: Vin = serde_json::from_str(r#""WBAFR7C53BC000000""#).unwrap();
    assert_eq!(from_wire, imported);
    assert_eq!(outcome(Vin::imported("WBAFR7C53BC00000")), "length");
    assert_eq!(outcome(Vin::imported("wbafr7c53bc000000")), "charset");
    assert_eq!(outcome(Vin::imported("鲁BAFR7C53BC000000")), "charset");
    assert!(serde_json::from_str::<Vin>(r#""WBAFR7C53BC00000O""#).is_err());
}

#[test]
fn a_vin_gets_its_check_digit() {
    let vin = Vin::with_check_digit("1M8GDM9A0KP042788").unwrap();
    assert_eq!(vin.as_str(), "1M8GDM9AXKP042788");
    assert_eq!(
        Vin::with_check_digit("11111111011111111").unwrap().as_str(),
        "11111111111111111"
    );
    assert_eq!(
        outcome(Vin::with_check_digit("LZZTEST10U1000001")),
        "model_year_code"
    );
}

#[test]
fn a_resident_id_knows_its_birth_date_and_hides_itself() {
    let id: ResidentId = "11010519491231002x".parse().unwrap();
    assert_eq!(id.as_str(), "11010519491231002X");
    assert_eq!(id.birth_date(), date(1949, 12, 31));
    let id = ResidentId::with_check_symbol("37039919900307001").unwrap();
    assert_eq!(id.as_str(), "370399199003070016");
    assert_eq!(id.masked(), "370***********0016");
    assert_eq!(
        outcome(ResidentId::with_check_symbol("37039900600307001")),
        "birth_date"
    );
}

#[test]
fn a_credit_code_gets_its_symbol_and_checks_its_organisation() {
    let code = SocialCreditCode::with_check_symbol("91370399MA00A001X").unwrap();
    assert_eq!(code.as_str(), "91370399MA00A001XW");
    for sample in ["91350100M000100Y43", "91110000600037341L"] {
        assert!(sample.parse::<SocialCreditCode>().unwrap().check().is_ok());
    }
    let odd = SocialCreditCode::with_check_symbol("91110000600037342").unwrap();
    assert_eq!(outcome(odd.check()), "organisation_code");
    // Only remainder zero wraps to the first symbol.
    assert_eq!(
        outcome("91370399MA3TEA0100".parse::<SocialCreditCode>()),
        "ok"
    );
    assert_eq!(
        outcome("9137A399MA3TEA0100".parse::<SocialCreditCode>()),
        "region"
    );
}

#[test]
fn an_identity_number_is_told_apart_by_form() {
    let person: IdentityNumber = "11010519491231002x".parse().unwrap();
    assert_eq!(person.kind(), IdentityKind::Resident);
    assert_eq!(person.as_resident().unwrap().as_str(), "11010519491231002X");
    assert!(person.as_organisation().is_none());
    let company: IdentityNumber = "91350100M000100Y43".parse().unwrap();
    assert_eq!(company.kind(), IdentityKind::Organisation);
    assert_eq!(company.masked(), "913***********0Y43");
}

#[test]
fn an_identity_number_reports_the_fault_of_the_likelier_kind() {
    let fault = |text: &str| text.parse::<IdentityNumber>().unwrap_err();
    let person = Some("GB 11643-1999");
    let company = Some("GB 32100-2015");
    for (text, code, rule) in [
        ("37039919900307001", "format", person),
        ("37039919900307001Y", "format", person),
        ("370399199002300016", "birth_date", person),
        ("110105194912310021", "check_digit", person),
        ("", "format", person),
        ("91350100M000100Y34", "check_digit", company),
        ("91350100M000100Y4", "length", company),
        ("913501006000100342", "check_digit", company),
        ("张三", "length", company),
    ] {
        assert_eq!(
            (fault(text).code(), fault(text).rule()),
            (code, rule),
            "{text}"
        );
    }
}

#[test]
fn digits_that_satisfy_both_standards_are_a_company_only_if_its_inner_check_agrees() {
    // Region 370320 makes "20" the century of a birth date.
    let doubly_valid = (0..100_000).filter_map(|serial| {
        let body = format!("913703201{serial:05}101");
        let code = SocialCreditCode::with_check_symbol(&body).ok()?;
        let id = ResidentId::with_check_symbol(&body).ok()?;
        (code.as_str() == id.as_str()).then_some(code)
    });
    let mut kinds = [0, 0];
    for code in doubly_valid {
        let number: IdentityNumber = code.as_str().parse().unwrap();
        let company = number.kind() == IdentityKind::Organisation;
        assert_eq!(company, code.check().is_ok(), "{code}");
        kinds[usize::from(company)] += 1;
    }
    assert!(kinds[0] > 0 && kinds[1] > 0, "{kinds:?}");
    let resident: IdentityNumber = "370399199003070016".parse().unwrap();
    assert_eq!(resident.kind(), IdentityKind::Resident);
}

#[test]
fn plate_numbers_become_canonical() {
    for (typed, canonical) in [
        ("鲁C12345", "鲁C12345"),
        ("鲁c·8k9m2", "鲁C8K9M2"),
        (" 鲁 C A B 1 2 3 ", "鲁CAB123"),
        ("鲁Ｃ１２３４５", "鲁C12345"),
        ("鲁C\u{3000}•Ｄ12345", "鲁CD12345"),
        ("鲁C1234挂", "鲁C1234挂"),
        ("粤z1234港", "粤Z1234港"),
        ("鲁O12345", "鲁O12345"),
    ] {
        let plate: PlateNumber = typed.parse().unwrap();
        assert_eq!(plate.as_str(), canonical);
        assert_eq!(plate.to_string(), canonical);
    }
}

#[test]
fn wrong_plate_numbers_say_what_is_wrong() {
    for (text, code) in [
        ("鲁C1I345", "charset"),
        ("鲁C12O45", "charset"),
        ("鲁CDI1234", "charset"),
        ("鲁CW12345", "new_energy_class"),
        ("鲁C12345L", "new_energy_class"),
        ("鲁C123456", "new_energy_class"),
        ("鲁CD12E45", "new_energy_class"),
        ("鲁I12345", "agency_letter"),
        ("鲁112345", "agency_letter"),
        ("淄C12345", "province"),
        ("C12345", "province"),
        ("鲁C1234", "length"),
        ("鲁C1234567", "length"),
        ("鲁", "length"),
        ("", "length"),
        ("-", "length"),
        ("鲁C12张45", "charset"),
        ("鲁C123挂", "length"),
        ("鲁C1234港", "cross_border"),
        ("鲁C12挂45", "charset"),
        ("使使12345", "charset"),
    ] {
        assert_eq!(outcome(text.parse::<PlateNumber>()), code, "{text}");
    }
    let spaced_out = format!("鲁C12345{}", " ".repeat(40));
    assert_eq!(outcome(spaced_out.parse::<PlateNumber>()), "length");
}

#[test]
fn plate_number_and_kind_agree_or_not() {
    use PlateKind as K;
    let fits = |text: &str, kind| outcome(text.parse::<PlateNumber>().unwrap().fits(kind));
    for (text, kinds) in [
        (
            "鲁CD1234",
            &[
                K::LargeVehicle,
                K::SmallVehicle,
                K::Motorcycle,
                K::LightMotorcycle,
                K::LowSpeedVehicle,
            ][..],
        ),
        ("鲁CD12345", &[K::SmallNewEnergy]),
        ("鲁CDA1234", &[K::SmallNewEnergy]),
        ("鲁CF00123", &[K::SmallNewEnergy]),
        ("鲁C12345D", &[K::LargeNewEnergy]),
        ("鲁C1234挂", &[K::Trailer]),
        ("鲁C1234学", &[K::LearnerVehicle, K::LearnerMotorcycle]),
        ("鲁C1234警", &[K::PoliceVehicle, K::PoliceMotorcycle]),
        ("粤Z1234港", &[K::HongKongCrossBorder]),
        ("粤Z1234澳", &[K::MacaoCrossBorder]),
        ("使224001", &[K::EmbassyVehicle, K::EmbassyMotorcycle]),
        ("沪A0023领", &[K::ConsulateVehicle, K::ConsulateMotorcycle]),
    ] {
        let strict = [
            K::LargeVehicle,
            K::SmallVehicle,
            K::Motorcycle,
            K::LightMotorcycle,
            K::LowSpeedVehicle,
            K::SmallNewEnergy,
            K::LargeNewEnergy,
            K::Trailer,
            K::LearnerVehicle,
            K::LearnerMotorcycle,
            K::PoliceVehicle,
            K::PoliceMotorcycle,
            K::HongKongCrossBorder,
            K::MacaoCrossBorder,
            K::EmbassyVehicle,
            K::EmbassyMotorcycle,
            K::ConsulateVehicle,
            K::ConsulateMotorcycle,
            K::Unplated,
        ];
        for kind in strict {
            let expected = if kinds.contains(&kind) {
                "ok"
            } else {
                "plate_kind"
            };
            assert_eq!(fits(text, kind), expected, "{text} {kind}");
        }
    }
    assert_eq!(fits("鲁CA1234临", K::Temporary), "ok");
}

#[test]
fn plate_numbers_tell_energy_authority_and_oddity() {
    let plate = |text: &str| text.parse::<PlateNumber>().unwrap();
    assert!(plate("鲁CD12345").is_new_energy());
    assert!(!plate("鲁CD1234").is_new_energy());
    assert_eq!(plate("鲁CD12345").issuing_authority(), Some("鲁C"));
    assert_eq!(plate("使224001").issuing_authority(), None);
    assert!(plate("鲁CABC12").has_unusual_serial());
    assert!(!plate("鲁CAB123").has_unusual_serial());
}

#[test]
fn invoice_numbers_go_with_a_code_or_without() {
    let code: InvoiceCode = "137032220001".parse().unwrap();
    let paper: InvoiceNumber = "00012345".parse().unwrap();
    let digital: InvoiceNumber = "24372000000012345678".parse().unwrap();
    assert!(!paper.is_digital() && digital.is_digital());
    assert_eq!((paper.year(), digital.year()), (None, Some(2024)));
    assert_eq!(outcome(paper.check_code(Some(&code))), "ok");
    assert_eq!(outcome(paper.check_code(None)), "code_missing");
    assert_eq!(outcome(digital.check_code(None)), "ok");
    assert_eq!(outcome(digital.check_code(Some(&code))), "code_unexpected");
    assert!("13703222000".parse::<InvoiceCode>().is_err());
    assert!("0012345".parse::<InvoiceNumber>().is_err());
    assert!("2437200000001234567８".parse::<InvoiceNumber>().is_err());
}

#[test]
fn plain_numbers_keep_their_forms() {
    assert_eq!(
        "13800001234".parse::<MobileNumber>().unwrap().masked(),
        "138****1234"
    );
    for wrong in [
        "12800001234",
        "1380000123",
        "+8613800001234",
        "138 0000 1234",
    ] {
        assert!(wrong.parse::<MobileNumber>().is_err(), "{wrong}");
    }
    assert!("TZ220XS/A-01 2".parse::<EngineNumber>().is_ok());
    for wrong in ["", " A1", "A1 ", "发动机1", &"A".repeat(31)] {
        assert!(wrong.parse::<EngineNumber>().is_err(), "{wrong}");
    }
    assert!(
        "370012345678"
            .parse::<RegistrationCertificateNumber>()
            .is_ok()
    );
    assert!(
        "37001234567A"
            .parse::<RegistrationCertificateNumber>()
            .is_err()
    );
    assert!("370303".parse::<RegionCode>().unwrap().is_in_zibo());
    assert!(!"370102".parse::<RegionCode>().unwrap().is_in_zibo());
    assert!("PDZA2022".parse::<PolicyNumber>().is_ok());
    assert!("PDZA202".parse::<PolicyNumber>().is_err());
    assert!("PDZA 2022".parse::<PolicyNumber>().is_err());
    let certificate = |text: &str| text.parse::<ConformityCertificateNumber>();
    assert!(certificate("WAB01234567890").unwrap().has_usual_length());
    assert!(!certificate("WAB0123456789").unwrap().has_usual_length());
    assert!(certificate("wab01234567890").is_err());
    assert!("XK22-0012345".parse::<ImportCertificateNumber>().is_ok());
}

#[test]
fn names_and_addresses_refuse_blanks_control_characters_and_length() {
    assert_eq!(outcome("阿依古丽·买买提".parse::<PersonName>()), "ok");
    assert_eq!(outcome("䶮".repeat(64).parse::<PersonName>()), "ok");
    assert_eq!(outcome("𠮷".repeat(65).parse::<PersonName>()), "length");
    assert_eq!(outcome("".parse::<PersonName>()), "blank");
    assert_eq!(outcome("　 ".parse::<PersonName>()), "blank");
    assert_eq!(outcome("张三 ".parse::<PersonName>()), "outer_space");
    for unseen in [
        '\n', '\u{85}', '\u{200B}', '\u{202E}', '\u{2060}', '\u{FEFF}',
    ] {
        let name = format!("张{unseen}三");
        assert_eq!(outcome(name.parse::<PersonName>()), "control_character");
    }
    assert_eq!(outcome("路".repeat(128).parse::<Address>()), "ok");
    assert_eq!(outcome("路".repeat(129).parse::<Address>()), "length");
}

#[test]
fn personal_values_never_show_in_debug_or_errors() {
    let shown = [
        format!("{:?}", "370399199003070016".parse::<ResidentId>().unwrap()),
        format!(
            "{:?}",
            "370399199003070016".parse::<IdentityNumber>().unwrap()
        ),
        format!("{:?}", "13800001234".parse::<MobileNumber>().unwrap()),
        format!("{:?}", "张三".parse::<PersonName>().unwrap()),
        format!("{:?}", "测试路1号".parse::<Address>().unwrap()),
    ];
    assert_eq!(
        shown,
        [
            "ResidentId(…)",
            "IdentityNumber(…)",
            "MobileNumber(…)",
            "PersonName(…)",
            "Address(…)"
        ]
    );
    for wire in [
        "13800001234",
        "\"13800001234567\"",
        "138.00001234",
        "-13800001234",
        "true",
        "[]",
    ] {
        let error = serde_json::from_str::<MobileNumber>(wire).unwrap_err();
        assert!(!error.to_string().contains("138"), "{error}");
    }
    let error = "37039919900307001Y".parse::<ResidentId>().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("3703"));
}

#[test]
fn the_stored_ones_are_small() {
    assert_eq!(size_of::<Vin>(), 17);
    assert_eq!(size_of::<ResidentId>(), 18);
    assert_eq!(size_of::<SocialCreditCode>(), 18);
    assert_eq!(size_of::<PlateNumber>(), 16);
    assert_eq!(size_of::<MobileNumber>(), 11);
}

/// Panics on no input, and what it accepts reads back as itself in every way.
fn lawful<T>(format: &str, text: &str)
where
    T: DeserializeOwned + Serialize + PartialEq + Debug + for<'a> TryFrom<&'a str>,
{
    let wire = serde_json::to_string(text).unwrap();
    let parsed = serde_json::from_str::<T>(&wire);
    let check = formats()
        .iter()
        .find(|each| each.name == format)
        .unwrap()
        .check;
    assert_eq!(parsed.is_ok(), check(text).is_ok(), "{format} {text:?}");
    if T::try_from(text).is_ok() {
        assert!(
            parsed.is_ok(),
            "the wire is stricter than the parser: {text:?}"
        );
    }
    if let Ok(value) = parsed {
        let canonical = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&canonical).unwrap(), value);
    }
}

fn all_lawful(text: &str) {
    lawful::<Vin>("vin", text);
    lawful::<ResidentId>("resident-id", text);
    lawful::<SocialCreditCode>("social-credit-code", text);
    lawful::<IdentityNumber>("identity-number", text);
    lawful::<PlateNumber>("plate-number", text);
    lawful::<MobileNumber>("mobile-number", text);
    lawful::<InvoiceCode>("invoice-code", text);
    lawful::<InvoiceNumber>("invoice-number", text);
    lawful::<ConformityCertificateNumber>("conformity-certificate-number", text);
    lawful::<ImportCertificateNumber>("import-certificate-number", text);
    lawful::<RegistrationCertificateNumber>("registration-certificate-number", text);
    lawful::<PolicyNumber>("policy-number", text);
    lawful::<EngineNumber>("engine-number", text);
    lawful::<RegionCode>("region-code", text);
    lawful::<PersonName>("person-name", text);
    lawful::<Address>("address", text);
}

fn symbols(alphabet: &'static [u8], length: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(alphabet), length)
        .prop_map(|bytes| String::from_utf8(bytes).unwrap())
}

fn vins() -> impl Strategy<Value = String> {
    (
        symbols(VIN_SYMBOLS, 9),
        symbols(b"ABCDEFGHJKLMNPRSTVWXY123456789", 1),
        symbols(VIN_SYMBOLS, 3),
        symbols(b"0123456789", 4),
    )
        .prop_map(|(head, year, plant, tail)| {
            let body = format!("{head}{year}{plant}{tail}");
            Vin::with_check_digit(&body).unwrap().as_str().to_owned()
        })
}

fn resident_ids() -> impl Strategy<Value = String> {
    (1900..2100_i16, 1..=12_i8, 1..=28_i8, 0..1000_u16).prop_map(|(year, month, day, serial)| {
        let body = format!("370399{year:04}{month:02}{day:02}{serial:03}");
        ResidentId::with_check_symbol(&body)
            .unwrap()
            .as_str()
            .to_owned()
    })
}

fn credit_codes() -> impl Strategy<Value = String> {
    (symbols(CREDIT_SYMBOLS, 2), symbols(CREDIT_SYMBOLS, 9)).prop_map(|(kind, organisation)| {
        let body = format!("{kind}370399{organisation}");
        SocialCreditCode::with_check_symbol(&body)
            .unwrap()
            .as_str()
            .to_owned()
    })
}

/// The text with one character replaced by another of the alphabet, and with two neighbours
/// swapped; each `None` when that changes nothing.
fn slips(text: &str, at: usize, other: u8) -> [Option<String>; 2] {
    let changed = |edit: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = text.as_bytes().to_vec();
        edit(&mut bytes);
        let slip = String::from_utf8(bytes).unwrap();
        (slip != text).then_some(slip)
    };
    [
        changed(&|bytes| bytes[at] = other),
        changed(&|bytes| bytes.swap(at, at + 1)),
    ]
}

proptest! {
    #[test]
    fn nothing_typed_breaks_a_parser(text in any::<String>()) {
        all_lawful(&text);
    }

    #[test]
    fn nothing_nearly_right_breaks_a_parser(
        text in "[京鲁粤淄使领港挂警学临A-Z0-9a-zＡ-Ｚ·　 /-]{0,22}",
    ) {
        all_lawful(&text);
    }

    #[test]
    fn plates_round_trip(text in "鲁[A-HJ-Z]([0-9A-HJ-NP-Z]{5}|[A-HJK][0-9A-HJ-NP-Z][0-9]{4}|[0-9]{5}[A-HJK]|[0-9A-HJ-NP-Z]{4}[挂学警])") {
        let plate: PlateNumber = text.parse().unwrap();
        prop_assert_eq!(plate.as_str(), &text);
        all_lawful(&text);
    }

    /// Modulus 11 cannot tell letters of equal value apart (A and J both count 1); every
    /// other single slip outside the check digit's weight of zero changes the remainder.
    #[test]
    fn a_slip_in_a_vin_is_caught(vin in vins(), at in 0..16_usize, other in proptest::sample::select(VIN_SYMBOLS)) {
        let original = Vin::domestic(&vin).unwrap();
        prop_assert_eq!(original.as_str(), &vin);
        let value = |byte: u8| match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'I' => byte - b'A' + 1,
            b'J'..=b'R' => byte - b'J' + 1,
            _ => byte - b'S' + 2,
        };
        let bytes = vin.as_bytes();
        let [replaced, swapped] = slips(&vin, at, other);
        if let Some(slip) = replaced && (at == 8 || value(bytes[at]) != value(other)) {
            prop_assert!(Vin::domestic(&slip).is_err(), "{} read as {}", vin, slip);
        }
        // The check digit stands between weights that differ by one; a swap with it is
        // another matter, as is a swap of letters of equal value. Places 8 and 10 have the
        // weights 10 and 9.
        let beside_check = at == 7 || at == 8;
        if let Some(slip) = swapped && !beside_check && value(bytes[at]) != value(bytes[at + 1]) {
            prop_assert!(Vin::domestic(&slip).is_err(), "{} read as {}", vin, slip);
        }
    }

    #[test]
    fn a_slip_in_a_resident_id_is_caught(id in resident_ids(), at in 0..17_usize, other in b'0'..=b'9') {
        let original: ResidentId = id.parse().unwrap();
        prop_assert_eq!(original.as_str(), &id);
        for slip in slips(&id, at, other).into_iter().flatten() {
            prop_assert!(slip.parse::<ResidentId>().is_err(), "{} read as {}", id, slip);
        }
    }

    #[test]
    fn a_slip_in_a_credit_code_is_caught(
        code in credit_codes(),
        at in 0..17_usize,
        other in proptest::sample::select(CREDIT_SYMBOLS),
    ) {
        let original: SocialCreditCode = code.parse().unwrap();
        prop_assert_eq!(original.as_str(), &code);
        for slip in slips(&code, at, other).into_iter().flatten() {
            prop_assert!(slip.parse::<SocialCreditCode>().is_err(), "{} read as {}", code, slip);
        }
    }
}

#[cfg(feature = "schema")]
mod schema {
    use super::*;
    use regex::Regex;
    use serde_json::Value;
    use utoipa::ToSchema;

    fn of<T: ToSchema>() -> Value {
        serde_json::to_value(T::schema()).unwrap()
    }

    /// The schema may be wider than the parser, never narrower; its examples are real.
    fn admits<T: ToSchema + DeserializeOwned>(text: &str) {
        let schema = of::<T>();
        for example in schema["examples"].as_array().unwrap() {
            serde_json::from_value::<T>(example.clone()).unwrap();
        }
        if serde_json::from_value::<T>(Value::from(text)).is_err() {
            return;
        }
        let length = text.chars().count() as u64;
        assert!(
            schema["minLength"].as_u64().unwrap() <= length,
            "{} {text:?}",
            T::name()
        );
        assert!(
            length <= schema["maxLength"].as_u64().unwrap(),
            "{} {text:?}",
            T::name()
        );
        if let Some(pattern) = schema["pattern"].as_str() {
            assert!(pattern.starts_with('^') && pattern.ends_with('$'));
            assert!(
                Regex::new(pattern).unwrap().is_match(text),
                "{} {text:?}",
                T::name()
            );
        }
    }

    fn all_admit(text: &str) {
        admits::<Vin>(text);
        admits::<ResidentId>(text);
        admits::<SocialCreditCode>(text);
        admits::<IdentityNumber>(text);
        admits::<PlateNumber>(text);
        admits::<MobileNumber>(text);
        admits::<InvoiceCode>(text);
        admits::<InvoiceNumber>(text);
        admits::<ConformityCertificateNumber>(text);
        admits::<ImportCertificateNumber>(text);
        admits::<RegistrationCertificateNumber>(text);
        admits::<PolicyNumber>(text);
        admits::<EngineNumber>(text);
        admits::<RegionCode>(text);
        admits::<PersonName>(text);
        admits::<Address>(text);
    }

    #[test]
    fn a_schema_says_what_the_type_is() {
        let vin = of::<Vin>();
        assert_eq!(vin["type"], "string");
        assert_eq!(vin["format"], "vin");
        assert_eq!(vin["x-ga-field"], "clsbdh");
        assert_eq!(Vin::name(), "Vin");
        assert_eq!(of::<PlateNumber>()["pattern"], Value::Null);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_schema_is_never_narrower_than_its_parser(
            text in prop_oneof![
                any::<String>(),
                "[ -~]{0,42}",
                "[0-9A-Z]{1,20}",
                "[0-9]{6,20}",
                "1[3-9][0-9]{9}",
                "鲁 ?[A-HJ-Z]·?[0-9a-z]{5,6}",
                vins(),
                resident_ids(),
                credit_codes(),
            ],
        ) {
            all_admit(&text);
            all_admit(&text.to_lowercase());
        }
    }
}
