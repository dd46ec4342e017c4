use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "tuple", schema_inline = "tuple {n:#} items:n*[int] = Tuple n;")]
struct Tuple {
    items: Vec<i32>,
}

fn main() {}
