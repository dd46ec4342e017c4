use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "a", schema_inline = "a flags:# x:flags.0?int y:int z:flags.1?true = A;")]
struct A {
    #[tl(flags)]
    flags: (),
    x: i32,
    #[tl(flags = "flags.2")]
    y: Option<i32>,
    #[tl(flags = "flags.1")]
    z: Option<i32>,
}

fn main() {}
