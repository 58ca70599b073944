//! `--proxy`: connections through SOCKS 4a, SOCKS 5 or an HTTP proxy, which looks the host up itself.

use std::fmt;
use std::io;
use std::str::FromStr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How to reach servers.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    kind: Kind,
    /// Host and port of the proxy.
    pub(crate) authority: String,
    login: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Socks4,
    Socks5,
    Http,
}

impl Proxy {
    /// A SOCKS 4a proxy, as rtmpdump takes it.
    pub(crate) fn socks4(authority: &str) -> Self {
        Self { kind: Kind::Socks4, authority: authority.to_owned(), login: None }
    }

    /// The same for what is fetched from the web.
    pub(crate) fn of_web(&self) -> Result<ureq::Proxy, ureq::Error> {
        let protocol = match self.kind {
            Kind::Socks4 => ureq::ProxyProtocol::Socks4A,
            Kind::Socks5 => ureq::ProxyProtocol::Socks5h,
            Kind::Http => ureq::ProxyProtocol::Http,
        };
        let (host, port) = self.authority.rsplit_once(':').ok_or(ureq::Error::InvalidProxyUrl)?;
        let port = port.parse().map_err(|_| ureq::Error::InvalidProxyUrl)?;
        let proxy = ureq::Proxy::builder(protocol).host(host).port(port);
        match &self.login {
            Some((user, password)) => proxy.username(user).password(password).build(),
            None => proxy.build(),
        }
    }

    /// Asks the proxy behind `socket` for a connection to `host` and `port`.
    pub(crate) async fn tunnel(&self, socket: &mut TcpStream, host: &str, port: u16) -> io::Result<()> {
        match self.kind {
            Kind::Socks4 => socks4(socket, host, port).await,
            Kind::Socks5 => socks5(socket, host, port, self.login.as_ref()).await,
            Kind::Http => http(socket, host, port, self.login.as_ref()).await,
        }
    }
}

impl FromStr for Proxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or("a proxy is socks5://HOST:PORT or http://HOST:PORT")?;
        let kind = match scheme {
            "socks4" | "socks4a" => Kind::Socks4,
            "socks5" | "socks5h" => Kind::Socks5,
            "http" => Kind::Http,
            _ => return Err("a proxy is socks5://, socks4:// or http://".into()),
        };
        let (login, authority) = match rest.trim_end_matches('/').rsplit_once('@') {
            Some((login, authority)) => {
                let (user, password) = login.split_once(':').unwrap_or((login, ""));
                (Some((user.to_owned(), password.to_owned())), authority)
            }
            None => (None, rest.trim_end_matches('/')),
        };
        let default = if kind == Kind::Http { 8080 } else { 1080 };
        let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let authority = if has_port { authority.to_owned() } else { format!("{authority}:{default}") };
        Ok(Self { kind, authority, login })
    }
}

/// Without the password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("kind", &self.kind).field("authority", &self.authority).finish_non_exhaustive()
    }
}

/// SOCKS 4a: the name follows an address that cannot be one.
async fn socks4(socket: &mut TcpStream, host: &str, port: u16) -> io::Result<()> {
    let mut request = vec![4, 1];
    request.extend(port.to_be_bytes());
    request.extend([0, 0, 0, 1, 0]);
    request.extend(host.as_bytes());
    request.push(0);
    socket.write_all(&request).await?;
    let mut answer = [0; 8];
    socket.read_exact(&mut answer).await?;
    if answer[1] == 90 { Ok(()) } else { Err(refused(format!("code {}", answer[1]))) }
}

/// RFC 1928, with the user and password of RFC 1929.
async fn socks5(socket: &mut TcpStream, host: &str, port: u16, login: Option<&(String, String)>) -> io::Result<()> {
    let methods: &[u8] = if login.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] };
    socket.write_all(methods).await?;
    let mut chosen = [0; 2];
    socket.read_exact(&mut chosen).await?;
    match (chosen, login) {
        ([5, 0], _) => {}
        ([5, 2], Some((user, password))) => {
            let mut request = vec![1];
            for text in [user, password] {
                request.push(u8::try_from(text.len()).map_err(|_| refused("user or password is too long"))?);
                request.extend(text.as_bytes());
            }
            socket.write_all(&request).await?;
            let mut answer = [0; 2];
            socket.read_exact(&mut answer).await?;
            if answer[1] != 0 {
                return Err(refused("user or password is wrong"));
            }
        }
        ([5, _], _) => return Err(refused("it wants a user and a password: socks5://USER:PASSWORD@HOST:PORT")),
        _ => return Err(refused("it does not speak SOCKS 5")),
    }
    let mut request = vec![5, 1, 0, 3, u8::try_from(host.len()).map_err(|_| refused("the host is too long"))?];
    request.extend(host.as_bytes());
    request.extend(port.to_be_bytes());
    socket.write_all(&request).await?;
    let mut answer = [0; 4];
    socket.read_exact(&mut answer).await?;
    if answer[1] != 0 {
        return Err(refused(match answer[1] {
            2 => "not allowed by its rules",
            3 | 4 => "the server cannot be reached from there",
            5 => "the server refused the connection",
            _ => "it failed",
        }));
    }
    let rest = match answer[3] {
        1 => 4,
        4 => 16,
        _ => usize::from(socket.read_u8().await?),
    };
    socket.read_exact(&mut vec![0; rest + 2]).await.map(drop)
}

async fn http(socket: &mut TcpStream, host: &str, port: u16, login: Option<&(String, String)>) -> io::Result<()> {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if let Some((user, password)) = login {
        request += &format!("Proxy-Authorization: Basic {}\r\n", base64(format!("{user}:{password}").as_bytes()));
    }
    request += "\r\n";
    socket.write_all(request.as_bytes()).await?;
    // Byte by byte, since what follows the empty line belongs to the tunnel.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= LONGEST_ANSWER {
            return Err(refused("its answer does not end"));
        }
        answer.push(socket.read_u8().await?);
    }
    let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
    match line.split(' ').nth(1) {
        Some(code) if code.starts_with('2') => Ok(()),
        Some("407") => Err(refused("it wants a user and a password: http://USER:PASSWORD@HOST:PORT")),
        _ => Err(refused(line)),
    }
}

fn refused(why: impl fmt::Display) -> io::Error {
    io::Error::other(format!("the proxy refused: {why}"))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0_u32, |n, byte| n << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() { digit.into() } else { '=' });
        }
    }
    text
}

/// More than any proxy says.
const LONGEST_ANSWER: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_urls() {
        let proxy: Proxy = "socks5://me:pw@host".parse().unwrap();
        assert_eq!((proxy.kind, proxy.authority.as_str()), (Kind::Socks5, "host:1080"));
        assert!(!format!("{proxy:?}").contains("pw"));
        assert_eq!("http://host:3128/".parse::<Proxy>().unwrap().authority, "host:3128");
        assert!("ftp://host".parse::<Proxy>().is_err() && "host:1080".parse::<Proxy>().is_err());
    }

    #[test]
    fn base64_pads() {
        for (plain, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }
}
