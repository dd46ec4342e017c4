//! Messages that are not encrypted.

use std::time::Duration;

use mtproto_runtime::crypto::kdf::Side;
use mtproto_runtime::plain_message::{
    Payload, PlainGate, PlainMessage, PlainMessageError, PlainMsgIds, write,
};
use mtproto_runtime::time::UnixTime;

const CLIENT_ID: i64 = 0x65C5_3D50_0006_72D4;
const SERVER_ID: i64 = 0x65C5_3D50_7531_D801;

fn read(payload: &[u8], sender: Side) -> Result<PlainMessage<'_>, PlainMessageError> {
    PlainGate::open().read_plain(payload, sender)
}

#[test]
fn what_is_written_is_read() {
    for (msg_id, sender) in [
        (CLIENT_ID, Side::Client),
        (SERVER_ID, Side::Server),
        (SERVER_ID + 2, Side::Server),
        // After 2038 the highest bit is set.
        (i64::MIN + 4, Side::Client),
    ] {
        for length in [4, 8, 1024] {
            let body = vec![7; length];
            let payload = write(msg_id, &body).unwrap();
            assert_eq!(
                read(&payload, sender),
                Ok(PlainMessage {
                    msg_id,
                    body: &body
                })
            );
        }
    }
}

#[test]
fn only_whole_words_are_a_body() {
    for length in [0, 1, 3, 5] {
        let error = write(CLIENT_ID, &vec![0; length]).unwrap_err();
        assert_eq!(
            error,
            PlainMessageError::Length {
                declared: length as i32,
                available: length
            }
        );
    }
}

#[test]
fn every_shorter_payload_is_too_short() {
    let payload = write(CLIENT_ID, &[1, 2, 3, 4]).unwrap();
    for length_bytes in 0..20 {
        assert_eq!(
            read(&payload[..length_bytes], Side::Client),
            Err(PlainMessageError::TooShort { length_bytes })
        );
    }
    for length in 20..24 {
        let error = read(&payload[..length], Side::Client);
        let available = length - 20;
        assert_eq!(
            error,
            Err(PlainMessageError::Length {
                declared: 4,
                available
            })
        );
    }
}

#[test]
fn lengths_that_are_none_are_refused() {
    for declared in [0, 1, 2, 3, 5, 12, -4, i32::MIN, i32::MAX - 3] {
        let mut payload = write(CLIENT_ID, &[0; 8]).unwrap();
        payload[16..20].copy_from_slice(&declared.to_le_bytes());
        assert_eq!(
            read(&payload, Side::Client),
            Err(PlainMessageError::Length {
                declared,
                available: 8
            })
        );
    }
}

#[test]
fn a_padded_transport_may_add_fifteen_bytes() {
    let payload = write(CLIENT_ID, &[1, 2, 3, 4]).unwrap();
    for padding in 0..=15 {
        let padded = [&payload[..], &vec![0xAA; padding]].concat();
        assert_eq!(read(&padded, Side::Client).unwrap().body, [1, 2, 3, 4]);
    }
    let padded = [&payload[..], &[0xAA; 16]].concat();
    assert!(matches!(
        read(&padded, Side::Client),
        Err(PlainMessageError::Length { .. })
    ));
}

#[test]
fn a_msg_id_tells_who_has_made_it() {
    for low in 0..4 {
        let payload = write(CLIENT_ID | low, &[0; 4]).unwrap();
        let of_client = read(&payload, Side::Client);
        let of_server = read(&payload, Side::Server);
        assert_eq!(of_client.is_ok(), low == 0, "{of_client:?}");
        assert_eq!(of_server.is_ok(), low % 2 == 1, "{of_server:?}");
    }
    let payload = write(0, &[0; 4]).unwrap();
    assert_eq!(
        read(&payload, Side::Client),
        Err(PlainMessageError::MsgId {
            msg_id: 0,
            sender: Side::Client
        })
    );
}

#[test]
fn an_encrypted_message_is_told_apart_whatever_else_it_holds() {
    let mut payload = vec![0xAB; 8];
    for _ in 0..3 {
        let gate = PlainGate::open();
        let auth_key_id = 0xABAB_ABAB_ABAB_ABAB;
        assert_eq!(
            gate.read(&payload, Side::Server),
            Ok(Payload::Encrypted {
                auth_key_id,
                payload: &payload
            })
        );
        assert_eq!(
            gate.read_plain(&payload, Side::Server),
            Err(PlainMessageError::Encrypted { auth_key_id })
        );
        payload.extend([0; 40]);
    }
}

#[test]
fn identifiers_ascend_although_the_clock_stands_still_or_goes_back() {
    for (sender, low) in [(Side::Client, 0), (Side::Server, 1)] {
        let mut ids = PlainMsgIds::new(sender);
        let mut last = 0;
        for nanos in [5, 5, 5, 999_999_999, 0, 0, 5] {
            let now = UnixTime::from_secs(1_707_425_104).after(Duration::new(0, nanos));
            let msg_id = ids.next(now);
            assert!(msg_id > last);
            assert_eq!(msg_id % 4, low);
            assert_ne!(msg_id as u32, 0, "the fraction is not empty");
            last = msg_id;
        }
    }
}
