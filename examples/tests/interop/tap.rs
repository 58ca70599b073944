//! A TCP proxy between a client and the server that keeps what goes through, changes nothing, and writes it as pcap.

use crate::client::HANG;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Client,
    Server,
}

/// What one connection carried, in the order of arrival at the proxy.
#[derive(Default)]
pub(crate) struct Recording(Vec<(From, Vec<u8>)>);

impl Recording {
    /// Every byte of one direction.
    pub(crate) fn bytes(&self, from: From) -> Vec<u8> {
        self.0.iter().filter(|(side, _)| *side == from).flat_map(|(_, bytes)| bytes).copied().collect()
    }

    /// Writes the connection as a capture of Ethernet frames, for tshark.
    pub(crate) fn write_pcap(&self, path: &Path) {
        let mut pcap = PCAP_HEADER.to_vec();
        let mut sequence = Sequence { client: 1, server: 1 };
        sequence.write(&mut pcap, From::Client, SYN, &[]);
        sequence.write(&mut pcap, From::Server, SYN | ACK, &[]);
        for (from, bytes) in &self.0 {
            for segment in bytes.chunks(16 * 1024) {
                sequence.write(&mut pcap, *from, ACK, segment);
            }
        }
        sequence.write(&mut pcap, From::Client, FIN | ACK, &[]);
        sequence.write(&mut pcap, From::Server, FIN | ACK, &[]);
        std::fs::write(path, pcap).expect("the work directory is writable");
    }
}

/// Accepts one connection and passes it on to `server`.
pub(crate) struct Tap {
    address: String,
    recording: Arc<Mutex<Recording>>,
    ended: Receiver<()>,
}

impl Tap {
    pub(crate) fn on(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound").to_string();
        let recording = Arc::new(Mutex::new(Recording::default()));
        let (end, ended) = channel();
        std::thread::spawn({
            let (server, recording) = (server.to_owned(), Arc::clone(&recording));
            move || {
                let (client, _) = listener.accept().expect("a client comes");
                let server = TcpStream::connect(server).expect("the server is up");
                pass_on(&client, &server, &recording);
                let _ = end.send(());
            }
        });
        Self { address, recording, ended }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits until one side has said `text`.
    pub(crate) fn wait_for(&self, from: From, text: &str) {
        let end = Instant::now() + HANG;
        let said = || self.lock().bytes(from).windows(text.len()).any(|window| window == text.as_bytes());
        while !said() {
            assert!(Instant::now() < end, "the {from:?} never said {text:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until both sides have closed.
    pub(crate) fn finish(self) -> Recording {
        match self.ended.recv_timeout(HANG) {
            Ok(()) => std::mem::take(&mut *self.lock()),
            Err(RecvTimeoutError::Timeout) => {
                panic!("no client came, or one side did not close: {} pieces went through", self.lock().0.len())
            }
            Err(RecvTimeoutError::Disconnected) => panic!("the proxy has failed"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Recording> {
        self.recording.lock().expect("no panic inside")
    }
}

fn pass_on(client: &TcpStream, server: &TcpStream, recording: &Mutex<Recording>) {
    std::thread::scope(|scope| {
        for (from, mut source, mut sink) in [(From::Client, client, server), (From::Server, server, client)] {
            source.set_nodelay(true).expect("a TCP socket");
            scope.spawn(move || {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(count @ 1..) = source.read(&mut buffer) {
                    recording.lock().expect("no panic inside").0.push((from, buffer[..count].to_vec()));
                    if sink.write_all(&buffer[..count]).is_err() {
                        break;
                    }
                }
                let _ = sink.shutdown(Shutdown::Write);
            });
        }
    });
}

/// The port under which the server stands in the capture.
pub(crate) const SERVER_PORT: u16 = 1935;
const CLIENT_PORT: u16 = 40000;
const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
/// Little-endian, version 2.4, microseconds, 256 KiB snapshots, Ethernet.
const PCAP_HEADER: [u8; 24] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];

struct Sequence {
    client: u32,
    server: u32,
}

impl Sequence {
    fn write(&mut self, pcap: &mut Vec<u8>, from: From, flags: u8, payload: &[u8]) {
        let (seq, ack, ports, addresses) = match from {
            From::Client => (self.client, self.server, [CLIENT_PORT, SERVER_PORT], [1, 2]),
            From::Server => (self.server, self.client, [SERVER_PORT, CLIENT_PORT], [2, 1]),
        };
        let mut frame = vec![2, 0, 0, 0, 0, addresses[1], 2, 0, 0, 0, 0, addresses[0], 0x08, 0x00];
        let total = u16::try_from(40 + payload.len()).expect("segments are short");
        frame.extend([0x45, 0]);
        frame.extend(total.to_be_bytes());
        frame.extend([0, 0, 0x40, 0, 64, 6, 0, 0]); // checksums stay 0: tshark does not verify them by default
        frame.extend([10, 0, 0, addresses[0], 10, 0, 0, addresses[1]]);
        frame.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
        frame.extend(seq.to_be_bytes());
        frame.extend(ack.to_be_bytes());
        frame.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        frame.extend(payload);

        let length = u32::try_from(frame.len()).expect("segments are short").to_le_bytes();
        let time = u32::try_from(pcap.len()).expect("recordings are short").to_le_bytes(); // any rising number
        pcap.extend([[0; 4], time, length, length].concat());
        pcap.extend(frame);
        let next = seq.wrapping_add(payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0));
        match from {
            From::Client => self.client = next,
            From::Server => self.server = next,
        }
    }
}
