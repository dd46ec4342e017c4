use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
enum Nothing {}

fn main() {}
