//! What an operation is; the operations themselves stand with their resources.

use http::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};

use super::{Body, Output, ProblemCode, Schema, Scope};

/// One operation of the API: the only definition that client, sandbox and document share.
///
/// Sealed: the list in [`for_each_operation!`](crate::for_each_operation) names them all.
pub trait Operation: sealed::Sealed + Send + Sync + 'static {
    /// Unique name, `snake_case`: the operation id in the document, the span's name in the client.
    const ID: &'static str;
    /// One line.
    const SUMMARY: &'static str;
    /// What a reader must know beyond the summary; Markdown.
    const DESCRIPTION: &'static str;
    /// The group in the document.
    const TAG: Tag;
    /// HTTP method.
    const METHOD: Method;
    /// Path template with `{names}` of [`Operation::Path`]'s fields.
    const PATH: &'static str;
    /// What makes a repetition safe.
    const REPEAT: Repeat;
    /// What a request must show to be let in.
    const ACCESS: Access;
    /// Refusals of this operation alone; [`problems`] adds those every operation shares.
    const PROBLEMS: &'static [ProblemCode];
    /// Where the answer's values lead, shown as links in the document.
    const LINKS: &'static [Link] = &[];
    /// Complete, valid bodies.
    const EXAMPLES: &'static [Example] = &[];
    /// The shape of its refusals.
    const ERRORS: Errors = Errors::Problem;

    /// Values of the path template.
    type Path: Params;
    /// Query parameters.
    type Query: Params;
    /// Request body.
    type Body: Body;
    /// What a success says.
    type Output: Output;
}

/// Parameters of a path or a query: a flat struct of words and numbers, one member a parameter.
pub trait Params: Serialize + DeserializeOwned + Schema + Send + Sync + 'static {}
impl<T: Serialize + DeserializeOwned + Schema + Send + Sync + 'static> Params for T {}

/// No parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NoParams {}

/// What a request must show to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Anyone,
    /// The partner's credential itself.
    Credential,
    /// An access token with this scope.
    Token(Scope),
    /// The sandbox's admin token, where it was started with one.
    Admin,
}

/// What makes it safe to send an operation again when its answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It changes nothing, or the same change again.
    Safe,
    /// The `Idempotency-Key` it must carry.
    KeyRequired,
    /// The `Idempotency-Key`, where one is sent; the SDK always sends one.
    KeyOptional,
}

/// The shape of an operation's refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// `application/problem+json` (RFC 9457).
    Problem,
    /// 400 and 401 as RFC 6749 §5.2 has them, the others as problems.
    OAuth,
}

/// A group of operations in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Name in the document and of generated client classes.
    pub name: &'static str,
    /// What the group is for.
    pub description: &'static str,
}

/// A value of an answer that leads to another operation.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Name of the link.
    pub name: &'static str,
    /// The operation it leads to.
    pub operation_id: &'static str,
    /// Parameter of that operation and the runtime expression that fills it.
    pub parameters: &'static [(&'static str, &'static str)],
}

/// A complete, valid body.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// Name in the document.
    pub name: &'static str,
    /// What it shows.
    pub summary: &'static str,
    /// The body.
    pub json: &'static str,
}

/// Every refusal an operation may answer with, its own and the shared ones.
#[must_use]
pub fn problems<O: Operation>() -> Vec<ProblemCode> {
    let mut codes = vec![
        ProblemCode::MethodNotAllowed,
        ProblemCode::InternalError,
        ProblemCode::ServiceUnavailable,
    ];
    if O::ERRORS == Errors::Problem {
        codes.push(ProblemCode::InvalidParameter);
    }
    match O::ACCESS {
        Access::Anyone => {}
        Access::Credential => codes.push(ProblemCode::RateLimited),
        Access::Token(_) => codes.extend([
            ProblemCode::RateLimited,
            ProblemCode::MissingToken,
            ProblemCode::InvalidToken,
            ProblemCode::ExpiredToken,
            ProblemCode::InsufficientScope,
        ]),
        Access::Admin => codes.extend([
            ProblemCode::AdminTokenRequired,
            ProblemCode::ControlClosed,
            ProblemCode::ForeignOrigin,
            ProblemCode::UnknownHost,
        ]),
    }
    if !O::Body::MEDIA_TYPES.is_empty() {
        codes.extend([
            ProblemCode::PayloadTooLarge,
            ProblemCode::UnsupportedMediaType,
        ]);
    }
    if O::Body::MEDIA_TYPES == ["application/json"] {
        codes.extend([ProblemCode::MalformedJson, ProblemCode::ValidationFailed]);
    }
    // A body with `GET` or `DELETE` means nothing (RFC 9110 §9.3.1, §9.3.5), with `POST` it was meant.
    if O::Body::MEDIA_TYPES.is_empty() && O::METHOD == Method::POST {
        codes.push(ProblemCode::ValidationFailed);
    }
    if O::REPEAT != Repeat::Safe {
        codes.extend([
            ProblemCode::InvalidIdempotencyKey,
            ProblemCode::IdempotencyKeyReused,
            ProblemCode::RequestInProgress,
        ]);
    }
    if O::REPEAT == Repeat::KeyRequired {
        codes.push(ProblemCode::MissingIdempotencyKey);
    }
    codes.extend(O::PROBLEMS);
    codes.sort_by_key(|code| (code.status().as_u16(), *code));
    codes.dedup();
    codes
}

/// One success of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// When this is the answer.
    pub description: &'static str,
}

pub(in crate::api) mod sealed {
    pub trait Sealed {}
}
