//! The vectors of `docs/spec/handshake-complex.md`, built from their rule, and the answers of real peers.

use std::{format, string::String, vec::Vec};

use super::*;

extern crate std;

const VECTORS: &str = include_str!("../tests/data/vectors.tsv");

/// The bytes of a vector as the table gives them.
fn vector(id: &str) -> Vec<u8> {
    let line = VECTORS.lines().find(|line| line.split('\t').next() == Some(id)).expect("the table has this id");
    unhex(line.split('\t').nth(2).expect("id, length, bytes"))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("hexadecimal")).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// C1 or S1 of the vectors, before its digest is written.
fn first(version: [u8; 4]) -> Packet {
    let mut packet: Packet = core::array::from_fn(|i| (7 * i + 3) as u8);
    packet[..4].fill(0);
    packet[4..8].copy_from_slice(&version);
    packet
}

fn check_first(id: &str, version: [u8; 4], signer: Signer, schema: DigestSchema, offset: usize, digest: &str) {
    let mut packet = first(version);
    let written = write_digest(&mut packet, schema, signer);
    assert_eq!((written.offset, hex(&written.digest)), (offset, String::from(digest)));
    assert_eq!(packet[..], vector(id)[..]);
    for first_look in [DigestSchema::DigestFirst, DigestSchema::KeyFirst] {
        assert_eq!(find_digest(&packet, first_look, signer), Some(written));
    }
    // The key block takes part in the digest like any other byte, and so does everything else (CHS-8, CHS-10).
    for index in [0, 4, 700, 771, 800, 1535] {
        let mut changed = packet;
        changed[index] ^= 1;
        assert_eq!(find_digest(&changed, schema, signer), None, "byte {index}");
    }
}

fn check_second(id: &str, answers: &str, schema: DigestSchema, signer: Signer, signature: &str) {
    let answered: Packet = vector(answers).try_into().expect("a packet");
    let peer = if signer == Signer::Server { Signer::Client } else { Signer::Server };
    let found = find_digest(&answered, schema, peer).expect("vectors have a digest");
    let mut packet: Packet = core::array::from_fn(|i| (11 * i + 5) as u8);
    assert!(!is_signed(&packet, &found.digest, signer));
    sign(&mut packet, &found.digest, signer);
    assert_eq!(hex(packet::tail(&packet)), signature);
    assert_eq!(packet[..], vector(id)[..]);
    assert!(is_signed(&packet, &found.digest, signer));
    assert!(!is_signed(&packet, &found.digest, peer), "keys differ by role");
}

const C1_VERSION: [u8; 4] = [0x80, 0, 7, 2];
const S1_VERSION: [u8; 4] = [1, 0, 5, 4];

#[test]
fn v_chs_01_chs_08_10_c1_key_first() {
    let digest = "8e211aefe949d44221d8905aa6154973bcab5ecb43dc582f65b1de1c2f94e4d5";
    check_first("V-CHS-01", C1_VERSION, Signer::Client, DigestSchema::KeyFirst, 942, digest);
}

#[test]
fn v_chs_02_chs_08_c1_digest_first() {
    let digest = "0b441119ef46c4660e578ac88d3bf4c2d8901ff9a39c94bb92cb345f63928860";
    check_first("V-CHS-02", C1_VERSION, Signer::Client, DigestSchema::DigestFirst, 290, digest);
}

#[test]
fn v_chs_03_chs_08_s1_key_first() {
    let digest = "fa627009cb60bbc1bcedaaa93666c244819c5fe89af4721191801505e312a633";
    check_first("V-CHS-03", S1_VERSION, Signer::Server, DigestSchema::KeyFirst, 942, digest);
}

#[test]
fn v_chs_04_chs_08_s1_digest_first() {
    let digest = "dc98072b040b1f18c5c5b43b855c7e26b91501859a51bd7f8e2db49e6bf95a46";
    check_first("V-CHS-04", S1_VERSION, Signer::Server, DigestSchema::DigestFirst, 290, digest);
}

#[test]
fn v_chs_05_chs_11_s2_answers_key_first() {
    let signature = "e3ea5f6b031477d11a2f4ac65d84d954e357819e62e6c71be498b0c43783c3c4";
    check_second("V-CHS-05", "V-CHS-01", DigestSchema::KeyFirst, Signer::Server, signature);
}

#[test]
fn v_chs_06_chs_11_s2_answers_digest_first() {
    let signature = "864200d1267ff26773553ead227e69c2175dcf9f170c0a9c355cc6dbf2883d8a";
    check_second("V-CHS-06", "V-CHS-02", DigestSchema::DigestFirst, Signer::Server, signature);
}

#[test]
fn v_chs_07_chs_12_c2_answers_key_first() {
    let signature = "77fc59609c22599cd25a8d44a664615056e37c652a53882792859ef9bf93d568";
    check_second("V-CHS-07", "V-CHS-03", DigestSchema::KeyFirst, Signer::Client, signature);
}

#[test]
fn v_chs_08_chs_12_c2_answers_digest_first() {
    let signature = "6fe3caee30522c9b02d86634a95e702cf31570f4a8141294a385a6e2b880c517";
    check_second("V-CHS-08", "V-CHS-04", DigestSchema::DigestFirst, Signer::Client, signature);
}

#[test]
fn chs_03_keys_have_their_lengths_and_one_suffix() {
    assert_eq!((Signer::Client.short_key(), Signer::Server.short_key()), (&FP62[..30], &FMS68[..36]));
    assert_eq!(FP62[30..], FMS68[36..]);
    assert_eq!(FP62[61], 0xae);
}

#[test]
fn chs_05_07_offsets_are_sums_of_single_bytes_within_the_block() {
    let mut packet = [0; PACKET_LEN];
    assert_eq!(digest_offset(&packet, DigestSchema::KeyFirst), 776);
    assert_eq!(digest_offset(&packet, DigestSchema::DigestFirst), 12);
    // 255 + 255 + 217 + 0 = 727, the largest remainder; one more wraps.
    packet[772..776].copy_from_slice(&[255, 255, 217, 0]);
    packet[8..12].copy_from_slice(&[255, 255, 217, 0]);
    assert_eq!(digest_offset(&packet, DigestSchema::KeyFirst), 1503);
    assert_eq!(digest_offset(&packet, DigestSchema::DigestFirst), 739);
    packet[11] = 1;
    assert_eq!(digest_offset(&packet, DigestSchema::DigestFirst), 12);
    packet[8..12].fill(255);
    assert_eq!(digest_offset(&packet, DigestSchema::DigestFirst), 12 + 1020 - 728);
}

#[test]
fn chs_09_every_byte_but_the_digest_itself_is_signed() {
    for schema in [DigestSchema::KeyFirst, DigestSchema::DigestFirst] {
        let mut packet = first(C1_VERSION);
        let written = write_digest(&mut packet, schema, Signer::Client);
        for index in 0..PACKET_LEN {
            let mut changed = packet;
            changed[index] ^= 0x80;
            // Of a changed digest the other 31 bytes are wrong too; of any other byte the digest is. Either way it is none.
            assert_eq!(find_digest(&changed, schema, Signer::Client), None, "byte {index}");
        }
        // What stood in the digest's place before does not matter.
        let mut again = packet;
        again[written.offset..written.offset + 32].fill(0);
        assert_eq!((write_digest(&mut again, schema, Signer::Client), again), (written, packet));
    }
}

#[test]
fn chs_09_the_largest_offsets_sign_and_verify() {
    for (schema, block) in [(DigestSchema::KeyFirst, 772), (DigestSchema::DigestFirst, 8)] {
        let mut packet = first(C1_VERSION);
        packet[block..block + 4].copy_from_slice(&[255, 255, 217, 0]);
        let written = write_digest(&mut packet, schema, Signer::Client);
        assert_eq!(find_digest(&packet, schema, Signer::Client), Some(written));
    }
}

/// Digests and signatures that real programs exchanged.
#[test]
fn chs_11_12_recorded_peers_sign_as_we_do() {
    let recorded: [(&[u8], &[u8]); 3] = [
        (
            include_bytes!("../tests/data/ffmpeg5-play-h264-aac.c2s.bin"),
            include_bytes!("../tests/data/ffmpeg5-play-h264-aac.s2c.bin"),
        ),
        (
            include_bytes!("../tests/data/nginx-push-h264-aac.c2s.bin"),
            include_bytes!("../tests/data/nginx-push-h264-aac.s2c.bin"),
        ),
        (
            include_bytes!("../tests/data/rtmpdump-play-swfverify.c2s.bin"),
            include_bytes!("../tests/data/rtmpdump-play-swfverify.s2c.bin"),
        ),
    ];
    for (c2s, s2c) in recorded {
        let c1 = find_digest(c2s[1..].first_chunk().unwrap(), DigestSchema::DigestFirst, Signer::Client).unwrap();
        let s1 = find_digest(s2c[1..].first_chunk().unwrap(), DigestSchema::DigestFirst, Signer::Server).unwrap();
        assert!(is_signed(c2s[1537..].first_chunk().unwrap(), &s1.digest, Signer::Client));
        assert!(is_signed(s2c[1537..].first_chunk().unwrap(), &c1.digest, Signer::Server));
    }
}
