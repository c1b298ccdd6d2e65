//! The database behind the spaces: SQLite, in one directory that one process has for itself.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, TransactionBehavior, params};

use super::rows::{Change, Damaged, Reader, Unwritable};
use crate::engine::space::SpaceId;

/// Says whose file it is (`LMBS`), in the header of every SQLite file.
const APPLICATION_ID: u32 = 0x4C4D_4253;

/// Raised by whoever changes what a stored row says: a member, a word, the order of the directory of
/// outlets, to which rows refer by place. [`UPGRADES`] then leads here from the one before.
const VERSION: u32 = 4;

/// From each version to the next, the first from 1 to 2.
///
/// 2: a state has a lineage, which begins with the first era, and a subscription has a list of the
/// old secrets that still sign, where it had one at most.
///
/// 3: what was handled is counted by day, service and outlet; until then the applications alone told it.
/// Applications may be of more services, ask for more materials, and end a registration.
///
/// 4: a registration has a list of mortgages with their contracts, where it had a mortgagee at most.
/// The contract was not kept, nor the day, for which the owner's stands in. Applications may be parts
/// of a bundle.
const UPGRADES: [&str; VERSION as usize - 1] = [
    "
    INSERT INTO rows (space, snapshot, kind, key, value)
        SELECT space, snapshot, 'era', '0',
            '{\"number\":0,\"tokens\":0,\"events\":0,\"highest\":{\"events\":0,\"tests\":0}}'
        FROM rows WHERE kind = 'rest';
    UPDATE rows SET value = json_set(value, '$.previous', CASE json_type(value, '$.previous')
            WHEN 'array' THEN json_array(json_extract(value, '$.previous'))
            ELSE json_array()
        END)
        WHERE kind = 'webhook';
",
    "
    INSERT INTO rows (space, snapshot, kind, key, value)
        SELECT space, snapshot, 'statistic',
            CAST(row_number() OVER (PARTITION BY space, snapshot ORDER BY since, filed) - 1 AS TEXT),
            json_object('cell', json_array(day, service, outlet), 'counts',
                json_object('received', received, 'completed', completed, 'refused', refused))
        FROM (SELECT space, snapshot,
                date(entered.value ->> 1, '+8 hours') AS day,
                rows.value ->> 'service' AS service,
                rows.value ->> 'outlet' AS outlet,
                min(julianday(entered.value ->> 1)) AS since,
                min(CAST(rows.key AS INTEGER)) AS filed,
                sum(entered.value ->> 0 = 'received') AS received,
                sum(entered.value ->> 0 = 'completed') AS completed,
                sum(entered.value ->> 0 IN ('refused', 'not_accepted')) AS refused
            FROM rows, json_each(rows.value, '$.history') AS entered
            WHERE rows.kind = 'application'
                AND entered.value ->> 0 IN ('received', 'completed', 'refused', 'not_accepted')
            GROUP BY space, snapshot, day, service, outlet);
",
    "
    UPDATE rows SET value = json_remove(
            json_set(value, '$.registration.mortgages',
                CASE json_type(value, '$.registration.mortgagee')
                WHEN 'text' THEN json_array(json_object(
                    'lender', json_extract(value, '$.registration.mortgagee'),
                    'lender_name', NULL,
                    'contract_number', NULL,
                    'registered_on', json_extract(value, '$.registration.acquired_on'),
                    'pledged', json('false')))
                ELSE json_array()
                END),
            '$.registration.mortgagee')
        WHERE kind = 'vehicle' AND json_type(value, '$.registration') = 'object';
    UPDATE rows SET value = json_remove(
            json_set(value, '$.outcome.record.registration.mortgages',
                CASE json_type(value, '$.outcome.record.registration.mortgagee')
                WHEN 'text' THEN json_array(json_object(
                    'lender', json_extract(value, '$.outcome.record.registration.mortgagee'),
                    'lender_name', NULL,
                    'contract_number', NULL,
                    'registered_on', json_extract(value, '$.outcome.record.registration.acquired_on'),
                    'pledged', json('false')))
                ELSE json_array()
                END),
            '$.outcome.record.registration.mortgagee')
        WHERE kind = 'application' AND json_type(value, '$.outcome.record.registration') = 'object';
",
];

const DATABASE: &str = "spaces.db";
const LOCK: &str = "spaces.lock";

/// `AUTOINCREMENT` never gives the number of a space that was deleted to another.
///
/// Rows have a number of their own beside the index of their keys: they are longer than a quarter of
/// a page, and would be cut in pieces if the index held them.
const SCHEMA: &str = "
    CREATE TABLE spaces (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        settings TEXT NOT NULL,
        snapshots_taken INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE rows (
        space INTEGER NOT NULL,
        snapshot INTEGER NOT NULL,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (space, snapshot, kind, key)
    ) STRICT;
";

/// What is handed to the system outlives the process, kill -9 included, whatever `synchronous`
/// says. `NORMAL` adds that a machine that loses its power loses the last moments only, and never
/// the whole file; what it costs is paid once in so many pages, here 32 MiB of them.
///
/// One process has the directory, so the index of the log needs no shared memory.
const SETTINGS: &str = "
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = 8192;
";

/// Why the spaces of a directory cannot be had, or not be kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error(
        "数据目录 {0} 正被另一个沙箱使用；请先停止它，或换一个目录 / the data directory {0} is in use by another sandbox; stop that one, or choose another directory"
    )]
    InUse(PathBuf),
    /// The file is somebody else's.
    #[error(
        "{0} 不是沙箱的数据文件，未作改动；请换一个目录 / {0} is no data file of the sandbox and was left as it is; choose another directory"
    )]
    Foreign(PathBuf),
    /// A version of the sandbox wrote it that this one does not know.
    #[error(
        "{file} 由其他版本的沙箱写成（格式 {version}，本版本为 {VERSION}），未作改动；请用原版本打开，或换一个目录 / {file} was written by another version of the sandbox (format {version}, this one has {VERSION}) and was left as it is; open it with that version, or choose another directory"
    )]
    OtherVersion {
        /// The file.
        file: PathBuf,
        /// The version of what is in it.
        version: u32,
    },
    /// The directory or a file in it cannot be used.
    #[error("无法使用数据目录 / cannot use the data directory {path}: {error}")]
    Unusable {
        /// The directory or the file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database does not do what it should.
    #[error("数据库出错 / the database fails: {0}")]
    Database(#[from] rusqlite::Error),
    /// It was closed.
    #[error("数据目录已关闭 / the data directory was closed")]
    Closed,
    /// A space was read that makes no sense.
    #[error("空间 {space} 的数据已损坏 / the data of space {space} is damaged: {damaged}", space = .place.space.0)]
    Damaged {
        /// Which.
        place: Place,
        /// What of it.
        damaged: Damaged,
    },
    /// A space cannot be written.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
}

/// One state of a space: the living one, or a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The space.
    pub space: SpaceId,
    /// The snapshot's number, from 1; 0 is the living state.
    pub snapshot: u32,
}

impl Place {
    /// The living state of a space.
    #[must_use]
    pub fn living(space: SpaceId) -> Self {
        Self { space, snapshot: 0 }
    }

    /// A snapshot of a space.
    #[must_use]
    pub fn snapshot(space: SpaceId, snapshot: u32) -> Self {
        Self { space, snapshot }
    }
}

/// A space as the store lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its number.
    pub space: SpaceId,
    /// What it was started with, as JSON.
    pub settings: String,
    /// How many snapshots were taken of it.
    pub snapshots_taken: u32,
}

/// The database of a directory.
#[derive(Debug)]
pub struct Store {
    open: Mutex<Option<Open>>,
}

/// Dropped in this order.
#[derive(Debug)]
struct Open {
    connection: Connection,
    /// Let go of by the system when the process ends, however it ends.
    _lock: Lock,
}

/// The lock on a directory. Closing the file is not enough to let go of it: a program that is being
/// started elsewhere in this process holds the same file open until it runs.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the data directory stays locked until this process ends");
        }
    }
}

impl Store {
    /// Opens the database of a directory, which is made when it is not there.
    ///
    /// # Errors
    /// When another process has it, or what is there is not a database of this version or of one
    /// before: it is left as it is then.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        make(directory).map_err(unusable(directory))?;
        let lock = lock(directory)?;
        let file = directory.join(DATABASE);
        if !is_there(&file)? {
            create(&file)?;
        }
        let mut connection = Connection::open(&file)?;
        connection.execute_batch(SETTINGS)?;
        upgrade(&mut connection)?;
        let open = Open {
            connection,
            _lock: lock,
        };
        Ok(Self {
            open: Mutex::new(Some(open)),
        })
    }

    /// Lets go of the directory, so that another may open it. There is nothing left to be written;
    /// whatever is asked from now on fails.
    pub fn close(&self) {
        *self.opened() = None;
    }

    /// Every space there is, in the order of their numbers.
    ///
    /// # Errors
    /// When the database fails.
    pub fn spaces(&self) -> Result<Vec<Registered>, StoreError> {
        self.with(|connection| {
            let mut statement = connection
                .prepare("SELECT number, settings, snapshots_taken FROM spaces ORDER BY number")?;
            let rows = statement.query_map([], |row| {
                Ok(Registered {
                    space: SpaceId(row.get(0)?),
                    settings: row.get(1)?,
                    snapshots_taken: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The number after the highest that a space ever had.
    ///
    /// # Errors
    /// When the database fails.
    pub fn next_space(&self) -> Result<SpaceId, StoreError> {
        self.with(|connection| {
            let next = connection.query_row(
                "SELECT COALESCE(MAX(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'spaces'",
                [],
                |row| row.get(0),
            )?;
            Ok(SpaceId(next))
        })
    }

    /// Every state of every space.
    ///
    /// # Errors
    /// When the database fails.
    pub fn load(&self) -> Result<BTreeMap<Place, Reader>, StoreError> {
        self.with(|connection| {
            let mut statement =
                connection.prepare("SELECT space, snapshot, kind, key, value FROM rows")?;
            let mut rows = statement.query([])?;
            let mut states: BTreeMap<Place, Reader> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let place = Place::snapshot(SpaceId(row.get(0)?), row.get(1)?);
                let state = states.entry(place).or_default();
                state.add(row.get(2)?, row.get(3)?, row.get(4)?);
            }
            Ok(states)
        })
    }

    /// One state of a space.
    ///
    /// # Errors
    /// When the database fails.
    pub fn load_one(&self, place: Place) -> Result<Reader, StoreError> {
        self.with(|connection| {
            let mut statement = connection
                .prepare("SELECT kind, key, value FROM rows WHERE space = ?1 AND snapshot = ?2")?;
            let mut rows = statement.query(params![place.space.0, place.snapshot])?;
            let mut reader = Reader::default();
            while let Some(row) = rows.next()? {
                reader.add(row.get(0)?, row.get(1)?, row.get(2)?);
            }
            Ok(reader)
        })
    }

    /// Writes all of something or, when anything fails, nothing of it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn write(
        &self,
        write: impl FnOnce(&Writing<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.with(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            write(&Writing {
                connection: &transaction,
            })?;
            Ok(transaction.commit()?)
        })
    }

    fn with<T>(
        &self,
        ask: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut open = self.opened();
        let open = open.as_mut().ok_or(StoreError::Closed)?;
        ask(&mut open.connection)
    }

    /// Whoever panicked while holding it left a transaction that is undone by now.
    fn opened(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A transaction under way.
#[derive(Debug)]
pub struct Writing<'a> {
    connection: &'a Connection,
}

impl Writing<'_> {
    /// Lists a space, if it is not listed yet.
    ///
    /// # Errors
    /// When the database fails.
    pub fn register(&self, space: SpaceId, settings: &str) -> Result<(), StoreError> {
        let mut register = self.connection.prepare_cached(
            "INSERT INTO spaces (number, settings, snapshots_taken) VALUES (?1, ?2, 0)
             ON CONFLICT DO NOTHING",
        )?;
        register.execute(params![space.0, settings])?;
        Ok(())
    }

    /// Says how many snapshots were taken of a space.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_snapshots(&self, space: SpaceId, taken: u32) -> Result<(), StoreError> {
        let mut count = self
            .connection
            .prepare_cached("UPDATE spaces SET snapshots_taken = ?2 WHERE number = ?1")?;
        count.execute(params![space.0, taken])?;
        Ok(())
    }

    /// Changes rows of a state.
    ///
    /// # Errors
    /// When the database fails.
    pub fn apply(&self, place: Place, changes: &[Change]) -> Result<(), StoreError> {
        let (space, snapshot) = (place.space.0, place.snapshot);
        let mut put = self.connection.prepare_cached(
            "INSERT INTO rows (space, snapshot, kind, key, value) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET value = excluded.value",
        )?;
        let mut take = self.connection.prepare_cached(
            "DELETE FROM rows WHERE space = ?1 AND snapshot = ?2 AND kind = ?3 AND key = ?4",
        )?;
        for Change { kind, key, value } in changes {
            match value {
                Some(value) => put.execute(params![space, snapshot, kind, key, value])?,
                None => take.execute(params![space, snapshot, kind, key])?,
            };
        }
        Ok(())
    }

    /// Puts a whole state in the place of what was there.
    ///
    /// # Errors
    /// When the database fails.
    pub fn replace(&self, place: Place, rows: &[Change]) -> Result<(), StoreError> {
        self.forget(place)?;
        self.apply(place, rows)
    }

    /// Forgets a state.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget(&self, place: Place) -> Result<(), StoreError> {
        let mut forget = self
            .connection
            .prepare_cached("DELETE FROM rows WHERE space = ?1 AND snapshot = ?2")?;
        forget.execute(params![place.space.0, place.snapshot])?;
        Ok(())
    }

    /// Forgets a space with its snapshots.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_space(&self, space: SpaceId) -> Result<(), StoreError> {
        for table in [
            "DELETE FROM rows WHERE space = ?1",
            "DELETE FROM spaces WHERE number = ?1",
        ] {
            let mut forget = self.connection.prepare_cached(table)?;
            forget.execute(params![space.0])?;
        }
        Ok(())
    }
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    |error| StoreError::Unusable { path, error }
}

/// Makes a directory that is not there: for its owner alone, where the system knows owners.
fn make(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}

/// A file that is made so is its owner's alone, for there are people in it. What SQLite puts beside
/// a database takes after it.
fn private(open: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(open, 0o600);
    open
}

/// The system lets go of it when the process ends, so no dead process keeps a directory.
fn lock(directory: &Path) -> Result<Lock, StoreError> {
    let path = directory.join(LOCK);
    let mut open = File::options();
    open.write(true).create(true).truncate(false);
    let file = private(&mut open).open(&path).map_err(unusable(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(&path)(error)),
    }
}

/// Whether there is a database of ours; `false` when there is none.
///
/// Read without SQLite, which may write to what it opens: <https://www.sqlite.org/fileformat2.html#the_database_header>.
fn is_there(file: &Path) -> Result<bool, StoreError> {
    let mut header = [0; 100];
    let read = match File::open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened.and_then(|mut file| file.read_exact(&mut header)),
    };
    match read {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(StoreError::Foreign(file.to_owned()));
        }
        read => read.map_err(unusable(file))?,
    }
    let number = |at: usize| {
        header[at..]
            .iter()
            .take(4)
            .fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
    };
    if !header.starts_with(b"SQLite format 3\0") || number(68) != APPLICATION_ID {
        return Err(StoreError::Foreign(file.to_owned()));
    }
    match number(60) {
        1..=VERSION => Ok(true),
        version => Err(StoreError::OtherVersion {
            file: file.to_owned(),
            version,
        }),
    }
}

/// Leads what a version before has written to this one, all of the way or not at all.
///
/// Whoever opens a file next looks at its header, so the new version must stand there and not in the
/// log alone.
fn upgrade(connection: &mut Connection) -> Result<(), StoreError> {
    // Not from the header: a version that is in the log counts.
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let Some(steps) = UPGRADES.get((version as usize).saturating_sub(1)..) else {
        return Ok(());
    };
    if steps.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in steps {
        transaction.execute_batch(step)?;
    }
    transaction.execute_batch(&format!("PRAGMA user_version = {VERSION}"))?;
    transaction.commit()?;
    Ok(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
}

/// Made beside its place and moved there, so that whoever is killed meanwhile leaves no half of one.
fn create(file: &Path) -> Result<(), StoreError> {
    let beside = file.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(unusable(&beside)(error));
        }
        _ => {}
    }
    let mut open = File::options();
    private(open.write(true).create_new(true))
        .open(&beside)
        .map_err(unusable(&beside))?;
    let connection = Connection::open(&beside)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = OFF;
         PRAGMA application_id = {APPLICATION_ID};
         PRAGMA user_version = {VERSION};
         {SCHEMA}"
    ))?;
    connection.close().map_err(|(_, error)| error)?;
    fs::rename(&beside, file).map_err(unusable(file))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A directory of one test, gone afterwards.
    pub(in crate::engine::store) struct Scratch(PathBuf);

    impl Scratch {
        pub(in crate::engine::store) fn new(name: &str) -> Self {
            let name = format!("lingminban-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        pub(in crate::engine::store) fn store(&self) -> Store {
            Store::open(&self.0).unwrap()
        }

        fn database(&self) -> PathBuf {
            self.0.join(DATABASE)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    impl Store {
        pub(in crate::engine::store) fn execute(&self, statements: &str) {
            let executed = self.with(|connection| Ok(connection.execute_batch(statements)?));
            executed.unwrap();
        }
    }

    fn put(kind: &'static str, key: u32, value: u32) -> Change {
        let (key, value) = (key.to_string(), Some(value.to_string()));
        Change { kind, key, value }
    }

    fn take(kind: &'static str, key: u32) -> Change {
        let (key, value) = (key.to_string(), None);
        Change { kind, key, value }
    }

    const LIVING: Place = Place {
        space: SpaceId(3),
        snapshot: 0,
    };
    const SNAPSHOT: Place = Place {
        space: SpaceId(3),
        snapshot: 1,
    };
    const OTHER: Place = Place {
        space: SpaceId(4),
        snapshot: 0,
    };

    /// All rows of one kind in every state.
    fn all(store: &Store, kind: &'static str) -> Vec<(Place, Vec<(u32, u32)>)> {
        let mut states = store.load().unwrap();
        let rows = states.iter_mut().map(|(place, reader)| {
            let mut rows = reader.table(kind).unwrap();
            rows.sort_unstable();
            (*place, rows)
        });
        rows.collect()
    }

    #[test]
    fn what_was_written_is_there_after_opening_again() {
        let scratch = Scratch::new("reopen");
        let store = scratch.store();
        let written = store.write(|writing| {
            writing.apply(LIVING, &[put("a", 1, 10), put("a", 2, 20)])?;
            writing.apply(OTHER, &[put("a", 1, 30)])
        });
        written.unwrap();
        let changed = store
            .write(|writing| writing.apply(LIVING, &[put("a", 1, 11), take("a", 2), take("a", 9)]));
        changed.unwrap();
        drop(store);
        let store = scratch.store();
        assert_eq!(
            all(&store, "a"),
            [(LIVING, vec![(1, 11)]), (OTHER, vec![(1, 30)])]
        );
        let mut one = store.load_one(OTHER).unwrap();
        assert_eq!(one.table::<u32, u32>("a"), Ok(vec![(1, 30)]));
        assert_eq!(one.finish(), Ok(()));
    }

    #[test]
    fn states_are_replaced_and_forgotten_by_themselves() {
        let scratch = Scratch::new("states");
        let store = scratch.store();
        let written = store.write(|writing| {
            for place in [LIVING, SNAPSHOT, OTHER] {
                writing.replace(place, &[put("a", 1, 1), put("b", 1, 1)])?;
            }
            writing.replace(LIVING, &[put("a", 2, 2)])
        });
        written.unwrap();
        let untouched = vec![(1, 1)];
        assert_eq!(
            all(&store, "a"),
            [
                (LIVING, vec![(2, 2)]),
                (SNAPSHOT, untouched.clone()),
                (OTHER, untouched.clone())
            ]
        );
        store.write(|writing| writing.forget(LIVING)).unwrap();
        assert_eq!(
            all(&store, "b"),
            [(SNAPSHOT, untouched.clone()), (OTHER, untouched.clone())]
        );
        let forgotten = store.write(|writing| writing.forget_space(LIVING.space));
        forgotten.unwrap();
        assert_eq!(all(&store, "a"), [(OTHER, untouched)]);
    }

    #[test]
    fn a_number_is_never_given_twice() {
        let scratch = Scratch::new("numbers");
        let store = scratch.store();
        assert_eq!(store.next_space().unwrap(), SpaceId(1));
        let listed = store.write(|writing| {
            for number in [0, 1, 2] {
                writing.register(SpaceId(number), "{}")?;
            }
            writing.register(SpaceId(1), "other")?;
            writing.count_snapshots(SpaceId(1), 5)
        });
        listed.unwrap();
        let deleted = store.write(|writing| {
            writing.forget_space(SpaceId(0))?;
            writing.forget_space(SpaceId(2))
        });
        deleted.unwrap();
        drop(store);
        let store = scratch.store();
        assert_eq!(store.next_space().unwrap(), SpaceId(3));
        let left = Registered {
            space: SpaceId(1),
            settings: "{}".to_owned(),
            snapshots_taken: 5,
        };
        assert_eq!(store.spaces().unwrap(), [left]);
    }

    #[test]
    fn what_fails_half_way_leaves_nothing() {
        let scratch = Scratch::new("half");
        let store = scratch.store();
        let failed = store.write(|writing| {
            writing.apply(LIVING, &[put("a", 1, 1)])?;
            Err(Unwritable { kind: "b" }.into())
        });
        assert!(matches!(failed, Err(StoreError::Unwritable(_))));
        assert_eq!(all(&store, "a"), []);
    }

    #[test]
    fn a_directory_has_one_owner() {
        let scratch = Scratch::new("owner");
        let store = scratch.store();
        let refused = Store::open(&scratch.0).unwrap_err();
        assert!(matches!(refused, StoreError::InUse(_)), "{refused}");
        store.close();
        scratch.store();
        assert!(matches!(store.spaces(), Err(StoreError::Closed)));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_made_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;

        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let scratch = Scratch::new("private");
        let store = scratch.store();
        let written = store.write(|writing| writing.apply(LIVING, &[put("a", 1, 1)]));
        written.unwrap();
        assert_eq!(mode(&scratch.0), 0o700);
        let mut names = Vec::new();
        for entry in fs::read_dir(&scratch.0).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode(&path), 0o600, "{}", path.display());
            names.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        assert_eq!(names, [DATABASE, "spaces.db-wal", LOCK]);
        drop(store);
        // Somebody else's directory stays as it is.
        fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o755)).unwrap();
        scratch.store();
        assert_eq!(mode(&scratch.0), 0o755);
    }

    #[test]
    fn what_is_not_ours_is_refused_and_left_alone() {
        let scratch = Scratch::new("foreign");
        fs::create_dir_all(&scratch.0).unwrap();
        let mut other = fs::read({
            scratch.store();
            scratch.database()
        })
        .unwrap();
        other[60..64].copy_from_slice(&(VERSION + 1).to_be_bytes());
        let mut foreign = other.clone();
        foreign[68] = 0;
        for (bytes, told) in [
            (other, "格式 5"),
            (foreign, "no data file"),
            (b"a shopping list".to_vec(), "no data file"),
            (Vec::new(), "no data file"),
            (vec![b'#'; 5_000], "no data file"),
        ] {
            fs::write(scratch.database(), &bytes).unwrap();
            let refused = Store::open(&scratch.0).unwrap_err().to_string();
            assert!(refused.contains(told), "{refused}");
            assert!(refused.contains(DATABASE), "{refused}");
            assert_eq!(fs::read(scratch.database()).unwrap(), bytes);
        }
    }

    #[test]
    fn a_creation_that_was_cut_short_is_made_up_for() {
        let scratch = Scratch::new("cut-short");
        fs::create_dir_all(&scratch.0).unwrap();
        fs::write(scratch.database().with_extension("new"), b"SQLite for").unwrap();
        let store = scratch.store();
        store
            .write(|writing| writing.apply(LIVING, &[put("a", 1, 1)]))
            .unwrap();
        assert_eq!(all(&store, "a"), [(LIVING, vec![(1, 1)])]);
    }

    #[test]
    fn a_place_that_cannot_be_a_directory_is_told() {
        let scratch = Scratch::new("no-directory");
        fs::write(&scratch.0, b"").unwrap();
        let refused = Store::open(&scratch.0).unwrap_err().to_string();
        assert!(refused.contains("lingminban-no-directory"), "{refused}");
        fs::remove_file(&scratch.0).unwrap();
    }
}
