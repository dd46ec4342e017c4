//! The database of a [`SqliteStore`]: who may share it, and what is refused.

use std::fs;

use mtproto_runtime::store::{AuthStore, SqliteStore, StoreError};
use rusqlite::Connection;

use crate::{Folder, record};

#[test]
fn names_share_a_database() {
    let folder = Folder::new("names");
    let named = |name: &str| SqliteStore::new(folder.file(), name);
    let names = ["dc1", "dc2", "", "'; DROP TABLE auth_record; --", "дц"];
    for (number, name) in (1..).zip(names) {
        named(name).save(&record(number)).unwrap();
    }
    for (number, name) in (1..).zip(names) {
        assert_eq!(named(name).load().unwrap(), Some(record(number)), "{name}");
    }
    named("dc1").remove().unwrap();
    assert_eq!(named("dc1").load().unwrap(), None);
    assert_eq!(named("dc2").load().unwrap(), Some(record(2)));
}

#[test]
fn several_may_save_at_once() {
    let folder = Folder::new("at-once");
    let names = ["a", "b", "c", "d"];
    std::thread::scope(|scope| {
        for name in names {
            let mut store = SqliteStore::new(folder.file(), name);
            scope.spawn(move || (0..20).for_each(|number| store.save(&record(number)).unwrap()));
        }
    });
    for name in names {
        let loaded = SqliteStore::new(folder.file(), name).load().unwrap();
        assert_eq!(loaded, Some(record(19)), "{name}");
    }
}

#[test]
fn the_form_of_the_database_stays_what_it_is() {
    let folder = Folder::new("database");
    let mut store = SqliteStore::new(folder.file(), "dc2");
    store.save(&record(3)).unwrap();
    let database = Connection::open(folder.file()).unwrap();
    let pragma = |name: &str| -> i32 {
        let value = database.pragma_query_value(None, name, |row| row.get(0));
        value.unwrap()
    };
    assert_eq!(pragma("application_id"), 0x544c_414b);
    assert_eq!(pragma("user_version"), 1);
    let stored: Vec<u8> = database
        .query_row(
            "SELECT record FROM auth_record WHERE name = 'dc2'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(stored.starts_with(b"MTPROTOA"), "the bytes of a file");

    // What somebody changes there is found.
    let change = "UPDATE auth_record SET record = CAST(substr(record, 2) AS BLOB)";
    assert_eq!(database.execute(change, []).unwrap(), 1);
    let error = store.load().unwrap_err();
    assert!(matches!(error, StoreError::Format { .. }), "{error}");
}

#[test]
fn what_is_no_database_of_ours_is_refused_and_left_alone() {
    let folder = Folder::new("others");
    let refused = |is_expected: fn(&StoreError) -> bool| {
        let before = fs::read(folder.file()).unwrap();
        let mut store = SqliteStore::new(folder.file(), "dc2");
        let errors = [
            store.load().unwrap_err(),
            store.save(&record(1)).unwrap_err(),
            store.remove().unwrap_err(),
        ];
        for error in errors {
            assert!(is_expected(&error), "{error}");
        }
        assert_eq!(fs::read(folder.file()).unwrap(), before);
        fs::remove_file(folder.file()).unwrap();
    };
    let is_other = |error: &StoreError| matches!(error, StoreError::OtherDatabase { .. });
    // No database at all.
    fs::write(folder.file(), [7; 5000]).unwrap();
    refused(|error| matches!(error, StoreError::Sqlite { .. }));
    // Databases of other programs, one of them with another kind of journal, and one of a later version of this.
    for made in [
        "CREATE TABLE other (x)",
        "PRAGMA journal_mode = WAL; CREATE TABLE other (x)",
        "PRAGMA application_id = 0x544c414b; PRAGMA user_version = 2",
    ] {
        let database = Connection::open(folder.file()).unwrap();
        database.execute_batch(made).unwrap();
        drop(database);
        refused(is_other);
    }
}

/// As a process leaves it that dies right after it has made the file.
#[test]
fn an_empty_file_is_a_store_without_records() {
    let folder = Folder::new("empty");
    fs::write(folder.file(), []).unwrap();
    let mut store = SqliteStore::new(folder.file(), "dc2");
    assert_eq!(store.load().unwrap(), None);
    store.save(&record(1)).unwrap();
    assert_eq!(store.load().unwrap(), Some(record(1)));
}
