//! The implementations: headers, and how a type is taken apart and put together. What lies between, the emitter that the
//! generator has writes: [`tl_codegen::by_hand`].

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Lifetime, Type, WherePredicate, parse_quote};
use tl_codegen::by_hand::{self, Arm, Body, FieldKind, Foreign, Style, Value};

use crate::check::{Claim, Must};
use crate::model::{Field, Fields, Model, Shape, Variant, bare_name, may_nest};

/// `TlRead`; without claims, of a type with mistakes, one that does nothing.
pub(crate) fn read(model: &Model, claims: Option<&[Claim]>) -> TokenStream {
    let (name, runtime) = (&model.ident, &model.runtime);
    let (_, types, _) = model.generics.split_for_impl();
    let mut generics = model.generics.clone();
    let input: Lifetime = parse_quote!('tl_input);
    let mut bounds: Vec<WherePredicate> = Vec::new();
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
    if claims.is_some() {
        bounds.extend(boxed_parameters(model));
    }
    generics.params.insert(0, parse_quote!(#input));
    generics.make_where_clause().predicates.extend(bounds);
    let (parameters, _, bounds) = generics.split_for_impl();
    let (min_bytes, body) = match (&model.data, claims) {
        (_, None) => (quote!(0), quote!(::core::unreachable!())),
        (Shape::Struct(fields), _) => read_struct(model, fields, &input),
        (Shape::Enum(variants), _) => read_enum(model, variants, &input),
    };
    let imports = claims.map(|_| imports(model, "read"));
    let claims = claims.map(|claims| asserted(claims, model, true));
    let reader = parameter(by_hand::READER, &body);
    quote! {
        #[automatically_derived]
        #[allow(improper_ctypes_definitions)]
        impl #parameters #runtime::wire::TlRead<#input> for #name #types #bounds {
            const MIN_BYTES: usize = #min_bytes;

            extern "C" fn read_from(#reader: &mut #runtime::wire::Reader<#input>) -> Self { #imports #body }
        }

        #claims
    }
}

/// `TlWrite`, and `Combinator` where an id is given; without claims, of a type with mistakes, ones that do nothing.
pub(crate) fn write(model: &Model, claims: Option<&[Claim]>) -> TokenStream {
    let (name, runtime) = (&model.ident, &model.runtime);
    let mut generics = model.generics.clone();
    let parameters: Vec<_> = model
        .generics
        .type_params()
        .map(|parameter| parameter.ident.clone())
        .collect();
    let bounds = &mut generics.make_where_clause().predicates;
    bounds.extend(
        parameters.iter().map(|parameter| -> WherePredicate {
            parse_quote!(#parameter: #runtime::wire::TlWrite)
        }),
    );
    if claims.is_some() {
        bounds.extend(boxed_parameters(model));
    }
    let (parameters, types, bounds) = generics.split_for_impl();
    let body = match (&model.data, claims) {
        (_, None) => TokenStream::new(),
        (Shape::Struct(fields), _) => write_struct(model, fields),
        (Shape::Enum(variants), _) => write_enum(model, variants),
    };
    let imports = claims.map(|_| imports(model, "write"));
    let claims = claims.map(|claims| asserted(claims, model, false));
    let combinator = combinator(model);
    let writer = parameter(by_hand::WRITER, &body);
    quote! {
        #combinator

        #[automatically_derived]
        impl #parameters #runtime::wire::TlWrite for #name #types #bounds {
            fn write_to(&self, #writer: &mut #runtime::wire::Writer) { #imports #body }
        }

        #claims
    }
}

fn combinator(model: &Model) -> Option<TokenStream> {
    let Shape::Struct(_) = model.data else {
        return None;
    };
    let (id, tl_name) = match (model.id, &model.name) {
        (Some((id, _)), Some((tl_name, _))) => (id, tl_name.as_str()),
        (None, None) if model.schema.is_none() => return None,
        // Only of a type with mistakes is one missing.
        _ => (0, ""),
    };
    let (name, runtime) = (&model.ident, &model.runtime);
    let (parameters, types, bounds) = model.generics.split_for_impl();
    let is_boxed = model.is_boxed.then(|| {
        quote!(
            const IS_BOXED: bool = true;
        )
    });
    Some(quote! {
        #[automatically_derived]
        impl #parameters #runtime::wire::Combinator for #name #types #bounds {
            const TL: (u32, &'static str) = (#id, #tl_name);
            #is_boxed
        }
    })
}

fn read_struct(model: &Model, fields: &Fields, input: &Lifetime) -> (TokenStream, TokenStream) {
    let (planned, style) = (planned(fields), style(model));
    let body = Body {
        tl_name: &tl_name(model),
        fields: &planned,
    };
    let (read, value) = (body.read(&style), built(&quote!(Self), fields));
    let read = if may_nest(fields) {
        by_hand::read_nested(&read, &value)
    } else {
        quote!(#read #value)
    };
    let (wire, reader) = (wire(model), format_ident!("{}", by_hand::READER));
    let id = model.is_boxed.then(|| {
        quote!(#reader.expect_id(<Self as #wire::Combinator>::ID, <Self as #wire::Combinator>::NAME);)
    });
    let id_bytes = usize::from(model.is_boxed) * 4;
    let sizes = min_bytes(fields, model, input);
    (quote!(#id_bytes #sizes), quote!(#id #read))
}

fn write_struct(model: &Model, fields: &Fields) -> TokenStream {
    let (planned, style) = (planned(fields), style(model));
    let body = Body {
        tl_name: &tl_name(model),
        fields: &planned,
    };
    let write = body.write(&style);
    let (wire, writer) = (wire(model), format_ident!("{}", by_hand::WRITER));
    let id = model
        .is_boxed
        .then(|| quote!(#writer.id(<Self as #wire::Combinator>::ID);));
    let pattern = taken_apart(&quote!(Self), fields);
    let take_apart = (!write.is_empty()).then(|| quote!(let #pattern = self;));
    quote!(#id #take_apart #write)
}

fn read_enum(model: &Model, variants: &[Variant], input: &Lifetime) -> (TokenStream, TokenStream) {
    let planned: Vec<_> = variants.iter().map(|own| planned(&own.fields)).collect();
    let names: Vec<_> = variants.iter().map(variant_name).collect();
    let arms = arms(variants, &planned, &names, built);
    let fallback = fallback(variants);
    let read = by_hand::read_enum(&tl_name(model), &arms, fallback, &style(model));
    // The value that a failed reader yields has to end: this constant can't be found if it holds another of the same type.
    let sizes = variants
        .get(fallback)
        .filter(|variant| may_nest(&variant.fields))
        .map(|variant| {
            let sizes = min_bytes(&variant.fields, model, input);
            quote!(+ 0 * (0 #sizes))
        });
    let wire = wire(model);
    let check = sizes
        .as_ref()
        .map(|_| quote!(let _ = <Self as #wire::TlRead<#input>>::MIN_BYTES;));
    (quote!(4 #sizes), quote!(#check #read))
}

fn write_enum(model: &Model, variants: &[Variant]) -> TokenStream {
    let planned: Vec<_> = variants.iter().map(|own| planned(&own.fields)).collect();
    let names: Vec<_> = variants.iter().map(variant_name).collect();
    by_hand::write_enum(
        &arms(variants, &planned, &names, taken_apart),
        &style(model),
    )
}

fn arms<'a>(
    variants: &'a [Variant],
    planned: &'a [Vec<(by_hand::Field, Span)>],
    names: &'a [String],
    form: fn(&TokenStream, &Fields) -> TokenStream,
) -> Vec<Arm<'a>> {
    let variants = variants.iter().zip(planned).zip(names);
    let arms = variants.map(|((variant, planned), name)| {
        let ident = &variant.ident;
        Arm {
            id: variant.id.map_or(0, |(id, _)| id),
            body: Body {
                tl_name: name,
                fields: planned,
            },
            construct: form(&quote!(Self::#ident), &variant.fields),
        }
    });
    arms.collect()
}

/// The variant that a reader yields when it has failed: one that is told, or one that surely ends.
fn fallback(variants: &[Variant]) -> usize {
    let told = variants.iter().position(|variant| variant.is_fallback);
    let is_required_foreign = |field: &Field| {
        let value = match field.plan.as_ref().map(|plan| &plan.kind) {
            Some(FieldKind::Required { value, .. }) => value,
            _ => return false,
        };
        matches!(value, Value::Foreign(_))
    };
    let ends = |variant: &Variant| !variant.fields.all.iter().any(is_required_foreign);
    told.or_else(|| variants.iter().position(ends)).unwrap_or(0)
}

/// The fields that are on the wire, and where they stand.
fn planned(fields: &Fields) -> Vec<(by_hand::Field, Span)> {
    let planned = fields.all.iter().filter_map(|field| {
        let span = field.ty.as_ref().map_or(field.span, Spanned::span);
        Some((field.plan.clone()?, span))
    });
    planned.collect()
}

/// A value made of local variables.
fn built(path: &TokenStream, fields: &Fields) -> TokenStream {
    let members = fields.all.iter().filter_map(|field| {
        let member = field.member.as_ref()?;
        let value = match &field.plan {
            None => quote_spanned!(field.span=> ::core::default::Default::default()),
            Some(plan) if plan.is_computed() => quote!(()),
            Some(plan) => format_ident!("{}", plan.name).into_token_stream(),
        };
        Some(quote!(#member: #value))
    });
    quote!(#path { #(#members),* })
}

/// A pattern that makes local variables of a value.
fn taken_apart(path: &TokenStream, fields: &Fields) -> TokenStream {
    let members = fields.all.iter().filter_map(|field| {
        let (member, plan) = (field.member.as_ref()?, field.plan.as_ref()?);
        let local = format_ident!("{}", plan.name);
        (!plan.is_computed()).then(|| quote!(#member: #local,))
    });
    let members: Vec<_> = members.collect();
    let all = fields.all.iter().filter(|field| field.member.is_some());
    let rest = (members.len() < all.count()).then(|| quote!(..));
    quote!(#path { #(#members)* #rest })
}

/// The sum of the fewest bytes of the fields, each a `+ …`.
fn min_bytes(fields: &Fields, model: &Model, input: &Lifetime) -> TokenStream {
    let wire = wire(model);
    let of_type = |ty: &Option<Type>| {
        let ty = ty.as_ref()?;
        let span = located(ty.span());
        Some(quote_spanned!(span=> + <#ty as #wire::TlRead<#input>>::MIN_BYTES))
    };
    let sizes = fields.all.iter().filter_map(|field| {
        let value = match &field.plan.as_ref()?.kind {
            FieldKind::Required { value, .. } => value,
            FieldKind::Flags { .. } | FieldKind::Count { .. } => return Some(quote!(+ 4)),
            _ => return None,
        };
        match value {
            Value::Vector { is_boxed, .. } => Some(match is_boxed {
                true => quote!(+ 8),
                false => quote!(+ 4),
            }),
            Value::Repeat { .. } | Value::Foreign(Foreign::With(_)) => None,
            Value::Foreign(Foreign::Boxed) => {
                let size = of_type(&field.ty);
                Some(quote!(+ 4 #size))
            }
            _ => of_type(&field.ty),
        }
    });
    sizes.collect()
}

/// What values of types with parameters need to be boxed: an id.
fn boxed_parameters(model: &Model) -> Vec<WherePredicate> {
    let parameters: Vec<_> = model.generics.type_params().map(|own| &own.ident).collect();
    let wire = wire(model);
    let mut bounds = Vec::new();
    for field in model.bodies().iter().flat_map(|fields| &fields.all) {
        let boxed = matches!(
            field.plan.as_ref().map(|plan| &plan.kind),
            Some(
                FieldKind::Required {
                    value: Value::Foreign(Foreign::Boxed),
                    ..
                } | FieldKind::Optional {
                    value: Value::Foreign(Foreign::Boxed),
                    ..
                }
            )
        );
        if let (true, Some(ty)) = (boxed, &field.ty)
            && names_any(ty.to_token_stream(), &parameters)
        {
            bounds.push(parse_quote!(#ty: #wire::Combinator));
        }
    }
    bounds
}

fn names_any(tokens: TokenStream, names: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.contains(&&ident),
        TokenTree::Group(group) => names_any(group.stream(), names),
        _ => false,
    })
}

/// The functions of modules that read or write fields, by the names that bodies know them by.
fn imports(model: &Model, function: &str) -> TokenStream {
    let fields = model.bodies().into_iter().flat_map(|fields| &fields.all);
    let imports = fields.filter_map(|field| {
        let path = field.with.as_ref()?;
        let value = match &field.plan.as_ref()?.kind {
            FieldKind::Required { value, .. } | FieldKind::Optional { value, .. } => value,
            _ => return None,
        };
        let Value::Foreign(Foreign::With(name)) = value else {
            return None;
        };
        // All of it stands where the path does, so that a function that is not there is missed there.
        let function = Ident::new(function, path.span());
        let name = format_ident!("{function}_{name}");
        Some(quote_spanned!(path.span()=> use #path::#function as #name;))
    });
    imports.collect()
}

/// Claims as constants. Those on reading go with `TlRead`.
pub(crate) fn asserted(claims: &[Claim], model: &Model, is_reading: bool) -> TokenStream {
    let wire = wire(model);
    let claims = claims
        .iter()
        .filter(|claim| matches!(claim.must, Must::Take(_)) == is_reading);
    let asserted = claims.map(|claim| {
        let span = located(claim.ty.span());
        let ty = for_ever(claim.ty.to_token_stream());
        let probe = quote!(#wire::probe::Probe::<#ty>);
        let is = |ids: &[u32]| {
            quote!(#wire::probe::is_one_of(#probe::ID, &[#(#ids),*]))
        };
        let holds = match &claim.must {
            Must::BeBoxed(ids) => {
                let is = is(ids);
                quote!(#probe::IS_BOXED && (#probe::ID.is_none() || #is))
            }
            Must::BeBareIfAny(id) => {
                let is = is(&[*id]);
                quote!(#probe::IS_BOXED || #is)
            }
            Must::BeBare(ids) => {
                let is = is(ids);
                quote!(!#probe::IS_BOXED && #is)
            }
            Must::Take(bytes) => quote!(<#ty as #wire::TlRead<'static>>::MIN_BYTES == #bytes),
        };
        let message = claim.message.replace('{', "{{").replace('}', "}}");
        let import = (!is_reading).then(|| quote!(use #wire::probe::NotCombinator as _;));
        quote_spanned!(span=> const _: () = { #[allow(unused_imports, reason = "a type that is a combinator does without it")] #import ::core::assert!(#holds, #message); };)
    });
    asserted.collect()
}

/// A type with every lifetime the longest.
fn for_ever(tokens: TokenStream) -> TokenStream {
    let mut is_lifetime = false;
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if is_lifetime => {
            is_lifetime = false;
            TokenTree::Ident(Ident::new("static", ident.span()))
        }
        TokenTree::Group(group) => {
            let mut inner = proc_macro2::Group::new(group.delimiter(), for_ever(group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        token => {
            is_lifetime = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
            token
        }
    });
    tokens.collect()
}

fn style(model: &Model) -> Style {
    let segments = model.runtime.segments.iter();
    let segments: Vec<_> = segments.map(|part| part.ident.to_string()).collect();
    let root = model.runtime.leading_colon.map_or("", |_| "::");
    by_hand::style(format!("{root}{}", segments.join("::")))
}

fn wire(model: &Model) -> TokenStream {
    let runtime = &model.runtime;
    quote!(#runtime::wire)
}

/// What errors call the type.
fn tl_name(model: &Model) -> String {
    match &model.name {
        Some((name, _)) => name.clone(),
        None => bare_name(&model.ident),
    }
}

fn variant_name(variant: &Variant) -> String {
    match &variant.name {
        Some((name, _)) => name.clone(),
        None => bare_name(&variant.ident),
    }
}

/// A place in the input, with names that mean what they mean where the derive is.
fn located(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// The parameter of a function, unless the body has no use for it.
fn parameter(name: &str, body: &TokenStream) -> TokenStream {
    let ident = format_ident!("{}", name);
    match names_any(body.clone(), &[&ident]) {
        true => quote!(#ident),
        false => quote!(_),
    }
}
