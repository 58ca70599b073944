//! A channel and its readers, case by case.

mod live_support;

use std::time::Duration;

use live_support::*;
use rtmp_session::Media;
use rtmp_session::chunk::ChunkSize;
use rtmp_session::live::{Channel, ChannelConfig, Gap, ImageFormat, Next, NextImage, Start};

fn channel() -> Channel {
    Channel::new(ChannelConfig::default())
}

/// A stream of two GOPs: metadata, headers, and a frame each 40 ms from 1000 ms on.
fn two_gops() -> Vec<Media> {
    vec![
        metadata(0, "m"),
        avc_header(0, 1),
        aac_header(0, 1),
        key(1000, 1),
        audio(1010, 2),
        inter(1040, 3),
        key(1080, 4),
        audio(1090, 5),
        inter(1120, 6),
    ]
}

#[test]
fn msg_14_a_late_reader_gets_metadata_headers_and_the_newest_key_frame() {
    let mut channel = channel();
    let stream = two_gops();
    channel.push_batch(stream.clone());
    let got = read(&channel, &mut channel.subscribe());
    let expected = [
        at(&stream[0], 1080),
        at(&stream[1], 1080),
        at(&stream[2], 1080),
        stream[6].clone(),
        stream[7].clone(),
        stream[8].clone(),
    ];
    assert_eq!(got.media, expected);
    assert!(got.gaps.is_empty());
}

#[test]
fn who_waited_gets_everything_from_the_first_message_on() {
    let mut channel = channel();
    let mut waiting = channel.subscribe();
    assert_eq!(channel.next(&mut waiting), Next::Pending);
    let stream = two_gops();
    channel.push_batch(stream.clone());
    assert_eq!(read(&channel, &mut waiting).media, stream);
}

#[test]
fn who_waited_misses_nothing_of_a_publish_that_was_over_before_it_looked() {
    let mut channel = channel();
    let mut waiting = channel.subscribe();
    channel.push_batch([avc_header(0, 1), key(0, 1)]);
    channel.interrupt();
    channel.resume();
    channel.push_batch([avc_header(0, 2), key(0, 2)]);
    assert_eq!(read(&channel, &mut waiting).media, [avc_header(0, 1), key(0, 1), avc_header(40, 2), key(40, 2)]);
}

#[test]
fn start_live_waits_for_the_next_key_frame() {
    let mut channel = Channel::new(ChannelConfig::default().start(Start::Live));
    channel.push_batch(two_gops());
    let mut reader = channel.subscribe();
    assert_eq!(channel.next(&mut reader), Next::Pending);
    channel.push(inter(1160, 7));
    assert_eq!(channel.next(&mut reader), Next::Pending);
    channel.push(key(1200, 8));
    let got = read(&channel, &mut reader).media;
    assert_eq!(got.last(), Some(&key(1200, 8)));
    assert_eq!(got.len(), 4, "three headers and the key frame");
}

#[test]
fn a_stream_of_audio_starts_anywhere_with_its_headers() {
    let mut channel = channel();
    channel.push_batch([metadata(0, "m"), aac_header(0, 1), audio(0, 1), audio(23, 2)]);
    let mut reader = channel.subscribe();
    assert_eq!(read(&channel, &mut reader).media, [metadata(23, "m"), aac_header(23, 1)]);
    channel.push(audio(46, 3));
    assert_eq!(read(&channel, &mut reader).media, [audio(46, 3)]);
}

#[test]
fn a_stream_of_data_starts_anywhere() {
    let mut channel = channel();
    channel.push(data(0, "onCuePoint"));
    let mut reader = channel.subscribe();
    assert_eq!(channel.next(&mut reader), Next::Pending);
    channel.push_batch([data(10, "onTextData"), data(20, "anything")]);
    assert_eq!(read(&channel, &mut reader).media, [data(10, "onTextData"), data(20, "anything")]);
}

#[test]
fn a_stream_whose_video_stopped_is_a_stream_of_audio() {
    let mut channel = Channel::new(ChannelConfig::default().max_messages(10));
    channel.push_batch([avc_header(0, 1), key(0, 1)]);
    let mut reader = channel.subscribe();
    assert_eq!(read(&channel, &mut reader).media.len(), 2);
    for id in 0..20 {
        channel.push(audio(id * 23, id));
    }
    let got = read(&channel, &mut reader);
    assert_eq!(got.gaps.len(), 1);
    channel.push_batch([audio(460, 21), inter(460, 22), audio(483, 23)]);
    assert_eq!(read(&channel, &mut reader).media, [audio(460, 21), audio(483, 23)], "the frame before it is missing");
    channel.push_batch([inter(500, 24), key(540, 25), inter(580, 26)]);
    assert_eq!(read(&channel, &mut reader).media, [key(540, 25), inter(580, 26)]);
}

#[test]
fn an_all_intra_stream_starts_at_its_newest_frame() {
    let mut channel = channel();
    channel.push(avc_header(0, 1));
    (0..50).for_each(|id| channel.push(key(id * 40, id)));
    assert_eq!(read(&channel, &mut channel.subscribe()).media, [avc_header(1960, 1), key(1960, 49)]);
}

#[test]
fn a_gop_longer_than_the_log_is_cut_and_newcomers_wait_for_a_key_frame() {
    let mut channel = Channel::new(ChannelConfig::default().max_messages(10));
    let mut watching = channel.subscribe();
    channel.push_batch([avc_header(0, 1), key(0, 0)]);
    let mut seen = read(&channel, &mut watching).media.len();
    for id in 1..30 {
        channel.push(inter(id * 40, id));
        seen += read(&channel, &mut watching).media.len();
    }
    assert_eq!(seen, 31, "who keeps up misses nothing");
    let mut late = channel.subscribe();
    assert_eq!(channel.next(&mut late), Next::Pending);
    channel.push(key(1200, 30));
    assert_eq!(read(&channel, &mut late).media, [avc_header(1200, 1), key(1200, 30)]);
}

#[test]
fn a_slow_reader_goes_on_at_the_newest_key_frame_after_a_gap() {
    let mut channel = Channel::new(ChannelConfig::default().max_messages(6));
    let mut slow = channel.subscribe();
    channel.push_batch([avc_header(0, 1), key(0, 1), inter(40, 2)]);
    assert_eq!(read(&channel, &mut slow).media.len(), 3);
    channel.push_batch([
        inter(80, 3),
        key(120, 4),
        inter(160, 5),
        inter(200, 6),
        inter(240, 7),
        key(280, 8),
        inter(320, 9),
    ]);
    let got = read(&channel, &mut slow);
    assert_eq!(got.gaps, [Gap { skipped: 1 }]);
    assert_eq!(got.media, [key(280, 8), inter(320, 9)], "the headers are still in force");
}

#[test]
fn headers_that_changed_in_a_gap_are_sent_before_the_key_frame() {
    let mut channel = Channel::new(ChannelConfig::default().max_messages(3));
    let mut slow = channel.subscribe();
    channel.push_batch([avc_header(0, 1), key(0, 1)]);
    read(&channel, &mut slow);
    channel.push_batch([inter(40, 2), avc_header(80, 2), key(80, 3), inter(120, 4), inter(160, 5), inter(200, 6)]);
    assert_eq!(read(&channel, &mut slow).gaps.len(), 1);
    channel.push_batch([key(240, 7), inter(280, 8)]);
    assert_eq!(read(&channel, &mut slow).media, [avc_header(240, 2), key(240, 7), inter(280, 8)]);
}

#[test]
fn headers_are_those_of_the_key_frame_and_not_later_ones() {
    let mut channel = channel();
    channel.push_batch([avc_header(0, 1), key(0, 1), inter(40, 2), avc_header(60, 2)]);
    let got = read(&channel, &mut channel.subscribe()).media;
    assert_eq!(got, [avc_header(0, 1), key(0, 1), inter(40, 2), avc_header(60, 2)]);
}

#[test]
fn inter_frames_before_the_first_key_frame_are_left_out() {
    let mut channel = channel();
    let mut reader = channel.subscribe();
    channel.push_batch([avc_header(0, 1), inter(0, 1), audio(10, 2), inter(40, 3), key(80, 4), inter(120, 5)]);
    let got = read(&channel, &mut reader).media;
    assert_eq!(got, [avc_header(0, 1), audio(10, 2), key(80, 4), inter(120, 5)]);
}

#[test]
fn cmd_46_57_a_publisher_does_not_speak_for_the_server() {
    let mut channel = channel();
    let mut cursor = channel.subscribe();
    let long = Media::data(0, &b"\x0c\0\0\0\x0conPlayStatus\x05"[..]);
    channel.push_batch([
        data(0, "onStatus"),
        data(0, "onStatuses"),
        long,
        data(0, "onPlayStatus"),
        data(0, "onCuePoint"),
    ]);
    assert_eq!(read(&channel, &mut cursor).media, [data(0, "onStatuses"), data(0, "onCuePoint")]);
}

#[test]
fn cmd_46_57_a_publisher_does_not_speak_for_the_server_in_any_kind_of_string() {
    let hidden: [&[u8]; 8] = [
        b"\x11\x06\x11onStatus\x05",
        b"\x11\x06\x80\x11onStatus\x05", // the length in two bytes
        b"\x11\x06\x19onPlayStatus\x05",
        b"\x02\x00\x0d@setDataFrame\x02\x00\x08onStatus\x05",
        b"\x0c\x00\x00\x00\x0d@setDataFrame\x02\x00\x0d@setDataFrame\x11\x06\x11onStatus\x05",
        b"\x11\x06\x1b@setDataFrame\x0c\x00\x00\x00\x0conPlayStatus\x05",
        b"\x02\x00\x08onStatus",
        b"\x11\x06\x11onStatus",
    ];
    let mut channel = channel();
    let mut cursor = channel.subscribe();
    channel.push_batch(hidden.map(|payload| Media::data(0, payload)));
    assert_eq!(read(&channel, &mut cursor).media, []);
    let others: [&[u8]; 3] = [b"\x11\x06\x13onStatues\x05", b"\x11\x06\x11onStat", b"\x11\x0a\x0b\x01\x01"];
    channel.push_batch(others.map(|payload| Media::data(0, payload)));
    assert_eq!(read(&channel, &mut cursor).media, others.map(|payload| Media::data(0, payload)));
}

#[test]
fn data_messages_keep_their_place() {
    let mut channel = channel();
    let mut reader = channel.subscribe();
    let stream =
        [key(0, 1), data(0, "onCuePoint"), inter(40, 2), data(40, "onTextData"), data(41, "onXMP"), audio(41, 3)];
    channel.push_batch(stream.clone());
    assert_eq!(read(&channel, &mut reader).media, stream);
}

#[test]
fn the_end_of_a_sequence_is_passed_on_and_is_no_key_frame() {
    let mut channel = channel();
    let end = Media::video(70, &[0x17, 2, 0, 0, 0][..]);
    channel.push_batch([avc_header(0, 1), key(0, 1), audio(80, 2), end.clone()]);
    let got = read(&channel, &mut channel.subscribe()).media;
    assert_eq!(got, [avc_header(0, 1), key(0, 1), audio(80, 2), end]);
}

#[test]
fn ertmp_72_each_track_has_headers_of_its_own() {
    let multitrack =
        |packet: u8, track: u8, body: &[u8]| Media::video(0, [&[0x96, packet][..], b"avc1", &[track], body].concat());
    let opus = Media::audio(0, &b"\x90OpusOpusHead"[..]);
    let channels = Media::audio(0, &b"\x94Opus\x01\x02\x00\x00\x00\x03"[..]);
    let colour = Media::video(0, &b"\xd4avc1\x02\x00\x09colorInfo\x05"[..]);
    let second = multitrack(0, 1, &[1, 0x42, 0xc0, 9]);
    let mut channel = channel();
    channel.push_batch([avc_header(0, 1), second.clone(), colour.clone(), opus.clone(), channels.clone()]);
    channel.push_batch([key(40, 1), multitrack(1, 1, &[0, 0, 0, 0x65])]);
    let got = read(&channel, &mut channel.subscribe()).media;
    let headers = [avc_header(0, 1), second, colour, opus.clone(), channels].map(|header| at(&header, 40));
    assert_eq!(got[..5], headers);
    assert_eq!(got.len(), 7);

    // ERTMP-39: a new sequence header voids the channel layout of its track, and nothing else.
    let new_opus = Media::audio(80, &b"\x90OpusOpusHead2"[..]);
    channel.push_batch([new_opus.clone(), key(80, 2)]);
    let got = read(&channel, &mut channel.subscribe()).media;
    assert_eq!(got.len(), 5, "{got:?}");
    assert_eq!(got[3], new_opus);
}

#[test]
fn ertmp_22_tracks_of_audio_and_video_have_numbers_of_their_own() {
    let mut channel = channel();
    let (video, sound) = (Media::video(0, &b"\x96\x00avc1\x01v"[..]), Media::audio(0, &b"\x95\x00Opus\x01a"[..]));
    let newer = Media::audio(0, &b"\x95\x00Opus\x01b"[..]);
    channel.push_batch([video.clone(), sound, newer.clone()]);
    assert!(channel.headers().iter().eq([&video, &newer]), "neither takes the place of the other");
    // The number is not kept: a message without one is about the default track.
    let plain = Media::audio(0, &b"\x90Opusc"[..]);
    channel.push(plain.clone());
    assert!(channel.headers().iter().eq([&video, &newer, &plain]));
}

#[test]
fn a_key_frame_of_a_further_track_is_no_place_to_start_at() {
    let further =
        |frame: u8, time: u32| Media::video(time, [&[frame, 0x01][..], b"avc1", &[1, 0, 0, 0, 0x65]].concat());
    let mut channel = channel();
    channel.push_batch([avc_header(0, 1), key(0, 1), further(0x96, 0), inter(40, 2), further(0x96, 40)]);
    let got = read(&channel, &mut channel.subscribe()).media;
    assert_eq!(got[1], key(0, 1));
    assert_eq!(got.len(), 5);
}

#[test]
fn empty_configurations_take_no_place() {
    let mut channel = channel();
    let empty = Media::video(0, &[0x17, 0, 0, 0, 0][..]);
    channel.push_batch([avc_header(0, 1), empty, key(40, 1)]);
    assert_eq!(read(&channel, &mut channel.subscribe()).media, [avc_header(40, 1), key(40, 1)]);
}

#[test]
fn msg_12_metadata_can_be_cleared() {
    let mut channel = channel();
    let clear = Media::data(0, &b"\x02\x00\x0f@clearDataFrame\x02\x00\x0aonMetaData"[..]);
    channel.push_batch([metadata(0, "m"), clear, key(0, 1)]);
    assert!(channel.headers().metadata().is_none());
    assert_eq!(read(&channel, &mut channel.subscribe()).media, [key(0, 1)]);
}

#[test]
fn msg_12_only_what_is_named_is_cleared() {
    let mut channel = channel();
    channel.push(metadata(0, "m"));
    for name in ["\x02\x00\x0aonCuePoint", "\x02\x00\x0bonMetaDatas", "\x05", ""] {
        channel.push(Media::data(0, format!("\x02\x00\x0f@clearDataFrame{name}")));
        assert_eq!(channel.headers().metadata(), Some(&metadata(0, "m")), "{name:?}");
    }
    channel.push(Media::data(0, &b"\x02\x00\x0f@clearDataFrame\x11\x06\x15onMetaData\x05"[..]));
    assert!(channel.headers().metadata().is_none());
}

#[test]
fn amf0_22_metadata_named_with_a_long_string_is_kept() {
    let mut channel = channel();
    let long = Media::data(0, &b"\x0c\x00\x00\x00\x0aonMetaData\x05"[..]);
    channel.push_batch([long.clone(), key(0, 1)]);
    assert_eq!(channel.headers().metadata(), Some(&long));
    assert_eq!(read(&channel, &mut channel.subscribe()).media, [long, key(0, 1)]);
    channel.push(Media::data(0, &b"\x0c\x00\x00\x00\x0f@clearDataFrame\x0c\x00\x00\x00\x0aonMetaData"[..]));
    assert!(channel.headers().metadata().is_none());
}

#[test]
fn a_new_publisher_brings_headers_of_its_own_and_time_goes_on() {
    let mut channel = channel();
    channel.push_batch([metadata(0, "first"), avc_header(0, 1), aac_header(0, 1), key(5000, 1), inter(5040, 2)]);
    let mut stays = channel.subscribe();
    read(&channel, &mut stays);
    channel.interrupt();
    assert!(!channel.is_live());
    assert!(channel.headers().is_empty());
    let mut meanwhile = channel.subscribe();
    assert_eq!(channel.next(&mut meanwhile), Next::Pending, "nothing of the publisher that left");
    channel.resume();
    channel.push_batch([metadata(0, "second"), avc_header(0, 2), key(70, 3), inter(110, 4)]);
    let expected = [metadata(5080, "second"), avc_header(5080, 2), key(5080, 3), inter(5120, 4)];
    assert_eq!(read(&channel, &mut stays).media, expected);
    assert_eq!(read(&channel, &mut meanwhile).media, expected);
    let late = read(&channel, &mut channel.subscribe()).media;
    assert_eq!(late, expected, "no audio header of the first publisher");
}

#[test]
fn a_reader_that_fell_behind_over_a_change_of_publisher_starts_with_the_new_one() {
    let mut channel = Channel::new(ChannelConfig::default().max_messages(4));
    let mut slow = channel.subscribe();
    channel.push_batch([avc_header(0, 1), key(0, 1)]);
    read(&channel, &mut slow);
    channel.push(inter(40, 2));
    channel.interrupt();
    channel.resume();
    channel.push_batch([avc_header(0, 2), key(0, 3), inter(40, 4), inter(80, 5)]);
    let got = read(&channel, &mut slow);
    assert_eq!(got.gaps, [Gap { skipped: 1 }]);
    assert_eq!(got.media, [avc_header(80, 2), key(80, 3), inter(120, 4), inter(160, 5)]);
}

#[test]
fn time_goes_on_through_2_to_the_32() {
    let mut channel = channel();
    let mut reader = channel.subscribe();
    channel.push_batch([key(u32::MAX - 20, 1)]);
    channel.interrupt();
    channel.resume();
    channel.push_batch([key(0, 2), inter(40, 3)]);
    let times: Vec<u32> = read(&channel, &mut reader).media.iter().map(|media| media.timestamp).collect();
    assert_eq!(times, [u32::MAX - 20, 19, 59]);
}

#[test]
fn sixty_days_of_stream_keep_a_reader_going_and_memory_bounded() {
    let mut channel = Channel::new(ChannelConfig::default().image(Some(SMALL_CHUNKS)));
    let mut reader = channel.subscribe();
    // A frame each 9 s, a key frame each minute.
    let frames = 60 * 24 * 3600 / 9;
    for frame in 0..frames {
        let time = (frame as u32).wrapping_mul(9000);
        channel.push(if frame % 7 == 0 { key(time, 1) } else { inter(time, 2) });
        assert_eq!(read(&channel, &mut reader).media.len(), 1);
        assert!(channel.held().1 < 20, "the log holds {:?}", channel.held());
    }
}

#[test]
fn nothing_more_comes_behind_the_end() {
    let mut channel = channel();
    channel.push(key(0, 1));
    let mut reader = channel.subscribe();
    channel.end();
    let got = read(&channel, &mut reader);
    assert!(got.ended);
    assert_eq!(got.media, [key(0, 1)]);
    assert_eq!(channel.next(&mut reader), Next::Ended);
}

#[test]
fn bounded_by_bytes() {
    let mut channel = Channel::new(ChannelConfig::default().max_bytes(10_000));
    for id in 0..1000 {
        channel.push(key(id, 1));
        assert!(channel.held().0 <= 10_000);
    }
    channel.push(Media::video(1000, vec![0x17; 20_000]));
    assert_eq!(channel.held(), (0, 0), "one message over the bound leaves nothing");
    channel.push(key(1001, 1));
    assert_eq!(read(&channel, &mut channel.subscribe()).media, [key(1001, 1)]);
}

#[test]
fn bounded_by_media_time() {
    let mut channel = Channel::new(ChannelConfig::default().max_span(Duration::from_secs(2)));
    for id in 0..1000 {
        channel.push(inter_or_key(id * 40, id));
        assert!(channel.held().1 <= 51);
    }
}

fn inter_or_key(time: u32, id: u32) -> Media {
    if id == 0 { key(time, id) } else { inter(time, id) }
}

#[test]
fn a_jump_in_time_is_no_reason_to_drop_anything() {
    let mut channel = channel();
    let mut reader = channel.subscribe();
    let stream = [key(0, 1), inter(40, 2), inter(20_000_040, 3), inter(20_000_080, 4), inter(0, 5)];
    channel.push_batch(stream.clone());
    assert_eq!(read(&channel, &mut reader).media, stream);
    assert_eq!(channel.media_time(), Duration::from_millis(80));
}

#[test]
fn what_lags_behind_a_newer_key_frame_is_dropped_by_time_and_bytes() {
    let config = ChannelConfig::default().lag_span(Duration::from_secs(1)).lag_bytes(1000);
    let mut channel = Channel::new(config);
    for id in 0..500 {
        channel.push(if id % 50 == 0 { key(id * 40, id) } else { inter(id * 40, id) });
    }
    let (bytes, messages) = channel.held();
    assert!(messages <= 50 && bytes > 1000, "{messages} messages, {bytes} bytes");
    assert_eq!(read(&channel, &mut channel.subscribe()).media[0], key(450 * 40, 450));
}

#[test]
fn changing_headers_are_bounded_and_paid_for() {
    let mut channel = Channel::new(ChannelConfig::default().max_bytes(1 << 20).max_header_bytes(10_000));
    for round in 0..2000_u32 {
        let track = (round % 256) as u8;
        let config = vec![track; 1000];
        channel.push(Media::video(round, [&[0x96, 0][..], b"avc1", &[track], &config].concat()));
        channel.push(key(round, 1));
    }
    let held: usize = channel.headers().iter().map(|header| header.payload.len()).sum();
    assert!(held <= 10_000 && channel.headers().len() <= 65);
    assert!(channel.held().0 <= 1 << 20);
}

#[test]
fn ertmp_71_72_a_header_that_does_not_fit_is_not_stood_in_for_by_the_one_before() {
    let mut channel = Channel::new(ChannelConfig::default().max_header_bytes(100));
    let long = Media::video(40, [&avc_header(40, 2).payload[..], &[2; 200]].concat());
    channel.push_batch([aac_header(0, 1), avc_header(0, 1), key(0, 1), long.clone(), key(40, 2)]);
    let late = read(&channel, &mut channel.subscribe()).media;
    assert_eq!(late, [aac_header(40, 1), key(40, 2)], "no configuration rather than a wrong one");
    assert_eq!(channel.headers().len(), 1);

    // The same again changes nothing, and one that fits takes its place.
    let (before, mut reader) = (channel.headers().clone(), channel.subscribe());
    read(&channel, &mut reader);
    channel.push_batch([Media { timestamp: 80, ..long.clone() }, key(80, 3)]);
    assert!(channel.headers().iter().eq(before.iter()));
    assert_eq!(read(&channel, &mut reader).media, [Media { timestamp: 80, ..long }, key(80, 3)]);
    channel.push_batch([avc_header(120, 3), key(120, 4)]);
    let late = read(&channel, &mut channel.subscribe()).media;
    assert_eq!(late, [aac_header(120, 1), avc_header(120, 3), key(120, 4)]);
}

#[test]
fn a_clone_goes_on_by_itself_from_the_same_places() {
    let mut channel = Channel::new(ChannelConfig::default().image(Some(SMALL_CHUNKS)));
    let (mut running, waiting) = (channel.subscribe(), channel.subscribe());
    channel.push_batch(two_gops());
    read(&channel, &mut running);
    let late = channel.subscribe();
    let mut clone = channel.clone();
    channel.push(key(1160, 7));
    clone.push_batch([key(1160, 8), inter(1200, 9)]);
    for (channel, news) in [(&channel, vec![key(1160, 7)]), (&clone, vec![key(1160, 8), inter(1200, 9)])] {
        assert_eq!(read_images(channel, &mut running.clone(), SMALL_CHUNKS).media, news);
        assert_eq!(read(channel, &mut waiting.clone()).media, [two_gops(), news.clone()].concat());
        let headers = two_gops().into_iter().take(3).map(|header| at(&header, 1160));
        assert_eq!(read(channel, &mut late.clone()).media, headers.chain(news).collect::<Vec<_>>());
    }
}

#[test]
fn a_batch_is_one_image_that_its_payloads_lie_in() {
    let format = ImageFormat { message_stream: 1, chunk_size: ChunkSize::new(65_536).unwrap() };
    let mut channel = Channel::new(ChannelConfig::default().image(Some(format)));
    let mut reader = channel.subscribe();
    let mut looker = channel.subscribe();
    channel.push_batch(two_gops());
    let NextImage::Image(image) = channel.next_image(&mut reader) else { panic!("one image") };
    assert_eq!(channel.next_image(&mut reader), NextImage::Pending);
    assert_eq!(decode(&image, format), two_gops());
    let within = image.as_ptr_range();
    while let Next::Media(media) = channel.next(&mut looker) {
        assert!(within.contains(&media.payload.as_ptr()), "the payload is held twice");
    }
    assert_eq!(reader, looker, "at the same place by either way");
    let before = channel.held().0;
    channel.push_batch([inter(1160, 7), audio(1170, 8)]);
    let NextImage::Image(image) = channel.next_image(&mut reader) else { panic!("one image") };
    assert_eq!(channel.held().0 - before, image.len());
}

#[test]
fn a_reader_may_change_between_messages_and_images() {
    let mut channel = Channel::new(ChannelConfig::default().image(Some(SMALL_CHUNKS)));
    channel.push_batch(two_gops());
    let mut reader = channel.subscribe();
    let Next::Media(first) = channel.next(&mut reader) else { panic!("metadata") };
    let mut rest = read_images(&channel, &mut reader, SMALL_CHUNKS).media;
    rest.insert(0, first);
    assert_eq!(rest, read(&channel, &mut channel.subscribe()).media);
}

#[test]
fn without_an_image_format_there_are_no_images() {
    let mut channel = channel();
    channel.push_batch(two_gops());
    assert_eq!(channel.next_image(&mut channel.subscribe()), NextImage::Pending);
}

#[test]
fn what_rtmp_cannot_carry_is_left_out() {
    let mut channel = Channel::new(ChannelConfig::default().max_bytes(usize::MAX).image(Some(SMALL_CHUNKS)));
    let mut reader = channel.subscribe();
    channel.push_batch([key(0, 1), Media::audio(0, vec![0x2f; 0x100_0000]), key(40, 2)]);
    assert_eq!(read(&channel, &mut reader).media, [key(0, 1), key(40, 2)]);
}
