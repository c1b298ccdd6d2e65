//! What a rule may read of a submission: the whole of it, or those parts that decoded.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::fault::Fault;
use lingminban::api::Place;

/// A submission as the rules see it. A rule reads its inputs with [`Filing::get`] and says nothing
/// when one of them did not decode; so it runs as soon as its own inputs are right, whatever else
/// failed, and every fault is told in one answer (R164 Art 3).
pub enum Filing<'a, S> {
    /// All of it decoded.
    Whole(&'a S),
    /// Something did not.
    Parts {
        /// The body.
        value: &'a Value,
        /// What did not decode.
        faults: &'a [Fault],
    },
}

/// One member of a submission: its pointer and how to reach it, written once by [`field!`](crate::field).
pub struct Field<S, T> {
    /// Where it stands (RFC 6901).
    pub pointer: &'static str,
    /// Reaches it; `None` where an optional member on the way is absent.
    pub read: fn(&S) -> Option<&T>,
}

impl<S, T> Clone for Field<S, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, T> Copy for Field<S, T> {}

/// `field!(vehicle.vin)` is the member at `/vehicle/vin`; `field!(agent?.name)` goes through an
/// optional member.
#[macro_export]
#[doc(hidden)]
macro_rules! field {
    (@ ($s:ident) ($($reach:tt)*) ($($pointer:expr,)*) $name:ident ? . $($rest:tt)+) => {
        $crate::field!(@ ($s) ($($reach)* .$name.as_ref()?) ($($pointer,)* "/", stringify!($name),) $($rest)+)
    };
    (@ ($s:ident) ($($reach:tt)*) ($($pointer:expr,)*) $name:ident . $($rest:tt)+) => {
        $crate::field!(@ ($s) ($($reach)* .$name) ($($pointer,)* "/", stringify!($name),) $($rest)+)
    };
    (@ ($s:ident) ($($reach:tt)*) ($($pointer:expr,)*) $name:ident ?) => {
        $crate::engine::filing::Field {
            pointer: concat!($($pointer,)* "/", stringify!($name)),
            read: |$s| $($reach)* .$name.as_ref(),
        }
    };
    (@ ($s:ident) ($($reach:tt)*) ($($pointer:expr,)*) $name:ident) => {
        $crate::engine::filing::Field {
            pointer: concat!($($pointer,)* "/", stringify!($name)),
            read: |$s| Some(&$($reach)* .$name),
        }
    };
    ($($path:tt)+) => { $crate::field!(@ (submission) (submission) () $($path)+) };
}
impl<'a, S> Filing<'a, S> {
    /// The member, if it is there and decoded.
    #[must_use]
    pub fn get<T: DeserializeOwned + Clone>(&self, field: Field<S, T>) -> Option<Cow<'a, T>> {
        match *self {
            Self::Whole(submission) => (field.read)(submission).map(Cow::Borrowed),
            Self::Parts { value, faults } => {
                let spoilt = faults.iter().any(|fault| touches(fault, field.pointer));
                if spoilt {
                    return None;
                }
                let member = value.pointer(field.pointer)?;
                T::deserialize(member).ok().map(Cow::Owned)
            }
        }
    }

    /// Whether the member was sent, right or wrong.
    #[must_use]
    pub fn has<T>(&self, field: Field<S, T>) -> bool {
        match *self {
            Self::Whole(submission) => (field.read)(submission).is_some(),
            Self::Parts { value, .. } => value.pointer(field.pointer).is_some(),
        }
    }
}

impl<S> Filing<'_, S> {
    /// Looks at a member as a submission of its own; what is found wrong in it is told at its place in the
    /// whole. Nothing where the member is not there.
    #[must_use]
    pub fn within<T>(
        &self,
        member: Field<S, T>,
        examine: impl FnOnce(&Filing<'_, T>) -> Vec<Fault>,
    ) -> Vec<Fault> {
        let found = match *self {
            Self::Whole(submission) => {
                let part = (member.read)(submission).map(Filing::Whole);
                part.map(|part| examine(&part))
            }
            Self::Parts { value, faults } => value.pointer(member.pointer).map(|value| {
                let faults: Vec<Fault> = faults
                    .iter()
                    .filter_map(|fault| inside(fault, member.pointer))
                    .collect();
                examine(&Filing::Parts {
                    value,
                    faults: &faults,
                })
            }),
        };
        let placed = found.into_iter().flatten();
        placed.map(|fault| fault.within(member.pointer)).collect()
    }
}

/// The fault as the member's own: at its place in the member, or at the member's root where it lies
/// around it.
fn inside(fault: &Fault, member: &str) -> Option<Fault> {
    let Place::Pointer(place) = &fault.place else {
        return None;
    };
    let rest = place.strip_prefix(member).unwrap_or_default().to_owned();
    touches(fault, member).then(|| Fault {
        place: Place::Pointer(rest),
        ..fault.clone()
    })
}

impl<'a, S: Serialize> Filing<'a, S> {
    /// It as it came, for rules of many members that look alike.
    #[must_use]
    pub fn to_json(&self) -> Cow<'a, Value> {
        match *self {
            // What came as JSON goes back to JSON.
            Self::Whole(submission) => {
                Cow::Owned(serde_json::to_value(submission).unwrap_or_default())
            }
            Self::Parts { value, .. } => Cow::Borrowed(value),
        }
    }
}

/// Whether the fault lies at the member, inside it, or at something around it.
fn touches(fault: &Fault, pointer: &str) -> bool {
    let Place::Pointer(place) = &fault.place else {
        return false;
    };
    let (shorter, longer) = if place.len() < pointer.len() {
        (place.as_str(), pointer)
    } else {
        (pointer, place.as_str())
    };
    longer
        .strip_prefix(shorter)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lingminban::api::FindingCode;

    #[derive(Clone, serde::Deserialize)]
    struct Outer {
        inner: Option<Inner>,
        count: u8,
    }

    #[derive(Clone, serde::Deserialize)]
    struct Inner {
        word: String,
    }

    #[test]
    fn a_field_knows_its_pointer_and_its_value() {
        let whole = Outer {
            inner: Some(Inner { word: "w".into() }),
            count: 3,
        };
        let filing = Filing::Whole(&whole);
        let word: Field<Outer, String> = field!(inner?.word);
        assert_eq!(word.pointer, "/inner/word");
        assert_eq!(filing.get(word).as_deref().map(String::as_str), Some("w"));
        assert_eq!(filing.get(field!(count)).as_deref(), Some(&3));
        assert!(filing.has(field!(inner?)));
        let without = Outer {
            inner: None,
            count: 0,
        };
        assert!(Filing::Whole(&without).get(word).is_none());
        assert!(!Filing::Whole(&without).has(field!(inner?)));
    }

    #[test]
    fn only_what_did_not_decode_is_withheld() {
        let value = serde_json::json!({"inner": {"word": 1}, "count": 3});
        let faults = [Fault::finding(FindingCode::WrongType, "/inner/word")];
        let filing: Filing<'_, Outer> = Filing::Parts {
            value: &value,
            faults: &faults,
        };
        assert!(filing.get(field!(inner?.word)).is_none());
        assert!(filing.get(field!(inner?)).is_none());
        assert!(filing.has(field!(inner?)));
        assert_eq!(filing.get(field!(count)).as_deref(), Some(&3));
    }
}
