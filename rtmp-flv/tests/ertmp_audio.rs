//! docs/spec/enhanced-rtmp-v2.md, section 3: audio.

mod support;

use rtmp_flv::{
    AudioCodec, AudioHeader, Channel, FlvEncodeError, FlvError, FourCc, MultichannelConfig, PacketKind, Payload,
    codec::{AudioFormat, flac::StreamInfo, opus::OpusHead},
};
use support::vector;

#[test]
fn ertmp_30_first_byte() {
    for (packet_type, packet) in [
        (0, PacketKind::SequenceStart),
        (1, PacketKind::CodedFrames),
        (2, PacketKind::SequenceEnd),
        (4, PacketKind::MultichannelConfig),
    ] {
        let header = AudioHeader::parse(&[&[0x90 | packet_type][..], b"Opus"].concat()).unwrap();
        assert_eq!((header.packet, header.sound), (packet, None));
    }
}

#[test]
fn ertmp_31_four_ccs() {
    let table = [
        (b"ac-3", 1_633_889_587, AudioCodec::Ac3),
        (b"ec-3", 1_700_998_451, AudioCodec::Eac3),
        (b"Opus", 1_332_770_163, AudioCodec::Opus),
        (b".mp3", 778_924_083, AudioCodec::Mp3),
        (b"fLaC", 1_716_281_667, AudioCodec::Flac),
        (b"mp4a", 1_836_069_985, AudioCodec::Aac),
    ];
    for (text, number, codec) in table {
        assert_eq!(AudioHeader::parse(&[b"\x91", &text[..]].concat()).unwrap().codec, codec);
        assert_eq!(FourCc(*text).to_u32(), number);
        assert_eq!(codec.four_cc(), Some(FourCc(*text)));
    }
}

#[test]
fn ertmp_32_sequence_starts() {
    for four_cc in [b"Opus", b"ac-3", b"ec-3", b".mp3"] {
        let header = AudioHeader::parse(&[b"\x90", &four_cc[..]].concat()).unwrap();
        assert!(header.is_sequence_header(), "may be empty");
    }
    for four_cc in [b"mp4a", b"fLaC"] {
        let header = AudioHeader::parse(&[b"\x90", &four_cc[..]].concat()).unwrap();
        assert!(!header.is_sequence_header());
    }
    let data = vector("V-ERT-30");
    let head = OpusHead::parse(&data[5..]).unwrap();
    assert_eq!((head.channels, head.pre_skip, head.input_sample_rate), (2, 312, 48_000));
    assert_eq!((head.output_gain, head.mapping_family), (0, 0));
    assert_eq!(OpusHead::parse(&data[5..20]), None);
}

#[test]
fn ertmp_33_opus_without_a_header() {
    for (toc, channels) in [(0xf8, 1), (0xfc, 2)] {
        let data = [b"\x91Opus", &[toc, 1][..]].concat();
        let header = AudioHeader::parse(&data).unwrap();
        let format = AudioFormat::of(&header, &data[header.body..]).unwrap();
        assert_eq!((format.sample_rate, format.channels), (48_000, channels));
    }
}

#[test]
fn ertmp_34_both_forms_of_flac() {
    let long = vector("V-ERT-42");
    let bare = vector("V-ERT-43");
    assert_eq!(StreamInfo::parse(&long[5..]), StreamInfo::parse(&bare[5..]));
    assert!(StreamInfo::parse(&bare[5..]).is_some());
    assert_eq!(StreamInfo::parse(&bare[5..38]), None);
    assert_eq!(StreamInfo::parse(&long[5..46]), None);
}

#[test]
fn ertmp_35_coded_frames_start_right_behind_the_four_cc() {
    for four_cc in [b"mp4a", b"ac-3", b"ec-3", b".mp3", b"fLaC", b"Opus"] {
        let data = [b"\x91", &four_cc[..], b"\x01frame"].concat();
        assert_eq!(AudioHeader::parse(&data).unwrap().body, 5);
    }
}

#[test]
fn ertmp_36_no_composition_time() {
    let data = b"\x91mp4a\0\0\x28\x21";
    let header = AudioHeader::parse(data).unwrap();
    assert_eq!(header.tracks(data).next().unwrap().unwrap().body, &data[5..]);
}

#[test]
fn ertmp_37_multichannel_config() {
    assert_eq!(MultichannelConfig::parse(&[3, 2]), Err(FlvError::UnknownChannelOrder(3)));
    for cut in [&[][..], &[1], &[1, 2, 0, 0, 0], &[2, 3, 0, 1]] {
        assert!(matches!(MultichannelConfig::parse(cut), Err(FlvError::Truncated { payload: Payload::Audio, .. })));
    }
    let uneven = MultichannelConfig::parse(&[1, 6, 0, 0, 0, 3]).unwrap();
    assert_eq!((uneven.count(), uneven.is_consistent()), (6, false));
    assert!(MultichannelConfig::parse(&[1, 2, 0, 0, 0, 3]).unwrap().is_consistent());
    let long = MultichannelConfig::Custom(vec![Channel::SIDE_LEFT; 300]);
    let mut written = Vec::new();
    long.encode(&mut written);
    assert_eq!((written.len(), long.count()), (2 + 255, 255));
}

#[test]
fn ertmp_38_channels() {
    let config = MultichannelConfig::Native { count: 24, mask: 0xff_ffff };
    let names: Vec<_> = config.channels().map(|channel| channel.name().unwrap()).collect();
    assert_eq!((names.len(), names[3], names[23]), (24, "low frequency 1", "bottom front right"));
    assert_eq!(Channel(24).name(), None);
    assert_eq!((Channel::UNUSED.name(), Channel::UNKNOWN.name()), (Some("unused"), Some("unknown")));
    let custom = MultichannelConfig::parse(&[2, 2, 9, 0xfe]).unwrap();
    assert!(custom.channels().eq([Channel::SIDE_LEFT, Channel::UNUSED]));
    assert_eq!(MultichannelConfig::Unspecified { count: 2 }.channels().count(), 0);
}

#[test]
fn ertmp_39_multichannel_config_is_told_apart() {
    let header = AudioHeader::parse(b"\x94Opus\0\x02").unwrap();
    assert!(header.is_multichannel_config() && !header.is_sequence_header());
}

#[test]
fn ertmp_40_sequence_end() {
    let header = AudioHeader::parse(b"\x92Opus").unwrap();
    assert!(header.is_silence() && header.packet == PacketKind::SequenceEnd && header.anomalies.is_empty());
}

#[test]
fn ertmp_41_silence() {
    let header = AudioHeader::parse(&[]).unwrap();
    assert!(header.is_silence() && !header.is_sequence_header());
    assert_eq!((header.packet, header.codec), (PacketKind::Silence, AudioCodec::Unspecified));
    assert_eq!(header.tracks(&[]).next().unwrap().unwrap().body, b"");
}

#[test]
fn ertmp_42_reserved_packet_types() {
    for packet_type in [3, 6, 8, 9, 15] {
        let error = FlvError::UnknownPacketType { payload: Payload::Audio, packet_type };
        assert_eq!(AudioHeader::parse(&[0x90 | packet_type]), Err(error.clone()));
        assert_eq!(AudioHeader::parse(&[&[0x95, packet_type][..], b"Opus\0"].concat()), Err(error));
    }
}

#[test]
fn what_no_audio_header_can_say_is_not_written() {
    let error = |header: AudioHeader| header.payload(&[]).unwrap_err();
    let opus = AudioHeader::new(AudioCodec::Opus, PacketKind::CodedFrames);
    assert_eq!(error(opus.with_enhanced(false)), FlvEncodeError::NoLegacyForm);
    assert_eq!(error(AudioHeader::new(AudioCodec::SPEEX, PacketKind::SequenceStart)), FlvEncodeError::NoEnhancedForm);
    assert_eq!(error(AudioHeader::new(AudioCodec::Opus, PacketKind::Metadata)), FlvEncodeError::NoEnhancedForm);
    let other = AudioHeader::new(AudioCodec::Aac, PacketKind::CodedFrames).with_sound(rtmp_flv::Sound(0x2f));
    assert_eq!(error(other), FlvEncodeError::NoLegacyForm, "the byte of another codec");
}
