//! What real programs sent: the first 3073 bytes of each direction, recorded between the two named in `who`.
//!
//! A recorded C2 answers the recorded S1 and not ours, so these tests look at what is recognised and that all is taken.
//! That the recorded answers are right for the recorded packets is shown in `src/digest.rs`.

use bytes::BytesMut;
use rtmp_handshake::{Answer, DigestSchema, HANDSHAKE_LEN, Handshake, Peer, Progress, Scheme, Seed};

struct Capture {
    who: &'static str,
    c2s: &'static [u8],
    s2c: &'static [u8],
    client: Scheme,
    client_version: [u8; 4],
    server: Scheme,
    server_version: [u8; 4],
}

macro_rules! capture {
    ($who:literal, $file:literal, $client:ident $client_version:expr, $server:ident $server_version:expr) => {
        Capture {
            who: $who,
            c2s: include_bytes!(concat!("data/", $file, ".c2s.bin")),
            s2c: include_bytes!(concat!("data/", $file, ".s2c.bin")),
            client: Scheme::$client,
            client_version: $client_version,
            server: Scheme::$server,
            server_version: $server_version,
        }
    };
}

const NGINX: [u8; 4] = [13, 14, 10, 13];
const NODE_MEDIA_SERVER: [u8; 4] = [1, 2, 3, 4];
const LAVF: [u8; 4] = [9, 0, 124, 2];

const CAPTURES: [Capture; 8] = [
    capture!("ffmpeg 5 playing, nginx-rtmp", "ffmpeg5-play-h264-aac", Digest LAVF, Digest NGINX),
    capture!("ffmpeg 5 publishing, nginx-rtmp", "ffmpeg5-publish-h264-aac", Digest LAVF, Digest NGINX),
    capture!("ffmpeg 9, node-media-server", "ffmpeg9-publish-av1-opus", Digest LAVF, Digest NODE_MEDIA_SERVER),
    capture!("rtmp2sink, nginx-rtmp", "gst-rtmp2sink-publish-h264-aac", Plain [0; 4], Plain [0; 4]),
    capture!("librtmp, nginx-rtmp", "librtmp-publish-h264b-aac", Plain [0; 4], Plain [0; 4]),
    capture!("nginx-rtmp pushing, node-media-server", "nginx-push-h264-aac", Digest [12, 0, 13, 14], Digest NGINX),
    capture!("OBS 29, nginx-rtmp", "obs29-publish-h264-aac", Plain [0; 4], Plain [0; 4]),
    capture!("rtmpdump, nginx-rtmp", "rtmpdump-play-swfverify", Digest [10, 0, 45, 2], Digest NGINX),
];

fn replay(handshake: &mut Handshake, wire: &[u8], who: &str) -> (Peer, BytesMut) {
    let (mut input, mut output) = (BytesMut::from(wire), BytesMut::new());
    input.extend_from_slice(b"x");
    let Ok(Progress::Done(peer)) = handshake.advance(&mut input, &mut output) else { panic!("{who}: not done") };
    assert_eq!(input, "x", "{who}");
    (peer, output)
}

#[test]
fn chs_02_our_server_recognises_every_recorded_client() {
    for capture in &CAPTURES {
        let (peer, output) = replay(&mut Handshake::server(Seed::new([5; 32])), capture.c2s, capture.who);
        assert_eq!((peer.scheme, peer.version), (capture.client, capture.client_version), "{}", capture.who);
        assert_eq!(peer.schema, expected_schema(capture.client), "{}", capture.who);
        assert_eq!(peer.answer, Answer::Other, "{}: it answered another S1", capture.who);
        assert_eq!(output.len(), HANDSHAKE_LEN);
    }
}

#[test]
fn chs_15_our_client_recognises_every_recorded_server() {
    for capture in &CAPTURES {
        let mut client = Handshake::client(Scheme::Digest, Seed::new([5; 32]));
        let (peer, output) = replay(&mut client, capture.s2c, capture.who);
        assert_eq!((peer.scheme, peer.version), (capture.server, capture.server_version), "{}", capture.who);
        assert_eq!(peer.schema, expected_schema(capture.server), "{}", capture.who);
        assert_eq!(output.len(), HANDSHAKE_LEN);
        if capture.server == Scheme::Plain {
            assert_eq!(output[1545..], capture.s2c[9..1537], "{}: a plain server gets its echo", capture.who);
        }
    }
}

#[test]
fn hs_05_a_plain_client_ignores_the_version_of_a_digest_server() {
    for capture in &CAPTURES {
        let mut client = Handshake::client(Scheme::Plain, Seed::new([5; 32]));
        let (peer, output) = replay(&mut client, capture.s2c, capture.who);
        assert_eq!((peer.scheme, peer.schema), (Scheme::Plain, None), "{}", capture.who);
        assert_eq!(peer.version, capture.server_version, "{}", capture.who);
        assert_eq!(output[1545..], capture.s2c[9..1537], "{}", capture.who);
    }
}

fn expected_schema(scheme: Scheme) -> Option<DigestSchema> {
    (scheme == Scheme::Digest).then_some(DigestSchema::DigestFirst)
}
