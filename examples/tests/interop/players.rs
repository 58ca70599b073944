//! Command lines of the programs that play; each writes what it received as an FLV file.

use crate::client::Client;
use crate::tools;
use crate::work_dir::WorkDir;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Player {
    Ffmpeg,
    FfmpegNew,
    Rtmpdump,
    /// rtmpdump's ancestor; it alone stays connected when the publisher leaves.
    Flvstreamer,
    Gst,
    /// librtmp, driven by GStreamer's rtmpsrc.
    Librtmp,
    Vlc,
    Mpv,
    /// Our own client: `rtmp record`.
    Ours,
}

impl Player {
    /// The command that plays `url` into `file`.
    pub(crate) fn from(self, url: &str, file: &Path) -> Command {
        match self {
            Self::Ffmpeg => ffmpeg("ffmpeg".into(), url, file),
            Self::FfmpegNew => ffmpeg(tools::ffmpeg_new().expect("checked by the test"), url, file),
            Self::Rtmpdump => rtmpdump("rtmpdump", url, file),
            Self::Flvstreamer => rtmpdump("flvstreamer", url, file),
            Self::Gst => gst("rtmp2src", url, file),
            Self::Librtmp => gst("rtmpsrc", &format!("{url} live=1"), file),
            Self::Vlc => vlc(url, file),
            Self::Mpv => {
                let mut command = Command::new("mpv");
                command.args(["--no-config", "--vo=null", "--ao=null"]);
                command.arg(format!("--stream-dump={}", file.display())).arg(url);
                command
            }
            Self::Ours => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_rtmp"));
                command.args(["record", url, "--give-up", "1", "-o"]).arg(file);
                command
            }
        }
    }

    /// Waits for the player to notice that its stream has ended.
    pub(crate) fn finish(self, client: &mut Client) {
        match self {
            // Stays, or (rtmpsrc) connects once more when its stream ends and then waits for the name as any player may.
            Self::Flvstreamer | Self::Librtmp => {
                sleep(Duration::from_secs(2));
                client.interrupt();
            }
            _ => drop(client.end()),
        }
    }

    /// Media at the end that this player itself throws away, in ms.
    pub(crate) fn loses_at_end(self) -> i64 {
        match self {
            // rtmp2src drops what is queued behind it when Stream EOF arrives (GStreamer 1.22).
            Self::Gst => 120,
            _ => 0,
        }
    }
}

/// Where `player` writes. VLC refuses to run as root and then runs as nobody, so the file is open to all.
pub(crate) fn output(work: &WorkDir, name: &str) -> PathBuf {
    let path = work.file(&format!("{name}.flv"));
    std::fs::write(&path, []).expect("the work directory is writable");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).expect("our own file");
    path
}

fn ffmpeg(program: PathBuf, url: &str, file: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["-hide_banner", "-nostdin", "-loglevel", "verbose", "-y", "-copyts", "-analyzeduration", "1500000"]);
    command.args(["-i", url, "-map", "0", "-c", "copy", "-copyinkf", "-flush_packets", "1"]);
    command.args(["-f", "flv", "-flvflags", "no_duration_filesize"]).arg(file);
    command
}

fn rtmpdump(program: &str, url: &str, file: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["-v", "-r", url, "-o"]).arg(file);
    command
}

fn gst(element: &str, url: &str, file: &Path) -> Command {
    let mut command = Command::new("gst-launch-1.0");
    command.args(["-q", "-e", element]).arg(format!("location={url}")).args(["!", "filesink"]);
    command.arg(format!("location={}", file.display())).arg("buffer-mode=unbuffered");
    command
}

fn vlc(url: &str, file: &Path) -> Command {
    const NOBODY: u32 = 65534;
    let mut command = Command::new("/usr/bin/vlc");
    command.args(["-I", "dummy", "-vv", "--network-caching=300", url, "--demux=dump"]);
    command.arg(format!("--demuxdump-file={}", file.display())).args(["--play-and-exit", "vlc://quit"]);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY).env("HOME", "/nonexistent");
    }
    command
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout == b"0\n")
}
