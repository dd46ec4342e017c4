//! The `#[tl(…)]` attribute of a type.

use syn::{Attribute, LitInt, LitStr, Path, parse_quote};

/// What the attribute says.
pub(crate) struct Options {
    /// The combinator's id and TL name.
    pub combinator: Option<(LitInt, LitStr)>,
    /// The path of the runtime crate.
    pub runtime: Path,
}

impl Options {
    /// Reads all `#[tl(…)]` attributes; every mistake in them is reported.
    pub(crate) fn new(attributes: &[Attribute]) -> syn::Result<Self> {
        let (mut id, mut name, mut runtime) = (None, None, parse_quote!(::mtproto_runtime));
        let mut errors = Errors::default();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("tl"))
        {
            errors.keep(attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("id") {
                    let value: LitInt = meta.value()?.parse()?;
                    value.base10_parse::<u32>()?;
                    id = Some(value);
                } else if meta.path.is_ident("name") {
                    name = Some(meta.value()?.parse::<LitStr>()?);
                } else if meta.path.is_ident("runtime") {
                    runtime = meta.value()?.parse::<LitStr>()?.parse()?;
                } else {
                    return Err(meta.error("unknown option; expected `id`, `name` or `runtime`"));
                }
                Ok(())
            }));
        }
        let combinator = match (id, name) {
            (Some(id), Some(name)) => Some((id, name)),
            (None, None) => None,
            (Some(id), None) => {
                errors.keep(Err::<(), _>(syn::Error::new_spanned(
                    id,
                    "an id needs a `name` beside it",
                )));
                None
            }
            (None, Some(name)) => {
                errors.keep(Err::<(), _>(syn::Error::new_spanned(
                    name,
                    "a name needs an `id` beside it",
                )));
                None
            }
        };
        errors.finish(Self {
            combinator,
            runtime,
        })
    }
}

/// All mistakes, to be shown at once.
#[derive(Default)]
pub(crate) struct Errors {
    found: Option<syn::Error>,
}

impl Errors {
    /// The value, or nothing and the error kept.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                match &mut self.found {
                    Some(found) => found.combine(error),
                    None => self.found = Some(error),
                }
                None
            }
        }
    }

    /// The value, unless there were mistakes.
    pub(crate) fn finish<T>(self, value: T) -> syn::Result<T> {
        self.found.map_or(Ok(value), Err)
    }
}
