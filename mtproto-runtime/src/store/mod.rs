//! Stores: where a client keeps its authorization key between two runs.
//!
//! A handshake is a matter of a second, but a key stands for a login: who loses it logs in anew. So a store loses nothing. Beside
//! the driver (`net`), which has no store of its own: give it what [`AuthStore::load`] finds, and save what it
//! exports. Page: [storing an authorization key](https://core.telegram.org/mtproto/description#storing-an-authorization-key-on-a-client-device).
//!
//! [`FileStore`] is the one for most: a file, replaced whole or not at all. `SqliteStore` (feature `sqlite`) keeps the records
//! of several data centers or accounts in one database. Both write the same bytes, and take the key under a password with the
//! feature `key-storage`.
//!
//! ```
//! use mtproto_runtime::AuthKey;
//! use mtproto_runtime::store::{AuthRecord, AuthStore, FileStore};
//! use mtproto_runtime::time::UnixTime;
//!
//! # let folder = std::env::temp_dir().join(format!("store-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! let mut store = FileStore::new(folder.join("dc2.key"));
//! assert!(store.load()?.is_none());
//! let record = AuthRecord::new(AuthKey::new([7; 256]), 2, UnixTime::from_secs(1_750_000_000));
//! store.save(&record)?;
//! assert_eq!(store.load()?, Some(record));
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod file;
mod format;
mod record;
#[cfg(feature = "sqlite")]
mod sqlite;

use alloc::vec::Vec;
use core::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::AuthKey;
use crate::time::UnixTime;

pub use error::StoreError;
pub use file::FileStore;
pub use format::FormatError;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// Keeps one record: that of one data center.
pub trait AuthStore {
    /// Why it can't.
    type Error: core::error::Error + Send + Sync + 'static;

    /// The record that was saved last; `None` if none ever was.
    ///
    /// # Errors
    ///
    /// There is something that can't be read.
    fn load(&mut self) -> Result<Option<AuthRecord>, Self::Error>;

    /// Puts a record in the place of the one before. Whatever happens meanwhile, one of the two is there afterwards; when this
    /// returns, the new one.
    ///
    /// # Errors
    ///
    /// It could not be saved. Either record is there.
    fn save(&mut self, record: &AuthRecord) -> Result<(), Self::Error>;

    /// Forgets the record, if there is one.
    ///
    /// # Errors
    ///
    /// It could not be removed.
    fn remove(&mut self) -> Result<(), Self::Error>;
}

/// What a client keeps.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthRecord {
    /// The permanent key.
    pub key: AuthKey,
    /// The data center it was made with.
    pub dc: i32,
    /// When it was made, by the server's clock, in whole seconds; the epoch, if that is not known.
    pub created_at: UnixTime,
    /// What goes with it: `ClientState::to_bytes`. May be empty.
    pub state: Vec<u8>,
}

impl AuthRecord {
    /// A key without a state.
    pub fn new(key: AuthKey, dc: i32, created_at: UnixTime) -> Self {
        Self {
            key,
            dc,
            created_at,
            state: Vec::new(),
        }
    }

    /// The same with that state.
    #[must_use]
    pub fn with_state(self, state: Vec<u8>) -> Self {
        Self { state, ..self }
    }
}

/// There are salts in the state.
impl fmt::Debug for AuthRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthRecord")
            .field("key", &self.key)
            .field("dc", &self.dc)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// Makes a file that nobody but the owner may read.
fn create_for_owner(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
