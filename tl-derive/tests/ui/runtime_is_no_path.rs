use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(runtime = "my runtime")]
struct User {
    id: i64,
}

fn main() {}
