//! Where two bodies differ.

use serde_json::Value;

use crate::engine::decode::join;

/// Pointers (RFC 6901) of the places where two bodies differ, in the order of the first; `None` when
/// one of them is no JSON. The places, never the values.
pub(super) fn pointers(one: &[u8], other: &[u8]) -> Option<Vec<String>> {
    let read = |body: &[u8]| -> Option<Value> {
        let body = if body.is_empty() { b"{}" } else { body };
        serde_json::from_slice(body).ok()
    };
    let mut found = Vec::new();
    collect(&read(one)?, &read(other)?, "", &mut found);
    Some(found)
}

fn collect(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    let member = |name: &str| join(at.to_owned(), name);
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for (name, value) in one {
                match other.get(name) {
                    Some(same) => collect(value, same, &member(name), found),
                    None => found.push(member(name)),
                }
            }
            let added = other.keys().filter(|name| !one.contains_key(*name));
            found.extend(added.map(|name| member(name)));
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                collect(one, other, &format!("{at}/{index}"), found);
            }
        }
        (one, other) if one == other => {}
        _ => found.push(at.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_places_are_named() {
        let one = br#"{"a":{"b":1,"c/d":[1,2]},"e":[1],"f":1}"#;
        let other = br#"{"a":{"b":1,"c/d":[1,3]},"e":[1,2],"g":1}"#;
        let expected = ["/a/c~1d/1", "/e", "/f", "/g"].map(str::to_owned);
        assert_eq!(pointers(one, other), Some(expected.to_vec()));
        assert_eq!(pointers(one, one), Some(Vec::new()));
        assert_eq!(pointers(b"", b"{}"), Some(Vec::new()));
        assert_eq!(pointers(one, b"{"), None);
    }
}
