//! A web server with one file.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Gives the same file for every path, and remembers the paths.
pub(crate) struct Web {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    pub(crate) fn with(file: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let paths = Arc::clone(&asked);
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                if let Some(path) = answer(socket, &file) {
                    paths.lock().expect("no panic").push(path);
                }
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn answer(mut socket: TcpStream, file: &[u8]) -> Option<String> {
    let mut lines = BufReader::new(socket.try_clone().ok()?).lines().map_while(Result::ok);
    let request = lines.next()?;
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", file.len());
    socket.write_all(head.as_bytes()).and_then(|()| socket.write_all(file)).ok()?;
    request.split(' ').nth(1).map(str::to_owned)
}
