//! The whole loop in memory: a publisher's bytes in, a server session, a channel, the bytes of N players out.

use std::time::Instant;

use bytes::{Buf, Bytes};
use rtmp_chunk::ChunkSize;
use rtmp_session::live::{Channel, ChannelConfig, Cursor, ImageFormat, Next, NextImage};
use rtmp_session::{
    ClientConfig, ClientEvent, ClientSession, RtmpUrl, ServerConfig, ServerEvent, ServerSession, StreamId,
};

/// How players get what they get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Wire images that are made once for all.
    Images,
    /// Messages, around which each session writes headers of its own.
    Messages,
}

/// One stream with its publisher and players.
pub struct Relay {
    publisher: ServerSession,
    channel: Channel,
    players: Vec<Player>,
    way: Way,
}

struct Player {
    session: ServerSession,
    stream: StreamId,
    cursor: Cursor,
}

impl Relay {
    /// Connects everyone; media may come.
    pub fn new(players: usize, way: Way) -> Self {
        let format = ImageFormat { message_stream: 1, chunk_size: IMAGE_CHUNKS };
        let image = (way == Way::Images).then_some(format);
        let channel = Channel::new(ChannelConfig::default().image(image));
        let (publisher, _, _) = converse(|client| client.publish("cam"));
        let player = || {
            let (session, stream, _) = converse(|client| client.play("cam"));
            Player { session, stream, cursor: channel.subscribe() }
        };
        let players = std::iter::repeat_with(player).take(players).collect();
        Self { publisher, channel, players, way }
    }

    /// Takes one read of the publisher's socket, and all players to the head of the channel. What would be written to their
    /// sockets goes to `write`, by the number of the player.
    pub fn turn(&mut self, read: &[u8], mut write: impl FnMut(usize, &[u8])) {
        self.publisher.recv_buffer().extend_from_slice(read);
        let mut batch = Vec::new();
        while let Some(event) = self.publisher.poll_event().expect("the publisher keeps to the protocol") {
            if let ServerEvent::Media { media, .. } = event {
                batch.push(media);
            }
        }
        self.channel.push_batch(batch);
        let acknowledgements = self.publisher.send_queue();
        acknowledgements.advance(acknowledgements.len());
        for (number, player) in self.players.iter_mut().enumerate() {
            match self.way {
                Way::Images => player.queue_images(&self.channel),
                Way::Messages => player.queue_messages(&self.channel),
            }
            let queue = player.session.send_queue();
            while !queue.is_empty() {
                write(number, queue.chunk());
                queue.advance(queue.chunk().len());
            }
        }
    }
}

impl Player {
    fn queue_images(&mut self, channel: &Channel) {
        loop {
            match channel.next_image(&mut self.cursor) {
                NextImage::Image(image) => self.session.send_queue().push(image),
                NextImage::Gap(gap) => panic!("nobody is slow here: {gap:?}"),
                NextImage::Pending | NextImage::Ended => return,
            }
        }
    }

    fn queue_messages(&mut self, channel: &Channel) {
        loop {
            match channel.next(&mut self.cursor) {
                Next::Media(media) => self.session.send_media(self.stream, &media).expect("it plays"),
                Next::Gap(gap) => panic!("nobody is slow here: {gap:?}"),
                Next::Pending | Next::Ended => return,
            }
        }
    }
}

/// A client that has been told that it may begin, as the network between the two would carry it.
pub fn player_of(bytes: impl IntoIterator<Item = Bytes>) -> Vec<rtmp_session::Media> {
    let (_, _, mut client) = converse(|client| client.play("cam"));
    let mut media = Vec::new();
    for piece in bytes {
        client.recv_buffer().extend_from_slice(&piece);
        while let Some(event) = client.poll_event().expect("the relay keeps to the protocol") {
            if let ClientEvent::Media { media: one, .. } = event {
                media.push(one);
            }
        }
    }
    media
}

/// A client and a server that have agreed on the one stream that the client asks for.
fn converse(ask: impl FnOnce(&mut ClientSession) -> StreamId) -> (ServerSession, StreamId, ClientSession) {
    let now = Instant::now();
    let url: RtmpUrl = "rtmp://localhost/live/cam".parse().expect("a URL");
    let mut client = ClientSession::new(ClientConfig::default(), &url, now);
    let mut server = ServerSession::new(ServerConfig::default(), now);
    let mine = ask(&mut client);
    let mut theirs = None;
    let mut started = false;
    while !started {
        carry(client.send_queue(), |bytes| server.recv_buffer().extend_from_slice(bytes));
        while let Some(event) = server.poll_event().expect("the client keeps to the protocol") {
            let accepted = match event {
                ServerEvent::Connect(request) => server.accept_connect(request),
                ServerEvent::Publish(request) => {
                    theirs = Some(request.stream);
                    server.accept_publish(request)
                }
                ServerEvent::Play(request) => {
                    theirs = Some(request.stream);
                    server.accept_play(request)
                }
                _ => Ok(()),
            };
            accepted.expect("the request was made just now");
        }
        carry(server.send_queue(), |bytes| client.recv_buffer().extend_from_slice(bytes));
        while let Some(event) = client.poll_event().expect("the server keeps to the protocol") {
            started |= matches!(event, ClientEvent::Started { stream } if stream == mine);
        }
    }
    carry(client.send_queue(), |bytes| server.recv_buffer().extend_from_slice(bytes));
    while server.poll_event().expect("the client keeps to the protocol").is_some() {}
    carry(server.send_queue(), |_| {});
    (server, theirs.expect("the client asked for a stream"), client)
}

fn carry(from: &mut rtmp_chunk::SendQueue, mut to: impl FnMut(&[u8])) {
    while !from.is_empty() {
        to(from.chunk());
        from.advance(from.chunk().len());
    }
}

/// What server sessions announce.
const IMAGE_CHUNKS: ChunkSize = ChunkSize::new(65_536).expect("within 1 and 16 777 215");
