use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "channel", schema_inline = "channel flags:# id:long title:string username:flags.0?string verified:flags.3?true photos:Vector<long> = Chat;")]
struct Channel {
    #[tl(flags)]
    flags: (),
    id: i32,
    title: i32,
    #[tl(flags = "flags.1")]
    username: Option<String>,
    verified: bool,
    fotos: Vec<i64>,
}

fn main() {}
