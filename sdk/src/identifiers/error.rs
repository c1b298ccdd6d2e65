//! What is wrong with an identifier, without repeating it.

use std::fmt;

use crate::text::Text;

/// Why a text is not the identifier it should be.
///
/// Never holds the text itself: identity numbers and telephone numbers must not reach a log
/// through an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierError {
    code: &'static str,
    rule: Option<&'static str>,
    text: Text,
}

impl IdentifierError {
    pub(crate) const fn new(
        code: &'static str,
        rule: Option<&'static str>,
        zh: &'static str,
        en: &'static str,
    ) -> Self {
        Self {
            code,
            rule,
            text: Text::new(zh, en),
        }
    }

    /// The kind of fault, for programs: `length`, `charset`, `check_digit`, `birth_date`, …
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The standard that is broken, such as `GB 16735-2019`, where there is one.
    #[must_use]
    pub const fn rule(&self) -> Option<&'static str> {
        self.rule
    }

    /// What is wrong and what to do, for people.
    #[must_use]
    pub const fn text(&self) -> Text {
        self.text
    }
}

impl fmt::Display for IdentifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.text.zh, self.text.en)?;
        match self.rule {
            Some(rule) => write!(f, " [{rule}]"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for IdentifierError {}
