//! A pipe between a client and the server that carries every byte, but not as it was sent: late, and in pieces of its own.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::{sleep, spawn};
use std::time::Duration;

/// How bytes go on.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// One at a time.
    Bytewise,
    /// In pieces of all lengths up to this, each after a delay of up to 2 ms.
    Delayed(usize),
}

/// Where to connect instead of to the server. It carries any number of connections, for as long as the test runs.
pub(crate) fn pipe(server: SocketAddr, pace: Pace) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(server) else { return };
            let (client_too, server_too) =
                (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
            spawn(move || carry(client, server, pace));
            spawn(move || carry(server_too, client_too, pace));
        }
    });
    address
}

fn carry(mut from: TcpStream, mut to: TcpStream, pace: Pace) {
    let _ = to.set_nodelay(true);
    let mut random = fastrand::Rng::with_seed(7);
    let mut buffer = [0; 16 << 10];
    loop {
        let most = match pace {
            Pace::Bytewise => 1,
            Pace::Delayed(most) => random.usize(1..=most.min(buffer.len())),
        };
        let Ok(count @ 1..) = from.read(&mut buffer[..most]) else { break };
        if let Pace::Delayed(_) = pace {
            sleep(Duration::from_micros(random.u64(0..2000)));
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // What one side has ended is ended for the other, and only that.
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
