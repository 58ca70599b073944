//! What the machine allows: bytes that mean nothing, to players that look at none, in the rhythm of a stream.
//!
//! The server side is one thread and makes no more calls than it must: one send per player and message, or per window. A relay
//! that reads its publisher, keeps a log and speaks the protocol cannot cost less at the same number of sends.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rtmp_session::MediaKind;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::args::{Floor, FloorServer};
use crate::clip::Clip;
use crate::crew::{Seen, runtime};
use crate::process::Sample;
use crate::tally::Tally;

/// Accepts players and writes to all of them, until the time is over.
pub(crate) fn serve(args: &FloorServer) -> std::io::Result<()> {
    let clip = Clip::new(&args.source.clip());
    runtime()?.block_on(async {
        let listener = TcpListener::bind(args.listen).await?;
        println!("listening on {}", listener.local_addr()?);
        let made = vec![0x5a_u8; LARGEST_SEND];
        let mut readers = Vec::new();
        let (start, mut pictures, mut sounds) = (Instant::now(), 0, 0);
        let mut flush_at = start;
        while start.elapsed() < args.time {
            let due = clip.next(pictures, sounds);
            let time = start + Duration::from_micros(due.micros);
            accept_until(&listener, &mut readers, time).await?;
            for reader in &mut readers {
                reader.owed += due.template.len() + HEADER_LEN;
            }
            *(if due.kind == MediaKind::Video { &mut pictures } else { &mut sounds }) += 1;
            if time >= flush_at {
                readers.retain_mut(|reader| reader.pay(&made));
                flush_at = time + args.coalesce;
            }
        }
        Ok(())
    })
}

async fn accept_until(listener: &TcpListener, readers: &mut Vec<Reader>, time: Instant) -> std::io::Result<()> {
    loop {
        tokio::select! {
            biased;
            () = sleep_until(time) => return Ok(()),
            accepted = listener.accept() => {
                let socket = accepted?.0;
                socket.set_nodelay(true)?;
                readers.push(Reader { socket, owed: 0 });
            }
        }
    }
}

struct Reader {
    socket: TcpStream,
    owed: usize,
}

impl Reader {
    /// Sends what is owed as far as the socket takes it. False if the reader is gone.
    fn pay(&mut self, made: &[u8]) -> bool {
        while self.owed > 0 {
            match self.socket.try_write(&made[..self.owed.min(made.len())]) {
                Ok(count) => self.owed -= count,
                Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
            }
        }
        true
    }
}

/// Connects all players, waits, and measures what they read.
pub(crate) fn read(args: &Floor) -> std::io::Result<Seen> {
    let (running, stop) = watch::channel(());
    let bytes = Arc::new(AtomicU64::new(0));
    let connected = Arc::new(AtomicU64::new(0));
    let alone = Sample::take(args.server.pid);
    let count = args.server.thread_count();
    let thread = |index| {
        let (args, stop, runtime) = (args.clone(), stop.clone(), runtime()?);
        let (bytes, connected) = (bytes.clone(), connected.clone());
        Ok(std::thread::spawn(move || {
            LocalSet::new().block_on(&runtime, drain(&args, index, count, stop, &bytes, &connected));
        }))
    };
    let threads: Vec<_> = (0..count).map(thread).collect::<std::io::Result<_>>()?;
    let mut tally = Tally::default();
    let (begin, end, elapsed) = runtime()?.block_on(async {
        let all = async {
            while connected.load(Ordering::Relaxed) < u64::from(args.crowd.players) {
                sleep(LOOK).await;
            }
        };
        if timeout(args.window.join_within, all).await.is_err() {
            tally.fail("player", &"some were not connected in time");
        }
        sleep(args.window.warm_up).await;
        let (begin, began, before) = (Sample::take(args.server.pid), Instant::now(), bytes.load(Ordering::Relaxed));
        sleep(args.window.time).await;
        tally.bytes = bytes.load(Ordering::Relaxed) - before;
        (begin, Sample::take(args.server.pid), began.elapsed())
    });
    drop(running);
    for thread in threads {
        thread.join().map_err(|_| std::io::Error::other("a thread of players panicked"))?;
    }
    let watching = connected.load(Ordering::Relaxed) as u32;
    Ok(Seen { tally, elapsed, alone, begin, end, watching, stayed: watching })
}

async fn drain(
    args: &Floor,
    index: usize,
    count: usize,
    mut stop: watch::Receiver<()>,
    bytes: &Arc<AtomicU64>,
    connected: &Arc<AtomicU64>,
) {
    let scratch = Rc::new(RefCell::new(vec![0; LARGEST_SEND]));
    for _ in (0..args.crowd.players as usize).skip(index).step_by(count) {
        let Ok(mut socket) = TcpStream::connect((args.server.url.host.as_str(), args.server.url.port)).await else {
            continue;
        };
        connected.fetch_add(1, Ordering::Relaxed);
        let (scratch, bytes) = (scratch.clone(), bytes.clone());
        tokio::task::spawn_local(async move {
            while let Ok(count @ 1..) = read_into(&mut socket, &scratch).await {
                bytes.fetch_add(count as u64, Ordering::Relaxed);
            }
        });
    }
    let _ = stop.changed().await;
}

/// Through a buffer that all readers of a thread share, which is theirs only while they do not wait.
async fn read_into(socket: &mut TcpStream, scratch: &RefCell<Vec<u8>>) -> std::io::Result<usize> {
    std::future::poll_fn(|cx| pin!(socket.read(&mut scratch.borrow_mut())).poll(cx)).await
}

/// The one send of a window, or of a key frame.
const LARGEST_SEND: usize = 256 << 10;
/// What a chunk header of format 0 adds.
const HEADER_LEN: usize = 12;
const LOOK: Duration = Duration::from_millis(20);
