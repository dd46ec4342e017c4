//! Every fault: a name, the checks of clients that it is about, what it is, where, what a correct client does, and the lie.

use mtproto_runtime::net::server::tamper::{Outgoing, Verdict};
use mtproto_runtime::schema::mtproto::{enums, types};
use mtproto_runtime::transport::TransportError;
use mtproto_runtime::wire::encode;
use num_bigint::BigUint;

use super::draft::{Draft, Seal};
use super::numbers::{bound, composite, long_prime, minimal, prime, short_prime, unsafe_prime};
use super::packets::{before, boxed, forms};
use super::{Cut, Expected, Fault, Lie, Stage, exchange};

/// Rows of the table: stage, name, checks, what a correct client does, what it is; and the lie.
macro_rules! faults {
    ($($stage:ident $name:literal $(or $also:literal)? [$($check:literal)?] $expected:ident: $what:literal, $lie:expr;)+) => {
        pub(super) static FAULTS: &[Fault] = &[$(Fault {
            name: $name,
            also: faults!(@also $($also)?),
            checks: &[$($check)?],
            what: $what,
            stage: Stage::$stage,
            expected: Expected::$expected,
            lie: $lie,
        },)+];
    };
    (@also $also:literal) => { Some($also) };
    (@also) => { None };
}

faults! {
    // Connections, and plain messages.
    Connection "byte-by-byte" [] Completes: "every byte of the server comes alone",
        Lie::Cut(Cut::Bytes);
    Connection "half-frame" [] Refuses: "half an answer, and the connection is closed",
        Lie::Cut(Cut::Half);
    ResPq "hang-up" [] Refuses: "the connection is closed instead of resPQ",
        Lie::Instead(|| Outgoing::HangUp);
    ResPq "error-404" [] Refuses: "transport error -404 instead of resPQ",
        Lie::Instead(|| transport_error(-404));
    ResPq "error-429" [] Refuses: "transport error -429 instead of resPQ",
        Lie::Instead(|| transport_error(-429));
    DhParams "error-444" [] Refuses: "transport error -444 instead of server_DH_params_ok",
        Lie::Instead(|| transport_error(-444));
    ResPq "plain-length" [17] Refuses: "message_data_length of resPQ is beyond the packet",
        Lie::Plain(|packet| set_length(packet, 1 << 20));
    ResPq "plain-length-negative" [17] Refuses: "message_data_length of resPQ is negative",
        Lie::Plain(|packet| set_length(packet, -4));
    ResPq "plain-trailing" [] Completes: "four bytes behind resPQ, inside the message",
        Lie::Plain(trailing);
    ResPq "plain-key-id" [] Refuses: "an encrypted message instead of resPQ",
        Lie::Plain(|packet| packet[..8].fill(0x5a));
    ResPq "plain-msg-id" [19] Refuses: "resPQ has the msg_id of a client",
        Lie::Plain(|packet| packet[8] &= !3);
    ResPq "unexpected" [] Refuses: "pong instead of resPQ",
        Lie::Plain(|packet| exchange::set_body(packet, &boxed(&types::Pong { msg_id: 0, ping_id: 0 })));
    // resPQ.
    ResPq "res-pq-nonce" or "nonce" [1] Refuses: "resPQ has another nonce",
        Lie::ResPq(|res_pq| res_pq.nonce.0[15] ^= 1);
    ResPq "pq-empty" [2] Refuses: "pq is the empty string",
        Lie::ResPq(|res_pq| res_pq.pq.clear());
    ResPq "pq-one" [2] Refuses: "pq is 1",
        Lie::ResPq(|res_pq| res_pq.pq = minimal(1));
    ResPq "pq-prime" [2] Refuses: "pq is a prime",
        Lie::ResPq(|res_pq| res_pq.pq = minimal((1 << 61) - 1));
    ResPq "pq-square" [2] Refuses: "pq is the square of a prime",
        Lie::ResPq(|res_pq| res_pq.pq = minimal(1_229_739_323 * 1_229_739_323));
    ResPq "pq-large" [2] Refuses: "pq has nine bytes",
        Lie::ResPq(|res_pq| res_pq.pq = (BigUint::from(4_294_967_311_u64) * 4_294_967_357_u64).to_bytes_be());
    ResPq "fingerprint" [3] Refuses: "only the fingerprint of an unknown key",
        Lie::ResPq(|res_pq| res_pq.server_public_key_fingerprints.iter_mut().for_each(|known| *known ^= 1));
    ResPq "no-fingerprint" [3] Refuses: "no fingerprint at all",
        Lie::ResPq(|res_pq| res_pq.server_public_key_fingerprints.clear());
    // Server_DH_Params.
    DhParams "dh-params-nonce" [1] Refuses: "server_DH_params_ok has another nonce",
        Lie::DhParams(|params| params.nonce.0[15] ^= 1);
    DhParams "dh-params-server-nonce" [1] Refuses: "server_DH_params_ok has another server_nonce",
        Lie::DhParams(|params| params.server_nonce.0[15] ^= 1);
    DhParams "dh-params-fail" [] Refuses: "server_DH_params_fail",
        Lie::DhParamsFail { right_hash: true };
    DhParams "dh-params-fail-hash" [1] Refuses: "server_DH_params_fail with another new_nonce_hash",
        Lie::DhParamsFail { right_hash: false };
    DhParams "answer-length" [4] Refuses: "encrypted_answer is no multiple of 16 bytes",
        Lie::DhParams(|params| params.encrypted_answer.extend([0; 4]));
    DhParams "answer-empty" [4] Refuses: "encrypted_answer is empty",
        Lie::DhParams(|params| params.encrypted_answer.clear());
    DhParams "answer-hash" [4] Refuses: "the answer has another SHA1",
        Lie::Answer(|answer| answer[19] ^= 1);
    DhParams "answer-padding" [4] Refuses: "the answer is padded by 16 bytes too many",
        Lie::Answer(|answer| answer.extend([0x5a; 16]));
    DhParams "inner-nonce" [1] Refuses: "server_DH_inner_data has another nonce",
        Lie::InnerData(|inner| inner.nonce.0[15] ^= 1);
    DhParams "inner-server-nonce" [1] Refuses: "server_DH_inner_data has another server_nonce",
        Lie::InnerData(|inner| inner.server_nonce.0[15] ^= 1);
    DhParams "dh-prime-composite" [5] Refuses: "dh_prime is composite",
        Lie::InnerData(|inner| inner.dh_prime = composite());
    DhParams "dh-prime-unsafe" [5] Refuses: "dh_prime is prime, (dh_prime - 1) / 2 is not",
        Lie::InnerData(|inner| inner.dh_prime = unsafe_prime());
    DhParams "dh-prime-short" [5] Refuses: "dh_prime is a prime of 2047 bits",
        Lie::InnerData(|inner| { inner.dh_prime = short_prime(); inner.g = 4; });
    DhParams "dh-prime-long" [5] Refuses: "dh_prime has 2049 bits",
        Lie::InnerData(|inner| inner.dh_prime = long_prime());
    DhParams "g-one" [6] Refuses: "g is 1",
        Lie::InnerData(|inner| inner.g = 1);
    DhParams "g-eight" [6] Refuses: "g is 8",
        Lie::InnerData(|inner| inner.g = 8);
    DhParams "g-residue" [6] Refuses: "g = 2 is no quadratic residue of this prime",
        Lie::InnerData(|inner| inner.g = 2);
    DhParams "g-a-zero" [7] Refuses: "g_a is 0",
        Lie::InnerData(|inner| inner.g_a = vec![0]);
    DhParams "g-a-one" [7] Refuses: "g_a is 1",
        Lie::InnerData(|inner| inner.g_a = vec![1]);
    DhParams "g-a-minus-one" [7] Refuses: "g_a is dh_prime - 1",
        Lie::InnerData(|inner| inner.g_a = (prime() - 1_u32).to_bytes_be());
    DhParams "g-a-prime" [7] Refuses: "g_a is dh_prime",
        Lie::InnerData(|inner| inner.g_a = prime().to_bytes_be());
    DhParams "g-a-small" [7] Refuses: "g_a is below 2^1984",
        Lie::InnerData(|inner| inner.g_a = (bound() - 1_u32).to_bytes_be());
    DhParams "g-a-large" [7] Refuses: "g_a is above dh_prime - 2^1984",
        Lie::InnerData(|inner| inner.g_a = (prime() - bound() + 1_u32).to_bytes_be());
    DhParams "g-a-leading-zero" [10] Completes: "g_a is a byte shorter than dh_prime",
        Lie::ShortPower;
    // Set_client_DH_params_answer.
    DhGen "dh-gen-nonce" [1] Refuses: "dh_gen_ok has another nonce",
        Lie::DhGen { verdict: Verdict::Accept, change: |answer| changed(answer, |nonce, _, _| nonce[15] ^= 1) };
    DhGen "dh-gen-server-nonce" [1] Refuses: "dh_gen_ok has another server_nonce",
        Lie::DhGen { verdict: Verdict::Accept, change: |answer| changed(answer, |_, server_nonce, _| server_nonce[15] ^= 1) };
    DhGen "dh-gen-ok-hash" or "new-nonce-hash" [9] Refuses: "dh_gen_ok has another new_nonce_hash1",
        Lie::DhGen { verdict: Verdict::Accept, change: other_hash };
    DhGen "dh-gen-ok-for-retry" [9] Refuses: "dh_gen_ok has the hash of dh_gen_retry",
        Lie::DhGen { verdict: Verdict::Retry, change: retry_as_ok };
    DhGen "dh-gen-retry" [9] Completes: "dh_gen_retry to the first key",
        Lie::Verdict { verdict: Verdict::Retry, first_only: true };
    DhGen "dh-gen-retry-hash" [9] Refuses: "dh_gen_retry has another new_nonce_hash2",
        Lie::DhGen { verdict: Verdict::Retry, change: other_hash };
    DhGen "dh-gen-retry-for-ever" [] Refuses: "dh_gen_retry to every key, and at last dh_gen_fail",
        Lie::Verdict { verdict: Verdict::Retry, first_only: false };
    DhGen "dh-gen-fail" [] Refuses: "dh_gen_fail",
        Lie::Verdict { verdict: Verdict::Reject, first_only: false };
    DhGen "dh-gen-fail-hash" [9] Refuses: "dh_gen_fail has another new_nonce_hash3",
        Lie::DhGen { verdict: Verdict::Reject, change: other_hash };
    // The answer to auth.bindTempAuthKey.
    Binding "plaintext-after-keys" [12] Refuses: "the answer to the binding is not encrypted",
        Lie::BindingPacket(|draft| draft.seal = Seal::Plain);
    Binding "bind-refused" [] Refuses: "rpc_error ENCRYPTED_MESSAGE_INVALID",
        Lie::BindingResult(encrypted_message_invalid);
    Binding "bind-false" [] Refuses: "boolFalse",
        Lie::BindingResult(|| encode(&false).unwrap_or_default());
    Binding "bind-key-lost" [] Refuses: "transport error -404",
        Lie::Instead(|| transport_error(-404));
    Binding "bind-msg-key" [16] Refuses: "another msg_key",
        Lie::BindingPacket(|draft| draft.seal = Seal::OtherMsgKey);
    Binding "bind-key-id" [16] Refuses: "another auth_key_id",
        Lie::BindingPacket(|draft| draft.seal = Seal::OtherKeyId);
    Binding "bind-session" [18] Refuses: "another session_id",
        Lie::BindingPacket(|draft| draft.session_id ^= 1);
    Binding "bind-msg-id" [19] Refuses: "the msg_id of a client",
        Lie::BindingPacket(|draft| draft.msg_id &= !3);
    Binding "bind-length" [17] Refuses: "the length is beyond the message",
        Lie::BindingPacket(|draft| draft.length = Some(1 << 20));
    Binding "bind-padding-short" [17] Refuses: "less padding than 12 bytes",
        Lie::BindingPacket(little_padding);
    Binding "bind-padding-long" [17] Refuses: "more padding than 1024 bytes",
        Lie::BindingPacket(|draft| draft.padding = 1040);
    // Decoys before the answer to a call.
    Session "plaintext" [12] Ignores: "a plain message",
        Lie::Decoy(|decoy| decoy.seal = Seal::Plain);
    Session "msg-key" [16] Ignores: "another msg_key",
        Lie::Decoy(|decoy| decoy.seal = Seal::OtherMsgKey);
    Session "key-id" [16] Ignores: "another auth_key_id",
        Lie::Decoy(|decoy| decoy.seal = Seal::OtherKeyId);
    Session "reflected" [16] Ignores: "encrypted like a message of a client",
        Lie::Decoy(|decoy| decoy.seal = Seal::Reflected);
    Session "version-1" [16] Ignores: "encrypted by MTProto 1.0",
        Lie::Decoy(|decoy| decoy.seal = Seal::Version1);
    Session "length-negative" [17] Ignores: "the length is negative",
        Lie::Decoy(|decoy| decoy.length = Some(-4));
    Session "length-beyond" [17] Ignores: "the length is beyond the message",
        Lie::Decoy(|decoy| decoy.length = Some(1 << 20));
    Session "length-odd" [17] Ignores: "the length is no multiple of four",
        Lie::Decoy(|decoy| decoy.length = Some(decoy.body.len() as i32 - 1));
    Session "padding-short" or "no-padding" [17] Ignores: "less padding than 12 bytes",
        Lie::Decoy(little_padding);
    Session "padding-long" or "long-padding" [17] Ignores: "more padding than 1024 bytes",
        Lie::Decoy(|decoy| decoy.padding = 1040);
    Session "session-id" [18] Ignores: "another session_id",
        Lie::Decoy(|decoy| decoy.session_id ^= 1);
    Session "msg-id-even" or "even-msg-id" [19] Ignores: "the msg_id of a client",
        Lie::Decoy(|decoy| decoy.msg_id &= !3);
    Session "msg-id-even-inside" [19] Ignores: "the msg_id of a client, in a container",
        Lie::Before(before::even_inside);
    Session "msg-id-old" or "old-message" [20] Ignores: "1000 seconds old",
        Lie::Decoy(|decoy| decoy.msg_id -= 1000 << 32);
    Session "msg-id-future" [20] Ignores: "1000 seconds ahead",
        Lie::Decoy(|decoy| decoy.msg_id += 1000 << 32);
    Session "msg-id-repeated" [21] Ignores: "the msg_id of the message before",
        Lie::Before(before::duplicate);
    Session "msg-id-repeated-inside" [21] Ignores: "the msg_id of the message before, in a container",
        Lie::Before(before::duplicate_inside);
    Session "foreign-salt" [23] Ignores: "bad_server_salt for a message that the client did not send",
        Lie::Before(before::foreign_salt);
    Session "foreign-time" [23] Ignores: "bad_msg_notification 16 for such a message, 1000 seconds ahead",
        Lie::Before(before::foreign_time);
    Session "foreign-future-salts" [24] Ignores: "future_salts that the client did not ask for",
        Lie::Before(before::foreign_future_salts);
    Session "key-lost" [27] Ignores: "transport error -404 instead of the first answer; a permanent key is to be kept",
        Lie::Packets { first_only: true, change: forms::key_lost };
    Session "container-nested" [29] Ignores: "a container in a container",
        Lie::Before(before::nested);
    Session "container-crowded" [29] Ignores: "a container of 2001 messages",
        Lie::Before(before::crowded);
    Session "gzip-bomb" [29] Ignores: "a container, packed, of 32 MiB",
        Lie::Before(before::bomb);
    // What a client has to live with.
    Session "salt" [] Completes: "bad_server_salt for the first call",
        Lie::Packets { first_only: true, change: forms::bad_salt };
    Session "time-low" [] Completes: "bad_msg_notification 16 for the first call",
        Lie::Packets { first_only: true, change: forms::time_low };
    Session "time-high" [] Completes: "bad_msg_notification 17 for the first call",
        Lie::Packets { first_only: true, change: forms::time_high };
    Session "seq-no-low" [] Completes: "bad_msg_notification 32 for the first call",
        Lie::Packets { first_only: true, change: forms::seq_no_low };
    Session "seq-no-high" [] Completes: "bad_msg_notification 33 for the first call",
        Lie::Packets { first_only: true, change: forms::seq_no_high };
    Connection "clock-ahead" [] Completes: "the server's clock is ten minutes ahead",
        Lie::Clock(600);
    Connection "clock-behind" [] Completes: "the server's clock is ten minutes behind",
        Lie::Clock(-600);
    Session "gzip" [] Completes: "results are gzip_packed",
        Lie::Packets { first_only: false, change: forms::gzip };
    Session "container" [] Completes: "answers come in a container",
        Lie::Packets { first_only: false, change: forms::in_container };
    Session "reversed" [] Completes: "the messages of containers come from the last to the first",
        Lie::Packets { first_only: false, change: forms::reversed };
    Session "twice" [] Completes: "each answer is sent twice",
        Lie::Packets { first_only: false, change: forms::twice };
    Session "acknowledged" [] Completes: "msgs_ack comes before the first answer",
        Lie::Before(before::acknowledgment);
    Session "unknown" [] Completes: "an unknown object comes before the first answer",
        Lie::Before(before::unknown);
    Session "new-session" [] Completes: "new_session_created comes before the first answer",
        Lie::Before(before::new_session);
    Session "cut" [] Completes: "the connection is closed instead of the first answer",
        Lie::Packets { first_only: true, change: forms::hang_up };
}

pub(super) fn transport_error(code: i32) -> Outgoing {
    Outgoing::Error(TransportError::new(code).unwrap_or(TransportError::AUTH_KEY_NOT_FOUND))
}

/// In a plain message the length stands behind auth_key_id and msg_id.
fn set_length(packet: &mut [u8], length: i32) {
    packet[16..20].copy_from_slice(&length.to_le_bytes());
}

fn trailing(packet: &mut Vec<u8>) {
    packet.extend([0; 4]);
    let length = packet.len() as i32 - 20;
    set_length(packet, length);
}

/// What makes whole blocks, and nothing if the message is made of them.
fn little_padding(draft: &mut Draft) {
    draft.padding = 0;
}

fn encrypted_message_invalid() -> Vec<u8> {
    boxed(&types::RpcError {
        error_code: 400,
        error_message: "ENCRYPTED_MESSAGE_INVALID".into(),
    })
}

/// Changes `nonce`, `server_nonce` or the hash of an answer.
fn changed(
    mut answer: enums::SetClientDhParamsAnswer,
    change: fn(&mut [u8; 16], &mut [u8; 16], &mut [u8; 16]),
) -> enums::SetClientDhParamsAnswer {
    match &mut answer {
        enums::SetClientDhParamsAnswer::DhGenOk(ok) => {
            change(
                &mut ok.nonce.0,
                &mut ok.server_nonce.0,
                &mut ok.new_nonce_hash1.0,
            );
        }
        enums::SetClientDhParamsAnswer::DhGenRetry(retry) => {
            change(
                &mut retry.nonce.0,
                &mut retry.server_nonce.0,
                &mut retry.new_nonce_hash2.0,
            );
        }
        enums::SetClientDhParamsAnswer::DhGenFail(fail) => {
            change(
                &mut fail.nonce.0,
                &mut fail.server_nonce.0,
                &mut fail.new_nonce_hash3.0,
            );
        }
        _ => {}
    }
    answer
}

fn other_hash(answer: enums::SetClientDhParamsAnswer) -> enums::SetClientDhParamsAnswer {
    changed(answer, |_, _, hash| hash[15] ^= 1)
}

fn retry_as_ok(answer: enums::SetClientDhParamsAnswer) -> enums::SetClientDhParamsAnswer {
    match answer {
        enums::SetClientDhParamsAnswer::DhGenRetry(retry) => {
            enums::SetClientDhParamsAnswer::DhGenOk(types::DhGenOk {
                nonce: retry.nonce,
                server_nonce: retry.server_nonce,
                new_nonce_hash1: retry.new_nonce_hash2,
            })
        }
        other => other,
    }
}
