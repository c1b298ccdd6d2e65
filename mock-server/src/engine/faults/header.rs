//! `Sandbox-Fault`: one fault for one request, from clients that cannot call the control interface.
//!
//! An item of RFC 8941, a token with parameters: `lost_ack`, `status;status=503;retry_after=2`. Its
//! parameters hold no lists, so what is more than a word stands in a string:
//! `delay;range_ms="50 100"`, `delay;percentiles_ms="p50=20 p95=40 p99=80 max=200"`.

use http::{HeaderMap, HeaderName};
use lingminban::api::{
    FindingCode, Operation, Place,
    control::{FaultEffect, FaultRule},
};
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;

use super::{Effect, Strike, check, name};
use crate::engine::{
    Fault,
    decode::{Schemas, Unreadable},
    pipeline::wrong_parameters,
    refusal::Refusal,
    world::Chance,
};

/// The header's name.
pub const HEADER: HeaderName = HeaderName::from_static("sandbox-fault");
const SHOWN: &str = "Sandbox-Fault";

/// What a rule has and a single request has not.
const OF_SCRIPTS: [&str; 4] = ["operation", "nth", "probability", "effect"];

/// The effects a header can ask for.
pub(super) fn is_askable(effect: FaultEffect) -> bool {
    effect != FaultEffect::Slower && !check::is_of_events(effect)
}

/// What the header of a request asks for.
///
/// # Errors
/// 400 with everything that is wrong with it, in the operation's own form.
pub(super) fn read<O: Operation>(
    headers: &HeaderMap,
    schemas: &Schemas,
    chance: &mut Chance,
) -> Result<Strike, Refusal> {
    let mut values = headers.get_all(HEADER).iter();
    let text = values.next().and_then(|value| value.to_str().ok());
    let item = text.filter(|_| values.next().is_none()).and_then(parse);
    let (effect, members) = item.ok_or_else(|| {
        wrong_parameters::<O>(vec![fault(
            FindingCode::WrongFormat,
            "lost_ack | status;status=503;retry_after=2",
        )])
    })?;
    rule_of::<O>(effect, members, schemas)
        .map_err(wrong_parameters::<O>)
        .and_then(|rule| {
            let effect = Effect::of(&rule).ok_or_else(|| wrong_parameters::<O>(Vec::new()))?;
            Ok(Strike {
                rule: None,
                name: name(&rule),
                effect,
                delay: effect.delay(0, chance),
            })
        })
}

/// The rule that says the same of this request.
fn rule_of<O: Operation>(
    effect: &str,
    members: Map<String, Value>,
    schemas: &Schemas,
) -> Result<FaultRule, Vec<Fault>> {
    let mut faults: Vec<Fault> = OF_SCRIPTS
        .iter()
        .filter(|name| members.contains_key(**name))
        .map(|name| fault(FindingCode::UnknownMember, name))
        .collect();
    let unaskable = |effect: FaultEffect| !is_askable(effect);
    if effect.parse().is_ok_and(unaskable) {
        // Its members need no word: they go with it.
        faults.push(fault(FindingCode::NotApplicable, effect));
        return Err(faults);
    }
    let mut rule = members;
    for (name, member) in &mut rule {
        if let Some(read) = member.as_str().and_then(|text| spread(name, text)) {
            *member = read;
        }
    }
    rule.insert("operation".to_owned(), O::ID.into());
    rule.insert("effect".to_owned(), effect.into());
    let rule = Value::Object(rule);
    let mut found = Vec::new();
    check::rule("", &rule, &mut found);
    // A JSON value is written without fail.
    let bytes = serde_json::to_vec(&rule).unwrap_or_default();
    match schemas.decode::<FaultRule>(&FaultRule::name(), &bytes) {
        Ok(rule) if found.is_empty() && faults.is_empty() => return Ok(rule),
        Ok(_) => {}
        Err(Unreadable::Malformed(fault)) => found.push(fault),
        Err(Unreadable::Faulty { faults, .. }) => found.extend(faults),
    }
    faults.extend(found.into_iter().map(in_header));
    Err(faults)
}

/// What the text of a member says that is more than a word; as far as it cannot be read it stays a
/// text, and the schema says what is wrong.
fn spread(name: &str, text: &str) -> Option<Value> {
    match name {
        "range_ms" => Some(text.split_whitespace().map(number).collect()),
        "percentiles_ms" => percentiles(text),
        _ => None,
    }
}

/// Names with numbers; `None` where one has no number, or comes twice.
fn percentiles(text: &str) -> Option<Value> {
    let mut read = Map::new();
    for pair in text.split_whitespace() {
        let (name, value) = pair.split_once('=')?;
        if read.insert(name.to_owned(), number(value)).is_some() {
            return None;
        }
    }
    Some(read.into())
}

fn number(text: &str) -> Value {
    text.parse::<i64>()
        .map_or_else(|_| text.into(), Value::from)
}

fn fault(code: FindingCode, detail: &str) -> Fault {
    Fault::at(Place::Header(SHOWN), code).with_detail(detail.to_owned())
}

/// A fault of the rule as one of the header: its detail says which member.
fn in_header(fault: Fault) -> Fault {
    let member = match &fault.place {
        Place::Pointer(pointer) => pointer.trim_start_matches('/'),
        _ => "",
    };
    let detail = match (member, fault.detail.as_deref()) {
        (member, None) => member.to_owned(),
        ("", Some(detail)) => detail.to_owned(),
        (member, Some(detail)) => format!("{member}: {detail}"),
    };
    Fault {
        place: Place::Header(SHOWN),
        detail: Some(detail).filter(|detail| !detail.is_empty()),
        ..fault
    }
}

/// The token and its parameters.
fn parse(text: &str) -> Option<(&str, Map<String, Value>)> {
    let (token, mut rest) = word(text.trim())?;
    let mut members = Map::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Some((token, members));
        }
        let (name, value) = word(rest.strip_prefix(';')?.trim_start())?;
        let (value, after) = bare_item(value.strip_prefix('=')?)?;
        members.insert(name.to_owned(), value);
        rest = after;
    }
}

/// Names are those of the rule's members, all of them words.
fn word(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn bare_item(text: &str) -> Option<(Value, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        return string(quoted);
    }
    if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        let end = text.find([';', ' ']).unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let whole = digits.parse::<i64>().ok().map(Number::from);
        let number = whole.or_else(|| Number::from_f64(digits.parse().ok()?))?;
        return Some((number.into(), rest));
    }
    let (token, rest) = word(text)?;
    Some((token.into(), rest))
}

/// After the opening quote; a backslash stands before a quote or another backslash only.
fn string(text: &str) -> Option<(Value, &str)> {
    let mut read = String::new();
    let mut characters = text.char_indices();
    loop {
        match characters.next()? {
            (at, '"') => return Some((read.into(), text.get(at + 1..)?)),
            (_, '\\') => match characters.next()?.1 {
                escaped @ ('"' | '\\') => read.push(escaped),
                _ => return None,
            },
            (_, other) => read.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(text: &str) -> Option<Value> {
        let (effect, members) = parse(text)?;
        Some(json!([effect, members]))
    }

    #[test]
    fn an_item_is_a_token_with_parameters() {
        assert_eq!(parsed("lost_ack"), Some(json!(["lost_ack", {}])));
        assert_eq!(
            parsed(r#" status; status=503;retry_after_form=date ;name="a;b\"c\\" "#),
            Some(
                json!(["status", { "status": 503, "retry_after_form": "date", "name": "a;b\"c\\" }])
            )
        );
        assert_eq!(
            parsed("skewed_date;seconds=-86400;x=1.5"),
            Some(json!(["skewed_date", { "seconds": -86_400, "x": 1.5 }]))
        );
        for (text, read) in [
            ("50 100", Some(json!([50, 100]))),
            (" 50\t1x ", Some(json!([50, "1x"]))),
            ("", Some(json!([]))),
        ] {
            assert_eq!(spread("range_ms", text), read, "{text}");
        }
        for (text, read) in [
            ("p50=1 max=2", Some(json!({ "p50": 1, "max": 2 }))),
            ("p50=soon", Some(json!({ "p50": "soon" }))),
            ("p50=1 p50=2", None),
            ("1 2", None),
        ] {
            assert_eq!(spread("percentiles_ms", text), read, "{text}");
        }
        for wrong in [
            "",
            ";",
            "delay;",
            "delay;ms",
            "delay;ms=",
            "delay ms=1",
            "delay,lost_ack",
            "delay;ms=1,2",
            "delay;ms=\"1",
            r#"delay;name="\n""#,
            "delay;=1",
            "延迟",
            "delay;ms=-",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}
