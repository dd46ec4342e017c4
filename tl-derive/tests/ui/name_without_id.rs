use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "user")]
struct User {
    id: i64,
}

fn main() {}
