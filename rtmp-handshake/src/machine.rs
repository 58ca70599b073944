//! The state machine: what is read when, and what is written in answer.

use bytes::{Buf, BufMut, BytesMut};

use crate::digest::{self, Found, Signer};
use crate::error::HandshakeError;
use crate::packet::{self, HANDSHAKE_LEN, PACKET_LEN, Packet};
use crate::peer::{Answer, DigestSchema, Peer, Progress, Scheme};
use crate::seed::Seed;

/// One handshake, either role. See the [crate page](crate) for a loop.
///
/// It keeps no packet: bytes wait in the caller's input until a whole packet is there, and our own packet is made again
/// from the [`Seed`] when the answer to it arrives (`HS-16`). An instance is under 300 bytes.
#[derive(Clone, Debug)]
pub struct Handshake {
    role: Signer,
    seed: Seed,
    scheme: Scheme,
    schema: DigestSchema,
    time: u32,
    verify_echo: bool,
    answer_other_versions: bool,
    /// In our C1 or S1, once that is written and if it has one.
    digest: Option<Found>,
    state: State,
}

/// What is awaited, in the order of the wire.
#[derive(Clone, Debug)]
enum State {
    /// A client that has written nothing yet.
    Start,
    /// C0 or S0.
    Version,
    /// C1 or S1.
    First {
        requested: u8,
    },
    /// C2 or S2. The answer and our own tail in `peer` are not known yet.
    Second {
        peer: Peer,
    },
    Done {
        peer: Peer,
    },
    Failed {
        error: HandshakeError,
        consumed: usize,
    },
}

impl Handshake {
    /// A client's side. The first [`advance`](Self::advance), with whatever input, writes C0 and C1.
    ///
    /// With [`Scheme::Digest`] and a server that answers in the plain form, the client goes on in that (`CHS-16`).
    pub const fn client(scheme: Scheme, seed: Seed) -> Self {
        Self::new(Signer::Client, scheme, seed, State::Start)
    }

    /// A server's side. It answers in the form the client chose (`CHS-14`), and writes S0, S1 and S2 at once (`HS-11`).
    pub const fn server(seed: Seed) -> Self {
        Self::new(Signer::Server, Scheme::Plain, seed, State::Version)
    }

    const fn new(role: Signer, scheme: Scheme, seed: Seed, state: State) -> Self {
        Self {
            role,
            seed,
            scheme,
            // The form of every digest client recorded in the field, so also the first that a server looks for.
            schema: DigestSchema::DigestFirst,
            time: 0,
            digest: None,
            verify_echo: false,
            answer_other_versions: false,
            state,
        }
    }

    /// Time field of our C1 or S1 and of the answer to the peer's, in milliseconds on our clock: the epoch of the
    /// timestamps we send later (`HS-4`, `HS-7`). Default 0, which is fine.
    #[must_use]
    pub const fn time(mut self, milliseconds: u32) -> Self {
        self.time = milliseconds;
        self
    }

    /// Where a client of [`Scheme::Digest`] puts its digest, and where either role looks first for the peer's. Default
    /// [`DigestSchema::DigestFirst`], as the clients of the field do (`CHS-16`). A server follows its client (`CHS-14`).
    #[must_use]
    pub const fn schema(mut self, schema: DigestSchema) -> Self {
        self.schema = schema;
        self
    }

    /// Refuse a C2/S2 that neither repeats nor signs our packet, instead of reporting it as [`Answer::Other`] (`HS-8`,
    /// `CHS-17`). Default off: deployed encoders and servers send all kinds of things there.
    #[must_use]
    pub const fn verify_echo(mut self, on: bool) -> Self {
        self.verify_echo = on;
        self
    }

    /// As a server, answer a client that asks for a version of 4 to 31, RTMPE (6, 8, 9) among them, with 3 and leave it
    /// to the client to go on in that, instead of refusing it (`HS-3`, `RTMPE-7`). Default off, as in deployed servers.
    #[must_use]
    pub const fn answer_other_versions(mut self, on: bool) -> Self {
        self.answer_other_versions = on;
        self
    }

    /// Consumes what it can use of `input` and appends what must be sent to `output`.
    ///
    /// Call it once with empty input to start (only a client writes something then), and again whenever bytes were
    /// appended to `input`. A packet is taken out of `input` when it is whole, so at most 1536 bytes wait there. Bytes
    /// behind the handshake stay in `input` (`HS-12`), and once done, further calls only say so again.
    ///
    /// # Errors
    /// When the peer does not speak this handshake, see [`HandshakeError`]. The error is final, and returned by each
    /// further call; the byte that showed it stays in `input`, and nothing is appended to `output` in answer.
    pub fn advance(&mut self, input: &mut BytesMut, output: &mut BytesMut) -> Result<Progress, HandshakeError> {
        loop {
            match self.state {
                State::Start => {
                    self.write_client_hello(output);
                    self.state = State::Version;
                }
                State::Version => {
                    let Some(&version) = input.first() else { return Ok(Progress::NeedMore(1 + PACKET_LEN)) };
                    self.check_version(version).map_err(|error| self.fail(error))?;
                    input.advance(1);
                    self.state = State::First { requested: version };
                }
                State::First { requested } => {
                    let Some(packet) = input.first_chunk() else { return Ok(missing(input)) };
                    let peer = self.answer_first(requested, packet, output);
                    input.advance(PACKET_LEN);
                    self.state = State::Second { peer };
                }
                State::Second { mut peer } => {
                    let Some(packet) = input.first_chunk() else { return Ok(missing(input)) };
                    let ours = self.own_first();
                    peer.answer = self.judge_second(packet, &ours, &peer);
                    peer.own_tail = *packet::tail(&ours);
                    if self.verify_echo && peer.answer == Answer::Other {
                        return Err(self.fail(HandshakeError::EchoMismatch));
                    }
                    input.advance(PACKET_LEN);
                    self.state = State::Done { peer };
                }
                State::Done { peer } => return Ok(Progress::Done(peer)),
                State::Failed { error, .. } => return Err(error),
            }
        }
    }

    /// Bytes of the peer's handshake consumed so far; [`HANDSHAKE_LEN`] when it is complete (`HS-12`).
    pub const fn consumed(&self) -> usize {
        match self.state {
            State::Start | State::Version => 0,
            State::First { .. } => 1,
            State::Second { .. } => 1 + PACKET_LEN,
            State::Done { .. } => HANDSHAKE_LEN,
            State::Failed { consumed, .. } => consumed,
        }
    }

    /// Is the handshake complete?
    pub const fn is_done(&self) -> bool {
        matches!(self.state, State::Done { .. })
    }

    fn fail(&mut self, error: HandshakeError) -> HandshakeError {
        self.state = State::Failed { error, consumed: self.consumed() };
        error
    }

    fn check_version(&self, version: u8) -> Result<(), HandshakeError> {
        match (self.role, version) {
            (_, VERSION) => Ok(()),
            (_, TLS_HANDSHAKE) | (Signer::Client, TLS_ALERT) => Err(HandshakeError::Tls { first: version }),
            (_, 32..) => Err(HandshakeError::NotRtmp { first: version }),
            (Signer::Client, _) => Err(HandshakeError::UnexpectedVersion { version }),
            (Signer::Server, 4..) if self.answer_other_versions => Ok(()),
            (Signer::Server, _) => Err(HandshakeError::UnsupportedVersion { version }),
        }
    }

    /// C0 and C1.
    fn write_client_hello(&mut self, output: &mut BytesMut) {
        output.put_u8(VERSION);
        let c1 = append_packet(output);
        self.write_own_random(c1);
        if self.scheme == Scheme::Digest {
            self.digest = Some(digest::write_digest(c1, self.schema, Signer::Client));
        }
    }

    /// Takes in C1 and writes S0, S1, S2; or takes in S1 and writes C2.
    fn answer_first(&mut self, requested: u8, packet: &Packet, output: &mut BytesMut) -> Peer {
        let found = self.find_peer_digest(packet);
        if self.role == Signer::Server {
            self.scheme = if found.is_some() { Scheme::Digest } else { Scheme::Plain };
            output.reserve(HANDSHAKE_LEN);
            output.put_u8(VERSION);
            let s1 = append_packet(output);
            self.write_own_random(s1);
            self.digest = found.map(|found| digest::write_digest(s1, found.schema, Signer::Server));
        }
        // In the digest form these bytes are free (CHS-11). An echo is as cheap as any, and pleases a peer that looks for one.
        let answer = append_packet(output);
        packet::write_echo(answer, packet, self.time);
        if let Some(found) = &found {
            digest::sign(answer, &found.digest, self.role);
        }
        Peer {
            scheme: if found.is_some() { Scheme::Digest } else { Scheme::Plain },
            schema: found.map(|found| found.schema),
            requested,
            time: packet::time(packet),
            version: packet::version(packet),
            answer: Answer::Other,
            tail: *packet::tail(packet),
            own_tail: [0; 32],
        }
    }

    /// The peer's digest, if both sides want that form. Four zero bytes announce the plain form (`CHS-1`, `CHS-18`), so
    /// nothing is hashed for the many peers that use it.
    fn find_peer_digest(&self, packet: &Packet) -> Option<Found> {
        match self.role {
            _ if packet::version(packet) == PLAIN_VERSION => None,
            Signer::Server => digest::find_digest(packet, self.schema, Signer::Client),
            Signer::Client if self.scheme == Scheme::Digest => digest::find_digest(packet, self.schema, Signer::Server),
            Signer::Client => None,
        }
    }

    /// What C2 or S2 is: our packet again, or its signature, or anything else.
    fn judge_second(&self, packet: &Packet, ours: &Packet, peer: &Peer) -> Answer {
        let signer = match self.role {
            Signer::Client => Signer::Server,
            Signer::Server => Signer::Client,
        };
        match &self.digest {
            _ if packet::is_echo(packet, ours) => Answer::Echo,
            Some(found) if peer.scheme == Scheme::Digest && digest::is_signed(packet, &found.digest, signer) => {
                Answer::Signed
            }
            _ => Answer::Other,
        }
    }

    /// Our C1 or S1 as it was sent.
    fn own_first(&self) -> Packet {
        let mut ours = [0; PACKET_LEN];
        self.write_own_random(&mut ours);
        if let Some(found) = &self.digest {
            found.store(&mut ours);
        }
        ours
    }

    /// Our C1 or S1 but for its digest; the same bytes each time.
    fn write_own_random(&self, out: &mut Packet) {
        let version = match (self.scheme, self.role) {
            (Scheme::Plain, _) => PLAIN_VERSION,
            (Scheme::Digest, Signer::Client) => CLIENT_VERSION,
            (Scheme::Digest, Signer::Server) => SERVER_VERSION,
        };
        let random = packet::write_head(out, self.time, version);
        self.seed.expand(self.role as u64).fill(random);
    }
}

/// Appends a packet of zeros and returns it, to be filled in place.
fn append_packet(output: &mut BytesMut) -> &mut Packet {
    output.put_bytes(0, PACKET_LEN);
    output.last_chunk_mut().expect("a packet was just appended")
}

fn missing(input: &BytesMut) -> Progress {
    Progress::NeedMore(PACKET_LEN - input.len())
}

/// The one version both roles offer (`HS-2`).
const VERSION: u8 = 3;

/// First byte of a TLS connection, which 4 to 31 would otherwise let through (`HS-2`).
const TLS_HANDSHAKE: u8 = 0x16;

/// First byte of a TLS server's complaint about our C0.
const TLS_ALERT: u8 = 0x15;

/// Bytes 4 to 7 of a C1/S1 without digest (`HS-4`, `CHS-1`).
const PLAIN_VERSION: [u8; 4] = [0; 4];

/// Bytes 4 to 7 of our C1 with digest: what librtmp says, which every server of the field has met (`CHS-2`).
const CLIENT_VERSION: [u8; 4] = [10, 0, 45, 2];

/// Bytes 4 to 7 of our S1 with digest. Not zero in the first byte, or librtmp takes it for the plain form (`CHS-20`).
const SERVER_VERSION: [u8; 4] = [1, 0, 0, 1];

#[cfg(test)]
mod tests {
    use super::*;

    /// A C1 or S1 with a digest that is right, behind version bytes that announce none.
    fn digest_of_a_plain_packet(signer: Signer) -> Packet {
        let mut packet: Packet = core::array::from_fn(|at| at as u8);
        packet[4..8].copy_from_slice(&PLAIN_VERSION);
        let written = digest::write_digest(&mut packet, DigestSchema::DigestFirst, signer);
        assert_eq!(digest::find_digest(&packet, DigestSchema::DigestFirst, signer), Some(written));
        packet
    }

    #[test]
    fn chs_01_14_16_zero_version_bytes_mean_the_plain_form_whatever_digest_stands_behind_them() {
        let mut output = BytesMut::new();
        let mut server = Handshake::server(Seed::new([1; 32]));
        let mut input = BytesMut::from(&[&[VERSION][..], &digest_of_a_plain_packet(Signer::Client)].concat()[..]);
        server.advance(&mut input, &mut output).expect("a hello");
        assert_eq!(output[5..9], PLAIN_VERSION, "S1");

        let mut client = Handshake::client(Scheme::Digest, Seed::new([2; 32]));
        let s1 = digest_of_a_plain_packet(Signer::Server);
        let mut input = BytesMut::from(&[&[VERSION][..], &s1].concat()[..]);
        let mut output = BytesMut::new();
        client.advance(&mut input, &mut output).expect("a hello");
        assert_eq!(output[1 + PACKET_LEN + 8..], s1[8..], "C2 echoes S1 to its end, and signs nothing");
    }
}
