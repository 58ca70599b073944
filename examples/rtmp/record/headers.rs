//! What each part of a split recording needs at its beginning.

use rtmp_session::flv::{AudioHeader, VideoHeader};
use rtmp_session::{Media, MediaKind};

/// Metadata and sequence headers in force.
#[derive(Default)]
pub(super) struct Headers {
    metadata: Option<Media>,
    video: Option<Media>,
    audio: Option<Media>,
}

impl Headers {
    /// Takes over what is a header, in place of the one before.
    pub(super) fn keep(&mut self, media: &Media) {
        match media.kind {
            MediaKind::Video if VideoHeader::parse(&media.payload).is_ok_and(|header| header.is_sequence_header()) => {
                self.video = Some(media.clone());
            }
            MediaKind::Audio if AudioHeader::parse(&media.payload).is_ok_and(|header| header.is_sequence_header()) => {
                self.audio = Some(media.clone());
            }
            MediaKind::Data if media.payload.starts_with(b"\x02\x00\x0aonMetaData") => {
                self.metadata = Some(media.clone());
            }
            _ => {}
        }
    }

    pub(super) fn has_video(&self) -> bool {
        self.video.is_some()
    }

    /// Whether this is the metadata that is in force.
    pub(super) fn has_metadata(&self, media: &Media) -> bool {
        self.metadata.as_ref().is_some_and(|known| known.payload == media.payload)
    }

    /// Whether this is a sequence header that is in force.
    pub(super) fn holds(&self, media: &Media) -> bool {
        [&self.video, &self.audio].into_iter().flatten().any(|header| header == media)
    }

    /// In the order in which they are written.
    pub(super) fn all(&self) -> Vec<Media> {
        [&self.metadata, &self.video, &self.audio].into_iter().flatten().cloned().collect()
    }
}
