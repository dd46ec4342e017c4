//! Every kind of error: its code, the place, and the words.

use tl_parser::diagnostic::Code;

use crate::tree::{items, read, told};

#[track_caller]
fn fails(text: &str, expected: &str) {
    assert_eq!(told(text), [expected], "{text}");
    assert_eq!(read(text).file.items, [], "{text}");
}

#[track_caller]
fn help(text: &str, expected: &str) {
    let diagnostics = read(text).diagnostics;
    assert_eq!(
        diagnostics[0].help.as_deref(),
        Some(expected),
        "{diagnostics:?}"
    );
}

#[test]
fn what_is_missing_and_what_stands_there() {
    fails(
        "a x: = A;",
        r#"UnexpectedToken 5..6 "=" expected a type after `:`, found `=`"#,
    );
    fails(
        "a x:int;",
        r#"UnexpectedToken 7..8 ";" expected an argument or `=` after `int`, found `;`"#,
    );
    fails(
        "a = ;",
        r#"UnexpectedToken 4..5 ";" expected a result type after `=`, found `;`"#,
    );
    fails(
        "a = 5;",
        r#"UnexpectedToken 4..5 "5" expected a result type after `=`, found `5`"#,
    );
    fails(
        "a = A = B;",
        r#"UnexpectedToken 6..7 "=" expected `;` after `A`, found `=`"#,
    );
    fails(
        "a ? int = A;",
        r#"UnexpectedToken 4..7 "int" expected `=` after `?`, found `int`"#,
    );
    fails(
        "= A;",
        r#"UnexpectedToken 0..1 "=" expected a definition, found `=`"#,
    );
    fails(
        ";",
        r#"UnexpectedToken 0..1 ";" expected a definition, found `;`"#,
    );
    fails(
        "a x:",
        r#"UnexpectedToken 4..4 "" expected a type after `:`, found the end of the file"#,
    );
    fails(
        "Foo;",
        r#"UnexpectedToken 3..4 ";" expected a type after `Foo`, found `;`"#,
    );
    fails(
        "foo;",
        r#"UnexpectedToken 3..4 ";" expected an argument or `=` after `foo`, found `;`"#,
    );
    fails(
        "a x:! = A;",
        r#"UnexpectedToken 6..7 "=" expected a type after `!`, found `=`"#,
    );
    fails(
        "a x:% = A;",
        r#"UnexpectedToken 6..7 "=" expected a type after `%`, found `=`"#,
    );
    fails(
        "a _ = A;",
        r#"UnexpectedToken 4..5 "=" expected `:` after `_`, found `=`"#,
    );
    fails(
        "@ = A;",
        r#"UnexpectedToken 2..3 "=" expected a name after `@`, found `=`"#,
    );
    fails(
        "@a = A;",
        r#"UnexpectedToken 3..4 "=" expected a name after `a`, found `=`"#,
    );
}

#[test]
fn of_two_readings_the_one_that_came_farther_speaks() {
    fails(
        "pair n+;",
        r#"UnexpectedToken 7..8 ";" expected a type after `+`, found `;`"#,
    );
    fails(
        "pair n+1 = A;",
        r#"UnexpectedToken 6..7 "+" expected an argument or `=` after `n`, found `+`"#,
    );
    fails(
        "a (:int) = A;",
        r#"UnexpectedToken 3..4 ":" expected an argument's name after `(`, found `:`"#,
    );
}

#[test]
fn conditions_want_a_bit_and_a_question_mark() {
    fails(
        "a x:f.?T = A;",
        r#"UnexpectedToken 6..7 "?" expected a bit number after `.`, found `?`"#,
    );
    fails(
        "a x:f.3T = A;",
        r#"UnexpectedToken 7..8 "T" expected `?` after `3`, found `T`"#,
    );
    fails(
        "a x:f.3? = A;",
        r#"UnexpectedToken 9..10 "=" expected a type after `?`, found `=`"#,
    );
}

#[test]
fn brackets_remember_where_they_were_opened() {
    for (text, expected, opened) in [
        (
            "a x:(b = A;",
            r#"UnexpectedToken 7..8 "=" expected `)` after `b`, found `=`"#,
            4..5,
        ),
        (
            "a x:V<b = A;",
            r#"UnexpectedToken 8..9 "=" expected `,` or `>` after `b`, found `=`"#,
            5..6,
        ),
        (
            "a n*[ b = A;",
            r#"UnexpectedToken 8..9 "=" expected an argument or `]` after `b`, found `=`"#,
            4..5,
        ),
        (
            "a {b:T = A;",
            r#"UnexpectedToken 7..8 "=" expected `}` after `T`, found `=`"#,
            2..3,
        ),
        (
            "a (b:T = A;",
            r#"UnexpectedToken 7..8 "=" expected `)` after `T`, found `=`"#,
            2..3,
        ),
        (
            "a b:(f.0?T = A;",
            r#"UnexpectedToken 11..12 "=" expected `)` after `T`, found `=`"#,
            4..5,
        ),
    ] {
        fails(text, expected);
        let labels = &read(text).diagnostics[0].secondary;
        assert_eq!(
            labels
                .iter()
                .map(|label| label.span.range())
                .collect::<Vec<_>>(),
            [opened],
            "{text}"
        );
        assert!(labels[0].text.ends_with("opened here"));
    }
}

#[test]
fn brackets_with_nothing_in_them() {
    fails(
        "a () = A;",
        r#"UnexpectedToken 3..4 ")" expected a type after `(`, found `)`"#,
    );
    fails(
        "a x:V<> = A;",
        r#"UnexpectedToken 6..7 ">" expected a type after `<`, found `>`"#,
    );
    fails(
        "a x:V<b,> = A;",
        r#"UnexpectedToken 8..9 ">" expected a type after `,`, found `>`"#,
    );
    fails(
        "a {} = A;",
        r#"UnexpectedToken 3..4 "}" expected an argument's name after `{`, found `}`"#,
    );
    fails(
        "a {X} = A;",
        r#"UnexpectedToken 4..5 "}" expected `:` after `X`, found `}`"#,
    );
    fails(
        "a n* = A;",
        r#"UnexpectedToken 5..6 "=" expected `[` after `*`, found `=`"#,
    );
    fails(
        "a ) = A;",
        r#"UnexpectedToken 2..3 ")" expected an argument or `=` after `a`, found `)`"#,
    );
}

#[test]
fn common_mistakes_get_advice() {
    help(
        "a x:int;",
        "a definition closes with its result type: `name … = Type;`",
    );
    help("a x:n+1 = A;", "put the sum in parentheses: `(n+1)`");
    help(
        "a x:int, y:int = A;",
        "arguments are separated by blanks alone",
    );
    help(
        "a flags.0?int = A;",
        "a condition stands behind the name of its argument: `name:flags.0?type`",
    );
    help(
        "a n*[ {X:Type} ] = A;",
        "implicit arguments stand outside of repetitions",
    );
    help(
        "a x:int y#12 = A;",
        "an id stands right behind the name of a definition; is there a `;` missing before it?",
    );
    help(
        "a {_:Type} = A;",
        "an implicit argument is there to be referred to, it can't be anonymous",
    );
    help(
        "a x:([int]) = A;",
        "a repetition is an argument of its own, not part of a type",
    );
}

#[test]
fn definitions_begin_in_lower_case() {
    let message = "the name of a definition begins with a lower-case letter, found";
    fails(
        "Foo x:int = Bar;",
        &format!(r#"UnexpectedToken 0..3 "Foo" {message} `Foo`"#),
    );
    fails(
        "@any Foo = Bar;",
        &format!(r#"UnexpectedToken 5..8 "Foo" {message} `Foo`"#),
    );
    for text in [
        "ns.Foo = Bar;",
        "ns.Foo#12 = Bar;",
        "ns.Foo {X:Type} = Bar;",
        "ns.Foo ? = Bar;",
        "ns.Foo [ t ] = Bar;",
    ] {
        fails(
            text,
            &format!(r#"UnexpectedToken 0..6 "ns.Foo" {message} `ns.Foo`"#),
        );
        help(text, "write `ns.foo`");
    }
}

#[test]
fn arguments_have_no_namespace() {
    fails(
        "a b.c:int = A;",
        r#"UnexpectedToken 2..5 "b.c" an argument's name has no namespace, found `b.c`"#,
    );
    fails(
        "a {b.c:int} = A;",
        r#"UnexpectedToken 3..6 "b.c" an argument's name has no namespace, found `b.c`"#,
    );
}

#[test]
fn unknown_characters_are_skipped_in_runs() {
    let text = "a x$:int = A; \u{feff}é\\ b = B;";
    assert_eq!(
        told(text),
        [
            r#"UnknownCharacter 3..4 "$" unknown character `$`"#.to_owned(),
            format!(
                "UnknownCharacter 14..20 {:?} unknown characters `\\u{{feff}}é\\`",
                "\u{feff}é\\"
            ),
        ]
    );
    assert_eq!(read(text).file.items.len(), 2);
    assert_eq!(
        told("a / = A;"),
        [r#"UnknownCharacter 2..3 "/" unknown character `/`"#]
    );
    assert_eq!(
        told("-- types --"),
        [
            r#"UnknownCharacter 0..1 "-" unknown character `-`"#,
            r#"UnknownCharacter 1..2 "-" unknown character `-`"#,
            r#"UnknownCharacter 9..10 "-" unknown character `-`"#,
            r#"UnknownCharacter 10..11 "-" unknown character `-`"#,
        ]
    );
}

#[test]
fn an_unknown_character_hides_the_error_that_follows_from_it() {
    assert_eq!(
        told("a x:$ = A; b y: = B;"),
        [
            r#"UnknownCharacter 4..5 "$" unknown character `$`"#,
            r#"UnexpectedToken 16..17 "=" expected a type after `:`, found `=`"#,
        ]
    );
}

#[test]
fn an_unterminated_comment_ends_the_file() {
    let text = "a = A; /* b = B; *";
    assert_eq!(
        told(text),
        [r#"UnterminatedComment 7..9 "/*" comment without an end"#]
    );
    assert_eq!(read(text).file.items.len(), 1);
    assert_eq!(
        told("a = A; b = /*/"),
        [r#"UnterminatedComment 11..13 "/*" comment without an end"#]
    );
}

#[test]
fn malformed_ids_leave_the_definition_whole() {
    for (text, expected) in [
        (
            "a#123456789 x:int = A;",
            r##"MalformedId 1..11 "#123456789" malformed id `#123456789`"##,
        ),
        (
            "a#xyz x:int = A;",
            r##"MalformedId 1..5 "#xyz" malformed id `#xyz`"##,
        ),
        (
            "a#12_ x:int = A;",
            r##"MalformedId 1..5 "#12_" malformed id `#12_`"##,
        ),
    ] {
        assert_eq!(told(text), [expected]);
        assert_eq!(
            read(text)
                .file
                .items
                .iter()
                .map(crate::tree::item)
                .collect::<Vec<_>>(),
            ["a [x:int] = A"]
        );
    }
}

#[test]
fn numbers_have_32_bits() {
    assert_eq!(items("a = T 4294967295;"), ["a = apply(T 4294967295)"]);
    fails(
        "a = T 4294967296;",
        r#"NumberTooLarge 6..16 "4294967296" the number 4294967296 does not fit in 32 bits"#,
    );
    fails(
        "a x:f.99999999999?T = A;",
        r#"NumberTooLarge 6..17 "99999999999" the number 99999999999 does not fit in 32 bits"#,
    );
    fails(
        "===4294967296===",
        r#"NumberTooLarge 3..13 "4294967296" the number 4294967296 does not fit in 32 bits"#,
    );
}

#[test]
fn sections_are_types_or_functions() {
    let text = "--- messages ---\na = A;";
    assert_eq!(
        told(text),
        [r#"UnknownSection 4..12 "messages" unknown section `messages`"#]
    );
    assert_eq!(read(text).file.items.len(), 1);
    fails(
        "---types",
        r#"UnexpectedToken 8..8 "" expected `---` after `types`, found the end of the file"#,
    );
    fails(
        "---4---",
        r#"UnexpectedToken 3..4 "4" expected `types` or `functions` after `---`, found `4`"#,
    );
    fails(
        "===x===",
        r#"UnexpectedToken 3..4 "x" expected a layer number after `===`, found `x`"#,
    );
    fails(
        "===4=",
        r#"UnexpectedToken 4..5 "=" expected `===` after `4`, found `=`"#,
    );
}

#[test]
fn diagnostics_come_in_the_order_of_the_text() {
    let parsed = read("a x: = A;\nb $ = B;\nc y: = C;\nd#x = D;\n");
    let starts: Vec<_> = parsed
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.primary.span.start)
        .collect();
    assert!(starts.is_sorted(), "{starts:?}");
    let codes: Vec<_> = parsed
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect();
    assert_eq!(
        codes,
        [
            Code::UnexpectedToken,
            Code::UnknownCharacter,
            Code::UnexpectedToken,
            Code::MalformedId
        ]
    );
}
