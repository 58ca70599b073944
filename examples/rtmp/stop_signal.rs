//! Ctrl-C, SIGTERM and a closed terminal: end what is being done, properly.

use rtmp_examples::HangUp;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// The wish to stop. It stays: whoever looks late sees it, too.
#[derive(Clone)]
pub(crate) struct StopSignal(watch::Receiver<bool>);

impl StopSignal {
    /// Must be called inside the runtime. From the first call on the signals no longer end the process by themselves.
    pub(crate) fn new() -> Self {
        static WISH: OnceLock<watch::Receiver<bool>> = OnceLock::new();
        Self(WISH.get_or_init(listen).clone())
    }

    /// Returns when the user wants to stop, and from then on at once. Cancel safe.
    pub(crate) async fn received(&mut self) {
        // The listener lives as long as the process.
        let _ = self.0.wait_for(|wish| *wish).await;
    }
}

fn listen() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let hang_up = HangUp::new();
    tokio::spawn(async move {
        match (interrupt, terminate, hang_up) {
            (Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                () = hang_up.received() => {}
            },
            // Without a handler a signal ends the process, as it always did.
            _ => std::future::pending().await,
        }
        let _ = sender.send(true);
        // A second wish is an order: something does not end by itself. But what started this program, and the terminal,
        // may each pass on the same Ctrl-C.
        tokio::time::sleep(ONE_WISH).await;
        if let Ok(mut interrupt) = signal(SignalKind::interrupt()) {
            interrupt.recv().await;
            std::process::exit(130);
        }
    });
    receiver
}

/// Signals within this time are one wish.
const ONE_WISH: Duration = Duration::from_secs(1);
