//! Secret chats: two sides, and a server between them that does its worst.

mod checks;
mod corpus;
mod hostile;
mod life;
mod simulation;
mod support;
