//! `proxy`: takes RTMP connections on one address and carries each to another server, message by message.
//!
//! Commands, media, data and shared objects pass with their bytes unchanged, so the server behind sees what the client
//! said: its connect object, capabilities and token. What belongs to one hop stays on it: handshakes, chunk sizes,
//! acknowledgements, windows and pings. One line is logged for each command, without the arguments (stream names
//! are often keys).
//!
//! `cargo run --bin proxy -- --listen 127.0.0.1:1936 127.0.0.1:1935`

mod forward;

use std::net::SocketAddr;

use clap::Parser;
use forward::carry;
use rtmp_session::tokio::Connection;
use rtmp_session::{Link, LinkConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// Carries RTMP connections to another server, message by message.
#[derive(Debug, Parser)]
#[command(name = "proxy", version)]
struct Args {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:1936")]
    listen: SocketAddr,
    /// The server behind, HOST:PORT
    upstream: String,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_target(false).init();
    let listener = TcpListener::bind(args.listen).await?;
    println!("listening on rtmp://{}", listener.local_addr()?);
    loop {
        match listener.accept().await {
            Ok((client, peer)) => drop(tokio::spawn(serve(client, peer, args.upstream.clone()))),
            Err(error) => {
                // Out of descriptors, most likely: those in use come back with time.
                tracing::warn!("cannot accept: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(client: TcpStream, peer: SocketAddr, upstream: String) {
    let server = match TcpStream::connect(&upstream).await {
        Ok(server) => server,
        Err(error) => return tracing::warn!(%peer, "cannot reach {upstream}: {error}"),
    };
    // Without it, small answers wait for the other side's delayed acknowledgement.
    for socket in [&client, &server] {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%peer, "TCP_NODELAY: {error}");
        }
    }
    let now = Instant::now().into_std();
    let client = Connection::new(Link::server(LinkConfig::default(), now), client);
    let server = Connection::new(Link::client(LinkConfig::default(), now), server);
    match carry(peer, client, server).await {
        Ok(()) => tracing::info!(%peer, "closed"),
        Err(error) => tracing::info!(%peer, "closed: {error}"),
    }
}
