//! Reads any JSON into a value, and notes the members that a `Value` cannot show: the repeated.

use std::{collections::BTreeSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::pointer::Path;

/// A body that is JSON.
pub(super) struct Document {
    /// Its value; of a repeated member, the last.
    pub(super) value: Value,
    /// Pointers of repeated members.
    pub(super) repeated: BTreeSet<String>,
}

impl Document {
    /// Reads the whole text, noting at most `most` repeated members.
    pub(super) fn read(bytes: &[u8], most: usize) -> Result<Self, serde_json::Error> {
        let mut repeated = BTreeSet::new();
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let node = Node {
            path: Path::Root,
            most,
            repeated: &mut repeated,
        };
        let value = node.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(Self { value, repeated })
    }
}

/// One value of the body, where it stands.
struct Node<'a> {
    path: Path<'a>,
    most: usize,
    repeated: &'a mut BTreeSet<String>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let path = Path::Item {
                parent: &self.path,
                index: items.len(),
            };
            let node = Node {
                path,
                most: self.most,
                repeated: &mut *self.repeated,
            };
            match access.next_element_seed(node)? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let path = Path::Member {
                parent: &self.path,
                name: &name,
            };
            if members.contains_key(&name) && self.repeated.len() < self.most {
                note(self.repeated, path.pointer());
            }
            let node = Node {
                path,
                most: self.most,
                repeated: &mut *self.repeated,
            };
            let member = access.next_value_seed(node)?;
            members.insert(name, member);
        }
        Ok(Value::Object(members))
    }
}

/// Notes a repeated member. What was noted inside its earlier value goes with that value.
fn note(repeated: &mut BTreeSet<String>, pointer: String) {
    let inside = format!("{pointer}/");
    let gone: Vec<String> = repeated
        .range(inside.clone()..)
        .take_while(|noted| noted.starts_with(&inside))
        .cloned()
        .collect();
    for noted in gone {
        repeated.remove(&noted);
    }
    repeated.insert(pointer);
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn what_was_repeated_in_a_value_that_was_replaced_is_forgotten() {
        let text = br#"{"a": {"b": 1, "b": 2}, "ab": {"c": 1, "c": 2}, "a": 3}"#;
        let document = Document::read(text, 10).unwrap();
        let repeated: Vec<&str> = document.repeated.iter().map(String::as_str).collect();
        assert_eq!(repeated, ["/a", "/ab/c"]);
    }
}
