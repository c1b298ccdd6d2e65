//! What a store keeps of a space: rows of a kind, a key and a value, the last two as JSON.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};

use super::tracked::{Rows, Tracked};

/// A row to be written or, without a value, to be taken away.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is a row of; one word for each collection.
    pub kind: &'static str,
    /// Finds it among the rows of its kind.
    pub key: String,
    /// What it says.
    pub value: Option<String>,
}

/// Keys and values may hold personal data.
impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = if self.value.is_some() { "put" } else { "take" };
        write!(f, "Change({verb} {})", self.kind)
    }
}

/// A value cannot be written as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("不能写成 JSON / cannot be written as JSON: {kind}")]
pub struct Unwritable {
    /// Of which kind it is.
    pub kind: &'static str,
}

/// Collects rows from the parts of a space.
#[derive(Debug)]
pub struct Writer {
    whole: bool,
    changes: Vec<Change>,
    failed: Option<Unwritable>,
}

impl Writer {
    /// Collects every row; whatever it visits is watched from then on.
    #[must_use]
    pub fn of_everything() -> Self {
        Self::new(true)
    }

    /// Collects the rows that changed since they were last collected.
    #[must_use]
    pub fn of_changes() -> Self {
        Self::new(false)
    }

    fn new(whole: bool) -> Self {
        Self {
            whole,
            changes: Vec::new(),
            failed: None,
        }
    }

    /// Whether it collects every row.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether it found nothing so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.failed.is_none()
    }

    /// Visits a collection.
    pub fn table<T: Rows>(&mut self, kind: &'static str, table: &mut Tracked<T>)
    where
        T::Key: Serialize,
        T::Row: Serialize,
    {
        if self.whole {
            table.watch();
            for key in table.all_keys() {
                self.put(kind, &key, table.row(&key));
            }
        } else {
            for key in table.take_changed() {
                self.put(kind, &key, table.row(&key));
            }
        }
    }

    /// Writes the only row of a kind.
    pub fn single(&mut self, kind: &'static str, row: &impl Serialize) {
        self.put(kind, &(), Some(row));
    }

    fn put(&mut self, kind: &'static str, key: &impl Serialize, row: Option<&impl Serialize>) {
        let key = serde_json::to_string(key);
        let value = row.map(serde_json::to_string).transpose();
        match (key, value) {
            (Ok(key), Ok(value)) => self.changes.push(Change { kind, key, value }),
            _ => self.failed = Some(Unwritable { kind }),
        }
    }

    /// What was found.
    ///
    /// # Errors
    /// When a row could not be written; none is given then.
    pub fn finish(self) -> Result<Vec<Change>, Unwritable> {
        self.failed.map_or(Ok(self.changes), Err)
    }
}

/// What was stored is not what this version writes. It tells the kind alone: keys and values may be
/// personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("无法读懂的记录 / rows that make no sense: {kind}")]
pub struct Damaged {
    /// Of which kind the rows are.
    pub kind: String,
}

impl Damaged {
    /// Rows of this kind make no sense.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        let kind = kind.to_owned();
        Self { kind }
    }
}

/// Hands the stored rows of a space to its parts.
#[derive(Default)]
pub struct Reader {
    rows: HashMap<String, Vec<(String, String)>>,
}

impl Reader {
    /// Adds a stored row.
    pub fn add(&mut self, kind: String, key: String, value: String) {
        self.rows.entry(kind).or_default().push((key, value));
    }

    /// The rows of a collection, in no order.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn table<K, V>(&mut self, kind: &'static str) -> Result<Vec<(K, V)>, Damaged>
    where
        K: DeserializeOwned,
        V: DeserializeOwned,
    {
        let rows = self.rows.remove(kind).unwrap_or_default();
        let read = |(key, value): (String, String)| {
            Ok((serde_json::from_str(&key)?, serde_json::from_str(&value)?))
        };
        rows.into_iter()
            .map(read)
            .collect::<Result<_, serde_json::Error>>()
            .map_err(|_| Damaged::of(kind))
    }

    /// The rows of a list in its order.
    ///
    /// # Errors
    /// When one of them cannot be read, or one is missing.
    pub fn list<V: DeserializeOwned>(&mut self, kind: &'static str) -> Result<Vec<V>, Damaged> {
        let mut rows: Vec<(u32, V)> = self.table(kind)?;
        rows.sort_unstable_by_key(|(place, _)| *place);
        let complete = (0..).zip(&rows).all(|(place, row)| place == row.0);
        if !complete {
            return Err(Damaged::of(kind));
        }
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// The only row of a kind.
    ///
    /// # Errors
    /// When it cannot be read, or there is not exactly one.
    pub fn single<V: DeserializeOwned>(&mut self, kind: &'static str) -> Result<V, Damaged> {
        let mut rows: Vec<((), V)> = self.table(kind)?;
        match (rows.pop(), rows.is_empty()) {
            (Some(((), row)), true) => Ok(row),
            _ => Err(Damaged::of(kind)),
        }
    }

    /// # Errors
    /// When there are rows that nothing asked for: they mean something this version cannot keep.
    pub fn finish(self) -> Result<(), Damaged> {
        self.rows
            .keys()
            .min()
            .map_or(Ok(()), |kind| Err(Damaged::of(kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(rows: &[(&str, &str, &str)]) -> Reader {
        let mut reader = Reader::default();
        for (kind, key, value) in rows {
            reader.add((*kind).to_owned(), (*key).to_owned(), (*value).to_owned());
        }
        reader
    }

    #[test]
    fn a_list_comes_back_in_its_order_or_not_at_all() {
        let rows = [("n", "10", "10"), ("n", "2", "2")];
        assert_eq!(reader(&rows).list::<u8>("n"), Err(Damaged::of("n")));
        let all: Vec<_> = (0..12).map(|place: u8| place.to_string()).collect();
        let rows: Vec<_> = all
            .iter()
            .rev()
            .map(|text| ("n", &**text, &**text))
            .collect();
        assert_eq!(
            reader(&rows).list::<u8>("n"),
            Ok((0..12).collect::<Vec<_>>())
        );
    }

    #[test]
    fn a_single_row_is_one() {
        assert_eq!(reader(&[("s", "null", "7")]).single::<u8>("s"), Ok(7));
        for rows in [
            vec![],
            vec![("s", "null", "7"), ("s", "null", "8")],
            vec![("s", "1", "7")],
            vec![("s", "null", "seven")],
        ] {
            assert_eq!(reader(&rows).single::<u8>("s"), Err(Damaged::of("s")));
        }
    }

    #[test]
    fn what_nobody_reads_is_told_and_what_it_says_is_not() {
        let mut reader = reader(&[
            ("people", "\"370399199003070016\"", "{}"),
            ("s", "null", "7"),
        ]);
        assert_eq!(reader.single::<u8>("s"), Ok(7));
        let told = reader.finish().unwrap_err().to_string();
        assert!(told.contains("people") && !told.contains("3703"), "{told}");
    }

    #[test]
    fn a_writer_gives_all_or_what_changed() {
        let mut table = Tracked::<HashMap<&str, u8>>::default();
        table.insert("a", 1);
        let mut written = |writer: fn() -> Writer, change: fn(&mut Tracked<HashMap<_, _>>)| {
            change(&mut table);
            let mut writer = writer();
            writer.table("t", &mut table);
            let mut changes = writer.finish().unwrap();
            changes.sort_by(|one, other| one.key.cmp(&other.key));
            let told = changes.into_iter().map(|change| (change.key, change.value));
            told.collect::<Vec<_>>()
        };
        let row = |key: &str, value: Option<&str>| (format!("\"{key}\""), value.map(str::to_owned));
        assert_eq!(written(Writer::of_changes, |_| ()), []);
        assert_eq!(
            written(Writer::of_everything, |_| ()),
            [row("a", Some("1"))]
        );
        assert_eq!(written(Writer::of_changes, |_| ()), []);
        let change = |table: &mut Tracked<HashMap<_, _>>| {
            table.remove(&"a");
            table.insert("b", 2);
        };
        assert_eq!(
            written(Writer::of_changes, change),
            [row("a", None), row("b", Some("2"))]
        );
        assert_eq!(
            written(Writer::of_everything, |_| ()),
            [row("b", Some("2"))]
        );
    }
}
