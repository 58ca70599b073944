//! What a handshake tells about the peer, and how far it got.

/// Form of the handshake: what C1/S1 and C2/S2 contain. Sizes and order are the same in both (`HS-1`, `CHS-1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// The published one: C2/S2 repeat the peer's packet (`HS-7`). Also called simple.
    Plain,
    /// C1/S1 carry an HMAC-SHA256 digest and C2/S2 a signature over the peer's (`CHS-8`, `CHS-11`). Also called complex.
    Digest,
}

/// Where a C1/S1 of [`Scheme::Digest`] keeps its digest (`CHS-4`). Named by layout, because programs number the two
/// differently: "scheme 0" of one is "scheme 1" of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestSchema {
    /// Digest block before key block; the digest lies in bytes 12 to 770. Scheme 1 in SRS, scheme 0 in librtmp.
    /// FFmpeg, librtmp and nginx-rtmp send this one.
    DigestFirst,
    /// Key block before digest block; the digest lies in bytes 776 to 1534. Scheme 0 in SRS, scheme 1 in librtmp.
    KeyFirst,
}

/// What the peer's C2 or S2 turned out to be (`HS-8`, `CHS-17`). Information only, unless
/// [`Handshake::verify_echo`](crate::Handshake::verify_echo) is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The random part of our packet, repeated. Bytes 0 to 7 are not looked at: peers fill them differently (`HS-9`).
    Echo,
    /// A valid signature over our digest (`CHS-11`, `CHS-12`).
    Signed,
    /// Neither of the two.
    Other,
}

/// What is known about the peer after the handshake.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The form both sides ended up with.
    pub scheme: Scheme,
    /// Where the peer's digest was found; `None` with [`Scheme::Plain`].
    pub schema: Option<DigestSchema>,
    /// Version byte in the peer's C0 or S0: 3, or what a client asked for before it was answered with 3 (`HS-3`).
    pub requested: u8,
    /// Time field of the peer's C1 or S1, in milliseconds; its epoch is the peer's own affair (`HS-4`).
    pub time: u32,
    /// Bytes 4 to 7 of the peer's C1 or S1: zero, or a product version (`HS-5`, `CHS-2`).
    pub version: [u8; 4],
    /// What the peer's C2 or S2 was.
    pub answer: Answer,
    /// Last 32 bytes of the peer's C1 or S1. A client needs those of S1 to answer a SWF verification request (`SWFV-4`).
    pub tail: [u8; 32],
    /// Last 32 bytes of our own C1 or S1. A server needs those of S1 to check the answer to its request (`SWFV-3`).
    pub own_tail: [u8; 32],
}

/// How far a handshake got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// At least this many more bytes must be appended to the input before anything else happens. Never 0.
    NeedMore(usize),
    /// The handshake is complete; what is left in the input belongs to the chunk stream (`HS-12`).
    Done(Peer),
}
