//! RTMPS, authentication, and what must not be printed.

use crate::run::{clip_name, rtmp};
use crate::server::Server;
use sha2::{Digest, Sha256};
use std::fs;

struct Certificates {
    dir: tempfile::TempDir,
    fingerprint: String,
}

impl Certificates {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(dir.path().join("cert.pem"), made.cert.pem()).unwrap();
        fs::write(dir.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let fingerprint = hex::encode(Sha256::digest(made.cert.der()));
        Self { dir, fingerprint }
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    fn serve(&self) -> (Server, String) {
        let server = Server::serve(&["--tls-cert", &self.path("cert.pem"), "--tls-key", &self.path("key.pem")]);
        let port = server.address.rsplit_once(':').unwrap().1.to_owned();
        (server, format!("rtmps://localhost:{port}/live"))
    }
}

#[test]
fn rtmps_checks_the_certificate_unless_told_otherwise() {
    let certificates = Certificates::new();
    let (_server, url) = certificates.serve();
    let call = |options: &[&str]| rtmp(["call", &url, "echo", "1"].iter().chain(options));

    let run = call(&[]).expect(3);
    assert!(run.stderr().contains("TLS: ") && run.stderr().contains("--ca FILE"), "{}", run.stderr());
    call(&["--ca", &certificates.path("cert.pem")]).ok();
    call(&["--pin", &certificates.fingerprint]).ok();
    call(&["--insecure"]).ok();
    let run = call(&["--pin", &"0".repeat(64)]).expect(3);
    assert!(run.stderr().contains(&certificates.fingerprint), "says which one it saw: {}", run.stderr());
    call(&["--ca", &certificates.path("nothing.pem")]).expect(1);
}

#[test]
fn a_connection_can_be_made_elsewhere_and_still_be_for_the_url() {
    let certificates = Certificates::new();
    let (mut server, _) = certificates.serve();
    let connect_to = server.address.clone();
    let run = rtmp([
        "call",
        "rtmps://localhost:9/live",
        "echo",
        "1",
        "--connect-to",
        &connect_to,
        "--ca",
        &certificates.path("cert.pem"),
    ]);
    run.ok();
    server.wait_for("tcUrl: \"rtmps://localhost:9/live\"");
}

#[test]
fn auth_3_publishers_authenticate_with_user_and_password_of_the_url() {
    for method in ["adobe", "llnw"] {
        let server = Server::serve(&["--auth", "bob:s3cret", "--auth-method", method]);
        let url = |login: &str| server.url("live/x").replace("rtmp://", &format!("rtmp://{login}"));
        let publish = |login: &str| rtmp(["publish", "--flat-out", &clip_name("h264-aac.flv"), &url(login)]);
        publish("bob:s3cret@").ok();
        let run = publish("bob:wrong@").expect(4);
        assert!(run.stderr().contains("connect command: "), "{}", run.stderr());
        let run = publish("").expect(4);
        assert!(run.stderr().contains("rtmp://USER:PASSWORD@HOST"), "{}", run.stderr());
    }
}

#[test]
fn url_8_secrets_are_in_no_output_and_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let secrets = ["hunter2pw", "stream-key-77", "tok3nvalue", "appt0ken"];
    let path = "live?sig=appt0ken/stream-key-77?token=tok3nvalue";
    let login = "someuser:hunter2pw@";
    let mut serving = Server::serve(&[]);
    let mut refusing = Server::serve(&["--refuse-publish", "stream-key-77 is not welcome"]);
    let mut denying = Server::serve(&["--refuse-connect", "no appt0ken here"]);
    let good = serving.url(path).replace("rtmp://", &format!("rtmp://{login}"));
    let places = [
        good,
        refusing.url(path).replace("rtmp://", &format!("rtmp://{login}")),
        denying.url(path).replace("rtmp://", &format!("rtmp://{login}")),
        format!("rtmp://{login}127.0.0.1:1/{path}"),
        format!("rtmps://{login}{}/{path}", serving.address),
    ];
    for url in &places {
        let clip = clip_name("h264-aac.flv");
        let trace_name = trace.to_str().unwrap();
        for arguments in [
            vec!["publish", "--flat-out", &clip, url, "--trace", trace_name],
            vec!["publish", &clip, url, "--trace", trace_name, "--progress", "json", "--timeout", "2"],
            vec!["probe", "--wait", "1", url, "--trace", trace_name, "--timeout", "2"],
        ] {
            let run = rtmp(&arguments);
            let traced = fs::read_to_string(&trace).unwrap_or_default();
            for secret in secrets {
                for (place, text) in [("output", run.stdout()), ("errors", run.stderr()), ("trace", traced.clone())] {
                    assert!(!text.contains(secret), "{secret} in the {place} of {arguments:?}:\n{text}");
                }
            }
        }
    }
    for server in [&mut serving, &mut refusing, &mut denying] {
        let printed = server.output();
        for secret in ["stream-key-77", "tok3nvalue", "appt0ken"] {
            assert!(!printed.contains(secret), "{secret} in {printed}");
        }
    }
}
