use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct User {
    about: Option<String>,
    tags: Vec<Option<i32>>,
}

fn main() {}
