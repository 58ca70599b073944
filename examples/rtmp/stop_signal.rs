//! Ctrl-C and SIGTERM: end what is being done, properly.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for the wish to stop.
pub(crate) struct StopSignal {
    terminate: Option<Signal>,
    received: bool,
}

impl StopSignal {
    pub(crate) fn new() -> Self {
        // Without it SIGTERM ends the process as it always does.
        Self { terminate: signal(SignalKind::terminate()).ok(), received: false }
    }

    /// Returns when the user wants to stop, and from then on at once. Cancel safe.
    pub(crate) async fn received(&mut self) {
        if self.received {
            return;
        }
        match &mut self.terminate {
            Some(terminate) => tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            },
            None => drop(tokio::signal::ctrl_c().await),
        }
        self.received = true;
    }
}
