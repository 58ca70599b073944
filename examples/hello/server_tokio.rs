//! The smallest server with tokio: any number of publishers, any number of players each.
//!
//! `hello-server-tokio [ADDR:PORT]`, then publish and play `rtmp://127.0.0.1/live/NAME`

use rtmp_session::tokio::live::{Hub, Ready, Subscription};
use rtmp_session::tokio::{Error, Listener, ServerConnection};
use rtmp_session::{ServerConfig, ServerEvent, StreamId};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::sleep;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:1935".into());
    let listener = Listener::bind(address, ServerConfig::default()).await?;
    println!("listening on rtmp://{}", listener.local_addr()?);
    let hub = Hub::default();
    loop {
        let (conn, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                eprintln!("accept: {error}"); // most likely out of file descriptors, until some connection ends
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let hub = hub.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(conn, hub).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn serve(mut conn: ServerConnection, hub: Hub) -> Result<(), Error> {
    let mut publishers = HashMap::new();
    while let Some(event) = conn.next_event().await? {
        match event {
            ServerEvent::Connect(request) => conn.session().accept_connect(request)?,
            ServerEvent::Publish(request) => match hub.publish(&request.name) {
                Ok(p) => {
                    publishers.insert(request.stream, p);
                    conn.session().accept_publish(request)?;
                }
                Err(busy) => conn.session().reject(request, &busy.to_string())?,
            },
            ServerEvent::Media { stream, media } => {
                if let Some(p) = publishers.get_mut(&stream) {
                    p.push(media);
                }
            }
            ServerEvent::Ended { stream } => drop(publishers.remove(&stream)),
            ServerEvent::Play(request) => {
                let (stream, feed) = (request.stream, hub.subscribe(&request.name));
                conn.session().accept_play(request)?;
                return play(conn, stream, feed).await;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn play(mut conn: ServerConnection, stream: StreamId, mut feed: Subscription) -> Result<(), Error> {
    loop {
        tokio::select! {
            event = conn.next_event() => match event? {
                None | Some(ServerEvent::Ended { .. }) => return Ok(()),
                _ => {}
            },
            ready = feed.ready(), if conn.has_room() => {
                if ready == Ready::Ended {
                    conn.session().end_stream(stream, "publisher left")?;
                    return conn.close().await;
                }
                while let Some(media) = feed.try_next() {
                    conn.session().send_media(stream, &media)?;
                    if !conn.has_room() {
                        break;
                    }
                }
            }
        }
    }
}
