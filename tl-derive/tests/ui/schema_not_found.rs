use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "user", schema = "nowhere.tl")]
struct User {
    id: i64,
}

#[derive(TlRead, TlWrite)]
#[tl(name = "user", schema = "a.tl", schema_inline = "user id:long = User;")]
struct Twice {
    id: i64,
}

fn main() {}
