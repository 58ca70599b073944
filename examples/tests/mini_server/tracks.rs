//! Streams of several tracks: players that announced multitrack get everything as it was published, the others get the
//! default track in plain form. See ERTMP-73.

use std::path::Path;

use rtmp_session::{Media, MediaKind};

use crate::client::Client;
use crate::media::{aac_header, audio, avc_header, cue, is_keyframe, metadata, stream, video};
use crate::process::{Server, until};
use crate::recording::media_of;

/// A message, and what of it is for players that read no tracks.
type Sent = (Media, Option<Media>);

/// The three kinds of multitrack messages.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    OneTrack,
    ManyTracks,
    ManyTracksManyCodecs,
}

const LAYOUTS: [Layout; 3] = [Layout::OneTrack, Layout::ManyTracks, Layout::ManyTracksManyCodecs];
const GOP: u32 = 5;

fn plain(media: Media) -> Sent {
    (media.clone(), Some(media))
}

/// `media`, which is plain AVC or AAC, as the default track beside another.
fn beside_another(layout: Layout, media: &Media) -> Vec<Sent> {
    let legacy = &media.payload;
    // Enhanced headers have the frame type at the same place, the sound format 9, and the multitrack packet type.
    let (first, codec, start) = match media.kind {
        MediaKind::Video => (0x86 | (legacy[0] & 0x70), b"avc1", if legacy[1] == 0 { 5 } else { 2 }),
        _ => (0x95, b"mp4a", 2),
    };
    let packet = legacy[1];
    let tracks = [(1_u8, b"another track".as_slice()), (0, &legacy[start..])];
    let message = |kind: u8, rest: Vec<u8>| Media {
        payload: [vec![first, kind << 4 | packet], rest].concat().into(),
        ..media.clone()
    };
    let sized = |(id, body): (u8, &[u8])| [&[id], &(body.len() as u32).to_be_bytes()[1..], body].concat();
    match layout {
        Layout::OneTrack => tracks
            .map(|(id, body)| (message(0, [codec, &[id][..], body].concat()), (id == 0).then(|| media.clone())))
            .into(),
        Layout::ManyTracks => {
            let rest = [codec.to_vec(), tracks.map(sized).concat()].concat();
            vec![(message(1, rest), Some(media.clone()))]
        }
        Layout::ManyTracksManyCodecs => {
            let rest = tracks.map(|track| [codec.to_vec(), sized(track)].concat()).concat();
            vec![(message(2, rest), Some(media.clone()))]
        }
    }
}

/// Metadata, headers, and frames with two tracks of each kind; data stays as it is.
fn headers_of_two(layout: Layout) -> Vec<Sent> {
    let headers = [avc_header(0, 1), aac_header(0, 1)];
    let headers = headers.iter().flat_map(|header| beside_another(layout, header));
    std::iter::once(plain(metadata("two tracks"))).chain(headers).collect()
}

fn frames_of_two(layout: Layout, ids: std::ops::Range<u32>) -> Vec<Sent> {
    let messages = |id: u32| {
        let frames = [video(id, GOP, 300), audio(id, 50)];
        let frames = frames.iter().flat_map(|frame| beside_another(layout, frame));
        frames.chain((id % 3 == 2).then(|| plain(cue(id * 40 + 20, id)))).collect::<Vec<_>>()
    };
    ids.flat_map(messages).collect()
}

fn full_of(sent: &[Sent]) -> Vec<Media> {
    sent.iter().map(|(full, _)| full.clone()).collect()
}

fn plain_of(sent: &[Sent]) -> Vec<Media> {
    sent.iter().filter_map(|(_, plain)| plain.clone()).collect()
}

/// What somebody gets who comes late: headers with the time of the newest key frame, and everything from there on.
fn late(all: &[Media], headers: usize, is_key: impl Fn(&Media) -> bool) -> Vec<Media> {
    let key = all.iter().rposition(is_key).expect("there is a key frame");
    let time = all[key].timestamp;
    let headers = all[..headers].iter().map(|header| Media { timestamp: time, ..header.clone() });
    headers.chain(all[key..].iter().cloned()).collect()
}

/// A player of either kind, on either of the server's two threads.
struct Players {
    full: [Client; 2],
    plain: [Client; 2],
}

impl Players {
    fn join(url: &str) -> Self {
        let full = [Client::play_tracks(url), Client::play_tracks(url)];
        // Connections are dealt out in turn.
        Self { full, plain: [Client::play(url), Client::play(url)] }
    }

    fn get(&mut self, full: &[Media], plain: &[Media], what: &str) {
        for player in &mut self.full {
            assert_eq!(player.take(full.len()), full, "{what}, everything");
        }
        for player in &mut self.plain {
            assert_eq!(player.take(plain.len()), plain, "{what}, the default track");
        }
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Client> {
        self.full.iter_mut().chain(&mut self.plain)
    }
}

#[test]
fn ertmp_73_players_get_the_tracks_that_they_can_read() {
    let server = Server::start(&["--default-track"]);
    for layout in LAYOUTS {
        let url = server.url(&format!("{layout:?}"));
        let mut early = Players::join(&url);
        let mut publisher = Client::publish(&url);
        let sent = [headers_of_two(layout), frames_of_two(layout, 0..17)].concat();
        let (full, plain) = (full_of(&sent), plain_of(&sent));
        for part in full.chunks(7) {
            publisher.send_all(part);
        }
        early.get(&full, &plain, &format!("{layout:?}, from the first message on"));
        assert_eq!(plain[..3], [metadata("two tracks"), avc_header(0, 1), aac_header(0, 1)]);

        let mut during = Players::join(&url);
        let full_key = beside_another(layout, &video(15, GOP, 300)).pop().expect("the default track is last").0;
        let late_full = late(&full, headers_of_two(layout).len(), |media| *media == full_key);
        let late_plain = late(&plain, 3, is_keyframe);
        during.get(&late_full, &late_plain, &format!("{layout:?}, in mid stream"));

        let more = frames_of_two(layout, 17..30);
        publisher.send_all(&full_of(&more));
        for players in [&mut early, &mut during] {
            players.get(&full_of(&more), &plain_of(&more), &format!("{layout:?}, going on"));
        }
    }
}

#[test]
fn ertmp_73_whoever_publishes_next_every_player_goes_on() {
    let server = Server::start(&["--default-track"]);
    let url = server.url("a");
    let mut players = Players::join(&url);
    let two = [headers_of_two(Layout::ManyTracks), frames_of_two(Layout::ManyTracks, 0..7)].concat();
    let mut publisher = Client::publish(&url);
    publisher.send_all(&full_of(&two));
    players.get(&full_of(&two), &plain_of(&two), "two tracks");
    publisher.end();
    for player in players.all() {
        player.wait_for_status("NetStream.Play.UnpublishNotify");
    }
    // Who comes now gets nothing of a publish that is over.
    let mut after = Players::join(&url);
    let mut publisher = Client::publish(&url);
    let one = stream(9, GOP);
    publisher.send_all(&one);
    for player in players.all().chain(after.all()) {
        player.wait_for_status("NetStream.Play.PublishNotify");
        let got: Vec<_> = player.take(one.len()).into_iter().map(|media| (media.kind, media.payload)).collect();
        assert!(got.into_iter().eq(one.iter().map(|media| (media.kind, media.payload.clone()))));
    }
}

#[test]
fn ertmp_73_nothing_is_missed_or_repeated_where_tracks_begin() {
    let server = Server::start(&["--default-track"]);
    let url = server.url("a");
    let mut players = Players::join(&url);
    let mut publisher = Client::publish(&url);
    let one = stream(7, GOP);
    publisher.send_all(&one);
    players.get(&one, &one, "one track");
    let mut waiting = Players::join(&url);
    let begun = late(&one, 3, is_keyframe);
    waiting.get(&begun, &begun, "late, one track");
    let two = frames_of_two(Layout::OneTrack, 7..13);
    publisher.send_all(&full_of(&two));
    for players in [&mut players, &mut waiting] {
        players.get(&full_of(&two), &plain_of(&two), "in mid GOP");
    }
}

/// Most of what it has to read was there before the tracks began, and waits in the log that all have.
#[test]
fn ertmp_73_a_player_that_lags_where_tracks_begin_gets_the_default_track() {
    const FRAME: usize = 100_000;
    const FRAMES: u32 = 150;
    let server = Server::start(&["--default-track"]);
    let url = server.url("a");
    let (mut lagging, mut other) = (Client::play(&url), Client::play_tracks(&url));
    let mut publisher = Client::publish(&url);
    // Faster than the clock, so that all of it stays in the log, and more than sockets take.
    let frame = |id: u32| Media { timestamp: id * 10, ..video(id, FRAMES, FRAME) };
    let mut sent = vec![plain(avc_header(0, 1))];
    for id in 0..FRAMES {
        match id < FRAMES * 9 / 10 {
            true => sent.push(plain(frame(id))),
            false => sent.extend(beside_another(Layout::ManyTracksManyCodecs, &frame(id))),
        }
    }
    for full in full_of(&sent) {
        publisher.send(&full);
        assert!(other.take(1) == [full], "the other player gets everything");
    }
    for (index, expected) in plain_of(&sent).into_iter().enumerate() {
        assert!(lagging.take(1) == [expected], "message {index}");
    }
}

/// The second stream of a connection gets messages of its own; so does a player that wants no audio.
#[test]
fn ertmp_73_players_without_shared_images_get_the_default_track_too() {
    let server = Server::start(&["--default-track"]);
    let mut player = Client::play(&server.url("not published"));
    let second = player.session.play("a");
    player.stream = second;
    player.wait_until_started();
    player.session.receive_audio(second, false).unwrap();
    // When this is answered, that was heard.
    player.session.seek(second, 0.0).unwrap();
    player.wait_for_status("NetStream.Seek.Failed");
    let mut publisher = Client::publish(&server.url("a"));
    let sent = [headers_of_two(Layout::ManyTracks), frames_of_two(Layout::ManyTracks, 0..12)].concat();
    publisher.send_all(&full_of(&sent));
    let silent: Vec<_> = plain_of(&sent).into_iter().filter(|media| media.kind != MediaKind::Audio).collect();
    assert_eq!(player.take(silent.len()), silent);
}

#[test]
fn a_recording_has_all_tracks_whoever_watches() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(&["--default-track", "--record", directory.path().to_str().unwrap()]);
    let mut player = Client::play(&server.url("a"));
    let sent = [headers_of_two(Layout::ManyTracks), frames_of_two(Layout::ManyTracks, 0..12)].concat();
    let mut publisher = Client::publish(&server.url("a"));
    publisher.send_all(&full_of(&sent));
    assert_eq!(player.take(plain_of(&sent).len()), plain_of(&sent));
    publisher.end();
    until(|| server.log().contains("recording ended"), || "the recording ends".to_owned());
    let file = std::fs::read_dir(directory.path()).unwrap().next().unwrap().unwrap().path();
    // The opening holds the metadata, with more in it.
    assert_eq!(media_of(&file)[1..], full_of(&sent)[1..]);
}

/// As ffmpeg writes it: track 0 plain, the further ones in multitrack messages.
#[test]
fn ertmp_24_73_of_a_real_clip_a_plain_player_gets_what_is_plain() {
    let messages = media_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/multitrack-h264-aac.flv"));
    let is_plain = |media: &&Media| match media.kind {
        MediaKind::Video => media.payload[0] & 0x80 == 0,
        MediaKind::Audio => media.payload[0] >> 4 != 9,
        MediaKind::Data => true,
    };
    let plain: Vec<Media> = messages.iter().filter(is_plain).cloned().collect();
    assert!(plain.len() * 10 < messages.len() * 6, "half of the clip is further tracks");
    let server = Server::start(&["--default-track"]);
    let (mut full_player, mut plain_player) = (Client::play_tracks(&server.url("a")), Client::play(&server.url("a")));
    let mut publisher = Client::publish(&server.url("a"));
    publisher.send_all(&messages);
    assert!(full_player.take(messages.len()) == messages);
    assert!(plain_player.take(plain.len()) == plain);
    let late = Client::play(&server.url("a")).take_until(is_keyframe);
    assert!(late.iter().any(|media| media.payload.starts_with(&[0x17, 0])), "the configuration comes first");
}
