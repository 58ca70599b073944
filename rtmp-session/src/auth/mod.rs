//! Publisher authentication as encoders use it against Wowza, Adobe Media Server and CDNs: `authmod=adobe` and
//! `authmod=llnw`. Feature `auth`.
//!
//! It is no part of the protocol text. A server refuses connect with a description that says how to go on, and the
//! client comes back on a *new connection* with more parameters behind the application (AUTH-1 to AUTH-3):
//!
//! ```text
//!   connect app=live                                                  ──►
//!       ◄── refused: [ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] :
//!   connect app=live?authmod=adobe&user=bob                           ──►
//!       ◄── refused: .. : ?reason=needauth&user=bob&salt=S&challenge=C&opaque=O
//!   connect app=live?authmod=adobe&user=bob&challenge=K&response=R&opaque=O  ──►
//!       ◄── accepted
//! ```
//!
//! [`ClientAuth`] turns one refusal into the parameters of the next connect; [`ServerAuth`] turns parameters into a
//! verdict. Neither does IO, reads a clock or makes random numbers. Here they meet without sessions between them; with
//! sessions, use [`ClientAuth::url`], [`ClientAuth::handle_status`] and [`ServerAuth::check_request`]:
//!
//! ```
//! use rtmp_session::{Credentials, auth::{AuthMethod, ClientAuth, ServerAuth, Verdict}};
//! use std::time::SystemTime;
//!
//! # let (key, nonce) = ([1; 32], 7);
//! let mut server = ServerAuth::new(AuthMethod::Adobe, key); // random bytes, as is the nonce below
//! let bob = Credentials { user: "bob".into(), password: "secret".into() };
//! let mut client = ClientAuth::new(bob);
//! let app = loop {
//!     let app = client.app("live"); // into `RtmpUrl::app`, so that tcUrl follows (AUTH-3)
//!     match server.check(&app, SystemTime::now(), nonce, |user| (user == "bob").then(|| "secret".into())) {
//!         Verdict::Accepted { user, app } => break (user, app),
//!         Verdict::Refused { description } => client.handle_refusal("live", &description, 42)?,
//!     }
//! };
//! assert_eq!(app, ("bob".into(), "live".into()));
//! # Ok::<(), rtmp_session::auth::AuthError>(())
//! ```
//!
//! Both methods are MD5 and only as safe as the transport: prefer RTMPS below them. Nothing here prints a password, salt,
//! nonce or response (AUTH-12).

mod challenge;
mod client;
mod response;
mod server;

pub use client::{AuthError, ClientAuth};
pub use server::{ServerAuth, Verdict};

/// How a response is computed; the value of `authmod`.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// Base64 of MD5 over user, salt, password and challenges (AUTH-4).
    Adobe,
    /// Like HTTP digest, with realm `live` (AUTH-8). Named after Limelight.
    Llnw,
}

impl AuthMethod {
    /// `adobe` or `llnw`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Adobe => "adobe",
            Self::Llnw => "llnw",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Adobe, Self::Llnw].into_iter().find(|method| method.name() == name)
    }
}

/// Value of a parameter in `key=value&key=value`. Values are raw, and may hold `=` themselves (AUTH-11).
fn parameter<'a>(query: &'a str, key: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.split_once('=').filter(|(name, _)| *name == key)).map(|(_, value)| value)
}
