//! A server that asks its clients to go elsewhere. See ERTMP-92 to ERTMP-97.

mod support;

use rtmp_session::{
    Capabilities, CapsEx, ClientConfig, ClientEvent, ClientSession, CommandError, RtmpUrl, ServerSession,
    amf::{Value, amf0},
    chunk::{Message, MessageType},
};
use support::{Pair, Peer, Saw, epoch, server_config, vector};

fn capable() -> ClientConfig {
    support::client_config().capabilities(Capabilities::default().caps_ex(CapsEx::RECONNECT))
}

fn session(url: &str) -> ClientSession {
    ClientSession::new(capable(), &url.parse().unwrap(), epoch())
}

#[test]
fn ertmp_94_97_a_successor_begins_everything_anew() {
    let mut pair = Pair::with(capable(), server_config());
    let cam = pair.client.publish("cam");
    let mic = pair.client.publish("mic");
    pair.drive();
    pair.server.request_reconnect(Some("rtmp://other.example:1936/app2")).unwrap();
    pair.drive();
    let Some(ClientEvent::Reconnect { url }) = pair.heard.last() else { panic!("{:?}", pair.heard) };
    let next = pair.client.successor(url.as_deref(), pair.now).unwrap();
    assert_eq!((next.url().host.as_str(), next.url().port, next.url().app.as_str()), ("other.example", 1936, "app2"));
    // The old connection goes on until the new one has started.
    pair.client.send_media(cam, &support::video(0, 10)).unwrap();
    pair.drive();
    assert_eq!(pair.server_media().len(), 1);

    pair.client = next;
    pair.server = ServerSession::new(server_config(), pair.now);
    pair.saw.clear();
    pair.heard.clear();
    pair.drive();
    assert!(matches!(&pair.saw[0], Saw::Connect { app, .. } if app == "app2"));
    let started: Vec<_> = pair
        .heard
        .iter()
        .filter_map(|event| match event {
            ClientEvent::Started { stream } => Some(*stream),
            _ => None,
        })
        .collect();
    assert_eq!(started, [cam, mic], "the same handles");
    pair.client.send_media(mic, &support::audio(40, 10)).unwrap();
    pair.drive();
    assert_eq!(pair.server_media(), [support::audio(40, 10)]);
}

#[test]
fn ertmp_93_where_to() {
    let here = session("rtmp://h.example/live/cam");
    let target = |url: Option<&str>| here.successor(url, epoch()).unwrap().url().tc_url();
    assert_eq!(target(None), "rtmp://h.example/live");
    assert_eq!(target(Some("//192.0.2.0/app")), "rtmp://192.0.2.0/app", "V-ERT-51");
    assert_eq!(target(Some("/app")), "rtmp://h.example/app");
    assert_eq!(target(Some("rtmp://x.example:1935/app")), "rtmp://x.example:1935/app");
}

#[test]
fn ertmp_96_not_from_tls_to_plain_and_not_for_ever() {
    let secure = session("rtmps://h.example/live/cam");
    assert!(matches!(secure.successor(Some("rtmp://h.example/live"), epoch()), Err(CommandError::WrongState(_))));
    assert!(secure.successor(Some("rtmps://h.example/live"), epoch()).is_ok());
    assert!(matches!(secure.successor(Some("nonsense://"), epoch()), Err(CommandError::WrongState(_))));
    let mut next = session("rtmp://h.example/live/cam");
    for _ in 0..5 {
        next = next.successor(None, epoch()).unwrap();
    }
    let error = next.successor(None, epoch()).unwrap_err();
    assert!(error.to_string().contains("ERTMP-96"), "{error}");
}

/// The connect command of a session as it is written, and the bytes of all of it.
fn connect_of(mut client: ClientSession) -> (Vec<Value>, Vec<u8>) {
    let mut server = Peer::server();
    server.talk(&mut client, |_, _| {}).unwrap();
    let connect = server.said.into_iter().find(|message| message.kind == MessageType::COMMAND_AMF0).expect("connect");
    let values = amf0::decode_all(&connect.payload, &Default::default()).unwrap();
    (values, connect.payload.to_vec())
}

#[test]
fn ertmp_96_another_host_does_not_hear_the_secrets_of_this_one() {
    let secrets = || capable().property("token", "property-secret").argument("argument-secret");
    let url: RtmpUrl = "rtmp://user:password@h.example/live/cam".parse().unwrap();
    let hears = |config: ClientConfig, to: &[&str]| {
        let mut client = ClientSession::new(config, &url, epoch());
        for to in to {
            client = client.successor(Some(to), epoch()).unwrap();
        }
        let credentials = client.url().credentials.is_some();
        let (values, bytes) = connect_of(client);
        assert_eq!(values[0], "connect");
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!has("password"), "never in the connect command itself");
        (has("property-secret"), has("argument-secret"), credentials)
    };
    let (all, nothing) = ((true, true, true), (false, false, false));
    for same in [&[][..], &["/app"], &["rtmp://H.EXAMPLE:1936/live"]] {
        assert_eq!(hears(secrets(), same), all, "{same:?}");
    }
    for other in [&["rtmp://x.example/live"][..], &["//192.0.2.7/live"], &["rtmp://x.example/live", "//h.example/live"]]
    {
        assert_eq!(hears(secrets(), other), nothing, "{other:?}");
        assert_eq!(hears(secrets().trust_reconnect_hosts(true), other), all, "{other:?}");
    }
}

#[test]
fn v_ert_51_ertmp_95_a_client_that_did_not_announce_it_reports_a_status() {
    let url: RtmpUrl = "rtmp://h/live/cam".parse().unwrap();
    for (config, acts) in [(support::client_config(), false), (capable(), true)] {
        let mut client = ClientSession::new(config, &url, epoch());
        let mut server = Peer::server();
        server.send(&Message { payload: vector("V-ERT-51").into(), ..support::command(0, "", 0.0, &[]) });
        let mut events = Vec::new();
        server.talk(&mut client, |_, event| events.push(event)).unwrap();
        match &events[..] {
            [ClientEvent::Reconnect { url }] => assert!(acts && url.as_deref() == Some("//192.0.2.0/app")),
            [ClientEvent::Status { stream: None, status }] => {
                assert!(!acts && status.code == "NetConnection.Connect.ReconnectRequest");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn v_ert_51_ertmp_92_the_request_on_the_wire() {
    let mut pair = Pair::with(capable(), server_config());
    pair.drive();
    pair.server.request_reconnect(Some("/app")).unwrap();
    let said = support::messages_in_large_chunks(&support::drain(&mut pair.server));
    assert_eq!(said[0].stream_id, 0);
    let values = amf0::decode_all(&said[0].payload, &Default::default()).unwrap();
    assert_eq!(values[..3], ["onStatus".into(), 0.0.into(), Value::Null]);
    assert_eq!(values[3]["code"], "NetConnection.Connect.ReconnectRequest");
    assert_eq!((values[3]["level"].clone(), values[3]["tcUrl"].clone()), ("status".into(), "/app".into()));

    pair.server.request_reconnect(Some("//192.0.2.0/app")).unwrap();
    let said = support::messages_in_large_chunks(&support::drain(&mut pair.server));
    let mut values = amf0::decode_all(&said[0].payload, &Default::default()).unwrap();
    let Value::Object(information) = &mut values[3] else { panic!() };
    information.entries.retain(|(key, _)| key != "description");
    assert_eq!(support::values(&values), vector("V-ERT-51"), "but for the words");
}
