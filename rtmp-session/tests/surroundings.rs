//! What stands around a session in deployment: TLS in front of it, players that must prove their SWF, metadata that lies.

mod support;

use bytes::Bytes;
use rtmp_session::handshake::{Scheme, SwfVerification};
use rtmp_session::live::{Channel, ChannelConfig, Next};
use rtmp_session::{
    ClientEvent, ClientSession, LinkConfig, Media, ServerEvent, ServerSession, SessionError, UserControl,
    amf::{Object, Value},
};
use support::{Cut, Pair, Peer, Saw, client_config, drain, epoch, feed, link_config, server_config, values};

#[test]
fn tls_3_a_client_behind_a_proxy_that_ended_its_tls_is_served() {
    let mut session = ServerSession::new(server_config(), epoch());
    let mut peer = Peer::client();
    let object = Object::new().with("app", "live").with("tcUrl", "rtmps://example.org:443/live");
    peer.command(0, "connect", 1.0, &[Value::Object(object)]);
    peer.talk(&mut session, |session, event| match event {
        ServerEvent::Connect(request) => {
            assert_eq!(request.tc_url, "rtmps://example.org:443/live");
            session.accept_connect(request).unwrap();
        }
        other => panic!("{other:?}"),
    })
    .unwrap();
    assert_eq!(peer.command_names(), ["_result/NetConnection.Connect.Success"]);
}

#[test]
fn swfv_5_a_request_is_the_programs_to_answer() {
    let url = "rtmp://example.org/live/cam".parse().unwrap();
    let mut client = ClientSession::new(client_config(), &url, epoch());
    let mut server = Peer::server();
    server.talk(&mut client, |_, _| {}).unwrap();
    for kind in [1, 2, 255] {
        server.send(&UserControl::SwfVerifyRequest(Some(kind)).to_message());
    }
    server.said.clear();
    let mut requests = Vec::new();
    server.talk(&mut client, |_, event| requests.push(event)).unwrap();
    let kinds: Vec<_> = requests
        .iter()
        .map(|event| match event {
            ClientEvent::Control(UserControl::SwfVerifyRequest(Some(kind))) => *kind,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, [1, 2, 255], "every request is handed on");
    assert_eq!(server.said, [], "and none is answered without being told to");

    // The 32 bytes that the answer needs come with the handshake.
    let tail = client.peer().expect("the handshake is done").tail;
    let answer = player().answer(&tail);
    client.send_control(&UserControl::SwfVerifyResponse(answer.to_vec().into())).unwrap();
    server.talk(&mut client, |_, _| {}).unwrap();
    assert_eq!(server.said.len(), 1);
    assert_eq!(server.said[0].payload[..4], [0, 27, 1, 1], "event 27, then 01 01");
    assert_eq!(server.said[0].payload[2..], answer);
}

fn player() -> SwfVerification {
    SwfVerification::from_swf(b"FWS and so on")
}

#[test]
fn swfv_1_3_a_client_with_a_player_file_answers_and_the_server_can_check() {
    let player = player();
    for scheme in [Scheme::Plain, Scheme::Digest] {
        let client = client_config().link(link_config().scheme(scheme)).swf_verification(player);
        let mut pair = Pair::with(client, server_config()).cut(Cut::Every(7));
        pair.client.play("cam");
        pair.drive();
        let own_tail = pair.server.peer().expect("the handshake is done").own_tail;
        pair.server.send_control(&UserControl::SwfVerifyRequest(Some(1))).unwrap();
        pair.drive();
        let answer = Bytes::copy_from_slice(&player.answer(&own_tail));
        assert_eq!(pair.saw.last(), Some(&Saw::SwfVerification { answer }), "{scheme:?}");
    }
}

#[test]
fn swfv_5_only_type_1_is_answered() {
    let mut pair = Pair::with(client_config().swf_verification(player()), server_config());
    pair.client.play("cam");
    pair.drive();
    let answers = |pair: &Pair| pair.saw.iter().filter(|saw| matches!(saw, Saw::SwfVerification { .. })).count();
    for kind in [Some(2), Some(255)] {
        pair.server.send_control(&UserControl::SwfVerifyRequest(kind)).unwrap();
    }
    pair.drive();
    assert_eq!(answers(&pair), 0);
    pair.server.send_control(&UserControl::SwfVerifyRequest(None)).unwrap();
    pair.drive();
    assert_eq!(answers(&pair), 1);
    let requests =
        pair.heard.iter().filter(|event| matches!(event, ClientEvent::Control(UserControl::SwfVerifyRequest(_))));
    assert_eq!(requests.count(), 3, "all are handed on");
}

#[test]
fn swfv_1_a_server_that_asks_and_does_not_read_is_given_up() {
    let url = "rtmp://example.org/live/cam".parse().unwrap();
    let mut client = ClientSession::new(client_config().swf_verification(player()), &url, epoch());
    let mut server = Peer::server();
    server.talk(&mut client, |_, _| {}).unwrap();
    let max = LinkConfig::default().limits.max_reply_bytes;
    let request = UserControl::SwfVerifyRequest(Some(1)).to_message();
    let mut asked = 0;
    let error = loop {
        server.send(&request);
        feed(&mut client, &drain(&mut server.link));
        asked += 1;
        assert!(asked < 20_000);
        match client.poll_event() {
            Ok(_) => assert!(client.queued() <= max + 2 * 56, "{} bytes queued after {asked}", client.queued()),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, SessionError::Limit { .. }), "{error}");
}

#[test]
fn ertmp_90_metadata_that_contradicts_the_stream_decides_nothing() {
    let lie = Object::new().with("videocodecid", "hvc1").with("audiocodecid", Value::Null).with("hasVideo", false);
    let mut channel = Channel::new(ChannelConfig::default());
    channel.push(Media::data(0, values(&["onMetaData".into(), Value::EcmaArray(lie)])));
    let configuration = Media::video(0, &[0x17, 0, 0, 0, 0, 1, 0x42][..]);
    let key = Media::video(0, &[0x17, 1, 0, 0, 0, 0x65][..]);
    channel.push_batch([configuration.clone(), key.clone(), Media::video(40, &[0x27, 1, 0, 0, 0, 0x41][..])]);
    // Somebody who comes late starts at the AVC key frame, with the AVC configuration, whatever the metadata says.
    let mut late = channel.subscribe();
    let got: Vec<_> = std::iter::from_fn(|| match channel.next(&mut late) {
        Next::Media(media) => Some(media),
        _ => None,
    })
    .collect();
    assert_eq!(got.len(), 4);
    assert_eq!(got[1..3], [configuration, key]);
}
