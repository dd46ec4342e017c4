//! From records to bytes and back, with the key under a password if there is one: alike for all stores.

use alloc::vec::Vec;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::format::{Form, FormatError, Stored};
use super::{AuthRecord, StoreError};
use crate::AuthKey;
#[cfg(feature = "key-storage")]
use crate::crypto::key_storage;

/// Writes and reads the records of one file.
pub(super) struct Records {
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

impl Records {
    pub(super) fn plain(path: PathBuf) -> Self {
        Self {
            path,
            #[cfg(feature = "key-storage")]
            sealing: None,
        }
    }

    #[cfg(feature = "key-storage")]
    pub(super) fn encrypted(
        path: PathBuf,
        password: &[u8],
        parameters: key_storage::Parameters,
    ) -> Self {
        Self {
            path,
            sealing: Some(Sealing {
                password: Zeroizing::new(password.to_vec()),
                parameters,
                last: None,
            }),
        }
    }

    /// The file, which errors name.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<AuthRecord, StoreError> {
        let stored = Stored::from_bytes(bytes).map_err(|error| StoreError::Format {
            path: self.path.clone(),
            error,
        })?;
        Ok(AuthRecord {
            key: self.open_key(&stored)?,
            dc: stored.dc,
            created_at: stored.created_at,
            state: stored.state.to_vec(),
        })
    }

    pub(super) fn write(&mut self, record: &AuthRecord) -> Result<Zeroizing<Vec<u8>>, StoreError> {
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
        Ok(stored.to_bytes())
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
impl Records {
    fn has_password(&self) -> bool {
        false
    }

    fn unseal(&mut self, _: &[u8]) -> Result<AuthKey, StoreError> {
        let path = self.path.clone();
        Err(StoreError::PasswordNeeded { path })
    }
}

#[cfg(feature = "key-storage")]
impl Records {
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
