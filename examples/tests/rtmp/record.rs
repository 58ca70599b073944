//! `rtmp record`.

use crate::packets::{AUDIO, VIDEO, assert_no_step_back, assert_run_of, frames, packets};
use crate::patience;
use crate::run::{Background, RTMP, clip, clip_name, eventually, missing, rtmp};
use crate::server::Server;
use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Publishes a clip over and over.
fn publish(server: &Server, name: &str) -> Background {
    let publish =
        Background::start(["-q", "publish", "--loop", "--wait", &clip_name("h264-aac.flv"), &server.url(name)]);
    eventually("the stream is there", || {
        rtmp(["-q", "probe", "--for", "0.2", "--wait", "2", &server.url(name)]).code() == 0
    });
    publish
}

fn path(dir: &tempfile::TempDir, name: &str) -> String {
    dir.path().join(name).to_str().unwrap().to_owned()
}

/// Where ffprobe is installed, it must find nothing wrong.
fn assert_ffprobe_is_content(file: &str) {
    let arguments = ["-v", "error", "-show_entries", "format=duration", file];
    match patience::output(Command::new("ffprobe").args(arguments)) {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success() && errors.is_empty(), "{errors}");
        }
        Err(_) => missing("ffprobe"),
    }
}

#[test]
fn a_recording_has_the_packets_of_the_stream_from_where_it_joined() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let _publish = publish(&server, "live/x");
    let dir = tempfile::tempdir().unwrap();
    let file = path(&dir, "out.flv");
    rtmp(["-q", "record", &server.url("live/x"), "-o", &file, "--stop", "3"]).ok();
    assert!(!dir.path().join("out.flv.part").exists());
    let (recorded, source) = (packets(&file), packets(clip("h264-aac.flv")));
    assert!(frames(&recorded, VIDEO)[0].is_key());
    for kind in [AUDIO, VIDEO] {
        let round = frames(&source, kind);
        let endless: Vec<_> = round.iter().copied().cycle().take(round.len() * 3).collect();
        assert_run_of(&frames(&recorded, kind), &endless);
    }
    assert_no_step_back(&recorded);
    let last = recorded.iter().map(|packet| packet.timestamp).max().unwrap();
    assert!((2_900..=3_100).contains(&last), "{last}");
    assert_ffprobe_is_content(&file);
    rtmp(["inspect", "--errors", &file]).ok();
}

#[test]
fn a_server_that_is_killed_and_comes_back_gives_one_file_with_the_gap_noted() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let publish = publish(&server, "live/x");
    let dir = tempfile::tempdir().unwrap();
    let file = path(&dir, "out.flv");
    let record = Background::start(["record", &server.url("live/x"), "-o", &file, "--stop", "6"]);
    let part = dir.path().join("out.flv.part");
    eventually("it records", || fs::metadata(&part).is_ok_and(|meta| meta.len() > 60_000));
    let address = server.kill();
    std::thread::sleep(Duration::from_secs(1));
    let _again = Server::mini(&address, &[]);
    let run = record.wait().expect(0);
    assert!(run.stderr().contains("gap at "), "{}", run.stderr());
    publish.interrupt();

    let recorded = packets(&file);
    assert_no_step_back(&recorded);
    let video = frames(&recorded, VIDEO);
    let steps = video.windows(2).filter(|pair| pair[1].timestamp - pair[0].timestamp > 150);
    assert_eq!(steps.count(), 0, "times go on");
    let listed = rtmp(["inspect", &file]).ok();
    assert_eq!(listed.matches("onRecordingGap").count(), 1, "{listed}");
    assert_ffprobe_is_content(&file);
}

#[test]
fn a_split_recording_has_parts_that_begin_with_a_key_frame_and_lose_nothing() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let _publish = publish(&server, "live/x");
    let dir = tempfile::tempdir().unwrap();
    let pattern = path(&dir, "part-{n}.flv");
    rtmp(["-q", "record", &server.url("live/x"), "-o", &pattern, "--split", "1.5", "--stop", "5.5"]).ok();
    let mut all = Vec::new();
    for number in 1..=3 {
        let part = packets(path(&dir, &format!("part-{number:03}.flv")));
        assert!(frames(&part, VIDEO)[0].is_key());
        assert!(part.iter().any(|packet| packet.kind == VIDEO && packet.text.contains("configuration")));
        assert_eq!(frames(&part, VIDEO)[0].timestamp / 1000, 0, "each begins at zero");
        all.extend(part);
    }
    let source = packets(clip("h264-aac.flv"));
    let round = frames(&source, VIDEO);
    let endless: Vec<_> = round.iter().copied().cycle().take(round.len() * 3).collect();
    assert_run_of(&frames(&all, VIDEO), &endless);
}

#[test]
fn standard_output_is_an_flv_file_and_may_be_closed_by_its_reader() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let _publish = publish(&server, "live/x");
    let run = rtmp(["-q", "record", &server.url("live/x"), "-o", "-", "--stop", "2"]).expect(0);
    let dir = tempfile::tempdir().unwrap();
    let file = path(&dir, "piped.flv");
    fs::write(&file, run.bytes()).unwrap();
    assert!(frames(&packets(&file), VIDEO).len() > 40);

    let mut child = Command::new(RTMP)
        .args(["-q", "record", &server.url("live/x"), "-o", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _watch = patience::Watch::over(&child);
    let mut some = vec![0; 20_000];
    let mut output = child.stdout.take().unwrap();
    output.read_exact(&mut some).unwrap();
    drop(output);
    let output = patience::end(child);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_interrupted_recording_is_finished_properly() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let _publish = publish(&server, "live/x");
    let dir = tempfile::tempdir().unwrap();
    let file = path(&dir, "out.flv");
    let mut record = Background::start(["-q", "record", &server.url("live/x"), "-o", &file]);
    let part = dir.path().join("out.flv.part");
    eventually("it records", || fs::metadata(&part).is_ok_and(|meta| meta.len() > 50_000));
    // Playable before it is finished, too.
    assert!(frames(&packets(&part), VIDEO).len() > 10);
    // timeout(1) and terminals pass the same Ctrl-C on twice.
    record.signal("INT");
    record.interrupt().expect(0);
    let listed = rtmp(["inspect", &file]).ok();
    assert!(listed.contains("keyframes: {"), "{listed}");
    assert_ffprobe_is_content(&file);
}

/// A closed terminal finishes it; not one that `nohup` started.
#[cfg(target_os = "linux")]
#[test]
fn a_recording_hears_that_its_terminal_is_gone_unless_it_is_not_to() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let _publish = publish(&server, "live/x");
    let dir = tempfile::tempdir().unwrap();
    let record = |file: &str, disposition: &str| {
        let mut command = Command::new("env");
        command.args([disposition, RTMP, "-q", "record", &server.url("live/x"), "-o", file]);
        Background::spawn(&mut command)
    };
    let (heard, ignored) = (path(&dir, "heard.flv"), path(&dir, "ignored.flv"));
    let mut hears = record(&heard, "--default-signal=HUP");
    let mut ignores = record(&ignored, "--ignore-signal=HUP");
    let recorded = |file: &str| fs::metadata(format!("{file}.part")).map_or(0, |meta| meta.len());
    eventually("both record", || recorded(&heard) > 50_000 && recorded(&ignored) > 50_000);
    ignores.signal("HUP");
    hears.signal("HUP");
    hears.wait().expect(0);
    assert_ffprobe_is_content(&heard);
    let so_far = recorded(&ignored);
    eventually("the other goes on", || recorded(&ignored) > so_far + 50_000);
    ignores.interrupt().expect(0);
    assert_ffprobe_is_content(&ignored);
}

#[test]
fn a_live_recording_can_be_gone_on_with() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let _publish = publish(&server, "live/x");
    let dir = tempfile::tempdir().unwrap();
    let file = path(&dir, "out.flv");
    for _ in 0..2 {
        rtmp(["-q", "record", &server.url("live/x"), "-o", &file, "--stop", "1.5", "--resume", "--live"]).ok();
    }
    let recorded = packets(&file);
    assert_no_step_back(&recorded);
    let last = recorded.iter().map(|packet| packet.timestamp).max().unwrap();
    assert!((2_900..=3_300).contains(&last), "{last}");
    assert_ffprobe_is_content(&file);
}

#[test]
fn several_streams_are_recorded_side_by_side() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let (_a, _b) = (publish(&server, "live/a"), publish(&server, "live/b"));
    let dir = tempfile::tempdir().unwrap();
    let pattern = path(&dir, "{stream}.flv");
    rtmp(["-q", "record", &server.url("live/a"), &server.url("live/b"), "-o", &pattern, "--stop", "1"]).ok();
    for name in ["a.flv", "b.flv"] {
        assert!(frames(&packets(dir.path().join(name)), VIDEO).len() > 20, "{name}");
    }
}

#[test]
fn what_cannot_be_recorded_has_its_exit_code() {
    let dir = tempfile::tempdir().unwrap();
    let file = path(&dir, "out.flv");
    let server = Server::serve(&["--no-waiting"]);
    rtmp(["-q", "record", &server.url("live/none"), "-o", &file]).expect(5);
    rtmp(["-q", "record", "rtmp://127.0.0.1:1/live/x", "-o", &file]).expect(3);
    let quiet = Server::serve(&[]);
    rtmp(["-q", "record", &quiet.url("live/none"), "-o", &file, "--timeout", "connect=5,idle=1"]).expect(6);
    let refusing = Server::serve(&["--refuse-connect", "closed today"]);
    let run = rtmp(["-q", "record", &refusing.url("live/x"), "-o", &file]).expect(4);
    assert!(run.stderr().contains("closed today"), "{}", run.stderr());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "no file for nothing");
}

#[test]
fn jobs_from_a_file_are_recorded_again_and_again_until_the_signal() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("jobs.toml");
    let text = format!(
        "[[job]]\nurl = \"{}\"\noutput = \"{}/a-%s-%f.flv\"\nrepeat = true\n\n[[job]]\nurl = \"{}\"\noutput = \"{}/b.flv\"\nstop = 1\n",
        server.url("live/a"),
        dir.path().display(),
        server.url("live/b"),
        dir.path().display()
    );
    fs::write(&config, text).unwrap();
    let _b = publish(&server, "live/b");
    let record = Background::start(["-q".as_ref(), "record".as_ref(), "--config".as_ref(), config.as_os_str()]);
    let count = |prefix: &str, suffix: &str| {
        let names = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(prefix) && name.ends_with(suffix)).count()
    };
    let finished = |prefix: &str| count(prefix, ".flv");
    for number in 1..=2 {
        let publish = publish(&server, "live/a");
        eventually("it records", || count("a-", ".part") == 1);
        publish.interrupt();
        eventually("the recording is finished", || finished("a-") == number);
    }
    eventually("the other job is done", || finished("b") == 1);
    record.interrupt().expect(0);
    assert_eq!(finished("a-"), 2);
    let wrong = dir.path().join("wrong.toml");
    fs::write(&wrong, "[[job]]\nurl = \"rtmp://h/a/secretkey\"\nnonsense = 1\n").unwrap();
    let run = rtmp(["record".as_ref(), "--config".as_ref(), wrong.as_os_str()]).expect(1);
    assert!(run.stderr().contains("line 3") && !run.stderr().contains("secretkey"), "{}", run.stderr());
}
