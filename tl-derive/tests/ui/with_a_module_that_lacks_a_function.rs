use tl_derive::{TlRead, TlWrite};

#[derive(TlRead, TlWrite)]
struct Event {
    #[tl(with = seconds)]
    at: i64,
}

mod seconds {
    pub fn read(r: &mut mtproto_runtime::wire::Reader<'_>) -> i64 {
        r.long()
    }
}

fn main() {}
