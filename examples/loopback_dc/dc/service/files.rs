//! `upload.*`: encrypted files, in parts. <https://core.telegram.org/api/files>.

use telegram_tl::api::{enums, functions, server, types};

use super::super::world::{StoredFile, access_hash};
use super::{Asked, Refusal};

/// A part has at most so many bytes, and a multiple of 1024.
const MAX_PART_BYTES: usize = 512 << 10;
/// So many parts of a file are kept: this is memory.
const MAX_PARTS: i32 = 256;
const MAX_LIMIT_BYTES: usize = 1 << 20;
const OFFSET_UNIT_BYTES: usize = 4 << 10;

impl Asked<'_> {
    fn save_part(&mut self, file_id: i64, part: i32, bytes: Vec<u8>) -> Result<bool, Refusal> {
        if !(0..MAX_PARTS).contains(&part) {
            return Err(Refusal::invalid("FILE_PART_INVALID"));
        }
        match bytes.len() {
            0 => return Err(Refusal::invalid("FILE_PART_EMPTY")),
            1..=MAX_PART_BYTES => {}
            _ => return Err(Refusal::invalid("FILE_PART_TOO_BIG")),
        }
        let parts = self.world.parts.entry((self.me, file_id)).or_default();
        parts.insert(part, bytes);
        Ok(true)
    }

    /// The file that a message of a secret chat has: put together of its parts, or one that is here already.
    pub(super) fn encrypted_file(
        &mut self,
        file: &enums::InputEncryptedFile,
    ) -> Result<types::EncryptedFile, Refusal> {
        let id = match file {
            enums::InputEncryptedFile::Uploaded(file) => {
                self.put_together(file.id, file.parts, file.key_fingerprint)?
            }
            enums::InputEncryptedFile::BigUploaded(file) => {
                self.put_together(file.id, file.parts, file.key_fingerprint)?
            }
            enums::InputEncryptedFile::InputEncryptedFile(file)
                if file.access_hash == access_hash(file.id) =>
            {
                file.id
            }
            _ => return Err(Refusal::invalid("FILE_ID_INVALID")),
        };
        let stored = self.world.files.get(&id);
        let stored = stored.ok_or_else(|| Refusal::invalid("FILE_ID_INVALID"))?;
        Ok(types::EncryptedFile {
            id,
            access_hash: access_hash(id),
            size: stored.bytes.len() as i64,
            dc_id: self.world.dc_id,
            key_fingerprint: stored.key_fingerprint,
        })
    }

    fn put_together(
        &mut self,
        file_id: i64,
        count: i32,
        key_fingerprint: i32,
    ) -> Result<i64, Refusal> {
        let upload = (self.me, file_id);
        let parts = self.world.parts.get(&upload);
        // Parts that are there stay until all of them are.
        let (1.., Some(parts)) = (count, parts) else {
            return Err(Refusal::invalid("FILE_PARTS_INVALID"));
        };
        let mut bytes = Vec::new();
        for number in 0..count {
            let Some(part) = parts.get(&number) else {
                return Err(Refusal::new(400, format!("FILE_PART_{number}_MISSING")));
            };
            // All but the last are of one size, so that their places are known.
            let is_last = number + 1 == count;
            let first_bytes = parts.get(&0).map_or(0, Vec::len);
            if part.len() > first_bytes || (!is_last && part.len() != first_bytes) {
                return Err(Refusal::invalid("FILE_PART_SIZE_CHANGED"));
            }
            bytes.extend_from_slice(part);
        }
        self.world.parts.remove(&upload);
        let id = 1 + self.world.files.len() as i64;
        let file = StoredFile {
            bytes,
            key_fingerprint,
        };
        self.world.files.insert(id, file);
        Ok(id)
    }
}

impl server::Upload for Asked<'_> {
    fn save_file_part(&mut self, call: functions::upload::SaveFilePart) -> Result<bool, Refusal> {
        self.save_part(call.file_id, call.file_part, call.bytes)
    }

    fn save_big_file_part(
        &mut self,
        call: functions::upload::SaveBigFilePart,
    ) -> Result<bool, Refusal> {
        self.save_part(call.file_id, call.file_part, call.bytes)
    }

    fn get_file(
        &mut self,
        call: functions::upload::GetFile,
    ) -> Result<enums::upload::File, Refusal> {
        let enums::InputFileLocation::InputEncryptedFileLocation(location) = &call.location else {
            return Err(Refusal::invalid("LOCATION_INVALID"));
        };
        let file = self.world.files.get(&location.id);
        let file = file.filter(|_| location.access_hash == access_hash(location.id));
        let file = file.ok_or_else(|| Refusal::invalid("LOCATION_INVALID"))?;
        let offset = usize::try_from(call.offset).unwrap_or(usize::MAX);
        if !offset.is_multiple_of(OFFSET_UNIT_BYTES) {
            return Err(Refusal::invalid("OFFSET_INVALID"));
        }
        let limit = usize::try_from(call.limit).unwrap_or(0);
        if limit == 0
            || !limit.is_multiple_of(OFFSET_UNIT_BYTES)
            || !MAX_LIMIT_BYTES.is_multiple_of(limit)
        {
            return Err(Refusal::invalid("LIMIT_INVALID"));
        }
        let rest = file.bytes.get(offset..).unwrap_or_default();
        Ok(enums::upload::File::File(types::upload::File {
            r#type: enums::storage::FileType::FileUnknown,
            mtime: 0,
            bytes: rest[..limit.min(rest.len())].to_vec(),
        }))
    }
}
