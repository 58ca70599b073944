//! Challenges that are recognised when they come back, without being remembered when they are given.

use core::time::Duration;
use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::AuthMethod;

/// What a challenge is good for: nobody can use it for another user, application or method.
#[derive(Clone, Copy)]
pub(super) struct Purpose<'a> {
    pub(super) method: AuthMethod,
    pub(super) user: &'a str,
    pub(super) app: &'a str,
}

/// Gives out challenges and knows them again. In hexadecimal: a code of everything else under our key, the nonce, and
/// the time in seconds; 32 digits, the length with which clients were recorded.
#[derive(Clone)]
pub(super) struct Challenges {
    key: [u8; 32],
    pub(super) lifetime: Duration,
    /// Answered rightly and not yet expired, the oldest first. Who knows no password cannot add to these.
    spent: VecDeque<Spent>,
}

#[derive(Clone)]
struct Spent {
    code: String,
    time: u64,
}

impl Challenges {
    pub(super) const fn new(key: [u8; 32], lifetime: Duration) -> Self {
        Self { key, lifetime, spent: VecDeque::new() }
    }

    pub(super) fn give(&self, purpose: Purpose<'_>, now: SystemTime, nonce: u32) -> String {
        let rest = format!("{nonce:08x}{:08x}", seconds(now) as u32);
        self.code(purpose, &rest) + &rest
    }

    /// Is it ours, for this purpose, not too old, and not yet spent?
    pub(super) fn is_good(&self, challenge: &str, purpose: Purpose<'_>, now: SystemTime) -> bool {
        let Some((code, rest)) = challenge.split_at_checked(CODE_LEN) else { return false };
        let Some(time) = time_of(rest) else { return false };
        equal_in_constant_time(code.as_bytes(), self.code(purpose, rest).as_bytes())
            && !self.is_expired(time, now)
            && self.spent.iter().all(|spent| spent.code != code)
    }

    /// It was answered rightly and is good for nothing more.
    pub(super) fn spend(&mut self, challenge: &str, now: SystemTime) {
        let Some((code, time)) =
            challenge.split_at_checked(CODE_LEN).and_then(|(code, rest)| Some((code, time_of(rest)?)))
        else {
            return;
        };
        let mut spent = std::mem::take(&mut self.spent);
        spent.retain(|spent| !self.is_expired(spent.time, now));
        if spent.len() == MAX_SPENT {
            spent.pop_front();
        }
        spent.push_back(Spent { code: code.to_owned(), time });
        self.spent = spent;
    }

    /// Clocks of servers that share a key may differ, and go back: what lies ahead is measured like what lies behind.
    fn is_expired(&self, time: u64, now: SystemTime) -> bool {
        seconds(now).abs_diff(time) > self.lifetime.as_secs()
    }

    fn code(&self, purpose: Purpose<'_>, rest: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        for part in [purpose.method.name(), purpose.user, purpose.app, rest] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes()[..CODE_LEN / 2].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The time in what stands behind the code.
fn time_of(rest: &str) -> Option<u64> {
    u64::from_str_radix(rest.get(NONCE_LEN..)?, 16).ok()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Takes as long for a text that is wrong at once as for one that is nearly right (AUTH-13).
pub(super) fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// Digits of the code: 64 bits. Who guesses one has a challenge, which anyone gets for the asking.
const CODE_LEN: usize = 16;
const NONCE_LEN: usize = 8;
/// Some 70 bytes each. Only who knows a password can push out the oldest, and what comes of it is that the one message it
/// stands for could be played back until it expires.
const MAX_SPENT: usize = 4096;
