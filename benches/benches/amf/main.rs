//! AMF0 commands and metadata into owned values and back, beside a hand-written borrowed tree and the crates of others.

mod floor;
mod messages;
#[cfg(feature = "peers")]
mod peers;

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use rtmp_amf::{AmfLimits, amf0};
use rtmp_benches::cpu_time::CpuTime;

use messages::Message;

type Group<'a> = BenchmarkGroup<'a, CpuTime>;

fn decode(c: &mut Criterion<CpuTime>) {
    for message in messages::all() {
        let mut group = group(c, "amf/decode", &message);
        bench_decode(&mut group, &message, "floor: borrowed tree", |bytes| {
            floor::decode(bytes).map(|values| values.len()).ok_or_else(|| "not read".to_owned())
        });
        let limits = AmfLimits::default();
        bench_decode(&mut group, &message, "rtmp-amf", |bytes| {
            let values = amf0::decode_all(bytes, &limits).map_err(|error| error.to_string())?;
            Ok(black_box(values).len())
        });
        bench_decode(&mut group, &message, "rtmp-amf, skipped", |bytes| {
            let (mut rest, mut values) = (bytes, 0);
            while !rest.is_empty() {
                amf0::skip(&mut rest, &limits).map_err(|error| error.to_string())?;
                values += 1;
            }
            Ok(values)
        });
        #[cfg(feature = "peers")]
        peers::decode(&mut group, &message);
        group.finish();
    }
}

fn encode(c: &mut Criterion<CpuTime>) {
    for message in messages::all() {
        let mut group = group(c, "amf/encode", &message);
        let tree = floor::decode(&message.bytes).expect("the floor reads our message");
        bench_encode(&mut group, &message, "floor: borrowed tree", |out| {
            floor::encode(&tree, out);
            Ok(())
        });
        let values = amf0::decode_all(&message.bytes, &AmfLimits::default()).expect("we read our message");
        bench_encode(&mut group, &message, "rtmp-amf", |out| {
            amf0::encode_all(black_box(&values), out).map_err(|error| error.to_string())
        });
        #[cfg(feature = "peers")]
        peers::encode(&mut group, &message);
        group.finish();
    }
}

fn group<'a>(c: &'a mut Criterion<CpuTime>, name: &str, message: &Message) -> Group<'a> {
    let mut group = c.benchmark_group(format!("{name}/{}", message.name));
    group.sampling_mode(SamplingMode::Flat);
    group.sample_size(50).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    group.throughput(Throughput::Bytes(message.bytes.len() as u64));
    group
}

/// Measures a reader that says how many values it found, if that is right.
fn bench_decode(
    group: &mut Group<'_>,
    message: &Message,
    name: &str,
    mut decode: impl FnMut(&[u8]) -> Result<usize, String>,
) {
    match decode(&message.bytes) {
        Ok(values) if values == message.values => {}
        Ok(values) => return println!("{name} is left out of {}: it finds {values} values", message.name),
        Err(why) => return println!("{name} is left out of {}: {why}", message.name),
    }
    group.bench_function(name, |b| b.iter(|| decode(black_box(&message.bytes))));
}

/// Measures a writer into a buffer that is used again, if what it writes is the message; a writer may order members
/// its own way and make objects of ECMA arrays.
fn bench_encode(
    group: &mut Group<'_>,
    message: &Message,
    name: &str,
    mut encode: impl FnMut(&mut Vec<u8>) -> Result<(), String>,
) {
    let mut out = Vec::with_capacity(1024);
    let result = encode(&mut out).map(|()| messages::contents(&out) == messages::contents(&message.bytes));
    if result != Ok(true) {
        let why = result.err().unwrap_or_else(|| "what it writes is not the message".to_owned());
        return println!("{name} is left out of {}: {why}", message.name);
    }
    group.bench_function(name, |b| {
        b.iter(|| {
            out.clear();
            let result = encode(&mut out);
            black_box(&out);
            result
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = decode, encode
}
criterion_main!(benches);
