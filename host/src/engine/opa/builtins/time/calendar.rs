//! Dates of the proleptic Gregorian calendar, and Go's arithmetic on them.
//!
//! `time.Date` and `Time.AddDate` (<https://pkg.go.dev/time#Date>) normalise a date that does not exist
//! ("October 32 becomes November 1") where most libraries clamp or refuse. Additions wrap as Go's `int` does, so
//! no argument can overflow; a date beyond the range of nanoseconds is found by the caller.

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: i64,
    pub(super) day: i64,
}

/// What a clock and a calendar on the wall show at one instant.
#[derive(Clone, Debug)]
pub(super) struct WallClock {
    pub(super) date: Date,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) nanosecond: i64,
    /// Seconds east of UTC.
    pub(super) offset: i64,
    /// The zone's name at that instant, such as `CEST`.
    pub(super) abbreviation: String,
}

pub(super) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const SECONDS_PER_DAY: i64 = 86_400;
const DAYS_PER_400_YEARS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01. Years that begin in March have their leap day last.
const MARCH_0_TO_EPOCH: i64 = 719_468;
/// Go counts years from here, so that all of its years are positive; a multiple of 400. It matters only for
/// what wraps.
const GO_YEARS: i64 = 292_277_022_400;

// === impl Date ===

impl Date {
    /// The day `days` after 1970-01-01.
    pub(super) fn from_days(days: i64) -> Self {
        let shifted = days + MARCH_0_TO_EPOCH;
        let era = shifted.div_euclid(DAYS_PER_400_YEARS);
        let in_era = shifted.rem_euclid(DAYS_PER_400_YEARS);
        let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
        let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * in_year + 2) / 153;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: in_year - (153 * march_month + 2) / 5 + 1,
        }
    }

    /// Days since 1970-01-01, for a day of the month that may be out of range.
    pub(super) fn days(&self) -> i64 {
        let (before_march, march_month) =
            if self.month <= 2 { (1, self.month + 9) } else { (0, self.month - 3) };
        let year = self.year.wrapping_sub(before_march).wrapping_add(GO_YEARS).cast_unsigned();
        let days_before = (year / 100).wrapping_mul(DAYS_PER_400_YEARS.cast_unsigned()) / 4;
        let in_century = (year % 100 * 1461 / 4).cast_signed();
        let in_year = (153 * march_month + 2) / 5;
        days_before
            .cast_signed()
            .wrapping_add(in_century + in_year)
            .wrapping_add(self.day.wrapping_sub(1))
            .wrapping_sub(GO_YEARS / 400 * DAYS_PER_400_YEARS + MARCH_0_TO_EPOCH)
    }

    /// The day of the year, 1 to 366.
    pub(super) fn day_of_year(&self) -> i64 {
        self.days() - Self { year: self.year, month: 1, day: 1 }.days() + 1
    }

    /// The day with that number in its year, if the year has it.
    pub(super) fn from_day_of_year(year: i64, day_of_year: i64) -> Option<Self> {
        let date = Self::from_days(Self { year, month: 1, day: 1 }.days() + day_of_year - 1);
        (date.year == year).then_some(date)
    }

    /// Whether the month has such a day.
    pub(super) fn exists(&self) -> bool {
        Self::from_days(self.days()) == *self
    }
}

// === impl WallClock ===

impl WallClock {
    /// The reading at `seconds` since 1970-01-01T00:00:00 on that wall.
    pub(super) fn new(local_seconds: i64, nanosecond: i64, offset: i64, abbreviation: String) -> Self {
        let of_day = local_seconds.rem_euclid(SECONDS_PER_DAY);
        Self {
            date: Date::from_days(local_seconds.div_euclid(SECONDS_PER_DAY)),
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            nanosecond,
            offset,
            abbreviation,
        }
    }

    /// The same time of day that many years, months and days later, in Go's normal form: one month after
    /// January 31 is March 2 or 3.
    pub(super) fn plus(&self, years: i64, months: i64, days: i64) -> Self {
        let month = (self.date.month - 1).wrapping_add(months);
        let year = self.date.year.wrapping_add(years).wrapping_add(month.div_euclid(12));
        let day = self.date.day.wrapping_add(days);
        Self { date: Date { year, month: month.rem_euclid(12) + 1, day }, ..self.clone() }
    }

    /// Seconds since 1970-01-01T00:00:00 on that wall.
    pub(super) fn local_seconds(&self) -> i64 {
        let of_day = self.hour * 3600 + self.minute * 60 + self.second;
        self.date.days().wrapping_mul(SECONDS_PER_DAY).wrapping_add(of_day)
    }

    /// The English name of the day of the week.
    pub(super) fn weekday(&self) -> &'static str {
        // The first of January 1970 was a Thursday.
        let index = usize::try_from((self.date.days() + 4).rem_euclid(7)).unwrap_or_default();
        WEEKDAYS.get(index).copied().unwrap_or_default()
    }
}

/// Years, months, days, hours, minutes and seconds from one reading to a later one. A negative part borrows
/// from the next greater one; a borrowed month has as many days as the month of `from`.
pub(super) fn difference(from: &WallClock, to: &WallClock) -> [i64; 6] {
    let mut year = to.date.year - from.date.year;
    let mut month = to.date.month - from.date.month;
    let mut day = to.date.day - from.date.day;
    let mut hour = to.hour - from.hour;
    let mut minute = to.minute - from.minute;
    let mut second = to.second - from.second;
    borrow(&mut second, 60, &mut minute);
    borrow(&mut minute, 60, &mut hour);
    borrow(&mut hour, 24, &mut day);
    let first_of_month = Date { day: 1, ..from.date };
    let day_32 = Date::from_days(first_of_month.days() + 31);
    borrow(&mut day, 32 - day_32.day, &mut month);
    borrow(&mut month, 12, &mut year);
    [year, month, day, hour, minute, second]
}

fn borrow(part: &mut i64, size: i64, greater: &mut i64) {
    if *part < 0 {
        *part += size;
        *greater -= 1;
    }
}
