//! rml_rtmp and the rtmp crate of xiu, driven where they shake hands.

use bytes::Bytes;
use rml_rtmp::handshake::{Handshake, HandshakeProcessResult, PeerType};
use rtmp::handshake::define::ServerHandshakeState;
use rtmp::handshake::handshake_client::SimpleHandshakeClient;
use rtmp::handshake::handshake_server::HandshakeServer;
use rtmp_benches_apart::memory::{Memory, at_once};

use crate::candidate::{Candidate, Kind};

pub(crate) fn all() -> Vec<Box<dyn Candidate>> {
    vec![Box::new(Rml), Box::new(Xiu)]
}

struct Rml;

impl Rml {
    fn answer(side: &mut Handshake, bytes: &[u8]) -> Vec<u8> {
        match side.process_bytes(bytes).expect("a good handshake") {
            HandshakeProcessResult::InProgress { response_bytes } => response_bytes,
            HandshakeProcessResult::Completed { response_bytes, .. } => response_bytes,
        }
    }
}

impl Candidate for Rml {
    fn name(&self) -> &'static str {
        "rml_rtmp"
    }

    /// Its client knows the digest form only.
    fn supports(&self, kind: Kind) -> bool {
        kind != Kind::BothPlain
    }

    fn run(&mut self, kind: Kind, c0c1: &[u8]) {
        let mut server = Handshake::new(PeerType::Server);
        let c2 = if kind.has_client() {
            let mut client = Handshake::new(PeerType::Client);
            let hello = client.generate_outbound_p0_and_p1().expect("C0 and C1");
            let reply = Self::answer(&mut server, &hello);
            Self::answer(&mut client, &reply)
        } else {
            Self::answer(&mut server, c0c1)[1..1537].to_vec()
        };
        let done = server.process_bytes(&c2).expect("a good C2");
        assert!(matches!(done, HandshakeProcessResult::Completed { .. }));
    }

    fn reply(&mut self, _: Kind, c0c1: &[u8]) -> Option<Vec<u8>> {
        Some(Self::answer(&mut Handshake::new(PeerType::Server), c0c1))
    }
}

/// Through a network that takes everything at once.
struct Xiu;

impl Xiu {
    fn serve(c0c1: &[u8]) -> (HandshakeServer, Bytes) {
        let memory = Memory::default();
        let mut server = HandshakeServer::new(memory.network());
        server.extend_data(c0c1);
        at_once(server.handshake()).expect("S0, S1 and S2");
        let reply = memory.take().expect("one write");
        (server, reply)
    }
}

impl Candidate for Xiu {
    fn name(&self) -> &'static str {
        "rtmp (xiu)"
    }

    /// Its client knows the plain form only.
    fn supports(&self, kind: Kind) -> bool {
        kind != Kind::BothDigest
    }

    fn run(&mut self, kind: Kind, c0c1: &[u8]) {
        let (mut server, c2) = if kind.has_client() {
            let network = Memory::default();
            let mut client = SimpleHandshakeClient::new(network.network());
            at_once(client.handshake()).expect("C0 and C1");
            let (server, reply) = Self::serve(&network.take().expect("one write"));
            client.extend_data(&reply);
            at_once(client.handshake()).expect("C2");
            (server, network.take().expect("one write"))
        } else {
            let (server, reply) = Self::serve(c0c1);
            (server, reply.slice(1..1537))
        };
        server.extend_data(&c2);
        at_once(server.handshake()).expect("a good C2");
        assert!(matches!(server.state(), ServerHandshakeState::Finish));
    }

    fn reply(&mut self, _: Kind, c0c1: &[u8]) -> Option<Vec<u8>> {
        Some(Self::serve(c0c1).1.to_vec())
    }
}
