//! `rtmp inspect --repair`: a truncated or damaged FLV file made whole.

use crate::failure::Failure;
use crate::part_file::part_name;
use rtmp_session::flv::{FlvLimits, Tag, repair as repair_file};
use std::fs::{self, File};
use std::path::Path;

/// Copies every whole tag of `from` to `to`, with duration, size and key frame index of what is there.
pub(crate) fn repair(from: &Path, to: &Path) -> Result<(), Failure> {
    let same = to.canonicalize().ok().zip(from.canonicalize().ok()).is_some_and(|(to, from)| to == from);
    if same {
        return Err(
            Failure::file(to.display(), "would be overwritten while it is read").hint("name another file to write")
        );
    }
    let input = File::open(from).map_err(|error| Failure::file(from.display(), error))?;
    let part = part_name(to);
    let output = File::create(&part).map_err(|error| Failure::file(part.display(), error))?;
    let summary = repair_file(input, output, FlvLimits::default().max_tag_len(Tag::MAX_DATA_LEN))
        .map_err(|error| Failure::file(from.display(), error))?;
    fs::rename(&part, to).map_err(|error| Failure::file(to.display(), error))?;
    let cut = if summary.is_cut { ", a cut one at the end left out" } else { "" };
    complain!("{} tags, {:.1} s{cut}", summary.tags(), summary.duration());
    for anomaly in summary.anomalies.iter() {
        complain!("tolerated: {anomaly} ({})", anomaly.requirement());
    }
    Ok(())
}
