use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(id = 0x1_0000_002a, name = "user")]
struct User {
    id: i64,
}

fn main() {}
