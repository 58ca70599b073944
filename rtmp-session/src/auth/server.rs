//! The server's side: from the parameters of a connect to a verdict.

use core::fmt;
use core::time::Duration;
use std::time::SystemTime;

use super::challenge::{Challenges, Purpose, equal_in_constant_time};
use super::response::{self, Llnw};
use super::{AuthMethod, parameter};
use crate::{ConnectRequest, Credentials};

/// Authenticates publishers. One of these serves all connections of a server, because a challenge and the answer to it
/// arrive on different ones; share it behind a lock.
///
/// Nothing is remembered of a challenge that is given out, so that no crowd of strangers can push out those of others. It
/// carries its time, and a code made with the key for this user, application and method; it comes back with the answer and
/// is recognised by that. It is good for [`lifetime`](Self::lifetime), for any number of wrong answers, and for one right
/// one (AUTH-13): those answered rightly are remembered until they expire, 4096 at most, some 70 bytes each.
///
/// What remains: both methods authenticate the connect command and no more. Who can read the line can guess the password at
/// leisure, and who can also change it can take over the connection; RTMPS ends both. Servers that share a key recognise
/// each other's challenges, and do not tell each other which are used up: an answer that was read on the line is good
/// once at each of them within the lifetime, and again at a server that was started anew with the same key.
#[derive(Clone)]
pub struct ServerAuth {
    method: AuthMethod,
    challenges: Challenges,
}

/// What to do with a connect command.
#[derive(Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Accept it.
    Accepted {
        /// Who it is.
        user: String,
        /// The application without the parameters of authentication.
        app: String,
    },
    /// Refuse it, with code `NetConnection.Connect.Rejected` and this description; the client comes back if it can.
    Refused {
        /// Says to the client's authentication how to go on.
        description: String,
    },
}

impl ServerAuth {
    /// A server that asks for this method. `key` makes its challenges: 32 random bytes from the operating system, fresh at
    /// each start; or the same for several servers among which the connections of one client may be spread.
    pub const fn new(method: AuthMethod, key: [u8; 32]) -> Self {
        Self { method, challenges: Challenges::new(key, Duration::from_secs(60)) }
    }

    /// How long a challenge may be answered, in whole seconds. Default 60 s: the client comes back at once, but on a new
    /// connection.
    #[must_use]
    pub const fn lifetime(mut self, time: Duration) -> Self {
        self.challenges.lifetime = time;
        self
    }

    /// Judges a connect request, as [`check`](Self::check) does an `app`.
    pub fn check_request(
        &mut self,
        request: &ConnectRequest,
        now: SystemTime,
        nonce: u32,
        password: impl FnOnce(&str) -> Option<String>,
    ) -> Verdict {
        match &request.query {
            Some(query) => self.check(&format!("{}?{query}", request.app), now, nonce, password),
            None => self.check(&request.app, now, nonce, password),
        }
    }

    /// Judges a connect command by its `app`. `now` is the time of day; `nonce` goes into the challenge if one has to be
    /// given: fresh random bits. `password` finds the password of a user, if there is such a user.
    ///
    /// An unknown user and a wrong password get the same answers, so that nobody can ask for names.
    pub fn check(
        &mut self,
        app: &str,
        now: SystemTime,
        nonce: u32,
        password: impl FnOnce(&str) -> Option<String>,
    ) -> Verdict {
        let (app, query) = split_parameters(app);
        if parameter(query, "authmod") != Some(self.method.name()) {
            return refused(format!("[ code=403 need auth; authmod={} ] : ", self.method.name()));
        }
        let user = parameter(query, "user").unwrap_or_default();
        let purpose = Purpose { method: self.method, user, app };
        let answered = self.answered(query).filter(|challenge| self.challenges.is_good(challenge, purpose, now));
        let (Some(challenge), Some(response)) = (answered, encoded(query, "response")) else {
            return self.challenge(purpose, now, nonce);
        };
        // An unknown user costs as much time as a known one.
        let known = password(user);
        let is_known = known.is_some();
        let credentials = Credentials { user: user.to_owned(), password: known.unwrap_or_default() };
        let expected = expected(self.method, &credentials, app, query, challenge);
        if !equal_in_constant_time(response.as_bytes(), expected.as_bytes()) || !is_known {
            return self.failed();
        }
        self.challenges.spend(challenge, now);
        Verdict::Accepted { user: credentials.user, app: app.to_owned() }
    }

    /// Gives out a challenge (AUTH-2, AUTH-7).
    fn challenge(&self, purpose: Purpose<'_>, now: SystemTime, nonce: u32) -> Verdict {
        let challenge = self.challenges.give(purpose, now, nonce);
        let values = match self.method {
            AuthMethod::Adobe => format!("salt={}&challenge={challenge}&opaque={challenge}", salt(&challenge)),
            AuthMethod::Llnw => format!("nonce={challenge}"),
        };
        let user = purpose.user;
        refused(format!("[ authmod={} ] : ?reason=needauth&user={user}&{values}", self.method.name()))
    }

    /// The challenge that these parameters answer, by their own account.
    fn answered<'a>(&self, query: &'a str) -> Option<&'a str> {
        let key = match self.method {
            AuthMethod::Adobe => "opaque",
            AuthMethod::Llnw => "nonce",
        };
        parameter(query, key)
    }

    fn failed(&self) -> Verdict {
        refused(format!("[ authmod={} ] : ?reason=authfailed", self.method.name()))
    }
}

/// The response to `challenge` that these parameters ought to hold.
fn expected(method: AuthMethod, credentials: &Credentials, app: &str, query: &str, challenge: &str) -> String {
    let value = |key| encoded(query, key).unwrap_or_default();
    match method {
        AuthMethod::Adobe => response::adobe(credentials, salt(challenge), challenge, value("challenge")),
        AuthMethod::Llnw => {
            let values = Llnw { nonce: challenge, count: value("nc"), client_nonce: value("cnonce") };
            response::llnw(credentials, app, values)
        }
    }
}

/// The salt is there for servers that store hashes. Any value does for one that knows passwords, so it follows from the
/// challenge.
fn salt(challenge: &str) -> &str {
    &challenge[..8]
}

fn refused(reason: String) -> Verdict {
    Verdict::Refused { description: format!("[ AccessManager.Reject ] : {reason}") }
}

/// The application as it would be without authentication, and the parameters of that. Clients append theirs to whatever
/// query there is (AUTH-3).
fn split_parameters(app: &str) -> (&str, &str) {
    let begins = |(index, _): &(usize, &str)| app[..*index].ends_with(['?', '&']);
    match app.match_indices("authmod=").find(begins) {
        Some((index, _)) => (&app[..index - 1], &app[index..]),
        None => (app, ""),
    }
}

/// A parameter in base64 or hexadecimal, without what does not belong to it: librtmp built with nettle, as Debian's is,
/// sends the rest of an unfinished buffer behind its padding, though it does not count that in its response.
fn encoded<'a>(query: &'a str, key: &str) -> Option<&'a str> {
    let value = parameter(query, key)?;
    let is_digit = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    let digits = value.find(|c| !is_digit(c)).unwrap_or(value.len());
    let padding = value[digits..].bytes().take_while(|&byte| byte == b'=').count();
    Some(&value[..digits + padding])
}

impl fmt::Debug for ServerAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerAuth").field("method", &self.method).finish_non_exhaustive()
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The description holds salt and challenge (AUTH-12).
        match self {
            Self::Accepted { user, app } => f.debug_struct("Accepted").field("user", user).field("app", app).finish(),
            Self::Refused { .. } => f.debug_struct("Refused").finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The third connect of programs that were given user and password, and asked with the challenge `0202..`.
    #[test]
    fn auth_04_08_what_deployed_clients_answered_is_right() {
        let challenge = "02".repeat(16);
        let recorded = [
            ("ffmpeg 5.1", AuthMethod::Adobe, "challenge=bdec1a8b&response=HrL79WOg/McSyNvYLtI6zw=="),
            (
                "librtmp 2.4 of Debian, with the rest of its buffer",
                AuthMethod::Adobe,
                "challenge=rOH4Qw==\u{fffd}CR\u{7}&response=irbOsA9ZV7qC8EAgn1bRcQ==\u{fffd}\u{13}",
            ),
            ("rtmp2sink 1.22", AuthMethod::Adobe, "challenge=9a158fd2&response=6bOt/WRMKlaO7PN/DI1bjw=="),
            ("ffmpeg 5.1", AuthMethod::Llnw, "cnonce=50afedf7&nc=00000001&response=bec81e74a78cb10e7fdf8fb40226bdf8"),
            ("librtmp 2.4", AuthMethod::Llnw, "cnonce=43f8e1ac&nc=00000001&response=8b22238325db7da38842a9951a747b8d"),
        ];
        let credentials = Credentials { user: "user".into(), password: "pass".into() };
        for (who, method, query) in recorded {
            let expected = expected(method, &credentials, "live", query, &challenge);
            assert_eq!(encoded(query, "response"), Some(expected.as_str()), "{who}");
        }
    }
}
