//! What is decoded and encoded.

use rtmp_amf::{AmfLimits, Object, Value, amf0};

pub(crate) struct Message {
    pub(crate) name: &'static str,
    pub(crate) values: usize,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn all() -> [Message; 2] {
    [message("connect", &connect()), message("onMetaData", &metadata())]
}

fn message(name: &'static str, values: &[Value]) -> Message {
    let mut bytes = Vec::new();
    amf0::encode_all(values, &mut bytes).expect("no name is long");
    Message { name, values: values.len(), bytes }
}

/// The values of a message without what writers differ in: members in the order of their names, ECMA arrays as objects.
pub(crate) fn contents(bytes: &[u8]) -> Option<Vec<Value>> {
    let values = amf0::decode_all(bytes, &AmfLimits::default()).ok()?;
    let plain = values.into_iter().map(|value| match value {
        Value::Object(mut object) | Value::EcmaArray(mut object) => {
            object.entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(object)
        }
        other => other,
    });
    Some(plain.collect())
}

fn connect() -> [Value; 3] {
    let object = Object::new()
        .with("app", "live")
        .with("type", "nonprivate")
        .with("flashVer", "FMLE/3.0 (compatible; FMSc/1.0)")
        .with("swfUrl", "rtmp://ingest.example.net:1935/live")
        .with("tcUrl", "rtmp://ingest.example.net:1935/live")
        .with("fpad", false)
        .with("capabilities", 239)
        .with("audioCodecs", 3575)
        .with("videoCodecs", 252)
        .with("videoFunction", 1)
        .with("pageUrl", "https://www.example.net/studio")
        .with("objectEncoding", 0);
    ["connect".into(), 1.into(), object.into()]
}

/// As OBS Studio sends it.
fn metadata() -> [Value; 2] {
    let numbers = [
        ("duration", 0),
        ("fileSize", 0),
        ("width", 1920),
        ("height", 1080),
        ("videocodecid", 7),
        ("videodatarate", 6000),
        ("framerate", 60),
        ("audiocodecid", 10),
        ("audiodatarate", 160),
        ("audiosamplerate", 48_000),
        ("audiosamplesize", 16),
        ("audiochannels", 2),
    ];
    let mut object: Object = numbers.into_iter().collect();
    object.push("stereo", true);
    object.extend(["2.1", "3.1", "4.0", "4.1", "5.1", "7.1"].map(|layout| (layout, false)));
    object.push("encoder", "obs-output module (libobs version 30.2.3)");
    ["onMetaData".into(), Value::EcmaArray(object)]
}
