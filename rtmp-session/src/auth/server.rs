//! The server's side: from the parameters of a connect to a verdict.

use core::fmt;
use std::collections::VecDeque;

use super::response::{self, Llnw};
use super::{AuthMethod, parameter};
use crate::{ConnectRequest, Credentials};

/// Authenticates publishers. One of these serves all connections of a server, because a challenge and the answer to it
/// arrive on different ones; share it behind a lock.
///
/// Each challenge is good for one answer, right or wrong (AUTH-13). At most [`MAX_OUTSTANDING`](Self::MAX_OUTSTANDING)
/// are remembered, some 60 bytes each; a newer one then pushes out the oldest, whose client has to start again.
#[derive(Clone)]
pub struct ServerAuth {
    method: AuthMethod,
    outstanding: VecDeque<String>,
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
    /// Challenges remembered at most.
    pub const MAX_OUTSTANDING: usize = 1024;

    /// A server that asks for this method.
    pub const fn new(method: AuthMethod) -> Self {
        Self { method, outstanding: VecDeque::new() }
    }

    /// Judges a connect request, as [`check`](Self::check) does an `app`.
    pub fn check_request(
        &mut self,
        request: &ConnectRequest,
        random: [u8; 16],
        password: impl FnOnce(&str) -> Option<String>,
    ) -> Verdict {
        match &request.query {
            Some(query) => self.check(&format!("{}?{query}", request.app), random, password),
            None => self.check(&request.app, random, password),
        }
    }

    /// Judges a connect command by its `app`. `random` becomes the challenge if one has to be given: fresh bytes that a
    /// peer cannot guess. `password` finds the password of a user, if there is such a user.
    ///
    /// An unknown user and a wrong password get the same answers, so that nobody can ask for names.
    pub fn check(&mut self, app: &str, random: [u8; 16], password: impl FnOnce(&str) -> Option<String>) -> Verdict {
        let (app, query) = split_parameters(app);
        if parameter(query, "authmod") != Some(self.method.name()) {
            return refused(format!("[ code=403 need auth; authmod={} ] : ", self.method.name()));
        }
        let user = parameter(query, "user").unwrap_or_default();
        let Some(response) = encoded(query, "response") else { return self.challenge(user, random) };
        let Some(challenge) = self.take_challenge(query) else { return self.challenge(user, random) };
        match password(user) {
            Some(password) => {
                let credentials = Credentials { user: user.to_owned(), password };
                let expected = self.expected(&credentials, app, query, &challenge);
                if !equal_in_constant_time(response.as_bytes(), expected.as_bytes()) {
                    return self.failed();
                }
                Verdict::Accepted { user: credentials.user, app: app.to_owned() }
            }
            None => self.failed(),
        }
    }

    /// Gives out a challenge (AUTH-2, AUTH-7).
    fn challenge(&mut self, user: &str, random: [u8; 16]) -> Verdict {
        let challenge: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let values = match self.method {
            AuthMethod::Adobe => format!("salt={}&challenge={challenge}&opaque={challenge}", salt(&challenge)),
            AuthMethod::Llnw => format!("nonce={challenge}"),
        };
        if self.outstanding.len() == Self::MAX_OUTSTANDING {
            self.outstanding.pop_front();
        }
        self.outstanding.push_back(challenge);
        refused(format!("[ authmod={} ] : ?reason=needauth&user={user}&{values}", self.method.name()))
    }

    /// The challenge that these parameters answer, if it was given and not yet answered (AUTH-13).
    fn take_challenge(&mut self, query: &str) -> Option<String> {
        let key = match self.method {
            AuthMethod::Adobe => "opaque",
            AuthMethod::Llnw => "nonce",
        };
        let answered = parameter(query, key)?;
        let index = self.outstanding.iter().position(|challenge| challenge == answered)?;
        self.outstanding.remove(index)
    }

    fn expected(&self, credentials: &Credentials, app: &str, query: &str, challenge: &str) -> String {
        let value = |key| encoded(query, key).unwrap_or_default();
        match self.method {
            AuthMethod::Adobe => response::adobe(credentials, salt(challenge), challenge, value("challenge")),
            AuthMethod::Llnw => {
                let values = Llnw { nonce: challenge, count: value("nc"), client_nonce: value("cnonce") };
                response::llnw(credentials, app, values)
            }
        }
    }

    fn failed(&self) -> Verdict {
        refused(format!("[ authmod={} ] : ?reason=authfailed", self.method.name()))
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

/// Takes as long for a response that is wrong at once as for one that is nearly right (AUTH-13).
fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

impl fmt::Debug for ServerAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerAuth")
            .field("method", &self.method)
            .field("outstanding", &self.outstanding.len())
            .finish_non_exhaustive()
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
