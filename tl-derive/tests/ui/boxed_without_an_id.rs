use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(boxed)]
struct User {
    id: i64,
}

fn main() {}
