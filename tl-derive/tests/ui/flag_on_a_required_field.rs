use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct User {
    #[tl(flags_before = "flags", flags = "flags.0")]
    about: String,
}

fn main() {}
