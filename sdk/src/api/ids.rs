//! Opaque names the platform or the partner gives.

/// Writes a newtype of a short string with an allowed alphabet.
macro_rules! opaque {
    ($( $(#[doc = $doc:literal])+ $name:ident, $min:literal..=$max:literal, $alphabet:literal, $allowed:expr, $example:literal; )+) => { $(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "Box<str>")]
        pub struct $name(Box<str>);

        impl $name {
            /// A name the platform itself makes, of the right form.
            #[allow(dead_code, reason = "not every kind of name is made by the platform")]
            pub(in crate::api) fn given(text: String) -> Self {
                Self(text.into_boxed_str())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<Box<str>> for $name {
            type Error = $crate::api::WrongForm;

            fn try_from(text: Box<str>) -> Result<Self, $crate::api::WrongForm> {
                let allowed: fn(u8) -> bool = $allowed;
                if ($min..=$max).contains(&text.len()) && text.bytes().all(allowed) {
                    Ok(Self(text))
                } else {
                    Err($crate::api::WrongForm::new(stringify!($name), concat!($min, " to ", $max, " characters of ", $alphabet)))
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::api::WrongForm;

            fn from_str(text: &str) -> Result<Self, $crate::api::WrongForm> {
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

#[cfg(feature = "control")]
pub(in crate::api) use opaque;

/// A name has characters or a length it must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {form}")]
pub struct WrongForm {
    name: &'static str,
    form: &'static str,
}

impl WrongForm {
    pub(in crate::api) const fn new(name: &'static str, form: &'static str) -> Self {
        Self { name, form }
    }
}

pub(in crate::api) fn id_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

impl ApplicationId {
    /// A name of digits alone, as the platform gives them.
    #[must_use]
    pub fn of_digits(number: u64) -> Self {
        Self::given(number.to_string())
    }
}

impl BundleId {
    /// The name of the bundle whose first part an application is, as the platform gives them.
    #[must_use]
    pub fn of_first(application: &ApplicationId) -> Self {
        Self::given(format!("B{application}"))
    }

    /// The application that is its first part, where the platform gave the name.
    #[must_use]
    pub fn first(&self) -> Option<ApplicationId> {
        self.as_str().strip_prefix('B')?.parse().ok()
    }
}

/// Writes the names that the platform makes of a running number.
macro_rules! numbered {
    ($( $name:ident, $prefix:literal, $digits:literal; )+) => { $(
        impl $name {
            /// The name of a number, as the platform gives them.
            #[must_use]
            pub fn of_number(number: u64) -> Self {
                Self(format!(concat!($prefix, "{:0", $digits, "}"), number).into())
            }

            /// The number, where the platform made the name of one.
            #[must_use]
            pub fn number(&self) -> Option<u64> {
                let number = self.0.strip_prefix($prefix)?.parse().ok()?;
                (Self::of_number(number) == *self).then_some(number)
            }
        }
    )+ };
}

numbered! {
    EventId, "evt-", 13;
    WebhookId, "wh-", 6;
    DeliveryId, "dlv-", 6;
    InspectionId, "insp-", 6;
}

opaque! {
    /// 网点编号.
    OutletId, 1..=64, "A-Za-z0-9_-", id_character, "zb-dealer-001";
    /// 经办人编号.
    OperatorId, 1..=64, "A-Za-z0-9_-", id_character, "zb-dealer-001-op1";
    /// 业务流水号.
    ApplicationId, 1..=64, "A-Za-z0-9_-", id_character, "3703010000001";
    /// 一窗通办流水号.
    BundleId, 1..=64, "A-Za-z0-9_-", id_character, "B3703010000001";
    /// 选号批次号.
    PlateDrawId, 1..=64, "A-Za-z0-9_-", id_character, "draw-000001";
    /// 检验流水号.
    InspectionId, 1..=64, "A-Za-z0-9_-", id_character, "insp-000001";
    /// 事件编号.
    EventId, 1..=64, "A-Za-z0-9_-", id_character, "evt-3703000000001";
    /// 游标: a place in the list of events, opaque.
    Cursor, 1..=255, "A-Za-z0-9_-", id_character, "AAAAAAAAAAAJtQ";
    /// 推送订阅编号.
    WebhookId, 1..=64, "A-Za-z0-9_-", id_character, "wh-000001";
    /// 推送记录编号.
    DeliveryId, 1..=64, "A-Za-z0-9_-", id_character, "dlv-000001";
    /// 合作单位业务编号: the partner's own name of a submission, unique for ever.
    PartnerReference, 1..=64, "A-Za-z0-9._:/-", |byte| id_character(byte) || matches!(byte, b'.' | b':' | b'/'), "DMS-2026-000123";
}
