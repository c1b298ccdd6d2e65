//! Collections that note what changes in them, so that a store writes that and nothing else.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::Hash,
    ops::Deref,
};

/// A collection whose members are rows, each under a key of its own.
pub trait Rows {
    /// What finds a row.
    type Key: Clone + Eq + Hash;
    /// What it says.
    type Row;

    /// A row.
    fn row(&self, key: &Self::Key) -> Option<&Self::Row>;

    /// Every key.
    fn all_keys(&self) -> Vec<Self::Key>;
}

/// A collection that can be read like any other, and changed only through methods that note what
/// they change. Until somebody [watches](Tracked::watch) it notes nothing and costs nothing.
#[derive(Clone, Debug)]
pub struct Tracked<T: Rows> {
    rows: T,
    changed: Option<HashSet<T::Key>>,
}

/// An empty collection, unwatched. Deriving it would ask the keys for a default too.
impl<T: Rows + Default> Default for Tracked<T> {
    fn default() -> Self {
        Self {
            rows: T::default(),
            changed: None,
        }
    }
}

impl<T: Rows> Deref for Tracked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.rows
    }
}

impl<T: Rows> Tracked<T> {
    /// Notes changes from now on.
    pub fn watch(&mut self) {
        self.changed = Some(HashSet::new());
    }

    /// Keys of the rows that were put, changed or taken away since the last call; none when nobody
    /// watches.
    pub fn take_changed(&mut self) -> HashSet<T::Key> {
        self.changed
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    fn note(&mut self, key: &T::Key) {
        if let Some(changed) = &mut self.changed {
            changed.insert(key.clone());
        }
    }
}

impl<K: Clone + Eq + Hash, V> Rows for HashMap<K, V> {
    type Key = K;
    type Row = V;

    fn row(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    fn all_keys(&self) -> Vec<K> {
        self.keys().cloned().collect()
    }
}

impl<K: Clone + Eq + Hash, V> Tracked<HashMap<K, V>> {
    /// Puts a row, in the place of the one with this key if there is one.
    pub fn insert(&mut self, key: K, row: V) {
        self.note(&key);
        self.rows.insert(key, row);
    }

    /// Takes a row away.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let row = self.rows.remove(key)?;
        self.note(key);
        Some(row)
    }
}

impl<K: Clone + Ord + Hash, V> Rows for BTreeMap<K, V> {
    type Key = K;
    type Row = V;

    fn row(&self, key: &K) -> Option<&V> {
        self.get(key)
    }

    fn all_keys(&self) -> Vec<K> {
        self.keys().cloned().collect()
    }
}

impl<K: Clone + Ord + Hash, V> Tracked<BTreeMap<K, V>> {
    /// Puts a row, in the place of the one with this key if there is one.
    pub fn insert(&mut self, key: K, row: V) {
        self.note(&key);
        self.rows.insert(key, row);
    }

    /// A row, to be changed.
    pub fn edit(&mut self, key: &K) -> Option<&mut V> {
        if self.rows.contains_key(key) {
            self.note(key);
        }
        self.rows.get_mut(key)
    }

    /// Takes a row away.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let row = self.rows.remove(key)?;
        self.note(key);
        Some(row)
    }
}

impl<K: Clone + Eq + Hash> Rows for HashSet<K> {
    type Key = K;
    type Row = ();

    fn row(&self, key: &K) -> Option<&()> {
        self.contains(key).then_some(&())
    }

    fn all_keys(&self) -> Vec<K> {
        self.iter().cloned().collect()
    }
}

impl<K: Clone + Eq + Hash> Tracked<HashSet<K>> {
    /// Puts a key in.
    pub fn insert(&mut self, key: K) {
        if !self.rows.contains(&key) {
            self.note(&key);
            self.rows.insert(key);
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &K) {
        if self.rows.remove(key) {
            self.note(key);
        }
    }
}

/// The key is the place; nothing is ever taken out.
impl<V> Rows for Vec<V> {
    type Key = u32;
    type Row = V;

    fn row(&self, key: &u32) -> Option<&V> {
        self.get(*key as usize)
    }

    fn all_keys(&self) -> Vec<u32> {
        (0..end(self)).collect()
    }
}

impl<V> Tracked<Vec<V>> {
    /// Puts a row at the end; gives its key.
    pub fn push(&mut self, row: V) -> u32 {
        let key = end(&self.rows);
        self.note(&key);
        self.rows.push(row);
        key
    }

    /// A row, to be changed.
    pub fn edit(&mut self, key: u32) -> Option<&mut V> {
        if (key as usize) < self.rows.len() {
            self.note(&key);
        }
        self.rows.get_mut(key as usize)
    }
}

fn end<V>(rows: &[V]) -> u32 {
    u32::try_from(rows.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_noted_until_somebody_watches() {
        let mut list = Tracked::<Vec<&str>>::default();
        list.push("before");
        assert!(list.take_changed().is_empty());
        list.watch();
        assert!(list.take_changed().is_empty());
        list.push("after");
        assert_eq!(list.take_changed(), HashSet::from([1]));
        assert!(list.take_changed().is_empty());
    }

    #[test]
    fn every_way_of_changing_is_noted_and_no_way_of_leaving_alone() {
        let mut list = Tracked::<Vec<u8>>::default();
        list.watch();
        assert!(list.edit(0).is_none());
        assert!(list.take_changed().is_empty());
        let key = list.push(1);
        list.take_changed();
        *list.edit(key).unwrap() = 2;
        assert_eq!(list.take_changed(), HashSet::from([key]));

        let mut map = Tracked::<HashMap<&str, u8>>::default();
        map.watch();
        assert_eq!(map.remove(&"a"), None);
        assert!(map.take_changed().is_empty());
        map.insert("a", 1);
        assert_eq!(map.take_changed(), HashSet::from(["a"]));
        map.insert("a", 2);
        assert_eq!(map.take_changed(), HashSet::from(["a"]));
        assert_eq!(map.remove(&"a"), Some(2));
        assert_eq!(map.take_changed(), HashSet::from(["a"]));

        let mut ordered = Tracked::<BTreeMap<&str, u8>>::default();
        ordered.watch();
        assert!(ordered.edit(&"a").is_none() && ordered.remove(&"a").is_none());
        assert!(ordered.take_changed().is_empty());
        ordered.insert("a", 1);
        assert_eq!(ordered.take_changed(), HashSet::from(["a"]));
        *ordered.edit(&"a").unwrap() = 2;
        assert_eq!(ordered.take_changed(), HashSet::from(["a"]));
        assert_eq!(ordered.remove(&"a"), Some(2));
        assert_eq!(ordered.take_changed(), HashSet::from(["a"]));

        let mut set = Tracked::<HashSet<&str>>::default();
        set.watch();
        set.remove(&"a");
        assert!(set.take_changed().is_empty());
        set.insert("a");
        assert_eq!(set.take_changed(), HashSet::from(["a"]));
        set.insert("a");
        assert!(set.take_changed().is_empty());
        set.remove(&"a");
        assert_eq!(set.take_changed(), HashSet::from(["a"]));
    }
}
