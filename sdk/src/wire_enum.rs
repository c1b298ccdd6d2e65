//! One table per closed word list: words on the wire, terms for people, schema for the document.

/// A closed list of words. What a server may extend later is wrapped as [`Open`](crate::api::Open)
/// in answers.
pub trait WireEnum: Copy + Eq + std::fmt::Debug + 'static {
    /// Every member, in the order of the list.
    const ALL: &'static [Self];

    /// The word on the wire.
    fn as_str(self) -> &'static str;

    /// The term the authority's staff use.
    fn chinese_name(self) -> &'static str;

    /// The member with that word.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|member| member.as_str() == word)
    }
}

/// A text is no word of a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no word of {list}; the document lists them")]
pub struct UnknownWord {
    pub(crate) list: &'static str,
}

/// Writes a closed enum from a table of `Variant = "word", "中文";` rows.
macro_rules! wire_enum {
    (
        $(#[doc = $doc:literal])+
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, $chinese:literal; )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$variant_meta])* #[doc = $chinese] $variant, )+
        }

        impl $name {
            /// Every member, in the order of the list.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )+ }
            }

            /// The Chinese term.
            #[must_use]
            pub const fn chinese_name(self) -> &'static str {
                match self { $( Self::$variant => $chinese, )+ }
            }
        }

        impl $crate::wire_enum::WireEnum for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn as_str(self) -> &'static str {
                self.as_str()
            }

            fn chinese_name(self) -> &'static str {
                self.chinese_name()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::wire_enum::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                $crate::wire_enum::WireEnum::from_word(word)
                    .ok_or($crate::wire_enum::UnknownWord { list: stringify!($name) })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::wire_enum::Word::new())
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::wire_enum::closed_schema::<Self>(concat!($($doc),+).trim())
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }
    };
}
pub(crate) use wire_enum;

/// Reads one word of a list, quoting nothing when it is none.
pub(crate) struct Word<E>(std::marker::PhantomData<E>);

impl<E> Word<E> {
    pub(crate) const fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

impl<E: WireEnum> serde::de::Visitor<'_> for Word<E> {
    type Value = E;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a word of a closed list")
    }

    fn visit_str<Error: serde::de::Error>(self, word: &str) -> Result<E, Error> {
        E::from_word(word).ok_or_else(|| Error::custom("no word of the list"))
    }
}

/// `type: string` with the list, each word explained in the description.
#[cfg(feature = "schema")]
pub(crate) fn closed_schema<E: WireEnum>(
    about: &str,
) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(E::ALL.iter().map(|member| member.as_str())))
        .description(Some(format!("{about}\n\n{}", glossary::<E>())))
        .into()
}

#[cfg(feature = "schema")]
pub(crate) fn glossary<E: WireEnum>() -> String {
    let entries: Vec<String> = E::ALL
        .iter()
        .map(|member| format!("`{}` {}", member.as_str(), member.chinese_name()))
        .collect();
    entries.join(" · ")
}
