//! What is written where the references have no say, and how forms are told apart.

use tl_parser::format::tlo::{Inexpressible, TloError, TloVersion, read, write};
use tl_parser::format::{Form, to_text};

use crate::{bytes, schema};

#[test]
fn a_schema_without_built_in_types_gets_those_it_uses() {
    let text = read(&bytes(
        &schema("user name:string photos:Vector<int128> = User;"),
        TloVersion::V2,
    ))
    .expect("it is TLO");
    assert_eq!(
        text,
        "int#a8509bda ? = Int;\n\
         int128#84ccf7b7 4*[ int ] = Int128;\n\
         string#b5286e24 ? = String;\n\
         user#23aaac1b name:string photos:Vector<int128> = User;\n\
         vector#1cb5c415 {t:Type} # [ t ] = Vector t;\n"
    );
}

#[test]
fn one_layer_is_written() {
    let layered = schema(
        "===1===\nuser id:int = User;\n===2===\nuser id:long = User;\nold = Old;\n===3===\nold a:int = Old;\n",
    );
    let at = |layer| {
        read(&write(&layered.view(layer), TloVersion::V2, 0).expect("TLO can say it"))
            .expect("it is TLO")
    };
    assert!(at(Some(1)).contains(" id:int = User;") && !at(Some(1)).contains("old"));
    assert!(at(Some(2)).contains(" id:long = User;") && at(Some(2)).contains("old#"));
    assert!(at(Some(3)).contains(" a:int = Old;"));
}

#[test]
fn long_names_are_tl_strings() {
    for length in [253, 254, 255, 1000] {
        let name = "n".repeat(length);
        let long = schema(&format!("{name} = Long;"));
        let text = read(&bytes(&long, TloVersion::V2)).expect("it is TLO");
        assert!(text.starts_with(&format!("{name}#")), "{length}");
    }
}

#[test]
fn a_condition_on_a_whole_word_is_refused() {
    let whole = schema("set mask:# all:mask?int = Set;");
    assert_eq!(
        write(&whole.view(None), TloVersion::V2, 0),
        Err(TloError::Inexpressible {
            name: "set".to_owned(),
            what: Inexpressible::WholeWordCondition
        })
    );
}

#[test]
fn the_form_of_a_file_is_seen_by_its_first_bytes() {
    assert_eq!(Form::of(b"\xe2\x9b\x2f\x3a"), Form::Tlo);
    assert_eq!(Form::of(b"\x4b\x60\xa8\xe4 and more"), Form::Tlo);
    assert_eq!(Form::of(b"\xd7\x88\xac\x90"), Form::Tlo);
    assert_eq!(Form::of(b" \n\xef"), Form::Text);
    assert_eq!(Form::of(b"\xef\xbb\xbf {"), Form::Json);
    assert_eq!(Form::of(b"// {\n"), Form::Text);
    assert_eq!(Form::of(b""), Form::Text);
    assert_eq!(to_text(b"a = A;".to_vec()).expect("it is text"), b"a = A;");
}

#[test]
#[cfg(not(feature = "json"))]
fn json_is_refused_without_its_feature() {
    let error = to_text(b"{}".to_vec()).expect_err("it can't be read");
    assert!(error.to_string().contains("feature `json`"));
}
