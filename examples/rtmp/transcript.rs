//! `--trace`: the decoded conversation of every connection in one file.

use crate::conversation::{Item, Reader, describe, type_name};
use crate::failure::Failure;
use crate::secrets::Secrets;
use std::fs::File;
use std::io::{self, BufWriter, IoSlice, Write};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The file, shared by all connections of a run. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Transcript(Arc<Shared>);

struct Shared {
    out: Mutex<Box<dyn Write + Send>>,
    begin: Instant,
}

impl Transcript {
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| Failure::file(path.display(), error))?;
        Ok(Self::to(BufWriter::new(file)))
    }

    pub(crate) fn to_stdout() -> Self {
        Self::to(io::stdout())
    }

    fn to(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Shared { out: Mutex::new(Box::new(out)), begin: Instant::now() }))
    }

    /// A remark about a connection.
    pub(crate) fn note(&self, name: &str, text: &str) {
        self.line(name, "--", text);
    }

    /// Begins a connection; `name` must be fit to print.
    pub(crate) fn connection(&self, name: impl Into<String>, secrets: Secrets) -> Tap {
        Tap { transcript: self.clone(), name: name.into(), secrets, sent: Reader::new(), received: Reader::new() }
    }

    fn line(&self, name: &str, arrow: &str, text: &str) {
        let seconds = self.0.begin.elapsed().as_secs_f64();
        let mut out = self.0.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not end the stream that is being traced.
        let _ = writeln!(out, "{seconds:10.3} {name} {arrow} {text}").and_then(|()| out.flush());
    }
}

/// Listens to both directions of one connection.
pub(crate) struct Tap {
    transcript: Transcript,
    name: String,
    secrets: Secrets,
    sent: Reader,
    received: Reader,
}

impl Tap {
    fn sent(&mut self, bytes: &[u8]) {
        self.sent.push(bytes);
        write_out(&self.transcript, &self.name, "->", &mut self.sent, &mut self.secrets);
    }

    fn received(&mut self, bytes: &[u8]) {
        self.received.push(bytes);
        write_out(&self.transcript, &self.name, "<-", &mut self.received, &mut self.secrets);
    }
}

fn write_out(transcript: &Transcript, name: &str, arrow: &str, reader: &mut Reader, secrets: &mut Secrets) {
    loop {
        match reader.next() {
            Ok(Some(Item::Handshake { version })) => {
                transcript.line(name, arrow, &format!("handshake version {version}"))
            }
            Ok(Some(Item::Message(message))) => {
                let text = describe(&message, secrets);
                transcript.line(
                    name,
                    arrow,
                    &format!(
                        "cs {} ms {} at {} ms, {} bytes: {} {text}",
                        message.chunk_stream.get(),
                        message.stream_id,
                        message.timestamp,
                        message.payload.len(),
                        type_name(message.kind)
                    ),
                );
            }
            Ok(None) => return,
            Err(error) => return transcript.line(name, arrow, &format!("cannot be read on: {error}")),
        }
    }
}

/// A byte stream whose conversation may be traced.
pub(crate) struct Traced<IO> {
    pub(crate) io: IO,
    pub(crate) tap: Option<Tap>,
}

impl<IO: AsyncRead + Unpin> AsyncRead for Traced<IO> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let result = Pin::new(&mut this.io).poll_read(cx, buf);
        if let Some(tap) = &mut this.tap {
            tap.received(&buf.filled()[before..]);
        }
        result
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Traced<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let result = Pin::new(&mut this.io).poll_write(cx, bytes);
        if let (Some(tap), Poll::Ready(Ok(written))) = (&mut this.tap, &result) {
            tap.sent(&bytes[..*written]);
        }
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let result = Pin::new(&mut this.io).poll_write_vectored(cx, pieces);
        if let (Some(tap), Poll::Ready(Ok(written))) = (&mut this.tap, &result) {
            let mut left = *written;
            for piece in pieces {
                let part = left.min(piece.len());
                tap.sent(&piece[..part]);
                left -= part;
            }
        }
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
