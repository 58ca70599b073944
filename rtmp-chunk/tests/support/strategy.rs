//! Random messages and random ways to write them.

use std::collections::VecDeque;

use bytes::Bytes;
use proptest::prelude::*;
use rtmp_chunk::{Message, MessageType};

use super::{id, writer::Writer};

/// Ids of every form of the basic header, at their edges.
const IDS: [u32; 8] = [2, 3, 6, 63, 64, 319, 320, 65_599];
/// Timestamps around everything that has a boundary.
const TIMES: [u32; 6] = [0, 40, 0xff_fffe, 0xff_ffff, 0x8000_0000, u32::MAX];

pub fn chunk_stream() -> impl Strategy<Value = u32> {
    prop::sample::select(&IDS[..])
}

pub fn timestamp() -> impl Strategy<Value = u32> {
    (prop::sample::select(&TIMES[..]), 0_u32..50).prop_map(|(base, step)| base.wrapping_add(step))
}

/// A message that is not protocol control. Lengths repeat, so that formats 2 and 3 occur.
pub fn message() -> impl Strategy<Value = Message> {
    let len = prop_oneof![3 => prop::sample::select(&[0, 1, 127, 128, 129, 256, 300][..]), 1 => 0_usize..2000];
    let kind = prop::sample::select(&[MessageType::AUDIO, MessageType::VIDEO, MessageType::COMMAND_AMF0][..]);
    (chunk_stream(), timestamp(), kind, 0_u32..2, len, any::<u8>()).prop_map(
        |(chunk_stream, timestamp, kind, stream_id, len, seed)| Message {
            kind,
            stream_id,
            timestamp,
            chunk_stream: id(chunk_stream),
            payload: super::pattern(len).iter().map(|byte| byte ^ seed).collect::<Vec<_>>().into(),
        },
    )
}

pub fn set_chunk_size() -> impl Strategy<Value = Message> {
    (chunk_stream(), prop::sample::select(&[1_u32, 2, 127, 128, 129, 4096, 65_536][..])).prop_map(
        |(chunk_stream, bytes)| Message {
            chunk_stream: id(chunk_stream),
            payload: Bytes::copy_from_slice(&bytes.to_be_bytes()),
            ..super::writer::set_chunk_size(bytes)
        },
    )
}

pub fn messages() -> impl Strategy<Value = Vec<Message>> {
    prop::collection::vec(prop_oneof![8 => message(), 1 => set_chunk_size()], 1..24)
}

/// Messages written with random formats, randomly interleaved: the wire, and the messages in order of completion.
pub fn interleaved() -> impl Strategy<Value = (Vec<u8>, Vec<Message>)> {
    (messages(), prop::collection::vec(any::<u8>(), 1..64)).prop_map(|(messages, choices)| {
        let mut writer = Writer::new();
        let mut waiting: VecDeque<Message> = messages.into();
        let mut busy: Vec<u32> = Vec::new();
        for choice in choices.iter().cycle() {
            // An even choice starts the next message if its chunk stream is free, an odd one goes on with another.
            let startable = waiting.front().is_some_and(|message| !busy.contains(&message.chunk_stream.get()));
            if startable && (choice % 2 == 0 || busy.is_empty()) {
                let message = waiting.pop_front().unwrap();
                writer.begin(&message, choice / 2);
                busy.push(message.chunk_stream.get());
            } else if !busy.is_empty() {
                writer.go_on(busy[usize::from(choice / 2) % busy.len()]);
            } else {
                break;
            }
            busy.retain(|id| writer.is_busy(*id));
        }
        (writer.wire, writer.completed)
    })
}

/// Lengths to cut the wire into reads.
pub fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        Just(vec![1]),
        Just(vec![1400]),
        prop::collection::vec(1_usize..40, 1..8),
        prop::collection::vec(1_usize..3000, 1..8),
    ]
}
