//! Every recording of a real client and server, replayed in both directions. What must come out stands in the JSON file
//! beside each, made by another decoder.

mod support;

use std::{collections::BTreeMap, fs, path::PathBuf};

use rtmp_session::{
    ClientEvent, ClientSession, Link, Media, MediaKind, ServerEvent, ServerSession, chunk::MessageType,
};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use support::{client_config, drain, epoch, feed, link_config, server_config};

/// One recording.
struct Capture {
    name: String,
    json: Json,
    client_bytes: Vec<u8>,
    server_bytes: Vec<u8>,
    /// Direction and length of each read, as the network cut them.
    reads: Vec<(char, usize)>,
}

fn captures() -> Vec<Capture> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/captures");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .expect("the recordings")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    assert_eq!(names.len(), 21, "all recordings are here");
    names.into_iter().map(|name| Capture::read(&folder, name)).collect()
}

impl Capture {
    fn read(folder: &std::path::Path, name: String) -> Self {
        let file = |suffix: &str| fs::read(folder.join(format!("{name}{suffix}"))).expect("a file of the recording");
        let index = String::from_utf8(file(".idx")).expect("text");
        let reads = index.lines().map(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            (fields[1].chars().next().expect("a direction"), fields[3].parse().expect("a length"))
        });
        Self {
            json: serde_json::from_slice(&file(".json")).expect("JSON"),
            client_bytes: file(".c2s.bin"),
            server_bytes: file(".s2c.bin"),
            reads: reads.collect(),
            name,
        }
    }

    fn publishes(&self) -> bool {
        self.json["role"] == "publish"
    }

    /// The pieces in which one direction arrived.
    fn pieces(&self, direction: char) -> Vec<&[u8]> {
        let mut rest = if direction == 'c' { &self.client_bytes[..] } else { &self.server_bytes[..] };
        let mut pieces = Vec::new();
        for (_, len) in self.reads.iter().filter(|(side, len)| *side == direction && *len > 0) {
            let (piece, behind) = rest.split_at(*len);
            pieces.push(piece);
            rest = behind;
        }
        assert!(rest.is_empty(), "{}: the index covers every byte", self.name);
        pieces
    }
}

/// What came out as media.
#[derive(Default)]
struct Collected {
    audio: Vec<Media>,
    video: Vec<Media>,
    /// Audio and video in wire order, as the JSON lists them.
    listed: Vec<(String, u64, u64, String)>,
    data: usize,
}

impl Collected {
    fn add(&mut self, media: Media) {
        let letter = match media.kind {
            MediaKind::Audio => "a",
            MediaKind::Video => "v",
            MediaKind::Data => {
                self.data += 1;
                return;
            }
        };
        let hash = hex(&Sha256::digest(&media.payload))[..32].to_owned();
        self.listed.push((letter.into(), media.timestamp.into(), media.payload.len() as u64, hash));
        if media.kind == MediaKind::Audio { self.audio.push(media) } else { self.video.push(media) }
    }

    fn check(&self, name: &str, expected: &Json) {
        let listed: Vec<_> = expected["media"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|entry| {
                let text = |at: usize| entry[at].as_str().expect("text").to_owned();
                (text(0), entry[1].as_u64().expect("a time"), entry[2].as_u64().expect("a length"), text(3))
            })
            .collect();
        assert_eq!(self.listed.len(), listed.len(), "{name}: number of media messages");
        for (at, (ours, theirs)) in self.listed.iter().zip(&listed).enumerate() {
            assert_eq!(ours, theirs, "{name}: media message {at}");
        }
        for (kind, media) in [("audio", &self.audio), ("video", &self.video)] {
            assert_eq!(Some(media.len() as u64), expected[format!("{kind}_messages")].as_u64(), "{name}: {kind}");
            let all = media.iter().fold(Sha256::new(), |hash, media| hash.chain_update(&media.payload));
            assert_eq!(
                hex(&all.finalize()),
                expected[format!("{kind}_sha256")].as_str().expect("a hash"),
                "{name}: {kind}"
            );
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every message of one direction through a link: counts by type, and the media.
fn through_link(mut link: Link, pieces: &[&[u8]]) -> (BTreeMap<&'static str, u64>, Collected) {
    let (mut counts, mut collected) = (BTreeMap::new(), Collected::default());
    for piece in pieces {
        feed(&mut link, piece);
        while let Some(message) = link.poll_event().expect("well-formed") {
            *counts.entry(type_name(message.kind)).or_default() += 1;
            if let Ok(Some(media)) = Media::from_message(message) {
                collected.add(media);
            }
        }
        drain(&mut link);
    }
    link.handle_eof().expect("recordings end between messages");
    (counts, collected)
}

fn type_name(kind: MessageType) -> &'static str {
    match kind {
        MessageType::SET_CHUNK_SIZE => "SetChunkSize",
        MessageType::ACKNOWLEDGEMENT => "Ack",
        MessageType::USER_CONTROL => "UserControl",
        MessageType::WINDOW_ACK_SIZE => "WindowAckSize",
        MessageType::SET_PEER_BANDWIDTH => "SetPeerBandwidth",
        MessageType::AUDIO => "Audio",
        MessageType::VIDEO => "Video",
        MessageType::DATA_AMF0 => "AMF0Data",
        MessageType::COMMAND_AMF0 => "AMF0Command",
        _ => "other",
    }
}

fn expected_counts(direction: &Json) -> BTreeMap<&str, u64> {
    let counts = direction["message_counts"].as_object().expect("counts");
    counts.iter().map(|(name, count)| (name.as_str(), count.as_u64().expect("a count"))).collect()
}

#[test]
fn every_message_of_both_directions() {
    for capture in captures() {
        for (direction, key) in [('c', "c2s"), ('s', "s2c")] {
            let link = || match direction {
                'c' => Link::server(link_config(), epoch()),
                _ => Link::client(link_config(), epoch()),
            };
            let name = format!("{} {key}", capture.name);
            let expected = &capture.json[key];
            let pieces = capture.pieces(direction);
            let whole = pieces.concat();
            let bytes: Vec<_> = whole.chunks(1).collect();
            for pieces in [&pieces[..], &[&whole[..]], &bytes] {
                let (counts, collected) = through_link(link(), pieces);
                assert_eq!(counts, expected_counts(expected), "{name}");
                collected.check(&name, expected);
            }
        }
    }
}

#[test]
fn every_client_is_served() {
    for capture in captures() {
        let mut session = ServerSession::new(server_config(), epoch());
        let mut collected = Collected::default();
        let (mut connects, mut publishes, mut plays, mut ended) = (0, 0, 0, 0);
        let stream = capture.json["stream"].as_str().expect("a name");
        for piece in capture.pieces('c') {
            feed(&mut session, piece);
            while let Some(event) = session.poll_event().unwrap_or_else(|error| panic!("{}: {error}", capture.name)) {
                match event {
                    ServerEvent::Connect(request) => {
                        assert_eq!(request.app, capture.json["app"].as_str().expect("an app"), "{}", capture.name);
                        assert_eq!(
                            request.wire.get("fourCcList").is_some(),
                            !request.capabilities.fourcc_list.is_empty()
                        );
                        connects += 1;
                        session.accept_connect(request).expect("just polled");
                    }
                    ServerEvent::Publish(request) => {
                        assert_eq!(whole_name(&request.name, &request.query), stream, "{}", capture.name);
                        publishes += 1;
                        session.accept_publish(request).expect("just polled");
                    }
                    ServerEvent::Play(request) => {
                        assert_eq!(whole_name(&request.name, &request.query), stream, "{}", capture.name);
                        plays += 1;
                        session.accept_play(request).expect("just polled");
                    }
                    ServerEvent::Media { media, .. } => collected.add(media),
                    ServerEvent::Ended { .. } => ended += 1,
                    ServerEvent::Playback { .. } => {}
                    other => panic!("{}: {other:?}", capture.name),
                }
            }
            drain(&mut session);
        }
        session.handle_eof().unwrap_or_else(|error| panic!("{}: {error}", capture.name));
        let expected = &capture.json["c2s"];
        collected.check(&capture.name, expected);
        let data = expected["message_counts"]["AMF0Data"].as_u64().unwrap_or(0);
        assert_eq!(collected.data as u64, data, "{}: data", capture.name);
        let (publish, play) = (i32::from(capture.publishes()), i32::from(!capture.publishes()));
        assert_eq!((connects, publishes, plays), (1, publish, play), "{}", capture.name);
        // nginx-rtmp and the refused ffmpeg close without a word.
        let says_goodbye = expected["commands"].as_array().expect("commands").iter().any(|command| {
            command.as_str().is_some_and(|text| text.contains("deleteStream") || text.contains("FCUnpublish"))
        });
        assert_eq!(ended, i32::from(says_goodbye), "{}: one end", capture.name);
        assert_eq!(session.stats().messages_rejected, 0, "{}: {:?}", capture.name, session.stats());
    }
}

fn whole_name(name: &str, query: &Option<String>) -> String {
    query.as_ref().map_or_else(|| name.to_owned(), |query| format!("{name}?{query}"))
}

#[test]
fn every_server_is_understood() {
    for capture in captures() {
        let commands = capture.json["c2s"]["commands"].as_array().expect("commands");
        let announced = commands
            .iter()
            .any(|command| command.as_str().is_some_and(|text| text.contains("'releaseStream'; Number 2")));
        // With the announcements of the recorded client our transaction ids are those of the recording.
        let url = "rtmp://127.0.0.1/live/x".parse().expect("a URL");
        let mut session = ClientSession::new(client_config().announce_publish(announced), &url, epoch());
        let stream = if capture.publishes() { session.publish("x") } else { session.play("x") };
        let mut collected = Collected::default();
        let (mut connected, mut started, mut codes) = (0, 0, Vec::new());
        for piece in capture.pieces('s') {
            feed(&mut session, piece);
            while let Some(event) = session.poll_event().unwrap_or_else(|error| panic!("{}: {error}", capture.name)) {
                match event {
                    ClientEvent::Connected => connected += 1,
                    ClientEvent::Started { stream: which } => {
                        assert_eq!(which, stream);
                        started += 1;
                    }
                    ClientEvent::Media { media, .. } => collected.add(media),
                    ClientEvent::Ended { status, .. } | ClientEvent::Status { status, .. } => codes.push(status.code),
                    ClientEvent::Control(_) => {}
                    other => panic!("{}: {other:?}", capture.name),
                }
            }
            drain(&mut session);
        }
        session.handle_eof().unwrap_or_else(|error| panic!("{}: {error}", capture.name));
        collected.check(&capture.name, &capture.json["s2c"]);
        assert_eq!(connected, 1, "{}", capture.name);
        if capture.name == "ffmpeg5-publish-refused" {
            assert_eq!((started, codes), (0, vec!["NetStream.Publish.BadName".to_owned()]));
        } else {
            assert_eq!(started, 1, "{}: {codes:?}", capture.name);
        }
        assert_eq!(session.stats().messages_rejected, 0, "{}: {:?}", capture.name, session.stats());
    }
}
