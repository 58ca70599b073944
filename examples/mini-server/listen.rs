//! Listening sockets.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// Binds all addresses. Of the default ones it is enough that one can be had: not every machine has IPv6.
pub(crate) fn bind(addresses: &[SocketAddr], all: bool) -> Result<Vec<TcpListener>, String> {
    let mut listeners = Vec::new();
    let mut failures = Vec::new();
    for address in addresses {
        match bind_one(*address) {
            Ok(listener) => listeners.push(listener),
            Err(error) => failures.push(format!("cannot listen on {address}: {error}")),
        }
    }
    if listeners.is_empty() || (all && !failures.is_empty()) {
        return Err(failures.join("; "));
    }
    for failure in failures {
        tracing::warn!("{failure}");
    }
    Ok(listeners)
}

fn bind_one(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // Else [::] takes the port for IPv4 too, and 0.0.0.0 cannot be bound beside it.
        socket.set_only_v6(true)?;
    }
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Connections that the kernel completes while we are busy: players come in crowds.
const BACKLOG: i32 = 4096;
