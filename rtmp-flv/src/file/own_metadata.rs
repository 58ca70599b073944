//! What a file says about itself, and nobody else about it.

use crate::{Metadata, ScriptData, Tag, TagKind};
use rtmp_amf::{AmfError, AmfLimits, amf0};

/// The property that fills the opening up to its length.
pub(super) const FILLER: &str = "filler";

/// What a writer says itself, or what another one said about another file.
const OWN: [&str; 13] = [
    "duration",
    "filesize",
    "fileSize",
    "lasttimestamp",
    "lastkeyframetimestamp",
    "lastkeyframelocation",
    "hasAudio",
    "hasVideo",
    "hasMetadata",
    "hasKeyframes",
    "canSeekToEnd",
    "keyframes",
    FILLER,
];

pub(super) fn without_own_properties(mut metadata: Metadata) -> Metadata {
    metadata.properties.entries.retain(|(name, _)| !is_own(name));
    metadata
}

/// The tag as it can stand behind an opening, since readers believe the last `onMetaData` of a file. One that says
/// nothing of the kind is not touched.
pub(super) fn without_own_claims(tag: Tag) -> Tag {
    if !matches!(tag.kind, TagKind::Script | TagKind::ScriptAmf3) {
        return tag;
    }
    let metadata = match read(&tag) {
        Ok(Some(metadata)) if metadata.properties.iter().any(|(name, _)| is_own(name)) => metadata,
        Ok(_) => return tag,
        // A reader may find a duration in front of what we cannot read.
        Err(_) if names_itself_metadata(&tag) => Metadata::new(),
        Err(_) => return tag,
    };
    let script = without_own_properties(metadata).to_script();
    // What AMF0 lacks is written in AMF3 form, which may be longer than it came.
    let written = script.to_tag(tag.timestamp).or_else(|_| Metadata::new().to_script().to_tag(tag.timestamp));
    written.unwrap_or(tag)
}

fn read(tag: &Tag) -> Result<Option<Metadata>, AmfError> {
    Metadata::parse(tag.kind, &tag.data, &AmfLimits::default().max_values(MOST_VALUES))
}

fn names_itself_metadata(tag: &Tag) -> bool {
    let data = match (tag.kind, &tag.data[..]) {
        (TagKind::ScriptAmf3, [0, rest @ ..]) => rest,
        (_, data) => data,
    };
    amf0::peek_str(data).is_some_and(|name| ScriptData::new(name, [].into()).is_on_meta_data())
}

fn is_own(name: &str) -> bool {
    OWN.contains(&name)
}

/// The key frame index of 9 hours, one each 2 s.
const MOST_VALUES: usize = 1 << 15;
