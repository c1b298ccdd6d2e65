//! Numbers without a check digit: telephone, certificates, policy, engine, region.

use super::{
    IdentifierError,
    newtype::{Ascii, identifier, mask},
};

const MOBILE: IdentifierError = IdentifierError::new(
    "format",
    None,
    "手机号码应为11位数字，以13至19开头，不含空格、短横线和国家代码；请核对。",
    "A mobile number has 11 digits beginning with 13 to 19, without spaces, dashes or country code: check it.",
);
const CONFORMITY: IdentifierError = IdentifierError::new(
    "format",
    None,
    "合格证编号由1至20位数字和大写字母组成（通常14或15位），请对照机动车整车出厂合格证核对。",
    "A conformity certificate number consists of 1 to 20 digits and capital letters (usually 14 or 15): compare it with the certificate.",
);
const IMPORT: IdentifierError = IdentifierError::new(
    "format",
    None,
    "进口凭证编号应为1至20位可见的ASCII字符，不含空格，请对照进口凭证核对。",
    "An import certificate number has 1 to 20 visible ASCII characters without spaces: compare it with the certificate.",
);
const REGISTRATION: IdentifierError = IdentifierError::new(
    "format",
    None,
    "机动车登记证书编号应为12位数字，请对照登记证书封面右上方的编号核对。",
    "A registration certificate number has 12 digits: compare it with the number printed on the certificate.",
);
const POLICY: IdentifierError = IdentifierError::new(
    "format",
    None,
    "保险单号应为8至40位可见的ASCII字符，不含空格，请对照保险单核对。",
    "A policy number has 8 to 40 visible ASCII characters without spaces: compare it with the policy.",
);
const ENGINE: IdentifierError = IdentifierError::new(
    "format",
    None,
    "发动机号（电机号）应为1至30位字母、数字、空格或符号（如 / 和 -），首尾不能是空格，请对照合格证核对。",
    "An engine or motor number has 1 to 30 letters, digits, spaces or signs such as / and -, no space at either end: compare it with the certificate.",
);
const REGION: IdentifierError = IdentifierError::new(
    "format",
    Some("GB/T 2260"),
    "行政区划代码应为6位数字，例如370303（张店区）。",
    "A region code has 6 digits, for example 370303 (Zhangdian).",
);

/// A text of `1..=max` bytes that all pass, or the error.
fn text_of(
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    allowed: impl Fn(&u8) -> bool,
    error: IdentifierError,
) -> Result<Box<str>, IdentifierError> {
    if length.contains(&text.len()) && text.as_bytes().iter().all(allowed) {
        Ok(text.into())
    } else {
        Err(error)
    }
}

identifier! {
    /// A mobile telephone number of mainland China (手机号码, field `sjhm`): 11 digits, the
    /// first 1, the second 3 to 9.
    #[derive(Copy)]
    personal struct MobileNumber(Ascii<11>);
    parse: MobileNumber::parse,
    wire: MobileNumber::parse,
    format: "mobile-number",
    schema: {
        description: "手机号码，11位数字，不含空格、短横线和国家代码。",
        length: 11..=11,
        pattern: Some("^1[3-9][0-9]{9}$"),
        ga_field: Some("sjhm"),
        examples: ["13800001234"],
    },
}

impl MobileNumber {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        match Ascii::<11>::digits(text) {
            Some(digits) if matches!(digits.bytes(), [b'1', b'3'..=b'9', ..]) => Ok(Self(digits)),
            _ => Err(MOBILE),
        }
    }

    /// The number with its four middle digits hidden, such as `138****1234`.
    #[must_use]
    pub fn masked(&self) -> String {
        mask(self.as_str(), 3, 4)
    }
}

identifier! {
    /// The number of a maker's certificate of conformity (整车出厂合格证编号, field `hgzbh`):
    /// 1 to 20 digits and capital letters. Almost all have 14 or 15, see
    /// [`has_usual_length`](Self::has_usual_length); the rule itself was not found in print.
    public struct ConformityCertificateNumber(Box<str>);
    parse: ConformityCertificateNumber::parse,
    wire: ConformityCertificateNumber::parse,
    format: "conformity-certificate-number",
    schema: {
        description: "机动车整车出厂合格证编号，数字和大写字母，通常14或15位。",
        length: 1..=20,
        pattern: Some("^[0-9A-Z]{1,20}$"),
        ga_field: Some("hgzbh"),
        examples: ["WAB012345678901"],
    },
}

impl ConformityCertificateNumber {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        let allowed = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        text_of(text, 1..=20, allowed, CONFORMITY).map(Self)
    }

    /// Whether it has 14 or 15 characters, as almost all have. Anything else deserves a
    /// warning, not a refusal.
    #[must_use]
    pub fn has_usual_length(&self) -> bool {
        matches!(self.0.len(), 14 | 15)
    }
}

identifier! {
    /// The number of an import certificate (进口凭证编号, field `jkpzhm`): 1 to 20 visible ASCII
    /// characters, the width of today's column.
    public struct ImportCertificateNumber(Box<str>);
    parse: ImportCertificateNumber::parse,
    wire: ImportCertificateNumber::parse,
    format: "import-certificate-number",
    schema: {
        description: "进口凭证编号（货物进口证明书等），1至20位。",
        length: 1..=20,
        pattern: Some("^[!-~]{1,20}$"),
        ga_field: Some("jkpzhm"),
        examples: ["XK220012345"],
    },
}

impl ImportCertificateNumber {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        text_of(text, 1..=20, u8::is_ascii_graphic, IMPORT).map(Self)
    }
}

identifier! {
    /// The number of a vehicle registration certificate (机动车登记证书编号, field `djzsbh`):
    /// 12 digits.
    #[derive(Copy)]
    public struct RegistrationCertificateNumber(Ascii<12>);
    parse: RegistrationCertificateNumber::parse,
    wire: RegistrationCertificateNumber::parse,
    format: "registration-certificate-number",
    schema: {
        description: "机动车登记证书编号，12位数字。",
        length: 12..=12,
        pattern: Some("^[0-9]{12}$"),
        ga_field: Some("djzsbh"),
        examples: ["370012345678"],
    },
}

impl RegistrationCertificateNumber {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        Ascii::digits(text).map(Self).ok_or(REGISTRATION)
    }
}

identifier! {
    /// The number of a compulsory traffic insurance policy (交强险保单号): 8 to 40 visible ASCII
    /// characters. Each insurer has its own form, so nothing more can be said about it.
    public struct PolicyNumber(Box<str>);
    parse: PolicyNumber::parse,
    wire: PolicyNumber::parse,
    format: "policy-number",
    schema: {
        description: "保险单号（交强险），8至40位可见ASCII字符，格式由保险公司自定。",
        length: 8..=40,
        pattern: Some("^[!-~]{8,40}$"),
        ga_field: None,
        examples: ["PDZA20223703000000001"],
    },
}

impl PolicyNumber {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        text_of(text, 8..=40, u8::is_ascii_graphic, POLICY).map(Self)
    }
}

identifier! {
    /// An engine number, for electric vehicles the motor number (发动机号/电机号, field `fdjh`):
    /// 1 to 30 printable ASCII characters, no space at either end.
    public struct EngineNumber(Box<str>);
    parse: EngineNumber::parse,
    wire: EngineNumber::parse,
    format: "engine-number",
    schema: {
        description: "发动机号，电动汽车为驱动电机号；1至30位，可含空格、/ 和 -，首尾不能是空格。",
        length: 1..=30,
        pattern: Some("^[!-~](?:[ -~]{0,28}[!-~])?$"),
        ga_field: Some("fdjh"),
        examples: ["TZ220XS/A0012345"],
    },
}

impl EngineNumber {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        if text.trim_matches(' ').len() != text.len() {
            return Err(ENGINE);
        }
        text_of(text, 1..=30, |byte| matches!(byte, b' '..=b'~'), ENGINE).map(Self)
    }
}

identifier! {
    /// A region code (行政区划代码), 6 digits, GB/T 2260. Not looked up in a table: regions come
    /// and go, and old codes stay on old papers.
    #[derive(Copy)]
    public struct RegionCode(Ascii<6>);
    parse: RegionCode::parse,
    wire: RegionCode::parse,
    format: "region-code",
    schema: {
        description: "县级以上行政区划代码，6位数字，GB/T 2260；淄博市为3703开头。",
        length: 6..=6,
        pattern: Some("^[0-9]{6}$"),
        ga_field: Some("xzqh"),
        examples: ["370303"],
    },
}

impl RegionCode {
    fn parse(text: &str) -> Result<Self, IdentifierError> {
        Ascii::digits(text).map(Self).ok_or(REGION)
    }

    /// Whether the region belongs to the city of Zibo (淄博市): prefix 3703.
    #[must_use]
    pub fn is_in_zibo(&self) -> bool {
        self.0.bytes().starts_with(b"3703")
    }
}
