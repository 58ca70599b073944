//! What is measured, and how an answer is checked.

use crate::floor;

/// A handshake.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Server side, plain form.
    ServerPlain,
    /// Both sides, plain form.
    BothPlain,
    /// Server side, digest form.
    ServerDigest,
    /// Both sides, digest form.
    BothDigest,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::ServerPlain, Self::BothPlain, Self::ServerDigest, Self::BothDigest];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ServerPlain => "server-plain",
            Self::BothPlain => "both-plain",
            Self::ServerDigest => "server-digest",
            Self::BothDigest => "both-digest",
        }
    }

    pub(crate) const fn is_digest(self) -> bool {
        matches!(self, Self::ServerDigest | Self::BothDigest)
    }

    pub(crate) const fn has_client(self) -> bool {
        matches!(self, Self::BothPlain | Self::BothDigest)
    }

    /// C0 and C1 of a real client: librtmp for the plain form, FFmpeg for the other.
    pub(crate) fn recorded_hello(self) -> &'static [u8] {
        let wire: &[u8] = if self.is_digest() {
            include_bytes!("../../../rtmp-handshake/tests/data/ffmpeg5-publish-h264-aac.c2s.bin")
        } else {
            include_bytes!("../../../rtmp-handshake/tests/data/librtmp-publish-h264b-aac.c2s.bin")
        };
        &wire[..1537]
    }
}

/// An implementation under test.
pub(crate) trait Candidate {
    fn name(&self) -> &'static str;

    fn supports(&self, kind: Kind) -> bool;

    /// One whole handshake. Panics if it fails.
    fn run(&mut self, kind: Kind, c0c1: &[u8]);

    /// S0, S1 and S2 in answer to these, where there is a server to ask.
    fn reply(&mut self, kind: Kind, c0c1: &[u8]) -> Option<Vec<u8>>;
}

/// Stops the bench if a candidate does not do the work it is timed for.
pub(crate) fn check_reply(name: &str, kind: Kind, c0c1: &[u8], reply: &[u8]) {
    assert!(reply.len() >= 3073 && reply[0] == 3, "{name} does not answer with S0, S1 and S2");
    let (c1, s1, s2) = (&c0c1[1..], &reply[1..1537], &reply[1537..3073]);
    if kind.is_digest() {
        let c1_digest = floor::find_digest(c1, floor::CLIENT_KEY).expect("a recorded digest");
        assert!(floor::find_digest(s1, floor::SERVER_KEY).is_some(), "{name} does not sign its S1");
        assert_eq!(s2[1504..], floor::signature(&s2[..1504], &c1_digest.1), "{name} does not sign its S2");
    } else {
        assert_eq!(s2[8..], c1[8..], "{name} does not echo C1");
    }
}
