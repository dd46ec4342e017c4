//! Containers: [msg_container](https://core.telegram.org/mtproto/service_messages#simple-container).
//!
//! A container is accepted or rejected as a whole: all of it is checked before the first of its messages is looked at.

/// The most messages that a container is filled with, and the most bytes: what official clients keep to.
pub(super) const MAX_MESSAGES_SENT: usize = 1020;
pub(super) const MAX_BYTES_SENT: usize = 1_044_000;

/// The most messages that a container may have.
pub(super) const MAX_MESSAGES: usize = 1024;

/// `msg_id`, `seqno` and `bytes` before each body.
pub(super) const MESSAGE_HEADER_BYTES: usize = 16;

/// `message`: one of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub(super) msg_id: i64,
    pub(super) seq_no: i32,
    pub(super) body: &'a [u8],
}

/// The container has too many messages, or their lengths are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// The messages of a container whose form has been checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Messages<'a> {
    rest: &'a [u8],
}

impl<'a> Messages<'a> {
    /// Checks what follows the id of `msg_container`.
    pub(super) fn read(container: &'a [u8]) -> Result<Self, Malformed> {
        let (count, messages) = container.split_first_chunk().ok_or(Malformed)?;
        let count = u32::from_le_bytes(*count) as usize;
        if count > MAX_MESSAGES {
            return Err(Malformed);
        }
        let mut rest = messages;
        for _ in 0..count {
            (_, rest) = split(rest).ok_or(Malformed)?;
        }
        match rest {
            [] => Ok(Self { rest: messages }),
            _ => Err(Malformed),
        }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Message<'a>> {
        let (message, rest) = split(self.rest)?;
        self.rest = rest;
        Some(message)
    }
}

/// Reads one `message`, and returns it with the bytes after it.
pub(super) fn split(bytes: &[u8]) -> Option<(Message<'_>, &[u8])> {
    let (msg_id, rest) = bytes.split_first_chunk()?;
    let (seq_no, rest) = rest.split_first_chunk()?;
    let (len, rest) = rest.split_first_chunk()?;
    let len = usize::try_from(i32::from_le_bytes(*len)).ok()?;
    if !len.is_multiple_of(4) || len == 0 {
        return None;
    }
    let (body, rest) = rest.split_at_checked(len)?;
    let message = Message {
        msg_id: i64::from_le_bytes(*msg_id),
        seq_no: i32::from_le_bytes(*seq_no),
        body,
    };
    Some((message, rest))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn container(count: u32, lens: &[i32]) -> Vec<u8> {
        let mut bytes = Vec::from(count.to_le_bytes());
        for (id, len) in (0i64..).zip(lens) {
            bytes.extend_from_slice(&(id * 4).to_le_bytes());
            bytes.extend_from_slice(&1i32.to_le_bytes());
            bytes.extend_from_slice(&len.to_le_bytes());
            bytes.resize(bytes.len() + usize::try_from(*len).unwrap_or(0), 7);
        }
        bytes
    }

    #[test]
    fn messages_come_out_in_order() {
        let bytes = container(3, &[4, 12, 8]);
        let lens: Vec<usize> = Messages::read(&bytes)
            .expect("well-formed")
            .map(|message| message.body.len())
            .collect();
        assert_eq!(lens, [4, 12, 8]);
        assert_eq!(
            Messages::read(&container(0, &[])).expect("empty").count(),
            0
        );
    }

    #[test]
    fn lengths_and_counts_must_fit() {
        for (count, lens) in [
            (1, &[3][..]),
            (1, &[0]),
            (1, &[-4]),
            (2, &[4]),
            (1, &[4, 4]),
            (u32::MAX, &[4]),
        ] {
            assert_eq!(
                Messages::read(&container(count, lens)).err(),
                Some(Malformed)
            );
        }
        assert_eq!(Messages::read(&[]).err(), Some(Malformed));
        let bytes = container(1, &[8]);
        assert_eq!(
            Messages::read(&bytes[..bytes.len() - 4]).err(),
            Some(Malformed)
        );
        assert!(Messages::read(&container(1024, &[4; 1024])).is_ok());
        assert!(Messages::read(&container(1025, &[4; 1025])).is_err());
    }
}
