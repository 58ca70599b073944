//! The client's side: from a refusal to the parameters of the next connect.

use core::fmt;

use super::response::{self, Llnw};
use super::{AuthMethod, parameter};
use crate::{Credentials, RtmpUrl, Status, code};

/// Authenticates one publisher over the (at most three) connections that takes (AUTH-12).
///
/// Connect with [`app`](Self::app); when connect is refused, hand the description to
/// [`handle_refusal`](Self::handle_refusal) and connect again if it says so. See the [module](super) for the whole loop.
#[derive(Clone)]
pub struct ClientAuth {
    credentials: Credentials,
    /// What goes behind the application, without its first `?` or `&`.
    query: String,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Plain,
    Asked,
    Answered,
}

/// Why there is nothing more to try.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The description is not about authentication: connect was refused for another reason.
    #[error("connect was refused, but not for want of authentication")]
    NotAsked,
    /// The server wants a method other than `adobe` and `llnw` (AUTH-12).
    #[error("the server asks for an unknown authentication method")]
    UnknownMethod,
    /// The server asked in a way that leaves out what the method needs.
    #[error("the server asks for authentication without giving `{0}`")]
    Missing(&'static str),
    /// User or password are wrong (AUTH-5).
    #[error("the server does not accept this user and password")]
    Failed,
    /// The server does not know the user (AUTH-5).
    #[error("the server does not know this user")]
    NoSuchUser,
    /// The server asks again for what it was given (AUTH-12).
    #[error("the server keeps asking for authentication")]
    TooManyAttempts,
}

impl ClientAuth {
    /// Nothing is sent of the credentials until the server asks for it.
    pub const fn new(credentials: Credentials) -> Self {
        Self { credentials, query: String::new(), step: Step::Plain }
    }

    /// `app` with the parameters of the present step behind it. It goes into connect's `app` *and* into `tcUrl`
    /// (AUTH-3), so put it into [`RtmpUrl::app`](crate::RtmpUrl::app).
    pub fn app(&self, app: &str) -> String {
        let separator = match (self.query.is_empty(), app.contains('?')) {
            (true, _) => "",
            (false, false) => "?",
            (false, true) => "&",
        };
        format!("{app}{separator}{}", self.query)
    }

    /// `url` with the parameters of the present step, for [`ClientSession::new`](crate::ClientSession::new).
    pub fn url(&self, url: &RtmpUrl) -> RtmpUrl {
        let mut url = url.clone();
        url.app = self.app(&url.app);
        url
    }

    /// Takes in the status of a [refused](crate::SessionError::Refused) connect to `url`, as
    /// [`handle_refusal`](Self::handle_refusal) does a description.
    ///
    /// # Errors
    /// When another connection would not help.
    pub fn handle_status(&mut self, url: &RtmpUrl, status: &Status, random: u32) -> Result<(), AuthError> {
        if status.code != code::CONNECT_REJECTED {
            return Err(AuthError::NotAsked);
        }
        self.handle_refusal(&url.app, &status.description, random)
    }

    /// Takes in the description of a refused connect. `app` is the application without any parameters of this, and
    /// `random` 32 random bits that become our challenge.
    ///
    /// # Errors
    /// When another connection would not help; the credentials stay private then, unless they were asked for before.
    pub fn handle_refusal(&mut self, app: &str, description: &str, random: u32) -> Result<(), AuthError> {
        let Some((_, behind)) = description.split_once("authmod=") else { return Err(AuthError::NotAsked) };
        let name = behind.split([' ', ';', ']', ':', '&', '?']).next().unwrap_or_default();
        let method = AuthMethod::from_name(name).ok_or(AuthError::UnknownMethod)?;
        let Some((_, query)) = description.split_once("?reason=") else { return self.introduce(method, description) };
        let (reason, query) = query.split_once('&').unwrap_or((query, ""));
        match reason.trim_end() {
            "needauth" if self.step == Step::Answered => Err(AuthError::TooManyAttempts),
            "needauth" => self.answer(method, app, query.trim_end(), random),
            "nosuchuser" => Err(AuthError::NoSuchUser),
            _ => Err(AuthError::Failed),
        }
    }

    /// Says who we are, and learns the challenge in return (AUTH-2).
    fn introduce(&mut self, method: AuthMethod, description: &str) -> Result<(), AuthError> {
        if self.step != Step::Plain {
            return Err(AuthError::TooManyAttempts);
        }
        if !description.contains("need auth") {
            return Err(AuthError::NotAsked);
        }
        self.query = format!("authmod={}&user={}", method.name(), self.credentials.user);
        self.step = Step::Asked;
        Ok(())
    }

    /// Answers the challenge (AUTH-3, AUTH-9).
    fn answer(&mut self, method: AuthMethod, app: &str, query: &str, random: u32) -> Result<(), AuthError> {
        let need = |key| parameter(query, key).filter(|value| !value.is_empty()).ok_or(AuthError::Missing(key));
        let mut answer = format!("authmod={}&user={}", method.name(), self.credentials.user);
        let ours = format!("{random:08x}");
        match method {
            AuthMethod::Adobe => {
                let salt = need("salt")?;
                let opaque = parameter(query, "opaque").filter(|opaque| !opaque.is_empty());
                let challenge = opaque.map_or_else(|| need("challenge"), Ok)?;
                let response = response::adobe(&self.credentials, salt, challenge, &ours);
                answer.push_str(&format!("&challenge={ours}&response={response}"));
                if let Some(opaque) = opaque {
                    answer.push_str(&format!("&opaque={opaque}"));
                }
            }
            AuthMethod::Llnw => {
                let values = Llnw { nonce: need("nonce")?, count: "00000001", client_nonce: &ours };
                let response = response::llnw(&self.credentials, app, values);
                answer.push_str(&format!("&nonce={}&cnonce={ours}&nc=00000001&response={response}", values.nonce));
            }
        }
        self.query = answer;
        self.step = Step::Answered;
        Ok(())
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAuth").field("step", &self.step).finish_non_exhaustive()
    }
}
