//! `rtmp dump`: rtmpdump's command lines, exit codes and progress line.

use crate::nginx::Nginx;
use crate::packets::{VIDEO, frames, packets};
use crate::patience;
use crate::run::{Background, RTMP, Run, clip, clip_name, eventually, rtmp};
use crate::server::Server;
use std::fs;
use std::process::Command;

fn dump<S: AsRef<str>>(arguments: &[S]) -> Run {
    rtmp(std::iter::once("dump").chain(arguments.iter().map(AsRef::as_ref)))
}

/// Ways to say it that the public scripts of the other tests do not have; HOST and FILE are ours. With each the application
/// and stream that it asks for.
const LINES: [(&str, &str, &[&str]); 4] = [
    // An object behind the connect object.
    (
        "live",
        "hello",
        &[
            "-r",
            "rtmp://HOST/live",
            "-y",
            "hello",
            "-C",
            "O:1",
            "-C",
            "NN:appVersion:5",
            "-C",
            "NS:user:guest",
            "-C",
            "NB:premium:0",
            "-C",
            "O:0",
            "-v",
            "-B",
            "1",
            "-o",
            "FILE",
        ],
    ),
    // librtmp's own notation.
    (
        "edge",
        "chan5",
        &[
            "-i",
            "rtmp://HOST/edge playpath=chan5 swfUrl=http://www.example.com/p.swf pageUrl=http://www.example.com/ live=1 timeout=15 conn=S:x",
            "-B",
            "1",
            "-o",
            "FILE",
        ],
    ),
    // Abbreviated long names, a subscription.
    (
        "live",
        "short",
        &["-vr", "rtmp://HOST/live/short", "-d", "short", "--pageU", "http://www.example.com/", "-B1", "-oFILE"],
    ),
    // Host, port and protocol apart, with hashes for progress.
    (
        "live",
        "apart",
        &[
            "--host",
            "ADDRESS",
            "--port",
            "PORT",
            "--protocol",
            "0",
            "--app",
            "live",
            "--playpath",
            "apart",
            "--live",
            "--stop",
            "1",
            "--hashes",
            "--flv",
            "FILE",
        ],
    ),
];

#[test]
fn every_way_to_say_it_is_understood() {
    let server = Server::serve(&[]);
    let (address, port) = server.address.rsplit_once(':').unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (number, (app, stream, line)) in LINES.iter().enumerate() {
        let url = format!("rtmp://{}/x", server.address);
        let clip = clip_name("h264-aac.flv");
        let publish = Background::start(["-q", "publish", "--loop", &clip, &url, "--app", app, "--stream", stream]);
        let file = dir.path().join(format!("{number}.flv"));
        let arguments: Vec<String> = line
            .iter()
            .map(|word| {
                word.replace("HOST", &server.address)
                    .replace("ADDRESS", address)
                    .replace("PORT", port)
                    .replace("FILE", file.to_str().unwrap())
            })
            .collect();
        dump(&arguments).expect(0);
        let video = frames(&packets(&file), VIDEO).len();
        assert!((20..=30).contains(&video), "{video} frames of {line:?}");
        publish.interrupt();
    }
}

#[test]
fn the_exit_codes_are_those_of_rtmpdump() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("out.flv");
    let file = file.to_str().unwrap();
    assert_eq!(dump(&["-q", "-r", "rtmp://127.0.0.1:1/live/x", "-o", file]).code(), 3);
    assert_eq!(dump(&["-q", "-o", file]).code(), 1, "no URL");
    assert_eq!(dump(&["--nonsense"]).code(), 1);
    let nowhere = Server::serve(&["--no-waiting"]);
    assert_eq!(dump(&["-q", "-r", &nowhere.url("live/x"), "-o", file]).code(), 1);
    let quiet = Server::serve(&[]);
    assert_eq!(dump(&["-q", "-m", "1", "-v", "-r", &quiet.url("live/x"), "-o", file]).code(), 2);
    let run = dump(&["--help"]).expect(0);
    assert!(run.stdout().contains("RTMPDump v2.4"), "programs look for the version");
}

/// One line of progress: `12.345 kB / 6.78 sec`, perhaps with ` (9.0%)`.
fn is_progress(line: &str) -> bool {
    let Some((bytes, rest)) = line.split_once(" kB / ") else { return false };
    let Some((seconds, percent)) = rest.split_once(" sec") else { return false };
    let decimals = |text: &str, count: usize| {
        text.split_once('.').is_some_and(|(whole, fraction)| whole.parse::<u64>().is_ok() && fraction.len() == count)
    };
    let percent = percent.strip_prefix(" (").map(|rest| rest.strip_suffix("%)").unwrap_or("x"));
    decimals(bytes, 3) && decimals(seconds, 2) && percent.is_none_or(|percent| decimals(percent, 1))
}

#[test]
fn a_recorded_stream_is_downloaded_and_gone_on_with() {
    let Some(nginx) = Nginx::start() else { return };
    fs::copy(clip("h264-aac.flv"), nginx.dir.path().join("film.flv")).unwrap();
    let url = nginx.url("vod/film.flv");
    let out = nginx.dir.path().join("out.flv");
    let name = out.to_str().unwrap();
    let run = dump(&["-r", &url, "-o", name]).expect(0);
    let said = run.stderr();
    assert!(said.contains("Connecting ...") && said.contains("INFO: Connected..."), "{said}");
    assert!(said.contains("Starting download at: 0.000 kB") && said.ends_with("Download complete\n"), "{said}");
    let lines = said.split(['\r', '\n']).filter(|line| is_progress(line)).count();
    assert!(lines >= 2, "{said}");
    let whole = packets(&out);
    assert_eq!(frames(&whole, VIDEO).len(), 125);

    // A file that stops in the middle, written by this program and by any other.
    let ours = fs::read(&out).unwrap();
    for bytes in [&ours[..ours.len() / 2], &fs::read(clip("h264-aac.flv")).unwrap()[..40_000]] {
        fs::write(&out, bytes).unwrap();
        let run = dump(&["-r", &url, "-o", name, "--resume", "--skip", "1"]).expect(0);
        assert!(run.stderr().contains("Resuming download at: "), "{}", run.stderr());
        let resumed = packets(&out);
        let payloads = |packets: &[crate::packets::Packet]| -> Vec<String> {
            frames(packets, VIDEO).iter().map(|packet| packet.sha256.clone()).collect()
        };
        assert_eq!(payloads(&resumed), payloads(&whole));
    }
    let run = dump(&["-q", "-r", &nginx.url("vod/none.flv"), "-o", name]);
    assert_eq!(run.code(), 1);
}

#[test]
fn a_stream_that_breaks_off_is_incomplete() {
    let server = Server::mini("127.0.0.1:0", &[]);
    let _publish = Background::start(["-q", "publish", "--loop", &clip_name("h264-aac.flv"), &server.url("live/x")]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("out.flv");
    let record = Background::start([
        "dump".as_ref(),
        "-v".as_ref(),
        "-r".as_ref(),
        server.url("live/x").as_ref(),
        "-o".as_ref(),
        file.as_os_str(),
    ]);
    eventually("it records", || fs::metadata(&file).is_ok_and(|meta| meta.len() > 60_000));
    server.kill();
    let run = record.wait().expect(2);
    assert!(run.stderr().contains("Download may be incomplete"), "{}", run.stderr());
    assert!(frames(&packets(&file), VIDEO).len() > 10, "what came is there");
}

#[test]
fn a_link_called_rtmpdump_is_rtmpdump() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("rtmpdump");
    std::os::unix::fs::symlink(RTMP, &link).unwrap();
    let arguments = ["-q", "-r", "rtmp://127.0.0.1:1/live/x", "-o", "/dev/null"];
    let output = patience::output(Command::new(&link).args(arguments)).unwrap();
    assert_eq!(output.status.code(), Some(3));
    let output = patience::output(Command::new(&link).arg("--help")).unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("--swfVfy"));
}
