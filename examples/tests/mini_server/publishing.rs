//! Who may publish, and what becomes of names.

use crate::client::Client;
use crate::media::{avc_header, stream, video};
use crate::process::{Server, until};

#[test]
fn a_second_publisher_is_refused_and_the_first_goes_on() {
    let server = Server::start(&[]);
    let url = server.url("a");
    let mut first = Client::publish(&url);
    first.send_all(&stream(5, 5));
    let mut player = Client::play(&url);
    let mut second = Client::ask_to_publish(&url);
    second.wait_for_status("NetStream.Publish.BadName");
    second.wait_for_close();
    first.send(&video(5, 5, 100));
    assert_eq!(player.take_until(|media| *media == video(5, 5, 100)).last(), Some(&video(5, 5, 100)));
}

#[test]
fn a_name_is_free_again_when_its_publisher_is_gone() {
    let server = Server::start(&[]);
    let url = server.url("a");
    let mut first = Client::publish(&url);
    first.send_all(&stream(3, 3));
    drop(first);
    server.wait_for_log("publish ended");
    Client::publish(&url).end();
}

#[test]
fn a_query_is_not_part_of_the_name() {
    let server = Server::start(&[]);
    let mut publisher = Client::publish(&server.url("a?token=secret"));
    let mut player = Client::play(&server.url("a?user=me&token=other"));
    publisher.send_all(&[avc_header(0, 1), video(0, 5, 100)]);
    assert_eq!(player.take(2), [avc_header(0, 1), video(0, 5, 100)]);
}

#[test]
fn with_a_publish_key_only_those_publish_who_know_it() {
    let server = Server::start(&["--publish-key", "open-sesame", "--demo"]);
    for query in ["", "?key=", "?key=open-sesame2", "?token=open-sesame"] {
        let mut stranger = Client::ask_to_publish(&server.url(&format!("a{query}")));
        stranger.wait_for_status("NetStream.Publish.Denied");
        stranger.wait_for_close();
    }
    let mut player = Client::play(&server.url("a"));
    let mut publisher = Client::publish(&server.url("a?key=open-sesame"));
    publisher.send_all(&[avc_header(0, 1), video(0, 5, 100)]);
    assert_eq!(player.take(2), [avc_header(0, 1), video(0, 5, 100)], "players need none");
    Client::play(&server.url("demo")).take(1);
    assert!(!server.log().contains("sesame"), "{}", server.log());
}

#[test]
fn applications_with_instances_are_apart() {
    let server = Server::start(&[]);
    let address = server.address();
    let room = format!("rtmp://{address}/live/room1/a");
    let mut publisher = Client::publish(&room);
    let mut elsewhere = Client::publish(&format!("rtmp://{address}/live/a"));
    let mut player = Client::play(&room);
    elsewhere.send_all(&[avc_header(0, 9), video(0, 5, 50)]);
    publisher.send_all(&[avc_header(0, 1), video(0, 5, 100)]);
    assert_eq!(player.take(2), [avc_header(0, 1), video(0, 5, 100)]);
}

#[test]
fn one_connection_may_publish_two_streams() {
    let server = Server::start(&[]);
    let mut publisher = Client::publish(&server.url("a"));
    let first = publisher.stream;
    let second = publisher.session.publish("b");
    publisher.stream = second;
    publisher.wait_until_started();
    let (mut player_a, mut player_b) = (Client::play(&server.url("a")), Client::play(&server.url("b")));
    for (a, b) in stream(20, 5).iter().zip(&stream(40, 5)[20..]) {
        publisher.session.send_media(first, a).unwrap();
        publisher.session.send_media(second, b).unwrap();
    }
    publisher.flush();
    let sent_b: Vec<_> = stream(40, 5)[20..].iter().take(stream(20, 5).len()).cloned().collect();
    assert_eq!(player_a.take(10), stream(20, 5)[..10]);
    let key = sent_b.iter().position(crate::media::is_keyframe).unwrap();
    let from_key = player_b.take_until(|media| *media == sent_b[key]);
    assert_eq!(from_key.last(), Some(&sent_b[key]));
}

/// What stands before a publish in the same read is of the stream that was published first.
#[test]
fn what_comes_just_before_a_second_publish_is_not_of_it() {
    let server = Server::start(&[]);
    let mut publisher = Client::publish(&server.url("a"));
    let mut player = Client::play(&server.url("a"));
    let first = publisher.stream;
    let sent = stream(10, 5);
    publisher.stream = publisher.session.publish("b");
    publisher.flush();
    for media in &sent {
        publisher.session.send_media(first, media).unwrap();
    }
    publisher.read_until_it_says_more();
    publisher.wait_until_started();
    assert_eq!(player.take(sent.len()), sent);
    let mut player = Client::play(&server.url("b"));
    publisher.send_all(&sent);
    assert_eq!(player.take(sent.len()), sent);
}

#[test]
fn keys_are_never_logged_whole() {
    let server = Server::start(&[]);
    let key = "live_987654321_abcdefghijkl";
    let mut publisher = Client::publish(&server.url(&format!("{key}?auth=hunter2hunter2")));
    publisher.send_all(&stream(3, 3));
    Client::play(&server.url(key)).end();
    publisher.end();
    server.wait_for_log("publish ended");
    until(
        || server.log().matches("INFO end peer=").count() == 2,
        || "the ends of both connections are told".to_owned(),
    );
    let log = server.log();
    for line in ["connect", "publish", "play", "publish ended", "play ended"] {
        assert!(log.lines().any(|text| text.contains("INFO") && text.contains(line)), "no line says {line}:\n{log}");
    }
    assert!(!log.contains(key) && !log.contains("hunter2"), "{log}");
}
