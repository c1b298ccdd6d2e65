//! Path and query parameters: one strict reading, and every fault when it fails.

use std::borrow::Cow;

use lingminban::api::{FindingCode, Params, Place};
use serde::de::{self, IntoDeserializer, value::MapDeserializer};

use utoipa::openapi::{RefOr, Schema};

use super::fault::Fault;

/// A parameter as it was sent, decoded from its percent escapes.
pub type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Reads parameters, or tells every fault in them.
///
/// # Errors
/// One fault for each parameter that is unknown, repeated, missing, or has a wrong value.
pub fn read<P: Params>(pairs: &[Pair<'_>]) -> Result<P, Vec<Fault>> {
    from_pairs(pairs).map_err(|_| faults::<P>(pairs))
}

/// Splits a query string.
#[must_use]
pub fn pairs(query: &str) -> Vec<Pair<'_>> {
    form_urlencoded::parse(query.as_bytes()).collect()
}

fn from_pairs<P: Params>(pairs: &[Pair<'_>]) -> Result<P, WrongParameter> {
    let words = pairs
        .iter()
        .map(|(name, value)| (name.as_ref(), Word(value)));
    P::deserialize(MapDeserializer::new(words))
}

fn faults<P: Params>(pairs: &[Pair<'_>]) -> Vec<Fault> {
    let (known, required) = names::<P>();
    let fault = |name: &str, code| Fault::at(Place::Parameter(name.to_owned()), code);
    let mut faults = Vec::new();
    for (index, pair) in pairs.iter().enumerate() {
        let name = pair.0.as_ref();
        if !known.iter().any(|known| known == name) {
            faults.push(fault(name, FindingCode::UnknownMember));
        } else if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
            faults.push(fault(name, FindingCode::DuplicateMember));
        } else if let Err(WrongParameter::Value(why)) = from_pairs::<P>(std::slice::from_ref(pair))
        {
            faults.push(fault(name, FindingCode::WrongFormat).with_detail(why));
        }
    }
    let missing = required
        .iter()
        .filter(|name| !pairs.iter().any(|(sent, _)| sent == *name));
    faults.extend(missing.map(|name| fault(name, FindingCode::Required)));
    faults
}

/// The names of all parameters, and of those that must be there.
fn names<P: Params>() -> (Vec<String>, Vec<String>) {
    match P::schema() {
        RefOr::T(Schema::Object(object)) => {
            (object.properties.into_keys().collect(), object.required)
        }
        _ => (Vec::new(), Vec::new()),
    }
}

/// A missing parameter is told apart, so that each value can be judged alone.
#[derive(Debug)]
enum WrongParameter {
    Missing,
    Value(String),
}

impl std::fmt::Display for WrongParameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Value(why) => why,
        })
    }
}

impl std::error::Error for WrongParameter {}

impl de::Error for WrongParameter {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Value(message.to_string())
    }

    fn missing_field(_: &'static str) -> Self {
        Self::Missing
    }

    // The defaults of both would repeat the value, which may be somebody's number.
    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Value(format!("expected {expected}"))
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::Value(format!("expected {expected}"))
    }
}

/// The text of one parameter.
struct Word<'a>(&'a str);

impl<'de> IntoDeserializer<'de, WrongParameter> for Word<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> de::Deserializer<'de> for Word<'de> {
    type Error = WrongParameter;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, WrongParameter> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_option<V: de::Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, WrongParameter> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, WrongParameter> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_bool<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, WrongParameter> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(WrongParameter::Value("expected true or false".to_owned())),
        }
    }

    fn deserialize_u64<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, WrongParameter> {
        // `parse` alone would take a leading plus sign.
        let digits = !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_digit());
        match self.0.parse() {
            Ok(number) if digits => visitor.visit_u64(number),
            _ => Err(WrongParameter::Value("expected a whole number".to_owned())),
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
