//! Where the payloads of one push live on: in an image, or in buffers of the log's own.

use std::collections::VecDeque;
use std::mem;

use rtmp_chunk::{Message, encode_into, encoded_len};

use super::entry::Entry;
use super::{ChannelConfig, ImageFormat};

/// Renders the entries from index `begin` on into one image.
pub(super) fn render(log: &mut VecDeque<Entry>, begin: usize, format: ImageFormat, config: &ChannelConfig) {
    let messages: Vec<Message> =
        log.range(begin..).map(|entry| entry.media.to_message(format.message_stream)).collect();
    let total = messages.iter().map(|message| encoded_len(message, format.chunk_size).unwrap_or(0)).sum();
    let mut image = Vec::with_capacity(total);
    let mut places = Vec::with_capacity(messages.len());
    for message in &messages {
        let start = image.len();
        let payload = encode_into(message, format.chunk_size, &mut image).expect("append left out what is too long");
        places.push((start, payload));
    }
    drop(messages);
    let image = config.hold(image);
    let count = places.len();
    let mut end = image.len();
    for (index, (start, payload)) in places.into_iter().enumerate().rev() {
        let entry = &mut log[begin + index];
        entry.image = image.slice(start..);
        entry.run = (count - index) as u32;
        entry.own = end - start;
        entry.cost += entry.own;
        end = start;
        entry.media.payload = match payload {
            Some(place) => {
                entry.cost -= place.len();
                image.slice(place)
            }
            None => config.hold(entry.media.detached().payload),
        };
    }
}

/// Copies short payloads from index `begin` on into buffers that they share with their neighbours.
pub(super) fn gather(log: &mut VecDeque<Entry>, mut begin: usize, config: &ChannelConfig) {
    while begin < log.len() {
        let (mut end, mut len) = (begin, 0);
        while let Some(entry) = log.get(end) {
            let more = entry.sliced().unwrap_or(0);
            if end > begin && len + more > GATHERED {
                break;
            }
            len += more;
            end += 1;
        }
        let mut buffer = Vec::with_capacity(len);
        for entry in log.range(begin..end).filter(|entry| entry.sliced().is_some()) {
            buffer.extend_from_slice(&entry.media.payload);
        }
        let mut buffer = config.hold(buffer);
        for entry in log.range_mut(begin..end) {
            entry.media.payload = match entry.sliced() {
                Some(len) => buffer.split_to(len),
                None => config.hold(mem::take(&mut entry.media.payload)),
            };
        }
        begin = end;
    }
}

/// Short payloads are copied into buffers of this size, so that what a log drops is soon freed. At least one goes into each.
const GATHERED: usize = 64 << 10;
