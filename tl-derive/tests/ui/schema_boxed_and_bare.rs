use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "message", schema_inline = "user id:long = User; chat = Chat; message from:User to:%Chat at:int = Message;")]
struct Message {
    from: User,
    to: Chat,
    at: Seconds,
}

#[derive(TlRead, TlWrite)]
#[tl(name = "user", id = 0x1)]
struct User {
    id: i64,
}

#[derive(TlRead, TlWrite)]
#[tl(name = "chat", id = 0x1)]
struct Chat;

#[derive(TlRead, TlWrite)]
struct Seconds(i64);

fn main() {}
