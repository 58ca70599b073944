//! The smallest server without a runtime: prints what is published to the stream `secret`.
//!
//! `hello-server [ADDR:PORT]`, then `ffmpeg -re -i FILE -c copy -f flv rtmp://127.0.0.1/live/secret`

use rtmp_session::{ServerConfig, ServerEvent, ServerSession};
use std::error::Error;
use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:1935".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on rtmp://{}", listener.local_addr()?);
    for socket in listener.incoming() {
        let Ok(socket) = socket.inspect_err(|error| eprintln!("accept: {error}")) else {
            std::thread::sleep(Duration::from_millis(100)); // most likely out of file descriptors: some connection may end
            continue;
        };
        std::thread::spawn(move || {
            let peer = socket.peer_addr();
            if let Err(error) = serve(socket) {
                eprintln!("{peer:?}: {error}");
            }
        });
    }
    Ok(())
}

fn serve(mut socket: TcpStream) -> Result<(), Box<dyn Error>> {
    let mut session = ServerSession::new(ServerConfig::default(), Instant::now());
    socket.set_read_timeout(Some(Duration::from_secs(1)))?; // so that the session is told the time
    socket.set_write_timeout(Some(Duration::from_secs(10)))?;
    loop {
        while let Some(event) = session.poll_event()? {
            match event {
                ServerEvent::Connect(request) => session.accept_connect(request)?,
                ServerEvent::Publish(request) if request.name == "secret" => session.accept_publish(request)?,
                ServerEvent::Publish(request) => session.reject(request, "unknown stream key")?,
                ServerEvent::Media { media, .. } => {
                    println!("{:?} {} ms, {} bytes", media.kind, media.timestamp, media.payload.len());
                }
                ServerEvent::Ended { .. } => return Ok(session.write_to(&mut socket).map(drop)?),
                _ => {} // anything else is refused or ignored
            }
        }
        session.write_to(&mut socket)?;
        match session.read_from(&mut socket) {
            Ok(0) => return Ok(()),
            Err(error) if !matches!(error.kind(), WouldBlock | TimedOut) => return Err(error.into()),
            _ => session.handle_timeout(Instant::now())?,
        }
    }
}
