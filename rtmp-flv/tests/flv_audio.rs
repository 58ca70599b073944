//! docs/spec/flv.md: audio bodies.

mod support;

use rtmp_flv::{Anomaly, AudioCodec, AudioHeader, FlvError, PacketKind, Payload, Sound, codec::AudioFormat};

fn parse(data: &[u8]) -> AudioHeader {
    AudioHeader::parse(data).unwrap()
}

#[test]
fn flv_25_first_byte() {
    let sound = Sound(0x3e);
    assert_eq!(
        (sound.format(), sound.sample_rate(), sound.sample_bits(), sound.channels()),
        (3, Some(44_100), 16, Some(1))
    );
    let sound = Sound(0x31);
    assert_eq!((sound.sample_rate(), sound.sample_bits(), sound.channels()), (Some(5_512), 8, Some(2)));
    for format in (0..16).filter(|&format| format != 9) {
        let header = parse(&[format << 4, 1]);
        assert_eq!(header.codec, AudioCodec::from_legacy_id(format));
        assert_eq!(header.sound, Some(Sound(format << 4)));
    }
    assert_eq!(
        [AudioCodec::PCM, AudioCodec::G711_A, AudioCodec::G711_U, AudioCodec::SPEEX].map(AudioCodec::legacy_id),
        [Some(3), Some(7), Some(8), Some(11)]
    );
}

#[test]
fn flv_26_the_configuration_decides_over_aac_flags() {
    let data = [0xa0, 0, 0x11, 0x90];
    let header = parse(&data);
    assert_eq!((header.sound.unwrap().sample_rate(), header.sound.unwrap().channels()), (None, None));
    let format = AudioFormat::of(&header, &data[header.body..]).unwrap();
    assert_eq!((format.sample_rate, format.channels), (48_000, 2));
    let written = AudioHeader::new(AudioCodec::Aac, PacketKind::CodedFrames).payload(&[]).unwrap();
    assert_eq!(written[..], [0xaf, 1]);
}

#[test]
fn flv_27_aac_packet_type() {
    assert!(parse(&[0xaf, 0, 0x12, 0x10]).is_sequence_header());
    assert_eq!(parse(&[0xaf, 1, 0x21]).packet, PacketKind::CodedFrames);
    let error = FlvError::UnknownPacketType { payload: Payload::Audio, packet_type: 2 };
    assert_eq!(AudioHeader::parse(&[0xaf, 2, 0]), Err(error));
    assert!(matches!(AudioHeader::parse(&[0xaf]), Err(FlvError::Truncated { needed: 2, len: 1, .. })));
}

#[test]
fn flv_28_aac_configuration() {
    let empty = parse(&[0xaf, 0]);
    assert!(!empty.is_sequence_header() && empty.anomalies.contains(Anomaly::EmptyConfig));
    let extended = [0xaf, 0, 0x12, 0x10, 0x56, 0xe5, 0];
    let header = parse(&extended);
    assert!(header.is_sequence_header());
    let format = AudioFormat::of(&header, &extended[2..]).unwrap();
    assert_eq!((format.sample_rate, format.channels), (44_100, 2));
    assert_eq!(AudioFormat::of(&header, &extended[2..3]), None, "cut");
}

#[test]
fn flv_29_adts_headers_pass() {
    let data = [0xaf, 1, 0xff, 0xf1, 0x50, 0x80, 0x02, 0x1f, 0xfc, 0x21];
    let header = parse(&data);
    assert_eq!((header.packet, header.body), (PacketKind::CodedFrames, 2));
    assert!(header.anomalies.iter().eq([Anomaly::AdtsHeader]));
}

#[test]
fn flv_30_formats_with_a_fixed_rate() {
    assert_eq!((Sound(0x4f).sample_rate(), Sound(0x4f).channels()), (Some(16_000), Some(1)));
    assert_eq!((Sound(0x5f).sample_rate(), Sound(0x5f).channels()), (Some(8_000), Some(1)));
    for byte in [0x7c, 0x8c, 0xec] {
        assert_eq!(Sound(byte).sample_rate(), Some(8_000));
    }
}

#[test]
fn flv_31_speex() {
    for byte in [0xb2, 0xb6] {
        assert_eq!((Sound(byte).sample_rate(), Sound(byte).channels()), (Some(16_000), Some(1)));
    }
    let written = AudioHeader::new(AudioCodec::SPEEX, PacketKind::CodedFrames).payload(&[1]).unwrap();
    assert_eq!(written[..], [0xb2, 1]);
}

#[test]
fn flv_32_the_frame_decides_over_mp3_flags() {
    let data = [0x2f, 0xff, 0xfb, 0x94, 0x64];
    let header = parse(&data);
    assert_eq!(header.sound.unwrap().sample_rate(), Some(44_100));
    let format = AudioFormat::of(&header, &data[header.body..]).unwrap();
    assert_eq!((format.sample_rate, format.channels), (48_000, 2));
    assert_eq!(parse(&[0xe0, 0xff]).codec, AudioCodec::Mp3, "MP3 at 8 kHz has a number of its own");
}

#[test]
fn flv_33_unknown_formats_pass() {
    for format in [12, 13, 15] {
        let header = parse(&[format << 4 | 0x0f, 1, 2, 3]);
        assert_eq!(
            (header.codec, header.packet, header.body),
            (AudioCodec::Legacy(format), PacketKind::CodedFrames, 1)
        );
    }
}
