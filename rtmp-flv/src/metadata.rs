//! `onMetaData`: what a file or stream says about itself.

use crate::{AudioCodec, FlvEncodeError, FourCc, ScriptData, Tag, TagKind, VideoCodec};
use alloc::{string::ToString, vec::Vec};
use rtmp_amf::{AmfError, AmfLimits, AmfString, Object, Value};

/// The argument of `onMetaData`, with a typed view of the properties in use.
///
/// Every property may be absent, of another type or wrong (FLV-49): a getter then says `None`, and the media decides.
/// Unknown properties are kept, in order.
///
/// ```
/// use rtmp_flv::{Metadata, VideoCodec, amf::AmfLimits};
///
/// let metadata = Metadata::new().with("width", 1280).with("height", 720).with("videocodecid", 7).with("mood", "good");
/// let tag = metadata.to_tag()?;
/// let read = Metadata::parse(tag.kind, &tag.data, &AmfLimits::default())?.unwrap();
/// assert_eq!((read.width(), read.video_codec()), (Some(1280.0), Some(VideoCodec::Avc)));
/// assert_eq!(read.properties["mood"], "good");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// The properties as they came.
    pub properties: Object,
}

impl Metadata {
    /// Without properties.
    pub const fn new() -> Self {
        Self { properties: Object::new() }
    }

    /// Adds a property or replaces it.
    #[must_use]
    pub fn with(mut self, name: impl Into<AmfString>, value: impl Into<Value>) -> Self {
        self.properties.set(name, value);
        self
    }

    /// Reads the body of a script tag or RTMP data message; `None` if it is something else than `onMetaData`.
    ///
    /// # Errors
    /// As [`ScriptData::parse`].
    pub fn parse(kind: TagKind, data: &[u8], limits: &AmfLimits) -> Result<Option<Self>, AmfError> {
        Ok(Self::from_script(ScriptData::parse(kind, data, limits)?))
    }

    /// The properties of `onMetaData`, also behind an `@setDataFrame` that a recorder forgot to strip; `None` if the
    /// script is something else.
    pub fn from_script(script: ScriptData) -> Option<Self> {
        let is_set = script.name == "@setDataFrame" && script.values.first().is_some_and(|name| *name == "onMetaData");
        if !script.is_on_meta_data() && !is_set {
            return None;
        }
        // FLV-45: an ECMA array by the text, an object in practice too.
        let properties = script.values.into_iter().find_map(|value| value.into_object().ok()).unwrap_or_default();
        Some(Self { properties })
    }

    /// As the text has it: `onMetaData` and an ECMA array.
    pub fn to_script(&self) -> ScriptData {
        ScriptData::new("onMetaData", [Value::EcmaArray(self.properties.clone())].into())
    }

    /// A script tag at time 0.
    ///
    /// # Errors
    /// As [`ScriptData::to_tag`].
    pub fn to_tag(&self) -> Result<Tag, FlvEncodeError> {
        self.to_script().to_tag(0)
    }

    /// Length of the recording in s. 0 while it is being written (FLV-50).
    pub fn duration(&self) -> Option<f64> {
        self.number(&["duration"])
    }

    /// Length of the file in bytes. 0 while it is being written.
    pub fn file_size(&self) -> Option<f64> {
        self.number(&["filesize", "fileSize"])
    }

    /// Width of the picture in pixels.
    pub fn width(&self) -> Option<f64> {
        self.number(&["width"])
    }

    /// Height of the picture in pixels.
    pub fn height(&self) -> Option<f64> {
        self.number(&["height"])
    }

    /// Frames per second.
    pub fn frame_rate(&self) -> Option<f64> {
        self.number(&["framerate", "videoframerate"])
    }

    /// The video codec. See ERTMP-85.
    pub fn video_codec(&self) -> Option<VideoCodec> {
        video_codec(self.properties.get("videocodecid")?)
    }

    /// The audio codec. See ERTMP-85.
    pub fn audio_codec(&self) -> Option<AudioCodec> {
        audio_codec(self.properties.get("audiocodecid")?)
    }

    /// Video bit rate in kbit/s.
    pub fn video_data_rate(&self) -> Option<f64> {
        self.number(&["videodatarate"])
    }

    /// Audio bit rate in kbit/s.
    pub fn audio_data_rate(&self) -> Option<f64> {
        self.number(&["audiodatarate"])
    }

    /// How much later than its time audio is to be heard, in s.
    pub fn audio_delay(&self) -> Option<f64> {
        self.number(&["audiodelay"])
    }

    /// Audio samples per second.
    pub fn audio_sample_rate(&self) -> Option<f64> {
        self.number(&["audiosamplerate", "samplerate"])
    }

    /// Bits per audio sample.
    pub fn audio_sample_size(&self) -> Option<f64> {
        self.number(&["audiosamplesize"])
    }

    /// Audio channels, if need be from `stereo`.
    pub fn audio_channels(&self) -> Option<f64> {
        let stereo = || self.stereo().map(|stereo| if stereo { 2.0 } else { 1.0 });
        self.number(&["audiochannels", "channels"]).or_else(stereo)
    }

    /// Whether audio has two channels.
    pub fn stereo(&self) -> Option<bool> {
        self.properties.get("stereo")?.as_bool()
    }

    /// Whether the last video frame is a key frame.
    pub fn can_seek_to_end(&self) -> Option<bool> {
        self.properties.get("canSeekToEnd")?.as_bool()
    }

    /// When the file was made, in any format.
    pub fn creation_date(&self) -> Option<&str> {
        self.properties.get("creationdate")?.as_str()
    }

    /// Which program made it.
    pub fn encoder(&self) -> Option<&str> {
        self.properties.get("encoder")?.as_str()
    }

    /// The key frame index. If its two lists differ in length, as far as the shorter goes (FLV-51).
    pub fn keyframes(&self) -> Option<Vec<Keyframe>> {
        let index = self.properties.get("keyframes")?;
        let (times, positions) = (index["times"].as_array()?, index["filepositions"].as_array()?);
        let pair = |(time, position): (&Value, &Value)| {
            Some(Keyframe { time: time.as_f64()?, position: position.as_i64()?.try_into().ok()? })
        };
        Some(times.iter().zip(positions).filter_map(pair).collect())
    }

    /// Sets the key frame index.
    pub fn set_keyframes(&mut self, keyframes: &[Keyframe]) {
        let times: Vec<Value> = keyframes.iter().map(|keyframe| keyframe.time.into()).collect();
        let positions: Vec<Value> = keyframes.iter().map(|keyframe| Value::Number(keyframe.position as f64)).collect();
        let index = Object::new().with("times", Value::Array(times)).with("filepositions", Value::Array(positions));
        self.properties.set("keyframes", index);
    }

    /// What is said about a video track; about the default track, at the top level. See ERTMP-86.
    pub fn video_track(&self, id: u8) -> TrackMetadata<'_> {
        self.track(VIDEO_TRACKS, id)
    }

    /// What is said about an audio track; about the default track, at the top level. See ERTMP-86.
    pub fn audio_track(&self, id: u8) -> TrackMetadata<'_> {
        self.track(AUDIO_TRACKS, id)
    }

    /// Sets what is said about a video track other than the default one: only what differs from the top level, or
    /// everything (ERTMP-87).
    pub fn set_video_track(&mut self, id: u8, properties: Object) {
        self.set_track(VIDEO_TRACKS, id, properties);
    }

    /// Sets what is said about an audio track other than the default one.
    pub fn set_audio_track(&mut self, id: u8, properties: Object) {
        self.set_track(AUDIO_TRACKS, id, properties);
    }

    /// Ids of the video tracks that have an entry of their own, in order of appearance.
    pub fn video_track_ids(&self) -> impl Iterator<Item = u8> + '_ {
        self.track_ids(VIDEO_TRACKS)
    }

    /// Ids of the audio tracks that have an entry of their own, in order of appearance.
    pub fn audio_track_ids(&self) -> impl Iterator<Item = u8> + '_ {
        self.track_ids(AUDIO_TRACKS)
    }

    fn track(&self, map: &str, id: u8) -> TrackMetadata<'_> {
        let entry = self.properties[map].get(&id.to_string()).and_then(Value::as_object);
        TrackMetadata { entry, top: self }
    }

    fn set_track(&mut self, map: &str, id: u8, properties: Object) {
        let key = id.to_string();
        match self.properties.get_mut(map) {
            Some(Value::Object(tracks) | Value::EcmaArray(tracks)) => tracks.set(key, properties),
            _ => self.properties.set(map, Object::new().with(key, properties)),
        }
    }

    fn track_ids(&self, map: &str) -> impl Iterator<Item = u8> + '_ {
        let tracks = self.properties.get(map).and_then(Value::as_object);
        tracks.into_iter().flat_map(|tracks| tracks.iter()).filter_map(|(key, _)| key.as_str().parse().ok())
    }

    fn number(&self, names: &[&str]) -> Option<f64> {
        number(&self.properties, names)
    }
}

const VIDEO_TRACKS: &str = "videoTrackIdInfoMap";
const AUDIO_TRACKS: &str = "audioTrackIdInfoMap";

/// One entry of the key frame index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keyframe {
    /// Its time in s.
    pub time: f64,
    /// Where its tag header starts, in bytes from the start of the file.
    pub position: u64,
}

/// What `onMetaData` says about one track: its own entry, and where that is silent the top level. See ERTMP-87.
#[derive(Clone, Copy, Debug)]
pub struct TrackMetadata<'a> {
    entry: Option<&'a Object>,
    top: &'a Metadata,
}

impl<'a> TrackMetadata<'a> {
    /// Whether the track has an entry of its own.
    pub fn has_entry(&self) -> bool {
        self.entry.is_some()
    }

    /// The property of one of these names.
    fn get(&self, names: &[&str]) -> Option<&'a Value> {
        let find = |object: &'a Object| names.iter().find_map(|name| object.get(name));
        self.entry.and_then(find).or_else(|| find(&self.top.properties))
    }

    fn number(&self, names: &[&str]) -> Option<f64> {
        self.entry.and_then(|entry| number(entry, names)).or_else(|| self.top.number(names))
    }

    /// The codec of a video track.
    pub fn video_codec(&self) -> Option<VideoCodec> {
        self.get(&["videocodecid"]).and_then(video_codec)
    }

    /// The codec of an audio track.
    pub fn audio_codec(&self) -> Option<AudioCodec> {
        self.get(&["audiocodecid"]).and_then(audio_codec)
    }

    /// Width of the picture in pixels.
    pub fn width(&self) -> Option<f64> {
        self.number(&["width"])
    }

    /// Height of the picture in pixels.
    pub fn height(&self) -> Option<f64> {
        self.number(&["height"])
    }

    /// Frames per second.
    pub fn frame_rate(&self) -> Option<f64> {
        self.number(&["framerate", "videoframerate"])
    }

    /// Video bit rate in kbit/s.
    pub fn video_data_rate(&self) -> Option<f64> {
        self.number(&["videodatarate"])
    }

    /// Audio bit rate in kbit/s.
    pub fn audio_data_rate(&self) -> Option<f64> {
        self.number(&["audiodatarate"])
    }

    /// Audio samples per second. Its name inside an entry is another than at the top level (ERTMP-89).
    pub fn audio_sample_rate(&self) -> Option<f64> {
        self.number(&["samplerate", "audiosamplerate"])
    }

    /// Audio channels, under either name (ERTMP-89).
    pub fn audio_channels(&self) -> Option<f64> {
        let own = self.entry.and_then(|entry| number(entry, &["channels", "audiochannels"]));
        own.or_else(|| self.top.audio_channels())
    }
}

fn number(object: &Object, names: &[&str]) -> Option<f64> {
    names.iter().find_map(|name| object.get(name)?.as_f64()).filter(|number| number.is_finite())
}

/// ERTMP-85: above 255 a number is a FourCC. FLV-48: some tools write text.
fn video_codec(value: &Value) -> Option<VideoCodec> {
    match codec_id(value)? {
        CodecId::Legacy(id) => Some(VideoCodec::from_legacy_id(id)),
        CodecId::FourCc(four_cc) => Some(VideoCodec::from_four_cc(four_cc)),
    }
}

fn audio_codec(value: &Value) -> Option<AudioCodec> {
    match codec_id(value)? {
        CodecId::Legacy(id) => Some(AudioCodec::from_legacy_id(id)),
        CodecId::FourCc(four_cc) => Some(AudioCodec::from_four_cc(four_cc)),
    }
}

enum CodecId {
    Legacy(u8),
    FourCc(FourCc),
}

fn codec_id(value: &Value) -> Option<CodecId> {
    if let Some(text) = value.as_str() {
        return Some(CodecId::FourCc(FourCc(text.as_bytes().try_into().ok()?)));
    }
    match value.as_u32()? {
        id @ 0..=15 => Some(CodecId::Legacy(id as u8)),
        16..=255 => None,
        number => Some(CodecId::FourCc(FourCc::from_u32(number))),
    }
}
