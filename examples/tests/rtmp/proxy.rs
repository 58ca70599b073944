//! Connections through proxies, small ones made here.

use crate::run::rtmp;
use crate::server::Server;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// A proxy for one connection after another: `greet` speaks its protocol and tells where to.
fn proxy(greet: fn(&mut TcpStream) -> Option<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let Some(to) = greet(&mut client) else { continue };
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
    address
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
    assert_eq!(take::<4>(socket), [5, 2, 0, 2]);
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
    if !request.contains("Proxy-Authorization: Basic bWU6cHc=\r\n") {
        socket.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").unwrap();
        return None;
    }
    socket.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n").unwrap();
    request.strip_prefix("CONNECT ")?.split(' ').next().map(str::to_owned)
}

#[test]
fn every_kind_of_proxy_carries_a_connection() {
    let server = Server::serve(&[]);
    let call = |proxy: &str| rtmp(["call", &server.url("live"), "echo", "1", "--proxy", proxy]);
    let (five, four, web) = (proxy(socks5), proxy(socks4), proxy(http));
    assert_eq!(call(&format!("socks5://me:pw@{five}")).ok(), "null\n1\n");
    assert_eq!(call(&format!("socks4://{four}")).ok(), "null\n1\n");
    assert_eq!(call(&format!("http://me:pw@{web}")).ok(), "null\n1\n");
    let run = call(&format!("socks5://me:secretpw@{five}")).expect(3);
    assert!(run.stderr().contains("wrong") && !run.stderr().contains("secretpw"), "{}", run.stderr());
    let run = call(&format!("http://{web}")).expect(3);
    assert!(run.stderr().contains("USER:PASSWORD"), "{}", run.stderr());
    call("http://127.0.0.1:1").expect(3);
}
