//! Names of recordings.

use crate::target::Target;
use jiff::Zoned;
use std::path::{Path, PathBuf};

/// A file name with places to fill in: `{host}`, `{app}`, `{stream}`, `{n}` and the `%` sequences of strftime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameTemplate(String);

impl NameTemplate {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As [`new`](Self::new), with a number added if nothing in it would tell the parts of a split recording apart.
    pub(crate) fn numbered(text: &str) -> Self {
        if text.contains("{n}") {
            return Self::new(text);
        }
        let path = Path::new(text);
        match (path.file_stem(), path.extension()) {
            (Some(stem), Some(extension)) => {
                let name = format!("{}-{{n}}.{}", stem.to_string_lossy(), extension.to_string_lossy());
                Self(path.with_file_name(name).to_string_lossy().into_owned())
            }
            _ => Self(format!("{text}-{{n}}")),
        }
    }

    /// The name of part `number`, which begins at `now`.
    pub(crate) fn fill(&self, target: &Target, number: u32, now: &Zoned) -> Result<PathBuf, String> {
        if self.0 == "-" {
            return Ok(PathBuf::from("-"));
        }
        let stream = target.url.stream.split('?').next().unwrap_or_default();
        let app = target.url.app.split('?').next().unwrap_or_default();
        // A percent sign from the URL must not become a date.
        let safe = |text: &str| sanitize(text).replace('%', "%%");
        let text = self
            .0
            .replace("{host}", &safe(&target.url.host))
            .replace("{app}", &safe(app))
            .replace("{stream}", &safe(stream))
            .replace("{n}", &format!("{number:03}"));
        jiff::fmt::strtime::format(&text, now).map(PathBuf::from).map_err(|error| format!("{text:?}: {error}"))
    }
}

/// What stands in a URL must not lead to another directory, nor be hidden.
fn sanitize(text: &str) -> String {
    let safe: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '@') { c } else { '_' })
        .take(100)
        .collect();
    safe.trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::ConnectOptions;

    #[test]
    fn places_are_filled_in_and_cannot_leave_the_directory() {
        let target = Target::parse("rtmp://host/live/..%2f../etc?token=1", &ConnectOptions::default()).unwrap();
        let now: Zoned = "2026-03-04T05:06:07[UTC]".parse().unwrap();
        let fill = |text: &str| NameTemplate::new(text).fill(&target, 7, &now).unwrap().display().to_string();
        assert_eq!(fill("rec/{app}_{stream}_%Y%m%d-%H%M%S_{n}.flv"), "rec/live_.._2f.._etc_20260304-050607_007.flv");
        assert_eq!(fill("{host}.flv"), "host.flv");
        assert_eq!(fill("-"), "-");
        assert!(NameTemplate::new("%Q%").fill(&target, 1, &now).is_err());
    }

    #[test]
    fn parts_get_a_number_unless_they_have_one() {
        assert_eq!(NameTemplate::numbered("a/show.flv"), NameTemplate::new("a/show-{n}.flv"));
        assert_eq!(NameTemplate::numbered("show_{n}.flv"), NameTemplate::new("show_{n}.flv"));
        assert_eq!(NameTemplate::numbered("show"), NameTemplate::new("show-{n}"));
    }
}
