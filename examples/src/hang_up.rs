//! SIGHUP: the terminal was closed.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for SIGHUP, unless whoever started this process had it ignored, as `nohup` does: a handler would undo that.
/// What a process ignores only Linux tells without calls that are not safe; elsewhere the signal is left alone.
#[derive(Debug)]
pub struct HangUp(Option<Signal>);

impl HangUp {
    /// Must be called inside the runtime. From now on the signal does not end the process by itself.
    ///
    /// # Errors
    /// As [`signal`].
    pub fn new() -> io::Result<Self> {
        let is_default = std::fs::read_to_string("/proc/self/status").is_ok_and(|status| !ignores_it(&status));
        Ok(Self(if is_default { Some(signal(SignalKind::hangup())?) } else { None }))
    }

    /// Returns when the signal has come. Cancel safe.
    pub async fn received(&mut self) {
        match &mut self.0 {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
}

/// SIGHUP is signal 1, the lowest bit. Who does not say what it ignores is taken to ignore it.
fn ignores_it(status: &str) -> bool {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nohup_is_noticed() {
        assert!(ignores_it("SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000000\n"));
        assert!(!ignores_it("SigIgn:\t0000000000001000\n"));
        assert!(ignores_it("SigBlk:\t0000000000000000\n"));
    }
}
