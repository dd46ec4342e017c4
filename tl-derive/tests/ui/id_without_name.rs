use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(id = 0x2a)]
struct User {
    id: i64,
}

fn main() {}
