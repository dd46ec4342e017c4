//! The type as the expansion needs it: checked, with nothing left to decide.

use syn::{Data, DeriveInput, Fields, Generics, Ident, Type};

use crate::attr::{Errors, Options};

/// A struct with named fields.
pub(crate) struct Model {
    pub name: Ident,
    pub generics: Generics,
    pub fields: Vec<(Ident, Type)>,
    pub options: Options,
}

impl Model {
    /// Checks the type; every mistake is reported.
    pub(crate) fn new(input: DeriveInput) -> syn::Result<Self> {
        let mut errors = Errors::default();
        let options = errors.keep(Options::new(&input.attrs));
        let fields = errors.keep(named_fields(&input));
        match (options, fields) {
            (Some(options), Some(fields)) => errors.finish(Self {
                name: input.ident,
                generics: input.generics,
                fields,
                options,
            }),
            _ => Err(errors
                .finish(())
                .err()
                .unwrap_or_else(|| syn::Error::new_spanned(&input.ident, "can't be derived"))),
        }
    }
}

fn named_fields(input: &DeriveInput) -> syn::Result<Vec<(Ident, Type)>> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(&fields.named),
            Fields::Unit => return Ok(Vec::new()),
            Fields::Unnamed(_) => {
                Err("fields of a TL type have names: use a struct with named fields")
            }
        },
        Data::Enum(_) => {
            Err("an enum is generated from a schema for now; derive its constructors' structs")
        }
        Data::Union(_) => Err("a union has no TL form: use a struct"),
    };
    let fields = fields.map_err(|message| syn::Error::new_spanned(&input.ident, message))?;
    let named = |field: &syn::Field| field.ident.clone().map(|name| (name, field.ty.clone()));
    Ok(fields.iter().filter_map(named).collect())
}
