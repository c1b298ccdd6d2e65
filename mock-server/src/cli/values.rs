//! How values are written on the command line.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lingminban::moment::Moment;
use lingminban_sandbox::{
    Pace,
    engine::world::{HostClock, SystemClock, is_settable},
};

/// `30s`, `5m`, `500ms`, or ISO 8601 such as `PT30S`. Longer than nothing.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| {
            "应为大于零的时长 / expected a duration above zero: 30s, 5m, 500ms, PT30S".to_owned()
        })
}

/// RFC 3339, or `now`.
pub(super) fn start_time(text: &str) -> Result<Timestamp, String> {
    if text == "now" {
        return Ok(SystemClock::default().wall());
    }
    let moment = text
        .parse::<Moment>()
        .ok()
        .filter(|moment| is_settable(*moment));
    moment.map(Moment::timestamp).ok_or_else(|| {
        "应为 RFC 3339 时间或 now / expected RFC 3339, such as 2026-03-02T09:00:00+08:00, or now"
            .to_owned()
    })
}

/// One of the authority's paces.
pub(super) fn pace(text: &str) -> Result<Pace, String> {
    match text {
        "quick" => Ok(Pace::Quick),
        "statutory" => Ok(Pace::Statutory),
        "manual" => Ok(Pace::Manual),
        _ => Err("应为 / expected one of: quick, statutory, manual".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_short_or_as_iso_8601() {
        for (text, millis) in [
            ("30s", 30_000),
            ("5m", 300_000),
            ("500ms", 500),
            ("1h 30m", 5_400_000),
            ("PT30S", 30_000),
            ("PT0.25S", 250),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "30", "s", "-30s", "0s", "PT-1S", "P1M", "soon"] {
            assert!(duration(text).unwrap_err().contains("30s"), "{text}");
        }
    }
}
