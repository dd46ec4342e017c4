//! Secret chats: two sides, and a server between them that does its worst.

mod checks;
mod life;
mod simulation;
mod support;
