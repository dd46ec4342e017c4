use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(id = 1, name = "user name")]
struct User {
    id: i64,
}

fn main() {}
