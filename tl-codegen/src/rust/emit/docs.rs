//! Doc comments.

use proc_macro2::TokenStream;
use quote::quote;

use crate::rust::plan::Docs;

/// The width at which a definition is folded.
const FOLD: usize = 92;

/// Doc lines as they are.
pub(super) fn lines(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| format!(" {line}"));
    quote!(#(#[doc = #lines])*)
}

/// The docs of a struct or enum.
pub(super) fn item(docs: &Docs, id: Option<u32>) -> TokenStream {
    let title = match id {
        Some(id) => format!("`{}#{id:08x}`", docs.tl_name),
        None => format!("`{}`", docs.tl_name),
    };
    let mut text = vec![title];
    if let Some(definition) = &docs.definition {
        text.extend([String::new(), "```text".to_owned()]);
        text.extend(fold(definition));
        text.push("```".to_owned());
    }
    for note in docs
        .notes
        .iter()
        .cloned()
        .chain(docs.link.iter().map(|link| format!("<{link}>")))
    {
        text.extend([String::new(), note]);
    }
    lines(&text)
}

/// A definition in lines of bearable length.
fn fold(definition: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in definition.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.len() + 1 + word.len() <= FOLD => {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            _ => lines.push(format!("    {word}")),
        }
    }
    lines
}
