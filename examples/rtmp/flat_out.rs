//! Publishing as fast as the server takes it: nothing is left out, nothing is waited for.

use crate::dial::{Client, Dialer};
use crate::failure::{Exit, Failure, Step};
use crate::file_source::FileSource;
use crate::progress::Line;
use crate::target::Target;
use rtmp_session::{ClientEvent, Media, StreamId};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Reads the source on a thread of its own and sends all of it. Each target reads for itself, so each has its own speed.
pub(crate) async fn publish(
    mut source: FileSource,
    target: Target,
    dialer: Arc<Dialer>,
    line: Line,
) -> Result<(), Failure> {
    let mut client = dialer.dial(&target).await?;
    let stream = client.session().publish(&target.url.stream);
    let (sender, mut media) = mpsc::channel(64);
    let reader = tokio::task::spawn_blocking(move || {
        while let Some(media) = source.next()? {
            if sender.blocking_send(media).is_err() {
                break; // the connection is over
            }
        }
        Ok(())
    });
    let sent = send(&mut client, stream, &mut media, &target, &line).await;
    drop(media);
    let read = reader.await.unwrap_or_else(|error| Err(Failure::arguments(error)));
    sent.and(read)?;
    let _ = client.session().end_stream(stream);
    client.close().await.map_err(|error| failure(&target, &error.to_string()))?;
    line.state("done");
    Ok(())
}

async fn send(
    client: &mut Client,
    stream: StreamId,
    media: &mut mpsc::Receiver<Media>,
    target: &Target,
    line: &Line,
) -> Result<(), Failure> {
    let mut live = false;
    loop {
        let room = live && client.has_room();
        tokio::select! {
            event = client.next_event() => match event {
                Ok(Some(ClientEvent::Started { .. })) => {
                    live = true;
                    line.state("live");
                }
                Ok(Some(ClientEvent::Ended { status, .. })) => {
                    let text = target.secrets.hide(&format!("{}: {}", status.code, status.description));
                    return Err(Failure::new(Step::Publish, target.place(), text)
                        .hint("somebody else may publish under this name; else check the stream name or key"));
                }
                Ok(Some(_)) => {}
                Ok(None) => return Err(failure(target, "the server closed the connection")),
                Err(error) => return Err(failure(target, &error.to_string())),
            },
            next = media.recv(), if room => match next {
                Some(next) => {
                    client.session().send_media(stream, &next).map_err(|error| failure(target, &error.to_string()))?;
                    line.media(next.timestamp.into(), next.payload.len());
                }
                None => return Ok(()),
            },
        }
    }
}

fn failure(target: &Target, cause: &str) -> Failure {
    Failure::new(Step::Media, target.place(), target.secrets.hide(cause)).exit(Exit::Incomplete)
}
