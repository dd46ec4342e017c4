//! A record in a file, which is replaced whole or not at all.

#[cfg(feature = "key-storage")]
use alloc::vec::Vec;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::format::{Form, FormatError, Stored};
use super::{AuthRecord, AuthStore};
use crate::AuthKey;
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
    /// The file is no record.
    #[error("{}: {error}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        error: FormatError,
    },
    /// The key is under a password, and this store has none.
    #[error("{}: the key is under a password: open the file with `FileStore::encrypted`", path.display())]
    PasswordNeeded {
        /// Which file.
        path: PathBuf,
    },
    /// The key in the file is not under a password, although this store has one. Whoever can write the file may have put it there.
    #[error("{}: the key is not under a password: open the file with `FileStore::new`, if that is right", path.display())]
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

/// A record in a file.
///
/// The file is never changed: a new one is written beside it, brought to the disk, and put in its place, which a system does
/// at one stroke; then the folder is brought to the disk. On Unix nobody but the owner may read it. One process at a time may
/// save.
pub struct FileStore {
    path: PathBuf,
    #[cfg(feature = "key-storage")]
    sealing: Option<Sealing>,
}

/// What a key is sealed with, and the key that was sealed last: Argon2id takes its time, and states change more often than keys.
#[cfg(feature = "key-storage")]
struct Sealing {
    password: Zeroizing<Vec<u8>>,
    parameters: key_storage::Parameters,
    last: Option<(AuthKey, [u8; key_storage::STORED_BYTES])>,
}

impl FileStore {
    /// A file with the key as it is.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            #[cfg(feature = "key-storage")]
            sealing: None,
        }
    }

    /// A file with the key under a password. What goes with the key is not secret, and is written as it is.
    #[cfg(feature = "key-storage")]
    pub fn encrypted(
        path: impl Into<PathBuf>,
        password: &[u8],
        parameters: key_storage::Parameters,
    ) -> Self {
        Self {
            path: path.into(),
            sealing: Some(Sealing {
                password: Zeroizing::new(password.to_vec()),
                parameters,
                last: None,
            }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the next file is made.
    fn new_path(&self) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(".new");
        name.into()
    }

    fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let new = self.new_path();
        write_new(&new, bytes).map_err(|error| at(&new, error))?;
        fs::rename(&new, &self.path).map_err(|error| at(&self.path, error))?;
        self.sync_folder()
    }

    /// Without this a crash of the system may bring back what was in the folder before.
    fn sync_folder(&self) -> Result<(), StoreError> {
        if cfg!(not(unix)) {
            return Ok(());
        }
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| at(folder, error))
    }

    fn open_key(&mut self, stored: &Stored<'_>) -> Result<AuthKey, StoreError> {
        if stored.form == Form::Sealed {
            return self.unseal(stored.key);
        }
        let path = self.path.clone();
        if self.has_password() {
            return Err(StoreError::NotEncrypted { path });
        }
        let Ok(key) = <&[u8; 256]>::try_from(stored.key) else {
            let (form, length_bytes) = (0, stored.key.len());
            let error = FormatError::Form { form, length_bytes };
            return Err(StoreError::Format { path, error });
        };
        Ok(AuthKey::new(*key))
    }
}

#[cfg(not(feature = "key-storage"))]
impl FileStore {
    fn has_password(&self) -> bool {
        false
    }

    fn unseal(&mut self, _: &[u8]) -> Result<AuthKey, StoreError> {
        let path = self.path.clone();
        Err(StoreError::PasswordNeeded { path })
    }
}

#[cfg(feature = "key-storage")]
impl FileStore {
    fn has_password(&self) -> bool {
        self.sealing.is_some()
    }

    fn unseal(&mut self, stored: &[u8]) -> Result<AuthKey, StoreError> {
        let path = self.path.clone();
        let Some(sealing) = &mut self.sealing else {
            return Err(StoreError::PasswordNeeded { path });
        };
        let key = key_storage::open(stored, &sealing.password)
            .map_err(|error| StoreError::Sealed { path, error })?;
        let sealed = stored.try_into().ok();
        sealing.last = sealed.map(|sealed| (key.clone(), sealed));
        Ok(key)
    }
}

impl AuthStore for FileStore {
    type Error = StoreError;

    fn load(&mut self) -> Result<Option<AuthRecord>, StoreError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&self.path, error)),
        };
        let stored = Stored::from_bytes(&bytes).map_err(|error| StoreError::Format {
            path: self.path.clone(),
            error,
        })?;
        Ok(Some(AuthRecord {
            key: self.open_key(&stored)?,
            dc: stored.dc,
            created_at: stored.created_at,
            state: stored.state.to_vec(),
        }))
    }

    fn save(&mut self, record: &AuthRecord) -> Result<(), StoreError> {
        #[cfg_attr(
            not(feature = "key-storage"),
            expect(unused_mut, reason = "passwords change it")
        )]
        let mut stored = Stored {
            form: Form::Plain,
            key: record.key.as_bytes(),
            dc: record.dc,
            created_at: record.created_at,
            state: &record.state,
        };
        #[cfg(feature = "key-storage")]
        let sealed;
        #[cfg(feature = "key-storage")]
        if let Some(sealing) = &mut self.sealing {
            sealed = sealing
                .seal(&record.key)
                .map_err(|error| StoreError::Sealed {
                    path: self.path.clone(),
                    error,
                })?;
            stored.form = Form::Sealed;
            stored.key = &sealed;
        }
        self.write(&stored.to_bytes())
    }

    fn remove(&mut self) -> Result<(), StoreError> {
        for path in [&self.new_path(), &self.path] {
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

#[cfg(feature = "key-storage")]
impl Sealing {
    /// Seals a key, unless it is the one that was sealed last.
    fn seal(
        &mut self,
        key: &AuthKey,
    ) -> Result<[u8; key_storage::STORED_BYTES], key_storage::StorageError> {
        if let Some((last, sealed)) = &self.last
            && last == key
        {
            return Ok(*sealed);
        }
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let sealed = key_storage::seal(key, &self.password, self.parameters, &mut rng)?;
        self.last = Some((key.clone(), sealed));
        Ok(sealed)
    }
}

/// Writes a file for the owner alone, and brings it to the disk.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a process has left that did not get this far may have other rights.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
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
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
