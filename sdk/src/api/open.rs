use crate::wire_enum::WireEnum;

/// A word of a list that the authority may extend: an unknown word parses, keeps its text and is
/// written back unchanged, so that yesterday's program reads tomorrow's answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Open<E> {
    /// A word this version knows.
    Known(E),
    /// A word added later; opaque.
    Unknown(Box<str>),
}

impl<E: WireEnum> Open<E> {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(member) => member.as_str(),
            Self::Unknown(word) => word,
        }
    }

    /// The member, when this version knows the word.
    #[must_use]
    pub fn known(&self) -> Option<E> {
        match self {
            Self::Known(member) => Some(*member),
            Self::Unknown(_) => None,
        }
    }
}

impl<E> From<E> for Open<E> {
    fn from(member: E) -> Self {
        Self::Known(member)
    }
}

impl<E: WireEnum> PartialEq<E> for Open<E> {
    fn eq(&self, other: &E) -> bool {
        self.known() == Some(*other)
    }
}

impl<E: WireEnum> std::fmt::Display for Open<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<E: WireEnum> serde::Serialize for Open<E> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, E: WireEnum> serde::Deserialize<'de> for Open<E> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Box::<str>::deserialize(deserializer)?;
        Ok(E::from_word(&word).map_or(Self::Unknown(word), Self::Known))
    }
}

/// A plain string: generators turn a union of list and string into empty classes.
///
/// `ComposeSchema` is what utoipa's derive asks of a generic type; it is hidden, hence the exact
/// version in the workspace.
#[cfg(feature = "schema")]
impl<E: WireEnum> utoipa::ToSchema for Open<E> {}

#[cfg(feature = "schema")]
impl<E: WireEnum> utoipa::__dev::ComposeSchema for Open<E> {
    fn compose(
        _: Vec<utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>>,
    ) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let words: Vec<&str> = E::ALL.iter().map(|member| member.as_str()).collect();
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some(format!(
                "May be extended. {}",
                crate::wire_enum::glossary::<E>()
            )))
            .extensions(Some(
                utoipa::openapi::extensions::ExtensionsBuilder::new()
                    .add("x-extensible-enum", words)
                    .build(),
            ))
            .into()
    }
}
