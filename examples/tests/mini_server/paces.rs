//! Networks that deliver late and in small pieces: whoever is behind them is served like anybody else.

use crate::client::Client;
use crate::healthy::Healthy;
use crate::media::stream;
use crate::pipe::{Pace, pipe};
use crate::process::Server;

fn published_and_played_through(pace: Pace) {
    let server = Server::start(&[]);
    let mut healthy = Healthy::start(&server);
    let url = format!("rtmp://{}/live/paced", pipe(server.address(), pace));
    let mut player = Client::play(&url);
    let mut publisher = Client::publish(&url);
    let sent = stream(40, 10);
    publisher.send_all(&sent);
    healthy.plays_on();
    assert_eq!(player.take(sent.len()), sent);
    publisher.end();
    player.wait_for_status("NetStream.Play.UnpublishNotify");
    healthy.plays_on();
}

#[test]
fn a_byte_at_a_time_both_ways() {
    published_and_played_through(Pace::Bytewise);
}

#[test]
fn late_and_in_pieces_of_any_length() {
    published_and_played_through(Pace::Delayed(1500));
}
