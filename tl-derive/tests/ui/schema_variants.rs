use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(schema_inline = "user id:long = Peer; chat id:int = Peer; none = Peer;")]
enum Peer {
    User { id: i32 },
    #[tl(name = "chatt")]
    Chat { id: i32 },
    Channel,
}

#[derive(TlRead, TlWrite)]
#[tl(name = "Pear", schema_inline = "user id:long = Peer;")]
enum Pear {
    User { id: i64 },
}

fn main() {}
