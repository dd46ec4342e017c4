use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "channel", schema_inline = "channel flags:# id:long title:string username:flags.0?string verified:flags.3?true photos:Vector<long> = Chat;")]
struct Channel {
    #[tl(flags)]
    flags: (),
    title: String,
    id: i64,
    #[tl(flags = "flags.0")]
    username: Option<String>,
    #[tl(flags = "flags.3")]
    verified: bool,
    photos: Vec<i64>,
}

fn main() {}
