//! Whatever stands before a derive, it ends in code or in errors: a macro that panics tells nothing.

use std::panic;
use std::path::Path;

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

use crate::{bindings, derive, expand};

const INPUTS: &[&str] = &[
    r#"#[tl(id = 0x2a, name = "user")] struct User { id: i64, name: String }"#,
    r#"#[tl(schema_inline = "user flags:# id:flags.3?long = User; none = User;", name = "User")]
    enum Any<T> where T: Clone { User { #[tl(flags)] flags: (), #[tl(flags = "flags.3")] id: Option<i64> }, None(T) }"#,
    r#"struct Row<'a, T, const N: usize>(#[tl(counter)] (), #[tl(count = "0", items(bare))] Vec<Vec<&'a str>>, [T; N]);"#,
    r#"#[tl(boxed, id = 1, name = "a.b", runtime = "crate::tl")] struct Wide { #[tl(flags_before = "f", flags = "f.31",
    with = self::seconds)] at: Option<Box<std::time::Duration>>, #[tl(skip)] r#type: u8, #[tl(boxed)] user: Box<User> }"#,
    r#"#[tl(name = "path", schema = "tests/schema.tl")] struct Path { #[tl(bare)] points: Vec<Point>, boxes: Vec<Point>,
    #[tl(items(boxed))] all: Vec<Point>, #[tl(items(bare, items(boxed)))] nested: Vec<Vec<i32>> }"#,
    r#"enum E { #[tl(id = 1, fallback)] A((i32, i64), fn(i32) -> !, impl Fn(), dyn Send + 'static, *const u8, _) = 7, B }"#,
    r#"union U { a: i32, b: f32 }"#,
    r#"pub(crate) mod api, "user id:long = User;", only = ["user"], derives = [], borrowed = true, runtime = "::x""#,
    r#"mod api, file = "tests/schema.tl", trust_ids = false, no_std = true"#,
];

#[test]
fn odd_inputs_end_in_code_or_in_errors() {
    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut code, mut errors) = (0, 0);
    for input in INPUTS {
        for round in 0..400 {
            let mut tokens: TokenStream = input.parse().expect("tokens");
            // The first round is the input as it is; later ones change more and more of it.
            for _ in 0..round.min(1 + round / 100) {
                tokens = random.change(tokens);
            }
            for out in [
                derive(tokens.clone(), base, expand::read),
                derive(tokens.clone(), base, expand::write),
                bindings::expand(tokens.clone(), base),
            ] {
                match out.to_string().contains("compile_error") {
                    true => errors += 1,
                    false => code += 1,
                }
            }
        }
    }
    // Both happen, or the changes are none, or ruin everything.
    assert!(code > 80 && errors > 5_000, "{code} {errors}");
}

#[test]
fn nothing_at_all_is_an_error() {
    let base = Path::new("");
    for input in [
        "",
        "struct",
        "enum E",
        "#[tl] struct S;",
        "#[tl = 1] struct S;",
        "#[tl(,)] struct S;",
    ] {
        let tokens: TokenStream = input.parse().expect("tokens");
        let out =
            panic::catch_unwind(|| derive(input.parse().expect("tokens"), base, expand::read));
        let out = out.expect("no panic").to_string();
        assert!(out.contains("compile_error"), "{input}: {out}");
        assert!(
            bindings::expand(tokens, base)
                .to_string()
                .contains("compile_error")
        );
    }
}

/// A small generator: what matters is that every run sees the same.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound.max(1)
    }

    /// Takes away, doubles, swaps or replaces a token, here or in a group.
    fn change(&mut self, tokens: TokenStream) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
        if tokens.is_empty() {
            return self.odd().into();
        }
        let at = self.below(tokens.len());
        if let TokenTree::Group(group) = &tokens[at]
            && self.below(4) > 0
        {
            let inner = self.change(group.stream());
            tokens[at] = Group::new(group.delimiter(), inner).into();
            return tokens.into_iter().collect();
        }
        match self.below(5) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at].clone()),
            2 => {
                let other = self.below(tokens.len());
                tokens.swap(at, other);
            }
            3 => tokens.insert(at, self.odd()),
            _ => tokens[at] = self.odd(),
        }
        tokens.into_iter().collect()
    }

    fn odd(&mut self) -> TokenTree {
        const WORDS: &[&str] = &[
            "tl",
            "id",
            "name",
            "flags",
            "items",
            "with",
            "boxed",
            "bare",
            "Vec",
            "Option",
            "Box",
            "Self",
            "self",
            "_",
            "u8",
            "dyn",
            "mod",
            "file",
            "\u{fc}ber",
        ];
        const TEXTS: &[&str] = &[
            "",
            ".",
            "flags.",
            ".3",
            "flags.256",
            "flags.+3",
            "\u{1f600}",
            "a.b.c",
            "user id:long",
            "\0",
            "tests/schema.tl",
            "{}",
            "user#0 = User;",
            "a {n:#} x:n*[int] = A n;",
        ];
        let span = Span::call_site();
        match self.below(6) {
            0 => Ident::new(WORDS[self.below(WORDS.len())], span).into(),
            1 => Literal::string(TEXTS[self.below(TEXTS.len())]).into(),
            2 => Literal::u128_unsuffixed(u128::from(self.0) << self.below(60)).into(),
            3 => Group::new(Delimiter::None, Ident::new("i64", span).into_token_stream()).into(),
            4 => Literal::f64_suffixed(0.5).into(),
            _ => {
                let marks = ['=', ',', '<', '>', '&', '#', ':', '!', '?'];
                Punct::new(marks[self.below(marks.len())], Spacing::Joint).into()
            }
        }
    }
}
