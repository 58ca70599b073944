//! Manual pages, completions and `rtmp doctor`.

use crate::run::rtmp;
use serde_json::Value;
use std::fs;

#[test]
fn there_is_a_manual_page_for_each_subcommand() {
    let page = rtmp(["man"]).ok();
    assert!(page.starts_with(".ie") || page.contains(".TH rtmp 1"), "{}", &page[..200]);
    let dir = tempfile::tempdir().unwrap();
    rtmp(["man", dir.path().to_str().unwrap()]).ok();
    for name in ["publish", "record", "relay", "probe", "call", "send", "inspect", "serve", "dump", "doctor"] {
        let page = fs::read_to_string(dir.path().join(format!("rtmp-{name}.1"))).unwrap();
        assert!(page.contains(&format!("rtmp\\-{name}")), "{name}");
    }
    let dump = fs::read_to_string(dir.path().join("rtmp-dump.1")).unwrap();
    assert!(dump.contains("swfVfy"), "rtmpdump's options are in its page");
}

#[test]
fn there_are_completions_for_the_usual_shells() {
    for (shell, word) in [("bash", "_rtmp()"), ("zsh", "#compdef rtmp"), ("fish", "complete -c rtmp")] {
        let script = rtmp(["completions", shell]).ok();
        assert!(script.contains(word) && script.contains("playpath"), "{shell}");
    }
}

#[test]
fn the_doctor_says_what_is_too_low() {
    let run = rtmp(["doctor", "--connections", "1", "--json"]);
    let checks: Vec<Value> = run.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(checks.iter().any(|check| check["check"] == "file descriptors" && check["advice"].is_null()), "{checks:?}");
    let run = rtmp(["doctor", "--connections", "1000000000"]).expect(1);
    assert!(run.stdout().contains("ulimit") || run.stdout().contains("limits.conf"), "{}", run.stdout());
}
