//! What of a text may leave a journal: names, identity numbers, phones and addresses are masked, by
//! the name of their member and, wherever they stand, by their look.
//!
//! A text is masked as it is, without being parsed: what breaks off or is no JSON is masked too, and
//! what is JSON stays as it was written.

use std::borrow::Cow;

/// Which side of an exchange a text is from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Answer,
}

/// How a value is masked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Its first three and last four characters are left, as in the platform's own answers.
    Number,
    /// Nothing is left.
    Whole,
    /// What follows the `?` of an address goes: partners put their passwords there.
    Address,
}

const HIDDEN: &str = "***";

/// The rule for a member. Beyond the contract's own members those that partners send by mistake.
fn rule_for(name: &str, side: Side) -> Option<Rule> {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "identity_number" | "mobile_number" | "id_number" | "id_card" | "identity_no" | "phone"
        | "phone_number" | "mobile" | "tel" | "telephone" => Some(Rule::Number),
        "name" | "full_name" | "owner_name" | "address" => Some(Rule::Whole),
        // 住所详细地址 in a request, 说明 in an answer.
        "detail" if side == Side::Request => Some(Rule::Whole),
        "client_secret" | "access_token" | "refresh_token" | "token" | "password"
        | "authorization" | "cookie" | "secret" => Some(Rule::Whole),
        "url" => Some(Rule::Address),
        _ => None,
    }
}

fn under(rule: Rule, text: &str) -> String {
    if rule == Rule::Address {
        return match text.split_once('?') {
            Some((address, _)) => format!("{}?{HIDDEN}", plain(address)),
            None => plain(text).into_owned(),
        };
    }
    let length = text.chars().count();
    if rule == Rule::Whole || length <= 10 {
        return HIDDEN.to_owned();
    }
    let hidden = 3..length - 4;
    let characters = text.chars().enumerate();
    characters
        .map(|(at, shown)| if hidden.contains(&at) { '*' } else { shown })
        .collect()
}

/// Any text: identity numbers and mobile numbers by their look.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let mut copied = 0;
    for (start, length) in numbers(text.as_bytes()) {
        masked.push_str(&text[copied..start]);
        masked.push_str(&under(Rule::Number, &text[start..start + length]));
        copied = start + length;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// Where in a text the numbers of people stand: 18 digits, or 17 and an X; 11 digits as mobile
/// numbers have them, or 13 with the country's.
fn numbers(text: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let run = &text[at..];
        let digits = run.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let length = match (digits, run) {
            (17, [..]) if matches!(run.get(17), Some(b'X' | b'x')) => 18,
            (18, _) => 18,
            (11, [b'1', b'3'..=b'9', ..]) => 11,
            (13, [b'8', b'6', b'1', b'3'..=b'9', ..]) => 13,
            _ => 0,
        };
        if length > 0 {
            found.push((at, length));
        }
        at += digits.max(length).max(1);
    }
    found
}

/// A path: each segment by its look.
pub(super) fn path(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let decoded = percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
        match plain(&decoded) {
            Cow::Borrowed(_) => segment.to_owned(),
            Cow::Owned(masked) => form_urlencoded::byte_serialize(masked.as_bytes()).collect(),
        }
    });
    segments.collect::<Vec<String>>().join("/")
}

/// A query: each value by the name of its parameter, and by its look.
pub(super) fn query(query: &str) -> String {
    let pairs = query.split('&').map(|pair| {
        let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else {
            return pair.to_owned();
        };
        let masked = match rule_for(&name, Side::Request) {
            Some(rule) => under(rule, &value),
            None => plain(&value).into_owned(),
        };
        let name = plain(&name);
        if masked == value && matches!(name, Cow::Borrowed(_)) {
            return pair.to_owned();
        }
        let mut written = form_urlencoded::Serializer::new(String::new());
        written.append_pair(&name, &masked).finish()
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
    around: Vec<Option<Rule>>,
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
    fn rule(&mut self) -> Option<Rule> {
        let around = self.around.last().copied().flatten();
        self.next.take().or(around)
    }

    fn token(&mut self, first: char) {
        match first {
            '{' | '[' => {
                let rule = self.rule();
                self.around.push(rule);
            }
            '}' | ']' => drop(self.around.pop()),
            ',' => self.next = None,
            ':' | ' ' | '\t' | '\r' | '\n' => {}
            '"' => return self.string(),
            _ => return self.word(),
        }
        let copied = self.take(1);
        self.out.push_str(copied);
    }

    fn string(&mut self) {
        let literal = self.take(literal_length(self.rest));
        let whole = literal.len() > 1 && literal.ends_with('"');
        let decoded: Option<Cow<'_, str>> = if !whole {
            None
        } else if literal.contains('\\') {
            serde_json::from_str(literal).ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(&literal[1..literal.len() - 1]))
        };
        let is_name = self.rest.trim_start().starts_with(':');
        let masked = match decoded {
            // What breaks off, or cannot be read, may be anything.
            None => Some(HIDDEN.to_owned()),
            Some(text) if is_name => {
                self.next = rule_for(&text, self.side);
                match plain(&text) {
                    Cow::Borrowed(_) => None,
                    Cow::Owned(masked) => Some(masked),
                }
            }
            Some(text) => match self.rule() {
                Some(rule) => Some(under(rule, &text)),
                None => match plain(&text) {
                    Cow::Borrowed(_) => None,
                    Cow::Owned(masked) => Some(masked),
                },
            },
        };
        match masked {
            None => self.out.push_str(literal),
            Some(masked) => self.out.push_str(&quoted(&masked)),
        }
    }

    /// A number, a literal, or what is none of JSON.
    fn word(&mut self) {
        const ENDS: &[char] = &['{', '}', '[', ']', ',', ':', '"', ' ', '\t', '\r', '\n'];
        let word = self.take(self.rest.find(ENDS).unwrap_or(self.rest.len()));
        let is_number = word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
        let rule = self.rule();
        match rule {
            _ if matches!(word, "true" | "false" | "null") => self.out.push_str(word),
            Some(rule) => self.out.push_str(&quoted(&under(rule, word))),
            None if is_number => match plain(word) {
                Cow::Borrowed(_) => self.out.push_str(word),
                Cow::Owned(masked) => self.out.push_str(&quoted(&masked)),
            },
            None => self.out.push_str(HIDDEN),
        }
    }
}

/// The length of a text's first string with its quotation marks, be it that it breaks off.
fn literal_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Writing a text as JSON cannot fail.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const IDENTITY: &str = "370399199003070012";
    const MOBILE: &str = "13800000001";

    #[test]
    fn members_with_personal_data_are_masked_and_nothing_else_changes() {
        let sent = r#"{ "name":"张三", "identity_number" : "370399199003070012",
            "mobile_number": "13800000001", "address": {"region_code":"370303","detail":"测试路1号"},
            "vehicle":{"vin":"LZZTEST10N1000001","seats":5}, "list":[1,true,null] }"#;
        let masked = r#"{ "name":"***", "identity_number" : "370***********0012",
            "mobile_number": "138****0001", "address": {"region_code":"***","detail":"***"},
            "vehicle":{"vin":"LZZTEST10N1000001","seats":5}, "list":[1,true,null] }"#;
        assert_eq!(json(sent, Side::Request), masked);
        let problem = r#"{"detail":"请更正。","errors":[{"pointer":"/owner/name"}]}"#;
        assert_eq!(json(problem, Side::Answer), problem);
        let webhook = r#"{"url":"https://a.example/hook?token=t","secret":"whsec_c2VjcmV0"}"#;
        let masked = r#"{"url":"https://a.example/hook?***","secret":"***"}"#;
        assert_eq!(json(webhook, Side::Answer), masked);
    }

    #[test]
    fn what_is_spoilt_is_masked_all_the_same() {
        for sent in [
            format!(r#"{{"identity_number":{IDENTITY}}}"#),
            format!(r#"{{"mobile_number":["{MOBILE}",{{"x":"{MOBILE}"}}]}}"#),
            format!(r#"{{"statement":"请联系{MOBILE}或+86{MOBILE}，证件{IDENTITY}。"}}"#),
            format!(r#"{{"{IDENTITY}":1}}"#),
            format!(r#"{{"identity_number":"{IDENTITY}"#),
            format!(r#"{{"x":"{IDENTITY}"#),
            format!(r#"{{"x":{MOBILE}"#),
            format!(r#"{{"x":"\q{IDENTITY}"}}"#),
            format!("{{name:张三,'id':'{IDENTITY}'}}"),
            r#"{"name":"张三"#.to_owned(),
            r#"{"n\u0061me":"张三"}"#.to_owned(),
            r#"{"name":{"family":"张","given":["三"]}}"#.to_owned(),
            r#"{"x":"\u0033\u003703991990030700\u0031\u0032"}"#.to_owned(),
        ] {
            let masked = json(&sent, Side::Request);
            for secret in [IDENTITY, MOBILE, "张", "三", "\\u00370"] {
                assert!(!masked.contains(secret), "{sent} → {masked}");
            }
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
    fn other_numbers_stay() {
        for text in [
            "26372000000012345678",
            "9465000000001",
            "LZZTEST10N1000001",
            "req-000000000012",
            "12345678901",
            "2026-03-02T09:00:00+08:00",
        ] {
            assert_eq!(plain(text), text);
        }
        assert_eq!(plain("37039919900307001X"), "370***********001X");
    }

    #[test]
    fn paths_and_queries_are_masked_too() {
        assert_eq!(
            path(&format!("/v1/people/{IDENTITY}/x%20y")),
            "/v1/people/370***********0012/x%20y"
        );
        assert_eq!(
            query(&format!(
                "a=%E5%BC%A0&q={MOBILE}&name=%E5%BC%A0&access_token=t"
            )),
            "a=%E5%BC%A0&q=138****0001&name=***&access_token=***"
        );
    }

    #[test]
    fn every_member_of_a_personal_type_has_a_rule() {
        let document = lingminban_openapi::document();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let personal = [
            "PersonName",
            "Address",
            "IdentityNumber",
            "MobileNumber",
            "ResidentId",
        ];
        let mut members = 0;
        for schema in schemas.values() {
            for (name, member) in schema["properties"].as_object().into_iter().flatten() {
                let target = member["$ref"].as_str().unwrap_or_default();
                if personal
                    .iter()
                    .any(|kind| target.ends_with(&format!("/{kind}")))
                {
                    members += 1;
                    assert!(rule_for(name, Side::Request).is_some(), "{name}");
                }
            }
        }
        assert!(members >= 6, "{members}");
    }
}
