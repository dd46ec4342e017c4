use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct User {
    #[tl(flags)]
    flags: u32,
    #[tl(flags = "id.0")]
    about: Option<String>,
    id: i64,
    #[tl(flags = "id.0")]
    bot: bool,
}

fn main() {}
