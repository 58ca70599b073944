//! Publishing as fast as the server takes it: nothing is left out, nothing is waited for.

use crate::codec_check::{self, CodecCheck};
use crate::dial::{Client, Dialer};
use crate::failure::{Exit, Failure, Step};
use crate::file_source::FileSource;
use crate::progress::{Line, Progress};
use crate::target::Target;
use rtmp_session::{ClientEvent, Media, StreamId};
use tokio::sync::mpsc;

/// Publishing to one server.
pub(crate) struct FlatOut {
    pub(crate) target: Target,
    pub(crate) line: Line,
    pub(crate) progress: Progress,
    /// Send no codec that the server does not list.
    pub(crate) strict: bool,
}

impl FlatOut {
    /// Reads the source on a thread of its own and sends all of it. Each target reads for itself, so each has its own speed.
    pub(crate) async fn publish(&self, mut source: FileSource, dialer: &Dialer) -> Result<(), Failure> {
        let mut client = dialer.dial(&self.target).await?;
        let stream = client.session().publish(&self.target.url.stream);
        let (sender, mut media) = mpsc::channel(64);
        let reader = tokio::task::spawn_blocking(move || {
            while let Some(media) = source.next()? {
                if sender.blocking_send(media).is_err() {
                    break; // the connection is over
                }
            }
            Ok(())
        });
        let sent = self.send(&mut client, stream, &mut media).await;
        drop(media);
        let read = reader.await.unwrap_or_else(|error| Err(Failure::arguments(error)));
        sent.and(read)?;
        let _ = client.session().end_stream(stream);
        client.close().await.map_err(|error| self.failure(&error.to_string()))?;
        self.line.state("done");
        Ok(())
    }

    async fn send(
        &self,
        client: &mut Client,
        stream: StreamId,
        media: &mut mpsc::Receiver<Media>,
    ) -> Result<(), Failure> {
        let mut live = false;
        let mut codecs = CodecCheck::default();
        loop {
            let room = live && client.has_room();
            tokio::select! {
                event = client.next_event() => match event {
                    Ok(Some(ClientEvent::Started { .. })) => {
                        live = true;
                        self.line.state("live");
                    }
                    Ok(Some(ClientEvent::Ended { status, .. })) => {
                        let text = self.target.secrets.hide(&format!("{}: {}", status.code, status.description));
                        return Err(Failure::new(Step::Publish, self.target.place(), text)
                            .hint("somebody else may publish under this name; else check the stream name or key"));
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return Err(self.failure("the server closed the connection")),
                    Err(error) => return Err(self.failure(&error.to_string())),
                },
                next = media.recv(), if room => match next {
                    Some(next) => {
                        match codecs.check(&next, client.session().capabilities()) {
                            Ok(()) => {}
                            Err(error) if self.strict => return Err(codec_check::refusal(error, &self.target)),
                            Err(error) => self.progress.note(codec_check::warning(error, &self.target)),
                        }
                        let sent = client.session().send_media(stream, &next);
                        sent.map_err(|error| self.failure(&error.to_string()))?;
                        self.line.media(next.timestamp.into(), next.payload.len());
                    }
                    None => return Ok(()),
                },
            }
        }
    }

    fn failure(&self, cause: &str) -> Failure {
        Failure::new(Step::Media, self.target.place(), self.target.secrets.hide(cause)).exit(Exit::Incomplete)
    }
}
