//! How the server goes down.

use crate::patience;
use rtmp_session::flv::{FileScan, FlvLimits};

use crate::client::Client;
use crate::media::stream;
use crate::process::Server;

#[test]
fn players_are_told_and_recordings_are_finished() {
    for signal in ["TERM", "INT", "HUP"] {
        let directory = tempfile::tempdir().unwrap();
        let mut server = Server::start(&["--record", directory.path().to_str().unwrap()]);
        let mut publisher = Client::publish(&server.url("a"));
        let mut player = Client::play(&server.url("a"));
        let sent = stream(50, 25);
        publisher.send_all(&sent);
        player.take_until(|media| media == sent.last().unwrap());
        server.signal(signal);
        player.wait_for_status("NetStream.Play.UnpublishNotify");
        player.wait_for_close();
        drop((player, publisher));
        assert!(server.end(), "it ends well on SIG{signal}");
        let file = std::fs::read_dir(directory.path()).unwrap().next().expect("a recording").unwrap().path();
        let mut scan = FileScan::new(FlvLimits::default());
        let mut bytes = bytes::BytesMut::from(&std::fs::read(&file).unwrap()[..]);
        scan.feed(&mut bytes).unwrap();
        let metadata = scan.finish(&mut bytes).unwrap().metadata.expect("an opening");
        assert_eq!(metadata.file_size(), Some(file.metadata().unwrap().len() as f64));
        assert_eq!(metadata.keyframes().unwrap().len(), 2);
    }
}

/// As `nohup` starts it.
#[cfg(target_os = "linux")]
#[test]
fn a_hang_up_that_is_to_be_ignored_is_ignored() {
    let mut server = Server::start_by(&["env", "--ignore-signal=HUP"], &[], "info");
    server.signal("HUP");
    Client::publish(&server.url("a")).end();
    server.signal("TERM");
    assert!(server.end(), "it ends well");
    server.wait_for_log("SIGTERM: stopping");
    assert!(!server.log().contains("SIGHUP"), "{}", server.log());
}

#[test]
fn a_port_in_use_is_said_and_ends_the_server() {
    let server = Server::start(&[]);
    let mut second = std::process::Command::new(env!("CARGO_BIN_EXE_mini-server"));
    let second = patience::output(second.args(["--listen", &server.address().to_string()])).unwrap();
    assert!(!second.status.success());
    let log = String::from_utf8_lossy(&second.stderr);
    assert!(log.contains(&format!("cannot listen on {}", server.address())), "{log}");
}
