//! The tables of `docs/security.md` say what the defaults are.

mod patience;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rtmp_session::amf::AmfLimits;
use rtmp_session::chunk::ChunkLimits;
use rtmp_session::flv::FlvLimits;
use rtmp_session::live::ChannelConfig;
use rtmp_session::shared_object::SharedObjectLimits;
use rtmp_session::{ClientConfig, Limits, LinkConfig};

/// The second column of each row, by what stands in backticks in the first.
fn table() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
    let text = std::fs::read_to_string(path).expect("it is in the tree");
    let cells = |line: &str| Some(line.strip_prefix("| ")?.split(" | ").map(str::to_owned).collect::<Vec<_>>());
    let rows = text.lines().filter_map(cells).filter(|cells| cells.len() > 2 && cells[0].starts_with('`'));
    rows.map(|cells| (cells[0].replace('`', ""), cells[1].clone())).collect()
}

fn bytes(count: usize) -> String {
    match count {
        count if count >= 1 << 20 && count.is_multiple_of(1 << 20) => format!("{} MiB", count >> 20),
        count if count.is_multiple_of(1 << 10) => format!("{} KiB", count >> 10),
        count => count.to_string(),
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs())
}

#[test]
fn every_default_in_the_tables_is_that_of_the_code() {
    let (limits, chunk, amf) = (Limits::default(), ChunkLimits::default(), AmfLimits::default());
    let (link, channel) = (LinkConfig::default(), ChannelConfig::default());
    let (flv, objects) = (FlvLimits::default(), SharedObjectLimits::default());
    assert_eq!((&limits.chunk, &limits.amf, &limits.shared_object), (&chunk, &amf, &objects));
    let lag = format!("{}, {}", seconds(channel.lag_span), bytes(channel.lag_bytes));
    let objects_kept =
        format!("{}, of {} properties each, {}", objects.max_objects, objects.max_properties, bytes(objects.max_bytes));
    let expected = [
        ("ChunkLimits::max_message_len", bytes(chunk.max_message_len)),
        ("ChunkLimits::max_partial_bytes", bytes(chunk.max_partial_bytes)),
        ("ChunkLimits::max_chunk_streams", chunk.max_chunk_streams.to_string()),
        ("ChunkLimits::max_empty_run", chunk.max_empty_run.to_string()),
        ("AmfLimits::max_depth", amf.max_depth.to_string()),
        ("AmfLimits::max_values", amf.max_values.to_string()),
        ("AmfLimits::max_bytes", bytes(amf.max_bytes)),
        ("Limits::max_command_len", bytes(limits.max_command_len)),
        ("Limits::max_name_len", bytes(limits.max_name_len)),
        ("Limits::max_streams", limits.max_streams.to_string()),
        ("Limits::max_calls", limits.max_calls.to_string()),
        ("Limits::max_reply_bytes", bytes(limits.max_reply_bytes)),
        ("LinkConfig::handshake_timeout", seconds(link.handshake_timeout)),
        ("LinkConfig::idle_timeout", seconds(link.idle_timeout.expect("there is one"))),
        ("ClientConfig::answer_timeout", seconds(ClientConfig::default().answer_timeout.expect("there is one"))),
        ("max_bytes", bytes(channel.max_bytes)),
        ("max_span", seconds(channel.max_span)),
        ("max_messages", channel.max_messages.to_string()),
        ("max_header_bytes", bytes(channel.max_header_bytes)),
        ("lag_span, lag_bytes", lag),
        ("FlvLimits::max_tag_len", bytes(flv.max_tag_len)),
        ("FlvLimits::max_data_offset", bytes(flv.max_data_offset)),
        ("SharedObjectLimits::max_message_len", bytes(objects.max_message_len)),
        ("SharedObjectLimits::max_events", objects.max_events.to_string()),
        ("SharedObjectLimits::max_objects", objects_kept),
    ];
    let mut table = table();
    for (name, default) in expected {
        let cell = table.remove(name).unwrap_or_else(|| panic!("no row for {name}"));
        let rest = cell.strip_prefix(&default).unwrap_or_else(|| panic!("{name} is {default}, not {cell}"));
        assert!(!rest.starts_with(|next: char| next.is_ascii_digit()), "{name} is {default}, not {cell}");
    }
    assert!(table.is_empty(), "rows that nothing is compared with: {table:?}");
}

#[test]
fn the_bounds_of_the_mini_server_are_those_in_the_text() {
    let help = patience::output(Command::new(env!("CARGO_BIN_EXE_mini-server")).arg("--help")).expect("it was built");
    let help = String::from_utf8(help.stdout).expect("it is text");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
    let text = std::fs::read_to_string(path).expect("it is in the tree");
    for (option, default, said) in [
        ("--media-memory", "256M", "`--media-memory`, 256 MiB |"),
        ("--max-publishers", "320", "`--max-publishers`, 320 |"),
    ] {
        let (_, about) = help.split_once(option).unwrap_or_else(|| panic!("no {option} in:\n{help}"));
        let (_, shown) = about.split_once("[default: ").expect("a default is shown");
        assert!(shown.starts_with(&format!("{default}]")), "{option}: {shown}");
        assert!(text.contains(said), "{option} is not in the text");
    }
}
