//! Why a store can't load or save.

use std::io;
use std::path::PathBuf;

use super::FormatError;
#[cfg(feature = "key-storage")]
use crate::crypto::key_storage;

/// Why a file can't be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The system says so.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
    /// The database says so.
    #[cfg(feature = "sqlite")]
    #[error("{}: {error}", path.display())]
    Sqlite {
        /// Which file.
        path: PathBuf,
        /// What it says.
        error: rusqlite::Error,
    },
    /// The file is a database of another program, or of a later version of this one.
    #[cfg(feature = "sqlite")]
    #[error(
        "{}: the database has the application id {application_id:#010x} and version {version}: it is no store of keys, or of a later program",
        path.display()
    )]
    OtherDatabase {
        /// Which file.
        path: PathBuf,
        /// Its `application_id`.
        application_id: i32,
        /// Its `user_version`.
        version: i32,
    },
    /// The file holds no record.
    #[error("{}: {error}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        error: FormatError,
    },
    /// The key is under a password, and this store has none.
    #[error("{}: the key is under a password: open the store with `encrypted`", path.display())]
    PasswordNeeded {
        /// Which file.
        path: PathBuf,
    },
    /// The stored key is not under a password, although this store has one. Whoever can write the file may have put it there.
    #[error("{}: the key is not under a password: open the store with `new`, if that is right", path.display())]
    NotEncrypted {
        /// Which file.
        path: PathBuf,
    },
    /// The key can't be put under its password, or got from under it.
    #[cfg(feature = "key-storage")]
    #[error("{}: {error}", path.display())]
    Sealed {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: key_storage::StorageError,
    },
}
