//! A JSON text that can be spoilt: members in order and repeatable, scalars as they are spelled.

use serde_json::Value;

use crate::engine::decode::pointer;

#[derive(Clone, Debug)]
pub(super) enum Tree {
    /// A scalar, or any JSON at all, as it is written.
    Raw(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl From<&Value> for Tree {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), value.into()))
                    .collect(),
            ),
            scalar => Self::Raw(scalar.to_string()),
        }
    }
}

impl Tree {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Raw(text) => text.clone(),
            Self::List(items) => {
                format!(
                    "[{}]",
                    items.iter().map(Self::text).collect::<Vec<_>>().join(", ")
                )
            }
            Self::Object(members) => {
                let told: Vec<String> = members
                    .iter()
                    .map(|(name, value)| {
                        format!("{}: {}", Value::from(name.as_str()), value.text())
                    })
                    .collect();
                format!("{{{}}}", told.join(", "))
            }
        }
    }

    /// Every place, the whole first.
    pub(super) fn places(&self) -> Vec<String> {
        let mut places = Vec::new();
        self.collect_places(String::new(), &mut places);
        places
    }

    fn collect_places(&self, own: String, places: &mut Vec<String>) {
        places.push(own.clone());
        match self {
            Self::Raw(_) => {}
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.collect_places(pointer::join_index(own.clone(), index), places);
                }
            }
            Self::Object(members) => {
                for (name, value) in members {
                    value.collect_places(pointer::join(own.clone(), name), places);
                }
            }
        }
    }

    pub(super) fn at(&mut self, place: &str) -> &mut Self {
        let Some(rest) = place.strip_prefix('/') else {
            return self;
        };
        let (segment, rest) = rest.find('/').map_or((rest, ""), |cut| rest.split_at(cut));
        let name = segment.replace("~1", "/").replace("~0", "~");
        let child = match self {
            Self::Raw(_) => None,
            Self::List(items) => name
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get_mut(index)),
            Self::Object(members) => members
                .iter_mut()
                .find(|(own, _)| *own == name)
                .map(|(_, value)| value),
        };
        child.expect("a place of this tree").at(rest)
    }

    /// The members around a member, and its index among them.
    pub(super) fn siblings(&mut self, place: &str) -> Option<(&mut Vec<(String, Tree)>, usize)> {
        let (parent, segment) = place.rsplit_once('/')?;
        let name = segment.replace("~1", "/").replace("~0", "~");
        let Self::Object(members) = self.at(parent) else {
            return None;
        };
        let index = members.iter().position(|(own, _)| *own == name)?;
        Some((members, index))
    }

    /// The text of a string, when it is one.
    pub(super) fn as_text(&self) -> Option<String> {
        let Self::Raw(raw) = self else { return None };
        serde_json::from_str(raw).ok()
    }

    /// The number, when it is one.
    pub(super) fn as_integer(&self) -> Option<i64> {
        let Self::Raw(raw) = self else { return None };
        raw.parse().ok()
    }
}
