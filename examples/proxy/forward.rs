//! Two links, and what passes between them.

use std::net::SocketAddr;

use rtmp_session::chunk::{Message, MessageType};
use rtmp_session::tokio::{Connection, Error};
use rtmp_session::{Link, UserControl, amf};
use tokio::net::TcpStream;

type Hop = Connection<Link, TcpStream>;

/// Carries messages both ways until one side closes; what was queued for the other still leaves.
pub(crate) async fn carry(peer: SocketAddr, mut client: Hop, mut server: Hop) -> Result<(), Error> {
    let mut early = 0_usize;
    loop {
        // A hop is read only while the other one has room: a slow side slows the fast one, nothing piles up here.
        if !client.has_room() && !server.has_room() {
            tokio::try_join!(client.flush(), server.flush())?;
        }
        // What is sent before the server's handshake is done waits in its link.
        let up = server.has_room() && (early < MAX_EARLY || server.session().peer().is_some());
        let down = client.has_room();
        tokio::select! {
            message = client.next_event(), if up => match message? {
                Some(message) => {
                    early = early.saturating_add(message.payload.len());
                    pass(peer, "client", &message, &mut server)?;
                }
                None => return server.close().await,
            },
            message = server.next_event(), if down => match message? {
                Some(message) => pass(peer, "server", &message, &mut client)?,
                None => return client.close().await,
            },
        }
    }
}

fn pass(peer: SocketAddr, from: &str, message: &Message, to: &mut Hop) -> Result<(), Error> {
    if belongs_to_one_hop(message) {
        return Ok(());
    }
    if let Some(name) = command_name(message) {
        tracing::info!(%peer, from, command = name);
    }
    Ok(to.session().send(message)?)
}

/// Chunk sizes, aborts, acknowledgements and windows rule one connection; so does a ping, which the link has answered.
fn belongs_to_one_hop(message: &Message) -> bool {
    match message.kind {
        MessageType::SET_CHUNK_SIZE
        | MessageType::ABORT
        | MessageType::ACKNOWLEDGEMENT
        | MessageType::WINDOW_ACK_SIZE
        | MessageType::SET_PEER_BANDWIDTH => true,
        MessageType::USER_CONTROL => matches!(
            UserControl::parse(&message.payload),
            Ok(UserControl::PingRequest(_) | UserControl::PingResponse(_))
        ),
        _ => false,
    }
}

fn command_name(message: &Message) -> Option<&str> {
    let values = match message.kind {
        MessageType::COMMAND_AMF0 => &message.payload[..],
        // A format byte stands in front of the values.
        MessageType::COMMAND_AMF3 => message.payload.get(1..)?,
        _ => return None,
    };
    amf::amf0::peek_str(values)
}

/// Bytes of messages that a client may send before the server's handshake is done; a connect command is some hundred.
const MAX_EARLY: usize = 64 * 1024;
