//! `rtmp record --config`: recordings from a TOML file.

use super::{DEFAULT_NAME, Job, When};
use crate::failure::Failure;
use crate::general::seconds;
use crate::target::{ConnectOptions, Target};
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;

/// The file: a list of tables `[[job]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Jobs {
    #[serde(default)]
    job: Vec<JobTable>,
}

/// One recording, with the names of the options on the command line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JobTable {
    url: String,
    output: Option<String>,
    #[serde(default)]
    live: bool,
    start: Option<Time>,
    stop: Option<Time>,
    until: Option<String>,
    split: Option<Time>,
    #[serde(default)]
    resume: bool,
    give_up: Option<Time>,
    /// Wait for the next publisher when a recording is over.
    #[serde(default)]
    repeat: bool,
    app: Option<String>,
    stream: Option<String>,
    tc_url: Option<String>,
    page_url: Option<String>,
    swf_url: Option<String>,
    swf_verify: Option<String>,
    flash_ver: Option<String>,
    #[serde(default)]
    conn: Vec<String>,
    #[serde(default)]
    subscribe: bool,
}

/// Seconds as a number, or a text as on the command line.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Time {
    Whole(u64),
    Fraction(f64),
    Text(String),
}

impl Time {
    fn duration(&self) -> Result<Duration, String> {
        match self {
            Self::Whole(number) => Ok(Duration::from_secs(*number)),
            Self::Fraction(number) => seconds(&number.to_string()),
            Self::Text(text) => seconds(text),
        }
    }
}

/// Reads the file.
pub(super) fn read_jobs(path: &Path) -> Result<Vec<Job>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path.display(), error))?;
    parse(&text).map_err(|error| Failure::file(path.display(), error).hint(EXAMPLE))
}

fn parse(text: &str) -> Result<Vec<Job>, String> {
    // The message of the parser quotes the line, and lines hold URLs with keys.
    let jobs: Jobs = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        format!("line {line}: {}", error.message())
    })?;
    if jobs.job.is_empty() {
        return Err("there is no [[job]] in it".into());
    }
    let numbered = jobs.job.iter().enumerate();
    numbered.map(|(number, table)| table.job().map_err(|error| format!("job {}: {error}", number + 1))).collect()
}

impl JobTable {
    fn job(&self) -> Result<Job, String> {
        let options = ConnectOptions {
            app: self.app.clone(),
            stream: self.stream.clone(),
            tc_url: self.tc_url.clone(),
            page_url: self.page_url.clone(),
            swf_url: self.swf_url.clone(),
            swf_verify: self.swf_verify.clone(),
            flash_ver: self.flash_ver.clone(),
            conn: self.conn.clone(),
            subscribe: self.subscribe,
            ..ConnectOptions::default()
        };
        let target = Target::parse(&self.url, &options).map_err(|failure| failure.cause)?;
        if target.url.stream.is_empty() {
            return Err("the URL has no stream name".into());
        }
        let time = |time: &Option<Time>| time.as_ref().map(Time::duration).transpose();
        let when = When {
            live: self.live,
            start: time(&self.start)?,
            stop: time(&self.stop)?,
            until: self.until.as_ref().map(|until| until.parse()).transpose()?,
            split: time(&self.split)?,
            resume: self.resume,
            give_up: time(&self.give_up)?.unwrap_or(Duration::from_secs(60)),
        };
        let output = self.output.clone().unwrap_or_else(|| DEFAULT_NAME.to_owned());
        if output == "-" {
            return Err("a job cannot go to standard output".into());
        }
        Ok(Job { target, output, when, repeat: self.repeat })
    }
}

const EXAMPLE: &str = r#"
  [[job]]
  url = "rtmp://live.example.com/app/show"
  output = "show-%Y%m%d-%H%M%S.flv"
  split = "1h"
  repeat = true"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_have_the_options_of_the_command_line() {
        let jobs = parse(
            r#"
            [[job]]
            url = "rtmp://host/app/show"
            output = "show-{n}.flv"
            split = "1h"
            stop = 90
            until = "21:00"
            repeat = true

            [[job]]
            url = "rtmp://host/a/b/c"
            app = "a/b"
            conn = ["S:token"]
            give_up = 2.5
            "#,
        )
        .unwrap();
        assert_eq!(jobs.len(), 2);
        assert_eq!(jobs[0].when.split, Some(Duration::from_secs(3600)));
        assert_eq!(jobs[0].when.stop, Some(Duration::from_secs(90)));
        assert!(jobs[0].repeat && jobs[0].when.until.is_some());
        assert_eq!(jobs[1].target.url.stream, "c");
        assert_eq!(jobs[1].when.give_up, Duration::from_millis(2500));
        assert_eq!(jobs[1].output, DEFAULT_NAME);
    }

    #[test]
    fn mistakes_are_named_without_the_line_they_stand_in() {
        for (text, expected) in [
            ("", "no [[job]]"),
            ("[[job]]\nurl = \"rtmp://h/a/secretkey\"\nspilt = 5", "line 3"),
            ("[[job]]\nurl = \"http://h/a/secretkey\"", "job 1"),
            ("[[job]]\nurl = \"rtmp://h/a/secretkey\"\nstop = \"soon\"", "job 1"),
            ("[[job]]\nurl = \"rtmp://h/a/secretkey", "line 2"),
        ] {
            let error = parse(text).err().expect("a mistake");
            assert!(error.contains(expected) && !error.contains("secretkey"), "{error}");
        }
    }
}
