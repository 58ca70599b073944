//! How servers are measured.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use rtmp_benches::{
    cpu_time::CpuTime,
    measure::group,
    receiver::{ReadBuffer, Sink},
};

use crate::{
    candidate::Candidate,
    publisher::{Publisher, READ},
};

/// Times each server that hands out every message as it was sent, below it the reads that nobody can leave out.
pub(crate) fn measure(c: &mut Criterion<CpuTime>, candidates: Vec<Box<dyn Candidate>>) {
    let publisher = Publisher::new();
    let mut group = group(c, "session/publisher");
    group.throughput(Throughput::ElementsAndBytes {
        elements: publisher.media.messages.len() as u64,
        bytes: publisher.media.wire.len() as u64,
    });
    group.bench_function("floor: the reads alone", |b| {
        let mut buffer = ReadBuffer::default();
        b.iter(|| {
            for read in publisher.media.reads(READ) {
                black_box(buffer.read(read));
            }
        });
    });
    for mut candidate in candidates {
        if let Err(why) = check(&mut *candidate, &publisher) {
            println!("{} is left out: {why}", candidate.name());
            continue;
        }
        let mut sink = Sink::new(0);
        group.bench_function(candidate.name(), |b| {
            b.iter(|| publisher.serve(&mut *candidate, &mut sink).expect("it was right before"));
        });
    }
    group.finish();
}

fn check(candidate: &mut dyn Candidate, publisher: &Publisher) -> Result<(), String> {
    let mut sink = Sink::checking();
    publisher.serve(candidate, &mut sink)?;
    let is_right = sink.digest() == Some(publisher.media.expected);
    if is_right { Ok(()) } else { Err("the messages are wrong".to_owned()) }
}
