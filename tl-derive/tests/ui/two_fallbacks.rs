use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
enum Peer {
    #[tl(id = 1, fallback)]
    User,
    #[tl(id = 2, fallback)]
    Chat,
}

fn main() {}
