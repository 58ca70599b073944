//! rtmp-handshake.

use bytes::BytesMut;
use rtmp_handshake::{Handshake, Progress, Scheme, Seed};

use crate::candidate::{Candidate, Kind};

/// Buffers are kept from run to run, as a connection keeps its own.
#[derive(Default)]
pub(crate) struct Ours {
    to_server: BytesMut,
    to_client: BytesMut,
    runs: u64,
}

impl Ours {
    fn seed(&mut self) -> Seed {
        self.runs += 1;
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&self.runs.to_le_bytes());
        Seed::new(bytes)
    }
}

impl Candidate for Ours {
    fn name(&self) -> &'static str {
        "rtmp-handshake"
    }

    fn supports(&self, _: Kind) -> bool {
        true
    }

    fn run(&mut self, kind: Kind, c0c1: &[u8]) {
        let mut server = Handshake::server(self.seed());
        self.to_client.clear();
        if kind.has_client() {
            let scheme = if kind.is_digest() { Scheme::Digest } else { Scheme::Plain };
            let mut client = Handshake::client(scheme, self.seed());
            client.advance(&mut self.to_client, &mut self.to_server).expect("C0 and C1");
            server.advance(&mut self.to_server, &mut self.to_client).expect("S0, S1 and S2");
            client.advance(&mut self.to_client, &mut self.to_server).expect("C2");
        } else {
            self.to_server.extend_from_slice(c0c1);
            server.advance(&mut self.to_server, &mut self.to_client).expect("S0, S1 and S2");
            self.to_server.extend_from_slice(&self.to_client[1..1537]);
        }
        let progress = server.advance(&mut self.to_server, &mut self.to_client).expect("a good C2");
        assert!(matches!(progress, Progress::Done(_)));
    }

    fn reply(&mut self, _: Kind, c0c1: &[u8]) -> Option<Vec<u8>> {
        let mut reply = BytesMut::new();
        Handshake::server(self.seed()).advance(&mut BytesMut::from(c0c1), &mut reply).expect("S0, S1 and S2");
        Some(reply.to_vec())
    }
}
