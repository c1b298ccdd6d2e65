//! One thing wrong at one place of a request.

use lingminban::{
    api::{FindingCode, Place, ProblemCode, ProblemError},
    identifiers::IdentifierError,
    services::ENTRUSTMENT_RULE,
    text::{Language, Text},
};

/// One thing wrong at one place of a request, before it is put into somebody's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What, for programs.
    pub code: &'static str,
    /// What, for people.
    pub text: Text,
    /// Article or standard.
    pub rule: Option<&'static str>,
    /// What no fixed text can say, such as line and column; language-neutral.
    pub detail: Option<String>,
}

impl Fault {
    /// A rule's finding at a place of the body.
    #[must_use]
    pub fn finding(code: FindingCode, pointer: impl Into<String>) -> Self {
        Self::at(Place::Pointer(pointer.into()), code)
    }

    /// A rule's finding at any place.
    #[must_use]
    pub fn at(place: Place, code: FindingCode) -> Self {
        let rule = Some(code.rule()).filter(|rule| *rule != "API");
        Self {
            place,
            code: code.as_str(),
            text: code.text(),
            rule,
            detail: None,
        }
    }

    /// What a whole request is refused for, at the place that shows it.
    #[must_use]
    pub fn problem(code: ProblemCode, place: Place) -> Self {
        Self {
            place,
            code: code.as_str(),
            text: code.text(),
            rule: is_of_entrustment(code).then_some(ENTRUSTMENT_RULE),
            detail: None,
        }
    }

    /// An identifier whose form, calendar or checksum is not right.
    #[must_use]
    pub fn identifier(place: Place, error: IdentifierError) -> Self {
        Self {
            place,
            code: error.code(),
            text: error.text(),
            rule: error.rule(),
            detail: None,
        }
    }

    /// The same with what no fixed text can say.
    #[must_use]
    pub fn with_detail(mut self, detail: String) -> Self {
        self.detail = Some(detail);
        self
    }

    /// The same of a body that is a member of another. What a header does not allow is not allowed of
    /// this member.
    #[must_use]
    pub fn within(self, member: &str) -> Self {
        let pointer = match self.place {
            Place::Pointer(pointer) => format!("{member}{pointer}"),
            Place::Header(_) | Place::Parameter(_) => member.to_owned(),
        };
        Self {
            place: Place::Pointer(pointer),
            ..self
        }
    }

    /// The fault in somebody's language.
    #[must_use]
    pub fn told(self, language: Language) -> ProblemError {
        let mut message = self.text.in_language(language).to_owned();
        if let Some(detail) = &self.detail {
            message.push_str(" (");
            message.push_str(detail);
            message.push(')');
        }
        ProblemError::new(self.place, self.code, message, self.rule)
    }
}

/// 委托 (R164 Art 69): whether the code says what an outlet or operator has no mandate for.
const fn is_of_entrustment(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::ServiceNotEntrusted
            | ProblemCode::VehicleClassNotEntrusted
            | ProblemCode::DistrictNotEntrusted
            | ProblemCode::OutletNotOfPartner
            | ProblemCode::OperatorNotOfOutlet
            | ProblemCode::OperatorNotAssessed
            | ProblemCode::OperatorCertificateLapsed
    )
}
