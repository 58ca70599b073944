//! FLV files as entries.

use super::entry::{Entry, Fault, Report};
use bytes::BytesMut;
use rtmp_session::chunk::MessageType;
use rtmp_session::flv::{FlvError, FlvLimits, Tag, TagDecoder};
use std::io::{self, Read};

/// Reads every tag of a file. What is tolerated and what ends it early are faults in the report.
pub(crate) fn read_file(mut file: impl Read, report: &mut impl Report) -> Result<(), io::Error> {
    let mut decoder = TagDecoder::new(FlvLimits::default().max_tag_len(Tag::MAX_DATA_LEN)).restart_at_header(true);
    let mut buffer = BytesMut::new();
    let mut chunk = vec![0; 64 << 10];
    let mut seen_header = false;
    loop {
        let count = file.read(&mut chunk)?;
        buffer.extend_from_slice(&chunk[..count]);
        loop {
            let tag = if count == 0 { decoder.decode_end(&mut buffer) } else { decoder.decode(&mut buffer) };
            if let Some(header) = decoder.file_header().filter(|_| !seen_header) {
                seen_header = true;
                let says = |on| if on { "yes" } else { "no" };
                report.note("", &format!("FLV file; says audio {}, video {}", says(header.audio), says(header.video)));
            }
            match tag {
                Ok(Some(tag)) => take(tag, &mut decoder, report),
                Ok(None) => break,
                Err(error) => return fail(&error, &decoder, report),
            }
        }
        if count == 0 {
            report_anomalies(&mut decoder, report);
            if decoder.is_mid_tag(&buffer) {
                report.fault(&Fault {
                    source: String::new(),
                    place: format!("byte {}", decoder.offset()),
                    requirement: "FLV-7",
                    text: format!("the file ends inside a tag, {} bytes of which are there", buffer.len()),
                    fatal: true,
                });
            }
            return Ok(());
        }
    }
}

fn take(tag: Tag, decoder: &mut TagDecoder, report: &mut impl Report) {
    report_anomalies(decoder, report);
    report.entry(&Entry {
        source: String::new(),
        time: None,
        // The low five bits are the type; the others mark encryption.
        kind: MessageType(tag.kind.type_byte() & 0x1f),
        stream: 0,
        chunk_stream: None,
        timestamp: tag.timestamp,
        payload: tag.data,
    });
}

fn report_anomalies(decoder: &mut TagDecoder, report: &mut impl Report) {
    let place = format!("byte {}", decoder.tag_offset());
    for anomaly in decoder.take_anomalies().iter() {
        report.fault(&Fault {
            source: String::new(),
            place: place.clone(),
            requirement: anomaly.requirement(),
            text: anomaly.to_string(),
            fatal: false,
        });
    }
}

fn fail(error: &FlvError, decoder: &TagDecoder, report: &mut impl Report) -> Result<(), io::Error> {
    report.fault(&Fault {
        source: String::new(),
        place: format!("byte {}", decoder.offset()),
        requirement: "FLV-1",
        text: error.to_string(),
        fatal: true,
    });
    Ok(())
}
