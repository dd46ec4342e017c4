//! `P_Q_inner_data`: what a client sends under the server's public key, with the secret `new_nonce` in it.

use alloc::boxed::Box;

use zeroize::Zeroize;

use super::exchange::{NewNonce, Nonces};
use super::keys::KeyKind;
use crate::schema::mtproto::enums::PQInnerData;
use crate::schema::mtproto::types;
use crate::wire::{Int256, Reader, TlRead, TlWrite, Writer};

/// The inner data of any form. Its `new_nonce` is erased when it is dropped.
pub(super) struct InnerData(PQInnerData);

/// The part of the inner data that is the same in all of its forms.
pub(super) struct Parts<'d> {
    pub(super) pq: &'d [u8],
    pub(super) p: &'d [u8],
    pub(super) q: &'d [u8],
    pub(super) nonces: Nonces,
    pub(super) new_nonce: NewNonce,
    /// Not in the forms of old clients.
    pub(super) dc: Option<i32>,
    /// Seconds, for temporary keys.
    pub(super) expires_in: Option<i32>,
}

impl InnerData {
    /// `p_q_inner_data_dc` or `p_q_inner_data_temp_dc`.
    pub(super) fn new(
        pq: &[u8],
        p: &[u8],
        q: &[u8],
        nonces: &Nonces,
        new_nonce: &NewNonce,
        dc: i32,
        kind: KeyKind,
    ) -> Self {
        let (pq, p, q) = (pq.to_vec(), p.to_vec(), q.to_vec());
        let Nonces {
            nonce,
            server_nonce,
        } = *nonces;
        let new_nonce = new_nonce.to_int256();
        Self(match kind {
            KeyKind::Permanent => PQInnerData::Dc(Box::new(types::PQInnerDataDc {
                pq,
                p,
                q,
                nonce,
                server_nonce,
                new_nonce,
                dc,
            })),
            KeyKind::Temporary { expires_in_secs } => {
                PQInnerData::TempDc(Box::new(types::PQInnerDataTempDc {
                    pq,
                    p,
                    q,
                    nonce,
                    server_nonce,
                    new_nonce,
                    dc,
                    expires_in: expires_in_secs,
                }))
            }
        })
    }

    /// The fields.
    pub(super) fn parts(&self) -> Parts<'_> {
        macro_rules! parts {
            ($data:expr, $dc:expr, $expires_in:expr) => {
                Parts {
                    pq: &$data.pq,
                    p: &$data.p,
                    q: &$data.q,
                    nonces: Nonces {
                        nonce: $data.nonce,
                        server_nonce: $data.server_nonce,
                    },
                    new_nonce: NewNonce::from_int256(&$data.new_nonce),
                    dc: $dc,
                    expires_in: $expires_in,
                }
            };
        }
        match &self.0 {
            PQInnerData::PQInnerData(data) => parts!(data, None, None),
            PQInnerData::Dc(data) => parts!(data, Some(data.dc), None),
            PQInnerData::Temp(data) => parts!(data, None, Some(data.expires_in)),
            PQInnerData::TempDc(data) => parts!(data, Some(data.dc), Some(data.expires_in)),
        }
    }

    fn new_nonce_mut(&mut self) -> &mut Int256 {
        match &mut self.0 {
            PQInnerData::PQInnerData(data) => &mut data.new_nonce,
            PQInnerData::Dc(data) => &mut data.new_nonce,
            PQInnerData::Temp(data) => &mut data.new_nonce,
            PQInnerData::TempDc(data) => &mut data.new_nonce,
        }
    }
}

impl Drop for InnerData {
    fn drop(&mut self) {
        self.new_nonce_mut().0.zeroize();
    }
}

impl<'r> TlRead<'r> for InnerData {
    extern "C" fn read_from(r: &mut Reader<'r>) -> Self {
        Self(PQInnerData::read_from(r))
    }
}

impl TlWrite for InnerData {
    fn write_to(&self, w: &mut Writer) {
        self.0.write_to(w);
    }
}
