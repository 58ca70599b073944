//! Connections as sinks of media.

use super::Error;
use super::connection::Connection;
use crate::{ClientSession, Media, ServerSession, StreamId};
use ::tokio::io::{AsyncRead, AsyncWrite};
use futures_sink::Sink;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A session that sends media on its streams.
macro_rules! sink_of_media {
    ($session:ty) => {
        /// Media by stream. Ready while the send queue is under its high-water mark, so `forward` and its friends hold
        /// back with the peer. Only [`Connection::next_event`] answers the peer: give the stream of events a turn too.
        impl<IO: AsyncRead + AsyncWrite + Unpin> Sink<(StreamId, Media)> for Connection<$session, IO> {
            type Error = Error;

            fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
                if self.has_room() { Poll::Ready(Ok(())) } else { self.poll_flush_queue(cx) }
            }

            fn start_send(mut self: Pin<&mut Self>, (stream, media): (StreamId, Media)) -> Result<(), Error> {
                Ok(self.session().send_media(stream, &media)?)
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
                self.poll_flush_queue(cx)
            }

            fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
                ready!(self.poll_flush_queue(cx))?;
                self.poll_shutdown(cx)
            }
        }
    };
}

sink_of_media!(ServerSession);
sink_of_media!(ClientSession);
