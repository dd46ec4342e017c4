//! Schemas in JSON: the shape of the official pages, and that what was written reads back as the same schema.

use tl_parser::format::json::{EntryProblem, JsonError, read, write};
use tl_parser::schema::{self, Options, Reading};
use tl_parser::span::Sources;

#[track_caller]
fn load(text: &str) -> (Sources, Reading) {
    let mut sources = Sources::new();
    sources.add("a.tl", text).expect("it is small");
    let options = Options {
        join: true,
        ..Options::default()
    };
    let reading = schema::read(&sources, &options).pop().expect("one schema");
    assert!(!reading.has_errors(), "{:?}\n{text}", reading.diagnostics);
    (sources, reading)
}

#[track_caller]
fn json(text: &str) -> Result<String, JsonError> {
    let (sources, reading) = load(text);
    write(&reading.schema, &sources)
}

/// What the pages write for these definitions; ids, names and types as on the page of the API's schema.
#[test]
fn entries_are_those_of_the_official_page() {
    let cases = [
        (
            "boolFalse#bc799737 = Bool; boolTrue#997275b5 = Bool;",
            r#"{"constructors":[{"id":"-1132882121","predicate":"boolFalse","params":[],"type":"Bool"},{"id":"-1720552011","predicate":"boolTrue","params":[],"type":"Bool"}],"methods":[]}"#,
        ),
        (
            "vector#1cb5c415 {t:Type} # [ t ] = Vector t;",
            r#"{"constructors":[{"id":"481674261","predicate":"vector","params":[],"type":"Vector t"}],"methods":[]}"#,
        ),
        (
            "userProfilePhoto#82d1f706 flags:# has_video:flags.0?true photo_id:long stripped_thumb:flags.1?bytes dc_id:int = UserProfilePhoto;",
            r##"{"constructors":[{"id":"-2100168954","predicate":"userProfilePhoto","params":[{"name":"flags","type":"#"},{"name":"has_video","type":"flags.0?true"},{"name":"photo_id","type":"long"},{"name":"stripped_thumb","type":"flags.1?bytes"},{"name":"dc_id","type":"int"}],"type":"UserProfilePhoto"}],"methods":[]}"##,
        ),
        (
            "---functions--- invokeWithLayer#da9b0d0d {X:Type} layer:int query:!X = X;",
            r#"{"constructors":[],"methods":[{"id":"-627372787","method":"invokeWithLayer","params":[{"name":"layer","type":"int"},{"name":"query","type":"!X"}],"type":"X"}]}"#,
        ),
        (
            "inputPeerSelf#7da07ec9 = InputPeer; ---functions--- messages.getMessageReadParticipants#2c6f97b7 peer:InputPeer msg_id:int = Vector<long>;",
            r#"{"constructors":[{"id":"2107670217","predicate":"inputPeerSelf","params":[],"type":"InputPeer"}],"methods":[{"id":"745510839","method":"messages.getMessageReadParticipants","params":[{"name":"peer","type":"InputPeer"},{"name":"msg_id","type":"int"}],"type":"Vector<long>"}]}"#,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(json(text).expect("JSON can say it"), expected);
    }
}

#[test]
fn a_definition_that_the_sources_do_not_hold_is_named() {
    let (_, reading) = load("a = A; b x:int = B; c = C;");
    let (sources, _) = load("a = A; bb x:int = B; c = C;");
    match write(&reading.schema, &sources) {
        Err(error @ JsonError::OtherSources(_)) => assert_eq!(
            error.to_string(),
            "the schema was not read from these sources: they lack `b`"
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_schema_reads_back_the_same() {
    let text = "\
        int ? = Int; long ? = Long; string ? = String; int128 4*[ int ] = Int128;\n\
        bool_like ? = BoolLike;\n\
        vector {t:Type} # [ t ] = Vector t;\n\
        a.user id:long (first last:string) tags:vector<%a.Tag> key:int128 = a.User;\n\
        a.tag string like:BoolLike _:int = a.Tag;\n\
        list {t:Type} # [ t ] rest:vector<t> = List t;\n\
        pair {a:Type} {b:Type} first:a second:b = Pair a b;\n\
        ---functions---\n\
        get users:Vector<a.User> all:(Pair int string) = Vector a.User;\n\
        wrap {X:Type} flags:# query:flags.3?!X = X;\n";
    let (sources, before) = load(text);
    let json = write(&before.schema, &sources).expect("JSON can say it");
    let (sources, after) = load(&read(json.as_bytes()).expect("it is JSON"));
    assert_eq!(
        write(&after.schema, &sources).expect("JSON can say it"),
        json
    );
    let own = |reading: &Reading| -> Vec<_> {
        let all = reading
            .schema
            .combinators()
            .filter(|(_, one)| !one.is_prelude);
        let ids = all.map(|(_, one)| {
            (
                one.name.to_string(),
                one.kind,
                one.id,
                one.id_mismatch.clone(),
                one.params.len(),
            )
        });
        ids.filter(|one| !["int", "long", "string", "int128"].contains(&&*one.0))
            .collect()
    };
    assert_eq!(own(&before), own(&after));
}

#[test]
fn layers_are_told_by_every_entry() {
    let text = "===8===\nuser id:int = User;\n---functions---\nget = User;\n===17===\nuser id:long = User;\n";
    let written = json(text).expect("JSON can say it");
    assert_eq!(written.matches(r#""layer":8"#).count(), 2);
    assert_eq!(written.matches(r#""layer":17"#).count(), 1);
    let (_, reading) = load(&read(written.as_bytes()).expect("it is JSON"));
    assert_eq!(reading.schema.layers(), [8, 17]);
}

#[test]
fn implicit_arguments_that_would_be_lost_are_refused() {
    let text = "good {t:Type} x:t = Good t; tuple {t:Type} {n:#} [ t ] = Tuple t n; flag {n:#} a:n.0?int = Flag n;";
    match json(text) {
        Err(JsonError::Inexpressible(names)) => assert_eq!(names, ["tuple", "flag"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ids_are_read_signed_and_unsigned_as_text_and_as_numbers() {
    for id in [
        r#""-1132882121""#,
        r#""3162085175""#,
        "-1132882121",
        "3162085175",
    ] {
        let text = format!(
            r#"{{"constructors":[{{"id":{id},"predicate":"boolFalse","params":[],"type":"Bool","extra":[1]}}]}}"#
        );
        assert_eq!(
            read(text.as_bytes()).expect("it is JSON"),
            "boolFalse#bc799737 = Bool;\n"
        );
    }
}

#[test]
fn entries_that_are_no_definitions_are_told_by_their_places() {
    let name = |text: &str| EntryProblem::Name(text.to_owned());
    let ty = |text: &str| EntryProblem::Type(text.to_owned());
    let id = |text: &str| EntryProblem::Id(text.to_owned());
    let cases = [
        (
            r#""id":"x","predicate":"a","params":[],"type":"A""#,
            id("x"),
        ),
        (
            r#""id":"4294967296","predicate":"a","params":[],"type":"A""#,
            id("4294967296"),
        ),
        (
            r#""id":"1","predicate":"a b","params":[],"type":"A""#,
            name("a b"),
        ),
        (
            r#""id":"1","predicate":"B","params":[],"type":"A""#,
            name("B"),
        ),
        (
            r#""id":"1","predicate":"a","params":[{"name":"x y","type":"int"}],"type":"A""#,
            name("x y"),
        ),
        (
            r#""id":"1","predicate":"a","params":[{"name":"x","type":"int y:int"}],"type":"A""#,
            ty("int y:int"),
        ),
        (
            r#""id":"1","predicate":"a","params":[{"name":"x","type":"int = A; b"}],"type":"A""#,
            ty("int = A; b"),
        ),
        (
            r#""id":"1","predicate":"a","params":[{"name":"x","type":"int /*"}],"type":"A""#,
            ty("int /*"),
        ),
        (
            r#""id":"1","predicate":"a","params":[{"name":"x","type":""}],"type":"A""#,
            ty(""),
        ),
        (
            r#""id":"1","predicate":"a","params":[],"type":"A; b = B""#,
            ty("A; b = B"),
        ),
        (
            r#""id":"1","predicate":"a","params":[],"type":"A // b""#,
            ty("A // b"),
        ),
        (
            r#""id":"1","predicate":"a","params":[],"type":"A\n""#,
            ty("A\n"),
        ),
    ];
    for (entry, problem) in cases {
        let text = format!(
            r#"{{"constructors":[{{"id":"2","predicate":"ok","params":[],"type":"Ok"}},{{{entry}}}]}}"#
        );
        match read(text.as_bytes()) {
            Err(JsonError::Entry { place, what }) => {
                assert_eq!((place.as_str(), what), ("constructors[1]", problem))
            }
            other => panic!("{entry}: {other:?}"),
        }
    }
}

#[test]
fn what_is_no_json_is_told_by_line_and_column() {
    for (text, expected) in [
        ("{", "EOF while parsing an object at line 1 column 1"),
        ("{\"constructors\":[{\"id\":1}]}", "at line 1 column 25"),
        ("[]", "this is a list"),
        (
            "{\"name\":\"x\"}",
            "missing field `constructors` at line 1 column 12",
        ),
    ] {
        let error = read(text.as_bytes())
            .expect_err("it is no schema")
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
    let deep = "[".repeat(100_000);
    assert!(read(format!(r#"{{"constructors":{deep}"#).as_bytes()).is_err());
}
