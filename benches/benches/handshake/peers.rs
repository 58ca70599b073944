//! Other crates, driven at the layer they offer; `apart/` has rml_rtmp and rtmp (xiu).

use bytes::Bytes;

use crate::candidate::{Candidate, Kind};

pub(crate) fn all() -> Vec<Box<dyn Candidate>> {
    vec![Box::new(Scuffle), Box::new(Shiguredo), Box::new(Runtime), Box::new(RtmpRs), Box::new(Librtmp2)]
}

struct Scuffle;

impl Scuffle {
    fn serve(kind: Kind, c0c1: &[u8], out: &mut Vec<u8>) -> scuffle_rtmp::handshake::HandshakeServer {
        use scuffle_rtmp::handshake::HandshakeServer;
        let simple = || HandshakeServer::Simple(scuffle_rtmp::handshake::simple::SimpleHandshakeServer::default());
        let mut server = if kind.is_digest() { HandshakeServer::default() } else { simple() };
        server.handshake(&mut std::io::Cursor::new(Bytes::copy_from_slice(c0c1)), out).expect("S0, S1 and S2");
        server
    }
}

impl Candidate for Scuffle {
    fn name(&self) -> &'static str {
        "scuffle-rtmp"
    }

    fn supports(&self, kind: Kind) -> bool {
        !kind.has_client()
    }

    fn run(&mut self, kind: Kind, c0c1: &[u8]) {
        let mut out = Vec::new();
        let mut server = Self::serve(kind, c0c1, &mut out);
        let c2 = Bytes::copy_from_slice(&out[1..1537]);
        server.handshake(&mut std::io::Cursor::new(c2), &mut out).expect("a good C2");
        assert!(server.is_finished());
    }

    fn reply(&mut self, kind: Kind, c0c1: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        Self::serve(kind, c0c1, &mut out);
        Some(out)
    }
}

/// Through the module it hides from its documentation.
struct Shiguredo;

impl Candidate for Shiguredo {
    fn name(&self) -> &'static str {
        "shiguredo_rtmp"
    }

    fn supports(&self, kind: Kind) -> bool {
        !kind.is_digest()
    }

    fn run(&mut self, kind: Kind, c0c1: &[u8]) {
        use shiguredo_rtmp::tests::{RtmpClientHandshake, RtmpServerHandshake};
        let mut server = RtmpServerHandshake::new();
        if kind.has_client() {
            let mut client = RtmpClientHandshake::new();
            server.feed_recv_buf(client.send_buf()).expect("C0 and C1");
            client.advance_send_buf(client.send_buf().len());
            client.feed_recv_buf(server.send_buf()).expect("S0, S1 and S2");
            server.advance_send_buf(server.send_buf().len());
            server.feed_recv_buf(client.send_buf()).expect("a good C2");
        } else {
            server.feed_recv_buf(c0c1).expect("C0 and C1");
            let c2: [u8; 1536] = server.send_buf()[1..1537].try_into().expect("1536 bytes");
            server.advance_send_buf(3073);
            server.feed_recv_buf(&c2).expect("a good C2");
        }
        assert!(server.is_recv_complete());
    }

    fn reply(&mut self, _: Kind, c0c1: &[u8]) -> Option<Vec<u8>> {
        let mut server = shiguredo_rtmp::tests::RtmpServerHandshake::new();
        server.feed_recv_buf(c0c1).expect("C0 and C1");
        Some(server.send_buf().to_vec())
    }
}

/// Its S1 is a fixed pattern, not random.
struct Runtime;

impl Candidate for Runtime {
    fn name(&self) -> &'static str {
        "rtmp-runtime"
    }

    fn supports(&self, kind: Kind) -> bool {
        kind == Kind::ServerPlain
    }

    fn run(&mut self, _: Kind, c0c1: &[u8]) {
        let mut server = rtmp_runtime::handshake::Handshake::new();
        let (reply, _, _) = server.read(c0c1).expect("C0 and C1");
        let (_, _, done) = server.read(&reply[1..1537]).expect("a good C2");
        assert!(done);
    }

    fn reply(&mut self, _: Kind, c0c1: &[u8]) -> Option<Vec<u8>> {
        Some(rtmp_runtime::handshake::Handshake::new().read(c0c1).expect("C0 and C1").0)
    }
}

struct RtmpRs;

impl Candidate for RtmpRs {
    fn name(&self) -> &'static str {
        "rtmp-rs"
    }

    fn supports(&self, kind: Kind) -> bool {
        !kind.is_digest()
    }

    fn run(&mut self, kind: Kind, c0c1: &[u8]) {
        use rtmp_rs::protocol::handshake::{Handshake, HandshakeRole};
        let mut server = Handshake::new(HandshakeRole::Server);
        server.generate_initial();
        if kind.has_client() {
            let mut client = Handshake::new(HandshakeRole::Client);
            let mut hello = client.generate_initial().expect("C0 and C1");
            let mut reply = server.process(&mut hello).expect("C0 and C1").expect("S0, S1 and S2");
            let mut c2 = client.process(&mut reply).expect("S0, S1 and S2").expect("C2");
            server.process(&mut c2).expect("a good C2");
        } else {
            let reply = server.process(&mut Bytes::copy_from_slice(c0c1)).expect("C0 and C1").expect("S0, S1 and S2");
            server.process(&mut reply.slice(1..1537)).expect("a good C2");
        }
        assert!(server.is_done());
    }

    fn reply(&mut self, _: Kind, c0c1: &[u8]) -> Option<Vec<u8>> {
        use rtmp_rs::protocol::handshake::{Handshake, HandshakeRole};
        let mut server = Handshake::new(HandshakeRole::Server);
        server.generate_initial();
        server.process(&mut Bytes::copy_from_slice(c0c1)).expect("C0 and C1").map(|reply| reply.to_vec())
    }
}

struct Librtmp2;

impl Librtmp2 {
    fn serve(c0c1: &[u8]) -> librtmp2::handshake::Handshake {
        use librtmp2::handshake::{server_init, server_read_c0, server_read_c1};
        let mut server = librtmp2::handshake::Handshake::default();
        server_init(&mut server);
        let mut input = librtmp2::buffer::Buffer::from_slice(c0c1);
        server_read_c0(&mut server, &mut input).expect("C0");
        server_read_c1(&mut server, &mut input).expect("C1");
        server
    }
}

impl Candidate for Librtmp2 {
    fn name(&self) -> &'static str {
        "librtmp2"
    }

    fn supports(&self, kind: Kind) -> bool {
        !kind.has_client()
    }

    fn run(&mut self, _: Kind, c0c1: &[u8]) {
        let mut server = Self::serve(c0c1);
        let mut c2 = librtmp2::buffer::Buffer::from_slice(&server.out.peek()[..1536]);
        librtmp2::handshake::server_read_c2(&mut server, &mut c2).expect("a good C2");
        assert!(server.is_complete());
    }

    fn reply(&mut self, _: Kind, c0c1: &[u8]) -> Option<Vec<u8>> {
        let mut reply = vec![3];
        reply.extend_from_slice(Self::serve(c0c1).out.peek());
        Some(reply)
    }
}
