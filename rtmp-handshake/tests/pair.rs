//! Both roles against each other, and against hand-made and hostile peers, through the public API.

use allocation_counter::measure;
use bytes::BytesMut;
use proptest::prelude::*;
use rtmp_handshake::{Answer, DigestSchema, HANDSHAKE_LEN, Handshake, HandshakeError, Peer, Progress, Scheme, Seed};

const TRAILER: &[u8] = b"the first chunk";

fn client(scheme: Scheme) -> Handshake {
    Handshake::client(scheme, Seed::new([1; 32])).time(1000)
}

fn server() -> Handshake {
    Handshake::server(Seed::new([2; 32])).time(2000)
}

/// Feeds `wire` in pieces that end at `cuts`, one `advance` each; returns the progress, the output and the input left.
fn feed(
    handshake: &mut Handshake,
    wire: &[u8],
    cuts: &[usize],
) -> (Result<Progress, HandshakeError>, BytesMut, BytesMut) {
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    let mut progress = handshake.advance(&mut input, &mut output);
    let mut start = 0;
    for end in cuts.iter().copied().chain([wire.len()]) {
        let end = end.clamp(start, wire.len());
        input.extend_from_slice(&wire[start..end]);
        start = end;
        progress = handshake.advance(&mut input, &mut output);
    }
    (progress, output, input)
}

fn done(progress: Result<Progress, HandshakeError>) -> Peer {
    match progress {
        Ok(Progress::Done(peer)) => peer,
        other => panic!("not done: {other:?}"),
    }
}

/// C0 and C1 as this client writes them.
fn hello(client: &mut Handshake) -> BytesMut {
    feed(client, &[], &[]).1
}

/// A plain C0 and C1 with these first eight bytes of C1.
fn c0c1(version: u8, head: [u8; 8]) -> Vec<u8> {
    let mut wire = vec![version];
    wire.extend_from_slice(&head);
    wire.extend((0..1528_u32).map(|i| (i * 7) as u8));
    wire
}

/// Runs a whole handshake and returns all that each side wrote, with a trailer behind each.
fn record(scheme: Scheme) -> (Vec<u8>, Vec<u8>) {
    let (mut client, mut server) = (client(scheme), server());
    let mut c2s = hello(&mut client).to_vec();
    let (_, s2c, _) = feed(&mut server, &c2s, &[]);
    let (progress, c2, _) = feed(&mut client, &s2c, &[]);
    done(progress);
    c2s.extend_from_slice(&c2);
    c2s.extend_from_slice(TRAILER);
    let mut s2c = s2c.to_vec();
    s2c.extend_from_slice(TRAILER);
    (c2s, s2c)
}

#[test]
fn hs_01_each_side_sends_3073_bytes() {
    for scheme in [Scheme::Plain, Scheme::Digest] {
        let (c2s, s2c) = record(scheme);
        assert_eq!(c2s.len(), HANDSHAKE_LEN + TRAILER.len());
        assert_eq!(s2c.len(), HANDSHAKE_LEN + TRAILER.len());
        assert_eq!((c2s[0], s2c[0]), (3, 3));
    }
}

#[test]
fn hs_04_plain_packets_have_time_and_four_zero_bytes() {
    let (c2s, s2c) = record(Scheme::Plain);
    assert_eq!(c2s[1..9], [0, 0, 3, 0xe8, 0, 0, 0, 0]);
    assert_eq!(s2c[1..9], [0, 0, 7, 0xd0, 0, 0, 0, 0]);
}

#[test]
fn hs_05_chs_18_version_bytes_without_a_digest_are_no_error() {
    let wire = c0c1(3, [0, 0, 0, 9, 1, 2, 3, 4]);
    let (progress, s2c, _) = feed(&mut server(), &wire, &[]);
    assert_eq!(progress, Ok(Progress::NeedMore(1536)));
    assert_eq!(s2c[5..9], [0; 4], "a plain answer announces no digest (CHS-18)");
    assert_eq!(s2c[1545..], wire[9..], "and echoes");
}

#[test]
fn hs_07_answers_echo_the_other_sides_packet() {
    let (c2s, s2c) = record(Scheme::Plain);
    let (c1, c2) = (&c2s[1..1537], &c2s[1537..3073]);
    let (s1, s2) = (&s2c[1..1537], &s2c[1537..3073]);
    assert_eq!((&s2[..4], &s2[8..]), (&c1[..4], &c1[8..]));
    assert_eq!((&c2[..4], &c2[8..]), (&s1[..4], &s1[8..]));
    assert_eq!(c2[4..8], [0, 0, 3, 0xe8], "time2 is the client's clock");
    assert_ne!(c1[8..], s1[8..]);
}

#[test]
fn v_hs_01_version_3_goes_on() {
    let (progress, output, input) = feed(&mut server(), &[0x03], &[]);
    assert_eq!(progress, Ok(Progress::NeedMore(1536)));
    assert!(output.is_empty() && input.is_empty());
}

#[test]
fn v_hs_02_rtmpe_is_refused_or_answered_with_3() {
    for version in [6, 8, 9, 4, 31] {
        let wire = c0c1(version, [0; 8]);
        let (progress, output, input) = feed(&mut server(), &wire, &[]);
        assert_eq!(progress, Err(HandshakeError::UnsupportedVersion { version }));
        assert!(output.is_empty());
        assert_eq!(input.len(), wire.len());

        let mut lenient = server().answer_other_versions(true);
        let (progress, output, _) = feed(&mut lenient, &wire, &[]);
        assert_eq!(progress, Ok(Progress::NeedMore(1536)));
        assert_eq!(output[0], 3);
        assert_eq!(done(feed(&mut lenient, &output[1..1537], &[]).0).requested, version);
    }
}

#[test]
fn rtmpe_01_07_recognised_and_refused_by_its_version() {
    let error = feed(&mut server(), &[6], &[]).0.unwrap_err();
    assert_eq!(error.to_string(), "client asks for RTMP version 6, only version 3 is offered");
}

#[test]
fn v_hs_03_http_is_fatal_at_the_first_byte() {
    for handshake in [&mut server(), &mut client(Scheme::Plain)] {
        let written = hello(handshake).len();
        let (progress, output, _) = feed(handshake, &[0x47], &[]);
        assert_eq!(progress, Err(HandshakeError::NotRtmp { first: b'G' }));
        assert!(output.is_empty(), "nothing in answer");
        assert!(written == 0 || written == 1537);
    }
}

#[test]
fn v_hs_04_05_time_is_copied_and_time2_is_ours() {
    let wire = c0c1(3, [0, 0, 3, 0xe8, 0, 0, 0, 0]);
    let (_, s2c, _) = feed(&mut server(), &wire, &[]);
    assert_eq!(s2c[1537..1545], [0, 0, 3, 0xe8, 0, 0, 7, 0xd0]);
}

#[test]
fn hs_02_03_every_first_byte_has_its_verdict() {
    for first in 0..=255 {
        let seen = feed(&mut server(), &[first], &[]).0;
        match first {
            3 => assert_eq!(seen, Ok(Progress::NeedMore(1536))),
            0x16 => assert_eq!(seen, Err(HandshakeError::Tls { first })),
            0..=31 => assert_eq!(seen, Err(HandshakeError::UnsupportedVersion { version: first })),
            32.. => assert_eq!(seen, Err(HandshakeError::NotRtmp { first })),
        }
    }
    // The deprecated versions stay fatal when others are answered.
    for version in 0..3 {
        let seen = feed(&mut server().answer_other_versions(true), &[version], &[]).0;
        assert_eq!(seen, Err(HandshakeError::UnsupportedVersion { version }));
    }
}

#[test]
fn tls_04_a_tls_peer_gets_a_clear_diagnostic() {
    let error = feed(&mut server().answer_other_versions(true), &[0x16, 3, 1], &[]).0.unwrap_err();
    assert_eq!(error, HandshakeError::Tls { first: 0x16 });
    assert!(error.to_string().contains("RTMPS"));
    // A TLS server answers our C0 with an alert record.
    let error = feed(&mut client(Scheme::Plain), &[0x15, 3, 3], &[]).0.unwrap_err();
    assert_eq!(error, HandshakeError::Tls { first: 0x15 });
}

#[test]
fn hs_08_chs_17_answers_that_echo_nothing_are_tolerated_and_reported() {
    for scheme in [Scheme::Plain, Scheme::Digest] {
        let (mut c2s, mut s2c) = record(scheme);
        c2s[2000] ^= 1;
        s2c[2000] ^= 1;
        let seen = done(feed(&mut server(), &c2s, &[]).0);
        assert_eq!((seen.answer, seen.scheme), (Answer::Other, scheme));
        let seen = done(feed(&mut client(scheme), &s2c, &[]).0);
        assert_eq!((seen.answer, seen.scheme), (Answer::Other, scheme));

        let (progress, _, input) = feed(&mut server().verify_echo(true), &c2s, &[]);
        assert_eq!(progress, Err(HandshakeError::EchoMismatch));
        assert_eq!(input.len(), 1536 + TRAILER.len());
        let progress = feed(&mut client(scheme).verify_echo(true), &s2c, &[]).0;
        assert_eq!(progress, Err(HandshakeError::EchoMismatch));
    }
}

#[test]
fn hs_09_a_client_may_send_s1_back_unchanged() {
    for scheme in [Scheme::Plain, Scheme::Digest] {
        let mut server = server().verify_echo(true);
        let (_, s2c, _) = feed(&mut server, &hello(&mut client(scheme)), &[]);
        assert_eq!(done(feed(&mut server, &s2c[1..1537], &[]).0).answer, Answer::Echo);
    }
}

#[test]
fn hs_10_a_client_answers_s1_before_s2_is_there() {
    let (c2s, s2c) = record(Scheme::Digest);
    let (progress, output, _) = feed(&mut client(Scheme::Digest), &s2c[..1537], &[]);
    assert_eq!(progress, Ok(Progress::NeedMore(1536)));
    assert_eq!(output, c2s[..3073]);
}

#[test]
fn hs_11_a_server_writes_once_and_only_when_c1_is_whole() {
    let (c2s, s2c) = record(Scheme::Digest);
    assert!(feed(&mut server(), &c2s[..1536], &[1, 700]).1.is_empty());
    assert_eq!(feed(&mut server(), &c2s[..1537], &[1, 700]).1, s2c[..3073]);
}

#[test]
fn hs_12_nothing_behind_the_handshake_is_touched() {
    let (c2s, s2c) = record(Scheme::Plain);
    let mut server = server();
    assert_eq!(server.consumed(), 0);
    let (progress, _, input) = feed(&mut server, &c2s, &[]);
    done(progress);
    assert_eq!(input, TRAILER);
    assert!(server.is_done());
    assert_eq!(server.consumed(), HANDSHAKE_LEN);
    // Asked again, it only says so again.
    let (progress, output, input) = feed(&mut server, TRAILER, &[]);
    done(progress);
    assert_eq!((&input[..], &output[..]), (TRAILER, &[][..]));
    let (progress, _, input) = feed(&mut client(Scheme::Plain), &s2c, &[]);
    done(progress);
    assert_eq!(input, TRAILER);
}

#[test]
fn hs_13_every_single_cut_gives_the_same_result() {
    for scheme in [Scheme::Plain, Scheme::Digest] {
        let (c2s, s2c) = record(scheme);
        let whole_server = feed(&mut server(), &c2s, &[]);
        let whole_client = feed(&mut client(scheme), &s2c, &[]);
        for cut in 0..=c2s.len() {
            assert_eq!(feed(&mut server(), &c2s, &[cut]), whole_server, "cut at {cut}");
            assert_eq!(feed(&mut client(scheme), &s2c, &[cut]), whole_client, "cut at {cut}");
        }
    }
}

#[test]
fn hs_13_single_bytes_give_the_same_result() {
    let (c2s, s2c) = record(Scheme::Digest);
    let cuts: Vec<_> = (0..c2s.len()).collect();
    assert_eq!(feed(&mut server(), &c2s, &cuts), feed(&mut server(), &c2s, &[]));
    assert_eq!(feed(&mut client(Scheme::Digest), &s2c, &cuts), feed(&mut client(Scheme::Digest), &s2c, &[]));
}

#[test]
fn hs_14_a_server_that_answers_another_version_is_fatal() {
    for version in [0, 2, 4, 6, 31] {
        let progress = feed(&mut client(Scheme::Plain), &[version], &[]).0;
        assert_eq!(progress, Err(HandshakeError::UnexpectedVersion { version }));
    }
}

#[test]
fn hs_15_it_says_how_many_bytes_are_missing() {
    let mut server = server();
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    let mut missing = |server: &mut Handshake, bytes: &[u8]| {
        input.extend_from_slice(bytes);
        match server.advance(&mut input, &mut output).unwrap() {
            Progress::NeedMore(missing) => missing,
            Progress::Done(_) => 0,
        }
    };
    let (c2s, _) = record(Scheme::Plain);
    assert_eq!(missing(&mut server, &[]), 1537);
    assert_eq!(missing(&mut server, &c2s[..1]), 1536);
    assert_eq!(missing(&mut server, &c2s[1..101]), 1436);
    assert_eq!(missing(&mut server, &c2s[101..1537]), 1536);
    assert_eq!(missing(&mut server, &c2s[1537..3072]), 1);
    assert_eq!(missing(&mut server, &c2s[3072..3073]), 0);
}

#[test]
fn hs_16_a_handshake_keeps_no_packet() {
    assert!(size_of::<Handshake>() < 300, "{}", size_of::<Handshake>());
}

#[test]
fn an_error_is_final_and_stays_the_same() {
    let mut server = server();
    assert!(feed(&mut server, b"GET / HTTP/1.1\r\n", &[]).0.is_err());
    let (progress, output, input) = feed(&mut server, &record(Scheme::Plain).0, &[1, 1537]);
    assert_eq!(progress, Err(HandshakeError::NotRtmp { first: b'G' }));
    assert!(output.is_empty());
    assert_eq!(input.len(), HANDSHAKE_LEN + TRAILER.len());
    assert_eq!(server.consumed(), 0);
    assert!(!server.is_done());
}

#[test]
fn chs_01_20_zero_version_bytes_mean_the_plain_form() {
    let (c2s, s2c) = record(Scheme::Plain);
    assert_eq!(done(feed(&mut server(), &c2s, &[]).0).scheme, Scheme::Plain);
    assert_eq!(s2c[5..9], [0; 4]);
    let (c2s, s2c) = record(Scheme::Digest);
    assert_ne!(c2s[5], 0, "librtmp takes a zero in the first version byte for the plain form (CHS-20)");
    assert_ne!(s2c[5], 0);
}

#[test]
fn chs_13_14_a_server_answers_in_the_schema_of_the_client() {
    for schema in [DigestSchema::DigestFirst, DigestSchema::KeyFirst] {
        for first_look in [DigestSchema::DigestFirst, DigestSchema::KeyFirst] {
            let mut client = client(Scheme::Digest).schema(schema).verify_echo(true);
            let mut server = server().schema(first_look).verify_echo(true);
            let (_, s2c, _) = feed(&mut server, &hello(&mut client), &[]);
            let (progress, c2, _) = feed(&mut client, &s2c, &[]);
            let seen = done(progress);
            assert_eq!((seen.scheme, seen.schema, seen.answer), (Scheme::Digest, Some(schema), Answer::Signed));
            let seen = done(feed(&mut server, &c2, &[]).0);
            assert_eq!((seen.scheme, seen.schema, seen.answer), (Scheme::Digest, Some(schema), Answer::Signed));
        }
    }
}

#[test]
fn chs_15_a_client_finds_the_servers_digest_in_either_schema() {
    // nginx-rtmp always uses one schema, whatever the client's. A server that follows another client stands in for it.
    let mut other = client(Scheme::Digest).schema(DigestSchema::KeyFirst);
    let (_, s2c, _) = feed(&mut server(), &hello(&mut other), &[]);
    let seen = done(feed(&mut client(Scheme::Digest), &s2c, &[]).0);
    assert_eq!((seen.scheme, seen.schema), (Scheme::Digest, Some(DigestSchema::KeyFirst)));
    assert_eq!(seen.answer, Answer::Other, "S2 answered another C1");
}

#[test]
fn chs_16_a_plain_answer_to_a_digest_client_is_echoed() {
    // A server that knows only the plain form: version bytes zero in one case, copied from C1 in the other.
    for version in [[0; 4], [10, 0, 45, 2]] {
        let mut client = client(Scheme::Digest).verify_echo(true);
        let c0c1 = hello(&mut client);
        let mut s2c = c0c1.to_vec();
        s2c[5..9].copy_from_slice(&version);
        s2c[9..1537].reverse();
        s2c.extend_from_slice(&c0c1[1..1537]);
        let (progress, c2, _) = feed(&mut client, &s2c, &[]);
        let seen = done(progress);
        assert_eq!((seen.scheme, seen.schema, seen.answer), (Scheme::Plain, None, Answer::Echo));
        assert_eq!(seen.version, version);
        assert_eq!(c2[8..], s2c[9..1537]);
    }
}

#[test]
fn chs_21_swfv_04_the_caller_sees_the_form_and_nothing_else_depends_on_it() {
    for scheme in [Scheme::Plain, Scheme::Digest] {
        let (c2s, s2c) = record(scheme);
        let seen = done(feed(&mut server(), &c2s, &[]).0);
        assert_eq!((seen.scheme, seen.time, seen.requested), (scheme, 1000, 3));
        assert_eq!(seen.tail, c2s[1505..1537]);
        assert_eq!(seen.own_tail, s2c[1505..1537], "with which a server checks the answer (SWFV-3)");
        let seen = done(feed(&mut client(scheme), &s2c, &[]).0);
        assert_eq!((seen.scheme, seen.time, seen.requested), (scheme, 2000, 3));
        assert_eq!(seen.tail, s2c[1505..1537], "what SWF verification hashes (SWFV-4)");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn hs_13_any_split_gives_the_same_result(
        digest: bool, mut cuts in prop::collection::vec(0..HANDSHAKE_LEN + 20, 0..12),
    ) {
        cuts.sort_unstable();
        let scheme = if digest { Scheme::Digest } else { Scheme::Plain };
        let (c2s, s2c) = record(scheme);
        prop_assert_eq!(feed(&mut server(), &c2s, &cuts), feed(&mut server(), &c2s, &[]));
        prop_assert_eq!(feed(&mut client(scheme), &s2c, &cuts), feed(&mut client(scheme), &s2c, &[]));
    }

    #[test]
    fn any_two_seeds_meet(a: [u8; 32], b: [u8; 32], digest: bool, key_first: bool) {
        let scheme = if digest { Scheme::Digest } else { Scheme::Plain };
        let schema = if key_first { DigestSchema::KeyFirst } else { DigestSchema::DigestFirst };
        let mut client = Handshake::client(scheme, Seed::new(a)).schema(schema).verify_echo(true);
        let mut server = Handshake::server(Seed::new(b)).verify_echo(true);
        let (_, s2c, _) = feed(&mut server, &hello(&mut client), &[]);
        let (progress, c2, _) = feed(&mut client, &s2c, &[]);
        let at_client = done(progress);
        let at_server = done(feed(&mut server, &c2, &[]).0);
        prop_assert_eq!((at_client.scheme, at_server.scheme), (scheme, scheme));
        prop_assert_eq!((at_client.tail, at_server.tail), (at_server.own_tail, at_client.own_tail), "SWFV-4");
    }

    /// After a right version byte nothing is wrong any more; before it, nothing is written.
    #[test]
    fn garbage_never_panics_and_never_grows(
        first: u8, seed: [u8; 32], as_client: bool, strict: bool,
        garbage in prop::collection::vec(any::<u8>(), 0..4000), cut in 0..4000_usize,
    ) {
        let handshake = if as_client {
            Handshake::client(Scheme::Digest, Seed::new(seed))
        } else {
            Handshake::server(Seed::new(seed)).answer_other_versions(true)
        };
        let mut handshake = handshake.verify_echo(strict);
        let mut wire = vec![if first < 128 { 3 } else { first }];
        wire.extend_from_slice(&garbage);
        let mut fed = None;
        let cost = measure(|| fed = Some(feed(&mut handshake, &wire, &[cut])));
        let (progress, output, input) = fed.expect("it ran");
        prop_assert!(output.len() <= HANDSHAKE_LEN);
        // What came in two pieces, what goes out, and buffers that grow by doubling; the handshake itself holds nothing.
        prop_assert!(cost.bytes_max < 3 * (wire.len() + HANDSHAKE_LEN) as u64, "{} bytes", cost.bytes_max);
        prop_assert_eq!(handshake.consumed() + input.len(), wire.len());
        match progress {
            Ok(Progress::Done(_)) => prop_assert!(wire.len() >= HANDSHAKE_LEN && !strict),
            Ok(Progress::NeedMore(missing)) => prop_assert!(missing > 0 && wire.len() < HANDSHAKE_LEN),
            Err(HandshakeError::EchoMismatch) => prop_assert!(strict),
            Err(_) => prop_assert!(wire[0] != 3),
        }
    }

    /// Whatever the offset bytes say, digest and signature stay within the packet (CHS-22).
    #[test]
    fn chs_04_22_any_offset_bytes_stay_inside(offsets: [u8; 8], version: [u8; 4]) {
        let mut wire = c0c1(3, [0; 8]);
        wire[5..9].copy_from_slice(&version);
        wire[9..13].copy_from_slice(&offsets[..4]);
        wire[773..777].copy_from_slice(&offsets[4..]);
        let (progress, output, _) = feed(&mut server(), &wire, &[]);
        prop_assert_eq!(progress, Ok(Progress::NeedMore(1536)));
        prop_assert_eq!(output.len(), HANDSHAKE_LEN);
        let (progress, c2, _) = feed(&mut client(Scheme::Digest), &wire, &[]);
        prop_assert_eq!(progress, Ok(Progress::NeedMore(1536)));
        prop_assert_eq!(c2.len(), HANDSHAKE_LEN);
    }
}
