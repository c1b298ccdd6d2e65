//! RFC 6901 pointers, bounded in length.

use std::fmt::Write;

/// Longest pointer built, in bytes. The contract's own are below a hundred; one that is longer
/// holds a foreign member's name, and half a megabyte of it must not come back per fault.
const LIMIT: usize = 512;

/// A place in a body that is being read, from the leaf to the root.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    Root,
    Member { parent: &'a Path<'a>, name: &'a str },
    Item { parent: &'a Path<'a>, index: usize },
}

impl Path<'_> {
    /// The pointer of this place, or of its deepest ancestor that has a pointer within the limit.
    pub(super) fn pointer(&self) -> String {
        self.built().unwrap_or_else(|ancestor| ancestor)
    }

    /// An ancestor's pointer, as the error, when a name on the way is too long.
    fn built(&self) -> Result<String, String> {
        match self {
            Self::Root => Ok(String::new()),
            Self::Item { parent, index } => Ok(join_index(parent.built()?, *index)),
            Self::Member { parent, name } => {
                let parent = parent.built()?;
                if fits(&parent, name) {
                    Ok(join(parent, name))
                } else {
                    Err(parent)
                }
            }
        }
    }
}

fn fits(parent: &str, name: &str) -> bool {
    parent.len() + name.len() < LIMIT
}

/// The pointer of a member; the parent's when the name is too long to be repeated.
pub(in crate::engine) fn join(mut parent: String, name: &str) -> String {
    if !fits(&parent, name) {
        return parent;
    }
    parent.push('/');
    for character in name.chars() {
        match character {
            '~' => parent.push_str("~0"),
            '/' => parent.push_str("~1"),
            other => parent.push(other),
        }
    }
    parent
}

/// The pointer of an item of a list.
pub(super) fn join_index(mut parent: String, index: usize) -> String {
    // Writing to a string cannot fail.
    let _ = write!(parent, "/{index}");
    parent
}
