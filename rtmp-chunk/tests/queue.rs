//! The send queue: order, sharing, partial writes.

mod support;

use std::io::{self, IoSlice, Write};

use bytes::{Buf, Bytes};
use proptest::prelude::*;
use rtmp_chunk::{ChunkEncoder, SendQueue};
use support::{audio, feed, pattern, size, video};

/// Takes `step` bytes per call, then blocks once after every `patience` calls.
struct Socket {
    written: Vec<u8>,
    step: usize,
    patience: usize,
    calls: usize,
}

impl Socket {
    fn new(step: usize, patience: usize) -> Self {
        Self { written: Vec::new(), step, patience, calls: 0 }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls % (self.patience + 1) == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let before = self.written.len();
        self.written.extend(slices.iter().flat_map(|slice| slice.iter()).take(self.step));
        Ok(self.written.len() - before)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Debug)]
enum Step {
    Copy(usize),
    Share(usize),
    Advance(usize),
    Write(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_usize..600).prop_map(Step::Copy),
        (0_usize..600).prop_map(Step::Share),
        (0_usize..900).prop_map(Step::Advance),
        (1_usize..700).prop_map(Step::Write),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    #[test]
    fn bytes_leave_in_the_order_they_came(steps in steps()) {
        let (mut queue, mut came, mut left) = (SendQueue::new(), Vec::new(), Vec::new());
        for (round, step) in steps.into_iter().enumerate() {
            let fresh = |len: usize| pattern(len).iter().map(|byte| byte ^ round as u8).collect::<Vec<_>>();
            match step {
                Step::Copy(len) => {
                    queue.put_slice(&fresh(len));
                    came.extend(fresh(len));
                }
                Step::Share(len) => {
                    queue.push(Bytes::from(fresh(len)));
                    came.extend(fresh(len));
                }
                Step::Advance(count) => {
                    let count = count.min(queue.len());
                    let mut copy = vec![0; count];
                    queue.copy_to_slice(&mut copy);
                    left.extend(copy);
                }
                Step::Write(step) => {
                    let mut socket = Socket::new(step, 3);
                    let written = queue.write_to(&mut socket).unwrap();
                    prop_assert_eq!(written, socket.written.len());
                    left.extend(socket.written);
                }
            }
            prop_assert_eq!(queue.len(), came.len() - left.len());
            prop_assert_eq!(queue.is_empty(), queue.chunk().is_empty());
            prop_assert_eq!(queue.taken(), left.len() as u64);
        }
        left.extend(feed::drain(&mut queue));
        prop_assert!(left == came);
    }
}

/// Takes four bytes, then says the same for ever.
struct Stuck {
    taken: usize,
    says: io::ErrorKind,
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(4 - self.taken);
        self.taken += count;
        if count == 0 { Err(self.says.into()) } else { Ok(count) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_takes_no_more_for_now_is_no_error() {
    for says in [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut] {
        let mut queue = SendQueue::new();
        queue.put_slice(b"header");
        assert_eq!(queue.write_to(&mut Stuck { taken: 0, says }).unwrap(), 4, "{says:?}");
        assert_eq!(queue.write_to(&mut Stuck { taken: 4, says }).unwrap(), 0, "{says:?}");
        assert_eq!(feed::drain(&mut queue), b"er", "{says:?}");
    }
}

#[test]
fn a_broken_writer_is_an_error_and_keeps_what_it_took() {
    let mut queue = SendQueue::new();
    queue.put_slice(b"header");
    let error = queue.write_to(&mut Stuck { taken: 0, says: io::ErrorKind::BrokenPipe }).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    assert_eq!(feed::drain(&mut queue), b"er");
}

#[test]
fn slices_are_the_pieces_in_order() {
    let mut queue = SendQueue::new();
    let payload = Bytes::from(pattern(1000));
    queue.put_slice(b"head");
    queue.put_slice(b"er");
    queue.push(payload.clone());
    queue.push(Bytes::from_static(b"small"));
    let mut slices = [IoSlice::new(&[]); 8];
    assert_eq!(queue.chunks_vectored(&mut slices), 3);
    assert_eq!((&slices[0][..], &slices[2][..]), (&b"header"[..], &b"small"[..]));
    assert_eq!(slices[1].as_ptr(), payload.as_ptr(), "large payloads are not copied");
    assert_eq!(queue.chunks_vectored(&mut slices[..1]), 1);
}

#[test]
fn payload_of_a_message_is_queued_by_reference() {
    let message = video(6, 0, &pattern(10_000));
    let (mut encoder, _) = feed::pair(size(4096));
    let mut queue = SendQueue::new();
    encoder.encode(&message, &mut queue).unwrap();
    let mut slices = [IoSlice::new(&[]); 8];
    assert_eq!(queue.chunks_vectored(&mut slices), 6);
    let lens: Vec<_> = slices[..6].iter().map(|slice| slice.len()).collect();
    assert_eq!(lens, [12, 4096, 1, 4096, 1, 1808]);
    for (slice, start) in [(1, 0), (3, 4096), (5, 8192)] {
        assert_eq!(slices[slice].as_ptr(), message.payload[start..].as_ptr());
    }
}

#[test]
fn small_messages_are_gathered_into_one_slice() {
    let mut queue = SendQueue::new();
    let mut encoder = ChunkEncoder::new();
    for n in 0..100 {
        encoder.encode(&audio(4, n, &pattern(200)), &mut queue).unwrap();
    }
    let mut slices = [IoSlice::new(&[]); 8];
    assert_eq!(queue.chunks_vectored(&mut slices), 1);
}

#[test]
fn writer_that_takes_nothing_is_an_error_and_what_was_written_is_gone() {
    let mut queue = SendQueue::new();
    queue.put_slice(&pattern(100));
    let mut socket = Socket::new(60, 1);
    assert_eq!(queue.write_to(&mut socket).unwrap(), 60);
    socket.step = 0;
    assert_eq!(queue.write_to(&mut socket).unwrap_err().kind(), io::ErrorKind::WriteZero);
    assert_eq!(queue.len(), 40);
}

#[test]
#[should_panic = "cannot advance 3 in a queue of 2 bytes"]
fn advance_past_the_end_panics_as_buf_asks() {
    let mut queue = SendQueue::new();
    queue.put_slice(b"ab");
    queue.advance(3);
}

#[test]
fn bytes_written_past_the_queue_count_as_taken() {
    let mut queue = SendQueue::new();
    queue.put_slice(b"answer");
    queue.advance(6);
    queue.count_taken(1000);
    assert_eq!((queue.taken(), queue.len()), (1006, 0));
}
