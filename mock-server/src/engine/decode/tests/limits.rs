//! Hostile and broken bodies: a clear answer, in time that grows with the body and no faster.

use lingminban::api::PlateDrawRequest;
use serde::Deserialize;
use serde_json::json;

use super::{faults, malformed, pointer, schemas};
use crate::engine::decode::{Schemas, faults::MOST_FAULTS};

fn draw(bytes: &[u8]) -> Option<crate::engine::decode::Unreadable> {
    schemas()
        .decode::<PlateDrawRequest>("PlateDrawRequest", bytes)
        .err()
}

#[test]
fn what_is_not_json_is_told_where_it_stops_being_json() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "line 1, column 0: EOF while parsing a value"),
        (
            b"{\n  \"plate_kind\": 02\n}",
            "line 2, column 18: invalid number",
        ),
        (
            b"{\"plate_kind\": \"02\"} x",
            "line 1, column 22: trailing characters",
        ),
        (
            b"{\"plate_kind\": \"02\",}",
            "line 1, column 21: trailing comma",
        ),
        (
            b"{'plate_kind': 1}",
            "line 1, column 2: key must be a string",
        ),
        (
            b"{\"plate_kind\": \"\xff\"}",
            "line 1, column 17: invalid unicode code point",
        ),
        (
            b"{\"plate_kind\": \"\\ud800\"}",
            "line 1, column 23: unexpected end of hex escape",
        ),
        (
            b"\xef\xbb\xbf{}",
            "line 1, column 1: UTF-8 without byte order mark expected",
        ),
        (
            b"{\"plate_kind\": 1e400}",
            "line 1, column 20: number out of range",
        ),
        (b"NaN", "line 1, column 1: expected value"),
        (b"\0", "line 1, column 1: expected value"),
    ];
    for (bytes, detail) in cases {
        let fault = malformed(draw(bytes));
        assert_eq!((fault.code, pointer(&fault)), ("malformed_json", ""));
        assert_eq!(fault.detail.as_deref(), Some(*detail));
    }
}

#[test]
fn json_nested_too_deep_is_told_so() {
    for text in [
        "[".repeat(1 << 20),
        "{\"a\":".repeat(200_000),
        "[".repeat(128) + &"]".repeat(128),
    ] {
        let fault = malformed(draw(text.as_bytes()));
        let detail = fault.detail.expect("a detail");
        assert!(
            detail.ends_with("nested more than 127 levels deep"),
            "{detail}"
        );
    }
}

#[test]
fn a_whole_that_is_no_object_is_told_so() {
    for text in ["null", "5", "\"\"", "[]", "true"] {
        let faults = faults(draw(text.as_bytes()));
        assert_eq!(faults.len(), 1);
        assert_eq!((faults[0].code, pointer(&faults[0])), ("wrong_type", ""));
    }
}

#[test]
fn of_very_many_faults_the_first_are_told_and_that_there_are_more() {
    let members: Vec<String> = (0..60_000).map(|n| format!("\"m{n}\":1")).collect();
    let text = format!("{{\"plate_kind\":\"xx\",{}}}", members.join(","));
    let faults = faults(draw(text.as_bytes()));
    assert_eq!(faults.len(), MOST_FAULTS + 1);
    assert_eq!((faults[0].code, pointer(&faults[0])), ("more_faults", ""));
    let known = faults
        .iter()
        .find(|fault| pointer(fault) == "/plate_kind")
        .expect("told");
    assert_eq!(known.code, "not_in_list");
}

#[test]
fn very_many_repeated_members_are_bounded_too() {
    let members: Vec<String> = (0..40_000)
        .map(|n| format!("\"m{0}\":1,\"m{0}\":1", n))
        .collect();
    let text = format!("{{\"plate_kind\":\"02\",{}}}", members.join(","));
    assert_eq!(faults(draw(text.as_bytes())).len(), MOST_FAULTS + 1);
}

#[test]
fn a_name_too_long_to_repeat_is_told_of_its_parent() {
    let name = "n".repeat(500_000);
    let text = format!("{{\"plate_kind\":\"02\",\"{name}\":{{\"a\":1,\"a\":2}}}}");
    let faults = faults(draw(text.as_bytes()));
    let told: Vec<(&str, &str)> = faults
        .iter()
        .map(|fault| (pointer(fault), fault.code))
        .collect();
    assert_eq!(told, [("", "unknown_member")]);
}

/// A type stricter than its schema: cannot be in the contract, must still be refused.
#[test]
fn a_body_the_schema_does_not_object_to_is_refused_where_serde_stopped() {
    #[derive(Debug, Deserialize)]
    struct Strictest {
        #[expect(dead_code, reason = "only read")]
        items: Vec<Inner>,
    }
    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only read")]
        number: u8,
    }
    let schemas = Schemas::new(|| json!({ "components": { "schemas": { "Strictest": {} } } }));
    let body = br#"{"items": [{"number": 1}, {"number": 300}]}"#;
    for name in ["Strictest", "NoSuchComponent"] {
        let faults = faults(schemas.decode::<Strictest>(name, body).err());
        assert_eq!(faults.len(), 1);
        assert_eq!((faults[0].code, pointer(&faults[0])), ("wrong_format", ""));
        assert_eq!(faults[0].detail.as_deref(), Some("line 1, column 40"));
    }
}
