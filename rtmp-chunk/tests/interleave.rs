//! Messages of several chunk streams, chunk by chunk. CHK-32

mod support;

use proptest::prelude::*;
use rtmp_chunk::{Control, MessageType};
use support::{audio, feed, id, pattern, strategy, video, writer::Writer};

proptest! {
    #[test]
    fn chk_32_any_interleaving_gives_the_messages_in_order_of_completion((wire, messages) in strategy::interleaved()) {
        prop_assert_eq!(feed::decode(&wire).whole(), messages);
    }
}

#[test]
fn chk_32_audio_inside_a_video_message() {
    let (long, short) = (video(6, 40, &pattern(1000)), audio(4, 41, &pattern(300)));
    let mut writer = Writer::new();
    writer.begin(&long, 0);
    writer.begin(&short, 0);
    writer.go_on(6);
    writer.go_on(4);
    writer.go_on(4);
    while writer.is_busy(6) {
        writer.go_on(6);
    }
    assert_eq!(feed::decode(&writer.wire).whole(), [short, long]);
}

#[test]
fn chk_44_new_chunk_size_holds_for_the_rest_of_messages_already_begun() {
    let long = video(6, 40, &pattern(1000));
    let mut writer = Writer::new();
    writer.begin(&long, 0);
    writer.write(&support::writer::set_chunk_size(300), 0);
    writer.go_on(6);
    writer.write(&support::writer::set_chunk_size(1), 0);
    while writer.is_busy(6) {
        writer.go_on(6);
    }
    let messages = feed::decode(&writer.wire).whole();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[2], long);
}

#[test]
fn chk_45_control_acts_between_two_parts_of_another_message() {
    let long = video(6, 40, &pattern(1000));
    let mut writer = Writer::new();
    writer.begin(&long, 0);
    writer.write(&Control::Acknowledgement(7).to_message(), 0);
    writer.write(&Control::Abort(id(6)).to_message(), 0);
    // Behind the abort the stream is free: this is no interruption.
    let mut next = Writer::new();
    next.write(&video(6, 80, &pattern(200)), 0);
    let wire = [writer.wire, next.wire].concat();
    let messages = feed::decode(&wire).whole();
    let kinds: Vec<_> = messages.iter().map(|message| message.kind).collect();
    assert_eq!(kinds, [MessageType::ACKNOWLEDGEMENT, MessageType::ABORT, MessageType::VIDEO]);
    assert_eq!(messages[2], video(6, 80, &pattern(200)));
}

#[test]
fn chk_49_encoder_finishes_a_message_before_it_starts_another() {
    // rml_rtmp 0.8 keeps one payload for all chunk streams; what we send must be readable to it.
    let messages = [video(6, 0, &pattern(1000)), audio(4, 0, &pattern(1000))];
    let wire = feed::encode(&mut rtmp_chunk::ChunkEncoder::new(), &messages);
    let first = feed::encode(&mut rtmp_chunk::ChunkEncoder::new(), &messages[..1]);
    assert!(wire.starts_with(&first));
    assert_eq!(wire[first.len()], 0x04);
}
