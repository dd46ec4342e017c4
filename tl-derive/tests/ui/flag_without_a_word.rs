use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct User {
    #[tl(flags = "flags.0")]
    about: Option<String>,
}

fn main() {}
