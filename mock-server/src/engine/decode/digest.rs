//! Tells whether two bodies say the same, without keeping either.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// 128 bits of a body's canonical JSON: the order of members, white space, escapes and the
/// spelling of numbers (`1`, `1.0`, `1e0`) do not count. An empty body is `{}`, as the contract
/// has it where a body may be left out; what is not JSON is told apart by its bytes.
///
/// Meant for comparing what one partner sends under one key, not against forgers: xxh3 is fast,
/// not cryptographic. Numbers are told apart as far as a 64-bit integer or an `f64` does, which
/// is more than any number of the contract needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct BodyDigest([u8; 16]);

impl BodyDigest {
    /// The digest of a body.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let json = if bytes.is_empty() { b"{}" } else { bytes };
        // From a text: of bytes, each string would be checked to be UTF-8 by itself.
        let text = std::str::from_utf8(json).ok();
        let digest = text.and_then(|text| of_json(text).ok());
        Self(digest.unwrap_or_else(|| hash(Tag::NotJson, bytes)))
    }
}

fn of_json(text: &str) -> Result<Part, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let part = Node {
        parts: &mut Vec::new(),
    }
    .deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(part)
}

/// Seed of a hash, so that no two kinds of value meet: `1`, `"1"` and `[1]` differ.
#[derive(Clone, Copy)]
enum Tag {
    NotJson,
    Null,
    Bool,
    Integer,
    Fraction,
    Text,
    Name,
    List,
    Object,
}

fn hash(tag: Tag, bytes: &[u8]) -> Part {
    xxh3_128_with_seed(bytes, tag as u64).to_le_bytes()
}

/// One value; `parts` is the common stack of the lists and objects being read, so that none of
/// them costs an allocation of its own.
struct Node<'a> {
    parts: &'a mut Vec<Part>,
}

/// Digest of an item, of a member's name or of its value.
type Part = [u8; 16];

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Part;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Part, E> {
        Ok(hash(Tag::Null, &[]))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Part, E> {
        Ok(hash(Tag::Bool, &[value.into()]))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Part, E> {
        Ok(integer(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Part, E> {
        Ok(integer(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Part, E> {
        // Whole numbers of this size fit exactly; -0.0 becomes 0.
        let whole = number.fract() == 0.0 && number.abs() < 1e38;
        Ok(if whole {
            integer(number as i128)
        } else {
            hash(Tag::Fraction, &number.to_bits().to_le_bytes())
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<Part, E> {
        Ok(hash(Tag::Text, text.as_bytes()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Part, A::Error> {
        let start = self.parts.len();
        while let Some(item) = items.next_element_seed(Node {
            parts: &mut *self.parts,
        })? {
            self.parts.push(item);
        }
        Ok(fold(self.parts, start, |items| {
            hash(Tag::List, items.as_flattened())
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Part, A::Error> {
        let start = self.parts.len();
        while let Some(name) = members.next_key_seed(Name)? {
            let value = members.next_value_seed(Node {
                parts: &mut *self.parts,
            })?;
            self.parts.extend([name, value]);
        }
        Ok(fold(self.parts, start, |members| {
            // Sorted and hashed in a row rather than added up: nothing can cancel out.
            members.as_chunks_mut::<2>().0.sort_unstable();
            hash(Tag::Object, members.as_flattened())
        }))
    }
}

/// Takes what lies above `start` off the stack, digested.
fn fold(parts: &mut Vec<Part>, start: usize, digest: impl Fn(&mut [Part]) -> Part) -> Part {
    let whole = digest(parts.get_mut(start..).unwrap_or_default());
    parts.truncate(start);
    whole
}

fn integer(number: i128) -> Part {
    hash(Tag::Integer, &number.to_le_bytes())
}

/// The name of a member, hashed without keeping it.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Part;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Part, E> {
        Ok(hash(Tag::Name, name.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{BodyDigest, of_json};

    /// Any small JSON document.
    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-1000_i64..1000).prop_map(Value::from),
            (-4000_i32..4000).prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
            "[a-c\"\\\\é\n]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-c/]{0,2}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The same document, spelled as `choices` have it.
    fn respelled(value: &Value, choices: &mut impl Iterator<Item = u8>) -> String {
        let mut choice = || choices.next().unwrap_or_default();
        let space = [" ", "", "\n\t", "\r\n"][usize::from(choice() % 4)];
        let core = match value {
            Value::Number(number) => match (number.as_i64(), choice() % 4) {
                (Some(whole), 1) => format!("{whole}.0"),
                // JSON has no number that begins with two digits of which the first is 0.
                (Some(whole), 2) if whole != 0 => format!("{whole}0e-1"),
                (Some(whole), 3) => format!("{whole}.00E+0"),
                _ => number.to_string(),
            },
            Value::String(text) if choice() % 2 == 1 => escaped(text),
            Value::Array(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| respelled(item, choices)).collect();
                format!("[{}]", items.join(","))
            }
            Value::Object(members) => {
                let turn = usize::from(choice()) % members.len().max(1);
                let mut members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{}:{}", escaped(name), respelled(value, choices)))
                    .collect();
                members.rotate_left(turn);
                format!("{{{}{space}}}", members.join(","))
            }
            other => other.to_string(),
        };
        format!("{space}{core}{space}")
    }

    fn escaped(text: &str) -> String {
        let units: String = text
            .encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect();
        format!("\"{units}\"")
    }

    /// Equal as JSON: numbers by value.
    fn same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| same(one, other))
            }
            (Value::Object(one), Value::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(name, value)| {
                        other.get(name).is_some_and(|other| same(value, other))
                    })
            }
            (one, other) => one == other,
        }
    }

    /// Every document that differs from this one in one place.
    fn changed(value: &Value) -> Vec<Value> {
        let mut others = match value {
            Value::Null => vec![json!(false), json!(0), json!("")],
            Value::Bool(flag) => vec![json!(!flag), json!(u8::from(*flag))],
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or_default();
                vec![
                    json!(number + 1.0),
                    json!(number + 0.25),
                    json!(number.to_string()),
                ]
            }
            Value::String(text) => vec![json!(format!("{text} ")), json!([text])],
            Value::Array(items) => changed_lists(items),
            Value::Object(members) => {
                let mut others = vec![json!([value])];
                for (name, member) in members {
                    let mut fewer = members.clone();
                    fewer.remove(name);
                    let mut renamed = fewer.clone();
                    renamed.insert(format!("{name}x"), member.clone());
                    others.extend([fewer.into(), renamed.into()]);
                    others.extend(changed(member).into_iter().map(|other| {
                        let mut members = members.clone();
                        members.insert(name.clone(), other);
                        members.into()
                    }));
                }
                others
            }
        };
        others.retain(|other| !same(value, other));
        others
    }

    fn changed_lists(items: &[Value]) -> Vec<Value> {
        let mut longer = items.to_vec();
        longer.push(Value::Null);
        let mut others = vec![Value::from(longer), json!([items]), json!({})];
        for (index, item) in items.iter().enumerate() {
            let mut fewer = items.to_vec();
            fewer.remove(index);
            others.push(fewer.into());
            let mut swapped = items.to_vec();
            swapped.swap(0, index);
            others.push(swapped.into());
            others.extend(changed(item).into_iter().map(|other| {
                let mut items = items.to_vec();
                items[index] = other;
                items.into()
            }));
        }
        others
    }

    proptest! {
        #[test]
        fn spelling_does_not_count(
            document in document(),
            choices in prop::collection::vec(any::<u8>(), 200),
        ) {
            let spelling = respelled(&document, &mut choices.into_iter());
            let digest = BodyDigest::of(document.to_string().as_bytes());
            prop_assert!(of_json(&spelling).is_ok());
            prop_assert_eq!(BodyDigest::of(spelling.as_bytes()), digest, "{}", spelling);
        }

        #[test]
        fn every_change_counts(document in document()) {
            let digest = BodyDigest::of(document.to_string().as_bytes());
            for other in changed(&document) {
                prop_assert_ne!(BodyDigest::of(other.to_string().as_bytes()), digest, "{}", other);
            }
        }
    }

    #[test]
    fn equal_members_do_not_cancel_out() {
        let bodies = [
            r#"{}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a":1}"#,
            r#"{"a":1,"a":1,"a":1}"#,
        ];
        for (index, one) in bodies.iter().enumerate() {
            for other in &bodies[index + 1..] {
                assert_ne!(
                    BodyDigest::of(one.as_bytes()),
                    BodyDigest::of(other.as_bytes()),
                    "{one} {other}"
                );
            }
        }
    }

    #[test]
    fn numbers_are_told_apart_to_the_last_digit() {
        assert_eq!(BodyDigest::of(b"-0.0"), BodyDigest::of(b"0"));
        assert_eq!(BodyDigest::of(b"1e2"), BodyDigest::of(b"100"));
        assert_ne!(
            BodyDigest::of(b"9007199254740992"),
            BodyDigest::of(b"9007199254740993")
        );
        assert_ne!(
            BodyDigest::of(b"18446744073709551615"),
            BodyDigest::of(b"18446744073709551614")
        );
    }

    #[test]
    fn no_body_is_an_empty_object() {
        assert_eq!(BodyDigest::of(b""), BodyDigest::of(b" { } "));
    }

    #[test]
    fn what_is_not_json_counts_byte_by_byte() {
        let bodies = ["{", "{ ", "{} {}", "nul", "\u{feff}{}", "1e400", "{}"];
        for (index, one) in bodies.iter().enumerate() {
            for other in &bodies[index + 1..] {
                let digests = (
                    BodyDigest::of(one.as_bytes()),
                    BodyDigest::of(other.as_bytes()),
                );
                assert_ne!(digests.0, digests.1, "{one} {other}");
            }
        }
    }
}
