//! What a program may choose of the layers below its sessions: each switch of `LinkConfig`, off and on.

mod support;

use rtmp_session::{
    Link, LinkConfig, Media, SessionError,
    chunk::{ChunkError, ChunkSize, Message, MessageType, encode_once},
    handshake::{Answer, HandshakeError},
};
use support::{drain, epoch, feed, link_config, unhex, vector, video};

/// A link at a server, behind its handshake.
fn link(config: LinkConfig) -> Link {
    let mut link = Link::server(config, epoch());
    feed(&mut link, &[&[3][..], &[0; 2 * 1536]].concat());
    assert_eq!(link.poll_event(), Ok(None));
    drain(&mut link);
    link
}

/// All messages in `wire`, or the error behind them.
fn read(link: &mut Link, wire: &[u8]) -> Result<Vec<Message>, SessionError> {
    feed(link, wire);
    std::iter::from_fn(|| link.poll_event().transpose()).collect()
}

#[test]
fn hs_3_rtmpe_7_answer_other_versions() {
    for version in [4, 6, 31] {
        let hello = [&[version][..], &[0; 1536]].concat();
        let mut strict = Link::server(link_config(), epoch());
        let error = SessionError::Handshake(HandshakeError::UnsupportedVersion { version });
        assert_eq!(read(&mut strict, &hello), Err(error));
        let mut lenient = Link::server(link_config().answer_other_versions(true), epoch());
        assert_eq!(read(&mut lenient, &hello), Ok(vec![]));
        assert_eq!(drain(&mut lenient)[0], 3, "the version that is spoken here");
    }
}

#[test]
fn hs_8_verify_echo() {
    let no_echo = [&[3][..], &[0; 2 * 1536]].concat();
    let mut lenient = Link::server(link_config(), epoch());
    assert_eq!(read(&mut lenient, &no_echo), Ok(vec![]));
    assert_eq!(lenient.peer().map(|peer| peer.answer), Some(Answer::Other));
    let mut strict = Link::server(link_config().verify_echo(true), epoch());
    assert_eq!(read(&mut strict, &no_echo), Err(SessionError::Handshake(HandshakeError::EchoMismatch)));
    // At a client too.
    let mut client = Link::client(link_config().verify_echo(true), epoch());
    assert_eq!(read(&mut client, &no_echo), Err(SessionError::Handshake(HandshakeError::EchoMismatch)));
}

#[test]
fn ctl_7_ignore_chunk_size_top_bit() {
    let wire = vector("V-CTL-91");
    let error = read(&mut link(link_config()), &wire).unwrap_err();
    assert!(matches!(error, SessionError::Chunk(ChunkError::ChunkSize(_))), "{error}");
    let mut lenient = link(link_config().ignore_chunk_size_top_bit(true));
    assert_eq!(read(&mut lenient, &wire).unwrap()[0].kind, MessageType::SET_CHUNK_SIZE);
}

#[test]
fn chk_33_drop_partial() {
    let begun = encode_once(&video(40, 400).to_message(1), ChunkSize::DEFAULT).unwrap();
    let whole = encode_once(&video(80, 100).to_message(1), ChunkSize::DEFAULT).unwrap();
    let wire = [&begun[..140], &whole].concat();
    let mut strict = link(link_config());
    let error = read(&mut strict, &wire).unwrap_err();
    assert!(matches!(error, SessionError::Chunk(ChunkError::Interrupted { .. })), "{error}");
    let mut lenient = link(link_config().drop_partial(true));
    let media: Vec<_> =
        read(&mut lenient, &wire).unwrap().into_iter().map(|message| Media::from_message(message).unwrap()).collect();
    assert_eq!(media, [Some(video(80, 100))]);
    assert_eq!(lenient.stats().messages_dropped, 1);
}

#[test]
fn ctl_9_aborted_messages_are_counted() {
    let begun = encode_once(&video(40, 400).to_message(1), ChunkSize::DEFAULT).unwrap();
    let abort = unhex("020000000000040200000000 00000006".replace(' ', "").as_str());
    let mut link = link(link_config());
    assert_eq!(read(&mut link, &[&begun[..140], &abort].concat()).unwrap().len(), 1);
    assert_eq!(link.stats().messages_dropped, 1);
}

#[test]
fn chk_21_strict_extended_timestamps() {
    // A sender that leaves the field out on continuation chunks: by value it is read, strictly four bytes are skipped.
    let media = video(0x0100_0005, 200);
    let repeated = encode_once(&media.to_message(1), ChunkSize::DEFAULT).unwrap();
    let (first, rest) = repeated.split_at(16 + 128);
    let left_out = [first, &rest[..1], &rest[5..]].concat();
    let payload = |config: LinkConfig, wire: &[u8]| {
        let messages = read(&mut link(config), wire).unwrap();
        messages.into_iter().map(|message| message.payload).next()
    };
    let strict = link_config().strict_extended_timestamps(true);
    assert_eq!(payload(link_config(), &repeated), Some(media.payload.clone()));
    assert_eq!(payload(strict.clone(), &repeated), Some(media.payload.clone()));
    assert_eq!(payload(link_config(), &left_out), Some(media.payload));
    assert_eq!(payload(strict, &left_out), None, "four bytes are missing");
}
