//! Tags out of a file and into one, and the headers of payloads, beside what cannot be left out and the crates of others.

mod clip;
mod headers;
mod ours;
#[cfg(feature = "peers")]
mod peers;

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use rtmp_benches::{cpu_time::CpuTime, measure};

use clip::{Clip, Seen, Socket};

type Group<'a> = BenchmarkGroup<'a, CpuTime>;

fn demux(c: &mut Criterion<CpuTime>) {
    let clip = Clip::new();
    let mut group = group(c, "flv/demux", &clip);
    ours::demux(&mut group, &clip);
    #[cfg(feature = "peers")]
    peers::demux(&mut group, &clip);
    group.finish();
}

fn mux(c: &mut Criterion<CpuTime>) {
    let clip = Clip::new();
    let mut group = group(c, "flv/mux", &clip);
    ours::mux(&mut group, &clip);
    #[cfg(feature = "peers")]
    peers::mux(&mut group, &clip);
    group.finish();
}

fn group<'a>(c: &'a mut Criterion<CpuTime>, name: &str, clip: &Clip) -> Group<'a> {
    let mut group = measure::group(c, name);
    group.throughput(Throughput::ElementsAndBytes { elements: clip.tags.len() as u64, bytes: clip.file.len() as u64 });
    group
}

/// Measures a reader that takes the file in its own form and shows every tag, if what it shows is right.
fn bench_demux<I>(
    group: &mut Group<'_>,
    clip: &Clip,
    name: &str,
    prepare: impl Fn(&[u8]) -> I,
    demux: impl Fn(&mut I, &mut Seen) -> Result<(), String>,
) {
    let mut seen = Seen::checking();
    if let Err(why) = demux(&mut prepare(&clip.file), &mut seen).and_then(|()| seen.check(clip)) {
        return println!("{name} is left out of demux: {why}");
    }
    group.bench_function(name, |b| {
        b.iter_batched_ref(|| prepare(&clip.file), |input| demux(input, &mut Seen::default()), BatchSize::PerIteration);
    });
}

/// Measures a writer that takes the tags in its own form and sends each by itself, if what it sends is right.
fn bench_mux<I>(
    group: &mut Group<'_>,
    clip: &Clip,
    name: &str,
    prepare: impl Fn(&Clip) -> I,
    mux: impl Fn(&mut I, &mut Socket) -> Result<(), String>,
) {
    let mut socket = Socket::checking();
    if let Err(why) = mux(&mut prepare(clip), &mut socket).and_then(|()| socket.check(clip)) {
        return println!("{name} is left out of mux: {why}");
    }
    group.bench_function(name, |b| {
        b.iter_batched_ref(|| prepare(clip), |tags| mux(tags, &mut Socket::default()), BatchSize::LargeInput);
    });
}

criterion_group! {
    name = benches;
    config = measure::criterion();
    targets = demux, mux, headers::headers
}
criterion_main!(benches);
