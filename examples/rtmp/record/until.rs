//! `--until`: a time of day or a moment.

use jiff::civil::{DateTime, Time};
use jiff::{Timestamp, Zoned};
use std::str::FromStr;
use std::time::Duration;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// The next time it is this late, in local time.
    TimeOfDay(Time),
    /// In local time.
    Local(DateTime),
    Moment(Timestamp),
}

impl Until {
    /// How long that is from `now`; nothing if it is over.
    pub(crate) fn from(self, now: &Zoned) -> Duration {
        let then = match self {
            Self::TimeOfDay(time) => {
                let day =
                    if time > now.time() { now.date() } else { now.date().tomorrow().unwrap_or_else(|_| now.date()) };
                day.to_datetime(time).to_zoned(now.time_zone().clone()).map(|then| then.timestamp())
            }
            Self::Local(then) => then.to_zoned(now.time_zone().clone()).map(|then| then.timestamp()),
            Self::Moment(then) => Ok(then),
        };
        then.map_or(Duration::ZERO, |then| Duration::try_from(then - now.timestamp()).unwrap_or(Duration::ZERO))
    }
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.contains('-') {
            // 9:30 is what people write; the standard wants two digits.
            let padded = if text.find(':') == Some(1) { format!("0{text}") } else { text.to_owned() };
            if let Ok(time) = padded.parse() {
                return Ok(Self::TimeOfDay(time));
            }
        }
        if let Ok(moment) = text.parse() {
            return Ok(Self::Moment(moment));
        }
        text.parse()
            .map(Self::Local)
            .map_err(|_| format!("{text:?} is not a time: use 21:00, 2026-03-04T21:00 or 2026-03-04T21:00:00+01:00"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_the_next_one() {
        let now: Zoned = "2026-03-04T20:30:00[Europe/Berlin]".parse().unwrap();
        let seconds = |text: &str| text.parse::<Until>().unwrap().from(&now).as_secs();
        assert_eq!(seconds("21:00"), 30 * 60);
        assert_eq!(seconds("20:00"), 23 * 3600 + 30 * 60);
        assert_eq!(seconds("9:30"), 13 * 3600);
        assert_eq!(seconds("2026-03-04T20:31"), 60);
        assert_eq!(seconds("2026-03-04T19:31:00Z"), 60);
        assert_eq!(seconds("2026-03-04T19:00"), 0, "over");
        assert!("soon".parse::<Until>().is_err());
    }
}
