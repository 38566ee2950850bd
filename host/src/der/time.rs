//! The two kinds of time of a certificate, `UTCTime` and `GeneralizedTime` (RFC 5280, section 4.1.2.5), with what
//! Go's reader accepts beyond that: offsets from UTC, and `UTCTime` without seconds.

use jiff::{civil::DateTime, tz::TimeZone};

use super::Der;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// A point in time of a certificate, in whole seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time {
    local: DateTime,
    /// Minutes east of UTC.
    offset: i64,
}

// === impl Der ===

impl Der<'_> {
    pub(crate) fn time(&mut self) -> Option<Time> {
        let element = self.any()?;
        let text = str::from_utf8(element.body).ok()?;
        match element.tag {
            UTC_TIME => Time::parse_utc_time(text),
            GENERALIZED_TIME => Time::parse(text.get(..4)?, text.get(4..)?, true),
            _ => None,
        }
    }
}

// === impl Time ===

impl Time {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub(crate) fn unix_seconds(&self) -> Option<i64> {
        let local = self.local.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
        Some(local - self.offset * 60)
    }

    /// RFC 3339, as Go's JSON has it.
    pub(crate) fn text(&self) -> String {
        let local = self.local.strftime("%Y-%m-%dT%H:%M:%S");
        match self.offset {
            0 => format!("{local}Z"),
            offset => {
                let sign = if offset < 0 { '-' } else { '+' };
                format!("{local}{sign}{:02}:{:02}", offset.abs() / 60, offset.abs() % 60)
            }
        }
    }

    fn parse_utc_time(text: &str) -> Option<Self> {
        let (year, rest) = (text.get(..2)?, text.get(2..)?);
        let century = if number(year)? < 50 { "20" } else { "19" };
        let year = format!("{century}{year}");
        Self::parse(&year, rest, false).or_else(|| Self::parse(&year, rest, true))
    }

    /// `rest` is month, day, hour, minute, perhaps second, and the zone.
    fn parse(year: &str, rest: &str, with_seconds: bool) -> Option<Self> {
        let fields = if with_seconds { 5 } else { 4 };
        let mut numbers = [0_i8; 5];
        for (index, slot) in numbers.iter_mut().take(fields).enumerate() {
            *slot = number(rest.get(index * 2..index * 2 + 2)?)?.try_into().ok()?;
        }
        let [month, day, hour, minute, second] = numbers;
        let year = i16::try_from(number(year)?).ok()?;
        let local = DateTime::new(year, month, day, hour, minute, second, 0).ok().filter(|_| second < 60)?;
        Some(Self { local, offset: offset(rest.get(fields * 2..)?)? })
    }
}

fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("Z", "") => return Some(0),
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = (number(digits.get(..2)?)?, number(digits.get(2..)?)?);
    let fits = digits.len() == 4 && hours <= 24 && minutes < 60;
    // UTC is written as Z.
    Some(sign * i64::from(hours * 60 + minutes)).filter(|&offset| fits && offset != 0)
}

fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}
