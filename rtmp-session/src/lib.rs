//! One RTMP connection, of either role, without IO: bytes in, bytes out, events out.
//!
//! A [`ServerSession`] or [`ClientSession`] does the handshake, chunks, acknowledgements, pings, commands and streams of one
//! connection. It opens no socket, reads no clock and starts no thread. A [`Link`] is the same without an opinion about
//! commands, for proxies and test tools. Beside them stand `live`, which brings one stream to many players, and `tokio`, which
//! drives sessions over sockets.
//!
//! ```text
//!            read │                                             ▲ write
//!                 ▼                                             │
//!   ┌──────────────────────────────────────────────────────────────────────┐
//!   │     recv_buffer  (BytesMut)                        send_queue        │
//!   │          │                                             ▲             │
//!   │   Link   ▼  handshake · chunks · windows · pings       │   timeouts  │ ◄── handle_timeout(now)
//!   │       messages                                      messages         │ ──► poll_timeout
//!   │          │                                             ▲             │
//!   │   ServerSession / ClientSession   commands · streams   │             │
//!   └──────────┼─────────────────────────────────────────────┼─────────────┘
//!              ▼ poll_event                                  │ accept_publish, send_media, end_stream, ..
//!                               your program
//! ```
//!
//! # The loop
//!
//! It is the same for every environment, and [`Drive`] is what an adapter needs to write it once:
//!
//! ```text
//!  1  poll_event until None      answer requests, take media; commands you call append to the send queue
//!  2  wait for any of            socket readable · socket writable (if something is queued) · poll_timeout · your own news
//!  3  do that one thing          read into recv_buffer · write from send_queue · handle_timeout(now) · call a command
//!  4  goto 1
//! ```
//!
//! Here without sockets: a client publishes to a server, and the network between them is two calls of `write_to`.
//!
//! ```
//! use bytes::BufMut;
//! use rtmp_session::{ClientConfig, ClientEvent, ClientSession, Media, RtmpUrl, ServerConfig, ServerEvent, ServerSession};
//! use std::time::Instant;
//!
//! let url: RtmpUrl = "rtmp://example.com/live/cam".parse()?;
//! let now = Instant::now();
//! let mut client = ClientSession::new(ClientConfig::default(), &url, now);
//! let mut server = ServerSession::new(ServerConfig::default(), now);
//! let stream = client.publish(&url.stream); // valid at once, sent as soon as the server allows
//!
//! let received = 'run: loop {
//!     while let Some(event) = client.poll_event()? {
//!         if let ClientEvent::Started { .. } = event {
//!             client.send_media(stream, &Media::audio(0, vec![0xaf, 1, 0x21]))?;
//!         }
//!     }
//!     client.write_to(&mut server.recv_buffer().writer())?;
//!     while let Some(event) = server.poll_event()? {
//!         match event {
//!             ServerEvent::Connect(request) => server.accept_connect(request)?,
//!             ServerEvent::Publish(request) if request.name == "cam" => server.accept_publish(request)?,
//!             ServerEvent::Media { media, .. } => break 'run media,
//!             _ => {} // what is not accepted is refused at the next poll
//!         }
//!     }
//!     server.write_to(&mut client.recv_buffer().writer())?;
//! };
//! assert_eq!(received.payload[..], [0xaf, 1, 0x21]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What to know
//!
//! * **Pull, one event at a time.** [`poll_event`](ServerSession::poll_event) decodes no further than the next event; not
//!   calling it is back-pressure.
//! * **Default deny.** A connect, publish or play request must be accepted before the next poll. Requests are not `Clone`:
//!   answering consumes them. Bytes behind a request wait in the receive buffer, so there is time to think.
//! * **Payloads are not copied.** A message that lay whole in the read buffer may be a slice of it, any other was copied
//!   once; [`Media`] is reference-counted, and an FLV tag body at the same time. To keep one for long, keep
//!   [`Media::detached`].
//! * **Two error types say whose fault it is.** [`SessionError`] is the peer's: it is sticky, the connection is over; write out
//!   the send queue, which may hold a last status, and close. [`CommandError`] is the caller's: nothing happened. A message
//!   that cannot be read is dropped and counted in [`Stats`].
//! * **Every size the peer controls has a limit** in [`Limits`]; what is not bounded is the send queue itself: look at
//!   [`queued`](ServerSession::queued) before sending more to a peer that does not read.
//! * **Names are secrets.** Stream keys do not appear in `Debug` or in errors.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `live` (default) | `live`: one stream to many players, without IO |
//! | `serde` | `amf::from_value`, `amf::to_value`: types of your own instead of value trees |
//! | `auth` | `auth`: publisher authentication, `authmod=adobe` and `authmod=llnw` |
//! | `tokio` | `tokio`: listener, connections, and with `live` a hub of streams |
//! | `tls` | RTMPS for the adapter, over rustls |
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

/// The crate whose `Bytes` and `BytesMut` stand in this one's functions.
pub use bytes;
pub use {rtmp_amf as amf, rtmp_chunk as chunk, rtmp_flv as flv, rtmp_handshake as handshake};

mod aggregate;
#[cfg(feature = "auth")]
pub mod auth;
mod caps;
mod client;
pub mod code;
mod command;
mod config;
mod data_name;
mod default_track;
mod display;
mod drive;
mod error;
mod external;
mod flow;
mod id;
mod link;
#[cfg(feature = "live")]
pub mod live;
mod media;
mod metadata;
mod name;
mod receive;
mod reference;
mod server;
pub mod shared_object;
mod shown;
mod stats;
mod status;
mod timers;
#[cfg(feature = "tokio")]
pub mod tokio;
mod url;
mod user_control;

pub use caps::{Capabilities, CapsEx, FourCcInfoMap, FourCcMask, VideoFunction};
pub use client::{ClientEvent, ClientSession, PlayOptions};
pub use command::Call;
pub use config::{ClientConfig, Limits, LinkConfig, ServerConfig};
pub use drive::Drive;
pub use error::{CommandError, CutOff, MessageError, SessionError, Timeout};
pub use external::ExternalClasses;
pub use id::{CallId, StreamId};
pub use link::Link;
pub use media::{Media, MediaKind};
pub use server::{
    ConnectRequest, Play2, PlayRequest, PlayStart, PlaybackControl, PublishKind, PublishRequest, Request, ServerEvent,
    ServerSession,
};
pub use stats::Stats;
pub use status::{Level, Status};
pub use url::{Credentials, RtmpUrl, UrlError};
pub use user_control::UserControl;

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
