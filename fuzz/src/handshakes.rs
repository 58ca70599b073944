//! The handshake: any peer, any cut; the same end for every cut; bytes behind it are left alone.

use super::script::Script;
use bytes::BytesMut;
use rtmp_session::handshake::{HANDSHAKE_LEN, Handshake, HandshakeError, Peer, Progress, Scheme, Seed};

/// One byte for role and scheme, one for the cut, one that says how to lengthen a short input; then the peer's bytes.
pub fn both_roles(data: &[u8]) {
    let mut script = Script(data);
    let (role, cut, filler) = (script.byte(), script.byte(), script.byte());
    // Mutation hardly ever makes 3073 bytes of its own accord.
    let mut wire = script.0.to_vec();
    if filler != 0 {
        wire.resize(wire.len().max(HANDSHAKE_LEN + usize::from(filler)), filler);
    }
    let whole = run(role, Script(&wire).pieces(0));
    let pieces = run(role, Script(&wire).pieces(cut));
    assert_eq!(whole.result, pieces.result, "cut {cut}");
    assert_eq!(whole.output, pieces.output, "cut {cut}");
    assert_eq!(whole.left, pieces.left, "cut {cut}");
    if let Ok(Some(_)) = whole.result {
        assert_eq!(whole.left, wire[HANDSHAKE_LEN..], "what follows the handshake is not touched");
        assert_eq!(whole.output.len(), HANDSHAKE_LEN);
    }
}

struct Outcome {
    result: Result<Option<Peer>, HandshakeError>,
    output: Vec<u8>,
    left: Vec<u8>,
}

fn run<'a>(role: u8, pieces: impl Iterator<Item = &'a [u8]>) -> Outcome {
    let seed = Seed::new([7; 32]);
    let scheme = if role & 2 == 0 { Scheme::Plain } else { Scheme::Digest };
    let handshake = if role & 1 == 0 { Handshake::client(scheme, seed) } else { Handshake::server(seed) };
    let mut handshake = handshake.verify_echo(role & 4 != 0).answer_other_versions(role & 8 != 0);
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    let mut result = handshake.advance(&mut input, &mut output);
    for piece in pieces {
        input.extend_from_slice(piece);
        let next = handshake.advance(&mut input, &mut output);
        if result.is_err() {
            assert_eq!(next, result, "an error is final");
        }
        result = next;
    }
    let result = match result {
        Ok(Progress::Done(peer)) => Ok(Some(peer)),
        Ok(Progress::NeedMore(missing)) => {
            assert!((1..=HANDSHAKE_LEN).contains(&missing));
            Ok(None)
        }
        Err(error) => Err(error),
    };
    Outcome { result, output: output.to_vec(), left: input.to_vec() }
}
