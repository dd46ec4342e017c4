use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct User {
    #[tl(flags_before = "flags", flags = "flags.32")]
    about: Option<String>,
    #[tl(flags = "flags.x")]
    bot: bool,
    #[tl(flags = "flags")]
    min: bool,
}

fn main() {}
