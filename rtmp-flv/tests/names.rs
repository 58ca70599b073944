//! What codecs and tags are called.

use rtmp_flv::{AudioCodec, FourCc, TagKind, VideoCodec};

#[test]
fn every_codec_has_a_name_for_people() {
    let names: Vec<String> = (0..16).map(|id| VideoCodec::from_legacy_id(id).to_string()).collect();
    assert_eq!(names[2..8].join(", "), "Sorenson H.263, screen video, VP6, VP6 with alpha, screen video 2, H.264");
    assert_eq!((names[9].as_str(), names[12].as_str(), names[13].as_str()), ("video codec 9", "HEVC", "AV1"));
    let four_ccs = [FourCc::VVC, FourCc::AV1, FourCc::VP9, FourCc::VP8, FourCc(*b"x\n\x1b1")];
    let names = four_ccs.map(|four_cc| VideoCodec::from_four_cc(four_cc).to_string());
    assert_eq!(names, ["VVC", "AV1", "VP9", "VP8", r"x\n\x1b1"]);
    assert_eq!(VideoCodec::Unspecified.to_string(), "video");

    let names: Vec<String> = (0..16).map(|id| AudioCodec::from_legacy_id(id).to_string()).collect();
    assert_eq!(
        names.join(", "),
        "audio format 0, ADPCM, MP3, PCM, Nellymoser, Nellymoser, Nellymoser, G.711 A-law, G.711 µ-law, \
         audio format 9, AAC, Speex, audio format 12, audio format 13, MP3, audio format 15"
    );
    let four_ccs = [FourCc::OPUS, FourCc::FLAC, FourCc::AC3, FourCc::EAC3, FourCc(*b"none")];
    let names = four_ccs.map(|four_cc| AudioCodec::from_four_cc(four_cc).to_string());
    assert_eq!(names, ["Opus", "FLAC", "AC-3", "E-AC-3", "none"]);
    assert_eq!(AudioCodec::Unspecified.to_string(), "audio");
}

#[test]
fn names_stand_in_columns() {
    assert_eq!(format!("{:<6}|{:>6}", VideoCodec::Avc, AudioCodec::Aac), "H.264 |   AAC");
    assert_eq!(format!("{:<14}|", VideoCodec::Legacy(9)), "video codec 9 |");
    assert_eq!(format!("{:>16}|", AudioCodec::Legacy(12)), " audio format 12|");
    let unheard = FourCc(*b"none");
    assert_eq!(format!("{:<6}|{:>6}", VideoCodec::Other(unheard), AudioCodec::Other(unheard)), "none  |  none");
    assert_eq!(format!("{unheard:^6}|{:>8}", FourCc(*b"a\x01bc")), " none | a\\x01bc");
    let kinds = [TagKind::Audio, TagKind::Video, TagKind::Script, TagKind::ScriptAmf3, TagKind::Encrypted(9)];
    assert_eq!(kinds.map(|kind| kind.to_string()), ["audio", "video", "script", "script AMF3", "encrypted"]);
}
