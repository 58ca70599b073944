//! How many headers a channel keeps for those who come late. See ERTMP-71, ERTMP-72.

mod live_support;

use live_support::*;
use rtmp_session::Media;
use rtmp_session::live::{Channel, ChannelConfig};

/// The sequence header of a further video track.
fn header_of(track: u8) -> Media {
    Media::video(0, [&[0x96, 0][..], b"avc1", &[track, 1, 0x42, 0xc0, track]].concat())
}

#[test]
fn ertmp_71_72_headers_of_64_tracks_are_kept_and_no_more_beside_the_metadata() {
    let mut channel = Channel::new(ChannelConfig::default());
    let first = metadata(0, "first");
    channel.push(first.clone());
    channel.push_batch((0..=255).map(header_of));
    let kept: Vec<_> = (0..64).map(header_of).collect();
    assert!(channel.headers().iter().eq([&first].into_iter().chain(&kept)), "{} headers", channel.headers().len());

    // What takes the place of one that is kept still fits.
    let (second, newer) = (metadata(0, "second"), Media::video(0, &b"\x96\x00avc1\x05\x01\x4d\xc0\x05"[..]));
    channel.push_batch([second.clone(), newer.clone()]);
    assert_eq!(channel.headers().len(), 65);
    assert_eq!(channel.headers().metadata(), Some(&second));
    assert_eq!(channel.headers().iter().last(), Some(&newer));
    assert!(channel.headers().iter().all(|header| *header != header_of(5)));
}
