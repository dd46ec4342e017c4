//! Every construct of TL-formal and of the dialects, by the tree it becomes.

use tl_parser::syntax::ast::{ExprKind, Item};

use crate::tree::{items, one, read};

#[test]
fn a_constructor_of_the_telegram_api() {
    assert_eq!(
        one("user#1cb5c415 flags:# id:long name:flags.3?string photos:Vector<Photo> = User;"),
        "user#1cb5c415 [flags:#] [id:long] [name:if(flags bit 3)string] [photos:angle(Vector Photo)] = User"
    );
}

#[test]
fn vector_takes_an_anonymous_number_and_repeats() {
    assert_eq!(
        one("vector#1cb5c415 {t:Type} # [ t ] = Vector t;"),
        "vector#1cb5c415 [implicit t:Type] [:#] [:repeat(_; [:t])] = apply(Vector t)"
    );
}

#[test]
fn ids_have_one_to_eight_digits_of_either_case() {
    assert_eq!(one("a#f = A;"), "a#f = A");
    assert_eq!(one("a#0dae54F8 = A;"), "a#dae54f8 = A");
    assert_eq!(one("_#ffffffff = A;"), "_#ffffffff = A");
    assert_eq!(one("ns.a#b = A;"), "ns.a#b = A");
}

#[test]
fn a_number_sign_is_an_id_only_right_behind_a_name() {
    assert_eq!(one("a #b = A;").as_str(), "a [:#] [:b] = A");
    assert_eq!(one("a n:#b:int = A;"), "a [n:#] [b:int] = A");
    assert_eq!(
        one("vector {t:Type}# [t] = V;"),
        "vector [implicit t:Type] [:#] [:repeat(_; [:t])] = V"
    );
    assert_eq!(
        one("vector# [t] = V;"),
        "vector [:#] [:repeat(_; [:t])] = V"
    );
}

#[test]
fn names_have_any_number_of_namespaces() {
    assert_eq!(one("a.b.c.d.e x:f.g.H = i.J;"), "a.b.c.d.e [x:f.g.H] = i.J");
    assert_eq!(one("_a._b.c1 x:_t = X;"), "_a._b.c1 [x:_t] = X");
}

#[test]
fn a_dot_before_a_digit_is_a_condition_and_before_a_letter_a_namespace() {
    assert_eq!(
        one("a x:flags.3?true y:ns.t z:flags?t = A;"),
        "a [x:if(flags bit 3)true] [y:ns.t] [z:if(flags)t] = A"
    );
    assert_eq!(
        one("a x:flags . 3 ? ns.T = A;"),
        "a [x:if(flags bit 3)ns.T] = A"
    );
    assert_eq!(
        one("a x:flags.31?!X y:f.0?Vector<%T> = A;"),
        "a [x:if(flags bit 31)!X] [y:if(f bit 0)angle(Vector bare T)] = A"
    );
}

#[test]
fn a_condition_may_stand_in_parentheses_with_its_type() {
    assert_eq!(one("a x:(f.0?string) = A;"), "a [x:if(f bit 0)string] = A");
    assert_eq!(
        one("a x:(f.2?%(Vector int)) = A;"),
        "a [x:if(f bit 2)bare paren(apply(Vector int))] = A"
    );
    assert_eq!(
        one("a x:(f.2?Vector int) = A;"),
        "a [x:if(f bit 2)paren(apply(Vector int))] = A"
    );
}

#[test]
fn implicit_arguments_come_alone_or_in_groups() {
    assert_eq!(
        one("a {X:Type} {m n:#} = A X m n;"),
        "a [implicit X:Type] [implicit m,n:#] = apply(A X m n)"
    );
    assert_eq!(
        one("a {f:list X} {Y:!Type} = A;"),
        "a [implicit f:apply(list X)] [implicit Y:!Type] = A"
    );
}

#[test]
fn groups_declare_and_parentheses_do_not() {
    assert_eq!(
        one("a (x y:int) (_ _:long) (z:!T) (l : list X) (vector T) = A;"),
        "a [group x,y:int] [group _,_:long] [group z:!T] [group l:apply(list X)] [:paren(apply(vector T))] = A"
    );
}

#[test]
fn queries_carry_an_exclamation_mark() {
    assert_eq!(
        one("invoke {X:Type} layer:int query:!X = X;"),
        "invoke [implicit X:Type] [layer:int] [query:!X] = X"
    );
    assert_eq!(one("a !X !(f Y) = X;"), "a [:!X] [:!paren(apply(f Y))] = X");
}

#[test]
fn anonymous_arguments_and_underscores() {
    assert_eq!(
        one("int128 4*[ int ] = Int128;"),
        "int128 [:repeat(4; [:int])] = Int128"
    );
    assert_eq!(
        one("a int _:long %T # 5 = A;"),
        "a [:int] [_:long] [:bare T] [:#] [:5] = A"
    );
    assert_eq!(
        one("_ {X:Type} result:X = ReqResult X;"),
        "_ [implicit X:Type] [result:X] = apply(ReqResult X)"
    );
}

#[test]
fn a_bare_application_is_two_arguments() {
    assert_eq!(one("a x:Vector int = A;"), "a [x:Vector] [:int] = A");
}

#[test]
fn repetitions_nest_and_have_names_and_counts() {
    assert_eq!(
        one("matrix {m n:#} a:m*[ n*[ double ] ] = Matrix m n;"),
        "matrix [implicit m,n:#] [a:repeat(m; [:repeat(n; [:double])])] = apply(Matrix m n)"
    );
    assert_eq!(
        one("a n:# (n+1)*[ x:int (y z:long) ] [ ] b:f.0?[ !X ] = A;"),
        "a [n:#] [:repeat(paren(add(n 1)); [x:int] [group y,z:long])] [:repeat(_; )] \
         [b:if(f bit 0)repeat(_; [:!X])] = A"
    );
}

#[test]
fn types_in_all_their_forms() {
    assert_eq!(
        one(
            "a x:(Tuple int n) y:%(Tuple %(Vector int) 1+n) z:Dict<a,Vector<Vector<#>>> w:M<a b, n+1> = A;"
        ),
        "a [x:paren(apply(Tuple int n))] [y:bare paren(apply(Tuple bare paren(apply(Vector int)) add(1 n)))] \
         [z:angle(Dict a angle(Vector angle(Vector #)))] [w:angle(M apply(a b) add(n 1))] = A"
    );
    assert_eq!(
        one("a x:%%T y:((T)) = A;"),
        "a [x:bare bare T] [y:paren(paren(T))] = A"
    );
    assert_eq!(one("a = T 1+2+n;"), "a = apply(T add(1 add(2 n)))");
}

#[test]
fn results_are_expressions_behind_one_of_two_arrows() {
    assert_eq!(one("a = Vector<long>;"), "a = angle(Vector long)");
    assert_eq!(
        one("a = Vector %(User flags);"),
        "a = apply(Vector bare paren(apply(User flags)))"
    );
    assert_eq!(one("a x:int => ns.T;"), "a [x:int] => ns.T");
    assert_eq!(one("a = #;"), "a = #");
    assert_eq!(one("a = !T n;"), "a = !apply(T n)");
    assert_eq!(one("a => !T;"), "a => !T");
}

#[test]
fn builtins_have_a_question_mark_for_arguments() {
    assert_eq!(one("int ? = Int;"), "int builtin = Int");
    assert_eq!(one("int#a8509bda ? = Int;"), "int#a8509bda builtin = Int");
}

#[test]
fn annotations_stand_before_the_name() {
    assert_eq!(
        one("@read @any\nns.get#12 x:int = ns.V;"),
        "@read @any ns.get#12 [x:int] = ns.V"
    );
}

#[test]
fn keywords_are_keywords_only_before_a_type_and_a_semicolon() {
    assert_eq!(
        items("New T; Final ns.T; Empty False;"),
        ["New T", "Final ns.T", "Empty False"]
    );
    assert_eq!(
        items("Final T int; Empty t;"),
        ["partial apply(Final T int)", "partial apply(Empty t)"]
    );
    assert_eq!(
        one("a override:Bool type:string priv:int Final:Empty New Final Empty:New = Final;"),
        "a [override:Bool] [type:string] [priv:int] [Final:Empty] [:New] [:Final] [Empty:New] = Final"
    );
}

#[test]
fn partial_applications_of_types_and_of_constructors() {
    assert_eq!(
        items("Vector int; Vector<int>;"),
        ["partial apply(Vector int)", "partial angle(Vector int)"]
    );
    assert_eq!(
        items("pair int string; tuple int n+1; ns.pair %(Vector int);"),
        [
            "partial apply(pair int string)",
            "partial apply(tuple int add(n 1))",
            "partial apply(ns.pair bare paren(apply(Vector int)))"
        ]
    );
}

#[test]
fn marks_may_have_blanks_inside_and_nothing_between() {
    assert_eq!(
        items("---types---\n--- functions ---\n---types---===17===\n=== 4294967295 ===a = A;"),
        [
            "section Types",
            "section Functions",
            "section Types",
            "layer 17",
            "layer 4294967295",
            "a = A"
        ]
    );
    assert_eq!(items(""), Vec::<String>::new());
}

#[test]
fn functions_and_types_are_names_too() {
    assert_eq!(
        one("functions types:functions = Types;"),
        "functions [types:functions] = Types"
    );
}

#[test]
fn byte_order_mark_line_ends_and_missing_last_newline_do_not_matter() {
    assert_eq!(
        one("\u{feff}a#1\r\n  x:int\r\n\t= A\r\n;\r\n// end\r"),
        "a#1 [x:int] = A"
    );
    let parsed = read("\u{feff}a = A;// ж\r\n// LAYER 143");
    let comments: Vec<_> = parsed
        .file
        .comments
        .iter()
        .map(|comment| (comment.text, comment.span.start))
        .collect();
    assert_eq!(comments, [("// ж", 9), ("// LAYER 143", 16)]);
}

#[test]
fn comments_stand_anywhere_and_are_kept() {
    let text = "/* a\n * б */a/**/x:/*;*/int// = B;\n= A;//@description é\n//-";
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, []);
    let comments: Vec<_> = parsed
        .file
        .comments
        .iter()
        .map(|comment| comment.text)
        .collect();
    assert_eq!(
        comments,
        [
            "/* a\n * б */",
            "/**/",
            "/*;*/",
            "// = B;",
            "//@description é",
            "//-"
        ]
    );
    assert!(
        parsed
            .file
            .comments
            .iter()
            .all(|comment| &text[comment.span.range()] == comment.text)
    );
    assert_eq!(one(text), "a [x:int] = A");
}

#[test]
fn spans_cover_what_they_name() {
    let text = " @read a.b#12 {X:Type} f:fl.3?!Vector<X> (p q:t) n*[ x:n+1 ] = R %(S 4) ; ";
    let text = text.replace("x:n+1", "x:(n+1)");
    let parsed = read(&text);
    let [Item::Combinator(definition)] = parsed.file.items.as_slice() else {
        panic!("{parsed:?}")
    };
    let at = |span: tl_parser::span::Span| &text[span.range()];
    assert_eq!(at(definition.span), text.trim());
    assert_eq!(at(definition.annotations[0].span), "read");
    assert_eq!(at(definition.name.span), "a.b");
    assert_eq!(definition.id.map(|id| at(id.span)), Some("#12"));
    let args: Vec<_> = definition.args.iter().map(|arg| at(arg.span)).collect();
    assert_eq!(
        args,
        ["{X:Type}", "f:fl.3?!Vector<X>", "(p q:t)", "n*[ x:(n+1) ]"]
    );
    let condition = definition.args[1].condition.expect("a condition");
    assert_eq!(
        (at(condition.span), at(condition.word.span)),
        ("fl.3?", "fl")
    );
    assert_eq!(condition.bit.map(|bit| at(bit.span)), Some("3"));
    assert_eq!(definition.args[1].bang.map(at), Some("!"));
    assert_eq!(at(definition.args[1].ty.span), "Vector<X>");
    assert_eq!(at(definition.args[2].names[1].span), "q");
    let ExprKind::Repeat(repeat) = &definition.args[3].ty.kind else {
        panic!("{definition:?}")
    };
    assert_eq!(repeat.count.as_ref().map(|count| at(count.span)), Some("n"));
    let ExprKind::Paren(sum) = &repeat.args[0].ty.kind else {
        panic!("{repeat:?}")
    };
    assert_eq!(at(sum.span), "n+1");
    assert_eq!(at(definition.result.span), "R %(S 4)");
    let ExprKind::Apply(apply) = &definition.result.kind else {
        panic!("{definition:?}")
    };
    assert_eq!(
        (at(apply.head.span), at(apply.args[0].span)),
        ("R", "%(S 4)")
    );
}

#[test]
fn spans_of_other_items() {
    let text = " --- types --- ===  3=== Final T ; Vector  int ; a ? = B;";
    let parsed = read(text);
    let spans: Vec<_> = parsed
        .file
        .items
        .iter()
        .map(|item| &text[item.span().range()])
        .collect();
    assert_eq!(
        spans,
        [
            "--- types ---",
            "===  3===",
            "Final T ;",
            "Vector  int ;",
            "a ? = B;"
        ]
    );
}
