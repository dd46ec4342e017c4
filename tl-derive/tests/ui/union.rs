use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
union Bits {
    int: i32,
    float: f32,
}

fn main() {}
