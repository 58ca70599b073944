//! docs/spec/flv.md: the encryption envelope, which is read and not opened.

mod support;

use rtmp_amf::{AmfLimits, Object};
use rtmp_flv::{EncryptionHeader, FlvError, ScriptData, TagKind};
use support::{decode_tags, tag_bytes};

/// The envelope behind an AAC header.
fn audio(name: &[u8], params: &[u8]) -> Vec<u8> {
    let mut data = vec![0xaf, 1, 1];
    data.extend_from_slice(name);
    data.extend_from_slice(&(params.len() as u32).to_be_bytes()[1..]);
    data.extend_from_slice(params);
    data.extend_from_slice(b"body");
    data
}

const IV: [u8; 16] = [7; 16];

#[test]
fn flv_56_encrypted_tags_are_marked() {
    for tag_type in [8, 9, 15, 18] {
        let tag = &decode_tags(&tag_bytes(tag_type | 0x20, 3, b"opaque")).unwrap().tags[0];
        assert_eq!((tag.kind, &tag.data[..]), (TagKind::Encrypted(tag_type), &b"opaque"[..]));
        assert_eq!(tag.kind.type_byte(), tag_type | 0x20);
    }
}

#[test]
fn flv_57_envelope() {
    let data = audio(b"Encryption\0", &IV);
    let envelope = EncryptionHeader::parse(TagKind::Encrypted(8), &data).unwrap();
    assert_eq!((envelope.clear, &data[envelope.body..]), (&[0xaf, 1][..], &b"body"[..]));
    let mut two = data.clone();
    two[2] = 2;
    let error = EncryptionHeader::parse(TagKind::Encrypted(8), &two).unwrap_err();
    assert_eq!(error, FlvError::BadEncryptionHeader("number of filters is not 1"));
    for len in 2..data.len() - 4 {
        assert!(EncryptionHeader::parse(TagKind::Encrypted(8), &data[..len]).is_err(), "cut at {len}");
    }
    assert!(EncryptionHeader::parse(TagKind::Audio, &data).is_err());
    let video = [&[0x27, 1, 0, 0, 0][..], &data[2..]].concat();
    let envelope = EncryptionHeader::parse(TagKind::Encrypted(9), &video).unwrap();
    assert_eq!(envelope.clear.len(), 5);
    assert!(EncryptionHeader::parse(TagKind::Encrypted(18), &data[2..]).unwrap().clear.is_empty());
}

#[test]
fn flv_58_filter_name_in_both_forms() {
    for name in [&b"SE\0"[..], b"\0\x02SE"] {
        let data = audio(name, &[0]);
        assert_eq!(EncryptionHeader::parse(TagKind::Encrypted(8), &data).unwrap().filter_name, "SE");
    }
    assert!(EncryptionHeader::parse(TagKind::Encrypted(8), &audio(b"Mine\0", &[])).is_err());
}

#[test]
fn flv_59_filter_parameters() {
    let data = audio(b"Encryption\0", &IV);
    let whole = EncryptionHeader::parse(TagKind::Encrypted(8), &data).unwrap();
    assert_eq!((whole.encrypted, whole.iv), (true, Some(IV)));
    let data = audio(b"SE\0", &[&[0x80][..], &IV].concat());
    let selected = EncryptionHeader::parse(TagKind::Encrypted(8), &data).unwrap();
    assert_eq!((selected.encrypted, selected.iv), (true, Some(IV)));
    let data = audio(b"SE\0", &[0x7f]);
    let left_out = EncryptionHeader::parse(TagKind::Encrypted(8), &data).unwrap();
    assert_eq!((left_out.encrypted, left_out.iv), (false, None));
    assert!(EncryptionHeader::parse(TagKind::Encrypted(8), &audio(b"SE\0", &[])).is_err());
    assert!(EncryptionHeader::parse(TagKind::Encrypted(8), &audio(b"SE\0", &[0x80, 1])).is_err(), "cut vector");
}

#[test]
fn flv_61_additional_header_passes() {
    let header = Object::new().with("Encryption", Object::new().with("Version", 2));
    let tag = ScriptData::new("|AdditionalHeader", vec![header.into()]).to_tag(0).unwrap();
    let read = ScriptData::parse(tag.kind, &tag.data, &AmfLimits::default()).unwrap();
    assert_eq!(read.values[0]["Encryption"]["Version"], 2.0);
}

#[test]
fn flv_62_metadata_is_never_encrypted() {
    assert_eq!(rtmp_flv::Metadata::new().to_tag().unwrap().head()[0], 18);
}
