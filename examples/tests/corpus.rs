//! Replays the committed inputs of every fuzz target on any toolchain: the seeds, and each input that once failed.

use std::path::Path;

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a library of its own in fuzz/")]
mod checks;

/// Runs `check` on every file of the target, naming it when it fails.
fn replay(target: &str, check: fn(&[u8])) {
    let mut count = 0;
    for collection in ["seeds", "regressions"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(collection).join(target);
        let Ok(files) = std::fs::read_dir(&directory) else { continue };
        for file in files {
            let path = file.expect("a directory entry").path();
            let input = std::fs::read(&path).expect("the input is readable");
            let result = std::panic::catch_unwind(|| check(&input));
            assert!(result.is_ok(), "{} fails", path.display());
            count += 1;
        }
    }
    assert!(count > 0, "no inputs for {target}");
}

macro_rules! targets {
    ($($target:ident: $check:path;)+) => {$(
        #[test]
        fn $target() {
            replay(stringify!($target), $check);
        }
    )+

        #[test]
        fn no_target_is_left_out() {
            let manifest = include_str!("../../fuzz/Cargo.toml");
            let built = manifest.lines().filter(|line| line.starts_with("path = \"targets/")).count();
            assert_eq!([$(stringify!($target)),+].len(), built, "fuzz/Cargo.toml has other targets");
        }
    };
}

targets! {
    chunk_decode: checks::chunks::decode;
    handshake: checks::handshakes::both_roles;
    amf0: checks::values::amf0;
    amf3: checks::values::amf3;
    flv: checks::files::flv;
    server_session: checks::sessions::server;
    client_session: checks::sessions::client;
    shared_object: checks::shared_objects::shared_object;
    live_channel: checks::live::channel;
}
