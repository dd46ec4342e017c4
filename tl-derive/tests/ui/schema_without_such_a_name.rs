use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "chanel", schema_inline = "channel flags:# id:long title:string username:flags.0?string verified:flags.3?true photos:Vector<long> = Chat;")]
struct Channel {
    id: i64,
}

#[derive(TlRead, TlWrite)]
#[tl(schema_inline = "channel flags:# id:long title:string username:flags.0?string verified:flags.3?true photos:Vector<long> = Chat;")]
struct Channnel {
    id: i64,
}

#[derive(TlRead, TlWrite)]
#[tl(schema_inline = "channel flags:# id:long title:string username:flags.0?string verified:flags.3?true photos:Vector<long> = Chat;", id = 7)]
struct Other {
    id: i64,
}

fn main() {}
