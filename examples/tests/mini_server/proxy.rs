//! The proxy in front of a mini-server: clients cannot tell.

use crate::patience::Watch;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::client::Client;
use crate::media::stream;
use crate::process::Server;

#[test]
fn clients_are_served_through_the_proxy() {
    let server = Server::start(&[]);
    let mut proxy = Command::new(env!("CARGO_BIN_EXE_proxy"))
        .args(["--listen", "127.0.0.1:0", &server.address().to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it was built");
    let watch = Watch::over(&proxy);
    let mut line = String::new();
    BufReader::new(proxy.stdout.take().expect("it is piped")).read_line(&mut line).expect("it says where it listens");
    drop(watch);
    let address = line.trim().strip_prefix("listening on ").expect("the promised line");
    let url = format!("{address}/live/a");

    let mut player = Client::play(&url);
    let mut publisher = Client::publish(&url);
    let sent = stream(50, 25);
    publisher.send_all(&sent);
    assert_eq!(player.take(sent.len()), sent);

    proxy.kill().expect("it still runs");
    proxy.wait().expect("it ends");
}
