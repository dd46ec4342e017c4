//! Message sequence numbers: [msg_seqno](https://core.telegram.org/mtproto/description#message-sequence-number-msg-seqno).

/// Makes the seq_nos of one side of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequence {
    /// How many content-related messages there were.
    content_related: u32,
}

impl Sequence {
    /// Goes on after so many content-related messages.
    pub(super) fn after(content_related: u32) -> Self {
        Self { content_related }
    }

    /// How many content-related messages there were.
    pub(super) fn content_related(&self) -> u32 {
        self.content_related
    }

    /// Twice the number of content-related messages before, and one more if this message is content-related itself.
    pub(super) fn next(&mut self, content_related: bool) -> i32 {
        let twice = self.content_related.wrapping_mul(2).cast_signed();
        if content_related {
            self.content_related = self.content_related.wrapping_add(1);
            twice | 1
        } else {
            twice
        }
    }
}

/// Whether a seq_no says that its message is content-related, and so has to be acknowledged.
pub(super) fn is_content_related(seq_no: i32) -> bool {
    seq_no & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_content_related_messages_count() {
        let mut sequence = Sequence::default();
        let made = [false, true, false, true, true, false]
            .map(|content_related| sequence.next(content_related));
        assert_eq!(made, [0, 1, 2, 3, 5, 6]);
    }
}
