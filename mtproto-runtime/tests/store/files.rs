//! What is in the file, and what is refused.

use std::fs;

use mtproto_runtime::crypto::key_storage::{Parameters, StorageError};
use mtproto_runtime::store::{AuthStore, FileStore, FormatError, StoreError};

use crate::{Folder, record};

/// As cheap as Argon2id can be.
const CHEAP: Parameters = Parameters {
    memory_kib: 8,
    passes: 1,
    lanes: 1,
};

#[test]
fn what_was_saved_last_is_loaded_by_another() {
    let folder = Folder::new("last");
    let mut store = FileStore::new(folder.file());
    assert_eq!(store.load().unwrap(), None);
    for number in [1, 499, 2] {
        store.save(&record(number)).unwrap();
        let loaded = FileStore::new(folder.file()).load().unwrap();
        assert_eq!(loaded, Some(record(number)));
    }
    let names = fs::read_dir(&folder.0).unwrap();
    assert_eq!(names.count(), 1, "nothing is left beside it");
    store.remove().unwrap();
    store.remove().unwrap();
    assert_eq!(store.load().unwrap(), None);
}

#[test]
fn the_format_stays_what_it_is() {
    let folder = Folder::new("format");
    FileStore::new(folder.file()).save(&record(3)).unwrap();
    let bytes = fs::read(folder.file()).unwrap();
    let header = [
        &b"MTPROTOA"[..],
        &[1, 0, 0, 0, 0, 0, 0, 0],
        &[3, 0, 0, 0, 0, 0, 0, 0],
        &[2, 0, 0, 0, 0, 1, 0, 0, 12, 0, 0, 0],
    ]
    .concat();
    assert_eq!(bytes[..36], header);
    assert_eq!(bytes[36..292], *record(3).key.as_bytes());
    assert_eq!(bytes[292..304], record(3).state);
    assert_eq!(bytes.len(), 304 + 32);
}

#[test]
fn every_change_and_every_cut_is_found() {
    let folder = Folder::new("changes");
    let mut store = FileStore::new(folder.file());
    store.save(&record(5)).unwrap();
    let bytes = fs::read(folder.file()).unwrap();
    let mut refused = |bytes: &[u8]| {
        fs::write(folder.file(), bytes).unwrap();
        match store.load() {
            Err(StoreError::Format { error, .. }) => error,
            other => panic!("{other:?}"),
        }
    };
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        let error = refused(&changed);
        match at {
            0..8 => assert_eq!(error, FormatError::Magic),
            8..12 => assert!(matches!(error, FormatError::Version { .. }), "{error}"),
            28..36 => assert!(matches!(error, FormatError::Length { .. }), "{error}"),
            _ => assert_eq!(error, FormatError::Checksum, "byte {at}"),
        }
    }
    for len in 0..bytes.len() {
        let error = refused(&bytes[..len]);
        assert!(
            matches!(error, FormatError::Magic | FormatError::Length { .. }),
            "{error}"
        );
    }
    refused(&[&bytes[..], &[0]].concat());
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it_whatever_was_left_there() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("mode");
    let left = folder.0.join("dc2.key.new");
    fs::write(&left, "half of a record").unwrap();
    fs::set_permissions(&left, fs::Permissions::from_mode(0o666)).unwrap();
    FileStore::new(folder.file()).save(&record(1)).unwrap();
    let mode = fs::metadata(folder.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn under_a_password() {
    let folder = Folder::new("password");
    let encrypted = |password: &[u8]| FileStore::encrypted(folder.file(), password, CHEAP);
    let mut store = encrypted(b"right");
    store.save(&record(7)).unwrap();
    let bytes = fs::read(folder.file()).unwrap();
    let key = record(7);
    let in_the_open = bytes
        .windows(16)
        .any(|part| part == &key.key.as_bytes()[..16]);
    assert!(!in_the_open);
    assert_eq!(encrypted(b"right").load().unwrap(), Some(record(7)));

    let wrong = encrypted(b"wrong").load().unwrap_err();
    let is_password = |error: &StoreError| {
        matches!(
            error,
            StoreError::Sealed {
                error: StorageError::Password,
                ..
            }
        )
    };
    assert!(is_password(&wrong), "{wrong}");
    let needed = FileStore::new(folder.file()).load().unwrap_err();
    assert!(
        matches!(needed, StoreError::PasswordNeeded { .. }),
        "{needed}"
    );

    // The key is the same, the state is another one: nothing is sealed anew.
    store.save(&record(7).with_state(vec![1; 64])).unwrap();
    let again = fs::read(folder.file()).unwrap();
    assert_eq!(again[36..372], bytes[36..372]);
    // Another key is.
    store.save(&record(8)).unwrap();
    assert_eq!(encrypted(b"right").load().unwrap(), Some(record(8)));

    FileStore::new(folder.file()).save(&record(9)).unwrap();
    let open = encrypted(b"right").load().unwrap_err();
    assert!(matches!(open, StoreError::NotEncrypted { .. }), "{open}");
}

#[test]
fn what_can_t_be_written_leaves_what_is_there() {
    let folder = Folder::new("blocked");
    let mut store = FileStore::new(folder.file());
    store.save(&record(1)).unwrap();
    // In the place of the new file there is a folder.
    fs::create_dir(folder.0.join("dc2.key.new")).unwrap();
    let error = store.save(&record(2)).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error}");
    assert!(error.to_string().contains("dc2.key.new"), "{error}");
    assert_eq!(store.load().unwrap(), Some(record(1)));
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", record(1));
    assert!(!shown.contains("state"), "{shown}");
    let store = FileStore::encrypted("x", b"password", CHEAP);
    assert!(!format!("{store:?}").contains("password"));
}
