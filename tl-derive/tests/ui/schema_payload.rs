use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(schema_inline = "user id:long = Peer; chat id:int title:string = Peer;")]
enum Peer {
    User { id: i64 },
    Chat(Chat),
}

#[derive(TlRead, TlWrite)]
#[tl(name = "channel", id = 0x1)]
struct Chat {
    id: i32,
    title: String,
}

fn main() {}
