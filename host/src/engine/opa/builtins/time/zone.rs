//! Time zones by their IANA names, from the database that is compiled in.
//!
//! Names are matched exactly, as Go's `time.LoadLocation` does (<https://pkg.go.dev/time#LoadLocation>), and
//! `""`, `UTC` and `Local` are UTC. A wall-clock reading that a zone skips or repeats is resolved as
//! `time.Date` does, which differs from RFC 9557 and from `jiff`'s own rules. The machine's zone files are
//! never read.

use jiff::{Timestamp, tz::TimeZone};

use super::calendar::WallClock;

/// A time zone.
pub(super) enum Zone {
    Utc,
    Named(TimeZone),
}

// === impl Zone ===

impl Zone {
    pub(super) fn load(name: &str) -> Option<Self> {
        if matches!(name, "" | "UTC" | "Local") {
            return Some(Self::Utc);
        }
        let zone = TimeZone::get(name).ok()?;
        // jiff ignores case, and it has a name of its own for a zone that is unknown.
        (zone.iana_name() == Some(name) && !zone.is_unknown()).then_some(Self::Named(zone))
    }

    /// What the wall shows at an instant.
    pub(super) fn wall_clock(&self, ns: i64) -> WallClock {
        let (seconds, nanosecond) = (ns.div_euclid(1_000_000_000), ns.rem_euclid(1_000_000_000));
        let (offset, abbreviation) = self.at(seconds).unwrap_or_else(|| (0, "UTC".to_owned()));
        WallClock::new(seconds + offset, nanosecond, offset, abbreviation)
    }

    /// The instant at which the wall shows `local_seconds`; none where it is outside the years that `jiff`
    /// knows, which are more than an `i64` of nanoseconds can hold. Go takes the offset that would hold if the
    /// reading were in UTC, and looks again with the instant which that gives; there it stays.
    pub(super) fn unix_seconds(&self, local_seconds: i64) -> Option<i64> {
        let guess = match self.at(local_seconds)?.0 {
            0 => return Some(local_seconds),
            offset => local_seconds - offset,
        };
        Some(local_seconds - self.at(guess)?.0)
    }

    fn at(&self, unix_seconds: i64) -> Option<(i64, String)> {
        let instant = Timestamp::from_second(unix_seconds).ok()?;
        Some(match self {
            Self::Utc => (0, "UTC".to_owned()),
            Self::Named(zone) => {
                let info = zone.to_offset_info(instant);
                (info.offset().seconds().into(), info.abbreviation().to_owned())
            }
        })
    }
}
