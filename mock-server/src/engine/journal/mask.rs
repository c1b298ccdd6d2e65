//! What of a text may leave a journal.
//!
//! In what a partner sends, a text is shown only when it stands in a member that the contract gives
//! to codes, dates, firms or vehicles, or when it plainly is no person's: whatever the contract does
//! not know is masked. Answers are the authority's own words; of these, what repeats a request is
//! masked as in the request. Numbers of people are masked by their look, wherever they stand.
//!
//! A text is masked as it is, without being parsed: what breaks off or is no JSON is masked too, and
//! what is JSON stays as it was written.

use std::borrow::Cow;

use jiff::civil::Date;
use lingminban::identifiers::{PlateNumber, Vin};

use super::numbers::numbers;

/// Which side of an exchange a text is from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Answer,
}

/// How a value is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// A number of somebody: its first three and last four characters are left, as in the
    /// platform's own answers.
    Number,
    /// Nothing is left.
    Whole,
    /// What follows the `?` of an address goes: partners put their passwords there.
    Address,
    /// A path.
    Path,
    /// Where in a body something is, or the name of a parameter.
    Place,
    /// 代码, numbers, dates: shown, unless there is a name in its stead.
    Code,
    /// Firms: shown, unless it is as short as a person's name.
    Firm,
    /// Words that nobody's name stands in.
    Shown,
    /// The contract has no such member, or no text in it: hidden, but for what is plainly harmless.
    Unknown,
}

impl Rule {
    /// Whether it holds for everything in a list or an object as well.
    fn is_personal(self) -> bool {
        matches!(self, Self::Number | Self::Whole)
    }
}

const HIDDEN: &str = "***";

/// The rule for a member or a parameter.
fn rule_for(name: &str, side: Side) -> Rule {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "identity_number" | "mobile_number" => Rule::Number,
        // 说明 of a webhook in both.
        "name" | "address" | "description" => Rule::Whole,
        "client_secret" | "access_token" | "refresh_token" | "token" | "password"
        | "authorization" | "cookie" | "secret" => Rule::Whole,
        "url" => Rule::Address,
        _ if side == Side::Request => rule_of_requests(&name),
        "instance" => Rule::Path,
        "pointer" | "parameter" => Rule::Place,
        // Answers repeat them as they came.
        "partner_reference" | "operator_id" | "request_id" => Rule::Code,
        _ => Rule::Shown,
    }
}

fn rule_of_requests(name: &str) -> Rule {
    match name {
        // 住所详细地址, and what people write in their own words.
        "detail"
        | "finding"
        | "marriage_certificate_number"
        | "mortgagee_name"
        | "new_address"
        | "new_name"
        | "owner_name"
        | "reason"
        | "statement" => Rule::Whole,
        "new_identity_number" => Rule::Number,
        "brand" | "district" | "model" => Rule::Shown,
        "insurer" | "issuer" | "manufacturer" => Rule::Firm,
        "acquisition"
        | "amount_fen"
        | "application_id"
        | "by"
        | "case"
        | "cause"
        | "certificate_number"
        | "changed_on"
        | "client_id"
        | "code"
        | "color"
        | "contract_number"
        | "created_before"
        | "created_from"
        | "credit_code"
        | "cursor"
        | "delivered_on"
        | "displacement_ml"
        | "effective_on"
        | "enforcement_notice_number"
        | "engine_number"
        | "event_types"
        | "first_registered_on"
        | "from"
        | "fuel"
        | "grant_type"
        | "gross_mass_kg"
        | "height_mm"
        | "imported_on"
        | "inspection_id"
        | "issued_on"
        | "item"
        | "keep_plate_number"
        | "kerb_mass_kg"
        | "into_stock"
        | "kind"
        | "lender_reference"
        | "length_mm"
        | "main_contract_number"
        | "manufactured_on"
        | "married_on"
        | "method"
        | "mortgagee_credit_code"
        | "moved_on"
        | "number"
        | "old_cycle_from"
        | "on"
        | "operator_id"
        | "origin"
        | "outlet_id"
        | "outlet_kind"
        | "overlap_seconds"
        | "page_size"
        | "page_token"
        | "partner_reference"
        | "passed"
        | "plate_draw_id"
        | "plate_kind"
        | "plate_number"
        | "policy_number"
        | "power_kw"
        | "power_of_attorney_until"
        | "price_fen"
        | "region_code"
        | "registration_certificate_number"
        | "replaced_structure"
        | "residence_permit_region_code"
        | "reverse_invoice"
        | "scope"
        | "seats"
        | "service"
        | "signature_id"
        | "signed_at"
        | "signed_on"
        | "starts_at"
        | "state"
        | "status"
        | "to"
        | "transfer_kind"
        | "type"
        | "use_character"
        | "valid_from"
        | "valid_until"
        | "validate_only"
        | "vehicle_type"
        | "vin"
        | "wheelbase_mm"
        | "width_mm"
        | "years" => Rule::Code,
        _ => Rule::Unknown,
    }
}

fn under(rule: Rule, text: &str) -> Cow<'_, str> {
    match rule {
        Rule::Whole => HIDDEN.into(),
        Rule::Number => number(text).into(),
        Rule::Address => address(text).into(),
        Rule::Path => path(text).into(),
        Rule::Place => pointer(text).into(),
        Rule::Code => sent(text),
        Rule::Firm if is_as_short_as_a_name(text) => HIDDEN.into(),
        Rule::Firm | Rule::Shown => plain(text),
        Rule::Unknown if is_harmless(text) => text.into(),
        Rule::Unknown => HIDDEN.into(),
    }
}

fn number(text: &str) -> String {
    let length = text.chars().count();
    let is_name = |shown: char| shown.is_ascii_alphabetic() && !matches!(shown, 'X' | 'x');
    if length <= 10 || !text.is_ascii() || text.contains(is_name) {
        return HIDDEN.to_owned();
    }
    ends(text, length)
}

/// The first three and the last four of so many characters.
fn ends(text: &str, length: usize) -> String {
    let hidden = 3..length.saturating_sub(4);
    let characters = text.chars().enumerate();
    characters
        .map(|(at, shown)| if hidden.contains(&at) { '*' } else { shown })
        .collect()
}

/// Any text: the numbers of people by their look.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let mut copied = 0;
    for place in numbers(text) {
        let found = &text[place.clone()];
        masked.push_str(&text[copied..place.start]);
        masked.push_str(&ends(found, found.chars().count()));
        copied = place.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// A text that is a partner's and is to be a code: nothing is left of it when it has a name in it,
/// and numbers are masked by their look, percent-encoded or not.
pub(super) fn sent(text: &str) -> Cow<'_, str> {
    let Some(decoded) = decoded(text) else {
        return HIDDEN.into();
    };
    if has_name(&decoded) {
        return HIDDEN.into();
    }
    match plain(&decoded) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(masked) => Cow::Owned(masked),
    }
}

/// Decoded as often as it was percent-encoded; `None` when that is oftener than anybody does.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    let mut read = Cow::Borrowed(text);
    for _ in 0..4 {
        let decoded = percent_encoding::percent_decode_str(&read).decode_utf8_lossy();
        if decoded == read {
            return Some(read);
        }
        read = Cow::Owned(decoded.into_owned());
    }
    None
}

/// Characters beyond ASCII: codes have none, but for the ends of a 号牌号码 such as 鲁C1234学, between
/// which there are digits.
fn has_name(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let mut follows = false;
    for character in text.chars() {
        match character.is_ascii() {
            false if follows => return true,
            false => follows = true,
            true => follows &= !character.is_ascii_alphanumeric(),
        }
    }
    !text.contains(|character: char| character.is_ascii_digit())
}

/// Names of people have two to four characters, those of firms more.
fn is_as_short_as_a_name(text: &str) -> bool {
    let wide = text.chars().filter(|character| !character.is_ascii());
    (1..=4).contains(&wide.count())
}

/// Nothing, a literal, a short number, a date, a VIN or a plate.
fn is_harmless(text: &str) -> bool {
    let is_short_number = || {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        digits <= 6 && text.parse::<f64>().is_ok() && digits > 0
    };
    let is_date = || text.len() == 10 && text.parse::<Date>().is_ok();
    let has_digit = || text.bytes().any(|byte| byte.is_ascii_digit());
    let is_vehicle = || Vin::imported(text).is_ok() || text.parse::<PlateNumber>().is_ok();
    matches!(text, "" | "true" | "false" | "null")
        || is_short_number()
        || is_date()
        || (has_digit() && is_vehicle())
}

/// The name of a member or a parameter: shown when it is made as names of members are.
fn name(text: &str) -> Cow<'_, str> {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.~".contains(&byte);
    if text.len() <= 64 && text.bytes().all(is_of_name) {
        plain(text)
    } else {
        HIDDEN.into()
    }
}

/// A pointer (RFC 6901): each name of a member in it.
pub(super) fn pointer(pointer: &str) -> String {
    let names: Vec<_> = pointer.split('/').map(name).collect();
    names.join("/")
}

/// A path: each segment.
pub(super) fn path(path: &str) -> String {
    let segments = path.split('/').map(|segment| match sent(segment) {
        Cow::Borrowed(segment) => segment.to_owned(),
        Cow::Owned(masked) => form_urlencoded::byte_serialize(masked.as_bytes()).collect(),
    });
    segments.collect::<Vec<String>>().join("/")
}

/// An address: its path, without what follows, and without a credential before the host.
fn address(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (shown, rest) = text.split_at(end);
    let start = shown.find("//").map_or(0, |at| at + 2);
    let (scheme, shown) = shown.split_at(start);
    let host_end = shown.find('/').unwrap_or(shown.len());
    let (host, shown) = shown.split_at(host_end);
    let credential = host.rfind('@').map_or("", |_| HIDDEN);
    let host = host.rfind('@').map_or(host, |at| &host[at..]);
    let mut masked = format!("{scheme}{credential}{}", path(&format!("{host}{shown}")));
    if let Some(mark) = rest.chars().next() {
        masked.push(mark);
        masked.push_str(HIDDEN);
    }
    masked
}

/// A query: each value by the name of its parameter.
pub(super) fn query(query: &str) -> String {
    let pairs = query.split('&').map(|pair| {
        let Some((parameter, value)) = form_urlencoded::parse(pair.as_bytes()).next() else {
            return pair.to_owned();
        };
        let masked = under(rule_for(&parameter, Side::Request), &value);
        let shown = name(&parameter);
        if masked == value && shown == parameter {
            return pair.to_owned();
        }
        let mut written = form_urlencoded::Serializer::new(String::new());
        written.append_pair(&shown, &masked).finish()
    });
    pairs.collect::<Vec<String>>().join("&")
}

/// A text that is JSON, or was to be.
pub(super) fn json(text: &str, side: Side) -> String {
    let mut masker = Masker {
        rest: text,
        out: String::with_capacity(text.len()),
        side,
        around: Vec::new(),
        next: None,
    };
    while let Some(first) = masker.rest.chars().next() {
        masker.token(first);
    }
    masker.out
}

struct Masker<'a> {
    rest: &'a str,
    out: String,
    side: Side,
    /// The rule each open list or object stands under.
    around: Vec<Rule>,
    /// The rule for the value of the member whose name was read last.
    next: Option<Rule>,
}

impl<'a> Masker<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        token
    }

    /// The rule for the value that begins here.
    fn rule(&self) -> Rule {
        let around = self.around.last().copied().unwrap_or(match self.side {
            Side::Request => Rule::Unknown,
            Side::Answer => Rule::Shown,
        });
        match self.next {
            Some(own) if own.is_personal() || !around.is_personal() => own,
            _ => around,
        }
    }

    fn token(&mut self, first: char) {
        match first {
            '{' | '[' => {
                let rule = self.rule();
                self.around.push(rule);
                self.next = None;
            }
            '}' | ']' => {
                self.around.pop();
                self.next = None;
            }
            ',' => self.next = None,
            ':' | ' ' | '\t' | '\r' | '\n' => {}
            '"' | '\'' => return self.string(),
            _ => return self.word(),
        }
        let copied = self.take(1);
        self.out.push_str(copied);
    }

    fn is_name(&self) -> bool {
        self.rest.trim_start().starts_with(':')
    }

    /// A string; JSON has none between single quotation marks, people do.
    fn string(&mut self) {
        let literal = self.take(literal_length(self.rest));
        let masked = match content(literal) {
            // What breaks off, or cannot be read, may be anything.
            None => Some(HIDDEN.to_owned()),
            Some(text) => {
                let masked = if self.is_name() {
                    self.next = Some(rule_for(&text, self.side));
                    name(&text)
                } else {
                    under(self.rule(), &text)
                };
                (masked != text).then(|| masked.into_owned())
            }
        };
        match masked {
            None => self.out.push_str(literal),
            Some(masked) => self.out.push_str(&quoted(&masked)),
        }
    }

    /// A number, a literal, or what is none of JSON, up to where it may end.
    fn word(&mut self) {
        const ENDS: &[char] = &['{', '}', '[', ']', ',', ':', '"', '\''];
        const SPACES: &[char] = &[' ', '\t', '\r', '\n'];
        let length = self.rest.find(ENDS).unwrap_or(self.rest.len());
        let word = self.take(self.rest[..length].trim_end_matches(SPACES).len());
        let is_number = word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
        let masked = if self.is_name() {
            self.next = Some(rule_for(word, self.side));
            name(word)
        } else if self.rest.is_empty() {
            // What breaks off may be the beginning of anything.
            HIDDEN.into()
        } else if matches!(word, "true" | "false" | "null") {
            word.into()
        } else if is_number {
            under(self.rule(), word)
        } else {
            HIDDEN.into()
        };
        match masked == word {
            true => self.out.push_str(word),
            false => self.out.push_str(&quoted(&masked)),
        }
    }
}

/// The length of a text's first string with its quotation marks, be it that it breaks off.
fn literal_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate();
    let quote = bytes.next().map(|(_, byte)| byte);
    let mut escaped = false;
    for (at, byte) in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if Some(byte) == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// What a string says; `None` when that cannot be read.
fn content(literal: &str) -> Option<Cow<'_, str>> {
    let quote = literal.chars().next()?;
    let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    if inner.contains('\\') {
        let read = serde_json::from_str(&format!("\"{inner}\""));
        read.ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// Writing a text as JSON cannot fail.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    const IDENTITY: &str = "370399199003070012";
    const MOBILE: &str = "13800000001";

    #[test]
    fn a_person_is_masked_and_nothing_else_changes() {
        let sent = r#"{ "name":"张三", "identity_number" : "370399199003070012",
            "mobile_number": "13800000001", "address": {"region_code":"370303","detail":"测试路1号"},
            "vehicle":{"vin":"LZZTEST10N1000001","seats":5,"brand":"示例牌","plate_number":"鲁C1234学"},
            "valid_from":"2026-03-01", "price_fen":12980000, "issuer":"示例二手车交易市场有限公司",
            "partner_reference":"DMS-2026-000001", "event_types":["application.completed"],
            "list":[1,true,null] }"#;
        let masked = r#"{ "name":"***", "identity_number" : "370***********0012",
            "mobile_number": "138****0001", "address": {"region_code":"***","detail":"***"},
            "vehicle":{"vin":"LZZTEST10N1000001","seats":5,"brand":"示例牌","plate_number":"鲁C1234学"},
            "valid_from":"2026-03-01", "price_fen":12980000, "issuer":"示例二手车交易市场有限公司",
            "partner_reference":"DMS-2026-000001", "event_types":["application.completed"],
            "list":[1,true,null] }"#;
        assert_eq!(json(sent, Side::Request), masked);
    }

    #[test]
    fn answers_stay_but_for_what_they_repeat() {
        for (told, masked) in [
            (
                r#"{"detail":"请更正。","errors":[{"pointer":"/owner/name","message":"缺少"}]}"#,
                None,
            ),
            (
                r#"{"status":"received","application_id":"9465000000001"}"#,
                None,
            ),
            (
                r#"{"errors":[{"pointer":"/王五"},{"pointer":"/a/张 三"},{"parameter":"李四"}]}"#,
                Some(r#"{"errors":[{"pointer":"/***"},{"pointer":"/a/***"},{"parameter":"***"}]}"#),
            ),
            (
                r#"{"instance":"/v1/people/%31%338%300000%3001/x"}"#,
                Some(r#"{"instance":"/v1/people/138****0001/x"}"#),
            ),
            (
                r#"{"partner_reference":"王五-1","request_id":"138-0000-0001"}"#,
                Some(r#"{"partner_reference":"***","request_id":"138******0001"}"#),
            ),
            (
                r#"{"url":"https://a.example/hook?token=t","secret":"whsec_c2VjcmV0","description":"王五"}"#,
                Some(r#"{"url":"https://a.example/hook?***","secret":"***","description":"***"}"#),
            ),
        ] {
            assert_eq!(json(told, Side::Answer), masked.unwrap_or(told));
        }
    }

    #[test]
    fn what_is_spoilt_is_masked_all_the_same() {
        for sent in [
            format!(r#"{{"identity_number":{IDENTITY}}}"#),
            format!(r#"{{"mobile_number":["{MOBILE}",{{"x":"{MOBILE}"}}]}}"#),
            format!(r#"{{"statement":"请联系{MOBILE}或+86{MOBILE}，证件{IDENTITY}。"}}"#),
            format!(r#"{{"{IDENTITY}":1}}"#),
            format!(r#"{{"identity_number":"{IDENTITY}"#),
            format!(r#"{{"identity_number":"张三{IDENTITY}"}}"#),
            format!(r#"{{"x":"{IDENTITY}"#),
            format!(r#"{{"x":{MOBILE}"#),
            format!(r#"{{"seats":{}"#, &MOBILE[..10]),
            format!(r#"{{"x":"\q{IDENTITY}"}}"#),
            format!("{{name:张三,'id':'{IDENTITY}'}}"),
            r#"{"name":"张三"#.to_owned(),
            r#"{"n\u0061me":"张三"}"#.to_owned(),
            r#"{"name":{"family":"张","given":["三"]}}"#.to_owned(),
            r#"{"x":"\u0033\u003703991990030700\u0031\u0032"}"#.to_owned(),
            r#"{"owner":"张三"}"#.to_owned(),
            r#"{"owner":["张三"],"agent":{"who":{"x":["张","三"]}}}"#.to_owned(),
            r#"["张三"]"#.to_owned(),
            r#"{"nmae":"张三","xingming":"Zhang San","姓名":"张三","owner-name":"ZHANGSAN"}"#
                .to_owned(),
            r#"{"张三":{"张三":1}}"#.to_owned(),
            r#"{"partner_reference":"张三-1","operator_id":"张 三","code":"张","vin":"%E5%BC%A0%E4%B8%89"}"#
                .to_owned(),
            r#"{"issuer":"张三","insurer":"Co.张三","reason":"张三 Zhang San"}"#.to_owned(),
            "{name: 张三}".to_owned(),
            "{name: Zhang San, x: 1}".to_owned(),
            "{'name':'张三','owner':'Zhang San','x':'\\u5f20\\u4e09'}".to_owned(),
            "{“name”：“张三”}".to_owned(),
            "{\"name\"：\"张三\"}".to_owned(),
            "{name=张三;owner=Zhang San}".to_owned(),
            "{// 张三\n \"seats\": 1 /* Zhang San */}".to_owned(),
            "{tel: 138 0000 0001, seats: 138 0000 0001}".to_owned(),
            "{\"name\" \"张三\" \"x\"}".to_owned(),
            "{\u{a0}name: \u{3000}张三}".to_owned(),
        ] {
            let masked = json(&sent, Side::Request);
            for secret in [
                IDENTITY,
                MOBILE,
                "1380000000",
                "0000 0001",
                "张",
                "三",
                "5f20",
                "%E5",
                "Zhang",
                "San",
                "ZHANG",
                "\\u00370",
            ] {
                assert!(!masked.contains(secret), "{sent} → {masked}");
            }
        }
    }

    #[test]
    fn what_is_plainly_harmless_stays_under_any_name() {
        for text in [
            "",
            "true",
            "-12.5",
            "123456",
            "2026-03-02",
            "LZZTEST10N1000001",
            "鲁C8K9M2",
        ] {
            let sent = format!(r#"{{"colour":"{text}"}}"#);
            assert_eq!(json(&sent, Side::Request), sent);
        }
        for text in [
            "petrol",
            "1234567",
            "2026-02-30",
            "WANGWUZHANGSANLAB",
            "E12345678",
            "H1234567",
            "nan",
            "鲁",
            "370399900101123",
        ] {
            let sent = format!(r#"{{"colour":"{text}"}}"#);
            assert_eq!(json(&sent, Side::Request), r#"{"colour":"***"}"#, "{text}");
        }
    }

    #[test]
    fn masked_json_is_json() {
        let sent = format!(
            r#"{{"identity_number":{IDENTITY},"mobile_number":{MOBILE},"x":{MOBILE},"name":[1,{{"a":2}}]}}"#
        );
        serde_json::from_str::<Value>(&json(&sent, Side::Request)).unwrap();
    }

    #[test]
    fn paths_and_queries_are_masked_too() {
        for (sent, masked) in [
            (
                format!("/v1/people/{IDENTITY}/x%20y"),
                "/v1/people/370***********0012/x%20y",
            ),
            ("/a/%31%338%300000%3001".to_owned(), "/a/138****0001"),
            ("/a/%2531%2533800000001".to_owned(), "/a/138****0001"),
            ("/a/138%200000%200001".to_owned(), "/a/138******0001"),
            (
                "/a/%E5%BC%A0%E4%B8%89/%E9%B2%81C12345".to_owned(),
                "/a/***/%E9%B2%81C12345",
            ),
            ("/a/%25252525252531".to_owned(), "/a/***"),
        ] {
            assert_eq!(path(&sent), masked);
        }
        assert_eq!(
            query(&format!(
                "a=%E5%BC%A0&q={MOBILE}&name=%E5%BC%A0&access_token=t&%E5%BC%A0=1&status=received&vin=138+0000+0001"
            )),
            "a=***&q=***&name=***&access_token=***&***=1&status=received&vin=138******0001"
        );
        for (sent, masked) in [
            (
                "https://a.example:8443/x@y?t=1",
                "https://a.example:8443/x@y?***",
            ),
            ("https://me:mine@a.example/x", "https://***@a.example/x"),
            (
                "https://a.example/13800000001#x",
                "https://a.example/138****0001#***",
            ),
        ] {
            assert_eq!(address(sent), masked);
        }
    }

    /// Names and kinds of everything a request to the platform may have, and what they refer to.
    fn of_requests(document: &Value) -> BTreeSet<(String, String, bool)> {
        let mut found = BTreeSet::new();
        for operation in document["paths"].as_object().unwrap().values() {
            for operation in operation.as_object().unwrap().values() {
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    if parameter["in"] == "query" {
                        let name = parameter["name"].as_str().unwrap();
                        collect(document, name, &parameter["schema"], &mut found);
                    }
                }
                let content = operation["requestBody"]["content"].as_object();
                for media in content.into_iter().flat_map(|content| content.values()) {
                    collect(document, "", &media["schema"], &mut found);
                }
            }
        }
        found
    }

    fn collect(
        document: &Value,
        name: &str,
        schema: &Value,
        found: &mut BTreeSet<(String, String, bool)>,
    ) {
        let target = schema["$ref"].as_str().unwrap_or_default();
        let schema = resolved(document, schema);
        let kind = target.rsplit('/').next().unwrap_or_default().to_owned();
        // A list of objects holds nothing under its own name either.
        let is_object =
            schema["type"] == "object" || resolved(document, &schema["items"])["type"] == "object";
        found.insert((name.to_owned(), kind, is_object));
        collect_all(document, name, schema, found);
    }

    fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
        let target = schema["$ref"].as_str().unwrap_or_default();
        match target.strip_prefix('#') {
            Some(pointer) => document.pointer(pointer).unwrap(),
            None => schema,
        }
    }

    fn collect_all(
        document: &Value,
        name: &str,
        schema: &Value,
        found: &mut BTreeSet<(String, String, bool)>,
    ) {
        for (member, schema) in schema["properties"].as_object().into_iter().flatten() {
            collect(document, member, schema, found);
        }
        if schema["items"].is_object() {
            collect(document, name, &schema["items"], found);
        }
        for of in ["allOf", "anyOf", "oneOf"] {
            for schema in schema[of].as_array().into_iter().flatten() {
                collect(document, name, schema, found);
            }
        }
    }

    /// A member that is forgotten here is hidden, which is safe and helps nobody.
    #[test]
    fn every_member_of_the_contract_has_a_rule() {
        let document = lingminban_openapi::document();
        let document = serde_json::to_value(document).unwrap();
        let found = of_requests(&document);
        assert!(found.len() > 60, "{}", found.len());
        for (name, kind, is_object) in found.iter().filter(|(name, ..)| !name.is_empty()) {
            let rule = rule_for(name, Side::Request);
            match kind.as_str() {
                "PersonName" | "Address" | "IdentityNumber" | "MobileNumber" | "PartyAddress"
                | "LongText" => assert!(rule.is_personal(), "{name}: {rule:?}"),
                _ if *is_object => assert_eq!(rule, Rule::Unknown, "{name}"),
                _ => assert_ne!(rule, Rule::Unknown, "{name}"),
            }
        }
    }
}
