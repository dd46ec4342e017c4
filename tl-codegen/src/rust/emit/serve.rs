//! The module `server`: traits, and what goes by a call's id to their methods.

use proc_macro2::TokenStream;
use quote::quote;

use super::codec::{At, Writing};
use super::paths::Paths;
use super::{docs, hex, ident};
use crate::rust::plan::{FunctionNames, Method, MethodKind, ServerTrait, Value};

/// The traits, and the two functions.
pub(super) fn emit(traits: &[ServerTrait], paths: &Paths<'_>) -> Vec<TokenStream> {
    let mut tokens: Vec<_> = traits.iter().map(|own| server_trait(own, paths)).collect();
    tokens.extend(dispatch(traits, paths));
    tokens
}

fn server_trait(own: &ServerTrait, paths: &Paths<'_>) -> TokenStream {
    let (name, wire) = (ident(&own.name), &paths.wire);
    let docs = docs::lines(std::slice::from_ref(&own.docs));
    let methods = own.methods.iter().map(|method| {
        let (name, tl_name) = (ident(&method.name), &method.docs.tl_name);
        let (call, result) = signature(method, paths);
        let (docs, body) = match method.kind {
            MethodKind::Wrapper { .. } => (
                format!("`{tl_name}`: what is to be done before the query in it is answered."),
                quote!(let _ = call; ::core::result::Result::Ok(())),
            ),
            MethodKind::Raw => (
                format!("`{tl_name}`, whose types only the server can know."),
                quote!(#wire::not_implemented(call, #tl_name)),
            ),
            MethodKind::Plain { .. } => (
                format!("`{tl_name}`"),
                quote!(#wire::not_implemented(call, #tl_name)),
            ),
        };
        let docs = docs::lines(&[docs]);
        quote! {
            #docs
            fn #name(&mut self, call: #call) -> #wire::Reply<Self, #result> { #body }
        }
    });
    quote! {
        #docs
        pub trait #name: #wire::Service { #(#methods)* }
    }
}

/// What a method takes and returns.
fn signature(method: &Method, paths: &Paths<'_>) -> (TokenStream, TokenStream) {
    let (path, wire) = (paths.item(&method.path), &paths.wire);
    match &method.kind {
        MethodKind::Plain { returns, .. } => (path, paths.ty(returns)),
        MethodKind::Wrapper { .. } => (quote!(&#path<#wire::RawObjectRef<'_>>), quote!(())),
        MethodKind::Raw => (quote!(#wire::RawObjectRef<'_>), quote!(#wire::RawObject)),
    }
}

fn dispatch(traits: &[ServerTrait], paths: &Paths<'_>) -> [TokenStream; 2] {
    let (wire, vec) = (&paths.wire, paths.ty(&Value::Bytes));
    let names: Vec<_> = traits.iter().map(|own| ident(&own.name)).collect();
    let arms = traits
        .iter()
        .flat_map(|own| own.methods.iter().map(move |method| (own, method)));
    let arms = arms.map(|(own, method)| arm(own, method, paths));
    [
        quote! {
            #[doc = " Reads a call, has its method answer it and writes the result. What wraps another call is unwrapped."]
            pub fn dispatch<S>(server: &mut S, call: &[u8]) -> #wire::Reply<S, #vec>
            where #(S: #names,)*
            {
                #wire::answer_by_steps(call, |call| step(server, call))
            }
        },
        quote! {
            fn step<'c, S>(server: &mut S, call: &'c [u8]) -> #wire::Reply<S, #wire::Step<'c>>
            where #(S: #names,)*
            {
                match #wire::call_id(call) {
                    #(#arms,)*
                    id => #wire::unknown_function(id),
                }
            }
        },
    ]
}

fn arm(own: &ServerTrait, method: &Method, paths: &Paths<'_>) -> TokenStream {
    let (wire, path) = (&paths.wire, paths.item(&method.path));
    let (id, name, of) = (hex(method.id), ident(&method.name), ident(&own.name));
    match &method.kind {
        MethodKind::Plain { returns, numbers } if returns.is_plain() => {
            debug_assert!(numbers.is_empty(), "a plain value depends on no number");
            quote!(#id => #wire::answer(call, |call| #of::#name(server, call)))
        }
        MethodKind::Plain { returns, numbers } => {
            let numbers = numbers.iter().map(|number| {
                let (local, field) = (ident(&number.local), ident(&number.field));
                let or_zero = number.is_optional.then(|| quote!(.unwrap_or(0)));
                quote!(let #local = call.#field #or_zero;)
            });
            let names = FunctionNames {
                reader: "r".to_owned(),
                writer: "w".to_owned(),
                value: "value".to_owned(),
            };
            let at = At::Ref(ident(&names.value));
            let write = Writing::new(&names, paths).value(returns, &at, &method.docs.tl_name);
            quote! {
                #id => {
                    let call: #path = #wire::read_call(call)?;
                    #(#numbers)*
                    let value = &#of::#name(server, call)?;
                    #wire::write_result(|w| #write)
                }
            }
        }
        MethodKind::Wrapper { query } => {
            let query = ident(query);
            quote! {
                #id => {
                    let call: #path<_> = #wire::read_call(call)?;
                    #of::#name(server, &call)?;
                    ::core::result::Result::Ok(#wire::Step::Inner(call.#query))
                }
            }
        }
        MethodKind::Raw => quote! {
            #id => {
                let result = #of::#name(server, #wire::read_call(call)?)?;
                ::core::result::Result::Ok(#wire::Step::Answer(result.into_bytes()))
            }
        },
    }
}
