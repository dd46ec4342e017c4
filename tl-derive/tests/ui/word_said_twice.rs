use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct User {
    #[tl(flags)]
    flags: (),
    #[tl(flags_before = "flags", flags = "flags.0")]
    bot: bool,
}

fn main() {}
