//! The decoder agrees with one written straight from the text, without any thought of speed or limits.

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use rtmp_chunk::{ChunkDecoder, ChunkLimits, Message, MessageType};
use support::{feed, id, strategy};

/// What the text calls the chunk stream's previous header, and the message under way.
#[derive(Clone, Default)]
struct Stream {
    time: u32,
    delta: u32,
    len: usize,
    kind: u8,
    stream_id: u32,
    extended: bool,
    payload: Option<Vec<u8>>,
}

/// All messages in `wire`, and whether it broke a rule. `None` inside means that the input ended.
fn reference(wire: &[u8]) -> (Vec<Message>, bool) {
    let (mut messages, mut streams, mut chunk_size, mut at) = (Vec::new(), BTreeMap::new(), 128, 0);
    loop {
        match chunk(wire, &mut at, &mut streams, &mut chunk_size) {
            Some(Ok(message)) => messages.extend(message),
            Some(Err(())) => return (messages, true),
            None => return (messages, false),
        }
    }
}

/// One chunk: the message that it completes, if it completes one.
fn chunk(
    wire: &[u8],
    at: &mut usize,
    streams: &mut BTreeMap<u32, Stream>,
    chunk_size: &mut usize,
) -> Option<Result<Option<Message>, ()>> {
    let mut take = |count: usize| -> Option<u32> {
        let bytes = wire.get(*at..*at + count)?;
        *at += count;
        Some(bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    };
    // 5.3.1.1 Chunk Basic Header
    let first = take(1)?;
    let (format, csid) = (first >> 6, first & 63);
    let csid = match csid {
        0 => take(1)? + 64,
        1 => take(1)? + take(1)? * 256 + 64,
        _ => csid,
    };
    let known = streams.get(&csid).cloned();
    let is_first = known.is_none();
    let mut stream = known.unwrap_or_default();
    // 5.3.1.2 Chunk Message Header, 5.3.1.3 Extended Timestamp
    if format < 3 {
        let time = take(3)?;
        if format < 2 {
            stream.len = take(3)? as usize;
            stream.kind = take(1)? as u8;
        }
        if format == 0 {
            stream.stream_id = take(4)?.swap_bytes();
        }
        stream.extended = time == 0xff_ffff;
        stream.delta = if stream.extended { take(4)? } else { time };
        if stream.payload.is_some() || (is_first && format == 2) {
            return Some(Err(()));
        }
        stream.time = if format == 0 { stream.delta } else { stream.time.wrapping_add(stream.delta) };
    } else {
        if is_first {
            return Some(Err(()));
        }
        let value = if stream.extended { take(4)? } else { stream.delta };
        if stream.payload.is_none() {
            stream.delta = value;
            stream.time = stream.time.wrapping_add(value);
        }
    }
    let payload = stream.payload.get_or_insert_default();
    let count = (stream.len - payload.len()).min(*chunk_size);
    payload.extend(wire.get(*at..*at + count)?);
    *at += count;
    let complete = if payload.len() == stream.len { stream.payload.take() } else { None };
    let Some(payload) = complete else {
        streams.insert(csid, stream);
        return Some(Ok(None));
    };
    // 5.4 Protocol Control Messages
    let value = payload.first_chunk().copied().map(u32::from_be_bytes);
    if stream.kind == 1 {
        match value {
            Some(size @ 1..=0x7fff_ffff) => *chunk_size = size as usize,
            _ => return Some(Err(())),
        }
    }
    let message = Message {
        kind: MessageType(stream.kind),
        stream_id: stream.stream_id,
        timestamp: stream.time,
        chunk_stream: id(csid),
        payload: payload.into(),
    };
    streams.insert(csid, stream);
    if let (2, Some(aborted)) = (message.kind.0, value.and_then(|id| streams.get_mut(&id))) {
        aborted.payload = None;
    }
    Some(Ok(Some(message)))
}

/// As large as the wire allows, and to the letter.
fn unlimited() -> ChunkDecoder {
    let limits = ChunkLimits::default()
        .max_message_len(usize::MAX)
        .max_chunk_streams(usize::MAX)
        .max_partial_bytes(usize::MAX)
        .max_empty_run(usize::MAX);
    ChunkDecoder::new(limits).strict_extended_timestamps(true)
}

fn agree(wire: &[u8], cuts: &[usize]) -> Result<(), TestCaseError> {
    let outcome = feed::decode_pieces(&mut unlimited(), feed::cut(wire, cuts));
    let (messages, broken) = reference(wire);
    prop_assert_eq!(outcome.messages, messages);
    prop_assert_eq!(outcome.error.is_some(), broken, "{:?}", outcome.error);
    Ok(())
}

/// Chunk headers that are likely to mean something, with a few data bytes behind each.
fn plausible() -> impl Strategy<Value = Vec<u8>> {
    let header = (0_u8..4, prop::sample::select(&[0_u8, 1, 2, 3, 4][..]), 0_u8..2, any::<bool>());
    let chunk = (header, 0_u8..12, prop::sample::select(&[1_u8, 2, 8, 9][..]), prop::collection::vec(0_u8..9, 0..12));
    prop::collection::vec(chunk, 1..30).prop_map(|chunks| {
        let mut wire = Vec::new();
        for ((format, csid, id, extended), len, kind, data) in chunks {
            wire.push(format << 6 | csid);
            wire.extend(&[id; 2][..2_usize.min(usize::from(2 - csid.min(2)) * usize::from(csid < 2))]);
            let time = if extended { [0xff; 3] } else { [0, 0, len] };
            let fields = [&time[..], &[0, 0, len, kind], &[1, 0, 0, 0]].concat();
            wire.extend(&fields[..[11, 7, 3, 0][usize::from(format)]]);
            wire.extend(data);
        }
        wire
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn agrees_on_right_streams((wire, _) in strategy::interleaved(), cuts in strategy::cuts()) {
        agree(&wire, &cuts)?;
    }

    #[test]
    fn agrees_on_plausible_streams(wire in plausible(), cuts in strategy::cuts()) {
        agree(&wire, &cuts)?;
    }

    #[test]
    fn agrees_on_arbitrary_bytes(wire in prop::collection::vec(any::<u8>(), 0..300), cuts in strategy::cuts()) {
        agree(&wire, &cuts)?;
    }

    #[test]
    fn agrees_on_damaged_streams(
        (mut wire, _) in strategy::interleaved(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        for (at, byte) in damage {
            let at = at.index(wire.len());
            wire[at] = byte;
        }
        agree(&wire, &[usize::MAX])?;
    }
}
