//! AMF0 commands and metadata into owned values and back, beside a hand-written borrowed tree and the crates of others.

mod floor;
mod messages;
#[cfg(feature = "peers")]
mod peers;

use std::hint::black_box;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use rtmp_amf::{AmfLimits, Value, amf0};
use rtmp_benches::{cpu_time::CpuTime, measure};

use messages::Message;

type Group<'a> = BenchmarkGroup<'a, CpuTime>;

fn decode(c: &mut Criterion<CpuTime>) {
    for message in messages::all() {
        let mut group = group(c, "amf/decode", &message);
        let put_tree = |values: &[floor::Tree<'_>], out: &mut Vec<u8>| {
            floor::encode(values, out);
            Ok(())
        };
        let read_tree = |bytes| floor::decode(bytes).ok_or_else(|| "not read".to_owned());
        bench_decode(&mut group, &message, "floor: borrowed tree", read_tree, put_tree);
        let limits = AmfLimits::default();
        let read = |bytes: &[u8]| amf0::decode_all(bytes, &limits).map_err(|error| error.to_string());
        let put =
            |values: &[Value], out: &mut Vec<u8>| amf0::encode_all(values, out).map_err(|error| error.to_string());
        bench_decode(&mut group, &message, "rtmp-amf", read, put);
        bench_walk(&mut group, &message, "rtmp-amf, skipped", |bytes| {
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
    let mut group = measure::group(c, format!("{name}/{}", message.name));
    group.throughput(Throughput::Bytes(message.bytes.len() as u64));
    group
}

/// Measures a reader of all values, if what it read is the message once `encode` has written it again.
fn bench_decode<'a, V>(
    group: &mut Group<'_>,
    message: &'a Message,
    name: &str,
    mut decode: impl FnMut(&'a [u8]) -> Result<Vec<V>, String>,
    encode: impl FnOnce(&[V], &mut Vec<u8>) -> Result<(), String>,
) {
    let mut again = Vec::new();
    let read = decode(&message.bytes).and_then(|values| encode(&values, &mut again));
    if let Err(why) = read.and_then(|()| check(&again, message)) {
        return println!("{name} is left out of {}: {why}", message.name);
    }
    group.bench_function(name, |b| b.iter(|| decode(black_box(&message.bytes))));
}

/// Measures a reader that keeps nothing: how many values it passed is all that can be checked.
fn bench_walk(
    group: &mut Group<'_>,
    message: &Message,
    name: &str,
    mut walk: impl FnMut(&[u8]) -> Result<usize, String>,
) {
    match walk(&message.bytes) {
        Ok(values) if values == message.values => {}
        Ok(values) => return println!("{name} is left out of {}: it finds {values} values", message.name),
        Err(why) => return println!("{name} is left out of {}: {why}", message.name),
    }
    group.bench_function(name, |b| b.iter(|| walk(black_box(&message.bytes))));
}

/// Measures a writer into a buffer that is used again, if what it writes is the message.
fn bench_encode(
    group: &mut Group<'_>,
    message: &Message,
    name: &str,
    mut encode: impl FnMut(&mut Vec<u8>) -> Result<(), String>,
) {
    let mut out = Vec::with_capacity(1024);
    if let Err(why) = encode(&mut out).and_then(|()| check(&out, message)) {
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

/// A writer may order members its own way and make objects of ECMA arrays.
fn check(written: &[u8], message: &Message) -> Result<(), String> {
    let is_message = messages::contents(written) == messages::contents(&message.bytes);
    if is_message { Ok(()) } else { Err("what it writes is not the message".to_owned()) }
}

criterion_group! {
    name = benches;
    config = measure::criterion();
    targets = decode, encode
}
criterion_main!(benches);
