use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(id = 1, name = "user")]
#[tl(id = 2)]
struct User {
    #[tl(bare, bare)]
    ids: Vec<i64>,
}

fn main() {}
