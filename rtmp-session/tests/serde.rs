//! Feature `serde`: what a publisher says about its stream, in a type of the program's own.
#![cfg(feature = "serde")]

use rtmp_session::amf::{AmfLimits, Value, from_value};
use rtmp_session::{Media, flv::Metadata};

#[test]
fn metadata_of_a_message_fills_other_types() {
    let metadata = Metadata::new().with("width", 1280).with("encoder", "mine");
    let media = Media::try_from(metadata.to_tag().unwrap()).unwrap();
    let properties = media.metadata(&AmfLimits::default()).unwrap().unwrap().properties;
    let json: serde_json::Value = from_value(&Value::from(properties)).unwrap();
    assert_eq!(json, serde_json::json!({ "width": 1280, "encoder": "mine" }));
}
