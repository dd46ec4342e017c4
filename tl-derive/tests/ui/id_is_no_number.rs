use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(id = "2a", name = "user")]
struct User {
    id: i64,
}

fn main() {}
