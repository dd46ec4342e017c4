use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
#[tl(name = "point", schema_inline = "point x:int y:int = Point;")]
struct Point(i32, i64, i32);

fn main() {}
