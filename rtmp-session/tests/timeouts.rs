//! Time: handshake, silence, pings. Virtual, so that nothing waits.

mod support;

use std::time::{Duration, Instant};

use bytes::Buf;
use rtmp_session::{
    ClientConfig, ClientEvent, ClientSession, CutOff, Link, LinkConfig, ServerConfig, ServerEvent, ServerSession,
    SessionError, StreamId, Timeout, UserControl,
    amf::Value,
    chunk::{ChunkSize, Control, MessageType, encode_once},
};
use support::{Cut, Pair, Peer, audio, client_config, drain, epoch, feed, handshaken, server_config};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn hs_15_one_byte_per_second_does_not_keep_a_handshake_open() {
    let start = epoch();
    let mut session = ServerSession::new(server_config(), start);
    let mut now = start;
    let error = loop {
        feed(&mut session, &[3]);
        assert!(session.poll_event().unwrap().is_none());
        now += SECOND;
        if let Err(error) = session.handle_timeout(now) {
            break error;
        }
        assert!(now - start < 60 * SECOND);
    };
    assert_eq!((error.clone(), now - start), (SessionError::TimedOut(Timeout::Handshake), 10 * SECOND));
    assert_eq!(session.poll_event().unwrap_err(), error, "sticky");
    assert_eq!(session.poll_timeout(), None, "nothing more to wait for");
}

#[test]
fn a_handshake_without_a_connect_runs_out_too() {
    let start = epoch();
    let mut session = ServerSession::new(server_config(), start);
    handshaken(&mut session);
    assert_eq!(session.poll_timeout(), Some(start + 10 * SECOND));
    session.handle_timeout(start + 9 * SECOND).unwrap();
    assert_eq!(session.handle_timeout(start + 10 * SECOND), Err(SessionError::TimedOut(Timeout::Connect)));
}

#[test]
fn a_server_that_does_not_answer_connect_is_given_up() {
    let start = epoch();
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(client_config(), &url, start);
    let mut server = Peer::server();
    server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
    assert_eq!(client.handle_timeout(start + 10 * SECOND), Err(SessionError::TimedOut(Timeout::Connect)));
}

/// A server that answers connect, and then pings and acknowledgements alone; a client with what it was asked for.
fn connected(
    config: ClientConfig,
    start: Instant,
    ask: impl FnOnce(&mut ClientSession) -> StreamId,
) -> (ClientSession, Peer, StreamId) {
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(config, &url, start);
    let stream = ask(&mut client);
    let mut server = Peer::server();
    server.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
    server.talk(&mut client, |_, event| assert!(matches!(event, ClientEvent::Connected))).unwrap();
    (client, server, stream)
}

/// Lets time pass, second by second, with the server answering pings; gives back how long it took until the end.
fn until_over(client: &mut ClientSession, start: Instant, server: &mut Peer) -> (Duration, SessionError) {
    for seconds in 0..3600 {
        if let Err(error) = client.handle_timeout(start + seconds * SECOND) {
            assert_eq!(client.poll_timeout(), None);
            return (seconds * SECOND, error);
        }
        server.talk(client, |_, event| panic!("{event:?}")).unwrap();
    }
    panic!("it waits for ever");
}

fn status(code: &str) -> Value {
    Value::Object(rtmp_session::amf::Object::new().with("level", "status").with("code", code))
}

#[test]
fn a_server_that_does_not_start_a_publish_is_given_up() {
    let start = epoch();
    let over = (30 * SECOND, SessionError::TimedOut(Timeout::Start));
    // It answers nothing at all.
    let (mut client, mut server, _) = connected(client_config(), start, |client| client.publish("cam"));
    assert_eq!(client.poll_timeout(), Some(start), "it wants to know the time");
    assert_eq!(until_over(&mut client, start, &mut server), over);
    // It gives a stream, and says something else about it.
    let (mut client, mut server, stream) = connected(client_config(), start, |client| client.publish("cam"));
    server.command(0, "_result", 4.0, &[Value::Null, 1.0.into()]);
    server.send(&UserControl::StreamBegin(1).to_message());
    server.command(1, "onStatus", 0.0, &[Value::Null, status("NetStream.Publish.Soon")]);
    let mut heard = 0;
    server.talk(&mut client, |_, _| heard += 1).unwrap();
    assert_eq!((heard, client.message_stream_id(stream)), (2, Some(1)));
    assert_eq!(until_over(&mut client, start, &mut server), over);
    // Each answer has its time.
    let (mut client, mut server, _) = connected(client_config(), start, |client| client.publish("cam"));
    client.handle_timeout(start).unwrap();
    assert_eq!(client.poll_timeout(), Some(start + 30 * SECOND));
    client.handle_timeout(start + 20 * SECOND).unwrap();
    server.command(0, "_result", 4.0, &[Value::Null, 1.0.into()]);
    server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
    client.handle_timeout(start + 20 * SECOND).unwrap();
    assert_eq!(until_over(&mut client, start, &mut server).0, 50 * SECOND);
}

#[test]
fn a_server_that_says_anything_about_a_play_is_waited_for() {
    let start = epoch();
    let words: [fn(&mut Peer); 3] = [
        |server| server.command(1, "onStatus", 0.0, &[Value::Null, status("NetStream.Play.Reset")]),
        |server| server.send(&UserControl::StreamBegin(1).to_message()),
        |server| server.send(&audio(0, 5).to_message(1)),
    ];
    for word in words {
        let (mut client, mut server, _) = connected(client_config(), start, |client| client.play("cam"));
        server.command(0, "_result", 2.0, &[Value::Null, 1.0.into()]);
        server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
        word(&mut server);
        server.talk(&mut client, |_, _| {}).unwrap();
        for minute in 0..10 {
            client.handle_timeout(start + minute * 60 * SECOND).unwrap();
            server.send(&UserControl::PingRequest(0).to_message());
            server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
        }
    }
    let (mut client, mut server, _) = connected(client_config(), start, |client| client.play("cam"));
    server.command(0, "_result", 2.0, &[Value::Null, 1.0.into()]);
    server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
    assert_eq!(until_over(&mut client, start, &mut server), (30 * SECOND, SessionError::TimedOut(Timeout::Start)));
}

#[test]
fn streams_that_started_or_were_ended_are_not_waited_for() {
    let start = epoch();
    let (mut pair, ..) = Pair::publishing(Cut::Whole);
    pair.pass(120 * SECOND);
    let stream = pair.client.publish("second");
    pair.client.end_stream(stream).unwrap();
    pair.pass(120 * SECOND);
    assert_eq!(pair.client_error, None);

    let (mut client, mut server, stream) = connected(client_config(), start, |client| client.publish("cam"));
    client.handle_timeout(start).unwrap();
    client.end_stream(stream).unwrap();
    for seconds in 0..100 {
        client.handle_timeout(start + seconds * SECOND).unwrap();
        server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
    }
}

#[test]
fn slow_servers_can_be_waited_for() {
    let start = epoch();
    for (time, until) in [(Some(90 * SECOND), Some(90 * SECOND)), (Some(Duration::MAX), None), (None, None)] {
        let config = client_config().answer_timeout(time);
        let (mut client, mut server, _) = connected(config, start, |client| client.publish("cam"));
        for seconds in 0..600 {
            let now = seconds * SECOND;
            let result = client.handle_timeout(start + now);
            assert_eq!(result.is_err(), until.is_some_and(|until| now >= until), "{time:?} {now:?}");
            if result.is_err() {
                break;
            }
            server.talk(&mut client, |_, event| panic!("{event:?}")).unwrap();
        }
    }
}

#[test]
fn cmd_04_a_call_that_is_not_answered_fails() {
    let start = epoch();
    let (mut client, mut server, stream) = connected(client_config(), start, |client| client.publish("cam"));
    client.end_stream(stream).unwrap();
    let call = client.call("slow", &[]).unwrap();
    let mut failed = Vec::new();
    for seconds in 1..=40 {
        client.handle_timeout(start + seconds * SECOND).unwrap();
        server
            .talk(&mut client, |_, event| match event {
                ClientEvent::CallFailed { call, status } => failed.push((seconds, call, status.code)),
                other => panic!("{other:?}"),
            })
            .unwrap();
    }
    assert_eq!(failed, [(31, call, "NetConnection.Call.Failed".to_owned())]);
    server.command(0, "_result", 5.0, &[Value::Null]);
    server.talk(&mut client, |_, event| panic!("late: {event:?}")).unwrap();
}

#[test]
fn silent_peers_are_pinged_and_live() {
    let (mut pair, _, at_server) = Pair::playing(Cut::Whole);
    pair.pass(Duration::from_secs(3600));
    assert_eq!((&pair.client_error, &pair.server_error), (&None, &None), "each answers the other's pings");
    pair.server.send_media(at_server, &audio(0, 10)).unwrap();
    pair.drive();
    assert_eq!(pair.client_media().len(), 1);
}

#[test]
fn dead_peers_are_found_out() {
    let (mut pair, ..) = Pair::publishing(Cut::Whole);
    let mut now = pair.now;
    let error = loop {
        now += SECOND;
        if let Err(error) = pair.server.handle_timeout(now) {
            break error;
        }
        drain(&mut pair.server); // the kernel takes what is written
        assert!(now - pair.now < 200 * SECOND);
    };
    assert_eq!(error, SessionError::TimedOut(Timeout::Idle));
    assert!(now - pair.now <= 120 * SECOND, "at the second idle deadline at the latest: {:?}", now - pair.now);
}

#[test]
fn media_that_flows_out_is_a_sign_of_life() {
    // node-media-server acknowledges nothing and may not answer pings.
    let (mut pair, _, at_server) = Pair::playing(Cut::Whole);
    for second in 1..600 {
        pair.server.send_media(at_server, &audio(second * 1000, 1000)).unwrap();
        drain(&mut pair.server);
        pair.server.handle_timeout(pair.now + second * SECOND).unwrap();
    }
}

#[test]
fn a_peer_that_never_reads_is_given_up() {
    let (mut pair, _, at_server) = Pair::playing(Cut::Whole);
    pair.server.send_media(at_server, &audio(0, 100_000)).unwrap();
    let result = (1..=120).try_for_each(|second| pair.server.handle_timeout(pair.now + second * SECOND));
    assert_eq!(result, Err(SessionError::TimedOut(Timeout::Idle)));
}

/// Lets a player that says something every ten seconds take so many bytes each time; gives back how long it is served.
fn served_while_taking(bytes: usize, queued: usize) -> Option<Duration> {
    let (mut pair, _, at_server) = Pair::playing(Cut::Whole);
    pair.server.send_media(at_server, &audio(0, queued)).unwrap();
    for round in 1..=60 {
        feed(
            &mut pair.server,
            &encode_once(&Control::Acknowledgement(round).to_message(), ChunkSize::DEFAULT).unwrap(),
        );
        while pair.server.poll_event().unwrap().is_some() {}
        if let Err(error) = pair.server.handle_timeout(pair.now + round * 10 * SECOND) {
            assert_eq!(error, SessionError::TimedOut(Timeout::Write));
            return Some(round * 10 * SECOND);
        }
        let queue = pair.server.send_queue();
        queue.advance(bytes.min(queue.remaining()));
        if queue.is_empty() {
            pair.server.send_media(at_server, &audio(round * 10_000, 100)).unwrap();
        }
    }
    None
}

#[test]
fn a_peer_that_talks_and_never_reads_is_given_up() {
    assert!(served_while_taking(0, 100_000).is_some_and(|time| time <= 120 * SECOND));
    assert!(served_while_taking(0, 10).is_some_and(|time| time <= 120 * SECOND));
}

#[test]
fn a_peer_that_takes_a_byte_now_and_then_is_given_up() {
    assert!(served_while_taking(1, 100_000).is_some_and(|time| time <= 120 * SECOND));
    assert!(served_while_taking(600, 100_000).is_some_and(|time| time <= 120 * SECOND));
}

#[test]
fn a_slow_peer_and_one_that_is_sent_little_are_served() {
    assert_eq!(served_while_taking(1000, 1_000_000), None);
    assert_eq!(served_while_taking(100, 100), None);
}

#[test]
fn ucm_07_pings_are_answered_at_any_time() {
    let mut peer = Peer::client();
    let mut session = ServerSession::new(server_config(), epoch());
    peer.send(&UserControl::PingRequest(0x0102_0304).to_message());
    peer.talk(&mut session, |_, event| panic!("{event:?}")).unwrap();
    assert_eq!(peer.said.len(), 1);
    assert_eq!(peer.said[0].payload[..], [0, 7, 1, 2, 3, 4], "the same four bytes, before connect even");
}

#[test]
fn ucm_03_a_ping_carries_the_time_since_the_start() {
    let start = epoch();
    let mut session = ServerSession::new(server_config(), start);
    let mut peer = Peer::client();
    peer.connect("live");
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Connect(request) = event else { panic!() };
        session.accept_connect(request).unwrap();
    })
    .unwrap();
    peer.said.clear();
    assert_eq!(session.poll_timeout(), Some(start + 30 * SECOND));
    // The first deadline finds what came since the start.
    session.handle_timeout(start + 30 * SECOND).unwrap();
    assert!(drain(&mut session).is_empty());
    session.handle_timeout(start + 60 * SECOND).unwrap();
    let ping = support::messages(&drain(&mut session));
    assert_eq!(ping[0].kind, MessageType::USER_CONTROL);
    assert_eq!(ping[0].payload[..], [&[0, 6][..], &60_000_u32.to_be_bytes()].concat()[..]);
}

#[test]
fn timeouts_can_be_turned_off() {
    let forever = support::link_config().idle_timeout(None).ping_interval(None);
    let start = epoch();
    let mut session = ServerSession::new(ServerConfig::default().link(forever), start);
    let mut peer = Peer::client();
    peer.connect("live");
    peer.talk(&mut session, |session, event| {
        let ServerEvent::Connect(request) = event else { panic!() };
        session.accept_connect(request).unwrap();
    })
    .unwrap();
    assert_eq!(session.poll_timeout(), None);
    session.handle_timeout(start + Duration::from_secs(1 << 30)).unwrap();
    assert!(drain(&mut session).is_empty());
}

#[test]
fn early_and_repeated_timeouts_do_no_harm() {
    let start = epoch();
    let mut link = Link::server(LinkConfig::default(), start);
    for _ in 0..3 {
        link.handle_timeout(start).unwrap();
    }
    assert!(link.poll_timeout().unwrap() > start);
    assert!(link.poll_event().unwrap().is_none());
}

#[test]
fn hs_12_ends_of_input_at_every_byte_of_a_publish() {
    // Record what a client sends, then cut it at each place: never a panic, and the error says where.
    let (pair_bytes, _) = recorded_publish();
    let mut kinds = [0; 3];
    for cut in 0..=pair_bytes.len() {
        let mut session = ServerSession::new(server_config(), epoch());
        feed(&mut session, &pair_bytes[..cut]);
        while let Some(event) = session.poll_event().unwrap() {
            accept(&mut session, event);
        }
        match session.handle_eof() {
            Ok(()) => kinds[0] += 1,
            Err(SessionError::UnexpectedEof(CutOff::Handshake)) => {
                assert!(cut > 0 && cut < 3073);
                kinds[1] += 1;
            }
            Err(SessionError::UnexpectedEof(CutOff::Message)) => {
                assert!(cut > 3073);
                kinds[2] += 1;
            }
            Err(other) => panic!("{other}"),
        }
        assert!(session.poll_event().is_ok() || cut < pair_bytes.len());
    }
    assert_eq!(kinds[1], 3072);
    assert!(kinds[0] > 5 && kinds[2] > 100, "{kinds:?}");
}

fn accept(session: &mut ServerSession, event: ServerEvent) {
    match event {
        ServerEvent::Connect(request) => session.accept_connect(request).unwrap(),
        ServerEvent::Publish(request) => session.accept_publish(request).unwrap(),
        _ => {}
    }
}

/// All bytes that a client sends for a short publish.
fn recorded_publish() -> (Vec<u8>, usize) {
    let url = "rtmp://h/live/cam".parse().unwrap();
    let mut client = ClientSession::new(client_config(), &url, epoch());
    let mut server = Peer::server();
    let stream = client.publish("cam");
    let mut bytes = Vec::new();
    let mut round = |client: &mut ClientSession, server: &mut Peer| {
        loop {
            let said = drain(client);
            bytes.extend_from_slice(&said);
            feed(&mut server.link, &said);
            while server.link.poll_event().unwrap().is_some() {}
            let answer = drain(&mut server.link);
            feed(client, &answer);
            while client.poll_event().unwrap().is_some() {}
            if said.is_empty() && answer.is_empty() {
                return;
            }
        }
    };
    round(&mut client, &mut server);
    server.command(0, "_result", 1.0, &[Value::Null, Value::Null]);
    server.command(0, "_result", 4.0, &[Value::Null, 1.0.into()]);
    let start = rtmp_session::amf::Object::new().with("level", "status").with("code", "NetStream.Publish.Start");
    server.command(1, "onStatus", 0.0, &[Value::Null, Value::Object(start)]);
    round(&mut client, &mut server);
    client.send_media(stream, &audio(0, 300)).unwrap();
    client.end_stream(stream).unwrap();
    round(&mut client, &mut server);
    let len = bytes.len();
    (bytes, len)
}
