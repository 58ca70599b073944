//! The proxy in front of a mini-server: clients cannot tell.

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn clients_are_served_through_the_proxy() {
    let server = support::Server::start();
    let mut proxy = Command::new(env!("CARGO_BIN_EXE_proxy"))
        .args(["--listen", "127.0.0.1:0", &server.address.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it was built");
    let mut line = String::new();
    BufReader::new(proxy.stdout.take().expect("piped")).read_line(&mut line).expect("it speaks");
    let address = line.trim().trim_start_matches("listening on rtmp://").parse().expect("an address");

    support::serves(address);

    proxy.kill().expect("it still runs");
    proxy.wait().expect("it ends");
}
