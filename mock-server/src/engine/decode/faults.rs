//! What the schema finds, in the words of the contract.

use std::collections::BTreeMap;

use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use lingminban::{
    api::{FindingCode, Place},
    identifiers::{self, IdentifierError},
    text::Text,
};
use serde_json::Value;

use super::{document::Document, pointer::join};
use crate::engine::Fault;

/// Most faults told of one body; beyond, one more says that there are more.
pub(in crate::engine) const MOST_FAULTS: usize = 200;

/// Code of the fault at the whole body that says that not all faults are listed.
const MORE_FAULTS: &str = "more_faults";

const MORE_FAULTS_TEXT: Text = Text::new(
    "错误过多，未全部列出；请先改正所列各项",
    "There are too many faults to list them all; correct these first.",
);

/// Longest list of words or pattern repeated in a fault, in bytes.
const LONGEST_DETAIL: usize = 400;

/// Every fault, sorted by pointer, one a pointer.
pub(super) fn find(document: &Document, validator: &Validator, components: &Value) -> Vec<Fault> {
    let mut found = Found::default();
    // Unknown members last: when there are too many faults, those of known members are told.
    let (unknown, known): (Vec<_>, Vec<_>) = validator
        .iter_errors(&document.value)
        .partition(|error| names_of_unknown(error).is_some());
    for error in &known {
        found.add_error(error, components);
    }
    for pointer in &document.repeated {
        found.add(
            Rank::Repeated,
            pointer.clone(),
            FindingCode::DuplicateMember,
            None,
        );
    }
    for error in &unknown {
        found.add_unknown(error);
    }
    found.into_faults()
}

/// The body is refused by the type, yet the schema finds nothing: the contract contradicts itself, which
/// the tests hold for impossible. A decode that kept the path would give the pointer too, but is
/// compiled anew for every type of the contract: half a megabyte of program for what does not happen.
pub(super) fn unexplained(stopped: Option<&serde_json::Error>) -> Fault {
    let fault = Fault::finding(FindingCode::WrongFormat, "");
    match stopped {
        Some(error) => fault.with_detail(position(error)),
        None => fault,
    }
}

/// Where in the text an error was met.
pub(super) fn position(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

/// Of several faults at one pointer, the first of these is told: an identifier's own words say
/// more than its length or its pattern.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Unknown,
    Repeated,
    Missing,
    Type,
    List,
    Identifier,
    Range,
    Length,
    Format,
}

#[derive(Default)]
struct Found {
    by_pointer: BTreeMap<String, (Rank, Fault)>,
    more: bool,
}

impl Found {
    fn add_error(&mut self, error: &ValidationError<'_>, components: &Value) {
        use FindingCode as Code;
        use ValidationErrorKind as Kind;

        let place = error.instance_path().as_str().to_owned();
        let bounds = |least, most| bounds(error, components, least, most);
        match error.kind() {
            Kind::Required { property } => {
                let place = join(place, property.as_str().unwrap_or_default());
                self.add(Rank::Missing, place, Code::Required, None);
            }
            Kind::Type { kind } => self.add(Rank::Type, place, Code::WrongType, Some(types(kind))),
            Kind::Enum { options } => self.add(Rank::List, place, Code::NotInList, words(options)),
            Kind::Constant { expected_value } => {
                self.add(Rank::List, place, Code::NotInList, words(expected_value));
            }
            Kind::ExclusiveMinimum { limit } => {
                let above = format!("above {limit}");
                self.add(Rank::Range, place, Code::OutOfRange, Some(above));
            }
            Kind::Minimum { .. } | Kind::Maximum { .. } => {
                self.add(
                    Rank::Range,
                    place,
                    Code::OutOfRange,
                    bounds("minimum", "maximum"),
                );
            }
            Kind::MinLength { .. } | Kind::MaxLength { .. } => {
                self.add(
                    Rank::Length,
                    place,
                    Code::WrongLength,
                    bounds("minLength", "maxLength"),
                );
            }
            Kind::MinItems { .. } | Kind::MaxItems { .. } => {
                self.add(
                    Rank::Length,
                    place,
                    Code::WrongLength,
                    bounds("minItems", "maxItems"),
                );
            }
            Kind::Format { format } => match identifier_error(format, error.instance()) {
                Some(identifier) => self.add_identifier(place, identifier),
                None => self.add(Rank::Format, place, Code::WrongFormat, Some(shape(format))),
            },
            Kind::Pattern { pattern } => {
                self.add(
                    Rank::Format,
                    place,
                    Code::WrongFormat,
                    short(pattern.clone()),
                );
            }
            _ => self.add(Rank::Format, place, Code::WrongFormat, None),
        }
    }

    fn add_unknown(&mut self, error: &ValidationError<'_>) {
        let parent = error.instance_path().as_str();
        for name in names_of_unknown(error).into_iter().flatten() {
            let pointer = join(parent.to_owned(), name);
            self.add(Rank::Unknown, pointer, FindingCode::UnknownMember, None);
            if self.more {
                return;
            }
        }
    }

    fn add_identifier(&mut self, pointer: String, error: IdentifierError) {
        let fault = Fault::identifier(Place::Pointer(pointer.clone()), error);
        self.keep(pointer, Rank::Identifier, fault);
    }

    fn add(&mut self, rank: Rank, pointer: String, code: FindingCode, detail: Option<String>) {
        let fault = Fault {
            detail,
            ..Fault::finding(code, pointer.clone())
        };
        self.keep(pointer, rank, fault);
    }

    fn keep(&mut self, pointer: String, rank: Rank, fault: Fault) {
        let full = self.by_pointer.len() >= MOST_FAULTS;
        match self.by_pointer.get_mut(&pointer) {
            Some(kept) if rank < kept.0 => *kept = (rank, fault),
            Some(_) => {}
            None if full => self.more = true,
            None => {
                self.by_pointer.insert(pointer, (rank, fault));
            }
        }
    }

    fn into_faults(self) -> Vec<Fault> {
        let more = self.more.then(|| Fault {
            place: Place::Pointer(String::new()),
            code: MORE_FAULTS,
            text: MORE_FAULTS_TEXT,
            rule: None,
            detail: None,
        });
        more.into_iter()
            .chain(self.by_pointer.into_values().map(|(_, fault)| fault))
            .collect()
    }
}

fn names_of_unknown<'a>(error: &'a ValidationError<'_>) -> Option<&'a [String]> {
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => Some(unexpected),
        _ => None,
    }
}

/// What the identifier itself says of a text that is not one.
fn identifier_error(format: &str, instance: &Value) -> Option<IdentifierError> {
    let known = identifiers::formats()
        .iter()
        .find(|known| known.name == format)?;
    (known.check)(instance.as_str()?).err()
}

/// How a format of JSON Schema's own is written.
fn shape(format: &str) -> String {
    match format {
        "date" => "YYYY-MM-DD",
        "date-time" => "YYYY-MM-DDThh:mm:ss+08:00",
        other => other,
    }
    .to_owned()
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(several) => several
            .iter()
            .map(|one| one.to_string())
            .collect::<Vec<_>>()
            .join(" | "),
    }
}

fn words(options: &Value) -> Option<String> {
    let told = |word: &Value| {
        word.as_str()
            .map_or_else(|| word.to_string(), str::to_owned)
    };
    short(match options {
        Value::Array(words) => words.iter().map(told).collect::<Vec<_>>().join(", "),
        word => told(word),
    })
}

fn short(detail: String) -> Option<String> {
    Some(detail).filter(|detail| detail.len() <= LONGEST_DETAIL)
}

/// Both bounds of the schema that one of its bounds refused.
fn bounds(
    error: &ValidationError<'_>,
    components: &Value,
    least: &str,
    most: &str,
) -> Option<String> {
    let (schema, _) = error.schema_path().as_str().rsplit_once('/')?;
    let schema = components.pointer(schema)?;
    match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => Some(format!("{least}–{most}")),
        (Some(least), None) => Some(format!("≥ {least}")),
        (None, Some(most)) => Some(format!("≤ {most}")),
        (None, None) => None,
    }
}
