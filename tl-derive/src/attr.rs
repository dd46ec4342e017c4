//! The `#[tl(…)]` attributes: what each may say of a type, a variant or a field, and what is said twice or in the wrong place.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, LitInt, LitStr, Path, Token, Type, parse_quote};

use crate::errors::Errors;

/// What is said of a type.
pub(crate) struct TypeAttrs {
    pub id: Option<(u32, Span)>,
    pub name: Option<LitStr>,
    /// Reads and writes its id itself.
    pub boxed: Option<Span>,
    /// What a call returns.
    pub returns: Option<Returns>,
    pub runtime: Path,
    pub schema: Option<SchemaAttr>,
    /// The schema's ids are right whatever their text gives.
    pub trust_ids: Option<Span>,
}

/// What a call returns.
pub(crate) enum Returns {
    /// A value of this type.
    Type(Box<Type>),
    /// What the call in this field returns.
    Query(LitStr),
}

/// Where the schema is.
pub(crate) enum SchemaAttr {
    File(LitStr),
    Inline(LitStr),
}

/// What is said of a variant.
#[derive(Default)]
pub(crate) struct VariantAttrs {
    pub id: Option<(u32, Span)>,
    pub name: Option<LitStr>,
    pub fallback: Option<Span>,
}

/// What is said of a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub name: Option<LitStr>,
    /// The field stands for a flags word.
    pub flags_word: Option<Span>,
    /// `"flags.3"`
    pub flag: Option<LitStr>,
    /// The field stands for a number that counts items.
    pub counter: Option<Span>,
    /// The number that counts the field's items.
    pub count: Option<LitStr>,
    /// Flags words before the field that no field stands for.
    pub flags_before: Option<LitStr>,
    /// A number before the field that counts items, and that no field stands for.
    pub counter_before: Option<LitStr>,
    pub with: Option<Path>,
    pub form: Form,
    pub skip: Option<Span>,
}

/// Boxed or bare, where a type has both forms.
#[derive(Default)]
pub(crate) struct Form {
    pub bare: Option<Span>,
    pub boxed: Option<Span>,
    /// The form of a vector's items.
    pub items: Option<(Box<Form>, Span)>,
}

impl TypeAttrs {
    pub(crate) fn new(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let (mut id, mut name, mut boxed, mut runtime) = (None, None, None, None);
        let (mut file, mut inline, mut trust_ids, mut returns) = (None, None, None, None);
        each(attributes, errors, |option, meta| {
            match option {
                "id" => once(&mut id, parse_id(meta)?, meta)?,
                "name" => once(&mut name, parse_name(meta)?, meta)?,
                "boxed" => once(&mut boxed, meta.path.span(), meta)?,
                "returns" => {
                    let ty = Returns::Type(meta.value()?.parse()?);
                    once(&mut returns, ty, meta)?;
                }
                "returns_of" => {
                    let field = Returns::Query(meta.value()?.parse()?);
                    once(&mut returns, field, meta)?;
                }
                "runtime" => {
                    let text: LitStr = meta.value()?.parse()?;
                    let path = text.parse_with(Path::parse_mod_style).map_err(|_| {
                        syn::Error::new(text.span(), "this is not the path of a crate or module")
                    })?;
                    once(&mut runtime, path, meta)?;
                }
                "trust_ids" => once(&mut trust_ids, meta.path.span(), meta)?,
                "schema" => once(&mut file, meta.value()?.parse::<LitStr>()?, meta)?,
                "schema_inline" => once(&mut inline, meta.value()?.parse::<LitStr>()?, meta)?,
                _ => {
                    return Ok(Some(
                        "a type's are `id`, `name`, `boxed`, `returns`, `returns_of`, `schema`, `schema_inline`, `trust_ids` and `runtime`",
                    ));
                }
            }
            Ok(None)
        });
        if let (Some(_), Some(inline)) = (&file, &inline) {
            errors.add(
                inline.span(),
                "a type is held against one schema: `schema` or `schema_inline`, not both",
            );
        }
        if let (Some(span), None, None) = (trust_ids, &file, &inline) {
            errors.add(span, "there is no schema here whose ids could be trusted");
        }
        let schema = file.map(SchemaAttr::File);
        Self {
            id,
            name,
            boxed,
            returns,
            runtime: runtime.unwrap_or_else(|| parse_quote!(::mtproto_runtime)),
            schema: schema.or(inline.map(SchemaAttr::Inline)),
            trust_ids,
        }
    }
}

impl VariantAttrs {
    pub(crate) fn new(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut own = Self::default();
        each(attributes, errors, |option, meta| {
            match option {
                "id" => once(&mut own.id, parse_id(meta)?, meta)?,
                "name" => once(&mut own.name, parse_name(meta)?, meta)?,
                "fallback" => once(&mut own.fallback, meta.path.span(), meta)?,
                _ => return Ok(Some("a variant's are `id`, `name` and `fallback`")),
            }
            Ok(None)
        });
        own
    }
}

impl FieldAttrs {
    pub(crate) fn new(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut own = Self::default();
        each(attributes, errors, |option, meta| {
            match option {
                "name" => once(&mut own.name, parse_name(meta)?, meta)?,
                "flags" if meta.input.peek(Token![=]) => {
                    once(&mut own.flag, meta.value()?.parse()?, meta)?;
                }
                "flags" => once(&mut own.flags_word, meta.path.span(), meta)?,
                "counter" => once(&mut own.counter, meta.path.span(), meta)?,
                "count" => once(&mut own.count, meta.value()?.parse()?, meta)?,
                "flags_before" => once(&mut own.flags_before, parse_name(meta)?, meta)?,
                "counter_before" => once(&mut own.counter_before, parse_name(meta)?, meta)?,
                "with" => once(
                    &mut own.with,
                    meta.value()?.call(Path::parse_mod_style)?,
                    meta,
                )?,
                "skip" => once(&mut own.skip, meta.path.span(), meta)?,
                _ => {
                    if !own.form.parse(option, meta)? {
                        return Ok(Some(
                            "a field's are `name`, `flags`, `flags_before`, `counter`, `counter_before`, `count`, `bare`, \
                             `boxed`, `items`, `with` and `skip`",
                        ));
                    }
                }
            }
            Ok(None)
        });
        own
    }

    /// Whether anything is said besides `skip`.
    pub(crate) fn says_more_than_skip(&self) -> bool {
        self.name.is_some()
            || self.is_word()
            || self.flag.is_some()
            || self.count.is_some()
            || self.flags_before.is_some()
            || self.counter_before.is_some()
            || self.with.is_some()
            || self.form.is_some()
    }

    /// Whether it stands for a number that is computed.
    pub(crate) fn is_word(&self) -> bool {
        self.flags_word.is_some() || self.counter.is_some()
    }
}

impl Form {
    /// Whether `option` is one of a form's.
    fn parse(&mut self, option: &str, meta: &ParseNestedMeta<'_>) -> syn::Result<bool> {
        match option {
            "bare" => once(&mut self.bare, meta.path.span(), meta)?,
            "boxed" => once(&mut self.boxed, meta.path.span(), meta)?,
            "items" => {
                let mut form = Self::default();
                meta.parse_nested_meta(|inner| {
                    let option = name_of(&inner.path);
                    if form.parse(&option, &inner)? {
                        return Ok(());
                    }
                    Err(inner.error(format!(
                        "unknown option `{option}`: of items it is said whether they are `bare` or `boxed`, and of vectors \
                         what their `items` are"
                    )))
                })?;
                once(&mut self.items, (Box::new(form), meta.path.span()), meta)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The first thing that is said.
    pub(crate) fn span(&self) -> Option<Span> {
        let items = self.items.as_ref().map(|(_, span)| *span);
        self.bare.or(self.boxed).or(items)
    }

    fn is_some(&self) -> bool {
        self.span().is_some()
    }
}

/// Goes through all options of all `#[tl(…)]`. `take` returns which options there are, if it does not know the one it is given.
fn each(
    attributes: &[Attribute],
    errors: &mut Errors,
    mut take: impl FnMut(&str, &ParseNestedMeta<'_>) -> syn::Result<Option<&'static str>>,
) {
    for attribute in attributes.iter().filter(|own| own.path().is_ident("tl")) {
        errors.keep(attribute.parse_nested_meta(|meta| {
            let option = name_of(&meta.path);
            match take(&option, &meta)? {
                None => Ok(()),
                Some(expected) => Err(meta.error(format!("unknown option `{option}`: {expected}"))),
            }
        }));
    }
}

fn name_of(path: &Path) -> String {
    let parts = path.segments.iter().map(|part| part.ident.to_string());
    parts.collect::<Vec<_>>().join("::")
}

fn once<T>(slot: &mut Option<T>, value: T, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if slot.is_some() {
        return Err(meta.error(format!(
            "`{}` is given already: once is enough",
            name_of(&meta.path)
        )));
    }
    *slot = Some(value);
    Ok(())
}

fn parse_id(meta: &ParseNestedMeta<'_>) -> syn::Result<(u32, Span)> {
    let literal: LitInt = meta.value()?.parse().map_err(|error| {
        syn::Error::new(
            error.span(),
            "an id is a number as the schema writes it: `id = 0x0000002a`",
        )
    })?;
    let id: u32 = literal.base10_parse().map_err(|_| {
        syn::Error::new(
            literal.span(),
            "an id has 32 bits: at most eight hex digits after `0x`",
        )
    })?;
    match id {
        0 => Err(syn::Error::new(
            literal.span(),
            "an id is not 0: a reader that fails yields it",
        )),
        _ => Ok((id, literal.span())),
    }
}

/// A TL name, with namespaces or without.
fn parse_name(meta: &ParseNestedMeta<'_>) -> syn::Result<LitStr> {
    let name: LitStr = meta.value()?.parse()?;
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && word
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    if name.value().split('.').all(is_word) {
        return Ok(name);
    }
    Err(syn::Error::new(
        name.span(),
        "this is no TL name: letters, digits and `_`, namespaces before dots, as in `messages.getHistory`",
    ))
}
