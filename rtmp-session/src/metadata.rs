//! What a stream says about itself.

use rtmp_amf::{AmfError, AmfLimits};
use rtmp_flv::{Metadata, TagKind};

use crate::{Media, MediaKind};

impl Media {
    /// The properties of `onMetaData`; `None` if this is something else. See FLV-45.
    ///
    /// ```
    /// use rtmp_session::{Media, amf::AmfLimits, flv::Metadata};
    ///
    /// # let media = Media::try_from(Metadata::new().with("width", 1280).to_tag()?).unwrap();
    /// if let Some(metadata) = media.metadata(&AmfLimits::default())? {
    ///     assert_eq!(metadata.width(), Some(1280.0));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AmfError`] if this is a data message that does not begin with a name, or without one value that can be read.
    pub fn metadata(&self, limits: &AmfLimits) -> Result<Option<Metadata>, AmfError> {
        if self.kind != MediaKind::Data {
            return Ok(None);
        }
        Metadata::parse(TagKind::Script, &self.payload, limits)
    }
}

#[cfg(test)]
mod tests {
    use rtmp_amf::{AmfLimits, Object, Value, amf0};
    use rtmp_chunk::{ChunkStreamId, Message, MessageType};

    use crate::Media;

    fn received(kind: MessageType, prefix: &[u8], values: &[Value]) -> Media {
        let mut payload = prefix.to_vec();
        amf0::encode_all(values, &mut payload).unwrap();
        let (chunk_stream, payload) = (ChunkStreamId::DATA, payload.into());
        Media::from_message(Message { kind, stream_id: 1, timestamp: 0, chunk_stream, payload }).unwrap().unwrap()
    }

    #[test]
    fn flv_45_metadata_of_a_message_in_every_form_it_comes_in() {
        let object = Object::new().with("width", 1280);
        let values = |value| ["onMetaData".into(), value];
        let set = |value| ["@setDataFrame".into(), "onMetaData".into(), value];
        for media in [
            received(MessageType::DATA_AMF0, &[], &values(Value::EcmaArray(object.clone()))),
            received(MessageType::DATA_AMF0, &[], &set(Value::EcmaArray(object.clone()))),
            received(MessageType::DATA_AMF3, &[0], &values(object.clone().into())),
            received(MessageType::DATA_AMF3, &[0], &set(Value::from(object).in_amf3())),
        ] {
            let metadata = media.metadata(&AmfLimits::default()).unwrap().unwrap();
            assert_eq!(metadata.width(), Some(1280.0), "{:?}", media.payload);
        }
    }

    #[test]
    fn other_media_have_none() {
        let limits = AmfLimits::default();
        assert_eq!(Media::video(0, &b"\x02\0\x0aonMetaData"[..]).metadata(&limits), Ok(None));
        assert_eq!(received(MessageType::DATA_AMF0, &[], &["onCuePoint".into(), 1.into()]).metadata(&limits), Ok(None));
        assert!(Media::data(0, &[5][..]).metadata(&limits).is_err());
        assert!(Media::data(0, &b""[..]).metadata(&limits).is_err());
    }
}
