//! From the bytes of a body to a contract type, or to every fault of it at once.
//!
//! Two roads that accept the same. The good body takes a strict typed decode alone. Only when that
//! fails does the document's own schema look for the faults, all of them (一次告知, R164 Art 3).

mod digest;
mod document;
mod faults;
mod pointer;
mod strict;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt, sync::OnceLock};

use jsonschema::{PatternOptions, Validator};
use lingminban::{
    api::{Place, ProblemCode},
    identifiers, moment,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::document::Document;
use super::Fault;

pub use digest::BodyDigest;
pub(super) use {faults::MOST_FAULTS, pointer::join};

/// Why a body cannot be taken.
pub enum Unreadable {
    /// It is not JSON.
    Malformed(Fault),
    /// It is JSON, but not what the operation asks for.
    Faulty {
        /// What came, for rules whose own inputs are right. Of a repeated member, the last.
        value: Value,
        /// Every fault, sorted by pointer, one a pointer; never empty.
        faults: Vec<Fault>,
    },
}

/// The body may hold personal data: only the faults are shown.
impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(fault) => f.debug_tuple("Malformed").field(fault).finish(),
            Self::Faulty { faults, .. } => f
                .debug_struct("Faulty")
                .field("faults", faults)
                .finish_non_exhaustive(),
        }
    }
}

/// The component schemas of an OpenAPI document. The document is asked for when a body first
/// fails, each schema compiled when a body first fails it: most runs need neither.
pub struct Schemas {
    document: fn() -> Value,
    components: OnceLock<Components>,
}

struct Components {
    schemas: Value,
    compiled: HashMap<String, OnceLock<Option<Validator>>>,
}

impl Components {
    fn of(mut document: Value) -> Self {
        let schemas = document.pointer_mut("/components/schemas").map(Value::take);
        let names = schemas
            .iter()
            .filter_map(Value::as_object)
            .flat_map(|schemas| schemas.keys());
        let compiled = names.map(|name| (name.clone(), OnceLock::new())).collect();
        Self {
            schemas: json!({ "components": { "schemas": schemas } }),
            compiled,
        }
    }

    /// `None` for a component that does not exist or is no valid schema; the body is then told to
    /// be at fault where serde stopped.
    fn validator(&self, name: &str) -> Option<&Validator> {
        self.compiled
            .get(name)?
            .get_or_init(|| compile(name, &self.schemas))
            .as_ref()
    }
}

impl Schemas {
    /// The component schemas of the document that `document` builds.
    #[must_use]
    pub const fn new(document: fn() -> Value) -> Self {
        Self {
            document,
            components: OnceLock::new(),
        }
    }

    fn components(&self) -> &Components {
        self.components
            .get_or_init(|| Components::of((self.document)()))
    }

    /// Reads a body as `T`, whose schema is the component `name`.
    ///
    /// # Errors
    /// [`Unreadable`]: with all faults, never with what was sent in a text.
    pub fn decode<T: DeserializeOwned>(&self, name: &str, bytes: &[u8]) -> Result<T, Unreadable> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(self.explain(name, bytes, None));
        };
        strict::from_str(text).map_err(|stopped| self.explain(name, bytes, Some(&stopped)))
    }

    fn explain(&self, name: &str, bytes: &[u8], stopped: Option<&serde_json::Error>) -> Unreadable {
        let document = match Document::read(bytes, MOST_FAULTS + 1) {
            Ok(document) => document,
            Err(error) => return Unreadable::Malformed(malformed(bytes, &error)),
        };
        let components = self.components();
        let mut faults = match components.validator(name) {
            Some(validator) => faults::find(&document, validator, &components.schemas),
            None => Vec::new(),
        };
        if faults.is_empty() {
            faults.push(faults::unexplained(stopped));
        }
        Unreadable::Faulty {
            value: document.value,
            faults,
        }
    }
}

fn compile(name: &str, components: &Value) -> Option<Validator> {
    let mut schema = components.clone();
    schema
        .as_object_mut()?
        .insert("$ref".into(), format!("#/components/schemas/{name}").into());
    let mut options = jsonschema::draft202012::options()
        .should_validate_formats(true)
        // The engine without backtracking: time stays linear in the body.
        .with_pattern_options(PatternOptions::regex())
        .with_format("date", |text: &str| moment::calendar_date(text).is_some());
    for format in identifiers::formats() {
        options = options.with_format(format.name, |text: &str| (format.check)(text).is_ok());
    }
    options
        .build(&schema)
        .inspect_err(|error| tracing::error!(name, %error, "schema"))
        .ok()
}

/// Says where the text stops being JSON; serde_json's words for it hold nothing of the text.
fn malformed(bytes: &[u8], error: &serde_json::Error) -> Fault {
    let told = error.to_string();
    let reason = match told.split(" at line ").next() {
        _ if bytes.starts_with(b"\xEF\xBB\xBF") => "UTF-8 without byte order mark expected",
        _ if error.is_data() => "unreadable",
        Some("recursion limit exceeded") => "nested more than 127 levels deep",
        Some(reason) => reason,
        None => "unreadable",
    };
    Fault {
        place: Place::Pointer(String::new()),
        code: "malformed_json",
        text: ProblemCode::MalformedJson.text(),
        rule: None,
        detail: Some(format!("{}: {reason}", faults::position(error))),
    }
}
