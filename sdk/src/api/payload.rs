//! What travels in a request and in a success, by kind.

use http::StatusCode;
use serde::{Serialize, de::DeserializeOwned};

use super::operation::Answer;

#[cfg(feature = "schema")]
pub use utoipa::ToSchema as Schema;

/// With feature `schema`, what the document says of a type; without it, nothing.
#[cfg(not(feature = "schema"))]
pub trait Schema {}
#[cfg(not(feature = "schema"))]
impl<T> Schema for T {}

/// A named schema with everything it refers to.
#[cfg(feature = "schema")]
pub type Schemas = Vec<(
    String,
    utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>,
)>;

/// A type that stands as a JSON document of its own.
pub trait Document: Serialize + DeserializeOwned + Schema + Send + Sync + 'static {}
impl<T: Serialize + DeserializeOwned + Schema + Send + Sync + 'static> Document for T {}

/// A request body, encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// `Content-Type`; `None` where nothing is sent.
    pub media_type: Option<&'static str>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What a request carries.
pub trait Body: Send + Sync + 'static {
    /// Accepted media types; empty where the operation has no body.
    const MEDIA_TYPES: &'static [&'static str];
    /// Whether the body may be left out.
    const REQUIRED: bool;
    /// The largest body accepted, in bytes.
    const LIMIT: usize;

    /// The bytes to send.
    ///
    /// # Errors
    /// When the value cannot be written in its media type.
    fn encode(&self) -> Result<Encoded, EncodeError>;

    /// The schema of the body and everything it refers to; the first is the body's own.
    #[cfg(feature = "schema")]
    fn schemas() -> Schemas;
}

/// A body could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the request body could not be written: {0}")]
pub struct EncodeError(String);

/// The largest JSON or form body: 1 MiB.
pub const JSON_LIMIT: usize = 1 << 20;
/// The largest material: 10 MiB.
pub const MATERIAL_LIMIT: usize = 10 << 20;

/// Nothing is sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBody;

/// A JSON document.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// A JSON document that may be left out; an empty body counts as `{}`.
#[derive(Clone, Debug, Default)]
pub struct OptionalJson<T>(pub T);

/// An HTML form.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

impl Body for NoBody {
    const MEDIA_TYPES: &'static [&'static str] = &[];
    const REQUIRED: bool = false;
    const LIMIT: usize = JSON_LIMIT;

    fn encode(&self) -> Result<Encoded, EncodeError> {
        Ok(Encoded {
            media_type: None,
            bytes: Vec::new(),
        })
    }

    #[cfg(feature = "schema")]
    fn schemas() -> Schemas {
        Vec::new()
    }
}

impl<T: Document> Body for Json<T> {
    const MEDIA_TYPES: &'static [&'static str] = &["application/json"];
    const REQUIRED: bool = true;
    const LIMIT: usize = JSON_LIMIT;

    fn encode(&self) -> Result<Encoded, EncodeError> {
        encode_json(&self.0)
    }

    #[cfg(feature = "schema")]
    fn schemas() -> Schemas {
        schemas_of::<T>()
    }
}

impl<T: Document> Body for OptionalJson<T> {
    const MEDIA_TYPES: &'static [&'static str] = &["application/json"];
    const REQUIRED: bool = false;
    const LIMIT: usize = JSON_LIMIT;

    fn encode(&self) -> Result<Encoded, EncodeError> {
        encode_json(&self.0)
    }

    #[cfg(feature = "schema")]
    fn schemas() -> Schemas {
        schemas_of::<T>()
    }
}

impl<T: Document> Body for Form<T> {
    const MEDIA_TYPES: &'static [&'static str] = &["application/x-www-form-urlencoded"];
    const REQUIRED: bool = true;
    const LIMIT: usize = JSON_LIMIT;

    fn encode(&self) -> Result<Encoded, EncodeError> {
        let bytes = serde_urlencoded::to_string(&self.0)
            .map_err(|error| EncodeError(error.to_string()))?
            .into_bytes();
        Ok(Encoded {
            media_type: Some(Self::MEDIA_TYPES[0]),
            bytes,
        })
    }

    #[cfg(feature = "schema")]
    fn schemas() -> Schemas {
        schemas_of::<T>()
    }
}

/// The bytes of a JSON body that the caller keeps.
pub(crate) fn encode_json<T: Serialize>(value: &T) -> Result<Encoded, EncodeError> {
    let bytes = serde_json::to_vec(value).map_err(|error| EncodeError(error.to_string()))?;
    Ok(Encoded {
        media_type: Some("application/json"),
        bytes,
    })
}

/// What a success carries: a document, JSON but for a few, under one of a closed list of statuses.
pub trait Output: Sized + Send + Sync + 'static {
    /// The successes, the usual one first.
    const ANSWERS: &'static [Answer];
    /// Media types of the body, where there is one, the usual one first.
    const MEDIA_TYPES: &'static [&'static str] = &["application/json"];

    /// The media type of this answer's body, one of [`Output::MEDIA_TYPES`].
    fn media_type(&self) -> &'static str {
        Self::MEDIA_TYPES[0]
    }

    /// Reads the body of a success.
    ///
    /// # Errors
    /// When the body is not the document that status promises.
    fn decode(status: StatusCode, body: &[u8]) -> Result<Self, serde_json::Error>;

    /// The status and the bytes of this answer.
    ///
    /// # Errors
    /// When the value cannot be written as JSON.
    fn encode(&self) -> Result<(StatusCode, Vec<u8>), serde_json::Error>;

    /// The schema of the JSON behind a status and everything it refers to; the first is the answer's
    /// own.
    #[cfg(feature = "schema")]
    fn schemas(status: StatusCode) -> Schemas;
}

/// 200 with a document.
#[derive(Clone, Debug)]
pub struct Found<T>(pub T);

/// 201 with a document.
#[derive(Clone, Debug)]
pub struct Created<T>(pub T);

macro_rules! single_answer {
    ($name:ident, $status:ident, $description:literal) => {
        impl<T: Document> Output for $name<T> {
            const ANSWERS: &'static [Answer] = &[Answer {
                status: StatusCode::$status,
                description: $description,
            }];

            fn decode(_: StatusCode, body: &[u8]) -> Result<Self, serde_json::Error> {
                serde_json::from_slice(body).map(Self)
            }

            fn encode(&self) -> Result<(StatusCode, Vec<u8>), serde_json::Error> {
                Ok((StatusCode::$status, serde_json::to_vec(&self.0)?))
            }

            #[cfg(feature = "schema")]
            fn schemas(_: StatusCode) -> Schemas {
                schemas_of::<T>()
            }
        }
    };
}
single_answer!(Found, OK, "The current state.");
single_answer!(Created, CREATED, "Done; the new state.");

/// 204 with nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoContent;

impl Output for NoContent {
    const ANSWERS: &'static [Answer] = &[Answer {
        status: StatusCode::NO_CONTENT,
        description: "Done.",
    }];

    fn decode(_: StatusCode, _: &[u8]) -> Result<Self, serde_json::Error> {
        Ok(Self)
    }

    fn encode(&self) -> Result<(StatusCode, Vec<u8>), serde_json::Error> {
        Ok((StatusCode::NO_CONTENT, Vec::new()))
    }

    #[cfg(feature = "schema")]
    fn schemas(_: StatusCode) -> Schemas {
        Vec::new()
    }
}

/// The schema of `T` by name, then everything it refers to.
#[cfg(feature = "schema")]
pub fn schemas_of<T: utoipa::ToSchema>() -> Schemas {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}
