use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    Access, Form, Found, NoParams, Operation, Repeat, Tag,
    operation::{Errors, sealed::Sealed},
};
use crate::wire_enum::wire_enum;

const TAG: Tag = Tag {
    name: "token",
    description: "访问令牌 · Access tokens: OAuth 2.0 client credentials (RFC 6749 §4.4).",
};

/// Exchanges a partner's credential for an access token.
pub struct IssueToken;

impl Sealed for IssueToken {}

impl Operation for IssueToken {
    const ID: &'static str = "issue_token";
    const SUMMARY: &'static str = "签发访问令牌 · Issue an access token";
    const DESCRIPTION: &'static str = "The credential travels as HTTP Basic or in the form, not in both. \
        A token lives 7,200 seconds. Errors follow RFC 6749 §5.2.";
    const TAG: Tag = TAG;
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oauth2/token";
    const REPEAT: Repeat = Repeat::Safe;
    const ACCESS: Access = Access::Credential;
    const PROBLEMS: &'static [super::ProblemCode] = &[];
    const ERRORS: Errors = Errors::OAuth;

    type Path = NoParams;
    type Query = NoParams;
    type Body = Form<TokenRequest>;
    type Output = Found<TokenResponse>;
}

/// 令牌请求. Unknown parameters are ignored, as RFC 6749 §3.2 asks.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TokenRequest {
    /// `client_credentials`, the only grant there is.
    #[cfg_attr(
        feature = "schema",
        schema(pattern = "^client_credentials$", examples("client_credentials"))
    )]
    pub grant_type: String,
    /// Scopes asked for, separated by spaces; all of the credential's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schema(
            pattern = "^ *(?:(?:outlets|plate_draws|registrations|transfers|changes|replacements|bundles|applications|vehicles|events|mortgages|inspections)(?: +(?:outlets|plate_draws|registrations|transfers|changes|replacements|bundles|applications|vehicles|events|mortgages|inspections))* *)?$"
        )
    )]
    pub scope: Option<String>,
    /// The credential's name, unless it travels as HTTP Basic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The credential's secret, unless it travels as HTTP Basic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(format = "password"))]
    pub client_secret: Option<String>,
}

impl std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRequest")
            .field("grant_type", &self.grant_type)
            .field("scope", &self.scope)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// 访问令牌.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TokenResponse {
    /// The token, opaque.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Life in seconds from the answer's `Date`.
    pub expires_in: u32,
    /// Scopes granted, separated by spaces.
    pub scope: String,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A refusal of the token endpoint (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TokenError {
    /// What was wrong.
    #[cfg_attr(feature = "schema", schema(inline))]
    pub error: super::Open<TokenErrorCode>,
    /// What to do about it; ASCII, as RFC 6749 demands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

wire_enum! {
    /// The words of RFC 6749 §5.2 that this endpoint uses.
    pub enum TokenErrorCode {
        InvalidRequest = "invalid_request", "请求缺少参数或参数重复";
        InvalidClient = "invalid_client", "客户端认证失败";
        UnsupportedGrantType = "unsupported_grant_type", "不支持的授权类型";
        InvalidScope = "invalid_scope", "权限范围不正确";
    }
}
