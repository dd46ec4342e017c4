//! Files of secret chats.

use mtproto_runtime::secret_chat::file::{FileError, FileKey};

use crate::{Drawn, cases};

#[test]
fn files_of_secret_chats() {
    for case in cases("secret_files") {
        let (data, encrypted) = (case.bytes("data"), case.bytes("encrypted"));
        let key = FileKey::from_message(case.bytes("key"), case.bytes("iv")).unwrap();
        assert_eq!(key.fingerprint().to_le_bytes(), case.array("fingerprint"));

        // As a whole, and in chunks of one block.
        for chunk in [usize::MAX, 16] {
            let mut encryptor = key.encryptor();
            let mut made = Vec::new();
            let last = data.len().saturating_sub(1) / 16 * 16;
            let (whole, last) = data.split_at(if chunk == 16 { last } else { 0 });
            for block in whole.chunks(16) {
                let mut block = block.to_vec();
                encryptor.chunk(&mut block).unwrap();
                made.extend(block);
            }
            let mut last = last.to_vec();
            encryptor.last_chunk(&mut last, &mut Drawn(case.bytes("padding").to_vec()));
            made.extend(last);
            assert_eq!(made, encrypted);

            let mut decryptor = key.decryptor(data.len() as u64);
            let mut read: Vec<u8> = Vec::new();
            for block in encrypted.chunks(chunk) {
                let mut block = block.to_vec();
                let own = decryptor.chunk(&mut block).unwrap();
                read.extend_from_slice(&block[..own]);
            }
            decryptor.finish().unwrap();
            assert_eq!(read, data);
        }
    }
}

#[test]
fn files_that_are_longer_or_shorter_than_said_are_refused() {
    for case in cases("secret_files") {
        let encrypted = case.bytes("encrypted");
        let key = FileKey::from_message(case.bytes("key"), case.bytes("iv")).unwrap();
        let size = encrypted.len() as u64;
        let mut whole = encrypted.to_vec();
        let mut longer = key.decryptor(size + 1);
        longer.chunk(&mut whole).unwrap();
        assert!(matches!(longer.finish(), Err(FileError::Size { .. })));
        if size > 0 {
            let mut shorter = key.decryptor(size - 16);
            let refused = shorter.chunk(&mut encrypted.to_vec());
            assert!(matches!(refused, Err(FileError::Size { .. })));
            let mut cut = key.decryptor(size);
            let refused = cut.chunk(&mut encrypted[1..].to_vec());
            assert!(matches!(refused, Err(FileError::ChunkLength { .. })));
        }
    }
}
