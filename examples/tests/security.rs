//! The tables of `docs/security.md` say what the defaults are.

mod patience;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rtmp_session::amf::AmfLimits;
use rtmp_session::chunk::ChunkLimits;
use rtmp_session::flv::{FlvLimits, WriterConfig};
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

/// Every public field of the limits and configurations of the crates, as `LinkConfig::seed`: of what their sources say,
/// so that a new one is found.
fn fields() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = Vec::new();
    for package in ["rtmp-handshake", "rtmp-chunk", "rtmp-amf", "rtmp-flv", "rtmp-session"] {
        source_files(&root.join(package).join("src"), &mut sources);
    }
    let mut found = BTreeSet::new();
    for source in sources {
        let mut name = None;
        for line in source.lines() {
            if let Some(head) = line.strip_prefix("pub struct ") {
                let word = head.split(|letter: char| !letter.is_alphanumeric()).next().expect("there is a first");
                name = Some(word).filter(|word| word.ends_with("Limits") || word.ends_with("Config"));
            } else if line == "}" {
                name = None;
            } else if let (Some(name), Some(field)) = (name, line.strip_prefix("    pub ")) {
                let (field, _) = field.split_once(':').expect("a field");
                found.insert(format!("{name}::{field}"));
            }
        }
    }
    found
}

fn source_files(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a directory entry").path();
        if path.is_dir() && !path.ends_with("codec") {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(std::fs::read_to_string(&path).expect("it is text"));
        }
    }
}

/// What a program chooses that bounds nothing, or is a set of limits with rows of its own.
const NO_LIMITS: [&str; 37] = [
    "AmfLimits::strict_end",
    "AmfLimits::strict_utf8",
    "ChannelConfig::image",
    "ChannelConfig::meter",
    "ChannelConfig::start",
    "ClientConfig::amf3",
    "ClientConfig::announce_play",
    "ClientConfig::announce_publish",
    "ClientConfig::arguments",
    "ClientConfig::buffer_length",
    "ClientConfig::capabilities",
    "ClientConfig::external_classes",
    "ClientConfig::flash_ver",
    "ClientConfig::link",
    "ClientConfig::properties",
    "ClientConfig::swf_verification",
    "ClientConfig::trust_reconnect_hosts",
    "Limits::amf",
    "Limits::chunk",
    "Limits::shared_object",
    "LinkConfig::answer_other_versions",
    "LinkConfig::chunk_size",
    "LinkConfig::drop_partial",
    "LinkConfig::ignore_chunk_size_top_bit",
    "LinkConfig::limits",
    "LinkConfig::ping_interval",
    "LinkConfig::scheme",
    "LinkConfig::seed",
    "LinkConfig::strict_extended_timestamps",
    "LinkConfig::verify_echo",
    "LinkConfig::window_ack_size",
    "ServerConfig::capabilities",
    "ServerConfig::external_classes",
    "ServerConfig::link",
    "SharedObjectLimits::amf",
    "WriterConfig::keep_times",
    "WriterConfig::metadata_reserve",
];

#[test]
fn every_public_limit_has_a_row() {
    let (fields, table) = (fields(), table());
    for field in &fields {
        let is_listed = NO_LIMITS.contains(&field.as_str());
        assert!(table.contains_key(field) != is_listed, "{field} needs a row in docs/security.md, or is no limit");
    }
    for gone in NO_LIMITS.iter().copied().chain(table.keys().map(String::as_str)) {
        assert!(fields.contains(gone), "{gone} is no public field");
    }
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
        ("ClientConfig::max_reconnects", ClientConfig::default().max_reconnects.to_string()),
        ("ChannelConfig::max_bytes", bytes(channel.max_bytes)),
        ("ChannelConfig::max_span", seconds(channel.max_span)),
        ("ChannelConfig::max_messages", channel.max_messages.to_string()),
        ("ChannelConfig::max_header_bytes", bytes(channel.max_header_bytes)),
        ("ChannelConfig::lag_span", seconds(channel.lag_span)),
        ("ChannelConfig::lag_bytes", bytes(channel.lag_bytes)),
        ("FlvLimits::max_tag_len", bytes(flv.max_tag_len)),
        ("FlvLimits::max_data_offset", bytes(flv.max_data_offset)),
        ("SharedObjectLimits::max_message_len", bytes(objects.max_message_len)),
        ("SharedObjectLimits::max_events", objects.max_events.to_string()),
        ("SharedObjectLimits::max_name_len", objects.max_name_len.to_string()),
        ("SharedObjectLimits::max_objects", objects.max_objects.to_string()),
        ("SharedObjectLimits::max_objects_per_member", objects.max_objects_per_member.to_string()),
        ("SharedObjectLimits::max_properties", objects.max_properties.to_string()),
        ("SharedObjectLimits::max_bytes", bytes(objects.max_bytes)),
        ("WriterConfig::index_capacity", WriterConfig::default().index_capacity.to_string()),
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
