//! Connections through proxies, small ones made here.

use crate::run::{Background, clip_name, rtmp};
use crate::server::Server;
use crate::swf;
use crate::web::Web;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A proxy for one connection after another.
struct Proxy {
    address: String,
    /// Where it was asked to connect to.
    asked: Arc<Mutex<Vec<String>>>,
}

/// `greet` speaks its protocol and tells where to.
fn proxy(greet: fn(&mut TcpStream) -> Option<String>) -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::default();
    let places: Arc<Mutex<Vec<String>>> = Arc::clone(&asked);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let Some(to) = greet(&mut client) else { continue };
            places.lock().unwrap().push(to.clone());
            let server = TcpStream::connect(to).unwrap();
            let (mut from_client, mut to_client) = (client.try_clone().unwrap(), client);
            let (mut from_server, mut to_server) = (server.try_clone().unwrap(), server);
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from_client, &mut to_server);
                let _ = to_server.shutdown(std::net::Shutdown::Write);
            });
            std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
        }
    });
    Proxy { address, asked }
}

impl Proxy {
    /// With a scheme, and a login where it asks for one.
    fn url(&self, before: &str) -> String {
        format!("{before}{}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn take<const N: usize>(socket: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    socket.read_exact(&mut bytes).unwrap();
    bytes
}

fn until(socket: &mut TcpStream, end: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        bytes.extend(take::<1>(socket));
    }
    bytes
}

fn socks5(socket: &mut TcpStream) -> Option<String> {
    let methods = take::<4>(socket);
    assert!(matches!(methods, [5, 2, 0, 2] | [5, 2, 2, 0]), "{methods:?}");
    socket.write_all(&[5, 2]).unwrap();
    let [1, length] = take::<2>(socket) else { panic!() };
    let mut login = vec![0; usize::from(length)];
    socket.read_exact(&mut login).unwrap();
    let [length] = take::<1>(socket);
    let mut password = vec![0; usize::from(length)];
    socket.read_exact(&mut password).unwrap();
    if (&login[..], &password[..]) != (b"me", b"pw") {
        socket.write_all(&[1, 1]).unwrap();
        return None;
    }
    socket.write_all(&[1, 0]).unwrap();
    let [5, 1, 0, 3, length] = take::<5>(socket) else { panic!() };
    let mut host = vec![0; usize::from(length)];
    socket.read_exact(&mut host).unwrap();
    let port = u16::from_be_bytes(take(socket));
    socket.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).unwrap();
    Some(format!("{}:{port}", String::from_utf8(host).unwrap()))
}

fn socks4(socket: &mut TcpStream) -> Option<String> {
    let [4, 1, high, low, 0, 0, 0, 1, 0] = take::<9>(socket) else { panic!() };
    let host = until(socket, &[0]);
    socket.write_all(&[0, 90, 0, 0, 0, 0, 0, 0]).unwrap();
    let host = String::from_utf8(host[..host.len() - 1].to_vec()).unwrap();
    Some(format!("{host}:{}", u16::from_be_bytes([high, low])))
}

fn http(socket: &mut TcpStream) -> Option<String> {
    let request = String::from_utf8(until(socket, b"\r\n\r\n")).unwrap();
    if !request.lines().any(is_the_login) {
        socket.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").unwrap();
        return None;
    }
    socket.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n").unwrap();
    request.strip_prefix("CONNECT ")?.split(' ').next().map(str::to_owned)
}

/// Names of headers and schemes may be written in any case.
fn is_the_login(line: &str) -> bool {
    let Some((name, value)) = line.split_once(": ") else { return false };
    let Some((scheme, login)) = value.split_once(' ') else { return false };
    name.eq_ignore_ascii_case("proxy-authorization") && scheme.eq_ignore_ascii_case("basic") && login == "bWU6cHc="
}

#[test]
fn every_kind_of_proxy_carries_a_connection() {
    let server = Server::serve(&[]);
    let call = |proxy: &str| rtmp(["call", &server.url("live"), "echo", "1", "--proxy", proxy]);
    let (five, four, web) = (proxy(socks5), proxy(socks4), proxy(http));
    assert_eq!(call(&five.url("socks5://me:pw@")).ok(), "null\n1\n");
    assert_eq!(call(&four.url("socks4://")).ok(), "null\n1\n");
    assert_eq!(call(&web.url("http://me:pw@")).ok(), "null\n1\n");
    let run = call(&five.url("socks5://me:secretpw@")).expect(3);
    assert!(run.stderr().contains("wrong") && !run.stderr().contains("secretpw"), "{}", run.stderr());
    let run = call(&web.url("http://")).expect(3);
    assert!(run.stderr().contains("USER:PASSWORD"), "{}", run.stderr());
    call("http://127.0.0.1:1").expect(3);
}

#[test]
fn the_player_file_is_fetched_through_the_proxy_too() {
    let mut server = Server::serve(&[]);
    let url = server.url("live/x");
    let _publish = Background::start(["-q", "publish", "--loop", &clip_name("h264-aac.flv"), &url]);
    server.wait_for("publish[");
    let web = Web::with(swf::compressed());
    // A name, which the proxy looks up.
    let place = web.address.replace("127.0.0.1", "localhost");
    let file = format!("http://{place}/player.swf");
    for (proxy, before) in
        [(proxy(socks5), "socks5://me:pw@"), (proxy(socks4), "socks4://"), (proxy(http), "http://me:pw@")]
    {
        rtmp(["probe", &url, "--swf-verify", &file, "--swf-age", "0", "--proxy", &proxy.url(before)]).ok();
        assert_eq!(proxy.asked(), [place.as_str(), server.address.as_str()], "{before}");
    }
    let proxy = proxy(socks4);
    rtmp(["dump", "-r", &url, "-v", "-B", "1", "-W", &file, "-X", "0", "-S", &proxy.address]).expect(0);
    assert_eq!(proxy.asked(), [place.as_str(), server.address.as_str()]);
    let run =
        rtmp(["probe", &url, "--swf-verify", &file, "--swf-age", "0", "--proxy", "socks5://me:secretpw@127.0.0.1:1"]);
    let run = run.expect(1);
    assert!(run.stderr().contains("--proxy") && !run.stderr().contains("secretpw"), "{}", run.stderr());
}
