use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct Event {
    #[tl(with = seconds, boxed)]
    at: i64,
    #[tl(skip, with = seconds)]
    cached: i64,
}

mod seconds {}

fn main() {}
