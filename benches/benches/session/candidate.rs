//! What is measured.

use rtmp_benches::receiver::Sink;

/// The server's side of connections, one after the other.
pub(crate) trait Candidate {
    fn name(&self) -> &'static str;

    /// Begins with a new connection.
    fn accept(&mut self);

    /// Takes one read of the socket, says yes to all requests, hands audio and video to `sink` and writes what the client
    /// is to get behind `answer`. A read costs one copy, as in `chunk_decode`.
    fn recv(&mut self, read: &[u8], answer: &mut Vec<u8>, sink: &mut Sink) -> Result<(), String>;
}
