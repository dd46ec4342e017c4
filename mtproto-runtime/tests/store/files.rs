//! The file of a [`FileStore`]: what is in it, what is refused, and what a save that fails leaves.

use std::fs;

use mtproto_runtime::store::{AuthStore, FileStore, FormatError, StoreError};

use crate::{Folder, record};

#[test]
fn the_format_stays_what_it_is() {
    let folder = Folder::new("format");
    FileStore::new(folder.file()).save(&record(3)).unwrap();
    let bytes = fs::read(folder.file()).unwrap();
    let header = [
        &b"MTPROTOA"[..],
        &[1, 0, 0, 0, 0, 0, 0, 0],
        &[3, 0, 0, 0, 0, 0, 0, 0],
        &[2, 0, 0, 0, 0, 1, 0, 0, 0xbc, 1, 0, 0],
    ]
    .concat();
    assert_eq!(bytes[..36], header);
    assert_eq!(bytes[36..292], *record(3).key.as_bytes());
    assert_eq!(bytes[292..736], record(3).state);
    assert_eq!(bytes.len(), 736 + 32);
}

#[test]
fn every_change_and_every_cut_is_found() {
    let folder = Folder::new("changes");
    let mut store = FileStore::new(folder.file());
    store.save(&record(4)).unwrap();
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

/// What a process leaves that dies before the new file is in its place, at any byte of it.
#[test]
fn what_is_left_of_a_new_file_is_not_looked_at() {
    let folder = Folder::new("left");
    let mut store = FileStore::new(folder.file());
    store.save(&record(2)).unwrap();
    let whole = fs::read(folder.file()).unwrap();
    store.save(&record(1)).unwrap();
    let left = folder.0.join("dc2.key.new");
    for len in 0..=whole.len() {
        fs::write(&left, &whole[..len]).unwrap();
        assert_eq!(store.load().unwrap(), Some(record(1)));
    }
    store.save(&record(3)).unwrap();
    assert_eq!(store.load().unwrap(), Some(record(3)));
    assert!(!left.exists());
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
