//! A healthy stream that must not notice what is done to the server.

use crate::client::Client;
use crate::media::{aac_header, audio, avc_header, video};
use crate::process::Server;

/// A stream that is checked from end to end around what is done to the server.
pub(crate) struct Healthy {
    publisher: Client,
    player: Client,
    next: u32,
}

impl Healthy {
    pub(crate) fn start(server: &Server) -> Self {
        let mut publisher = Client::publish(&server.url("healthy"));
        let mut player = Client::play(&server.url("healthy"));
        publisher.send_all(&[avc_header(0, 1), aac_header(0, 1)]);
        assert_eq!(player.take(2), [avc_header(0, 1), aac_header(0, 1)]);
        Self { publisher, player, next: 0 }
    }

    pub(crate) fn plays_on(&mut self) {
        for _ in 0..5 {
            let sent = [video(self.next, 10, 5000), audio(self.next, 300)];
            self.next += 1;
            self.publisher.send_all(&sent);
            assert_eq!(self.player.take(2), sent);
        }
    }
}
