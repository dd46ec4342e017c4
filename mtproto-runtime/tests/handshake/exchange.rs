//! Ours with ours.

use std::thread;

use mtproto_runtime::handshake::{KeyKind, NewKey};
use mtproto_runtime::wire::encode;

use crate::forge::Secrets;
use crate::support::{NOW, Transcript, client_config, handshake};

/// Enough of them that each value has a leading zero in some: one in 256 has.
const HANDSHAKES: u64 = 1_000;
const THREADS: u64 = 2;

#[derive(Default)]
struct LeadingZeros {
    g_a: usize,
    g_b: usize,
    auth_key: usize,
}

#[test]
fn a_thousand_handshakes_agree_also_on_numbers_with_leading_zeros() {
    let run = |thread| {
        let mut zeros = LeadingZeros::default();
        for seed in (thread..HANDSHAKES).step_by(THREADS as usize) {
            let config = match seed % 2 {
                0 => client_config(),
                _ => client_config().temporary(86_400),
            };
            let kind = config.kind;
            check(&handshake(seed, config), kind, &mut zeros);
        }
        zeros
    };
    let zeros = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || run(thread)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .fold(LeadingZeros::default(), |sum, zeros| LeadingZeros {
                g_a: sum.g_a + zeros.g_a,
                g_b: sum.g_b + zeros.g_b,
                auth_key: sum.auth_key + zeros.auth_key,
            })
    });
    let LeadingZeros { g_a, g_b, auth_key } = zeros;
    assert!(g_a > 0 && g_b > 0 && auth_key > 0, "{g_a} {g_b} {auth_key}");
}

#[test]
fn what_is_printed_of_a_handshake_has_no_salt() {
    let Transcript { client, server, .. } = handshake(1, client_config());
    let salt = client.first_salt.to_string();
    for text in [format!("{client:?}"), format!("{server:?}")] {
        assert!(text.contains("Done") && !text.contains(&salt), "{text}");
    }
}

fn check(transcript: &Transcript, kind: KeyKind, zeros: &mut LeadingZeros) {
    let Transcript {
        messages,
        client,
        server,
    } = transcript;
    assert_eq!(client.key, server.key);
    assert_eq!(client.first_salt, server.first_salt);
    assert_eq!(client.time_offset_secs, 0);
    assert_eq!(server.dc, Some(2));
    let key = match (&client.key, kind) {
        (NewKey::Permanent(key), KeyKind::Permanent) => {
            assert_eq!(key.created_at(), NOW);
            key.to_storage()
        }
        (NewKey::Temporary(key), KeyKind::Temporary { .. }) => {
            assert_eq!(key.expires_at().as_secs(), NOW.as_secs() + 86_400);
            key.auth_key().as_bytes()
        }
        other => panic!("{other:?}"),
    };

    let secrets = Secrets::of(&messages[2]);
    let (g_a, g_b) = (
        secrets.open_answer(&messages[3]).g_a,
        secrets.open_proposal(&messages[4]).g_b,
    );
    for value in [&g_a, &g_b] {
        // In TL, too: length, then 256 bytes.
        assert_eq!(encode(&value[..]).unwrap().len(), 4 + 256);
    }
    zeros.g_a += usize::from(g_a[0] == 0);
    zeros.g_b += usize::from(g_b[0] == 0);
    zeros.auth_key += usize::from(key[0] == 0);
}
