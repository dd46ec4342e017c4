use mtproto_runtime::wire::{decode, decode_return, encode, encode_boxed};
use tl_derive::{TlRead, TlWrite};

struct Plain;

#[derive(TlRead, TlWrite)]
struct Holder {
    plain: Plain,
}

#[derive(TlRead, TlWrite)]
struct WithoutAnId;

fn main() {
    let _ = decode::<Plain>(&[]);
    let _ = encode(&Plain);
    let _ = encode_boxed(&WithoutAnId);
    let _ = decode_return(&WithoutAnId, &[]);
}
