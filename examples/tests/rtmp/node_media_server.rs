//! The tool against node-media-server, where that is installed: `RTMP_NMS` names the directory with its `node_modules`,
//! or it is where `.ci/clients npm` puts it.

use crate::packets::{AUDIO, VIDEO, assert_run_of, frames, packets};
use crate::run::{Background, clip, clip_name, eventually, missing, rtmp};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

struct NodeMediaServer {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl NodeMediaServer {
    fn start() -> Option<Self> {
        let named = std::env::var_os("RTMP_NMS").map(PathBuf::from);
        let by_ci = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/ci/npm");
        let module = named.into_iter().chain([by_ci]).map(|dir| dir.join("node_modules/node-media-server"));
        let Some(module) = module.into_iter().find(|module| module.is_dir()) else {
            missing("node-media-server");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let script = format!(
            "const Server = require({module:?}); new Server({{ bind: '127.0.0.1', rtmp: {{ port: {port} }}, \
             store: {{ path: {store:?}, maxHistory: 10 }}, record: {{ auto: false, path: {store:?} }}, \
             notify: {{ url: '' }}, auth: {{ play: false, publish: false, secret: '', jwt: {{ secret: 'x', users: [] }} }} \
             }}).run();",
            module = module.display().to_string(),
            store = dir.path().display().to_string(),
        );
        let child = Command::new("node")
            .args(["-e", &script])
            .current_dir(dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            missing("node");
            return None;
        };
        let server = Self { child, port, dir };
        eventually("node-media-server listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Some(server)
    }

    fn url(&self, path: &str) -> String {
        format!("rtmp://127.0.0.1:{}/{path}", self.port)
    }
}

impl Drop for NodeMediaServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_is_published_to_probed_relayed_and_recorded() {
    let Some(server) = NodeMediaServer::start() else { return };
    for name in ["h264-aac.flv", "hevc-aac.flv"] {
        let stream = format!("live/{}", name.split('-').next().unwrap());
        let publish = Background::start(["-q", "publish", "--loop", &clip_name(name), &server.url(&stream)]);
        eventually("a healthy stream", || rtmp(["-q", "probe", "--for", "1", &server.url(&stream)]).code() == 0);
        let relayed = format!("{stream}-relayed");
        let relay = Background::start(["-q", "relay", &server.url(&stream), &server.url(&relayed)]);
        let file = server.dir.path().join(name);
        let file_name = file.to_str().unwrap().to_owned();
        eventually("the relayed stream can be recorded", || {
            let url = server.url(&relayed);
            rtmp(["-q", "record", &url, "-o", &file_name, "--stop", "3", "--timeout", "3"]).code() == 0
        });
        relay.interrupt().expect(0);
        publish.interrupt().expect(0);
        let (recorded, source) = (packets(&file), packets(clip(name)));
        for kind in [VIDEO, AUDIO] {
            let round = frames(&source, kind);
            let endless: Vec<_> = round.iter().copied().cycle().take(round.len() * 20).collect();
            assert_run_of(&frames(&recorded, kind), &endless);
        }
    }
}
