//! The tokio adapter over pipes, loopback sockets and transports that misbehave.
#![cfg(feature = "tokio")]

mod patience;

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use patience::Watch;
use rtmp_session::chunk::{ChunkStreamId, Message, MessageType};
use rtmp_session::tokio::{Connection, Error, Listener, connect};
use rtmp_session::{
    ClientConfig, ClientEvent, ClientSession, CutOff, Link, LinkConfig, Media, RtmpUrl, ServerConfig, ServerEvent,
    ServerSession, SessionError, StreamId, Timeout,
};
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use tokio::time::Instant;

type Server<IO> = Connection<ServerSession, IO>;
type Client<IO> = Connection<ClientSession, IO>;

fn server<IO: AsyncRead + AsyncWrite + Unpin>(io: IO) -> Server<IO> {
    Connection::new(ServerSession::new(ServerConfig::default(), Instant::now().into_std()), io)
}

fn client<IO: AsyncRead + AsyncWrite + Unpin>(io: IO) -> Client<IO> {
    let url: RtmpUrl = "rtmp://localhost/live/cam".parse().unwrap();
    Connection::new(ClientSession::new(ClientConfig::default(), &url, Instant::now().into_std()), io)
}

fn links(size: usize) -> (Connection<Link, DuplexStream>, Connection<Link, DuplexStream>) {
    let (a, b) = duplex(size);
    let now = Instant::now().into_std();
    (
        Connection::new(Link::client(LinkConfig::default(), now), a),
        Connection::new(Link::server(LinkConfig::default(), now), b),
    )
}

fn message(number: u32, len: usize) -> Message {
    Message {
        kind: MessageType::VIDEO,
        stream_id: 1,
        timestamp: number,
        chunk_stream: ChunkStreamId::VIDEO,
        payload: Bytes::from(vec![number as u8; len]),
    }
}

fn video(number: u32) -> Media {
    Media::video(number * 40, vec![if number % 25 == 0 { 0x17 } else { 0x27 }, 1, 0, 0, 0, number as u8])
}

/// Accepts everything and collects what is published until the publisher ends.
async fn record<IO: AsyncRead + AsyncWrite + Unpin>(mut conn: Server<IO>) -> Result<Vec<Media>, Error> {
    let mut recorded = Vec::new();
    while let Some(event) = conn.next_event().await? {
        match event {
            ServerEvent::Connect(request) => conn.session().accept_connect(request)?,
            ServerEvent::Publish(request) => conn.session().accept_publish(request)?,
            ServerEvent::Media { media, .. } => recorded.push(media),
            ServerEvent::Ended { .. } => break,
            _ => {}
        }
    }
    conn.close().await?;
    Ok(recorded)
}

async fn start<IO: AsyncRead + AsyncWrite + Unpin>(conn: &mut Client<IO>) -> Result<StreamId, Error> {
    let stream = conn.session().publish("cam");
    loop {
        match conn.next_event().await?.expect("the server stays") {
            ClientEvent::Started { .. } => return Ok(stream),
            ClientEvent::Ended { status, .. } => panic!("refused: {status:?}"),
            _ => {}
        }
    }
}

async fn publish<IO: AsyncRead + AsyncWrite + Unpin>(mut conn: Client<IO>, count: u32) -> Result<(), Error> {
    let stream = start(&mut conn).await?;
    assert!(conn.session().server_properties().get("fmsVer").is_some(), "CMD-22");
    for number in 0..count {
        conn.session().send_media(stream, &video(number))?;
        conn.flush().await?;
    }
    conn.session().end_stream(stream)?;
    conn.close().await
}

#[tokio::test]
async fn a_publish_arrives_whole_through_pipes_of_any_width() {
    let _watch = Watch::over_this_test();
    for width in [1, 7, 64, 4096, 1 << 20] {
        let (a, b) = duplex(width);
        let (recorded, sent) = tokio::join!(record(server(a)), publish(client(b), 60));
        sent.unwrap();
        assert_eq!(recorded.unwrap(), (0..60).map(video).collect::<Vec<_>>(), "pipe of {width}");
    }
}

#[tokio::test]
async fn a_publish_arrives_whole_over_tcp() {
    let _watch = Watch::over_this_test();
    let listener = Listener::bind("127.0.0.1:0", ServerConfig::default()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let publisher = tokio::spawn(async move {
        let url: RtmpUrl = format!("rtmp://{address}/live/cam").parse().unwrap();
        let conn = connect(&url, ClientConfig::default()).await.unwrap();
        assert!(conn.io().tcp().unwrap().nodelay().unwrap());
        assert_eq!(conn.io().peer_addr().unwrap(), address);
        publish(conn, 500).await
    });
    let (conn, peer) = listener.accept().await.unwrap();
    assert!(conn.io().tcp().unwrap().nodelay().unwrap());
    assert_eq!(conn.io().peer_addr().unwrap(), peer);
    assert_eq!(record(conn).await.unwrap(), (0..500).map(video).collect::<Vec<_>>());
    publisher.await.unwrap().unwrap();
}

/// Polls a future once and drops it.
fn poll_once<F: Future>(future: F, waker: &Waker) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(waker))
}

#[tokio::test]
async fn dropping_a_half_done_next_event_loses_nothing() {
    let _watch = Watch::over_this_test();
    // Every future of the server is polled once and dropped, in the middle of whatever it was doing.
    let (a, b) = duplex(33);
    let publisher = tokio::spawn(publish(client(b), 60));
    let mut conn = server(a);
    let mut recorded = Vec::new();
    loop {
        match poll_once(conn.next_event(), Waker::noop()) {
            Poll::Ready(Ok(Some(ServerEvent::Connect(request)))) => conn.session().accept_connect(request).unwrap(),
            Poll::Ready(Ok(Some(ServerEvent::Publish(request)))) => conn.session().accept_publish(request).unwrap(),
            Poll::Ready(Ok(Some(ServerEvent::Media { media, .. }))) => recorded.push(media),
            Poll::Ready(Ok(Some(ServerEvent::Ended { .. }))) => break,
            Poll::Ready(Ok(Some(_))) => {}
            Poll::Ready(other) => panic!("{other:?}"),
            Poll::Pending => tokio::task::yield_now().await,
        }
    }
    assert_eq!(recorded, (0..60).map(video).collect::<Vec<_>>());
    conn.close().await.unwrap();
    publisher.await.unwrap().unwrap();
}

#[tokio::test]
async fn two_peers_that_both_only_send_do_not_dead_lock() {
    let _watch = Watch::over_this_test();
    const COUNT: u32 = 200;
    let (mut a, mut b) = links(1024);
    async fn handshake(link: &mut Connection<Link, DuplexStream>) {
        while link.session().peer().is_none() {
            if let Poll::Ready(event) = poll_once(link.next_event(), Waker::noop()) {
                assert!(event.unwrap().is_some());
            }
            tokio::task::yield_now().await;
        }
    }
    tokio::join!(handshake(&mut a), handshake(&mut b));
    for number in 0..COUNT {
        a.session().send(&message(number, 30_000)).unwrap();
        b.session().send(&message(number, 30_000)).unwrap();
    }
    assert!(!a.has_room());
    async fn take(mut link: Connection<Link, DuplexStream>) -> u32 {
        let mut taken = 0;
        while taken < COUNT {
            let event = link.next_event().await.unwrap().expect("the peer stays");
            if event.kind == MessageType::VIDEO {
                assert_eq!((event.timestamp, event.payload.len()), (taken, 30_000));
                taken += 1;
            }
        }
        link.flush().await.unwrap();
        taken
    }
    assert_eq!(tokio::join!(take(a), take(b)), (COUNT, COUNT));
}

/// Counts how often it is written to, and hands on to a pipe.
struct Counted(DuplexStream, Arc<AtomicUsize>);

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).collect();
        self.poll_write(cx, &bytes)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn everything_queued_leaves_in_one_write() {
    let _watch = Watch::over_this_test();
    let (a, b) = duplex(1 << 20);
    let writes = Arc::new(AtomicUsize::new(0));
    let mut conn = client(Counted(b, Arc::clone(&writes)));
    let recorder = tokio::spawn(record(server(a)));
    let stream = start(&mut conn).await.unwrap();
    // C0+C1, C2 with connect, createStream and its companions, publish.
    let handshake_and_commands = writes.swap(0, Ordering::Relaxed);
    assert!(handshake_and_commands <= 4, "{handshake_and_commands} writes");
    for number in 0..20 {
        conn.session().send_media(stream, &video(number)).unwrap();
    }
    conn.flush().await.unwrap();
    assert_eq!(writes.load(Ordering::Relaxed), 1);
    conn.session().end_stream(stream).unwrap();
    conn.close().await.unwrap();
    assert_eq!(recorder.await.unwrap().unwrap().len(), 20);
}

/// Always has more to read, and takes everything.
struct Firehose {
    bytes: Vec<u8>,
    at: usize,
    repeat_from: usize,
}

impl AsyncRead for Firehose {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.at == self.bytes.len() {
            self.at = self.repeat_from;
        }
        let count = buf.remaining().min(self.bytes.len() - self.at);
        buf.put_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Firehose {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[derive(Default)]
struct CountedWaker(AtomicUsize);

impl Wake for CountedWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_peer_that_never_pauses_does_not_keep_the_thread() {
    let _watch = Watch::over_this_test();
    // Version, C1, C2 of any content, then the same one-chunk message for ever.
    let mut bytes = vec![3];
    bytes.extend([0; 2 * 1536]);
    let repeat_from = bytes.len();
    bytes.extend([6, 0, 0, 0, 0, 0, 1, 9, 1, 0, 0, 0, 0x27]);
    let link = Link::server(LinkConfig::default(), Instant::now().into_std());
    let mut conn = Connection::new(link, Firehose { bytes, at: 0, repeat_from });
    let wakes = Arc::new(CountedWaker::default());
    let waker = Waker::from(Arc::clone(&wakes));
    let (mut events, mut pauses) = (0, 0);
    for _ in 0..10_000 {
        match poll_once(conn.next_event(), &waker) {
            Poll::Ready(event) => events += usize::from(event.unwrap().is_some()),
            Poll::Pending => pauses += 1,
        }
    }
    assert!(events > 9_000, "{events}");
    assert!(pauses >= 10_000 / 65 - 1, "{pauses} pauses in {events} events");
    // Nobody else would wake it: it must have asked to be polled again.
    assert_eq!(wakes.0.load(Ordering::Relaxed), pauses);
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_given_up_at_the_session_s_deadline() {
    let _watch = Watch::over_this_test();
    let (a, _b) = duplex(4096);
    let begin = Instant::now();
    let error = server(a).next_event().await.unwrap_err();
    assert!(matches!(error, Error::Session(SessionError::TimedOut(Timeout::Handshake))), "{error}");
    let limit = LinkConfig::default().handshake_timeout;
    assert!((limit..limit + Duration::from_secs(1)).contains(&begin.elapsed()), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn flush_keeps_time_too() {
    let _watch = Watch::over_this_test();
    // The peer reads nothing: neither the queue nor the pings of the session ever leave.
    let (a, _b) = duplex(1);
    let mut conn = client(a);
    let error = conn.flush().await.unwrap_err();
    assert!(matches!(error, Error::Session(SessionError::TimedOut(Timeout::Handshake))), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_kept_alive_by_pings() {
    let _watch = Watch::over_this_test();
    let (a, b) = duplex(4096);
    let (mut ours, mut theirs) = (server(a), client(b));
    let hours = tokio::time::sleep(Duration::from_secs(3 * 3600));
    let serve = async {
        while let Some(event) = ours.next_event().await? {
            if let ServerEvent::Connect(request) = event {
                ours.session().accept_connect(request)?;
            }
        }
        Ok::<_, Error>(())
    };
    let stay = async {
        while theirs.next_event().await?.is_some() {}
        Ok::<_, Error>(())
    };
    tokio::select! {
        () = hours => {}
        result = serve => panic!("server: {result:?}"),
        result = stay => panic!("client: {result:?}"),
    }
}

#[tokio::test]
async fn a_close_between_messages_is_an_end_and_inside_one_an_error() {
    let _watch = Watch::over_this_test();
    let (a, mut b) = duplex(4096);
    b.write_all(&[3, 0, 0]).await.unwrap();
    drop(b);
    let error = server(a).next_event().await.unwrap_err();
    assert!(matches!(error, Error::Session(SessionError::UnexpectedEof(CutOff::Handshake))), "{error}");

    let (a, b) = duplex(1 << 16);
    let (mut ours, mut theirs) = (server(a), client(b));
    let stay = tokio::spawn(async move {
        while let Ok(Some(event)) = theirs.next_event().await {
            if matches!(event, ClientEvent::Connected) {
                break;
            }
        }
    });
    let mut connected = false;
    while let Some(event) = ours.next_event().await.unwrap() {
        if let ServerEvent::Connect(request) = event {
            ours.session().accept_connect(request).unwrap();
            connected = true;
        }
    }
    assert!(connected);
    assert!(ours.next_event().await.unwrap().is_none(), "the end stays the end");
    stay.await.unwrap();
}

/// Reads come from a pipe, every write fails.
struct CannotWrite(DuplexStream);

impl AsyncRead for CannotWrite {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for CannotWrite {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn what_a_peer_sent_before_it_left_is_delivered_although_our_answer_fails() {
    let _watch = Watch::over_this_test();
    let (a, mut b) = duplex(1 << 16);
    let mut hello = vec![3];
    hello.extend([0; 2 * 1536]);
    hello.extend([6, 0, 0, 0, 0, 0, 1, 9, 1, 0, 0, 0, 0x27]);
    b.write_all(&hello).await.unwrap();
    let link = Link::server(LinkConfig::default(), Instant::now().into_std());
    let mut conn = Connection::new(link, CannotWrite(a));
    let event = conn.next_event().await.unwrap().expect("the message was there");
    assert_eq!(event.kind, MessageType::VIDEO);
    // The peer is silent now, so the failure is all there is to tell.
    let error = conn.next_event().await.unwrap_err();
    assert!(matches!(&error, Error::Io(error) if error.kind() == io::ErrorKind::BrokenPipe), "{error}");
}

#[tokio::test]
async fn a_refused_client_hears_why_before_the_connection_ends() {
    let _watch = Watch::over_this_test();
    let (a, b) = duplex(1 << 16);
    let (mut ours, mut theirs) = (server(a), client(b));
    let refuse = tokio::spawn(async move {
        let Ok(Some(ServerEvent::Connect(request))) = ours.next_event().await else { panic!("no connect") };
        ours.session().reject(request, "not today").unwrap();
        ours.next_event().await.map(drop)
    });
    let error = loop {
        match theirs.next_event().await {
            Ok(event) => assert!(event.is_some(), "closed without a word"),
            Err(error) => break error,
        }
    };
    let Error::Session(SessionError::Refused(status)) = error else { panic!("{error}") };
    assert_eq!(status.description, "not today");
    assert!(matches!(refuse.await.unwrap(), Err(Error::Session(SessionError::Refused(_)))));
}

#[tokio::test]
async fn into_parts_keeps_what_was_read_ahead() {
    let _watch = Watch::over_this_test();
    let (a, mut b) = duplex(1 << 16);
    let mut hello = vec![3];
    hello.extend([0; 2 * 1536]);
    for number in 0..3 {
        hello.extend([6, 0, 0, number, 0, 0, 1, 9, 1, 0, 0, 0, 0x27]);
    }
    b.write_all(&hello).await.unwrap();
    let mut conn = Connection::new(Link::server(LinkConfig::default(), Instant::now().into_std()), a);
    assert_eq!(conn.next_event().await.unwrap().unwrap().timestamp, 0);
    let (session, io) = conn.into_parts();
    let mut conn = Connection::new(session, io);
    assert_eq!(conn.next_event().await.unwrap().unwrap().timestamp, 1);
    assert_eq!(conn.next_event().await.unwrap().unwrap().timestamp, 2);
}

#[tokio::test]
async fn a_connection_is_a_stream_of_events() {
    let _watch = Watch::over_this_test();
    let (a, b) = duplex(1 << 16);
    let publisher = tokio::spawn(publish(client(b), 5));
    let mut conn = server(a);
    let mut media = 0;
    while let Some(event) = poll_fn(|cx| Pin::new(&mut conn).poll_next(cx)).await {
        match event.unwrap() {
            ServerEvent::Connect(request) => conn.session().accept_connect(request).unwrap(),
            ServerEvent::Publish(request) => conn.session().accept_publish(request).unwrap(),
            ServerEvent::Media { .. } => media += 1,
            _ => {}
        }
    }
    assert_eq!(media, 5);
    assert!(poll_fn(|cx| Pin::new(&mut conn).poll_next(cx)).await.is_none(), "fused");
    drop(conn);
    publisher.await.unwrap().unwrap();

    let (a, mut b) = duplex(64);
    b.write_all(&[0x47]).await.unwrap();
    let mut conn = server(a);
    assert!(poll_fn(|cx| Pin::new(&mut conn).poll_next(cx)).await.unwrap().is_err());
    assert!(poll_fn(|cx| Pin::new(&mut conn).poll_next(cx)).await.is_none(), "an error ends it");
}

#[tokio::test]
async fn a_connection_is_a_sink_of_media_that_holds_back_with_its_peer() {
    let _watch = Watch::over_this_test();
    let (a, b) = duplex(4096);
    let recorder = tokio::spawn(record(server(a)));
    let mut conn = client(b);
    let stream = start(&mut conn).await.unwrap();
    let frame = Media::video(0, vec![0x17; 100_000]);
    for _ in 0..30 {
        poll_fn(|cx| Pin::new(&mut conn).poll_ready(cx)).await.unwrap();
        assert!(conn.has_room());
        Pin::new(&mut conn).start_send((stream, frame.clone())).unwrap();
        assert!(conn.session().queued() < 256 * 1024 + 101_000);
    }
    conn.session().end_stream(stream).unwrap();
    poll_fn(|cx| Pin::new(&mut conn).poll_close(cx)).await.unwrap();
    assert_eq!(recorder.await.unwrap().unwrap().len(), 30);
}

#[tokio::test]
async fn what_waits_for_the_handshake_takes_up_room_and_is_flushed() {
    let _watch = Watch::over_this_test();
    let (mut client, mut server) = links(4096);
    client.session().send(&message(7, 300_000)).unwrap();
    assert!(!client.has_room(), "{} bytes", client.session().queued());
    let flushed = async {
        client.flush().await.unwrap();
        assert_eq!(client.session().queued(), 0);
        assert!(client.has_room());
    };
    let received = async {
        loop {
            let received = server.next_event().await.unwrap().unwrap();
            if received.kind == MessageType::VIDEO {
                return received;
            }
        }
    };
    assert_eq!(tokio::join!(flushed, received).1, message(7, 300_000));
}

#[tokio::test]
async fn flush_does_not_wait_for_a_handshake_that_will_not_end() {
    let _watch = Watch::over_this_test();
    // The peer closes; says something else; says nothing.
    for answer in [Some(&[][..]), Some(&[0x47][..]), None] {
        tokio::time::pause();
        let (ours, mut theirs) = duplex(1 << 16);
        let mut client = Connection::new(Link::client(LinkConfig::default(), Instant::now().into_std()), ours);
        client.session().send(&message(0, 10)).unwrap();
        let kept = match answer {
            Some(bytes) => {
                theirs.write_all(bytes).await.unwrap();
                theirs.shutdown().await.unwrap();
                None
            }
            None => Some(theirs),
        };
        let error = client.flush().await.unwrap_err();
        match answer {
            Some([]) => assert!(matches!(error, Error::Io(ref error) if error.kind() == io::ErrorKind::UnexpectedEof)),
            Some(_) => assert!(matches!(error, Error::Session(SessionError::Handshake(_))), "{error}"),
            None => {
                assert!(matches!(error, Error::Session(SessionError::TimedOut(Timeout::Handshake))), "{error}");
            }
        }
        drop(kept);
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_command_that_is_refused_leaves_the_connection_as_it_was() {
    let _watch = Watch::over_this_test();
    let (a, b) = duplex(4096);
    let recorder = tokio::spawn(record(server(a)));
    let mut conn = client(b);
    let stream = conn.session().publish("cam");
    let error = Error::from(conn.session().send_media(stream, &video(0)).unwrap_err());
    assert!(matches!(error, Error::Command(_)));
    conn.session().end_stream(stream).unwrap();
    publish(conn, 3).await.unwrap();
    assert_eq!(recorder.await.unwrap().unwrap().len(), 3);
}

#[tokio::test]
async fn close_waits_for_the_peer_to_have_read_everything() {
    let _watch = Watch::over_this_test();
    // The client leaves an unread answer behind: closing at once would reset the connection under the server.
    let listener = Listener::bind("127.0.0.1:0", ServerConfig::default()).await.unwrap();
    let url: RtmpUrl = format!("rtmp://{}/live/cam", listener.local_addr().unwrap()).parse().unwrap();
    let recorder = tokio::spawn(async move {
        let (conn, _) = listener.accept().await.unwrap();
        record(conn).await
    });
    let conn = connect(&url, ClientConfig::default()).await.unwrap();
    publish(conn, 2000).await.unwrap();
    assert_eq!(recorder.await.unwrap().unwrap().len(), 2000);
}

#[tokio::test(start_paused = true)]
async fn a_client_gives_up_a_server_that_does_not_answer_its_publish() {
    let _watch = Watch::over_this_test();
    let (a, b) = duplex(1 << 16);
    let (mut server, mut client) = (server(a), client(b));
    let begin = Instant::now();
    let thinking = async {
        while let Some(event) = server.next_event().await.unwrap() {
            match event {
                ServerEvent::Connect(request) => server.session().accept_connect(request).unwrap(),
                ServerEvent::Publish(_) => std::future::pending::<()>().await,
                _ => {}
            }
        }
    };
    let publishing = async {
        client.session().publish("cam");
        loop {
            match client.next_event().await {
                Ok(event) => assert!(event.is_some()),
                Err(error) => return error,
            }
        }
    };
    let error = tokio::select! {
        () = thinking => panic!("the server goes on"),
        error = publishing => error,
    };
    assert!(matches!(error, Error::Session(SessionError::TimedOut(Timeout::Start))), "{error}");
    assert_eq!(begin.elapsed().as_secs(), 30);
}

/// Takes everything, and never gets its goodbye out: a TLS stream whose peer has stopped reading.
struct NoGoodbye(DuplexStream);

impl AsyncRead for NoGoodbye {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for NoGoodbye {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn close_does_not_wait_for_a_goodbye_that_is_not_taken() {
    let _watch = Watch::over_this_test();
    let (ours, _theirs) = duplex(1 << 16);
    let conn = server(NoGoodbye(ours));
    let closed = tokio::time::timeout(Duration::from_secs(60), conn.close()).await;
    closed.expect("closed in time").unwrap();
}

#[tokio::test(start_paused = true)]
async fn close_is_over_in_a_minute_although_the_peer_drips_and_takes_a_little() {
    let _watch = Watch::over_this_test();
    for taken in [0, 1, 2000] {
        let (mut ours, mut theirs) = links(8192);
        ours.session().send(&message(1, 10)).unwrap();
        let shaken = async {
            while let Some(event) = theirs.next_event().await.unwrap() {
                if event.kind == MessageType::VIDEO {
                    break;
                }
            }
        };
        tokio::select! {
            event = async { loop { ours.next_event().await.unwrap().expect("they stay"); } } => event,
            () = shaken => {}
        }
        ours.session().send(&message(2, 1 << 20)).unwrap();
        let (_, mut peer) = theirs.into_parts();
        let dripping = tokio::spawn(async move {
            peer.write_all(&[5, 0, 0, 0, 0, 0x70, 0, 9, 1, 0, 0, 0]).await?;
            let mut scratch = vec![0; taken];
            loop {
                peer.write_all(&[0]).await?;
                peer.read_exact(&mut scratch).await?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            #[allow(unreachable_code, reason = "gives the block its type")]
            Ok::<(), io::Error>(())
        });
        let begin = Instant::now();
        let closed = tokio::time::timeout(Duration::from_secs(3600), ours.close()).await.expect("closed in time");
        assert!(matches!(&closed, Err(Error::Io(error)) if error.kind() == io::ErrorKind::TimedOut), "{closed:?}");
        assert!(begin.elapsed() <= Duration::from_secs(63), "{:?}", begin.elapsed());
        dripping.abort();
    }
}

#[cfg(not(feature = "tls"))]
#[tokio::test]
async fn rtmps_without_the_feature_says_so() {
    let _watch = Watch::over_this_test();
    let url: RtmpUrl = "rtmps://127.0.0.1/live/cam".parse().unwrap();
    let error = connect(&url, ClientConfig::default()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
}

#[tokio::test]
async fn errors_of_the_socket_come_through() {
    let _watch = Watch::over_this_test();
    let url: RtmpUrl = "rtmp://127.0.0.1:1/live/cam".parse().unwrap();
    let error = connect(&url, ClientConfig::default()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);

    // A peer that resets: closing with unread bytes does that.
    let listener = Listener::bind("127.0.0.1:0", ServerConfig::default()).await.unwrap();
    let mut socket = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (mut conn, _) = listener.accept().await.unwrap();
    let mut hello = vec![3];
    hello.extend([0; 1536]);
    socket.write_all(&hello).await.unwrap();
    let poll = tokio::spawn(async move { conn.next_event().await });
    socket.read_u8().await.unwrap();
    socket.set_zero_linger().unwrap();
    drop(socket);
    assert!(matches!(poll.await.unwrap(), Err(Error::Io(_) | Error::Session(SessionError::UnexpectedEof(_)))));
}
