//! What players get.

use rtmp_session::{ClientEvent, Media};

use crate::client::Client;
use crate::media::{aac_header, audio, avc_header, is_keyframe, metadata, stream, video};
use crate::process::Server;

#[test]
fn everything_reaches_players_unchanged_and_in_order() {
    for options in [&[][..], &["--coalesce", "50ms"]] {
        let server = Server::start(options);
        let mut waiting = Client::play(&server.url("a"));
        let mut publisher = Client::publish(&server.url("a"));
        let sent = stream(200, 50);
        for part in sent.chunks(7) {
            publisher.send_all(part);
        }
        assert_eq!(waiting.take(sent.len()), sent, "{options:?}");
    }
}

#[test]
fn who_comes_late_gets_headers_and_the_newest_gop_at_once() {
    let server = Server::start(&[]);
    let mut publisher = Client::publish(&server.url("a"));
    let mut watching = Client::play(&server.url("a"));
    let sent = stream(25, 10);
    publisher.send_all(&sent);
    assert_eq!(watching.take(sent.len()), sent);
    // Nothing more is sent, and yet there is a picture.
    let mut late = Client::play(&server.url("a"));
    let key = sent.iter().rposition(is_keyframe).unwrap();
    let time = sent[key].timestamp;
    let headers = sent[..3].iter().map(|header| Media { timestamp: time, ..header.clone() });
    let expected: Vec<Media> = headers.chain(sent[key..].iter().cloned()).collect();
    assert_eq!(late.take(expected.len()), expected);
}

#[test]
fn players_stay_when_the_publisher_leaves_and_go_on_when_it_comes_back() {
    let server = Server::start(&[]);
    let mut player = Client::play(&server.url("a"));
    let mut publisher = Client::publish(&server.url("a"));
    let first = stream(30, 10);
    publisher.send_all(&first);
    publisher.end();
    let got = player.take(first.len());
    player.wait_for_status("NetStream.Play.UnpublishNotify");
    let last = got.iter().map(|media| media.timestamp).max().unwrap();

    let mut publisher = Client::publish(&server.url("a"));
    player.wait_for_status("NetStream.Play.PublishNotify");
    let second =
        [metadata("another"), avc_header(0, 2), video(0, 10, 500), audio(0, 50), video(1, 10, 500), video(2, 10, 500)];
    publisher.send_all(&second);
    let got = player.take(second.len());
    for (got, sent) in got.iter().zip(&second) {
        assert_eq!((got.kind, &got.payload), (sent.kind, &sent.payload));
        assert!(got.timestamp > last, "time went back from {last} to {}", got.timestamp);
    }
}

/// The second stream of a connection is not on the message stream that images are made for.
#[test]
fn two_plays_of_one_connection_do_not_mix() {
    let server = Server::start(&[]);
    let (mut a, mut b) = (Client::publish(&server.url("a")), Client::publish(&server.url("b")));
    let mut player = Client::play(&server.url("a"));
    let first = player.stream;
    let second = player.session.play("b");
    player.stream = second;
    player.wait_until_started();
    let (sent_a, sent_b) = (stream(20, 10), stream(30, 10));
    a.send_all(&sent_a);
    b.send_all(&sent_b);
    assert_eq!(player.take(sent_b.len()), sent_b);
    let got_a: Vec<Media> = sent_a.iter().map(|_| player.next_of(first)).collect();
    assert_eq!(got_a, sent_a);
}

#[test]
fn a_player_may_do_without_audio() {
    let server = Server::start(&[]);
    let mut publisher = Client::publish(&server.url("a"));
    let mut player = Client::play(&server.url("a"));
    player.session.receive_audio(player.stream, false).unwrap();
    player.flush();
    publisher.send_all(&[avc_header(0, 1), aac_header(0, 1)]);
    // Somewhere among these the server has heard of it.
    let mut frames = 0;
    let last = loop {
        publisher.send_all(&[video(frames, 5, 100), audio(frames, 100)]);
        frames += 1;
        let got = player.drain();
        if got.iter().any(is_keyframe) && !got.iter().any(|media| *media == audio(frames - 1, 100)) {
            break frames;
        }
        assert!(frames < 1000, "audio still comes");
    };
    player.session.receive_audio(player.stream, true).unwrap();
    player.flush();
    for id in last..last + 1000 {
        publisher.send_all(&[video(id, 5, 100), audio(id, 100)]);
        if player.drain().iter().any(|media| *media == audio(id, 100)) {
            return;
        }
    }
    panic!("audio does not come back");
}

#[test]
fn a_paused_player_goes_on_at_a_key_frame() {
    let server = Server::start(&[]);
    let mut publisher = Client::publish(&server.url("a"));
    let mut player = Client::play(&server.url("a"));
    publisher.send_all(&stream(7, 5));
    player.take_until(|media| *media == audio(6, 200));
    player.session.pause(player.stream, true, 0.0).unwrap();
    player.wait_for_status("NetStream.Pause.Notify");
    (7..23).for_each(|id| publisher.send(&video(id, 5, 100)));
    // What is there when it goes on must have passed the server.
    Client::play(&server.url("a")).take_until(|media| *media == video(22, 5, 100));
    player.session.pause(player.stream, false, 0.0).unwrap();
    player.wait_for_status("NetStream.Unpause.Notify");
    let got = player.take_until(|media| *media == video(22, 5, 100));
    let frames: Vec<&Media> = got.iter().skip_while(|media| !is_keyframe(media)).collect();
    assert_eq!(frames, [&video(20, 5, 100), &video(21, 5, 100), &video(22, 5, 100)]);
    assert!(got.iter().take_while(|media| !is_keyframe(media)).all(|media| media.payload.get(1) != Some(&1)));
}

#[test]
fn seeking_in_a_live_stream_is_refused() {
    let server = Server::start(&[]);
    let mut publisher = Client::publish(&server.url("a"));
    let mut player = Client::play(&server.url("a"));
    publisher.send_all(&stream(5, 5));
    player.session.seek(player.stream, 1000.0).unwrap();
    player.wait_for("an answer to the seek", |event| match event {
        ClientEvent::Status { status, .. } => (status.code == "NetStream.Seek.Failed").then_some(()),
        _ => None,
    });
    publisher.send(&video(5, 5, 100));
    player.take_until(|media| *media == video(5, 5, 100));
}

#[test]
fn the_demo_plays_without_an_encoder() {
    let server = Server::start(&["--demo"]);
    let mut player = Client::play(&server.url("demo"));
    let got = player.take_until(is_keyframe);
    assert!(got.iter().any(|media| media.payload.starts_with(b"\x02\x00\x0aonMetaData")));
    assert!(got.iter().any(|media| media.payload.starts_with(&[0x17, 0])));
}
