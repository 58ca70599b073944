//! Many short connections: connect, play until the server says so, close.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, timeout};

use crate::args::Storm;
use crate::clip::Clip;
use crate::control::Control;
use crate::crew::{Seen, runtime};
use crate::player::knock;
use crate::process::Sample;
use crate::publisher::Publisher;
use crate::tally::Tally;
use crate::wire::Scratch;

/// One stream is published all the time: some servers say nothing to the player of a stream that is not there.
pub(crate) fn storm(args: &Storm) -> std::io::Result<Seen> {
    let control = Arc::new(Control::new(1));
    let left = Arc::new(AtomicU32::new(args.connections));
    let (publish, stop) = std::sync::mpsc::channel::<()>();
    let publisher = {
        let (args, control) = (args.clone(), control.clone());
        let (runtime, clip) = (runtime()?, Arc::new(Clip::new(&args.source.clip())));
        std::thread::spawn(move || publish_until(&runtime, &args, clip, &control, &stop))
    };
    let mut tally = Tally::default();
    let live = runtime()?.block_on(control.reach(|control| &control.publishing, 1, args.within));
    if !live {
        tally.fail("publisher", &"not live in time");
    }
    let (begin, began) = (Sample::take(args.server.pid), Instant::now());
    let count = args.server.thread_count();
    let threads: Vec<_> = (0..count)
        .map(|index| {
            let (args, left, runtime) = (args.clone(), left.clone(), runtime()?);
            let lanes = (0..args.at_once).skip(index).step_by(count).count();
            Ok(std::thread::spawn(move || knock_from(&runtime, &args, lanes, &left)))
        })
        .collect::<std::io::Result<_>>()?;
    for thread in threads {
        tally.add(&thread.join().map_err(|_| std::io::Error::other("a thread of connections panicked"))?);
    }
    let (end, elapsed) = (Sample::take(args.server.pid), began.elapsed());
    drop(publish);
    tally.add(&publisher.join().map_err(|_| std::io::Error::other("the thread of the publisher panicked"))?);
    Ok(Seen { tally, elapsed, alone: begin, begin, end, watching: 0, stayed: 0 })
}

fn publish_until(
    runtime: &tokio::runtime::Runtime,
    args: &Storm,
    clip: Arc<Clip>,
    control: &Arc<Control>,
    stop: &std::sync::mpsc::Receiver<()>,
) -> Tally {
    let tally = Rc::new(RefCell::new(Tally::default()));
    let publisher = Publisher {
        url: args.server.url_of(0),
        stream: 0,
        clip,
        flat_out: false,
        control: control.clone(),
        tally: tally.clone(),
    };
    LocalSet::new().block_on(runtime, async {
        let publishing = tokio::task::spawn_local(publisher.run(Scratch::default()));
        while stop.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            tokio::time::sleep(LOOK).await;
        }
        publishing.abort();
        let _ = publishing.await;
    });
    tally.take()
}

/// Each lane makes one connection after the other, as long as there are some left to make.
fn knock_from(runtime: &tokio::runtime::Runtime, args: &Storm, lanes: usize, left: &Arc<AtomicU32>) -> Tally {
    let tally = Rc::new(RefCell::new(Tally::default()));
    let url = Rc::new(args.server.url_of(0));
    let scratch = Scratch::default();
    LocalSet::new().block_on(runtime, async {
        let mut tasks = JoinSet::new();
        for _ in 0..lanes {
            let (tally, url, scratch, left) = (tally.clone(), url.clone(), scratch.clone(), left.clone());
            tasks.spawn_local(async move {
                while take_one(&left) {
                    if let Err(reason) = knock(&url, scratch.clone(), &tally).await {
                        tally.borrow_mut().fail("connection", &reason);
                    }
                }
            });
        }
        let all = async { while tasks.join_next().await.is_some() {} };
        if timeout(args.within, all).await.is_err() {
            tally.borrow_mut().fail("connections", &"not done in time");
        }
    });
    tally.take()
}

fn take_one(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

/// How often the publisher looks whether it may stop.
const LOOK: Duration = Duration::from_millis(20);
