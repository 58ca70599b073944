//! What peers tell each other about Enhanced RTMP in connect. See ERTMP-74 to ERTMP-84.

mod support;

use rtmp_session::{
    Capabilities, CapsEx, ClientSession, FourCcMask, ServerEvent, ServerSession, VideoFunction,
    amf::{Object, Value},
    chunk::{Message, MessageType},
};
use support::{Pair, Peer, Saw, epoch, server_config, values, vector};

fn all() -> Capabilities {
    Capabilities::default()
        .fourcc("av01")
        .fourcc("hvc1")
        .video("*", FourCcMask::CAN_FORWARD)
        .video("vp09", FourCcMask::CAN_DECODE | FourCcMask::CAN_ENCODE)
        .audio("Opus", FourCcMask::CAN_DECODE | FourCcMask::CAN_ENCODE)
        .caps_ex(CapsEx(15))
}

/// The capabilities a server sees in this connect object, and the information object it answers with.
fn connect(object: Object, ours: Capabilities) -> (Capabilities, Value) {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config().capabilities(ours), epoch());
    let object = object.with("app", "live").with("tcUrl", "rtmp://h/live");
    peer.command(0, "connect", 1.0, &[Value::Object(object)]);
    let mut seen = Capabilities::default();
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Connect(request) = event else { panic!() };
        seen = request.capabilities.clone();
        session.accept_connect(request).unwrap();
    })
    .unwrap();
    assert_eq!(session.capabilities(), Some(&seen));
    (seen, peer.commands().remove(0).3.remove(1))
}

#[test]
fn ertmp_74_75_77_84_all_of_them_both_ways() {
    let client = support::client_config().capabilities(all());
    let mut pair = Pair::with(client, server_config().capabilities(all()));
    pair.drive();
    let Saw::Connect { capabilities, .. } = &pair.saw[0] else { panic!() };
    assert_eq!(capabilities, &all().video_function(VideoFunction::CLIENT_SEEK));
    assert_eq!(pair.client.capabilities(), &all());
}

#[test]
fn v_ert_50_ertmp_74_75_77_the_connect_object_as_it_stands() {
    let vector = vector("V-ERT-50");
    let (marker, properties) = vector.split_first().unwrap();
    let properties = &properties[..properties.len() - 3];
    let begin = values(&["connect".into(), 1.0.into()]);
    let object = values(&[Value::Object(Object::new().with("app", "live").with("tcUrl", "rtmp://h/live"))]);
    let payload = [&begin[..], &[*marker], properties, &object[1..]].concat();
    let mut peer = Peer::client();
    peer.send(&Message { payload: payload.into(), ..support::command(0, "", 0.0, &[]) });
    let mut session = ServerSession::new(server_config(), epoch());
    let mut seen = None;
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Connect(request) = event else { panic!() };
        seen = Some(request.capabilities.clone());
        session.accept_connect(request).unwrap();
    })
    .unwrap();
    assert_eq!(seen, Some(all()));

    // And a client that can so much says the same bytes.
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(support::client_config().capabilities(all()), &url, epoch());
    let mut server = Peer::server();
    server.talk(&mut client, |_, _| {}).unwrap();
    let said = server.said.iter().find(|message| message.kind == MessageType::COMMAND_AMF0).unwrap();
    assert!(said.payload.windows(properties.len()).any(|window| window == properties));
}

#[test]
fn ertmp_76_the_wildcard_adds_to_entries() {
    let map = all().video;
    assert_eq!(map.get("vp09"), FourCcMask(7));
    assert_eq!(map.get("hvc1"), FourCcMask::CAN_FORWARD);
    assert!(map.get("vp09").contains(FourCcMask::CAN_DECODE));
    assert_eq!(all().audio.get("mp4a"), FourCcMask(0));
}

#[test]
fn ertmp_79_81_the_answer_has_a_list_only_for_a_client_that_sent_one() {
    let list = |object: Object| object.with("fourCcList", Value::Array(vec!["hvc1".into()]));
    let (seen, answer) = connect(list(Object::new()), all());
    assert_eq!(seen.fourcc_list, ["hvc1"], "ERTMP-74");
    assert!(answer.get("fourCcList").is_some());
    assert_eq!(answer["capsEx"], 15.0);
    let (_, answer) = connect(Object::new().with("capsEx", 1.0), all());
    assert_eq!(answer.get("fourCcList"), None, "some cameras fail on any array there");
    assert_eq!(answer["videoFourCcInfoMap"]["vp09"], 3.0);
    let (_, answer) = connect(Object::new(), all());
    assert_eq!(answer.get("capsEx"), None);
}

#[test]
fn ertmp_82_properties_of_the_wrong_type_count_as_absent() {
    let odd = Object::new()
        .with("capsEx", "7")
        .with("videoFourCcInfoMap", 3.0)
        .with("audioFourCcInfoMap", Value::Object(Object::new().with("Opus", "x").with("mp4a", 1.0)))
        .with("fourCcList", "hvc1");
    let (seen, _) = connect(odd, all());
    assert_eq!(seen, Capabilities::default().audio("mp4a", FourCcMask::CAN_DECODE));
    let listed = Object::new().with("0", "hvc1").with("1", "av01").with("2", 7.0);
    let (seen, _) = connect(Object::new().with("fourCcList", Value::EcmaArray(listed)), all());
    assert_eq!(seen.fourcc_list, ["hvc1", "av01"]);
}

#[test]
fn ertmp_74_75_82_no_more_than_64_codecs_of_a_kind_are_kept() {
    let names = || (0..100).map(|number| format!("x{number:03}"));
    let list = |names: &mut dyn Iterator<Item = String>| names.map(|name| name.as_str().into()).collect::<Vec<Value>>();
    let as_object = names().enumerate().fold(Object::new(), |object, (at, name)| object.with(at.to_string(), name));
    let masks = names().fold(Object::new(), |object, name| object.with(name, 1.0));
    for fourcc_list in [Value::Array(list(&mut names())), Value::EcmaArray(as_object)] {
        let object = Object::new()
            .with("fourCcList", fourcc_list)
            .with("videoFourCcInfoMap", Value::Object(masks.clone()))
            .with("audioFourCcInfoMap", Value::Object(masks.clone()));
        let seen = connect(object, Capabilities::default()).0;
        let first: Vec<_> = names().take(64).collect();
        assert_eq!(seen.fourcc_list, first);
        for map in [seen.video, seen.audio] {
            assert!(map.0.iter().map(|(name, _)| name).eq(&first), "{} codecs", map.0.len());
        }
    }
}

#[test]
fn ertmp_77_bits() {
    for (number, bits) in [(5.0, 5), (4096.0, 4096), (-1.0, 0), (f64::NAN, 0), (1.5, 1), (1e20, u32::MAX)] {
        let (seen, _) = connect(Object::new().with("capsEx", number), all());
        assert_eq!(seen.caps_ex, CapsEx(bits), "{number}");
    }
    assert!(CapsEx(5).contains(CapsEx::RECONNECT) && CapsEx(5).contains(CapsEx::MODEX));
    assert!(!CapsEx(5).contains(CapsEx::MULTITRACK | CapsEx::TIMESTAMP_NANO_OFFSET));
}

#[test]
fn ertmp_79_80_the_client_reads_both_objects_and_both_spellings() {
    let capable = || Value::Object(Object::new().with("CapsEx", 3.0));
    for values in [[Value::Null, capable()], [capable(), Value::Null]] {
        let mut server = Peer::server();
        let url = "rtmp://h/live/cam".parse().unwrap();
        let mut client = ClientSession::new(support::client_config(), &url, epoch());
        server.command(0, "_result", 1.0, &values);
        server.talk(&mut client, |_, _| {}).unwrap();
        assert_eq!(client.capabilities().caps_ex, CapsEx(3));
    }
}

#[test]
fn ertmp_78_video_functions() {
    let hdr = VideoFunction::HDR | VideoFunction::METADATA;
    let client = support::client_config().capabilities(Capabilities::default().video_function(hdr));
    let mut pair = Pair::with(client, server_config().capabilities(all()));
    pair.drive();
    let Saw::Connect { capabilities, .. } = &pair.saw[0] else { panic!() };
    assert!(capabilities.video_function.contains(hdr | VideoFunction::CLIENT_SEEK));
    assert_eq!(pair.client.capabilities().caps_ex, CapsEx(15), "a client that knows HDR speaks Enhanced RTMP");
    let plain = Capabilities::default().video_function(VideoFunction::CLIENT_SEEK);
    assert!(!plain.is_enhanced(), "one that seeks on its own need not");
}
