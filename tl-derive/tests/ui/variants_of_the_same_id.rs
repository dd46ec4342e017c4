use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
enum Peer {
    #[tl(id = 1)]
    User,
    #[tl(id = 1)]
    Chat,
}

fn main() {}
