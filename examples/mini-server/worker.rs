//! One thread: a runtime of its own, the connections dealt to it, and the walkers of what they play.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rtmp_session::chunk::ChunkSize;
use rtmp_session::live::ImageFormat;
use rtmp_session::{Media, ServerConfig};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};

use crate::connection::Connection;
use crate::publish_key::PublishKey;
use crate::recording::Recorder;
use crate::registry::{Registry, Stream};
use crate::socket::Socket;
use crate::walker::Walker;

/// What all threads share.
pub(crate) struct Server {
    pub(crate) registry: Arc<Registry>,
    pub(crate) sessions: ServerConfig,
    pub(crate) coalesce: Duration,
    pub(crate) recorder: Option<Recorder>,
    /// What publishers have to know.
    pub(crate) publish_key: Option<PublishKey>,
    /// Becomes true when the server goes down.
    pub(crate) stop: watch::Receiver<bool>,
}

/// What the connections of one thread share.
pub(crate) struct Core {
    pub(crate) server: Arc<Server>,
    /// By the address of their stream, which they keep alive.
    walkers: RefCell<HashMap<*const Stream, Rc<Walker>>>,
    connections: RefCell<HashMap<u64, Weak<Socket>>>,
    /// Number of the next connection.
    next: Cell<u64>,
    /// Where bytes are read to that no publisher sent: an idle player needs no buffer of its own.
    pub(crate) scratch: RefCell<Box<[u8]>>,
    /// What one round of reading brought; empty between two connections.
    pub(crate) batch: RefCell<Vec<Media>>,
    pub(crate) is_stopping: Cell<bool>,
}

impl Core {
    fn new(server: Arc<Server>) -> Self {
        Self {
            server,
            walkers: RefCell::default(),
            connections: RefCell::default(),
            next: Cell::new(0),
            scratch: RefCell::new(vec![0; SCRATCH].into()),
            batch: RefCell::default(),
            is_stopping: Cell::new(false),
        }
    }

    /// The walker for a stream on this thread; started if there is none.
    pub(crate) fn walker(self: &Rc<Self>, stream: &Arc<Stream>) -> Rc<Walker> {
        let mut walkers = self.walkers.borrow_mut();
        // One that has lost its last player is about to end.
        if let Some(walker) = walkers.get(&Arc::as_ptr(stream)).filter(|walker| !walker.is_idle()) {
            return Rc::clone(walker);
        }
        let walker = Walker::new(stream);
        walkers.insert(Arc::as_ptr(stream), Rc::clone(&walker));
        let core = Rc::clone(self);
        spawn_local({
            let walker = Rc::clone(&walker);
            async move {
                walker.run(core.server.coalesce).await;
                core.forget(&walker);
            }
        });
        walker
    }

    /// Another may have taken its place.
    fn forget(&self, walker: &Rc<Walker>) {
        let mut walkers = self.walkers.borrow_mut();
        let place = Arc::as_ptr(walker.stream());
        if walkers.get(&place).is_some_and(|current| Rc::ptr_eq(current, walker)) {
            walkers.remove(&place);
        }
    }

    /// Connections are told when the server goes down, from now until [`Core::leave`].
    pub(crate) fn enter(&self, socket: &Rc<Socket>) -> u64 {
        let number = self.next.get();
        self.next.set(number + 1);
        self.connections.borrow_mut().insert(number, Rc::downgrade(socket));
        number
    }

    pub(crate) fn leave(&self, number: u64) {
        self.connections.borrow_mut().remove(&number);
    }

    /// Memory is short: has those looked at that do not take what they were sent.
    fn wake_blocked(&self) {
        for socket in self.connections.borrow().values().filter_map(Weak::upgrade) {
            if socket.borrow_mut().is_blocked() {
                socket.wake();
            }
        }
    }

    /// Ends all connections politely and waits for that, but not for long.
    async fn stop(&self) {
        self.is_stopping.set(true);
        for socket in self.connections.borrow().values().filter_map(Weak::upgrade) {
            socket.wake();
        }
        let end = Instant::now() + LONGEST_STOP;
        while !self.connections.borrow().is_empty() && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// An accepted connection on its way to the thread that will serve it.
type Accepted = (TcpStream, SocketAddr);

/// All threads. The first one accepts and deals the connections out in turn.
pub(crate) struct Workers {
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    pub(crate) fn start(server: &Arc<Server>, count: usize, listeners: Vec<std::net::TcpListener>) -> io::Result<Self> {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..count).map(|_| unbounded_channel()).unzip();
        let mut listeners = Some(listeners);
        let mut threads = Vec::new();
        for (index, receiver) in receivers.into_iter().enumerate() {
            let server = Arc::clone(server);
            let dealer = listeners.take().map(|listeners| Dealer { listeners, senders: senders.clone() });
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let thread = std::thread::Builder::new().name(format!("worker {index}"));
            threads.push(thread.spawn(move || LocalSet::new().block_on(&runtime, work(server, receiver, dealer)))?);
        }
        Ok(Self { threads })
    }

    /// Returns when all connections have ended, behind a stop.
    pub(crate) fn join(self) {
        for thread in self.threads {
            // One that panicked has said so.
            let _ = thread.join();
        }
    }
}

async fn work(server: Arc<Server>, mut dealt: UnboundedReceiver<Accepted>, dealer: Option<Dealer>) {
    let mut stop = server.stop.clone();
    let mut shortages = server.registry.memory().shortages();
    let core = Rc::new(Core::new(server));
    if let Some(Dealer { listeners, senders }) = dealer {
        let turn = Rc::new(Cell::new(0));
        for listener in listeners {
            spawn_local(deal(listener, Rc::clone(&core), senders.clone(), Rc::clone(&turn)));
        }
    }
    loop {
        tokio::select! {
            Some((stream, peer)) = dealt.recv() => match tokio::net::TcpStream::from_std(stream) {
                Ok(stream) => Connection::spawn(&core, stream, peer),
                Err(error) => tracing::warn!(%peer, "cannot take over a connection: {error}"),
            },
            Ok(()) = shortages.changed() => core.wake_blocked(),
            stopped = stop.wait_for(|stop| *stop) => {
                drop(stopped);
                return core.stop().await;
            }
        }
    }
}

struct Dealer {
    listeners: Vec<std::net::TcpListener>,
    /// To the threads, this one first.
    senders: Vec<UnboundedSender<Accepted>>,
}

/// Accepts connections and deals them out, one to each thread in turn.
async fn deal(
    listener: std::net::TcpListener,
    core: Rc<Core>,
    senders: Vec<UnboundedSender<Accepted>>,
    turn: Rc<Cell<usize>>,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!("cannot listen: {error}"),
    };
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most likely: more would fail at once, and some will come free.
                tracing::warn!("cannot accept: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let index = turn.get();
        turn.set((index + 1) % senders.len());
        if index == 0 {
            Connection::spawn(&core, stream, peer);
        } else if let Ok(stream) = stream.into_std() {
            // A thread that has ended takes none; the server is going down then.
            let _ = senders[index].send((stream, peer));
        }
    }
}

/// The connections that images fit: nearly all. 1 is what the first `createStream` of a connection yields, and 65 536 the
/// chunk size that sessions announce.
pub(crate) const IMAGES: ImageFormat = ImageFormat {
    message_stream: 1,
    chunk_size: const { ChunkSize::new(65_536).expect("within the range of chunk sizes") },
};
const SCRATCH: usize = 64 << 10;
const LONGEST_STOP: Duration = Duration::from_secs(3);
