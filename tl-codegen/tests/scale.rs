//! Schemas whose types hang together in ways that would make the generator look at all of them again for each. None of
//! these tests would end if it did.

use tl_codegen::{Config, Error};

const MANY: usize = 30_000;

/// A pattern many times, with the number of each, less one, in place of every `@`, and the number itself in place of `+`.
fn many(pattern: &str) -> String {
    let numbered = |index: usize| {
        let text = pattern.replace('@', &index.to_string());
        text.replace('+', &(index + 1).to_string()) + "\n"
    };
    (0..MANY).map(numbered).collect()
}

/// Explicit ids, for of so many computed ones a few would coincide.
fn with_ids(text: &str) -> String {
    let line = |(index, line): (usize, &str)| match line.split_once(' ') {
        Some((name, rest)) => format!("{name}#{:x} {rest}\n", index + 1),
        None => format!("{line}\n"),
    };
    text.lines().enumerate().map(line).collect()
}

/// How many findings keep a schema from being generated, and what the first one says.
fn findings(text: String) -> (usize, String) {
    let config = Config::new().schema_text("a.tl", text).trust_ids(true);
    match config.generate() {
        Err(Error::Schema { diagnostics, .. }) => {
            let errors = diagnostics.iter().filter(|found| found.is_error());
            let messages: Vec<_> = errors.map(|found| &found.message).collect();
            (messages.len(), messages[0].clone())
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("nothing was found"),
    }
}

/// Has one more definition that can't be generated: all that is known of a schema is found out, and nothing written.
#[track_caller]
fn assert_analyzed(text: &str) {
    let text = with_ids(&format!("last ? = Last;\n{text}"));
    let (count, first) = findings(text);
    assert_eq!(count, 1, "{first}");
    assert!(first.contains("`last`"), "{first}");
}

#[test]
fn chains_of_types_end_at_either_end() {
    assert_analyzed(&(many("c@ x:C+ = C@;") + &format!("c{MANY} = C{MANY};")));
    assert_analyzed(&("c0 = C0;\n".to_owned() + &many("c+ x:C@ = C+;")));
    assert_analyzed(&(many("c@ x:c+ = C@;") + &format!("c{MANY} = C{MANY};")));
}

#[test]
fn objects_at_the_end_of_a_chain_are_followed_by_what_stands_behind_it() {
    let chain = many("c@ x:C+ = C@;");
    assert_analyzed(&format!(
        "{chain}c{MANY} x:Object = C{MANY};\nv x:Vector<C0> = V;"
    ));
    let users = many("u@ x:T y:int = U@;");
    assert_analyzed(&(many("t@ x:Object = T;") + &users));
}

#[test]
fn types_with_parameters_hand_them_on() {
    let chain = many("c@ {t:Type} x:(C+ t) = C@ t;");
    assert_analyzed(&format!("{chain}c{MANY} {{t:Type}} x:t = C{MANY} t;"));
}

#[test]
fn sizes_that_double_with_each_type_do_not_overflow() {
    let doubling: String = many("c@ x:c+ y:c+ = C@;")
        .lines()
        .take(200)
        .map(|line| line.to_owned() + "\n")
        .collect();
    let output = Config::new()
        .schema_text("a.tl", with_ids(&(doubling + "c200 x:int = C200;")))
        .trust_ids(true)
        .generate();
    assert!(output.is_ok(), "{:?}", output.err());
}

#[test]
fn a_definition_has_many_words_large_fields_and_queries() {
    let words = many("f@:# x@:f@.0?int");
    let large = many("x@:B");
    let queries = many("y@:!X@");
    let types = many("{X@:Type}");
    assert_analyzed(&format!(
        "a {} = A;\nb a:int512 = B;\nc {} = C;\n---functions---\nd {} {} = A;",
        words.replace('\n', " "),
        large.replace('\n', " "),
        types.replace('\n', " "),
        queries.replace('\n', " ")
    ));
}

#[test]
fn types_hold_each_other_all_around() {
    let around = many("c@ f:# x:T = C@;\nt@ f:# x:f.0?C@ y:Vector<C@> = T;");
    assert_analyzed(&(around + "end = T;"));
}
