//! SWF verification.

use rtmp_handshake::SwfVerification;

fn unhex<const N: usize>(text: &str) -> [u8; N] {
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hexadecimal"))
}

/// rtmpdump 2.4, given this hash and size, answered so to a server whose S1 ended with this.
#[test]
fn swfv_03_04_the_answer_is_that_of_rtmpdump() {
    let hash = unhex("a3d0ea6a079709b8dc1900cb5b0ed9ca78f42eec4b6af6610a1db7d5792022f2");
    let tail = unhex("11c7dbfce3446128cc8ee4cfc2635b11478cdecc4b6fdc1b1374f40efd6c740c");
    let recorded: [u8; 42] =
        unhex("010100003039000030392ca29e20b2a08db0b8c4e0691a42fdba85b19db626aedd3cd8e3c0d3ffeb8093");
    assert_eq!(SwfVerification { hash, size: 12345 }.answer(&tail), recorded);
}

/// The layout of V-CTL-20: two bytes 01, the size twice, a digest.
#[test]
fn swfv_03_v_ctl_20_layout() {
    let answer = SwfVerification { hash: [0; 32], size: 0x12345 }.answer(&[0; 32]);
    assert_eq!(answer[..10], unhex::<10>("01010001234500012345"));
}

/// HMAC-SHA256 of `FWS` under the 30 bytes of the client's key, from another implementation.
#[test]
fn swfv_02_a_file_is_hashed_under_the_clients_key() {
    let player = SwfVerification::from_swf(b"FWS");
    assert_eq!(player.size, 3);
    assert_eq!(player.hash, unhex("0734561870ab3e3ea62df7357707a06bc5af2310d0bdf9a844c630a5159c48f5"));
}
