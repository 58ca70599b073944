//! The tool against nginx with its RTMP module, where that is installed.

use crate::packets::{AUDIO, VIDEO, frames, packets, payloads};
use crate::run::{Background, clip, clip_name, eventually, missing, rtmp};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const MODULE: &str = "/usr/lib/nginx/modules/ngx_rtmp_module.so";

pub(crate) struct Nginx {
    child: Child,
    pub(crate) dir: tempfile::TempDir,
    port: u16,
}

impl Nginx {
    /// `None` where it is not installed; said aloud, and an error where it is demanded.
    pub(crate) fn start() -> Option<Self> {
        let installed = Path::new(MODULE).exists() && Command::new("nginx").arg("-v").output().is_ok();
        if !installed {
            missing("nginx with its RTMP module");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = dir.path().display();
        let config = format!(
            "load_module {MODULE};\ndaemon off; master_process off; pid {path}/pid; error_log {path}/log;\n\
             events {{ worker_connections 64; }}\n\
             rtmp {{ access_log off; server {{ listen 127.0.0.1:{port};\n\
             application live {{ live on; record all; record_path {path}; record_suffix .flv; }}\n\
             application vod {{ play {path}; }} }} }}\n"
        );
        fs::write(dir.path().join("conf"), config).unwrap();
        let child = Command::new("nginx")
            .args(["-c", dir.path().join("conf").to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self { child, dir, port };
        eventually("nginx listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(nginx)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("rtmp://127.0.0.1:{}/{path}", self.port)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn nginx_records_what_is_published() {
    let Some(nginx) = Nginx::start() else { return };
    rtmp(["-q", "publish", &clip_name("h264-bframes-aac.flv"), &nginx.url("live/x")]).ok();
    let file = nginx.dir.path().join("x.flv");
    eventually("nginx has written it", || file.exists() && frames(&packets(&file), VIDEO).len() == 125);
    let (recorded, source) = (packets(&file), packets(clip("h264-bframes-aac.flv")));
    for kind in [AUDIO, VIDEO] {
        let sent = payloads(&source, kind);
        let kept = payloads(&recorded, kind);
        assert!(
            sent.ends_with(&kept[kept.len() - 100..]) && kept.len() + 2 >= sent.len(),
            "{} of {}",
            kept.len(),
            sent.len()
        );
    }
}

#[test]
fn nginx_is_recorded_probed_and_relayed() {
    let Some(nginx) = Nginx::start() else { return };
    let _publish = Background::start(["-q", "publish", "--loop", &clip_name("h264-aac.flv"), &nginx.url("live/x")]);
    eventually("a healthy stream", || rtmp(["-q", "probe", "--for", "1", &nginx.url("live/x")]).code() == 0);
    let relay = Background::start(["-q", "relay", &nginx.url("live/x"), &nginx.url("live/y")]);
    let file = nginx.dir.path().join("out.flv");
    eventually("the relayed stream can be recorded", || {
        rtmp(["-q", "record", &nginx.url("live/y"), "-o", file.to_str().unwrap(), "--stop", "2", "--timeout", "2"])
            .code()
            == 0
    });
    let source = packets(clip("h264-aac.flv"));
    let known = payloads(&source, VIDEO);
    let recorded = packets(&file);
    assert!(frames(&recorded, VIDEO).len() > 20);
    assert!(payloads(&recorded, VIDEO).iter().all(|payload| known.contains(payload)));
    relay.interrupt();
}

#[test]
fn a_recorded_stream_is_resumed_frame_for_frame() {
    let Some(nginx) = Nginx::start() else { return };
    fs::copy(clip("h264-aac.flv"), nginx.dir.path().join("film.flv")).unwrap();
    let (whole, out) = (nginx.dir.path().join("whole.flv"), nginx.dir.path().join("out.flv"));
    let record = |file: &Path, options: &[&str]| {
        let mut arguments = vec!["-q".to_owned(), "record".to_owned(), nginx.url("vod/film.flv"), "-o".to_owned()];
        arguments.push(file.to_str().unwrap().to_owned());
        arguments.extend(options.iter().map(|option| (*option).to_owned()));
        rtmp(arguments)
    };
    record(&whole, &[]).ok();
    let expected = packets(&whole);
    assert_eq!(frames(&expected, VIDEO).len(), 125);
    let bytes = fs::read(&whole).unwrap();
    for cut in [40_000, bytes.len() * 2 / 3, bytes.len() - 3, bytes.len()] {
        let _ = fs::remove_file(&out);
        fs::write(nginx.dir.path().join("out.flv.part"), &bytes[..cut]).unwrap();
        record(&out, &["--resume"]).ok();
        assert_eq!(packets(&out), expected, "cut at {cut}");
    }
    // Another film under the same name is not appended.
    fs::copy(clip("h264-bframes-aac.flv"), nginx.dir.path().join("film.flv")).unwrap();
    let _ = fs::remove_file(&out);
    fs::write(nginx.dir.path().join("out.flv.part"), &bytes[..60_000]).unwrap();
    let run = record(&out, &["--resume"]).expect(1);
    assert!(run.stderr().contains("not the one"), "{}", run.stderr());
    assert_eq!(rtmp(["-q", "record", &nginx.url("vod/none.flv"), "-o", out.to_str().unwrap()]).code(), 5);
}
