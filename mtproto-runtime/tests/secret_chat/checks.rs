//! The rules for secret chats by their numbers in the security checklist, each with what happens to those who break it.

mod keys;
mod messages;
mod numbers;
mod rekey;
