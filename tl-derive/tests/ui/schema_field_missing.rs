use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "channel", schema_inline = "channel flags:# id:long title:string username:flags.0?string verified:flags.3?true photos:Vector<long> = Chat;")]
struct Channel {
    id: i64,
    title: String,
    photos: Vec<i64>,
}

fn main() {}
