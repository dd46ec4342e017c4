//! `tl_schema!`: a schema's bindings as a module, without a build script.

use std::path::Path;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitBool, LitStr, Token, Visibility, bracketed};
use tl_codegen::{Config, by_hand};

use crate::schema;
use crate::{absolute, from_base, tracked};

/// `pub mod name, "schema"`, and options.
struct Input {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    name: Ident,
    source: Source,
    config: Config,
}

/// Where the schema is.
enum Source {
    Text(LitStr),
    File(LitStr),
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        input.parse::<Token![mod]>()?;
        let name: Ident = input.parse()?;
        if input.is_empty() {
            return Err(syn::Error::new(
                name.span(),
                "which schema? its text as a string, or `file = \"…\"`, goes after the name and a comma",
            ));
        }
        input.parse::<Token![,]>()?;
        let source = if input.peek(LitStr) {
            Source::Text(input.parse()?)
        } else {
            let word: Ident = input.parse().map_err(|error| {
                syn::Error::new(
                    error.span(),
                    "expected a schema: its text as a string, or `file = \"…\"`",
                )
            })?;
            if word != "file" {
                return Err(syn::Error::new(
                    word.span(),
                    "expected a schema first: its text as a string, or `file = \"…\"`",
                ));
            }
            input.parse::<Token![=]>()?;
            Source::File(input.parse()?)
        };
        let mut config = Config::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            config = option(input, config)?;
        }
        Ok(Self {
            attributes,
            visibility,
            name,
            source,
            config,
        })
    }
}

fn option(input: ParseStream<'_>, config: Config) -> syn::Result<Config> {
    let word: Ident = input.parse()?;
    let list = || -> syn::Result<Vec<String>> {
        input.parse::<Token![=]>()?;
        let content;
        bracketed!(content in input);
        let items = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
        Ok(items.iter().map(LitStr::value).collect())
    };
    let flag = || -> syn::Result<bool> {
        input.parse::<Token![=]>()?;
        Ok(input.parse::<LitBool>()?.value)
    };
    Ok(match word.to_string().as_str() {
        "only" => config.only(list()?),
        "derives" => config.derives(list()?),
        "borrowed" => config.borrowed(flag()?),
        "read_functions" => config.read_functions(flag()?),
        "no_std" => config.no_std(flag()?),
        "trust_ids" => config.trust_ids(flag()?),
        "runtime" => {
            input.parse::<Token![=]>()?;
            config.runtime_path(input.parse::<LitStr>()?.value())
        }
        other => {
            return Err(syn::Error::new(
                word.span(),
                format!(
                    "unknown option `{other}`: there are `only`, `derives`, `borrowed`, `read_functions`, `no_std`, `trust_ids` and `runtime`"
                ),
            ));
        }
    })
}

/// The module, or errors at the schema.
pub(crate) fn expand(input: TokenStream, base: &Path) -> TokenStream {
    let input: Input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let (config, span, tracked) = match &input.source {
        Source::Text(text) => {
            let config = input.config.schema_text("the schema", text.value());
            (config, text.span(), None)
        }
        Source::File(file) => {
            let path = absolute(base, file);
            let tracked = tracked(&path);
            (input.config.schema(path), file.span(), Some(tracked))
        }
    };
    let (attributes, visibility, name) = (&input.attributes, &input.visibility, &input.name);
    match by_hand::tokens(&config) {
        Ok(items) => quote! {
            #(#attributes)*
            #visibility mod #name { #tracked #items }
        },
        Err(error) => {
            let texts = schema::failure(&error);
            let errors = texts
                .iter()
                .map(|text| syn::Error::new(span, from_base(text, base)).into_compile_error());
            quote!(#(#errors)* #visibility mod #name { #tracked })
        }
    }
}
