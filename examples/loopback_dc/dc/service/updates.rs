//! `updates.*`: what a client has missed.

use telegram_tl::api::{enums, functions, server, types};

use super::{Asked, Refusal};

impl Asked<'_> {
    fn state(&mut self) -> types::updates::State {
        let date = self.world.now();
        let user = self.user();
        types::updates::State {
            pts: user.pts,
            qts: user.qts,
            date,
            seq: 0,
            unread_count: 0,
        }
    }
}

impl server::Updates for Asked<'_> {
    fn get_state(
        &mut self,
        _: functions::updates::GetState,
    ) -> Result<enums::updates::State, Refusal> {
        Ok(enums::updates::State::State(self.state()))
    }

    fn get_difference(
        &mut self,
        call: functions::updates::GetDifference,
    ) -> Result<enums::updates::Difference, Refusal> {
        let state = self.state();
        let user = self.user();
        let is_new = |(pts, _): &&(i32, types::Message)| *pts > call.pts;
        let messages: Vec<_> = user.messages.iter().filter(is_new).cloned().collect();
        let encrypted = user.encrypted.range(call.qts.saturating_add(1)..);
        let new_encrypted_messages: Vec<_> =
            encrypted.map(|(_, message)| message.clone()).collect();
        if messages.is_empty() && new_encrypted_messages.is_empty() {
            let (date, seq) = (state.date, state.seq);
            let empty = types::updates::DifferenceEmpty { date, seq };
            return Ok(enums::updates::Difference::Empty(empty));
        }
        if !messages.is_empty() {
            self.check_layer()?;
        }
        let others: Vec<_> = self.world.user_ids().collect();
        let users = others.into_iter().map(|id| self.show(id)).collect();
        let new_messages = messages
            .into_iter()
            .map(|(_, message)| enums::Message::Message(Box::new(message)));
        let difference = types::updates::Difference {
            new_messages: new_messages.collect(),
            new_encrypted_messages,
            other_updates: Vec::new(),
            chats: Vec::new(),
            users,
            state: enums::updates::State::State(state),
        };
        Ok(enums::updates::Difference::Difference(Box::new(difference)))
    }
}
