//! What stands around a session in deployment: TLS in front of it, players that must prove their SWF, metadata that lies.

mod support;

use rtmp_session::handshake::SwfVerification;
use rtmp_session::live::{Channel, ChannelConfig, Next};
use rtmp_session::{
    ClientEvent, ClientSession, Media, ServerEvent, ServerSession, UserControl,
    amf::{Object, Value},
};
use support::{Peer, client_config, epoch, server_config, values};

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
    let answer = SwfVerification::from_swf(b"FWS and so on").answer(&tail);
    client.send_control(&UserControl::SwfVerifyResponse(answer.to_vec().into())).unwrap();
    server.talk(&mut client, |_, _| {}).unwrap();
    assert_eq!(server.said.len(), 1);
    assert_eq!(server.said[0].payload[..4], [0, 27, 1, 1], "event 27, then 01 01");
    assert_eq!(server.said[0].payload[2..], answer);
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
