//! Answers to requests that are not served.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use lingminban::{
    api::{ApplicationId, InspectionId, Place, Problem, ProblemCode, TokenErrorCode},
    text::{Language, Text},
};

use super::fault::Fault;
use crate::server::Reply;

/// Why a request is not served, before it is put into somebody's language.
#[derive(Debug)]
pub struct Refusal {
    code: ProblemCode,
    status: StatusCode,
    faults: Vec<Fault>,
    application_id: Option<ApplicationId>,
    inspection_id: Option<InspectionId>,
    headers: Vec<(HeaderName, HeaderValue)>,
    oauth: Option<TokenErrorCode>,
    text: Option<Text>,
}

impl Refusal {
    /// A refusal that blames no place.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            code,
            status: code.status(),
            faults: Vec::new(),
            application_id: None,
            inspection_id: None,
            headers: Vec::new(),
            oauth: None,
            text: None,
        }
    }

    /// A refusal that blames one place with its own code.
    #[must_use]
    pub fn at(code: ProblemCode, place: Place) -> Self {
        Self::new(code).with_faults(vec![Fault::problem(code, place)])
    }

    /// A refusal that blames one path or query parameter with its own code.
    #[must_use]
    pub fn at_parameter(code: ProblemCode, name: &str) -> Self {
        Self::at(code, Place::Parameter(name.to_owned()))
    }

    /// A refusal with every fault found, told in the order of their places.
    #[must_use]
    pub fn with_faults(mut self, mut faults: Vec<Fault>) -> Self {
        faults.sort_by(|one, other| place_text(one).cmp(place_text(other)));
        faults.dedup();
        self.faults = faults;
        self
    }

    /// A submission with faults.
    #[must_use]
    pub fn invalid(faults: Vec<Fault>) -> Self {
        Self::new(ProblemCode::ValidationFailed).with_faults(faults)
    }

    /// The same of a body that is a member of another.
    #[must_use]
    pub fn within(mut self, member: &str) -> Self {
        let faults = std::mem::take(&mut self.faults);
        let placed = faults.into_iter().map(|fault| fault.within(member));
        self.with_faults(placed.collect())
    }

    /// This refusal, with what another blames beside its own.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let mut faults = std::mem::take(&mut self.faults);
        faults.extend(other.faults);
        self.with_faults(faults)
    }

    /// All of these that refuse, as one that blames what they blame.
    ///
    /// # Errors
    /// With the code of the first.
    pub fn together(all: impl IntoIterator<Item = Result<(), Self>>) -> Result<(), Self> {
        let refused = all.into_iter().filter_map(Result::err);
        refused.reduce(Self::and).map_or(Ok(()), Err)
    }

    /// Names the application in the way.
    #[must_use]
    pub fn with_application(mut self, id: ApplicationId) -> Self {
        self.application_id = Some(id);
        self
    }

    /// Names the inspection in the way.
    #[must_use]
    pub fn with_inspection(mut self, id: InspectionId) -> Self {
        self.inspection_id = Some(id);
        self
    }

    /// The same in other words than its code's own, where these tell more of what was wrong.
    #[must_use]
    pub fn saying(mut self, text: Text) -> Self {
        for fault in &mut self.faults {
            fault.text = text;
        }
        self.text = Some(text);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same under another status than its code's own: what a fault script asks for.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A refusal of the token endpoint (RFC 6749 §5.2).
    #[must_use]
    pub fn oauth(error: TokenErrorCode) -> Self {
        let code = match error {
            TokenErrorCode::InvalidClient => ProblemCode::InvalidToken,
            _ => ProblemCode::InvalidParameter,
        };
        let mut refusal = Self::new(code);
        refusal.oauth = Some(error);
        if error == TokenErrorCode::InvalidClient {
            let challenge = HeaderValue::from_static("Basic realm=\"lingminban\"");
            refusal.headers.push((header::WWW_AUTHENTICATE, challenge));
        }
        refusal
    }

    /// What the refusal is, for programs.
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// The answer.
    #[must_use]
    pub fn told(self, language: Language, instance: &str, request_id: &str) -> Reply {
        let mut headers = HeaderMap::new();
        headers.extend(
            self.headers
                .into_iter()
                .map(|(name, value)| (Some(name), value)),
        );
        let body = if let Some(error) = self.oauth {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            serde_json::to_vec(&lingminban::api::TokenError {
                error: error.into(),
                error_description: Some(describe(error).to_owned()),
            })
        } else {
            let content_type = HeaderValue::from_static("application/problem+json");
            headers.insert(header::CONTENT_TYPE, content_type);
            let mut problem = Problem::new(self.code, language, instance, request_id);
            if let Some(text) = self.text {
                text.in_language(language).clone_into(&mut problem.detail);
            }
            if self.status != self.code.status() {
                problem.status = self.status.as_u16();
                problem.title = match language {
                    Language::Chinese => problem.title,
                    Language::English => reason(self.status),
                };
            }
            problem.errors = self
                .faults
                .into_iter()
                .map(|fault| fault.told(language))
                .collect();
            problem.application_id = self.application_id.map(|id| id.to_string());
            problem.inspection_id = self.inspection_id.map(|id| id.to_string());
            serde_json::to_vec(&problem)
        };
        // Strings and numbers alone always serialise.
        Reply::new(self.status, headers, body.unwrap_or_default())
    }
}

fn place_text(fault: &Fault) -> &str {
    match &fault.place {
        Place::Pointer(text) | Place::Parameter(text) => text,
        Place::Header(name) => name,
    }
}

fn reason(status: StatusCode) -> String {
    let known = status.canonical_reason();
    known.map_or_else(|| status.to_string(), str::to_owned)
}

/// ASCII, as RFC 6749 demands.
fn describe(error: TokenErrorCode) -> &'static str {
    match error {
        TokenErrorCode::InvalidRequest => {
            "a parameter is missing, repeated or malformed; send the credential once, in the header or in the form"
        }
        TokenErrorCode::InvalidClient => "no such client_id and client_secret",
        TokenErrorCode::UnsupportedGrantType => "only client_credentials is supported",
        TokenErrorCode::InvalidScope => "a scope is unknown",
    }
}
