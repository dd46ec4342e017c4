use tl_derive::{Function, TlWrite};

#[derive(TlWrite, Function)]
#[tl(id = 0x1, name = "a", returns = i32)]
struct WithoutItsId;

#[derive(TlWrite, Function)]
#[tl(id = 0x1, name = "a", boxed)]
struct WithoutAResult;

#[derive(TlWrite, Function)]
#[tl(id = 0x1, name = "a", boxed, returns_of = "query")]
struct WithoutTheQuery {
    call: i32,
}

#[derive(TlWrite, Function)]
#[tl(name = "user", schema_inline = "user id:long = User;", boxed, returns = i32)]
struct Constructor {
    id: i64,
}

#[derive(TlWrite, Function)]
#[tl(name = "f", schema_inline = "---functions---\nf = Vector<long>;", boxed, returns = Vec<i32>)]
struct AnotherResult;

#[derive(TlWrite, Function)]
#[tl(name = "g", schema_inline = "---functions---\ng {X:Type} query:!X = X;", boxed, returns = i32)]
struct Wrapping<X> {
    query: X,
}

fn main() {}
