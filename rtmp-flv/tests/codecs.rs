//! Configurations and first bytes of frames as encoders write them: x264, x265, VVenC, SVT-AV1, libvpx, FFmpeg's AC-3.

mod support;

use rtmp_flv::{
    AudioHeader, VideoHeader,
    codec::{
        AudioFormat, VideoFormat,
        aac::AacConfig,
        av1::Av1Config,
        avc::{AvcConfig, AvcSequence},
        flac::StreamInfo,
        frame,
        hevc::HevcConfig,
        opus::OpusHead,
        video_codec_string, vpx,
        vvc::VvcConfig,
    },
};
use support::hex;

const AVC_BASELINE: &str = "170000000001 42c028 ffe10017 6742c028da01e0089f97011000003e90000ea600f1832a 01000468ce0fc8";
const AVC_INTERLACED: &str = "170000000001 640028 ffe10019 67640028acd94078044fde022000007d20001d4c03e2c5b2c0 \
                              01000668fba3cb22c0 fdf8f800";
const AVC_444_SCALING_LISTS: &str = "170000000001 f40028 ffe1001a 67f40028919b280f0044fc4e022000007d20001d4c01e30632c0 \
                                     01000868ebe3c44c000440 fff8f800";
const HEVC_MAIN10: &str = "9068766331 01022000000090000000000078f000fcfdfafa00000f03 \
    200001001840010c01ffff022000000300900000030000030078959809 \
    210001002a420101022000000300900000030000030078a003c08010e4d96566924caf01680800001f480003a9804022 \
    000100074401c172b46240";
const HEVC_422_SUB_LAYERS: &str = "9068766331 0104080000009d080000000078f000fcfefafa00001b03 \
    200001001d40010c04ffff0408000003009d0800000300007800009594aca565024 0210001002e4201040408000003009d080000030000780\
    000b003c08010e4d965652b295964932bc05a02000007d20000ea6020 22000100074401c172b46240";
const VVC: &str = "9076766331 ff00655f010220800000014000b00000 028f0001";
const AV1: &str = "9061763031 81084c00 0a0c02000042955dfe1b805f0808";

fn video(text: &str) -> (VideoFormat, Option<String>) {
    let data = hex(text);
    let header = VideoHeader::parse(&data).unwrap();
    let body = &data[header.body..];
    (VideoFormat::of(&header, body).unwrap(), video_codec_string(header.codec, body))
}

#[track_caller]
fn check(text: &str, size: (u32, u32), profile_level_depth: (u8, u8, u8), rate: Option<f64>, name: Option<&str>) {
    let (format, seen) = video(text);
    assert_eq!((format.width, format.height), (Some(size.0), Some(size.1)));
    let (profile, level, depth) = profile_level_depth;
    assert_eq!((format.profile, format.level, format.bit_depth), (Some(profile), Some(level), Some(depth)));
    assert_eq!(format.frame_rate.map(|rate| (rate * 1000.0).round()), rate.map(|rate| (rate * 1000.0).round()));
    assert_eq!(seen.as_deref(), name);
}

#[test]
fn avc() {
    check(AVC_BASELINE, (1920, 1080), (66, 40, 8), Some(29.970), Some("avc1.42C028"));
    check(AVC_INTERLACED, (1920, 1080), (100, 40, 8), Some(29.970), Some("avc1.640028"));
    check(AVC_444_SCALING_LISTS, (1920, 1080), (244, 40, 8), Some(29.970), Some("avc1.F40028"));
    let without_sps = video("170000000001 42c028 ff e0 00").0;
    assert_eq!((without_sps.width, without_sps.profile), (None, Some(66)));
}

#[test]
fn hevc() {
    check(HEVC_MAIN10, (1920, 1080), (2, 120, 10), None, Some("hvc1.2.4.L120.90"));
    check(HEVC_422_SUB_LAYERS, (1920, 1080), (4, 120, 10), None, Some("hvc1.4.10.L120.9D.8"));
}

#[test]
fn vvc() {
    check(VVC, (320, 176), (1, 32, 10), None, None);
    assert_eq!(VvcConfig::parse(&[0xfe, 0, 0x65]), None, "does not tell");
}

#[test]
fn av1() {
    check(AV1, (1920, 1080), (0, 8, 10), None, Some("av01.0.08M.10"));
    let frame = hex("9161763031 1200 0a0c02000042955dfe1b805f0808 32");
    let header = VideoHeader::parse(&frame).unwrap();
    let format = VideoFormat::of(&header, &frame[header.body..]).unwrap();
    assert_eq!((format.width, format.height), (Some(1920), Some(1080)));
    // Timing of 30 frames a second: 1 tick of 1/30 s, all pictures equally long.
    let mut timed = hex("81000c00 0a10");
    timed.extend_from_slice(&bits(&[
        (0, 3),
        (0, 1),
        (0, 1), // profile, still picture, reduced header
        (1, 1),
        (1, 32),
        (30, 32),
        (1, 1),
        (1, 1),
        (0, 1), // timing, no decoder model
        (0, 1),
        (0, 5),
        (0, 12),
        (8, 5),
        (0, 1), // one operating point
        (7, 4),
        (7, 4),
        (159, 8),
        (89, 8),
    ]));
    timed.resize(4 + 2 + 16, 0);
    let sequence = Av1Config::parse(&timed).unwrap().sequence().unwrap();
    assert_eq!((sequence.width, sequence.height, sequence.frame_rate), (160, 90, Some(30.0)));
}

/// Values of so many bits each, one behind the other.
fn bits(values: &[(u64, u32)]) -> Vec<u8> {
    let text: String = values.iter().map(|&(value, len)| format!("{value:0len$b}", len = len as usize)).collect();
    let byte = |digits: &[u8]| digits.iter().fold(0_u8, |byte, digit| byte << 1 | (digit - b'0')) << (8 - digits.len());
    text.as_bytes().chunks(8).map(byte).collect()
}

/// Exp-Golomb codes of H.264, 9.1: unsigned and signed.
fn ue(value: u64) -> (u64, u32) {
    (value + 1, 2 * (value + 1).ilog2() + 1)
}

fn se(value: i64) -> (u64, u32) {
    ue(if value > 0 { 2 * value as u64 - 1 } else { 2 * value.unsigned_abs() })
}

#[test]
fn avc_with_every_optional_part() {
    let flag = |on: bool| (u64::from(on), 1);
    let mut parts = vec![(0x67, 8), (100, 8), (0x4028, 16), ue(0), ue(1), ue(2), ue(2), flag(false)];
    // Scaling lists: a whole one, one that falls back at once, a large one; five are left out.
    parts.push(flag(true));
    parts.extend([flag(true)].into_iter().chain([se(0); 16]));
    parts.extend([flag(true), se(-8)]);
    parts.extend([flag(false); 4]);
    parts.extend([flag(true)].into_iter().chain([se(0); 64]));
    parts.push(flag(false));
    // Picture order of type 1.
    parts.extend([ue(0), ue(1), flag(false), se(-3), se(2), ue(2), se(1), se(-1)]);
    // 1920 by 1088 in fields, of which eight lines are cropped.
    parts.extend([ue(1), flag(false), ue(119), ue(33), flag(false), flag(false), flag(true)]);
    parts.extend([flag(true), ue(0), ue(0), ue(0), ue(2)]);
    // Usability: a shape of its own, overscan, colours, chroma places, timing.
    parts.extend([flag(true), flag(true), (255, 8), (0x0101_0101, 32), flag(true), flag(true)]);
    parts.extend([flag(true), (10, 4), flag(true), (0x01_0101, 24), flag(true), ue(0), ue(0)]);
    parts.extend([flag(true), (0x0101_0101, 32), (50 * 0x0101_0101, 32), flag(true)]);
    let sps = bits(&parts);
    assert!(sps.windows(3).all(|three| three[..2] != [0, 0]), "no byte needs protection");
    let read = AvcSequence::parse(&sps).unwrap();
    assert_eq!((read.width, read.height, read.bit_depth, read.frame_rate), (1920, 1080, 10, Some(25.0)));
    for len in 0..sps.len() - 1 {
        let Some(cut) = AvcSequence::parse(&sps[..len]) else { continue };
        let mut expected = read;
        expected.frame_rate = None;
        assert_eq!(cut, expected, "{len} bytes");
    }
}

#[test]
fn vp8_and_vp9() {
    assert_eq!(vpx::vp9_size(&hex("a2498342000efe086ec0c704")), Some((1920, 1080)), "profile 1");
    assert_eq!(vpx::vp9_size(&hex("a60040 92f121")), None, "an inter frame");
    assert_eq!(
        vpx::vp9_size(&bits(&[(2, 2), (0, 2), (0, 1), (0, 1), (2, 2), (0x49_8342, 24), (7, 3), (99, 16), (49, 16)])),
        Some((100, 50))
    );
    assert_eq!(vpx::vp8_size(&hex("d084029d012a800738040587")), Some((1920, 1080)));
    assert_eq!(vpx::vp8_size(&hex("d184029d012a800738040587")), None, "an inter frame");
    let frame = hex("9176703038 d084029d012a80073804");
    let header = VideoHeader::parse(&frame).unwrap();
    assert_eq!(VideoFormat::of(&header, &frame[header.body..]).unwrap().width, Some(1920));
}

#[test]
fn sorenson() {
    let picture = |size: &[(u64, u32)]| bits(&[&[(1, 17), (0, 5), (0, 8)], size].concat());
    for (code, size) in [(2, (352, 288)), (3, (176, 144)), (4, (128, 96)), (5, (320, 240)), (6, (160, 120))] {
        assert_eq!(vpx::sorenson_size(&picture(&[(code, 3)])), Some(size));
    }
    assert_eq!(vpx::sorenson_size(&picture(&[(0, 3), (64, 8), (48, 8)])), Some((64, 48)));
    assert_eq!(vpx::sorenson_size(&picture(&[(1, 3), (640, 16), (480, 16)])), Some((640, 480)));
    assert_eq!(vpx::sorenson_size(&picture(&[(7, 3)])), None);
}

#[test]
fn aac() {
    let parse = |text: &str| AacConfig::parse(&hex(text)).map(|c| (c.profile_name(), c.sample_rate, c.channels));
    assert_eq!(parse("1210"), Some(("AAC LC", 44_100, 2)));
    assert_eq!(parse("123056e500"), Some(("AAC LC", 44_100, 6)));
    assert_eq!(parse("2b8a0800"), Some(("HE-AAC", 44_100, 1)));
    assert_eq!(parse("eb8a0800"), Some(("HE-AAC v2", 44_100, 2)));
    assert_eq!(parse("17805dc010"), Some(("AAC LC", 48_000, 2)), "rate written out");
    assert_eq!(parse("1690"), None, "reserved rate");
    assert_eq!(parse("12"), None);
}

#[test]
fn surround_in_ac3_and_eac3() {
    for data in ["9165632d33 0b7703ce7f87c000208020000200", "9161632d33 0b7746fa5e40ebf8403eff9dffc2"] {
        let data = hex(data);
        let header = AudioHeader::parse(&data).unwrap();
        let format = AudioFormat::of(&header, &data[header.body..]).unwrap();
        assert_eq!((format.sample_rate, format.channels), (44_100, 6));
    }
    assert_eq!(frame::ac3(&[0x0b, 0x78, 0, 0, 0, 0, 0, 0]), None);
}

#[test]
fn mp3_of_every_version() {
    let rate = |second, third| frame::mp3(&[0xff, second, third, 0xc0]).map(|format| format.sample_rate);
    assert_eq!(rate(0xfb, 0x94), Some(48_000));
    assert_eq!(rate(0xf3, 0x58), Some(16_000));
    assert_eq!(rate(0xe3, 0x50), Some(11_025));
    assert_eq!(rate(0xfb, 0x9c), None, "reserved rate");
    assert_eq!(rate(0xeb, 0x90), None, "reserved version");
    assert_eq!(rate(0xf9, 0x90), None, "reserved layer");
    assert_eq!(frame::mp3(&[0xff, 0xfb, 0x90, 0xc0]).unwrap().channels, 1);
}

#[test]
fn cut_configurations_are_none() {
    for text in [AVC_BASELINE, AVC_INTERLACED, AVC_444_SCALING_LISTS, HEVC_MAIN10, HEVC_422_SUB_LAYERS, VVC, AV1] {
        let data = hex(text);
        for len in 0..data.len() {
            let Ok(header) = VideoHeader::parse(&data[..len]) else { continue };
            let _ = VideoFormat::of(&header, &data[header.body..len]);
        }
    }
    assert_eq!(AvcConfig::parse(&[2, 0x42, 0xc0, 0x1e, 0xff, 0xe0]), None, "another version");
    assert_eq!(HevcConfig::parse(&[0; 23]), None, "another version");
    assert_eq!(Av1Config::parse(&[0x82, 0, 0, 0]), None, "another version");
    assert_eq!(OpusHead::parse(b"OpusHead\x10aaaaaaaaaaa"), None, "another version");
    assert_eq!(StreamInfo::parse(b"fLaC"), None);
}
