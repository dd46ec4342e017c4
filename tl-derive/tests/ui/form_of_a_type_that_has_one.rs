use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct User {
    #[tl(boxed)]
    id: i64,
    #[tl(bare)]
    chat: Chat,
    #[tl(boxed)]
    photos: Vec<i64>,
    #[tl(items(bare))]
    name: String,
    #[tl(items(round))]
    tags: Vec<i32>,
}

#[derive(TlRead, TlWrite)]
struct Chat;

fn main() {}
