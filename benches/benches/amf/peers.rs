//! Other crates, driven as their documentation or their own programs drive them.

use std::{fmt::Debug, hint::black_box, io::Cursor};

use broadcast_common::{Parse, Serialize};
use bytes::Bytes;

use crate::{Group, bench_decode, bench_encode, messages::Message};

fn text(error: impl Debug) -> String {
    format!("{error:?}")
}

pub(crate) fn decode(group: &mut Group<'_>, message: &Message) {
    bench_decode(group, message, "rml_amf0", |bytes| Ok(black_box(rml(bytes)?).len()));
    bench_decode(group, message, "scuffle-amf0", |bytes| Ok(black_box(scuffle(bytes, message.values)?).len()));
    bench_decode(group, message, "shiguredo_rtmp", |bytes| Ok(black_box(shiguredo(bytes)?).len()));
    bench_decode(group, message, "rtmp-runtime", |bytes| Ok(black_box(runtime(bytes)?).len()));
    // Its payloads are `Bytes`, so that sharing them costs it nothing.
    let shared = Bytes::copy_from_slice(&message.bytes);
    bench_decode(group, message, "rtmp-rs", |_| {
        let values = rtmp_rs::amf::Amf0Decoder::new().decode_all(&mut black_box(shared.clone())).map_err(text)?;
        Ok(black_box(values).len())
    });
    bench_decode(group, message, "amf", |bytes| Ok(black_box(amf_crate(bytes)?).len()));
    bench_decode(group, message, "librtmp2, no tree", |bytes| {
        let (mut buffer, mut values) = (librtmp2::buffer::Buffer::from_slice(bytes), 0);
        while buffer.available() > 0 {
            pull(&mut buffer).map_err(text)?;
            values += 1;
        }
        Ok(values)
    });
}

pub(crate) fn encode(group: &mut Group<'_>, message: &Message) {
    let values = rml(&message.bytes).unwrap_or_default();
    bench_encode(group, message, "rml_amf0", |out| {
        out.extend(rml_amf0::serialize(black_box(&values)).map_err(text)?);
        Ok(())
    });
    let values = scuffle(&message.bytes, message.values).unwrap_or_default();
    bench_encode(group, message, "scuffle-amf0", |out| {
        let mut encoder = scuffle_amf0::Amf0Encoder::new(out);
        black_box(&values).iter().try_for_each(|value| value.encode(&mut encoder)).map_err(text)
    });
    let values = shiguredo(&message.bytes).unwrap_or_default();
    bench_encode(group, message, "shiguredo_rtmp", |out| {
        black_box(&values).iter().for_each(|value| value.encode(out));
        Ok(())
    });
    let values = runtime(&message.bytes).unwrap_or_default();
    bench_encode(group, message, "rtmp-runtime", |out| {
        for value in black_box(&values) {
            out.extend(value.try_to_bytes().map_err(text)?);
        }
        Ok(())
    });
    let values = rtmp_rs::amf::amf0::decode_all(&message.bytes).unwrap_or_default();
    bench_encode(group, message, "rtmp-rs", |out| {
        out.extend(rtmp_rs::amf::amf0::encode_all(black_box(&values)));
        Ok(())
    });
    let values = amf_crate(&message.bytes).unwrap_or_default();
    bench_encode(group, message, "amf", |out| {
        black_box(&values).iter().try_for_each(|value| value.write_to(&mut *out)).map_err(text)
    });
}

fn rml(bytes: &[u8]) -> Result<Vec<rml_amf0::Amf0Value>, String> {
    rml_amf0::deserialize(&mut Cursor::new(bytes)).map_err(text)
}

/// Value by value: its `decode_all` stumbles over the end of an ECMA array.
fn scuffle(bytes: &[u8], values: usize) -> Result<Vec<scuffle_amf0::Amf0Value<'_>>, String> {
    let mut decoder = scuffle_amf0::Amf0Decoder::from_slice(bytes);
    (0..values).map(|_| decoder.decode_value().map_err(text)).collect()
}

fn shiguredo(mut bytes: &[u8]) -> Result<Vec<shiguredo_rtmp::tests::Amf0Value>, String> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let (len, value) = shiguredo_rtmp::tests::Amf0Value::decode(bytes).map_err(text)?;
        bytes = &bytes[len..];
        values.push(value);
    }
    Ok(values)
}

/// As its own commands are read: parse, then ask how long that was.
fn runtime(mut bytes: &[u8]) -> Result<Vec<rtmp_runtime::amf0::Amf0Value>, String> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        let value = rtmp_runtime::amf0::Amf0Value::parse(bytes).map_err(text)?;
        bytes = &bytes[value.serialized_len()..];
        values.push(value);
    }
    Ok(values)
}

fn amf_crate(mut bytes: &[u8]) -> Result<Vec<amf::amf0::Value>, String> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        values.push(amf::amf0::Value::read_from(&mut bytes).map_err(text)?);
    }
    Ok(values)
}

/// It has no tree, only functions to pull with; this is the loop its callers write.
fn pull(buffer: &mut librtmp2::buffer::Buffer) -> Result<(), librtmp2::ErrorCode> {
    use librtmp2::amf::amf0::{
        is_object_end, read_boolean, read_number, read_object_begin, read_object_key, read_string_alloc, read_type,
        skip_value,
    };
    match buffer.peek().first() {
        Some(0) => {
            read_type(buffer)?;
            black_box(read_number(buffer)?);
        }
        Some(1) => {
            read_type(buffer)?;
            black_box(read_boolean(buffer)?);
        }
        Some(2) => {
            black_box(read_string_alloc(buffer)?);
        }
        Some(marker @ (3 | 8)) => {
            if *marker == 3 {
                read_object_begin(buffer)?;
            } else {
                buffer.drain(5);
            }
            while !is_object_end(buffer) {
                let mut key = [0; 256];
                let len = read_object_key(buffer, &mut key)?;
                black_box(&key[..len]);
                pull(buffer)?;
            }
            buffer.drain(3);
        }
        _ => skip_value(buffer)?,
    }
    Ok(())
}
