use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(id = 1, boxed)]
enum Peer {
    #[tl(id = 2)]
    User,
}

fn main() {}
