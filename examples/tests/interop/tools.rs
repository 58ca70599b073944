//! Which of the real programs this machine has, and what a test does without one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program, or a part of one, that tests drive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tool {
    Ffmpeg,
    /// A recent ffmpeg that speaks Enhanced RTMP: `RTMP_FFMPEG_NEW`, or where `.ci/clients pypi` puts it.
    FfmpegNew,
    Rtmpdump,
    Flvstreamer,
    /// GStreamer's own RTMP elements.
    GstRtmp2,
    /// GStreamer's wrappers of librtmp.
    GstLibrtmp,
    Vlc,
    Mpv,
    Tshark,
}

impl Tool {
    fn is_installed(self) -> bool {
        match self {
            Self::Ffmpeg => runs("ffmpeg", &["-version"]) && runs("ffprobe", &["-version"]),
            Self::FfmpegNew => ffmpeg_new().is_some(),
            Self::Rtmpdump => runs("rtmpdump", &["-h"]),
            Self::Flvstreamer => runs("flvstreamer", &["-h"]),
            Self::GstRtmp2 => has_elements(&["rtmp2src", "rtmp2sink", "flvmux", "h264parse", "aacparse"]),
            Self::GstLibrtmp => has_elements(&["rtmpsrc", "rtmpsink", "flvmux", "h264parse", "aacparse"]),
            Self::Vlc => Path::new("/usr/bin/vlc").exists(),
            Self::Mpv => runs("mpv", &["--version"]),
            Self::Tshark => runs("tshark", &["--version"]),
        }
    }
}

/// True when all `tools` are here. Otherwise says loudly what is skipped, or fails if skipping is not allowed.
pub(crate) fn installed(tools: &[Tool]) -> bool {
    let missing: Vec<_> = tools.iter().filter(|tool| !tool.is_installed()).collect();
    if missing.is_empty() {
        return true;
    }
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("test");
    let required = std::env::var("RTMP_REQUIRE_CLIENTS").is_ok_and(|value| value == "1");
    assert!(!required, "RTMP_REQUIRE_CLIENTS=1, and {test} needs {missing:?}");
    // Not `eprintln!`: the test runner hides what it prints for a test that passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: not installed: {missing:?}");
    false
}

/// Returns from the test unless the named tools are installed.
macro_rules! need {
    ($($tool:ident),+) => {
        if !$crate::tools::installed(&[$($crate::tools::Tool::$tool),+]) {
            return;
        }
    };
}
pub(crate) use need;

/// The recent ffmpeg, if there is one.
pub(crate) fn ffmpeg_new() -> Option<PathBuf> {
    let by_name = std::env::var_os("RTMP_FFMPEG_NEW").map(PathBuf::from);
    let by_ci = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/ci/ffmpeg-new");
    by_name.into_iter().chain([by_ci]).find(|path| runs(path, &["-version"]))
}

fn has_elements(names: &[&str]) -> bool {
    runs("gst-launch-1.0", &["--version"]) && names.iter().all(|name| runs("gst-inspect-1.0", &["--exists", name]))
}

fn runs(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
