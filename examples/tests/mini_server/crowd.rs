//! A crowd of hostile connections: with its defaults the server takes little memory for them, and serves on.
//!
//! `RTMP_CROWD=10000 cargo test --release -p rtmp-examples --test mini_server crowd:: -- --nocapture` opens ten thousand, or
//! as many as the limit of open files allows, and prints the peak.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::client::Client;
use crate::healthy::Healthy;
use crate::media::video;
use crate::process::Server;
use crate::villains::{PUBLISHERS, STRANGERS, Villain};

/// What a stranger may cost, in KiB: the table of docs/security.md.
const PER_STRANGER: u64 = 54;
/// `--media-memory`, in KiB.
const MEDIA: u64 = 256 << 10;
/// What is not counted yet, and what the allocator keeps of what was freed, in KiB.
const SLACK: u64 = 192 << 10;
/// What the server takes with nobody there, and what its healthy clients take, in KiB.
const BASE: u64 = 48 << 10;
/// The promise for ten thousand.
const GIBIBYTE: u64 = 1 << 20;

fn crowd_size() -> usize {
    std::env::var("RTMP_CROWD").ok().and_then(|count| count.parse().ok()).unwrap_or(1000)
}

/// Opens a connection that has said its piece, unless the limit of open files is reached: it is the machine's.
fn open(server: &Server, villain: &Villain, number: usize, patience: Duration) -> Option<TcpStream> {
    let mut socket = TcpStream::connect(server.address()).ok()?;
    socket.set_write_timeout(Some(patience)).expect("a TCP socket");
    // The server may have had enough of it in the middle of what it says, or not read on.
    let _ = socket.write_all(&(villain.says)(number));
    Some(socket)
}

/// Whether the server has not closed it; what it has said does not matter.
fn is_open(socket: &mut TcpStream) -> bool {
    socket.set_nonblocking(true).expect("a TCP socket");
    let mut scratch = [0; 16 << 10];
    loop {
        match socket.read(&mut scratch) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
}

/// Memory when it does not change any more: all that was said is taken in.
fn settled(server: &Server) -> Option<u64> {
    let (mut memory, mut same) = (server.memory()?, 0);
    while same < 5 {
        std::thread::sleep(Duration::from_millis(50));
        let now = server.memory()?;
        same = if now == memory { same + 1 } else { 0 };
        memory = now;
    }
    Some(memory)
}

/// All who should be there are.
fn expect_those_that_stay(crowd: &mut [(&Villain, TcpStream)]) {
    for (villain, socket) in crowd.iter_mut().filter(|(villain, _)| villain.stays) {
        assert!(is_open(socket), "the one that {} was closed: it costs nothing any more", villain.what);
    }
}

#[test]
fn hostile_connections_cost_little_and_healthy_ones_are_served() {
    let server = Server::start_quietly(&[]);
    let mut healthy = Healthy::start(&server);
    let mut crowd = Vec::new();
    for number in 0..PUBLISHERS.len() * 40 {
        let villain = &PUBLISHERS[number % PUBLISHERS.len()];
        crowd.extend(open(&server, villain, number, Duration::from_millis(200)).map(|socket| (villain, socket)));
    }
    let filled = server.memory();
    // The costly ones; what each kind costs is measured below.
    let strangers: Vec<_> = STRANGERS.iter().filter(|villain| villain.stays).collect();
    for number in crowd.len()..crowd_size() {
        let villain = strangers[number % strangers.len()];
        let Some(socket) = open(&server, villain, number, Duration::from_secs(5)) else { break };
        crowd.push((villain, socket));
    }
    healthy.plays_on();
    let (count, now) = (crowd.len() as u64, settled(&server));
    assert!(count > 500, "only {count} connections could be opened");
    let (Some(peak), Some(now), Some(filled)) = (server.peak(), now, filled) else { return };
    expect_those_that_stay(&mut crowd);
    println!("{count} hostile connections: {now} KiB, a peak of {peak} KiB; publishers alone {filled} KiB");
    assert!(filled > MEDIA / 2, "{filled} KiB: they have not filled what they may");
    let most = BASE + MEDIA + SLACK + PER_STRANGER * count;
    assert!(peak <= most, "a peak of {peak} KiB with {count} connections, more than {most}");
    assert!(count > 10_000 || peak <= GIBIBYTE, "a peak of {peak} KiB with {count} connections");
}

/// What each of so many of one kind costs, in KiB, while all who should be are there.
fn cost_of(villain: &Villain, count: usize) -> Option<f64> {
    let server = Server::start_quietly(&[]);
    let before = server.memory();
    let mut crowd: Vec<_> =
        (0..count).filter_map(|number| open(&server, villain, number, Duration::from_secs(5))).collect();
    // Behind all of them: what they have said is taken in.
    drop(Client::play(&server.url("behind")));
    let now = settled(&server);
    if villain.stays {
        let open = crowd.iter_mut().map(is_open).filter(|open| *open).count();
        assert_eq!(open, count, "of those that {} are open", villain.what);
    }
    let each = (now? - before?) as f64 / crowd.len() as f64;
    println!("{each:5.1} KiB each: {}", villain.what);
    Some(each)
}

#[test]
fn strangers_alone_cost_what_the_table_says() {
    for villain in &STRANGERS {
        let Some(each) = cost_of(villain, 500) else { return };
        assert!(each < PER_STRANGER as f64, "{each} KiB for one that {}", villain.what);
    }
}

#[test]
fn publishers_that_announce_and_send_little_hold_what_is_reserved() {
    let announces = Villain { stays: true, ..PUBLISHERS[0] };
    let Some(each) = cost_of(&announces, 300) else { return };
    assert!(each < 300.0, "{each} KiB for one that {}", announces.what);
}

#[test]
fn publishers_beyond_the_limit_are_told() {
    let server = Server::start(&["--max-publishers", "3"]);
    let _three = ["a", "b", "c"].map(|name| Client::publish(&server.url(name)));
    let mut fourth = Client::ask_to_publish(&server.url("d"));
    fourth.wait_for_status("NetStream.Publish.Rejected");
    fourth.wait_for_close();
}

#[test]
fn hundreds_of_publishers_and_one_of_the_longest_frames_fit() {
    let server = Server::start_quietly(&[]);
    let mut healthy = Healthy::start(&server);
    let mut publishers: Vec<_> = (0..300).map(|number| Client::publish(&server.url(&format!("p{number}")))).collect();
    for publisher in &mut publishers {
        publisher.send_all(&[video(0, 1, 200_000), video(1, 2, 20_000)]);
    }
    let mut player = Client::play(&server.url("longest"));
    let mut publisher = Client::publish(&server.url("longest"));
    let longest = video(0, 1, 8 << 20);
    publisher.send(&longest);
    assert!(player.take(1) == [longest], "the frame arrives as it was sent");
    healthy.plays_on();
}
