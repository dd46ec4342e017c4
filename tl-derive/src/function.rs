//! `Function`: what a call returns, and how that is read.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Member, Type, WherePredicate, parse_quote};

use crate::attr::Returns;
use crate::check;
use crate::errors::Errors;
use crate::expand::asserted;
use crate::model::{Fields, Model, Shape};
use crate::schema_of;

/// The implementation, or the errors of all that is wrong with it. What is wrong with the type besides, the derive `TlWrite`
/// tells, which a call has as well.
pub(crate) fn derive(input: TokenStream, base: &Path) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let model = Model::new(input, &mut Errors::default());
    let mut errors = Errors::default();
    let at = model.ident.span();
    let Shape::Struct(fields) = &model.data else {
        errors.add(at, "a call is a struct: an enum has no result of its own");
        return told(errors);
    };
    if !model.is_boxed {
        errors.add(at, "a call has its id before it: `#[tl(boxed)]`");
    }
    let mut claims = TokenStream::new();
    let body = match &model.returns {
        None => {
            errors.add(
                at,
                "what does the call return? `#[tl(returns = Type)]` tells, or `#[tl(returns_of = \"field\")]` of one that \
                 wraps another",
            );
            None
        }
        Some(Returns::Type(ty)) => {
            if let Some((Ok(schema), _)) = schema_of(&model, base) {
                let found = check::returned(&model, ty, &schema, &mut errors);
                claims.extend([false, true].map(|is_reading| asserted(&found, &model, is_reading)));
            }
            Some(plain(ty))
        }
        Some(Returns::Query(name)) => {
            let query = query(fields, &name.value());
            if query.is_none() {
                let message = format!("there is no field `{}` that is always there", name.value());
                errors.add(name.span(), message);
            }
            query.map(|(member, ty)| wrapping(&model, member, ty))
        }
    };
    match (body, errors.count()) {
        (Some(body), 0) => {
            let implemented = implemented(&model, &body);
            quote!(#implemented #claims)
        }
        _ => told(errors),
    }
}

/// The items of the implementation, and what must hold for them.
struct Body {
    returns: TokenStream,
    reader: TokenStream,
    read: TokenStream,
    bound: Option<WherePredicate>,
}

fn plain(ty: &Type) -> Body {
    Body {
        returns: quote!(#ty),
        reader: quote!(r),
        read: quote!(r.read()),
        bound: None,
    }
}

fn wrapping(model: &Model, member: &Member, ty: &Type) -> Body {
    let runtime = &model.runtime;
    Body {
        returns: quote!(<#ty as #runtime::wire::Function>::Return),
        reader: quote!(r),
        read: quote!(#runtime::wire::Function::read_return(&self.#member, r)),
        bound: Some(parse_quote!(#ty: #runtime::wire::Function)),
    }
}

/// The field of a name.
fn query<'m>(fields: &'m Fields, name: &str) -> Option<(&'m Member, &'m Type)> {
    let field = fields.all.iter().find(|field| field.shown() == name)?;
    let is_optional = field.flag_span.is_some();
    Some((field.member.as_ref()?, field.ty.as_ref()?)).filter(|_| !is_optional)
}

fn implemented(model: &Model, body: &Body) -> TokenStream {
    let (name, runtime) = (&model.ident, &model.runtime);
    let mut generics = model.generics.clone();
    let parameters: Vec<_> = generics
        .type_params()
        .map(|own| own.ident.clone())
        .collect();
    let bounds = &mut generics.make_where_clause().predicates;
    for parameter in parameters {
        bounds.push(parse_quote!(#parameter: #runtime::wire::TlWrite));
    }
    bounds.extend(body.bound.clone());
    let (parameters, types, bounds) = generics.split_for_impl();
    let Body {
        returns,
        reader,
        read,
        ..
    } = body;
    quote! {
        #[automatically_derived]
        impl #parameters #runtime::wire::Function for #name #types #bounds {
            type Return = #returns;

            fn read_return(&self, #reader: &mut #runtime::wire::Reader<'_>) -> Self::Return { #read }
        }
    }
}

fn told(errors: Errors) -> TokenStream {
    match errors.finish(()) {
        Ok(()) => TokenStream::new(),
        Err(error) => error.into_compile_error(),
    }
}
