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

#[test]
fn a_partial_application_of_several_constructors_has_each_of_them() {
    let text = "none {X:Type} = List X 0; some {X:Type} {n:#} hd:X tl:%(List X n) = List X (n+1);\n\
                List int; List int 2;";
    let before = schema(text);
    let bytes = write(&before.view(None), TloVersion::V2, 0).expect("it can be written");
    let after = schema(&tl_parser::format::tlo::read(&bytes).expect("it is TLO"));
    let made = |schema: &tl_parser::schema::Schema| -> Vec<(String, Vec<(String, u32)>)> {
        let partials = schema.partial_applications().iter();
        let instance = |one: &tl_parser::schema::Combinator| (one.name.to_string(), one.id);
        partials
            .map(|one| {
                (
                    one.name.to_string(),
                    one.instances.iter().map(instance).collect(),
                )
            })
            .collect()
    };
    let names = |made: &[(String, Vec<(String, u32)>)]| -> Vec<String> {
        made.iter()
            .flat_map(|(_, all)| all.iter().map(|(name, _)| name.clone()))
            .collect()
    };
    assert_eq!(
        names(&made(&before)),
        ["none int", "some int", "some int 2"]
    );
    assert_eq!(made(&after), made(&before));
}

#[test]
fn successors_are_written_as_the_id_says() {
    let text = "nil = Row O; cons {n:#} hd:int tl:%(Row n) = Row (S n);";
    let bytes = write(&schema(text).view(None), TloVersion::V2, 0).expect("it can be written");
    let text = tl_parser::format::tlo::read(&bytes).expect("it is TLO");
    assert!(
        text.contains("= Row O;") && text.contains("= Row (S n);"),
        "{text}"
    );
    for (_, combinator) in schema(&text).combinators() {
        assert_eq!(combinator.id_mismatch, None, "{}", combinator.name);
    }
}

#[test]
fn what_is_no_schema_is_told_apart() {
    for (bytes, words) in [
        (&b"<!DOCTYPE html>"[..], "HTML"),
        (b"\xff\xfea\0", "UTF-16"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"user\0", "neither TL text nor JSON"),
    ] {
        let error = to_text(bytes.to_vec()).expect_err("it is no schema");
        assert!(error.to_string().contains(words), "{error}");
    }
}
