//! The smallest relay: plays a stream from one server and publishes it to another, bytes unchanged.
//!
//! `hello-relay rtmp://FROM/APP/STREAM rtmp://TO/APP/STREAM`

use rtmp_session::tokio::{ClientConnection, Error, connect};
use rtmp_session::{ClientConfig, ClientEvent, RtmpUrl, StreamId};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("usage: hello-relay rtmp://FROM/APP/STREAM rtmp://TO/APP/STREAM".into());
    };
    Ok(relay(&from.parse()?, &to.parse()?).await?)
}

async fn relay(from: &RtmpUrl, to: &RtmpUrl) -> Result<(), Error> {
    let mut source = connect(from, ClientConfig::default()).await?;
    let mut target = connect(to, ClientConfig::default()).await?;
    let played = source.session().play(&from.stream);
    let published = target.session().publish(&to.stream);
    if !started(&mut target).await? {
        return Ok(());
    }
    println!("relaying");
    loop {
        tokio::select! {
            event = target.next_event() => match event? {
                None | Some(ClientEvent::Ended { .. }) => return source.close().await,
                _ => {}
            },
            // What the target does not take stays with the source: back-pressure all the way, no queue between.
            event = source.next_event(), if target.has_room() => match event? {
                Some(ClientEvent::Media { stream, media }) if stream == played => {
                    target.session().send_media(published, &media)?;
                }
                None | Some(ClientEvent::Ended { .. }) => return finish(target, published).await,
                _ => {}
            },
        }
    }
}

async fn started(target: &mut ClientConnection) -> Result<bool, Error> {
    while let Some(event) = target.next_event().await? {
        match event {
            ClientEvent::Started { .. } => return Ok(true),
            ClientEvent::Ended { status, .. } => {
                eprintln!("refused: {status}");
                return Ok(false);
            }
            _ => {}
        }
    }
    Ok(false)
}

async fn finish(mut target: ClientConnection, published: StreamId) -> Result<(), Error> {
    target.session().end_stream(published)?;
    target.close().await
}
