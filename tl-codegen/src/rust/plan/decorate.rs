//! What patterns of the configuration say of items and fields: attributes, and what `Debug` does not show.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use tl_parser::schema::Name;

use super::{Docs, Item, Module, ModulePath, Style};
use crate::{Error, ItemAttribute};

/// Marks the items and fields that patterns name; each pattern must name one.
pub(super) fn decorate(
    modules: &mut BTreeMap<ModulePath, Module>,
    style: &Style,
) -> Result<(), Error> {
    for rule in &style.attributes {
        check(rule)?;
        let mut is_used = false;
        for item in modules.values_mut().flat_map(|module| &mut module.items) {
            let Some((docs, attributes)) = attributes(item) else {
                continue;
            };
            if Name::from(docs.tl_name.as_str()).fits(&rule.pattern) {
                attributes.push(rule.attribute.clone());
                is_used = true;
            }
        }
        if !is_used {
            return Err(Error::Pattern {
                pattern: rule.pattern.clone(),
            });
        }
    }
    for pattern in &style.redact {
        let mut is_used = false;
        for item in modules.values_mut().flat_map(|module| &mut module.items) {
            let Item::Struct(item) = item else { continue };
            let own = &item.docs.tl_name;
            for field in &mut item.fields {
                let name = if pattern.contains('.') {
                    Name::from(format!("{own}.{}", field.tl_name).as_str())
                } else {
                    Name::from(field.tl_name.as_str())
                };
                if field.is_in_struct() && name.fits(pattern) {
                    field.is_redacted = true;
                    is_used = true;
                }
            }
        }
        if !is_used {
            return Err(Error::Config(format!(
                "the pattern `{pattern}` of `redact` matches no field; a field is written as in TL, `auth_key`, or with its \
                 constructor or function, `auth.sendCode.phone_number`, and `*` stands for any text"
            )));
        }
    }
    Ok(())
}

fn attributes(item: &mut Item) -> Option<(&Docs, &mut Vec<String>)> {
    match item {
        Item::Struct(item) => Some((&item.docs, &mut item.attributes)),
        Item::Enum(item) => Some((&item.docs, &mut item.attributes)),
        Item::Opaque(item) => Some((&item.docs, &mut item.attributes)),
        _ => None,
    }
}

/// The text must be outer attributes and nothing else.
fn check(rule: &ItemAttribute) -> Result<(), Error> {
    let is_attributes = |tokens: &TokenStream| {
        let tokens: Vec<_> = tokens.clone().into_iter().collect();
        let mut pairs = tokens.chunks(2);
        !tokens.is_empty()
            && pairs.all(|pair| match pair {
                [TokenTree::Punct(mark), TokenTree::Group(group)] => {
                    mark.as_char() == '#'
                        && group.delimiter() == Delimiter::Bracket
                        && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(_)))
                }
                _ => false,
            })
    };
    match rule.attribute.parse() {
        Ok(tokens) if is_attributes(&tokens) => Ok(()),
        _ => Err(Error::Config(format!(
            "`{}` is no attribute, as `#[derive(Hash)]` is",
            rule.attribute
        ))),
    }
}
