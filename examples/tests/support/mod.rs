//! A mini-server to attack, and healthy clients that must not notice.
#![allow(dead_code, reason = "each test program uses a part of it")]

use bytes::{Buf, Bytes};
use rtmp_session::{ClientConfig, ClientEvent, ClientSession, Media, RtmpUrl};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A healthy publisher and a healthy player: what one sends the other gets.
pub(crate) fn serves(address: SocketAddr) {
    let url: RtmpUrl = format!("rtmp://{address}/live/healthy").parse().expect("a good URL");
    let (mut publisher, mut player) = (Client::new(address, &url), Client::new(address, &url));
    let (sending, _receiving) = (publisher.session.publish("healthy"), player.session.play("healthy"));
    publisher.until(|event| matches!(event, ClientEvent::Started { .. }));
    player.until(|event| matches!(event, ClientEvent::Started { .. }));
    let frame = Media::audio(0, Bytes::from_static(b"\xaf\x01healthy"));
    publisher.session.send_media(sending, &frame).expect("it publishes");
    publisher.write();
    player.until(|event| matches!(event, ClientEvent::Media { media, .. } if media.payload == frame.payload));
}

pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    pub(crate) session: ClientSession,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, url: &RtmpUrl) -> Self {
        let socket = TcpStream::connect(address).expect("the server takes one more");
        socket.set_read_timeout(Some(Duration::from_secs(60))).expect("a TCP socket");
        Self { socket, session: ClientSession::new(ClientConfig::default(), url, Instant::now()) }
    }

    /// Takes events until `is_it` says so, and returns that one.
    pub(crate) fn until(&mut self, is_it: impl Fn(&ClientEvent) -> bool) -> ClientEvent {
        loop {
            while let Some(event) = self.session.poll_event().expect("the server is well-behaved") {
                if is_it(&event) {
                    return event;
                }
            }
            self.write();
            assert!(self.session.read_from(&mut self.socket).expect("the server answers") > 0, "the server hung up");
        }
    }

    pub(crate) fn write(&mut self) {
        while self.session.send_queue().has_remaining() {
            self.session.write_to(&mut self.socket).expect("the server reads");
        }
    }
}

pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mini-server"));
        command.args(["--listen", "127.0.0.1:0"]).env("RUST_LOG", "off").stdout(Stdio::piped());
        let mut process = command.spawn().expect("it was built");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut line).expect("it speaks");
        let address = line.trim().trim_start_matches("listening on rtmp://").parse().expect("an address");
        Self { process, address }
    }

    /// The most memory the server ever had resident, in bytes.
    pub(crate) fn peak(&self) -> usize {
        self.status("VmHWM:") << 10
    }

    /// The memory the server has resident now, in bytes.
    pub(crate) fn resident(&self) -> usize {
        self.status("VmRSS:") << 10
    }

    /// Threads of the server.
    pub(crate) fn threads(&self) -> usize {
        self.status("Threads:")
    }

    /// Sockets and files the server holds open.
    pub(crate) fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.process.id())).expect("it runs").count()
    }

    /// A number from what Linux says about the process.
    fn status(&self, name: &str) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("Linux tells");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
