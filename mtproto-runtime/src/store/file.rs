//! A record in a file, which is replaced whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::record::Records;
use super::{AuthRecord, AuthStore, StoreError, create_for_owner};
#[cfg(feature = "key-storage")]
use crate::crypto::key_storage;

/// A record in a file.
///
/// The file is never changed: a new one is written beside it, brought to the disk, and put in its place, which a system does
/// at one stroke; then the folder is brought to the disk. On Unix nobody but the owner may read it. One process at a time may
/// save.
pub struct FileStore {
    records: Records,
}

impl FileStore {
    /// A file with the key as it is.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let records = Records::plain(path.into());
        Self { records }
    }

    /// A file with the key under a password. What goes with the key is not secret, and is written as it is.
    #[cfg(feature = "key-storage")]
    pub fn encrypted(
        path: impl Into<PathBuf>,
        password: &[u8],
        parameters: key_storage::Parameters,
    ) -> Self {
        let records = Records::encrypted(path.into(), password, parameters);
        Self { records }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.records.path()
    }

    /// Where the next file is made.
    fn new_path(&self) -> PathBuf {
        let mut name = OsString::from(self.path());
        name.push(".new");
        name.into()
    }

    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let new = self.new_path();
        write_new(&new, bytes).map_err(|error| at(&new, error))?;
        fs::rename(&new, self.path()).map_err(|error| at(self.path(), error))?;
        self.sync_folder()
    }

    /// Without this a crash of the system may bring back what was in the folder before.
    fn sync_folder(&self) -> Result<(), StoreError> {
        if cfg!(not(unix)) {
            return Ok(());
        }
        let folder = match self.path().parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| at(folder, error))
    }
}

impl AuthStore for FileStore {
    type Error = StoreError;

    fn load(&mut self) -> Result<Option<AuthRecord>, StoreError> {
        let bytes = match fs::read(self.path()) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(self.path(), error)),
        };
        self.records.read(&bytes).map(Some)
    }

    fn save(&mut self, record: &AuthRecord) -> Result<(), StoreError> {
        let bytes = self.records.write(record)?;
        self.write(&bytes)
    }

    fn remove(&mut self) -> Result<(), StoreError> {
        for path in [&self.new_path(), self.path()] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(at(path, error));
                }
                _ => {}
            }
        }
        self.sync_folder()
    }
}

/// Writes a file for the owner alone, and brings it to the disk.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a process has left that did not get this far may have other rights.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create_for_owner(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn at(path: &Path, error: io::Error) -> StoreError {
    StoreError::Io {
        path: path.to_path_buf(),
        error,
    }
}

impl core::fmt::Debug for FileStore {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FileStore")
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}
