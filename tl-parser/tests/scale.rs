//! Schemas of a size nobody writes, of every shape that could make a pass look at the same thing again and again. None of
//! them would end in a test run if its time grew with the square of its size; so no clock is needed.

use tl_parser::diagnostic::Code;
use tl_parser::format::tlo::{self, TloVersion};
use tl_parser::schema::{Options, Reading, diff, read};
use tl_parser::span::Sources;

/// In a debug build the square of this many steps takes minutes.
const MANY: usize = 60_000;

fn reading(text: String) -> (Sources, Reading) {
    let mut sources = Sources::new();
    sources.add("a.tl", text).expect("small enough");
    let mut reading = read(&sources, &Options::default())
        .pop()
        .expect("one schema");
    // Of so many ids of 32 bits a few do coincide.
    let diagnostics = &mut reading.diagnostics;
    diagnostics.retain(|found| found.code != Code::DuplicateId);
    (sources, reading)
}

/// Reads a schema and counts its findings of one sort; there must be no others.
#[track_caller]
fn findings(text: String, code: Code) -> usize {
    let (_, reading) = reading(text);
    for found in &reading.diagnostics {
        assert_eq!(found.code, code, "{}", found.message);
    }
    reading.diagnostics.len()
}

#[track_caller]
fn assert_sound(text: String) {
    let (_, reading) = reading(text);
    assert_eq!(reading.diagnostics, []);
}

/// A pattern many times, with the number of each in place of every `@`.
fn many(pattern: &str) -> String {
    each(|index| pattern.replace('@', &index.to_string()))
}

/// Many lines.
fn each(line: impl Fn(usize) -> String) -> String {
    (0..MANY).map(|index| line(index) + "\n").collect()
}

mod arguments {
    use super::*;

    #[test]
    fn of_different_names() {
        assert_sound(format!("a {} = A;", many("x@:int")));
    }

    #[test]
    fn that_are_words_with_their_fields() {
        assert_sound(format!("a {} = A;", many("f@:# x@:f@.0?int")));
    }

    #[test]
    fn that_depend_on_words_as_a_whole() {
        assert_sound(format!("a {} = A;", many("f@:# x@:f@?int")));
    }

    #[test]
    fn in_repetitions_counted_by_the_last_number() {
        let args = many("{t@:Type} x@:[ y@:int ]");
        assert_sound(format!("a n:# {args} = A {};", many("t@")));
    }

    #[test]
    fn nested_in_one_repetition_and_out_of_sight_behind_it() {
        let args = many("x@:int");
        assert_sound(format!("a n:# b:n*[ {args} ] c:n*[ {args} ] {args} = A;"));
    }

    #[test]
    fn of_the_same_name() {
        let text = format!("a {} = A;", many("x:int"));
        assert_eq!(findings(text, Code::DuplicateArgument), MANY - 1);
    }

    #[test]
    fn that_hide_a_number() {
        let hiding = many("x:n");
        let text = format!("a n:# {} = A;", hiding.replace("x:n", "n:int"));
        assert_eq!(findings(text, Code::DuplicateArgument), MANY);
    }

    #[test]
    fn that_are_parameters_of_the_result() {
        let args = many("{x@:#}");
        assert_sound(format!("a {args} = A {};", many("x@")));
    }

    #[test]
    fn that_nothing_uses() {
        let text = format!("a {} = A;", many("{x@:#}"));
        assert_eq!(findings(text, Code::UnusedImplicit), MANY);
    }

    #[test]
    fn on_unknown_words() {
        let text = format!("a {} = A;", many("x@:word@.0?int"));
        assert_eq!(findings(text, Code::UnknownFlagsWord), MANY);
    }

    #[test]
    fn on_words_declared_behind_them() {
        let args = many("x@:f@.0?int");
        let text = format!("a {args} {} = A;", many("f@:#"));
        assert_eq!(findings(text, Code::UsedBeforeBound), MANY);
    }

    #[test]
    fn that_are_one_bit() {
        let text = format!("a f:# {} = A;", many("x@:f.0?true"));
        assert_eq!(findings(text, Code::BitReused), MANY - 1);
        assert_sound(format!("a f:# {} = A;", many("x@:f.0?int")));
    }

    #[test]
    fn on_bits_of_a_word_that_is_a_condition_itself() {
        let text = format!("a f:# w:f?int {} = A;", many("x@:f.0?int"));
        assert_eq!(findings(text, Code::BitReused), MANY);
    }
}

mod types {
    use super::*;

    #[test]
    fn used_bare_though_they_have_many_constructors() {
        let uses = many("u@ x:%T = U@;");
        let text = many("c@ = T;") + &uses;
        assert_eq!(findings(text, Code::AmbiguousBare), MANY);
        assert_sound("c = T;".to_owned() + &uses);
    }

    #[test]
    fn told_apart_by_numbers() {
        let uses = many("u@ {n:#} x:%(T @) y:%(T n) = U@ n;");
        assert_sound(many("c@ = T @;") + &format!("last {{n:#}} = T (n+{MANY});\n{uses}"));
        let same = many("u@ {n:#} y:%(T n) = U@ n;");
        let text = many("c@ = T @;") + &format!("last {{n:#}} = T n;\n{same}");
        assert_eq!(findings(text, Code::AmbiguousBare), MANY);
    }

    #[test]
    fn of_a_constructor_that_every_layer_defines_anew() {
        let layer = |rest: &str| each(|layer| format!("==={}===\na x:int = A; {rest}", layer + 1));
        assert_sound(layer("b x:%A y:a = B;"));
        // Nothing of the newest layers can be used at the first.
        assert_sound(
            format!("===1===\na = A; {}", many("u@ x:%A y:a = U;"))
                + &each(|layer| format!("==={}===\na x:int = A;", layer + 2)),
        );
        let text = layer("b = A; c x:%A = C;");
        assert_eq!(findings(text, Code::AmbiguousBare), MANY);
    }

    #[test]
    fn in_a_chain_with_a_definition_that_holds_all_of_it() {
        let chain = each(|index| format!("c{index} x:C{} = C{index};", index + 1));
        let from_its_end = each(|index| format!("x{index}:C{}", MANY - index));
        let from_its_start = many("x@:C@");
        assert_sound(format!(
            "{chain}c{MANY} = C{MANY}; a {from_its_end} = A; b {from_its_start} = B;"
        ));
    }

    #[test]
    fn of_many_constructors_that_only_the_last_to_be_found_ends() {
        let recursive = many("c@ x:T = T;");
        assert_sound(format!("z = T;\n{recursive}a {} = A;", many("x@:T")));
        assert_sound(format!("{recursive}z = T;\na {} = A;", many("x@:T")));
    }

    #[test]
    fn without_an_end_in_one_long_cycle() {
        let text = each(|index| format!("c{index} x:C{} = C{index};", (index + 1) % MANY));
        let (_, reading) = reading(text);
        let [found] = &reading.diagnostics[..] else {
            panic!("one finding, not {}", reading.diagnostics.len());
        };
        assert_eq!(found.code, Code::InfiniteType);
        assert!(
            found.message.contains("c18 → c19 → … 59980 more … → c0"),
            "{}",
            found.message
        );
        assert_eq!(found.secondary.len(), 19);
    }

    #[test]
    fn that_need_themselves_each() {
        let text = many("c@ x:C@ = C@;");
        assert_eq!(findings(text, Code::InfiniteType), MANY);
    }

    #[test]
    fn measured_on_the_wire() {
        let text = many("u@ = T;") + &many("d@ x:T = D@;") + "z x:Z = Z;";
        let (_, reading) = reading(text);
        let sizes = reading.schema.view(None).wire_sizes();
        for (id, ty) in reading.schema.types() {
            let expected = match &*ty.name {
                "T" => Some((4, Some(4))),
                "D0" | "D59999" => Some((8, Some(8))),
                "Z" => None,
                _ => continue,
            };
            let size = sizes.of_type(id).map(|size| (size.min, size.max));
            assert_eq!(size, expected, "{}", ty.name);
        }
    }
}

#[test]
fn places_on_one_long_line_are_told() {
    let text = "é:a ".repeat(MANY);
    let (sources, reading) = reading(text.clone() + "\n");
    let file = sources.iter().next().expect("a file").1;
    let columns = (0..MANY as u32).map(|at| file.line_column(5 * at).1);
    assert!(columns.eq((0..MANY).map(|at| 4 * at + 1)));
    assert!(!reading.diagnostics.is_empty());
}

mod compared {
    use super::*;

    /// Two schemas and what they have in common take longer.
    const COUNT: usize = MANY / 4;

    fn many(pattern: &str) -> String {
        super::many(pattern)
            .split_inclusive('\n')
            .take(COUNT)
            .collect()
    }

    #[track_caller]
    fn changes(old: String, new: String) -> usize {
        let (old, new) = (reading(old).1.schema, reading(new).1.schema);
        diff::diff(&old, &new)
            .iter()
            .map(|change| change.details.len().max(1))
            .sum()
    }

    #[test]
    fn fields_of_many_masks() {
        let old = format!("a {} = A;", many("f@:#"));
        let new = format!("a {} = A;", many("f@:# x@:f@.0?int"));
        assert_eq!(changes(new.clone(), old.clone()), COUNT);
        assert_eq!(changes(old, new), COUNT);
    }

    #[test]
    fn masks_handed_on_from_many_to_many() {
        let text = |bit| {
            many(&format!("a@ {{m:#}} x:m.{bit}?int = A m;"))
                + &many(&format!("u@ f:# x:(A f) y:f.{bit}?int = U;"))
        };
        assert_eq!(changes(text(0), text(1)), 2 * COUNT);
    }

    #[test]
    fn constructors_without_a_name_and_names_of_many_layers() {
        assert_eq!(
            changes(many("_ x@:int = A;"), many("_ x@:long = A;")),
            COUNT
        );
        let old: String = (1..=COUNT)
            .map(|layer| {
                format!(
                    "===${layer}===
a x:int = A;
"
                )
                .replace('$', "")
            })
            .collect();
        let new = old.replace("int", "long");
        assert_eq!(changes(old, new), COUNT);
    }

    #[test]
    fn constructors_added_to_a_type_that_many_use_bare() {
        let uses = many("u@ x:a = U;");
        assert_eq!(
            changes(
                format!("a = A; {uses}"),
                format!("a = A; {uses}{}", many("b@ = A;"))
            ),
            COUNT
        );
    }
}

#[test]
fn overlaps_of_many_results_are_found() {
    let text = many("a@ {n:#} {m:#} = T (n+@) @ m;") + &many("b@ = B @;");
    let (_, reading) = reading(text);
    let bytes = tlo::write(&reading.schema.view(None), TloVersion::V4, 0).expect("it can be said");
    assert!(bytes.len() > 2 * MANY);
}
