//! Decodes and encodes the RTMP chunk stream: bytes to messages, messages to bytes. No IO, no clock, no threads.
//!
//! RTMP cuts every message into chunks, so that a long video message does not hold up an audio message behind it.
//! This crate puts them together again, and cuts what you send. It knows nothing of the handshake before the first chunk,
//! nor of the commands and media inside the messages; `rtmp-handshake`, `rtmp-amf`, `rtmp-flv` and `rtmp-session` do.
//!
//! # On the wire
//!
//! ```text
//!  chunk ─┬─ basic header ────┬─ message header ──────────────────────┬─ extended ──┬─ data ────────────
//!         │ 1–3 bytes         │ 11, 7, 3 or 0 bytes                   │ 0 or 4      │ at most the
//!         │                   │                                       │             │ chunk size
//!         │ format (2 bits)   │ format 0  time   length type stream   │ time, when  │
//!         │ chunk stream id   │ format 1  delta  length type          │ the 3-byte  │
//!         │ (2 to 65 599)     │ format 2  delta                       │ field is    │
//!         │                   │ format 3  nothing                     │ 0xFFFFFF    │
//! ────────┴───────────────────┴───────────────────────────────────────┴─────────────┴───────────────────
//!  a video message of 300 bytes, and audio, in chunks of 128:
//!
//!  [0|6 time 300 video 1][128 bytes]  [0|4 time 20 audio 1][20 bytes]  [3|6][128 bytes]  [3|6][44 bytes]
//! ```
//!
//! # Decoding
//!
//! Append what you read to a `BytesMut`, take messages out until there is none, read again:
//!
//! ```
//! use bytes::BytesMut;
//! use rtmp_chunk::{ChunkDecoder, ChunkError, ChunkLimits, Control, MessageType};
//! # use std::io::Read;
//! # let mut socket = &[0x02, 0, 0, 0, 0, 0, 4, 5, 0, 0, 0, 0, 0, 0x26, 0x25, 0xa0,
//! #     0x04, 0, 0, 40, 0, 0, 3, 8, 1, 0, 0, 0, 0xaf, 1, 0x21][..];
//!
//! let mut decoder = ChunkDecoder::new(ChunkLimits::default());
//! let mut input = BytesMut::new();
//! # let mut seen = 0;
//! loop {
//!     while let Some(message) = decoder.decode(&mut input)? {
//!         match message.kind {
//!             MessageType::AUDIO | MessageType::VIDEO => println!("{} ms, {} bytes", message.timestamp, message.payload.len()),
//!             MessageType::WINDOW_ACK_SIZE => println!("{:?}", Control::parse(&message)),
//!             _ => {}
//!         }
//! #       seen += 1;
//!     }
//!     let start = input.len();
//!     input.resize(start + decoder.bytes_wanted(), 0);
//!     let count = socket.read(&mut input[start..])?;
//!     input.truncate(start + count);
//!     if count == 0 {
//!         assert!(!decoder.is_mid_message() && input.is_empty(), "the peer stopped inside a message");
//!         break;
//!     }
//! }
//! # assert_eq!(seen, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every size the peer controls is bounded by [`ChunkLimits`], memory follows the bytes received and never the length
//! announced, and a [`ChunkError`] is final. Set Chunk Size and Abort are obeyed inside; all messages come out.
//!
//! **Payloads are [`Bytes`](bytes::Bytes)**, free to be kept and shared. A message of at most 32 KiB that lies whole in the
//! read buffer is split off it without a copy; any other is copied once, into a buffer of exactly its size. A slice keeps
//! its read buffer alive, so copy what you keep for hours.
//!
//! # Encoding
//!
//! A [`ChunkEncoder`] appends to a [`SendQueue`]: headers are gathered, payloads queued by reference, and the queue is a
//! [`Buf`](bytes::Buf) with vectored writing.
//!
//! ```
//! use bytes::Bytes;
//! use rtmp_chunk::{ChunkEncoder, ChunkSize, ChunkStreamId, Message, MessageType, SendQueue};
//! # let mut socket = Vec::new();
//!
//! let (mut encoder, mut queue) = (ChunkEncoder::new(), SendQueue::new());
//! encoder.set_chunk_size(ChunkSize::new(65_536).expect("within 1 and 16 777 215"), &mut queue);
//! encoder.encode(
//!     &Message {
//!         kind: MessageType::VIDEO,
//!         stream_id: 1,
//!         timestamp: 40,
//!         chunk_stream: ChunkStreamId::VIDEO,
//!         payload: Bytes::from(vec![0; 20_000]),
//!     },
//!     &mut queue,
//! )?;
//! assert_eq!(queue.len(), 16 + 12 + 20_000);
//! queue.write_to(&mut socket)?;
//! # assert_eq!(socket.len(), 20_028);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! To send one message to many, encode it once: [`encode_once`] and [`encode_into`] make contiguous bytes that depend on
//! nothing sent before.
//!
//! # With tokio-util
//!
//! [`ChunkDecoder::decode`] has the signature of `tokio_util::codec::Decoder`:
//!
//! ```
//! # use std::io;
//! # use bytes::BytesMut;
//! # use rtmp_chunk::{ChunkDecoder, ChunkError, Message};
//! # trait Decoder { type Item; type Error: From<io::Error>;
//! #     fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error>; }
//! struct Chunks(ChunkDecoder);
//!
//! impl Decoder for Chunks {
//!     type Item = Message;
//!     type Error = Box<dyn std::error::Error + Send + Sync>;
//!
//!     fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Message>, Self::Error> {
//!         Ok(self.0.decode(src)?)
//!     }
//! }
//! ```
//!
//! # Features
//!
//! `std` (default) adds [`SendQueue::write_to`] and vectored slices; without it the crate needs `alloc` only.
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

extern crate alloc;

/// The crate whose `Bytes` and `BytesMut` stand in this one's functions.
pub use bytes;

mod assembly;
mod control;
mod copy;
mod decoder;
mod encoder;
mod error;
mod header;
mod limits;
mod message;
mod queue;
mod run;
mod slicing;
mod table;

pub use self::{
    control::{BandwidthLimit, Control, ControlError},
    decoder::ChunkDecoder,
    encoder::{ChunkEncoder, encode_into, encode_once, encoded_len},
    error::{ChunkError, MessageTooLong},
    limits::ChunkLimits,
    message::{ChunkSize, ChunkStreamId, Message, MessageType},
    queue::SendQueue,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
