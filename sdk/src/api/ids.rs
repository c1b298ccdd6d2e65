//! Opaque names the platform or the partner gives.

use serde::{Deserialize, Serialize};

/// Writes a newtype of a short string with an allowed alphabet.
macro_rules! opaque {
    ($( $(#[doc = $doc:literal])+ $name:ident, $min:literal..=$max:literal, $alphabet:literal, $allowed:expr, $example:literal; )+) => { $(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "Box<str>")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<Box<str>> for $name {
            type Error = WrongForm;

            fn try_from(text: Box<str>) -> Result<Self, WrongForm> {
                let allowed: fn(u8) -> bool = $allowed;
                if ($min..=$max).contains(&text.len()) && text.bytes().all(allowed) {
                    Ok(Self(text))
                } else {
                    Err(WrongForm { name: stringify!($name), form: concat!($min, " to ", $max, " characters of ", $alphabet) })
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = WrongForm;

            fn from_str(text: &str) -> Result<Self, WrongForm> {
                Box::<str>::from(text).try_into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(concat!($($doc),+).trim()))
                    .min_length(Some($min))
                    .max_length(Some($max))
                    .pattern(Some(concat!("^[", $alphabet, "]+$")))
                    .examples([$example])
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+ };
}

/// A name has characters or a length it must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {form}")]
pub struct WrongForm {
    name: &'static str,
    form: &'static str,
}

fn id_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

impl ApplicationId {
    /// A name of digits alone, as the platform gives them.
    #[must_use]
    pub fn of_digits(number: u64) -> Self {
        Self(number.to_string().into_boxed_str())
    }
}

opaque! {
    /// 网点编号.
    OutletId, 1..=64, "A-Za-z0-9_-", id_character, "zb-dealer-001";
    /// 经办人编号.
    OperatorId, 1..=64, "A-Za-z0-9_-", id_character, "zb-dealer-001-op1";
    /// 业务流水号.
    ApplicationId, 1..=64, "A-Za-z0-9_-", id_character, "3703010000001";
    /// 选号批次号.
    PlateDrawId, 1..=64, "A-Za-z0-9_-", id_character, "draw-000001";
    /// 合作单位业务编号: the partner's own name of a submission, unique for ever.
    PartnerReference, 1..=64, "A-Za-z0-9._:/-", |byte| id_character(byte) || matches!(byte, b'.' | b':' | b'/'), "DMS-2026-000123";
}
