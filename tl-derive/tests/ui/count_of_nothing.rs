use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct Row {
    #[tl(counter)]
    n: (),
    #[tl(count = "m")]
    cells: Vec<i32>,
    #[tl(count = "n")]
    name: String,
}

fn main() {}
