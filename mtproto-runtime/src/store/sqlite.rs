//! Records in a database of [SQLite](https://www.sqlite.org/), which replaces each whole or not at all.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloc::string::String;
use alloc::vec::Vec;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior};
use zeroize::Zeroizing;

use super::record::Records;
use super::{AuthRecord, AuthStore, StoreError, create_for_owner};
#[cfg(feature = "key-storage")]
use crate::crypto::key_storage;

/// `application_id` of the database: `TLAK`, for "TL authorization keys".
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"TLAK");
/// `user_version` of the database.
const VERSION: i32 = 1;
/// How long to wait for another process that saves.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Every page is on the disk before a save returns, and so is the folder (`EXTRA`); what is replaced is overwritten, so that
/// no old key stays behind in free pages (`secure_delete`).
const SETTINGS: &str = "\
    PRAGMA journal_mode = DELETE; \
    PRAGMA synchronous = EXTRA; \
    PRAGMA secure_delete = ON; \
    PRAGMA trusted_schema = OFF;";

const TABLE: &str = "\
    CREATE TABLE IF NOT EXISTS auth_record (\
        name TEXT PRIMARY KEY NOT NULL, \
        record BLOB NOT NULL\
    ) STRICT, WITHOUT ROWID;";

/// A record in a database, which may hold others under other names: those of other data centers, or of other accounts.
///
/// A record has the form it has in a [`FileStore`](super::FileStore), checksum and all. On Unix nobody but the owner may read
/// the database. Several processes may load and save.
///
/// ```
/// use mtproto_runtime::AuthKey;
/// use mtproto_runtime::store::{AuthRecord, AuthStore, SqliteStore};
/// use mtproto_runtime::time::UnixTime;
///
/// # let folder = std::env::temp_dir().join(format!("sqlite-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let mut store = SqliteStore::new(folder.join("keys.sqlite"), "dc2");
/// assert!(store.load()?.is_none());
/// let record = AuthRecord::new(AuthKey::new([7; 256]), 2, UnixTime::from_secs(1_750_000_000));
/// store.save(&record)?;
/// assert_eq!(store.load()?, Some(record));
/// # drop(store);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SqliteStore {
    records: Records,
    name: String,
}

impl SqliteStore {
    /// The record of that name in a database, with the key as it is. The first save makes it.
    pub fn new(path: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self::of(Records::plain(path.into()), name.into())
    }

    /// The same with the key under a password. What goes with the key is not secret, and is written as it is.
    #[cfg(feature = "key-storage")]
    pub fn encrypted(
        path: impl Into<PathBuf>,
        name: impl Into<String>,
        password: &[u8],
        parameters: key_storage::Parameters,
    ) -> Self {
        let records = Records::encrypted(path.into(), password, parameters);
        Self::of(records, name.into())
    }

    fn of(records: Records, name: String) -> Self {
        Self { records, name }
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        self.records.path()
    }

    /// Does something with the database. Each time it is opened anew: saves are rare, and somebody may have put another file
    /// in its place.
    fn with<T>(
        &self,
        run: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = self.open()?;
        run(&connection).map_err(|error| self.sqlite(error))
    }

    fn exists(&self) -> Result<bool, StoreError> {
        self.path().try_exists().map_err(|error| self.io(error))
    }

    fn open(&self) -> Result<Connection, StoreError> {
        // SQLite gives its journals the rights of the database.
        match create_for_owner(self.path()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(self.io(error));
            }
            _ => {}
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(self.path(), flags);
        let mut connection = opened.map_err(|error| self.sqlite(error))?;
        match prepare(&mut connection) {
            Ok(None) => Ok(connection),
            Ok(Some((application_id, version))) => Err(StoreError::OtherDatabase {
                path: self.path().to_path_buf(),
                application_id,
                version,
            }),
            Err(error) => Err(self.sqlite(error)),
        }
    }

    fn io(&self, error: io::Error) -> StoreError {
        let path = self.path().to_path_buf();
        StoreError::Io { path, error }
    }

    fn sqlite(&self, error: rusqlite::Error) -> StoreError {
        let path = self.path().to_path_buf();
        StoreError::Sqlite { path, error }
    }
}

/// Makes the table if the database is empty; returns whose it is if it is not ours: `application_id` and `user_version`.
fn prepare(connection: &mut Connection) -> rusqlite::Result<Option<(i32, i32)>> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let whose = |connection: &Connection| -> rusqlite::Result<(i32, i32, i64)> {
        let number = "SELECT * FROM pragma_application_id, pragma_user_version, \
            (SELECT count(*) FROM sqlite_schema)";
        connection.query_row(number, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
    };
    let (application_id, version, tables) = whose(connection)?;
    let is_ours = (application_id, version) == (APPLICATION_ID, VERSION);
    if !is_ours && (application_id, version, tables) != (0, 0, 0) {
        return Ok(Some((application_id, version)));
    }
    // Not before: the mode of the journal is kept in the database.
    connection.execute_batch(SETTINGS)?;
    if is_ours {
        return Ok(None);
    }
    // Another process may be about to make it, too.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match whose(&transaction)? {
        (APPLICATION_ID, VERSION, _) => {}
        (0, 0, 0) => {
            transaction.execute_batch(TABLE)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        (application_id, version, _) => return Ok(Some((application_id, version))),
    }
    transaction.commit()?;
    Ok(None)
}

impl AuthStore for SqliteStore {
    type Error = StoreError;

    fn load(&mut self) -> Result<Option<AuthRecord>, StoreError> {
        if !self.exists()? {
            return Ok(None);
        }
        let select = "SELECT record FROM auth_record WHERE name = ?";
        let bytes = self.with(|connection| {
            let row = connection.query_row(select, [&self.name], |row| row.get::<_, Vec<u8>>(0));
            row.optional()
        })?;
        let bytes = bytes.map(Zeroizing::new);
        bytes.map(|bytes| self.records.read(&bytes)).transpose()
    }

    fn save(&mut self, record: &AuthRecord) -> Result<(), StoreError> {
        let bytes = self.records.write(record)?;
        let replace = "INSERT INTO auth_record (name, record) VALUES (?, ?) \
            ON CONFLICT (name) DO UPDATE SET record = excluded.record";
        self.with(|connection| connection.execute(replace, (&self.name, bytes.as_slice())))?;
        Ok(())
    }

    fn remove(&mut self) -> Result<(), StoreError> {
        if self.exists()? {
            let delete = "DELETE FROM auth_record WHERE name = ?";
            self.with(|connection| connection.execute(delete, [&self.name]))?;
        }
        Ok(())
    }
}

impl core::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path())
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
