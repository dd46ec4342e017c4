//! Check 29: containers, compression and nesting have bounds.

use mtproto_runtime::schema::mtproto::types;
use mtproto_runtime::session::{InvokeOptions, SessionError};

use crate::support::*;

#[test]
fn check_29_containers_compression_and_nesting_are_bounded() {
    let mut config = quiet();
    config.max_unpacked_bytes = 4096;
    let mut client = client_with(config);
    let mut peer = Peer::of(&client);
    let update = |peer: &mut Peer| peer.message(NOW, 3, false, object(1));
    // Too many messages.
    let many: Vec<Message> = (0..1025).map(|_| update(&mut peer)).collect();
    let outer = peer.notice(NOW, container(&many));
    let refused = peer.send(&mut client, NOW, &outer);
    assert_eq!(
        refused,
        Err(SessionError::Container {
            msg_id: outer.msg_id
        })
    );
    let outer = peer.notice(NOW, container(&many[..1024]));
    assert_eq!(peer.send(&mut client, NOW, &outer), Ok(()));
    assert_eq!(events(&mut client).len(), 1024);
    // A container in a container.
    let inner = peer.notice(NOW, container(&[]));
    let outer = peer.notice(NOW, container(std::slice::from_ref(&inner)));
    let refused = peer.send(&mut client, NOW, &outer);
    assert_eq!(
        refused,
        Err(SessionError::Container {
            msg_id: outer.msg_id
        })
    );
    // A message whose id is not below that of the container, and lengths that lie.
    let mut above = update(&mut peer);
    above.msg_id += 1 << 32;
    let outer = peer.notice(NOW, container(&[above]));
    assert!(peer.send(&mut client, NOW, &outer).is_err());
    let mut lying = container(&[update(&mut peer)]);
    lying[20] = 200;
    let outer = peer.notice(NOW, lying);
    assert!(peer.send(&mut client, NOW, &outer).is_err());
    // Compressed twice, and compressed too well.
    let packed = boxed(&types::GzipPacked {
        packed_data: gzip(&object(2)),
    });
    let twice = boxed(&types::GzipPacked {
        packed_data: gzip(&packed),
    });
    let bomb = boxed(&types::GzipPacked {
        packed_data: gzip(&vec![0; 4100]),
    });
    for (body, is_accepted) in [(packed, true), (twice, false), (bomb, false)] {
        let message = peer.message(NOW, 3, true, body);
        assert_eq!(peer.send(&mut client, NOW, &message).is_ok(), is_accepted);
    }
    assert_eq!(events(&mut client).len(), 1);
    // What is sent keeps to the limits as well: 1020 messages, 1,044,000 bytes.
    for number in 0..1500 {
        client
            .invoke_raw(object(number), InvokeOptions::default())
            .unwrap();
    }
    let mut options = InvokeOptions::default();
    options.incompressible = true;
    for _ in 0..3 {
        client
            .invoke_raw(object(0).repeat(64 << 10), options.clone())
            .unwrap();
    }
    let packets = peer.packets(&mut client, NOW);
    assert!(packets.iter().all(|packet| packet.messages().len() <= 1020));
    assert!(
        packets
            .iter()
            .all(|packet| packet.message.body.len() <= 1_044_000)
    );
    assert_eq!(
        packets.iter().map(|packet| packet.messages().len()).max(),
        Some(1020)
    );
}

/// gzip with blocks that are stored, not compressed.
fn gzip(data: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    packed.extend((data.len() as u16).to_le_bytes());
    packed.extend((!(data.len() as u16)).to_le_bytes());
    packed.extend(data);
    packed.extend(crc32(data).to_le_bytes());
    packed.extend((data.len() as u32).to_le_bytes());
    packed
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
