//! What all identifiers have in common.

use std::{fmt, marker::PhantomData};

use serde::de;

use super::IdentifierError;

/// What the wire accepts for a type. Deserialisation and the schema formats both go through
/// here, so that they cannot disagree.
pub(crate) trait Wire: Sized {
    /// The JSON-schema `format`.
    const FORMAT: &'static str;

    /// Reads a text from the wire.
    fn from_wire(text: &str) -> Result<Self, IdentifierError>;
}

/// `N` ASCII characters, held in place: a hundred thousand VINs cost no allocation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Ascii<const N: usize>([u8; N]);

impl<const N: usize> Ascii<N> {
    /// `None` unless the text is exactly `N` ASCII characters that all pass `allowed`.
    pub(crate) fn of(text: &str, allowed: impl Fn(&u8) -> bool) -> Option<Self> {
        let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
        (bytes.is_ascii() && bytes.iter().all(allowed)).then_some(Self(bytes))
    }

    /// Takes bytes the caller has checked; what is not ASCII reads as an empty text.
    pub(crate) const fn from_checked(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// `None` unless the text is exactly `N` decimal digits.
    pub(crate) fn digits(text: &str) -> Option<Self> {
        Self::of(text, u8::is_ascii_digit)
    }

    pub(crate) const fn bytes(&self) -> &[u8; N] {
        &self.0
    }

    /// The same text with one ASCII character replaced.
    pub(crate) fn with(mut self, index: usize, byte: u8) -> Self {
        if let Some(slot) = self.0.get_mut(index) {
            *slot = byte;
        }
        self
    }
}

impl<const N: usize> AsRef<str> for Ascii<N> {
    fn as_ref(&self) -> &str {
        // Always ASCII by construction; the default is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The number a run of ASCII digits stands for; four digits at most.
pub(crate) fn number(digits: &[u8]) -> i16 {
    digits.iter().fold(0, |sum, digit| {
        sum * 10 + i16::from(digit.wrapping_sub(b'0'))
    })
}

/// Shows the first `head` and the last `tail` characters of an ASCII text, stars between.
pub(crate) fn mask(text: &str, head: usize, tail: usize) -> String {
    let hidden = head..text.len().saturating_sub(tail);
    text.char_indices()
        .map(|(at, shown)| if hidden.contains(&at) { '*' } else { shown })
        .collect()
}

/// Reads one string. serde's own complaint about a number quotes the number, which may be
/// somebody's telephone number sent without quotes; this one quotes nothing.
pub(crate) struct WireVisitor<T>(PhantomData<T>);

impl<T> WireVisitor<T> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

fn not_a_string<T, E: de::Error>() -> Result<T, E> {
    Err(E::custom("应为字符串 / must be a string"))
}

impl<T: Wire> de::Visitor<'_> for WireVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string ({})", T::FORMAT)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        T::from_wire(text).map_err(E::custom)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<T, E> {
        not_a_string()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<T, E> {
        not_a_string()
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<T, E> {
        not_a_string()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<T, E> {
        not_a_string()
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<T, E> {
        not_a_string()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<T, E> {
        not_a_string()
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<T, E> {
        not_a_string()
    }
}

/// serde through the text of a type that implements [`Wire`] and has `as_str`.
macro_rules! serde_by_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // Not `deserialize_str`: serde_json then complains on its own, quoting the value.
                deserializer.deserialize_any($crate::identifiers::newtype::WireVisitor::new())
            }
        }
    };
}
pub(crate) use serde_by_text;

/// A newtype around a text that was checked once.
///
/// `public` types print themselves; `personal` ones have no `Display` and a `Debug` that says
/// nothing but the type. `parse` is `FromStr`, `wire` is what deserialisation accepts.
macro_rules! identifier {
    (
        $(#[$meta:meta])*
        $visibility:ident struct $name:ident($inner:ty);
        parse: $parse:path,
        wire: $wire:path,
        format: $format:literal,
        schema: {
            description: $description:literal,
            length: $min:literal ..= $max:literal,
            pattern: $pattern:expr,
            ga_field: $ga_field:expr,
            examples: [$($example:literal),+ $(,)?] $(,)?
        } $(,)?
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name($inner);

        impl $name {
            /// The canonical text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_ref()
            }
        }

        identifier!(@print $visibility $name);
        $crate::identifiers::newtype::serde_by_text!($name);

        impl std::str::FromStr for $name {
            type Err = $crate::identifiers::IdentifierError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $parse(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::identifiers::IdentifierError;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                $parse(text)
            }
        }

        impl $crate::identifiers::newtype::Wire for $name {
            const FORMAT: &'static str = $format;

            fn from_wire(text: &str) -> Result<Self, $crate::identifiers::IdentifierError> {
                $wire(text)
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let pattern: Option<&str> = $pattern;
                let ga_field: Option<&str> = $ga_field;
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::Custom($format.to_owned())))
                    .description(Some($description))
                    .min_length(Some($min))
                    .max_length(Some($max))
                    .pattern(pattern)
                    .examples([$($example),+])
                    .extensions(ga_field.map($crate::identifiers::newtype::ga_field))
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };

    (@print public $name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.as_str()).finish()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };

    (@print personal $name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}
pub(crate) use identifier;

/// The name a field has on today's police platform, as an extension of its schema.
#[cfg(feature = "schema")]
pub(crate) fn ga_field(name: &str) -> utoipa::openapi::extensions::Extensions {
    utoipa::openapi::extensions::ExtensionsBuilder::new()
        .add("x-ga-field", name)
        .build()
}
