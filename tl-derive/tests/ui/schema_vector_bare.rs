use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "a", schema_inline = "a x:vector<int> y:Vector<vector<int>> = A;")]
struct A {
    x: Vec<i32>,
    #[tl(bare)]
    y: Vec<Vec<i32>>,
}

fn main() {}
