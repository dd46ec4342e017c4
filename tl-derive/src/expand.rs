//! The implementations. Each field's read and write carries the field type's span, so that a type without a TL form is shown
//! where it stands.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Lifetime, parse_quote};

use crate::model::Model;

/// `TlRead`.
pub(crate) fn read(model: &Model) -> TokenStream {
    let (name, runtime) = (&model.name, &model.options.runtime);
    let (_, types, _) = model.generics.split_for_impl();
    let mut generics = model.generics.clone();
    let input: Lifetime = parse_quote!('tl_input);
    let mut bounds: Vec<syn::WherePredicate> = Vec::new();
    for parameter in &model.generics.params {
        match parameter {
            GenericParam::Type(parameter) => {
                let parameter = &parameter.ident;
                bounds.push(parse_quote!(#parameter: #runtime::wire::TlRead<#input>));
            }
            // What is borrowed is borrowed from the input: the lifetimes are the same.
            GenericParam::Lifetime(parameter) => {
                let lifetime = &parameter.lifetime;
                bounds.push(parse_quote!(#input: #lifetime));
                bounds.push(parse_quote!(#lifetime: #input));
            }
            GenericParam::Const(_) => {}
        }
    }
    generics.params.insert(0, parse_quote!(#input));
    generics.make_where_clause().predicates.extend(bounds);
    let (parameters, _, bounds) = generics.split_for_impl();
    let fields = model.fields.iter().map(|(field, ty)| {
        quote_spanned!(ty.span()=> #field: <#ty as #runtime::wire::TlRead<#input>>::read_from(r))
    });
    let sizes = model.fields.iter().map(
        |(_, ty)| quote_spanned!(ty.span()=> + <#ty as #runtime::wire::TlRead<#input>>::MIN_BYTES),
    );
    quote! {
        #[automatically_derived]
        #[allow(improper_ctypes_definitions)]
        impl #parameters #runtime::wire::TlRead<#input> for #name #types #bounds {
            const MIN_BYTES: usize = 0 #(#sizes)*;

            extern "C" fn read_from(r: &mut #runtime::wire::Reader<#input>) -> Self {
                Self { #(#fields),* }
            }
        }
    }
}

/// `TlWrite`, and `Combinator` where an id is given.
pub(crate) fn write(model: &Model) -> TokenStream {
    let (name, runtime) = (&model.name, &model.options.runtime);
    let mut generics = model.generics.clone();
    let parameters: Vec<_> = model
        .generics
        .type_params()
        .map(|parameter| parameter.ident.clone())
        .collect();
    let bounds = generics.make_where_clause();
    for parameter in parameters {
        bounds
            .predicates
            .push(parse_quote!(#parameter: #runtime::wire::TlWrite));
    }
    let (parameters, types, bounds) = generics.split_for_impl();
    let fields = model.fields.iter().map(|(field, ty)| {
        quote_spanned!(ty.span()=> <#ty as #runtime::wire::TlWrite>::write_to(&self.#field, w);)
    });
    let combinator = model.options.combinator.as_ref().map(|(id, tl_name)| {
        let (parameters, types, bounds) = model.generics.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #parameters #runtime::wire::Combinator for #name #types #bounds {
                const ID: u32 = #id;
                const NAME: &'static str = #tl_name;
            }
        }
    });
    quote! {
        #combinator

        #[automatically_derived]
        impl #parameters #runtime::wire::TlWrite for #name #types #bounds {
            fn write_to(&self, w: &mut #runtime::wire::Writer<'_>) {
                #(#fields)*
            }
        }
    }
}
