//! Doc comments.

use proc_macro2::TokenStream;
use quote::quote;

use crate::rust::plan::{Docs, Field, OpaqueVariant, Variant};

/// The width at which a definition is folded.
const FOLD: usize = 92;

/// Doc lines as they are.
pub(super) fn lines(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| format!(" {line}"));
    quote!(#(#[doc = #lines])*)
}

/// The docs of a type that is kept as bytes.
pub(super) fn opaque(docs: &Docs) -> TokenStream {
    let how = "Kept as bytes: `decode` reads it as a type that has its constructors.";
    let title = Docs {
        description: None,
        definition: None,
        link: None,
        ..docs.clone()
    };
    let rest = Docs {
        definition: None,
        ..docs.clone()
    };
    let (title, how) = (item(&title, None), lines(&[String::new(), how.to_owned()]));
    let rest = lines(&body(&rest));
    quote!(#title #how #rest)
}

/// The docs of a struct or enum.
pub(super) fn item(docs: &Docs, id: Option<u32>) -> TokenStream {
    let title = match id {
        Some(id) => format!("`{}#{id:08x}`", docs.tl_name),
        None => format!("`{}`", docs.tl_name),
    };
    let mut text = vec![title];
    text.extend(body(docs));
    lines(&text)
}

/// What follows the title.
fn body(docs: &Docs) -> Vec<String> {
    let mut text = Vec::new();
    if let Some(description) = &docs.description {
        text.push(String::new());
        text.extend(fold(description, ""));
    }
    if let Some(definition) = &docs.definition {
        text.extend([String::new(), "```text".to_owned()]);
        text.extend(fold(definition, "    "));
        text.push("```".to_owned());
    }
    if let Some(link) = &docs.link {
        text.extend([String::new(), format!("<{link}>")]);
    }
    text
}

/// The docs of what a repetition repeats.
pub(super) fn record(docs: &Docs) -> TokenStream {
    lines(
        &docs
            .description
            .iter()
            .flat_map(|text| fold(text, ""))
            .collect::<Vec<_>>(),
    )
}

/// The docs of a variant: its constructor, and what the schema says of one that has no struct to say it.
pub(super) fn variant(variant: &Variant) -> TokenStream {
    let mut text = vec![format!("`{}#{:08x}`", variant.tl_name, variant.id)];
    if let Some(docs) = &variant.docs {
        text.push(String::new());
        text.extend(fold(docs, ""));
    }
    lines(&text)
}

/// The docs of the variant for constructors that are kept as bytes.
pub(super) fn opaque_variant(variant: &OpaqueVariant) -> TokenStream {
    let names = variant.constructors.iter();
    let names: Vec<_> = names.map(|(_, name)| format!("`{name}`")).collect();
    let text = format!("Kept as bytes: {}.", names.join(", "));
    lines(&fold(&text, ""))
}

/// Text in lines of bearable length, those after the first indented.
pub(crate) fn fold(text: &str, indent: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.len() + 1 + word.len() <= FOLD => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines
}

/// The docs of a field: what the schema says, and its TL name where the Rust name differs.
pub(super) fn field(field: &Field) -> TokenStream {
    let mut text: Vec<String> = field.docs.iter().flat_map(|docs| fold(docs, "")).collect();
    if field.is_computed() {
        text = vec!["The bits that the schema gives no meaning.".to_owned()];
    }
    if let Some(null) = &field.null {
        text.push(String::new());
        text.extend(fold(&format!("Nullable: {null}."), ""));
    }
    if field.name.trim_start_matches("r#") != field.tl_name {
        if !text.is_empty() {
            text.push(String::new());
        }
        text.push(format!("`{}`", field.tl_name));
    }
    lines(&text)
}
