//! What a server does with every message that it distributes: peek at the header of its payload.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use rtmp_benches::{cpu_time::CpuTime, measure::group};
use rtmp_flv::{AudioHeader, VideoHeader};

pub(crate) fn headers(c: &mut Criterion<CpuTime>) {
    let mut group = group(c, "flv/header");
    group.throughput(Throughput::Elements(1));
    let video: [(&str, &[u8]); 4] = [
        ("legacy AVC", b"\x27\x01\0\0\x28\0\0\0\x02\x41\x01"),
        ("enhanced HEVC", b"\xa1hvc1\0\0\x28\0\0\0\x02\x02\x01"),
        ("enhanced HEVC, nanosecond offset", b"\xa7\x02\0\x01\xf4\x01hvc1\0\0\x28\0\0\0\x02\x02\x01"),
        ("enhanced AVC, track 1", b"\xa6\x01avc1\x01\0\0\x28\0\0\0\x02\x41\x01"),
    ];
    for (name, payload) in video {
        assert!(VideoHeader::parse(payload).is_ok_and(|header| header.is_frame() && !header.is_keyframe()));
        group.bench_function(name, |b| b.iter(|| VideoHeader::parse(black_box(payload))));
    }
    let audio: [(&str, &[u8]); 2] = [("legacy AAC", b"\xaf\x01\x21\x10"), ("enhanced Opus", b"\x91Opus\xfc\x01")];
    for (name, payload) in audio {
        assert!(AudioHeader::parse(payload).is_ok_and(|header| !header.is_sequence_header()));
        group.bench_function(name, |b| b.iter(|| AudioHeader::parse(black_box(payload))));
    }
    group.finish();
}
