//! Closes the leniencies of serde's derive, so that a typed decode accepts what the document's
//! schema accepts, and nothing else.
//!
//! serde takes an array for a struct, a map for a word of a list, `null` for an optional member;
//! the API has none of these. JSON Schema calls `5.0` and `1e2` integers; serde does not. Unknown
//! and repeated members are the derive's own errors (`deny_unknown_fields`), at every depth.
//!
//! The adaptor is a chain of newtypes without state; the compiler sees through them.

use std::fmt;

use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};

/// Reads a whole JSON text strictly. From a text rather than from bytes, of which each string would
/// be checked to be UTF-8 by itself.
///
/// # Errors
/// When it is not JSON, not the type, or not the end of the input.
pub(super) fn from_str<'de, T: de::Deserialize<'de>>(
    text: &'de str,
) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let decoded = T::deserialize(Strict(&mut deserializer))?;
    deserializer.end()?;
    Ok(decoded)
}

/// The strict form of a deserializer, or of what leads to one: a seed, an access.
pub(super) struct Strict<T>(pub(super) T);

/// Visitor of a struct or a map: members and nothing else.
struct Members<V>(V);
/// Visitor of a list: items and nothing else.
struct Items<V>(V);
/// Visitor of an optional member, which is left out or has a value, but is never `null`.
struct Present<V>(V);
/// Visitor of a word of a closed list.
struct Word<V>(V);
/// Visitor of an integer, however it is spelled.
struct Whole<V>(V);
/// Visitor of a type that asks the text what it holds.
struct Anything<V>(V);

macro_rules! forward {
    ($( $method:ident )+) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            self.0.$method(visitor)
        }
    )+ };
}

macro_rules! wrap {
    ($wrapper:ident: $( $method:ident )+) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            self.0.$method($wrapper(visitor))
        }
    )+ };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    forward! {
        deserialize_bool deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_identifier
        deserialize_ignored_any
    }

    wrap! { Whole:
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }
    wrap! { Present: deserialize_option }
    wrap! { Items: deserialize_seq }
    wrap! { Members: deserialize_map }
    wrap! { Anything: deserialize_any deserialize_unit }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_tuple(length, Items(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0
            .deserialize_tuple_struct(name, length, Items(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_struct(name, fields, Members(visitor))
    }

    /// Requests have lists of words only; an enum with data would be refused.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_str(Word(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! expecting {
    () => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.expecting(f)
        }
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Members<V> {
    type Value = V::Value;
    expecting!();

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(members))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Items<V> {
    type Value = V::Value;
    expecting!();

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Strict(items))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Present<V> {
    type Value = V::Value;
    expecting!();

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        Err(E::invalid_type(Unexpected::Unit, &self))
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Strict(value))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Word<V> {
    type Value = V::Value;
    expecting!();

    fn visit_str<E: de::Error>(self, word: &str) -> Result<V::Value, E> {
        self.0.visit_enum(word.into_deserializer())
    }
}

/// One above the largest `u64`.
const ABOVE_U64: f64 = 18_446_744_073_709_551_616.0;
/// The smallest `i64`.
const LEAST_I64: f64 = -9_223_372_036_854_775_808.0;

impl<'de, V: Visitor<'de>> Visitor<'de> for Whole<V> {
    type Value = V::Value;
    expecting!();

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<V::Value, E> {
        self.0.visit_u64(number)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<V::Value, E> {
        self.0.visit_i64(number)
    }

    /// Both casts are exact: the fraction is zero and the range is the target's.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<V::Value, E> {
        if number.fract() != 0.0 {
            self.0.visit_f64(number)
        } else if (0.0..ABOVE_U64).contains(&number) {
            self.0.visit_u64(number as u64)
        } else if (LEAST_I64..0.0).contains(&number) {
            self.0.visit_i64(number as i64)
        } else {
            self.0.visit_f64(number)
        }
    }
}

macro_rules! hand_on {
    ($( $method:ident($type:ty) )+) => { $(
        fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    )+ };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Anything<V> {
    type Value = V::Value;
    expecting!();

    hand_on! {
        visit_bool(bool) visit_u64(u64) visit_i64(i64) visit_f64(f64) visit_str(&str)
        visit_borrowed_str(&'de str) visit_string(String)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strict(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Strict(items))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    /// Names of members are strings whatever the type asks for; nothing to close.
    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::from_str;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        word: Word,
        #[serde(default)]
        inner: Option<Box<Inner>>,
        #[serde(default)]
        pairs: Vec<(i8, Wrapped)>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        number: u8,
        long: Option<i64>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Yes,
        No,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Wrapped(Option<Word>);

    fn read(json: &str) -> Option<Outer> {
        from_str(json).ok()
    }

    #[test]
    fn what_serde_takes_and_the_schema_does_not_is_refused() {
        let lenient = [
            r#"["yes"]"#,
            r#"{"word": {"yes": null}}"#,
            r#"{"word": "yes", "inner": null}"#,
            r#"{"word": "yes", "inner": [1, 2]}"#,
            r#"{"word": "yes", "inner": {"number": 1, "long": null}}"#,
            r#"{"word": "yes", "pairs": [[1, null]]}"#,
            r#"{"word": "yes", "pairs": [[1, {"no": null}]]}"#,
        ];
        for json in lenient {
            assert!(serde_json::from_str::<Outer>(json).is_ok(), "{json}");
            assert!(read(json).is_none(), "{json}");
        }
        for json in [
            r#"{"word": "maybe"}"#,
            r#"{"word": "yes", "inner": {"number": 1, "other": 1}}"#,
            r#"{"word": "yes", "inner": {"number": 1, "number": 1}}"#,
            r#"{"word": "yes"} {}"#,
        ] {
            assert!(read(json).is_none(), "{json}");
        }
    }

    #[test]
    fn a_zero_fraction_makes_no_difference() {
        let outer = Outer {
            word: Word::Yes,
            inner: Some(Box::new(Inner {
                number: 100,
                long: Some(-5),
            })),
            pairs: vec![(-1, Wrapped(Some(Word::No)))],
        };
        let json =
            r#"{"word": "yes", "inner": {"number": 1e2, "long": -5.0}, "pairs": [[-1.0, "no"]]}"#;
        assert_eq!(read(json), Some(outer));
    }

    #[test]
    fn numbers_are_taken_exactly_or_not_at_all() {
        fn whole<'de, T: Deserialize<'de>>(json: &'de str) -> Option<T> {
            from_str(json).ok()
        }
        assert_eq!(whole("-0.0"), Some(0_u8));
        assert_eq!(whole("256.0"), None::<u8>);
        assert_eq!(whole("-1.0"), None::<u8>);
        assert_eq!(whole("0.5"), None::<u8>);
        assert_eq!(
            whole("18446744073709549568.0"),
            Some(18_446_744_073_709_549_568_u64)
        );
        assert_eq!(whole("18446744073709551616"), None::<u64>);
        assert_eq!(whole("1e300"), None::<u64>);
        assert_eq!(whole("-9223372036854775808.0"), Some(i64::MIN));
        assert_eq!(whole("-9223372036854777856.0"), None::<i64>);
        assert_eq!(whole("9223372036854775808.0"), None::<i64>);
        assert_eq!(whole("2.5"), Some(2.5_f64));
    }
}
