//! Other crates, driven as their documentation or their own programs drive them.

use std::{fmt::Debug, hint::black_box, io::Cursor};

use broadcast_common::{Parse, Serialize};
use bytes::Bytes;

use crate::{Group, bench_decode, bench_encode, bench_walk, messages::Message};

fn text(error: impl Debug) -> String {
    format!("{error:?}")
}

pub(crate) fn decode(group: &mut Group<'_>, message: &Message) {
    bench_decode(group, message, "rml_amf0", rml, |values, out| put_rml(&values.to_vec(), out));
    bench_decode(group, message, "scuffle-amf0", |bytes| scuffle(bytes, message.values), put_scuffle);
    bench_decode(group, message, "shiguredo_rtmp", shiguredo, put_shiguredo);
    bench_decode(group, message, "rtmp-runtime", runtime, put_runtime);
    // Its payloads are `Bytes`, so that sharing them costs it nothing.
    let shared = Bytes::copy_from_slice(&message.bytes);
    let rtmp_rs = |_| rtmp_rs::amf::Amf0Decoder::new().decode_all(&mut black_box(shared.clone())).map_err(text);
    bench_decode(group, message, "rtmp-rs", rtmp_rs, put_rtmp_rs);
    bench_decode(group, message, "amf", amf_crate, put_amf_crate);
    bench_walk(group, message, "librtmp2, no tree", |bytes| {
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
    bench_encode(group, message, "rml_amf0", |out| put_rml(black_box(&values), out));
    let values = scuffle(&message.bytes, message.values).unwrap_or_default();
    bench_encode(group, message, "scuffle-amf0", |out| put_scuffle(black_box(&values), out));
    let values = shiguredo(&message.bytes).unwrap_or_default();
    bench_encode(group, message, "shiguredo_rtmp", |out| put_shiguredo(black_box(&values), out));
    let values = runtime(&message.bytes).unwrap_or_default();
    bench_encode(group, message, "rtmp-runtime", |out| put_runtime(black_box(&values), out));
    let values = rtmp_rs::amf::amf0::decode_all(&message.bytes).unwrap_or_default();
    bench_encode(group, message, "rtmp-rs", |out| put_rtmp_rs(black_box(&values), out));
    let values = amf_crate(&message.bytes).unwrap_or_default();
    bench_encode(group, message, "amf", |out| put_amf_crate(black_box(&values), out));
}

fn put_rml(values: &Vec<rml_amf0::Amf0Value>, out: &mut Vec<u8>) -> Result<(), String> {
    out.extend(rml_amf0::serialize(values).map_err(text)?);
    Ok(())
}

fn put_scuffle(values: &[scuffle_amf0::Amf0Value<'_>], out: &mut Vec<u8>) -> Result<(), String> {
    let mut encoder = scuffle_amf0::Amf0Encoder::new(out);
    values.iter().try_for_each(|value| value.encode(&mut encoder)).map_err(text)
}

fn put_shiguredo(values: &[shiguredo_rtmp::tests::Amf0Value], out: &mut Vec<u8>) -> Result<(), String> {
    values.iter().for_each(|value| value.encode(out));
    Ok(())
}

fn put_runtime(values: &[rtmp_runtime::amf0::Amf0Value], out: &mut Vec<u8>) -> Result<(), String> {
    for value in values {
        out.extend(value.try_to_bytes().map_err(text)?);
    }
    Ok(())
}

fn put_rtmp_rs(values: &[rtmp_rs::amf::AmfValue], out: &mut Vec<u8>) -> Result<(), String> {
    out.extend(rtmp_rs::amf::amf0::encode_all(values));
    Ok(())
}

fn put_amf_crate(values: &[amf::amf0::Value], out: &mut Vec<u8>) -> Result<(), String> {
    values.iter().try_for_each(|value| value.write_to(&mut *out)).map_err(text)
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
