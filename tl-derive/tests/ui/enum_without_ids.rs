use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
enum Peer {
    User,
    #[tl(id = 1)]
    Chat,
}

fn main() {}
