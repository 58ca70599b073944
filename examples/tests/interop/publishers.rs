//! Command lines of the programs that publish.

use crate::patience;
use crate::tools;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Publisher {
    Ffmpeg,
    FfmpegNew,
    Gst,
    /// librtmp, driven by GStreamer's rtmpsink.
    Librtmp,
    /// Our own client: `rtmp publish`.
    Ours,
}

/// How fast the packets go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As their timestamps say.
    RealTime,
    /// As fast as the server takes them.
    Unpaced,
}

impl Publisher {
    /// The command that sends `clip` to a URL.
    pub(crate) fn to(self, url: &str, clip: &Path, pace: Pace) -> Command {
        match self {
            Self::Ffmpeg => ffmpeg("ffmpeg".into(), clip, url, pace),
            Self::FfmpegNew => ffmpeg(tools::ffmpeg_new().expect("checked by the test"), clip, url, pace),
            Self::Gst => gst(clip, pace, &["rtmp2sink", &format!("location={url}")]),
            Self::Librtmp => gst(clip, pace, &["rtmpsink", &format!("location={url} live=1")]),
            Self::Ours => ours(clip, url, pace),
        }
    }

    /// The packets as this publisher writes them, without any server in between: it may pack the clip anew.
    pub(crate) fn reference(self, clip: &Path, file: &Path) {
        if let Self::Ours = self {
            std::fs::copy(clip, file).expect("the work directory is writable");
            return; // it sends the tags as they are
        }
        let path = file.to_str().expect("the path is UTF-8");
        let mut command = match self {
            Self::Ffmpeg | Self::FfmpegNew => self.to(path, clip, Pace::Unpaced),
            Self::Gst | Self::Librtmp | Self::Ours => {
                gst(clip, Pace::Unpaced, &["filesink", &format!("location={path}")])
            }
        };
        let output = patience::output(&mut command).expect("the publisher runs");
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// How far timestamps may differ from one run of this publisher to the next, in ms.
    pub(crate) fn jitter(self) -> i64 {
        match self {
            Self::Ffmpeg | Self::FfmpegNew | Self::Ours => 2,
            // flvmux moves a stream that comes late up to the other one: some 60 ms, more on a busy machine.
            Self::Gst | Self::Librtmp => 1000,
        }
    }
}

fn ffmpeg(program: PathBuf, clip: &Path, target: &str, pace: Pace) -> Command {
    let mut command = Command::new(program);
    command.args(["-hide_banner", "-nostdin", "-loglevel", "info", "-y", "-copyts"]);
    if pace == Pace::RealTime {
        command.arg("-re");
    }
    command.arg("-i").arg(clip).args(["-map", "0", "-c", "copy", "-f", "flv", "-flvflags", "no_duration_filesize"]);
    command.arg(target);
    command
}

fn ours(clip: &Path, url: &str, pace: Pace) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtmp"));
    command.arg("publish").arg(clip).arg(url);
    if pace == Pace::Unpaced {
        command.arg("--flat-out");
    }
    command
}

/// A pipeline for clips of H.264 and AAC.
fn gst(clip: &Path, pace: Pace, sink: &[&str]) -> Command {
    let clock = if pace == Pace::RealTime { "clocksync" } else { "identity" };
    let mut command = Command::new("gst-launch-1.0");
    command.args(["-q", "-e", "filesrc"]).arg(format!("location={}", clip.display())).args(["!", "flvdemux", "name=d"]);
    command.args(["d.video", "!", "queue", "!", "h264parse", "!", clock, "!", "mux.video"]);
    command.args(["d.audio", "!", "queue", "!", "aacparse", "!", clock, "!", "mux.audio"]);
    command.args(["flvmux", "name=mux", "streamable=true", "!"]).args(sink);
    command
}
