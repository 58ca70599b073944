//! `rtmp-bench` against the mini-server: few players, a short time, and nothing about speed.

mod patience;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A running mini-server, killed when the test is over.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mini-server"));
        let mut child =
            command.args(["--listen", "127.0.0.1:0"]).env("RUST_LOG", "warn").stdout(Stdio::piped()).spawn().unwrap();
        let _watch = patience::Watch::over(&child);
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("it says where it listens");
        Self { url: format!("{address}/live/bench"), child }
    }

    fn pid(&self) -> String {
        self.child.id().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bench(arguments: &[&str]) -> Output {
    patience::output(Command::new(env!("CARGO_BIN_EXE_rtmp-bench")).args(arguments)).unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn results(path: &std::path::Path) -> Vec<Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn players_get_everything_in_order_and_undamaged() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let (json, html) = (dir.path().join("result.jsonl"), dir.path().join("result.html"));
    let output = bench(&[
        "measure",
        "--url",
        &server.url,
        "--pid",
        &server.pid(),
        "--streams",
        "2",
        "--players",
        "6",
        "--kbps",
        "1500",
        "--time",
        "2s",
        "--warm-up",
        "200ms",
        "--join-over",
        "500ms",
        "--json",
        json.to_str().unwrap(),
        "--html",
        html.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{}", text(&output));
    let result = results(&json).remove(0);
    for nothing in ["lost", "lost_before", "reordered", "corrupt", "misdirected", "foreign"] {
        assert_eq!(result[nothing], 0, "{nothing}: {}", text(&output));
    }
    let number = |name: &str| result[name].as_f64().unwrap_or_else(|| panic!("{name} in {result}"));
    // Two streams of 73 messages a second to three players each; half of it is enough for a machine that is busy.
    assert!(number("messages") > 6.0 * 73.0 && number("checksums_verified") >= number("messages"), "{}", text(&output));
    assert_eq!((number("watching"), number("stayed"), number("players")), (6.0, 6.0, 6.0));
    assert_eq!((number("at_once"), number("join_seconds")), (50.0, 0.5));
    assert!(result["latency_ms"]["count"].as_u64().unwrap() > 0);
    assert_eq!(result["first_frame_ms"]["count"], 6);
    assert!(number("resident_mib") > 0.0 && number("server_cpu_seconds") >= 0.0);
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains("<svg") && !page.contains("http://www.w3.org/1999") && !page.contains("<script"));
}

#[test]
fn a_storm_starts_every_play_and_results_make_a_table() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let json = dir.path().join("result.jsonl");
    for label in ["a", "b"] {
        let output = bench(&[
            "storm",
            "--url",
            &server.url,
            "--kbps",
            "300",
            "--connections",
            "40",
            "--at-once",
            "8",
            "--label",
            label,
            "--json",
            json.to_str().unwrap(),
        ]);
        assert!(output.status.success(), "{}", text(&output));
    }
    assert!(results(&json).iter().all(|result| result["start_ms"]["count"] == 40));
    let svg = dir.path().join("chart.svg");
    let report = bench(&["report", json.to_str().unwrap(), "--svg", svg.to_str().unwrap()]);
    let table = text(&report);
    assert!(report.status.success() && table.contains("\n| a | ") && table.contains("\n| b | "), "{table}");
    assert!(std::fs::read_to_string(svg).unwrap().contains("</svg>"));
}

#[test]
fn players_that_discard_count_bytes_and_nothing_else() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let json = dir.path().join("result.jsonl");
    let arguments = ["measure", "--url", &server.url, "--players", "4", "--kbps", "2000", "--time", "1s", "--discard"];
    let output = bench(&[&arguments[..], &["--warm-up", "200ms", "--json", json.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{}", text(&output));
    let result = results(&json).remove(0);
    assert_eq!((&result["messages"], &result["expected"], &result["watching"]), (&0.into(), &0.into(), &4.into()));
    // One second of 2 Mbit/s to four, half of it on a machine that is busy.
    assert!(result["bytes"].as_u64().unwrap() > 500_000, "{}", text(&output));
}

#[test]
fn a_ladder_and_a_slow_reader_make_tables_of_their_own() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let (json, page) = (dir.path().join("result.jsonl"), dir.path().join("page.md"));
    std::fs::write(&page, "before\n<!-- knee -->\n<!-- /knee -->\nafter\n").unwrap();
    let pid = server.pid();
    let measure = |more: &[&str]| {
        let arguments =
            ["measure", "--url", &server.url, "--pid", &pid, "--kbps", "300", "--time", "500ms", "--label", "a"];
        let rest = ["--warm-up", "0s", "--join-over", "0s", "--json", json.to_str().unwrap()];
        let output = bench(&[&arguments[..], &rest, more].concat());
        assert!(output.status.code().is_some_and(|code| code <= 1), "{}", text(&output));
    };
    measure(&["--players", "2", "--limit"]);
    measure(&["--players", "3", "--slow", "1", "--slow-kbps", "8"]);
    let report = |more: &[&str]| {
        let output = bench(&[&["report", json.to_str().unwrap()], more].concat());
        assert!(output.status.success(), "{}", text(&output));
        text(&output)
    };
    let table = report(&["--table", "slow"]);
    assert!(table.starts_with("**2 players × 300 kbit/s, with and without 1") && table.contains("\n| a | "), "{table}");
    report(&["--table", "knee", "--into", page.to_str().unwrap(), "--tag", "knee"]);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.starts_with("before\n<!-- knee -->\n**Knee: players × 300 kbit/s**"), "{page}");
    assert!(page.contains("\n| a | ") && page.ends_with("<!-- /knee -->\nafter\n"), "{page}");
}

#[test]
fn a_server_that_is_not_there_is_a_failure() {
    // Bound and not listened on by us: nobody answers RTMP there.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("rtmp://{}/live/x", nobody.local_addr().unwrap());
    drop(nobody);
    let output = bench(&["measure", "--url", &url, "--players", "1", "--time", "100ms", "--warm-up", "0s"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("publisher: "), "{}", text(&output));
}
