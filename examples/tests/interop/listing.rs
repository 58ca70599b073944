//! What a media file holds, packet by packet, as ffmpeg's framehash format lists it; and how two listings compare.

use crate::clips::GOP;
use crate::patience;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) dts: i64,
    pub(crate) pts: i64,
    pub(crate) hash: String,
}

/// One audio or video stream of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stream {
    pub(crate) codec: String,
    /// Hash of the codec configuration (the sequence header's body).
    pub(crate) configuration: Option<String>,
    pub(crate) packets: Vec<Packet>,
}

/// Streams by kind and number, so `("video", 0)` is the first video stream wherever it stands in the file.
pub(crate) type Listing = BTreeMap<(String, usize), Stream>;

/// Lists `file`; `ffmpeg` must know its codecs.
pub(crate) fn list(ffmpeg: &Path, file: &Path) -> Listing {
    let mut command = Command::new(ffmpeg);
    command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-copyts", "-i"]).arg(file);
    command.args([
        "-map",
        "0:v?",
        "-map",
        "0:a?",
        "-c",
        "copy",
        "-copyinkf",
        "-f",
        "framehash",
        "-hash",
        "sha256",
        "-",
    ]);
    let output = patience::output(&mut command).expect("ffmpeg runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("#media_type"),
        "{} is no media: {}",
        file.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    parse(&text)
}

fn parse(text: &str) -> Listing {
    let mut streams: BTreeMap<usize, (String, Stream)> = BTreeMap::new();
    for line in text.lines() {
        let Some(header) = line.strip_prefix('#') else {
            let fields: Vec<_> = line.split(',').map(str::trim).collect();
            let [stream, dts, pts, _, _, hash, ..] = fields[..] else { continue };
            let number = |field: &str| field.parse::<i64>().unwrap_or_else(|_| panic!("not a number: {line}"));
            let packet = Packet { dts: number(dts), pts: number(pts), hash: hash.to_owned() };
            streams.entry(number(stream) as usize).or_default().1.packets.push(packet);
            continue;
        };
        if let Some((key, value)) = header.split_once(": ") {
            let Some((name, stream)) = key.split_once(' ').and_then(|(n, s)| Some((n, s.parse().ok()?))) else {
                continue;
            };
            match name {
                "media_type" => value.clone_into(&mut streams.entry(stream).or_default().0),
                "codec_id" => value.clone_into(&mut streams.entry(stream).or_default().1.codec),
                "tb" => assert_eq!(value, "1/1000", "FLV counts in milliseconds"),
                _ => {}
            }
        } else if let Some(extra) = header.strip_prefix("extradata ") {
            let fields: Vec<_> = extra.split(',').map(str::trim).collect();
            let [stream, _, hash] = fields[..] else { continue };
            let stream = stream.parse().expect("a stream number");
            streams.entry(stream).or_default().1.configuration = Some(hash.to_owned());
        }
    }
    let mut listing = Listing::new();
    for (kind, stream) in streams.into_values() {
        let number = listing.keys().filter(|(other, _)| *other == kind).count();
        listing.insert((kind, number), stream);
    }
    listing
}

/// What is demanded of a copy beyond being one unbroken run of the source's packets in every stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    /// Nothing missing at the start. Otherwise video must start at a key frame.
    pub(crate) from_start: bool,
    /// How much media in ms may be missing at the end; `None`: any amount (it was cut off on purpose).
    pub(crate) missing_end: Option<i64>,
    /// How far timestamps may drift against the source, in ms.
    pub(crate) jitter: i64,
    /// Packets of video that must be there at least.
    pub(crate) at_least: usize,
}

impl Default for Demand {
    fn default() -> Self {
        Self { from_start: false, missing_end: Some(0), jitter: 2, at_least: GOP }
    }
}

/// Panics, saying where, unless `copy` holds the streams of `source` as `demand` says.
pub(crate) fn assert_copy(source: &Listing, copy: &Listing, demand: Demand) {
    let mut offsets = Vec::new();
    for (name, original) in source {
        let received = copy.get(name).unwrap_or_else(|| panic!("no {} {} was received", name.0, name.1));
        let offset = compare(original, received, &name.0, demand)
            .unwrap_or_else(|problem| panic!("{} {} ({}): {problem}", name.0, name.1, original.codec));
        offsets.push(offset);
    }
    let spread = offsets.iter().max().unwrap_or(&0) - offsets.iter().min().unwrap_or(&0);
    assert!(spread <= demand.jitter + 2, "streams moved against each other: their offsets are {offsets:?} ms");
}

/// The constant by which the copy's timestamps differ from the source's.
fn compare(source: &Stream, copy: &Stream, kind: &str, demand: Demand) -> Result<i64, String> {
    if source.codec != copy.codec {
        return Err(format!("codec is {}", copy.codec));
    }
    if source.configuration != copy.configuration {
        return Err("the codec configuration differs".into());
    }
    let first = first_of_run(&source.packets, &copy.packets)?;
    let run = &source.packets[first..first + copy.packets.len()];
    if kind == "video" {
        if copy.packets.len() < demand.at_least {
            return Err(format!("only {} packets", copy.packets.len()));
        }
        if !demand.from_start && first % GOP != 0 {
            return Err(format!("starts at packet {first}, which is no key frame"));
        }
    }
    if demand.from_start && first != 0 {
        return Err(format!("the first {first} packets are missing"));
    }
    let end = source.packets.last().map_or(0, |packet| packet.dts);
    let missing = end - run.last().map_or(0, |packet| packet.dts);
    if demand.missing_end.is_some_and(|allowed| missing > allowed) {
        return Err(format!("the last {missing} ms are missing"));
    }
    constant_offset(run, &copy.packets, demand.jitter)
}

/// Where in `source` the packets of `copy` stand as one run.
fn first_of_run(source: &[Packet], copy: &[Packet]) -> Result<usize, String> {
    let first = copy.first().ok_or("no packet")?;
    let mut longest = 0;
    for start in (0..source.len()).filter(|&start| source[start].hash == first.hash) {
        let same = source[start..].iter().zip(copy).take_while(|(a, b)| a.hash == b.hash).count();
        if same == copy.len() {
            return Ok(start);
        }
        longest = longest.max(same);
    }
    Err(format!("packet {longest} of {} is missing, changed or out of order", copy.len()))
}

fn constant_offset(source: &[Packet], copy: &[Packet], jitter: i64) -> Result<i64, String> {
    let offsets = || source.iter().zip(copy).map(|(a, b)| b.dts - a.dts);
    let (low, high) = (offsets().min().unwrap_or(0), offsets().max().unwrap_or(0));
    if high - low > jitter {
        return Err(format!("timestamps drift: the offset to the source goes from {low} to {high} ms"));
    }
    let composition = source.iter().zip(copy).position(|(a, b)| ((a.pts - a.dts) - (b.pts - b.dts)).abs() > jitter);
    match composition {
        Some(packet) => Err(format!("the composition time of packet {packet} differs")),
        None => Ok(low),
    }
}

#[cfg(test)]
mod tests {
    use super::{Demand, Listing, Packet, Stream, assert_copy, parse};

    fn listing(packets: impl IntoIterator<Item = (i64, u32)>) -> Listing {
        let packets = packets.into_iter().map(|(dts, id)| Packet { dts, pts: dts, hash: id.to_string() }).collect();
        let stream = Stream { codec: "h264".into(), configuration: None, packets };
        Listing::from([(("video".into(), 0), stream)])
    }

    fn source() -> Listing {
        listing((0..100).map(|n| (i64::from(n) * 40, n)))
    }

    #[test]
    fn a_run_from_a_key_frame_is_a_copy() {
        assert_copy(&source(), &listing((25..100).map(|n| (i64::from(n) * 40 - 1000, n))), Demand::default());
    }

    #[test]
    #[should_panic(expected = "packet 10 of 74 is missing")]
    fn a_gap_is_not() {
        assert_copy(
            &source(),
            &listing((25..100).filter(|&n| n != 35).map(|n| (i64::from(n) * 40, n))),
            Demand::default(),
        );
    }

    #[test]
    #[should_panic(expected = "no key frame")]
    fn a_start_between_key_frames_is_not() {
        assert_copy(&source(), &listing((30..100).map(|n| (i64::from(n) * 40, n))), Demand::default());
    }

    #[test]
    #[should_panic(expected = "the last 40 ms are missing")]
    fn an_early_end_is_not() {
        assert_copy(&source(), &listing((0..99).map(|n| (i64::from(n) * 40, n))), Demand::default());
    }

    #[test]
    #[should_panic(expected = "timestamps drift")]
    fn stretched_time_is_not() {
        assert_copy(&source(), &listing((0..100).map(|n| (i64::from(n) * 41, n))), Demand::default());
    }

    #[test]
    fn framehash_lines_are_read() {
        let text = "#extradata 0,   43, aa\n#tb 0: 1/1000\n#media_type 0: video\n#codec_id 0: h264\n0,  -40,   80,  40,  729, bb\n";
        let listing = parse(text);
        let stream = &listing[&("video".to_owned(), 0)];
        assert_eq!(stream.configuration.as_deref(), Some("aa"));
        assert_eq!(stream.packets, [Packet { dts: -40, pts: 80, hash: "bb".into() }]);
    }
}
