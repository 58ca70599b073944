//! The clips that are published: committed ones (`tests/data/make.sh`) and variants made of them on the spot.

use crate::flv_file::{Kind, Tag, tags, write};
use crate::patience;
use crate::work_dir::WorkDir;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Frames from one key frame to the next in every clip that has more than one.
pub(crate) const GOP: usize = 25;

/// A committed clip, by its name without the extension.
pub(crate) fn clip(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).with_extension("flv")
}

/// The clip with its packets copied under other options: `-an`, `-output_ts_offset 20000`, ...
pub(crate) fn variant(work: &WorkDir, source: &Path, options: &[&str]) -> PathBuf {
    make(work, "variant.flv", Command::new("ffmpeg").arg("-i").arg(source).args(["-c", "copy"]).args(options))
}

/// Three seconds whose first frame is noise: a key frame of several hundred kilobytes, then tiny ones.
pub(crate) fn big_key_frame(work: &WorkDir) -> PathBuf {
    let noise = "color=gray:size=960x540:rate=25,format=yuv420p,geq=lum='random(1)*255':cb=128:cr=128,\
                 loop=loop=-1:size=1:start=0";
    let tone = "sine=frequency=440:sample_rate=44100";
    let mut command = Command::new("ffmpeg");
    command.args(["-f", "lavfi", "-i", noise, "-f", "lavfi", "-i", tone, "-t", "3"]);
    command.args(["-c:v", "libx264", "-preset", "ultrafast", "-qp", "28", "-g", "25", "-bf", "0", "-c:a", "aac"]);
    make(work, "big-key-frame.flv", &mut command)
}

/// The clip without its further tracks. ffmpeg puts those into multitrack messages, and those alone.
pub(crate) fn default_tracks(work: &WorkDir, source: &Path) -> PathBuf {
    let is_default = |tag: &Tag| match (tag.kind, tag.data[0]) {
        (Kind::Video, first) => first & 0x8f != 0x86,
        (Kind::Audio, first) => first != 0x95,
        (Kind::Script, _) => true,
    };
    let all = tags(source);
    let default: Vec<_> = all.iter().filter(|tag| is_default(tag)).cloned().collect();
    assert!(default.len() < all.len(), "{} has no further tracks", source.display());
    let path = work.file("default-tracks.flv");
    write(&path, &default);
    path
}

fn make(work: &WorkDir, name: &str, command: &mut Command) -> PathBuf {
    let path = work.file(name);
    command.args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"]);
    command.args(["-f", "flv", "-flvflags", "no_duration_filesize"]).arg(&path);
    let output = patience::output(command).expect("ffmpeg runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    path
}
