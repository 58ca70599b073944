//! Whether a server takes the codecs of what is published to it, as far as it says so in its answer to connect.

use crate::failure::{Failure, Step};
use crate::target::Target;
use rtmp_session::flv::{AudioCodec, AudioHeader, FourCc, VideoCodec, VideoHeader};
use rtmp_session::{Capabilities, FourCcInfoMap, Media, MediaKind};
use std::collections::HashSet;
use std::fmt::Display;

/// What one server was asked about so far. One that lists no codecs says nothing, and most take more than they say
/// (ERTMP-80), so this is for people to know and not for the stream to wait for.
#[derive(Debug, Default)]
pub(crate) struct CodecCheck {
    seen: HashSet<FourCc>,
}

/// A codec that is not on the server's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnlistedCodec {
    #[error("the server does not list {} among its codecs", named(.0, .0.four_cc()))]
    Video(VideoCodec),
    #[error("the server does not list {} among its codecs", named(.0, .0.four_cc()))]
    Audio(AudioCodec),
}

impl CodecCheck {
    /// To be called with each message before it is sent. Each codec is complained of once.
    pub(crate) fn check(&mut self, media: &Media, server: &Capabilities) -> Result<(), UnlistedCodec> {
        match media.kind {
            MediaKind::Video => self.check_video(&media.payload, server),
            MediaKind::Audio => self.check_audio(&media.payload, server),
            MediaKind::Data => Ok(()),
        }
    }

    fn check_video(&mut self, payload: &[u8], server: &Capabilities) -> Result<(), UnlistedCodec> {
        // What Flash Player knew is named by number, and every server takes it.
        let header = VideoHeader::parse(payload).ok().filter(|header| header.enhanced);
        let mut tracks = header.iter().flat_map(|header| header.tracks(payload)).map_while(Result::ok);
        let unlisted = tracks.find(|track| self.is_new_and_unlisted(track.codec.four_cc(), server, &server.video));
        unlisted.map_or(Ok(()), |track| Err(UnlistedCodec::Video(track.codec)))
    }

    fn check_audio(&mut self, payload: &[u8], server: &Capabilities) -> Result<(), UnlistedCodec> {
        let header = AudioHeader::parse(payload).ok().filter(|header| header.enhanced);
        let mut tracks = header.iter().flat_map(|header| header.tracks(payload)).map_while(Result::ok);
        let unlisted = tracks.find(|track| self.is_new_and_unlisted(track.codec.four_cc(), server, &server.audio));
        unlisted.map_or(Ok(()), |track| Err(UnlistedCodec::Audio(track.codec)))
    }

    fn is_new_and_unlisted(&mut self, four_cc: Option<FourCc>, server: &Capabilities, map: &FourCcInfoMap) -> bool {
        four_cc.is_some_and(|four_cc| self.seen.insert(four_cc) && !is_listed(four_cc, server, map))
    }
}

/// What people are told when it is sent all the same.
pub(crate) fn warning(error: UnlistedCodec, target: &Target) -> String {
    format!("{}: warning: {error}; it is sent all the same, --strict would not", target.display())
}

/// What ends a publish with `--strict`.
pub(crate) fn refusal(error: UnlistedCodec, target: &Target) -> Failure {
    Failure::new(Step::Publish, target.place(), error).hint("many servers take more than they list: leave out --strict")
}

fn named(codec: impl Display, four_cc: Option<FourCc>) -> String {
    four_cc.map_or_else(|| codec.to_string(), |four_cc| format!("{codec} ({four_cc})"))
}

/// `fourCcList` and the map of the kind say the same in two ways; whichever is there counts (ERTMP-74, ERTMP-75).
fn is_listed(four_cc: FourCc, server: &Capabilities, map: &FourCcInfoMap) -> bool {
    let name = four_cc.to_string();
    let says_nothing = server.fourcc_list.is_empty() && map.0.is_empty();
    says_nothing || server.fourcc_list.iter().any(|listed| *listed == name || listed == "*") || map.get(&name).0 != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtmp_session::FourCcMask;

    fn video(head: &[u8]) -> Media {
        Media::video(0, [head, &[0; 8]].concat())
    }

    fn check(media: &Media, server: &Capabilities) -> Option<String> {
        CodecCheck::default().check(media, server).err().map(|error| error.to_string())
    }

    #[test]
    fn ertmp_74_75_76_either_form_of_list_counts_and_silence_means_nothing() {
        let av1 = video(b"\x90av01");
        let opus = Media::audio(0, &b"\x90OpusOpusHead"[..]);
        let list = Capabilities::default().fourcc("hvc1");
        let map = Capabilities::default().video("vp09", FourCcMask::CAN_DECODE);
        let complaint = Some("the server does not list AV1 (av01) among its codecs".to_owned());
        for (server, av1_says, opus_says) in [
            (Capabilities::default(), false, false),
            (list.clone(), true, true),
            (map.clone(), true, false), // nothing is said of audio
            (list.clone().fourcc("av01"), false, true),
            (list.clone().fourcc("*"), false, false),
            (map.clone().video("*", FourCcMask::CAN_FORWARD), false, false),
            (list.video("av01", FourCcMask::CAN_DECODE), false, true),
        ] {
            assert_eq!(check(&av1, &server), complaint.clone().filter(|_| av1_says), "{server:?}");
            assert_eq!(check(&opus, &server).is_some(), opus_says, "{server:?}");
        }
        assert_eq!(check(&video(&[0x17, 1, 0, 0, 0]), &map), None, "H.264 as Flash Player had it");
    }

    #[test]
    fn a_codec_is_complained_of_once() {
        let (mut codecs, server) = (CodecCheck::default(), Capabilities::default().fourcc("hvc1"));
        assert!(codecs.check(&video(b"\x90av01"), &server).is_err());
        assert!(codecs.check(&video(b"\x91av01"), &server).is_ok());
        assert!(codecs.check(&video(b"\x91vp09"), &server).is_err());
    }
}
