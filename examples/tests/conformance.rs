//! `docs/conformance.md` has one row for each requirement of `docs/spec`, and the tests it names exist.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a row may say instead of, or beside, naming tests; each is followed by a reason.
const REASONS: [&str; 3] = ["left out: ", "not yet: ", "says nothing: "];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every id that stands as `- **CHK-17** ...` in the requirement lists, without the vectors.
fn required() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("docs/spec")).expect("the requirements are in the tree") {
        let path = entry.expect("a directory entry").path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for line in std::fs::read_to_string(&path).expect("it is text").lines() {
            let id = line.strip_prefix("- **").and_then(|rest| rest.split_once("**")).map(|(id, _)| id);
            if let Some(id) = id.filter(|id| is_id(id) && !id.starts_with("V-")) {
                assert!(ids.insert(id.to_owned()), "{id} is given twice");
            }
        }
    }
    ids
}

fn is_id(text: &str) -> bool {
    let Some((prefix, number)) = text.rsplit_once('-') else { return false };
    !prefix.is_empty() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The third column of each row, by the first.
fn table() -> BTreeMap<String, String> {
    let mut rows = BTreeMap::new();
    for line in read("docs/conformance.md").lines() {
        let Some(row) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else { continue };
        let Some((id, rest)) = row.split_once(" | ").filter(|(id, _)| is_id(id)) else { continue };
        let (_, shown) = rest.rsplit_once(" | ").unwrap_or_else(|| panic!("{id} has no third column"));
        assert!(rows.insert(id.to_owned(), shown.to_owned()).is_none(), "{id} has two rows");
    }
    rows
}

/// True when `source` defines a test of that name: a function marked as one, or a row of a macro that makes tests.
fn defines(source: &str, name: &str) -> bool {
    let is_row = |line: &str| {
        let rest = line.trim_start().strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([':', ',', '(']) || rest.starts_with(" =>"))
    };
    let makes_tests = source.contains("macro_rules!") && source.contains("#[test]");
    is_marked(source, name) || makes_tests && source.lines().any(is_row)
}

/// True when the lines right before the function of that name are attributes, and one of them makes it a test.
fn is_marked(source: &str, name: &str) -> bool {
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let head = format!("fn {name}(");
    let at = lines.iter().position(|line| line.strip_prefix("async ").unwrap_or(line).starts_with(&head));
    let attributes = |at: usize| lines[..at].iter().rev().take_while(|line| line.starts_with("#["));
    let is_test = |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    at.is_some_and(|at| attributes(at).any(is_test))
}

#[test]
fn a_helper_is_no_test() {
    let source = "fn helper() {}\n\n#[test]\nfn a_test() {\n    helper();\n}\n\n#[tokio::test(start_paused = true)]\n\
        async fn late() {}\n\n    #[test]\n    #[cfg(unix)]\n    fn inner(\n";
    for (name, is_test) in [("helper", false), ("a_test", true), ("late", true), ("inner", true), ("absent", false)] {
        assert_eq!(defines(source, name), is_test, "{name}");
    }
    let made = "macro_rules! vectors {\n #[test] }\nvectors! {\n    v_chk_01: 3;\n}";
    assert!(defines(made, "v_chk_01") && !defines(made, "v_chk_0"));
}

#[test]
fn every_requirement_has_its_row() {
    let (required, table) = (required(), table());
    assert_eq!(required.len(), 535, "ids are never withdrawn from the lists; new ones change this number");
    let missing: Vec<_> = required.iter().filter(|id| !table.contains_key(*id)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}: run .ci/conformance");
    let unknown: Vec<_> = table.keys().filter(|id| !required.contains(*id)).collect();
    assert!(unknown.is_empty(), "rows without a requirement: {unknown:?}");
}

#[test]
fn every_row_names_tests_that_exist_or_a_reason() {
    let mut sources = BTreeMap::new();
    for (id, shown) in table() {
        for part in shown.split("<br>") {
            if let Some((path, name)) = part.trim_matches('`').split_once(".rs::") {
                let path = format!("{path}.rs");
                let source = sources.entry(path.clone()).or_insert_with(|| read(&path));
                assert!(defines(source, name), "{id}: {path} has no test {name}: run .ci/conformance");
            } else {
                let reason = REASONS.iter().find_map(|reason| part.strip_prefix(reason));
                let more = part.strip_prefix("and ").is_some_and(|rest| rest.ends_with(" more"));
                assert!(
                    more || reason.is_some_and(|reason| reason.len() > 10),
                    "{id}: neither a test nor a reason: {part:?}"
                );
            }
        }
    }
}

#[test]
fn tests_that_other_documents_name_exist() {
    for document in ["docs/comparison.md", "docs/security.md"] {
        let text = read(document);
        let named = text.split('`').filter_map(|word| word.split_once(".rs::"));
        let mut count = 0;
        for (path, name) in named {
            let path = format!("{path}.rs");
            assert!(defines(&read(&path), name), "{document}: {path} has no test {name}");
            count += 1;
        }
        assert!(count > 10, "{document} names {count} tests");
    }
}

/// The vectors that names of tests carry, `v_chk_33_34_..`.
fn vectors_in(name: &str) -> Vec<String> {
    let words: Vec<_> = name.split('_').collect();
    let mut ids = Vec::new();
    for (at, area) in words.iter().enumerate().skip(1).filter(|(at, _)| words[at - 1] == "v") {
        let numbers = words[at + 1..].iter().take_while(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        ids.extend(numbers.map(|number| format!("V-{}-{number}", area.to_uppercase())));
    }
    ids
}

/// The sources of tests in a folder and below.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a directory entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(std::fs::read_to_string(&path).expect("it is text"));
        }
    }
}

#[test]
fn every_vector_has_its_test() {
    let mut files = Vec::new();
    for package in ["rtmp-handshake", "rtmp-chunk", "rtmp-amf", "rtmp-flv", "rtmp-session"] {
        for folder in ["src", "tests"] {
            sources(&root().join(package).join(folder), &mut files);
        }
    }
    let mut tested = BTreeSet::new();
    for source in &files {
        let names = source.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        let names: BTreeSet<_> = names.filter(|name| name.starts_with("v_") || name.contains("_v_")).collect();
        tested.extend(names.into_iter().filter(|name| defines(source, name)).flat_map(vectors_in));
    }
    let list = read("docs/spec/vectors.tsv");
    let ids: BTreeSet<_> =
        list.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').next()).collect();
    assert_eq!(ids.len(), 258, "vectors are never withdrawn; new ones change this number");
    let missing: Vec<_> = ids.into_iter().flatten().filter(|id| !tested.contains(*id)).collect();
    assert!(missing.is_empty(), "no test carries the name of {missing:?}");
}
