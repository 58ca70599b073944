//! Bytes ↔ messages: everything below the commands.

use std::{io, time::Instant};

use bytes::{Bytes, BytesMut};
use rtmp_chunk::{
    ChunkDecoder, ChunkEncoder, ChunkLimits, ChunkSize, Control, Message, MessageType, SendQueue, encoded_len,
};
use rtmp_handshake::{Handshake, Peer, Seed};

use crate::{
    CommandError, CutOff, Drive, LinkConfig, MessageError, SessionError, Stats, Timeout, UserControl,
    flow::{Flow, ReplyBudget},
    receive::ReceiveBuffer,
    timers::{Due, Progress, Timers},
};

/// One connection as messages: handshake, chunks, acknowledgements, pings and timeouts, without an opinion about
/// commands. For proxies, relays and test tools; [`ServerSession`](crate::ServerSession) and
/// [`ClientSession`](crate::ClientSession) are built on it.
///
/// Its events are all messages the peer sends, protocol control included. It has acted on those already: chunk sizes,
/// aborts and windows are in force, pings are answered.
///
/// ```
/// use bytes::BufMut;
/// use rtmp_session::{Link, LinkConfig, chunk::{ChunkStreamId, Message, MessageType}};
/// use std::time::Instant;
///
/// let mut client = Link::client(LinkConfig::default(), Instant::now());
/// let mut server = Link::server(LinkConfig::default(), Instant::now());
/// let hello = Message {
///     kind: MessageType::DATA_AMF0,
///     stream_id: 0,
///     timestamp: 0,
///     chunk_stream: ChunkStreamId::DATA,
///     payload: "hello".into(),
/// };
/// client.send(&hello)?; // before the handshake is done: it waits
/// let received = loop {
///     client.poll_event()?;
///     client.write_to(&mut server.recv_buffer().writer())?;
///     match server.poll_event()? {
///         Some(message) if message.kind == MessageType::DATA_AMF0 => break message,
///         _ => server.write_to(&mut client.recv_buffer().writer())?,
///     };
/// };
/// assert_eq!(received, hello);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Link {
    /// `None` when it is done.
    handshake: Option<Box<Handshaking>>,
    peer: Option<Box<Peer>>,
    receive: ReceiveBuffer,
    decoder: ChunkDecoder,
    /// Bytes used up behind the handshake.
    used: u64,
    handshake_len: u64,
    /// Bytes of the aggregate message that a session is taking apart.
    aggregate: usize,
    send: SendQueue,
    encoder: ChunkEncoder,
    flow: Flow,
    replies: ReplyBudget,
    timers: Timers,
    /// Announce the chunk size when the handshake is done; sessions do it themselves.
    announce: Option<ChunkSize>,
    /// A connect command must come before the setup deadline.
    awaits_connect: bool,
    error: Option<Box<SessionError>>,
    eof: bool,
    messages: u64,
    ignored: u64,
    rejected: u64,
    last_rejected: Option<Box<MessageError>>,
}

#[derive(Debug)]
struct Handshaking {
    machine: Handshake,
    /// What was sent too early, in order.
    waiting: Vec<Message>,
    /// Its bytes on the wire, about: the size of chunks may change among them.
    waiting_len: usize,
}

impl Link {
    /// A client: its first bytes are in the send queue already.
    pub fn client(config: LinkConfig, now: Instant) -> Self {
        let seed = config.seed.clone().unwrap_or_else(Seed::from_os);
        let machine = Handshake::client(config.scheme, seed).verify_echo(config.verify_echo);
        let mut link = Self::new(machine, &config, now);
        // Writes C0 and C1; a client cannot fail before it has read anything.
        let _ = link.advance_handshake();
        link
    }

    /// A server.
    pub fn server(config: LinkConfig, now: Instant) -> Self {
        let seed = config.seed.clone().unwrap_or_else(Seed::from_os);
        let machine =
            Handshake::server(seed).verify_echo(config.verify_echo).answer_other_versions(config.answer_other_versions);
        Self::new(machine, &config, now)
    }

    fn new(machine: Handshake, config: &LinkConfig, now: Instant) -> Self {
        Self {
            handshake: Some(Box::new(Handshaking { machine, waiting: Vec::new(), waiting_len: 0 })),
            peer: None,
            receive: ReceiveBuffer::new(),
            decoder: config.decoder(),
            used: 0,
            handshake_len: 0,
            aggregate: 0,
            send: SendQueue::new(),
            encoder: ChunkEncoder::new(),
            flow: Flow::new(),
            replies: ReplyBudget::new(config.limits.max_reply_bytes),
            timers: Timers::new(config, now),
            announce: Some(config.chunk_size),
            awaits_connect: false,
            error: None,
            eof: false,
            messages: 0,
            ignored: 0,
            rejected: 0,
            last_rejected: None,
        }
    }

    /// Sends a message. Before the handshake is done it waits; a Set Chunk Size takes effect behind itself.
    ///
    /// # Errors
    /// [`CommandError::TooLong`] for a payload over 16 777 215 bytes, [`CommandError::Closed`] behind an error.
    pub fn send(&mut self, message: &Message) -> Result<(), CommandError> {
        if self.error.is_some() {
            return Err(CommandError::Closed);
        }
        if let Some(handshaking) = &mut self.handshake {
            handshaking.waiting_len += encoded_len(message, self.encoder.chunk_size())?;
            handshaking.waiting.push(message.clone());
            return Ok(());
        }
        Ok(self.encoder.encode(message, &mut self.send)?)
    }

    /// Sends the size of our chunks from here on. See CTL-4.
    pub fn set_chunk_size(&mut self, size: ChunkSize) {
        // The longest control message fits the wire.
        let _ = self.send(&Control::SetChunkSize(size).to_message());
    }

    /// Tells the peer how much it may receive before it acknowledges. See CTL-16.
    pub fn set_window_ack_size(&mut self, window: u32) {
        self.flow.announced(window);
        let _ = self.send(&Control::WindowAckSize(window).to_message());
    }

    /// The next message of the peer, or `None` until more bytes are read.
    ///
    /// # Errors
    /// See [`Drive::poll_event`].
    pub fn poll_event(&mut self) -> Result<Option<Message>, SessionError> {
        self.check()?;
        self.next_message().map_err(|error| self.fail(error))
    }

    /// The buffer to read into, with room for a good read. See [`Drive::buffers`].
    pub fn recv_buffer(&mut self) -> &mut BytesMut {
        self.receive.for_reading(self.decoder.bytes_wanted())
    }

    /// The queue to write from.
    pub fn send_queue(&mut self) -> &mut SendQueue {
        self.go_on_with_handshake();
        &mut self.send
    }

    /// Bytes waiting to be sent. See [`Drive::queued`].
    pub fn queued(&self) -> usize {
        self.send.len() + self.handshake.as_ref().map_or(0, |handshaking| handshaking.waiting_len)
    }

    /// One read into the receive buffer; 0 bytes mean that the peer has closed its side.
    ///
    /// # Errors
    /// The reader's.
    pub fn read_from(&mut self, reader: &mut impl io::Read) -> io::Result<usize> {
        self.receive.read_from(reader, self.decoder.bytes_wanted())
    }

    /// Writes from the send queue until it is empty or the writer would block.
    ///
    /// # Errors
    /// The writer's.
    pub fn write_to(&mut self, writer: &mut impl io::Write) -> io::Result<usize> {
        self.send_queue().write_to(writer)
    }

    /// See [`Drive::poll_timeout`].
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.is_over() { None } else { self.timers.next() }
    }

    /// See [`Drive::handle_timeout`].
    ///
    /// # Errors
    /// [`SessionError::TimedOut`].
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), SessionError> {
        self.check()?;
        if self.eof {
            return Ok(());
        }
        let (sent, queued) = (self.send.taken(), self.send.len() as u64);
        let progress = Progress { received: self.bytes_received(), sent, queued };
        let waiting_for = if self.handshake.is_some() { Timeout::Handshake } else { Timeout::Connect };
        match self.timers.handle(now, progress, waiting_for, self.handshake.is_none()) {
            Due::Nothing => Ok(()),
            Due::Ping(time) => {
                let _ = self.send(&UserControl::PingRequest(time).to_message());
                Ok(())
            }
            Due::TimedOut(timeout) => Err(self.fail(SessionError::TimedOut(timeout))),
        }
    }

    /// See [`Drive::handle_eof`]. A peer that closes before its first byte has done no wrong.
    ///
    /// # Errors
    /// [`SessionError::UnexpectedEof`].
    pub fn handle_eof(&mut self) -> Result<(), SessionError> {
        self.check()?;
        self.eof = true;
        let cut = match &self.handshake {
            Some(_) if self.bytes_received() > 0 => Some(CutOff::Handshake),
            None if self.decoder.is_mid_message() || !self.receive.is_empty() => Some(CutOff::Message),
            _ => None,
        };
        cut.map_or(Ok(()), |cut| Err(self.fail(SessionError::UnexpectedEof(cut))))
    }

    /// Frees buffers that are empty, and what is not used of the receive buffer. They come back by themselves.
    pub fn release_memory(&mut self) {
        self.receive.release();
        self.send.release_memory();
    }

    /// What the handshake told about the peer, once it is done.
    pub fn peer(&self) -> Option<&Peer> {
        self.peer.as_deref()
    }

    /// Size of the chunks we send. Wire images for this connection must be cut to it.
    pub fn outgoing_chunk_size(&self) -> ChunkSize {
        self.encoder.chunk_size()
    }

    /// Bytes the peer may send before it wants an acknowledgement, if it said so.
    pub fn receive_window(&self) -> Option<u32> {
        self.flow.receive_window()
    }

    /// What was counted so far.
    pub fn stats(&self) -> Stats {
        Stats {
            bytes_received: self.bytes_received(),
            bytes_sent: self.send.taken(),
            bytes_held: self.receive.allocated() + self.decoder.partial_bytes() + self.aggregate,
            bytes_queued: self.queued(),
            bytes_acknowledged: self.flow.acknowledged_by_peer(),
            send_window: self.flow.send_limit(),
            messages_received: self.messages,
            messages_ignored: self.ignored,
            messages_dropped: self.decoder.dropped_messages(),
            messages_rejected: self.rejected,
            last_rejected: self.last_rejected.as_deref().cloned(),
        }
    }

    /// The error that ended the connection.
    pub(crate) fn check(&self) -> Result<(), SessionError> {
        match &self.error {
            Some(error) => Err((**error).clone()),
            None => Ok(()),
        }
    }

    /// Nothing more will come.
    pub(crate) fn is_over(&self) -> bool {
        self.error.is_some() || self.eof
    }

    /// Sends an answer that the peer asked for: it counts towards what a peer that does not read may make us hold.
    pub(crate) fn answer(&mut self, message: &Message) -> Result<(), CommandError> {
        let before = self.send.len();
        self.send(message)?;
        if let Err(error) = self.replies.charge(self.send.len() - before, &self.send) {
            self.fail(error);
        }
        Ok(())
    }

    /// As [`Link::set_window_ack_size`], unless the peer has heard of a window before.
    pub(crate) fn announce_window(&mut self, window: u32) {
        if self.flow.announced_window().is_none() {
            self.set_window_ack_size(window);
        }
    }

    /// Bounds of the chunk layer from the next message on.
    pub(crate) fn set_chunk_limits(&mut self, limits: ChunkLimits) {
        self.decoder.set_limits(limits);
    }

    /// A connect command, or its answer, must come before the setup deadline; the session announces its chunk size itself.
    pub(crate) fn await_connect(&mut self) {
        self.awaits_connect = true;
        self.announce = None;
    }

    /// It came.
    pub(crate) fn connect_came(&mut self) {
        self.awaits_connect = false;
        self.timers.set_up();
    }

    /// A session has so many bytes of an aggregate message in hand.
    pub(crate) fn hold_aggregate(&mut self, bytes: usize) {
        self.aggregate = bytes;
    }

    pub(crate) fn ignore(&mut self) {
        self.ignored += 1;
    }

    pub(crate) fn reject(&mut self, error: MessageError) {
        self.rejected += 1;
        self.last_rejected = Some(Box::new(error));
    }

    /// Ends the connection with an error that stays.
    pub(crate) fn fail(&mut self, error: SessionError) -> SessionError {
        self.error = Some(Box::new(error.clone()));
        self.receive.discard();
        self.aggregate = 0;
        if let Some(handshaking) = &mut self.handshake {
            (handshaking.waiting, handshaking.waiting_len) = (Vec::new(), 0);
        }
        error
    }

    pub(crate) fn buffers(&mut self) -> (&mut BytesMut, &mut SendQueue) {
        self.go_on_with_handshake();
        (self.receive.for_reading(self.decoder.bytes_wanted()), &mut self.send)
    }

    fn bytes_received(&self) -> u64 {
        self.handshake_len + self.used + self.receive.len() as u64
    }

    fn next_message(&mut self) -> Result<Option<Message>, SessionError> {
        self.receive.note_read();
        if self.handshake.is_some() && !self.advance_handshake()? {
            return Ok(None);
        }
        let input = self.receive.bytes();
        let before = input.len();
        let message = self.decoder.decode(input);
        self.used += (before - input.len()) as u64;
        let Some(message) = message? else {
            self.acknowledge()?;
            return Ok(None);
        };
        self.messages += 1;
        self.obey(&message)?;
        Ok(Some(message))
    }

    /// Who only writes, and reads no events meanwhile, gets what waits for the handshake into the queue too.
    fn go_on_with_handshake(&mut self) {
        if self.handshake.is_some() && self.error.is_none() && !self.receive.is_empty() {
            let _ = self.advance_handshake().map_err(|error| self.fail(error));
        }
    }

    fn advance_handshake(&mut self) -> Result<bool, SessionError> {
        let Some(handshaking) = &mut self.handshake else { return Ok(true) };
        let input = self.receive.bytes();
        let before = input.len();
        let mut output = BytesMut::new();
        let progress = handshaking.machine.advance(input, &mut output);
        self.handshake_len += (before - input.len()) as u64;
        self.send.push(output.freeze());
        let rtmp_handshake::Progress::Done(peer) = progress? else { return Ok(false) };
        self.peer = Some(Box::new(peer));
        if !self.awaits_connect {
            self.timers.set_up();
        }
        let waiting = self.handshake.take().map(|handshaking| handshaking.waiting).unwrap_or_default();
        if let Some(size) = self.announce.take() {
            self.set_chunk_size(size);
        }
        for message in &waiting {
            // Was measured when it was queued.
            let _ = self.send(message);
        }
        Ok(true)
    }

    /// Protocol control and pings act on receipt. See CTL-1, UCM-1.
    fn obey(&mut self, message: &Message) -> Result<(), SessionError> {
        match message.kind {
            MessageType::USER_CONTROL => self.obey_user_control(&message.payload),
            _ => match Control::parse(message) {
                Ok(None) => Ok(()),
                Ok(Some(control)) => self.obey_control(control),
                // CTL-2; CTL-10: an abort of nothing is none.
                Err(error) => {
                    self.reject(error.into());
                    Ok(())
                }
            },
        }
    }

    fn obey_control(&mut self, control: Control) -> Result<(), SessionError> {
        match control {
            // The decoder has acted on these.
            Control::SetChunkSize(_) | Control::Abort(_) => {}
            Control::Acknowledgement(sequence) => self.flow.peer_acknowledged(sequence, self.send.taken()),
            Control::WindowAckSize(window) => self.flow.set_receive_window(window),
            Control::SetPeerBandwidth { window, limit } => {
                if let Some(window) = self.flow.limit_output(window, limit) {
                    self.flow.announced(window);
                    self.reply(&Control::WindowAckSize(window).to_message())?;
                }
            }
        }
        Ok(())
    }

    fn obey_user_control(&mut self, body: &Bytes) -> Result<(), SessionError> {
        match UserControl::parse(body) {
            Ok(UserControl::PingRequest(time)) => self.reply(&UserControl::PingResponse(time).to_message()),
            Ok(_) => Ok(()),
            Err(error) => {
                self.reject(error);
                Ok(())
            }
        }
    }

    fn acknowledge(&mut self) -> Result<(), SessionError> {
        let received = self.used + self.receive.len() as u64;
        match self.flow.acknowledgement_due(received) {
            Some(sequence) => self.reply(&Control::Acknowledgement(sequence).to_message()),
            None => Ok(()),
        }
    }

    fn reply(&mut self, message: &Message) -> Result<(), SessionError> {
        let _ = self.answer(message);
        self.check()
    }
}

impl Drive for Link {
    type Event = Message;

    fn buffers(&mut self) -> (&mut BytesMut, &mut SendQueue) {
        self.buffers()
    }

    fn queued(&self) -> usize {
        self.queued()
    }

    fn poll_event(&mut self) -> Result<Option<Message>, SessionError> {
        self.poll_event()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), SessionError> {
        self.handle_timeout(now)
    }

    fn handle_eof(&mut self) -> Result<(), SessionError> {
        self.handle_eof()
    }

    fn release_memory(&mut self) {
        self.release_memory();
    }
}
