use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(identifier = 1)]
struct User {
    #[tl(flag = "flags.0")]
    id: i64,
}

#[derive(TlRead, TlWrite)]
enum Peer {
    #[tl(number = 1)]
    User,
}

fn main() {}
