//! Numbers with a unit and a range, and texts with a length.

use serde::{Deserialize, Serialize};

/// A number lies outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {min} to {max}")]
pub struct OutOfRange {
    min: u64,
    max: u64,
}

impl OutOfRange {
    pub(in crate::api) const fn new(min: u64, max: u64) -> Self {
        Self { min, max }
    }
}

macro_rules! quantity {
    ($( $(#[doc = $doc:literal])+ $name:ident($int:ty), $min:literal..=$max:literal $(, default $default:literal)?; )+) => { $(
        $(#[doc = $doc])+
        #[doc = concat!("\n\nRange: ", $min, " to ", $max, ".")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "u64", into = "u64")]
        pub struct $name($int);

        impl $name {
            /// The smallest value.
            pub const MIN: Self = Self($min);
            /// The largest value.
            pub const MAX: Self = Self($max);

            /// The number.
            #[must_use]
            pub const fn get(self) -> $int {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = $crate::api::OutOfRange;

            fn try_from(number: u64) -> Result<Self, $crate::api::OutOfRange> {
                match <$int>::try_from(number) {
                    Ok(fitting) if ($min..=$max).contains(&fitting) => Ok(Self(fitting)),
                    _ => Err($crate::api::OutOfRange::new($min, $max)),
                }
            }
        }

        impl From<$name> for u64 {
            fn from(quantity: $name) -> Self {
                Self::from(quantity.0)
            }
        }

        $( impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        } )?

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::Integer)
                    .description(Some(concat!($($doc),+).trim()))
                    .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                        utoipa::openapi::KnownFormat::Int64,
                    )))
                    .minimum(Some($min as u64))
                    .maximum(Some($max as u64))
                    $( .default(Some(serde_json::Value::from($default))) )?
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

#[cfg(feature = "control")]
pub(in crate::api) use quantity;

quantity! {
    /// Entries a page; 50 when left out.
    PageSize(u16), 1..=200, default 50;
    /// Events a page; 50 when left out.
    EventPageSize(u16), 1..=100, default 50;
    /// 新旧密钥并用时间: seconds for which an old webhook secret still signs beside the new one; a day
    /// when left out.
    OverlapSeconds(u32), 0..=604_800, default 86_400;
    /// 预测年数: years from first registration that a forecast covers.
    ForecastYears(u16), 1..=50;
    /// 毫米, millimetres.
    Millimetres(u32), 1..=40_000;
    /// 千克, kilograms.
    Kilograms(u32), 1..=500_000;
    /// 毫升, millilitres of displacement.
    Millilitres(u32), 1..=50_000;
    /// 千瓦, kilowatts of power.
    Kilowatts(u32), 1..=5_000;
    /// 核定载客人数: seats, the driver's included; 0 of trailers, and of nothing else.
    Seats(u16), 0..=200;
    /// 分: amounts of money in fen, a hundredth of a yuan.
    Fen(u64), 0..=100_000_000_000;
}

/// A text is empty, too long, or holds control characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {0} characters, without control characters")]
pub struct WrongText(usize);

macro_rules! text {
    ($( $(#[doc = $doc:literal])+ $name:ident, $max:literal, $example:literal; )+) => { $(
        $(#[doc = $doc])+
        #[doc = concat!("\n\nLength: 1 to ", $max, " characters, none of them a control character.")]
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "Box<str>")]
        pub struct $name(Box<str>);

        /// Without the text: people write names into free text.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<Box<str>> for $name {
            type Error = WrongText;

            fn try_from(text: Box<str>) -> Result<Self, WrongText> {
                let fits = (1..=$max).contains(&text.chars().count());
                if fits && !text.chars().any(char::is_control) { Ok(Self(text)) } else { Err(WrongText($max)) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = WrongText;

            fn from_str(text: &str) -> Result<Self, WrongText> {
                Box::<str>::from(text).try_into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(concat!($($doc),+).trim()))
                    .min_length(Some(1))
                    .max_length(Some($max))
                    .pattern(Some(r"^[^\u0000-\u001f\u007f-\u009f]+$"))
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

text! {
    /// A short text: a brand, a model, a company.
    ShortText, 64, "示例牌";
    /// A sentence or two: a reason, a statement.
    LongText, 500, "客户改变主意";
}
