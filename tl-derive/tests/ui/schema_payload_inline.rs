use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(schema_inline = "user id:long = Peer; chat id:int title:string = Peer;")]
enum Peer {
    User(i32),
    Chat(i32, i32),
}

fn main() {}
