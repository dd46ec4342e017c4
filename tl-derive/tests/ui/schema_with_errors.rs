use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "user", schema_inline = "user id:lng = User;\nchat id:int = ;")]
struct User {
    id: i64,
}

fn main() {}
