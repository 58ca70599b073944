//! The tokio adapter: sockets, timers and TLS for the sessions. The only async code of this crate.
//!
//! ```text
//!   Listener::accept ─┐                          ┌─ session()      commands: accept_play, send_media, ..
//!                     ├─► Connection<S, IO> ─────┼─ next_event()   reads, writes, keeps time
//!   connect ──────────┘    S: Drive              └─ flush()        until everything queued is written
//! ```
//!
//! One task owns one connection. [`Connection::next_event`] writes only when it would otherwise wait, so everything
//! queued while handling events leaves in one `writev`; it reads and writes in the same poll, so two peers that both
//! only send cannot dead-lock; it is cancel safe, so it may stand in a `select!` beside the program's own news; and
//! after a bounded number of events it yields, so one busy peer cannot starve the other tasks of a thread.
//!
//! ```no_run
//! use rtmp_session::{ServerConfig, ServerEvent, tokio::{Error, Listener, ServerConnection}};
//!
//! async fn serve(mut conn: ServerConnection) -> Result<(), Error> {
//!     while let Some(event) = conn.next_event().await? {
//!         match event {
//!             ServerEvent::Connect(request) => conn.session().accept_connect(request)?,
//!             ServerEvent::Publish(request) => conn.session().accept_publish(request)?,
//!             ServerEvent::Media { media, .. } => println!("{:?} at {} ms", media.kind, media.timestamp),
//!             _ => {}
//!         }
//!     }
//!     Ok(())
//! }
//!
//! # async fn run() -> std::io::Result<()> {
//! let listener = Listener::bind("0.0.0.0:1935", ServerConfig::default()).await?;
//! loop {
//!     let (conn, peer) = listener.accept().await?;
//!     tokio::spawn(async move {
//!         if let Err(error) = serve(conn).await {
//!             eprintln!("{peer}: {error}");
//!         }
//!     });
//! }
//! # }
//! ```
//!
//! The sessions themselves know nothing of this module: any other runtime drives them through [`Drive`](crate::Drive)
//! in about as many lines as [`Connection`] has.

mod connect;
mod connection;
mod listener;
#[cfg(feature = "live")]
pub mod live;
mod sink;
#[cfg(feature = "tls")]
pub mod tls;
mod transport;

pub use connect::connect;
#[cfg(feature = "tls")]
pub use connect::connect_tls;
pub use connection::{ClientConnection, Connection, ServerConnection};
pub use listener::Listener;
pub use transport::Transport;

use crate::{CommandError, SessionError};
use std::io;

/// Why a connection of this adapter ended, or why a command on it was refused.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The transport failed: the socket, the TLS layer or whatever else carries the bytes.
    #[error("connection failed: {0}")]
    Io(#[from] io::Error),
    /// The peer broke the protocol, went silent or closed in the middle of a message. The connection is over.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A command of this side was refused by its session. Nothing happened; the connection goes on.
    #[error(transparent)]
    Command(#[from] CommandError),
}
