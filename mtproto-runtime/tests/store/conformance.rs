//! What holds of every store.

use std::fs;

use mtproto_runtime::crypto::key_storage::StorageError;
use mtproto_runtime::store::{FileStore, SqliteStore, StoreError};

use crate::{Folder, Kind, record, shows_key};

/// Each of these for each store.
macro_rules! of_all_stores {
    ($($property:ident)+) => {
        mod file {
            $(#[test] fn $property() {
                super::$property::<super::FileStore>(concat!("file-", stringify!($property)));
            })+
        }
        mod sqlite {
            $(#[test] fn $property() {
                super::$property::<super::SqliteStore>(concat!("sqlite-", stringify!($property)));
            })+
        }
    };
}

of_all_stores! {
    what_was_saved_last_is_loaded_by_another
    what_was_removed_is_gone
    nothing_but_the_record_is_left
    nobody_else_may_read_it
    a_password_hides_the_key
    a_key_in_the_open_is_refused_where_a_password_is
    a_key_is_sealed_once
    every_error_names_the_file
    debug_shows_no_secret
}

fn what_was_saved_last_is_loaded_by_another<S: Kind>(test: &str) {
    let folder = Folder::new(test);
    let mut store = S::at(folder.file());
    assert_eq!(store.load().unwrap(), None);
    assert!(!folder.file().exists(), "looking makes no file");
    for number in [1, 499, 9_999, 2, 0] {
        store.save(&record(number)).unwrap();
        assert_eq!(store.load().unwrap(), Some(record(number)));
        let loaded = S::at(folder.file()).load().unwrap();
        assert_eq!(loaded, Some(record(number)));
    }
    // Far more than a page, a buffer or a pipe takes at once.
    let large = record(5).with_state((0..1_000_003_u32).map(|at| at as u8).collect());
    store.save(&large).unwrap();
    assert_eq!(S::at(folder.file()).load().unwrap(), Some(large));
}

fn what_was_removed_is_gone<S: Kind>(test: &str) {
    let folder = Folder::new(test);
    let mut store = S::at(folder.file());
    store.remove().unwrap();
    store.save(&record(1)).unwrap();
    store.remove().unwrap();
    store.remove().unwrap();
    assert_eq!(store.load().unwrap(), None);
    assert_eq!(S::at(folder.file()).load().unwrap(), None);
    for entry in fs::read_dir(&folder.0).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!shows_key(&bytes, &record(1)), "the key is still there");
    }
    store.save(&record(2)).unwrap();
    assert_eq!(store.load().unwrap(), Some(record(2)));
}

fn nothing_but_the_record_is_left<S: Kind>(test: &str) {
    let folder = Folder::new(test);
    let mut store = S::at(folder.file());
    store.save(&record(1)).unwrap();
    store.save(&record(2)).unwrap();
    let names = fs::read_dir(&folder.0).unwrap();
    assert_eq!(names.count(), 1, "nothing is left beside it");
    let bytes = fs::read(folder.file()).unwrap();
    assert!(shows_key(&bytes, &record(2)));
    assert!(!shows_key(&bytes, &record(1)), "the key before is there");
}

fn nobody_else_may_read_it<S: Kind>(test: &str) {
    let folder = Folder::new(test);
    S::at(folder.file()).save(&record(1)).unwrap();
    let is_of_owner = |metadata: fs::Metadata| {
        #[cfg(unix)]
        return std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777 == 0o600;
        #[cfg(not(unix))]
        return metadata.is_file();
    };
    assert!(is_of_owner(fs::metadata(folder.file()).unwrap()));
}

fn a_password_hides_the_key<S: Kind>(test: &str) {
    let folder = Folder::new(test);
    let with = |password: &[u8]| S::under_password(folder.file(), password);
    with(b"right").save(&record(7)).unwrap();
    assert!(!shows_key(&fs::read(folder.file()).unwrap(), &record(7)));
    assert_eq!(with(b"right").load().unwrap(), Some(record(7)));

    let wrong = with(b"wrong").load().unwrap_err();
    let is_password = matches!(
        wrong,
        StoreError::Sealed {
            error: StorageError::Password,
            ..
        }
    );
    assert!(is_password, "{wrong}");
    let needed = S::at(folder.file()).load().unwrap_err();
    assert!(
        matches!(needed, StoreError::PasswordNeeded { .. }),
        "{needed}"
    );
}

fn a_key_in_the_open_is_refused_where_a_password_is<S: Kind>(test: &str) {
    let folder = Folder::new(test);
    S::at(folder.file()).save(&record(9)).unwrap();
    let open = S::under_password(folder.file(), b"password")
        .load()
        .unwrap_err();
    assert!(matches!(open, StoreError::NotEncrypted { .. }), "{open}");
}

fn a_key_is_sealed_once<S: Kind>(test: &str) {
    let folder = Folder::new(test);
    let mut store = S::under_password(folder.file(), b"right");
    store.save(&record(7)).unwrap();
    let sealed = sealed_key(&fs::read(folder.file()).unwrap());
    // The key is the same, the state is another one: nothing is sealed anew.
    store.save(&record(7).with_state(vec![1; 64])).unwrap();
    let again = fs::read(folder.file()).unwrap();
    assert_eq!(sealed_key(&again), sealed);
    // Another key is.
    store.save(&record(8)).unwrap();
    assert_ne!(sealed_key(&fs::read(folder.file()).unwrap()), sealed);
    let loaded = S::under_password(folder.file(), b"right").load().unwrap();
    assert_eq!(loaded, Some(record(8)));
}

/// What stands after the header of the only record in a file.
fn sealed_key(file: &[u8]) -> Vec<u8> {
    let at = file.windows(8).position(|part| part == b"MTPROTOA");
    file[at.unwrap() + 36..][..336].to_vec()
}

fn every_error_names_the_file<S: Kind>(test: &str) {
    let folder = Folder::new(test);
    // Where the file should be there is a folder.
    fs::create_dir(folder.file()).unwrap();
    let mut store = S::at(folder.file());
    let errors = [
        store.load().unwrap_err(),
        store.save(&record(1)).unwrap_err(),
        store.remove().unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().contains("dc2.key"), "{error}");
    }
    // There is no folder to make it in.
    let mut nowhere = S::at(folder.0.join("no folder/dc2.key"));
    let error = nowhere.save(&record(1)).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error}");
    assert!(error.to_string().contains("no folder"), "{error}");
}

fn debug_shows_no_secret<S: Kind>(_: &str) {
    let shown = format!("{:?}", record(1));
    assert!(!shown.contains("state"), "{shown}");
    let store = S::under_password("x".into(), b"password");
    assert!(!format!("{store:?}").contains("password"));
}
