//! What goes over the wire, judged by tshark: well formed, the same messages as we read, and in the order players need.

use crate::client::Client;
use crate::clips::clip;
use crate::players::{Player, output};
use crate::publishers::{Pace, Publisher};
use crate::server::{Server, fresh_name};
use crate::tap::{From, Recording, Tap};
use crate::tools::need;
use crate::witness::{Seen, ours, tshark};
use crate::work_dir::WorkDir;

const SET_CHUNK_SIZE: u8 = 1;
const USER_CONTROL: u8 = 4;
const WINDOW_ACK_SIZE: u8 = 5;
const SET_PEER_BANDWIDTH: u8 = 6;
const AUDIO: u8 = 8;
const VIDEO: u8 = 9;
const DATA: u8 = 18;
const COMMAND: u8 = 20;
/// Of video 125 frames, a sequence header and what ends the sequence; of audio 236 frames and a sequence header.
const EVERY_MESSAGE: (usize, usize) = (127, 237);

/// Both readers agree on both directions; returns what the server sent.
fn assert_same_reading(work: &WorkDir, recording: &Recording) -> Vec<Seen> {
    let (client, server) = tshark(work, recording);
    for (from, theirs) in [(From::Client, &client), (From::Server, &server)] {
        let ours = ours(recording, from);
        for (number, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
            assert_eq!(theirs, ours, "tshark's reading beside ours of message {number} from the {from:?}");
        }
        assert_eq!(theirs.len(), ours.len(), "messages from the {from:?}: tshark's count beside ours");
    }
    server
}

fn count(messages: &[Seen], kind: u8) -> usize {
    messages.iter().filter(|message| message.kind == kind).count()
}

/// Protocol control belongs on chunk stream 2 and message stream 0 (CTL-1, UCM-1).
fn assert_control_in_its_place(messages: &[Seen]) {
    for message in messages.iter().filter(|message| matches!(message.kind, 1..=6)) {
        assert_eq!((message.chunk_stream, message.stream_id), (2, 0), "{message:?}");
    }
}

#[test]
fn tshark_reads_a_publish_as_we_do() {
    need!(Ffmpeg, Tshark);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let tap = Tap::on(server.address());
    let url = format!("rtmp://{}/live/{}", tap.address(), fresh_name());
    Client::start(&work, "publisher", Publisher::Ffmpeg.to(&url, &clip("h264-aac"), Pace::Unpaced)).succeed();
    let sent = assert_same_reading(&work, &tap.finish());
    assert_control_in_its_place(&sent);
    for kind in [SET_CHUNK_SIZE, WINDOW_ACK_SIZE, SET_PEER_BANDWIDTH] {
        assert!(count(&sent, kind) >= 1, "the server sent no message of type {kind}: {sent:?}");
    }
    // Results of connect and createStream on stream 0; the status of publish on the stream it is about.
    assert!(sent.iter().filter(|message| message.kind == COMMAND && message.stream_id == 0).count() >= 2, "{sent:?}");
    assert!(sent.iter().any(|message| message.kind == COMMAND && message.stream_id != 0), "{sent:?}");
    assert_eq!(count(&sent, AUDIO) + count(&sent, VIDEO), 0, "media was sent to a publisher");
}

#[test]
fn tshark_reads_a_play_as_we_do() {
    need!(Ffmpeg, Rtmpdump, Tshark);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let name = fresh_name();
    let tap = Tap::on(server.address());
    let file = output(&work, "received");
    let url = format!("rtmp://{}/live/{name}", tap.address());
    let mut player = Client::start(&work, "player", Player::Rtmpdump.from(&url, &file));
    // It waits for the publisher, and misses nothing.
    tap.wait_for(From::Server, "NetStream.Play.Start");
    let publisher = Publisher::Ffmpeg.to(&server.url(&name), &clip("h264-aac"), Pace::Unpaced);
    Client::start(&work, "publisher", publisher).succeed();
    player.end();
    let sent = assert_same_reading(&work, &tap.finish());
    assert_control_in_its_place(&sent);
    let first = |kind: u8| sent.iter().position(|message| message.kind == kind).unwrap_or(usize::MAX);
    let status = sent.iter().position(|message| message.kind == COMMAND && message.stream_id != 0);
    assert!(status.is_some_and(|status| status < first(AUDIO).min(first(VIDEO))), "media before the status of play");
    assert!(first(USER_CONTROL) < first(VIDEO), "no Stream Begin before media");
    assert!(first(DATA) < first(VIDEO), "no metadata before video");
    assert_eq!((count(&sent, VIDEO), count(&sent, AUDIO)), EVERY_MESSAGE);
    let stream = sent[first(VIDEO)].stream_id;
    assert!(sent.iter().filter(|message| matches!(message.kind, AUDIO | VIDEO)).all(|m| m.stream_id == stream));
}

#[test]
fn tshark_reads_our_publisher_as_we_do() {
    need!(Ffmpeg, Tshark);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let tap = Tap::on(server.address());
    let url = format!("rtmp://{}/live/{}", tap.address(), fresh_name());
    Client::start(&work, "publisher", Publisher::Ours.to(&url, &clip("h264-aac"), Pace::Unpaced)).succeed();
    let recording = tap.finish();
    assert_same_reading(&work, &recording);
    let sent = ours(&recording, From::Client);
    assert_control_in_its_place(&sent);
    assert!(count(&sent, COMMAND) >= 3, "connect, createStream, publish: {sent:?}");
    assert_eq!((count(&sent, VIDEO), count(&sent, AUDIO)), EVERY_MESSAGE);
}

#[test]
fn tshark_reads_our_player_as_we_do() {
    need!(Ffmpeg, Tshark);
    let work = WorkDir::new();
    let server = Server::start(&work);
    let name = fresh_name();
    let tap = Tap::on(server.address());
    let file = output(&work, "received");
    let url = format!("rtmp://{}/live/{name}", tap.address());
    let mut player = Client::start(&work, "player", Player::Ours.from(&url, &file));
    // It waits for the publisher, and misses nothing.
    tap.wait_for(From::Server, "NetStream.Play.Start");
    let publisher = Publisher::Ffmpeg.to(&server.url(&name), &clip("h264-aac"), Pace::Unpaced);
    Client::start(&work, "publisher", publisher).succeed();
    player.end();
    let recording = tap.finish();
    assert_same_reading(&work, &recording);
    let sent = ours(&recording, From::Client);
    assert_control_in_its_place(&sent);
    assert!(count(&sent, COMMAND) >= 3, "connect, createStream, play: {sent:?}");
}
