//! Reads a time that a layout describes, as Go's `time.Parse` does (<https://pkg.go.dev/time#Parse>).
//!
//! What the layout leaves out is the least possible, so the year is 0 unless it is given; the weekday is checked
//! for its spelling only; a fraction may follow the seconds even where the layout has none. A zone's
//! abbreviation says nothing about the offset, because it is looked up in the local zone, which is UTC here:
//! Go then invents a zone of that name with offset 0, and does so for `GMT+3`, too.

mod fields;

use super::{
    calendar::{Date, MONTHS, WEEKDAYS, WallClock},
    layout::{Field, Pad, next_chunk},
};

use fields::Text;

/// What has been read so far.
#[derive(Default)]
struct Reading {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    afternoon: bool,
    morning: bool,
    offset: Option<i64>,
    utc: bool,
}

/// Seconds since 1970-01-01T00:00:00Z and nanoseconds, if the whole text fits the layout.
pub(super) fn parse(layout: &str, text: &str) -> Option<(i64, i64)> {
    let mut text = Text::new(text);
    let mut reading = Reading::default();
    let mut rest = layout;
    loop {
        let chunk = next_chunk(rest);
        text.skip(chunk.literal)?;
        rest = chunk.rest;
        match chunk.field {
            Some(field) => reading.read(field, &mut text, rest)?,
            None => break,
        }
    }
    if text.is_empty() { reading.resolve() } else { None }
}

// === impl Reading ===

impl Reading {
    fn read(&mut self, field: Field, text: &mut Text<'_>, following: &str) -> Option<()> {
        match field {
            Field::Year | Field::ShortYear => self.year = text.year(field == Field::Year)?,
            Field::MonthName => self.month = Some(text.name(&MONTHS, usize::MAX)? + 1),
            Field::ShortMonthName => self.month = Some(text.name(&MONTHS, 3)? + 1),
            Field::Month(pad) => self.month = Some(within(text.two_digits(pad)?, 1, 12)?),
            Field::WeekdayName => drop(text.name(&WEEKDAYS, usize::MAX)?),
            Field::ShortWeekdayName => drop(text.name(&WEEKDAYS, 3)?),
            Field::Day(pad) => {
                text.skip_blanks(if pad == Pad::Blank { 1 } else { 0 });
                self.day = Some(text.two_digits(pad)?);
            }
            Field::DayOfYear(pad) => {
                text.skip_blanks(if pad == Pad::Blank { 2 } else { 0 });
                self.day_of_year = Some(text.three_digits(pad)?);
            }
            Field::Hour => self.hour = within(text.two_digits(Pad::None)?, 0, 23)?,
            Field::Hour12(pad) => self.hour = within(text.two_digits(pad)?, 0, 12)?,
            Field::Minute(pad) => self.minute = within(text.two_digits(pad)?, 0, 59)?,
            Field::Second(pad) => self.read_second(pad, text, following)?,
            Field::Half { lower } => match text.take(2)? {
                b"PM" if !lower => self.afternoon = true,
                b"AM" if !lower => self.morning = true,
                b"pm" if lower => self.afternoon = true,
                b"am" if lower => self.morning = true,
                _ => return None,
            },
            Field::ZoneName if text.take_prefix("UTC") => self.utc = true,
            Field::ZoneName => text.zone_name()?,
            Field::Offset(form) if form.z && text.take_prefix("Z") => self.utc = true,
            Field::Offset(form) => self.offset = Some(text.offset(form)?),
            Field::Fraction { digits, trimmed: false, .. } => {
                self.nanosecond = text.fraction(digits)?;
            }
            Field::Fraction { trimmed: true, .. } => self.read_any_fraction(text)?,
        }
        Some(())
    }

    fn read_second(&mut self, pad: Pad, text: &mut Text<'_>, following: &str) -> Option<()> {
        self.second = within(text.two_digits(pad)?, 0, 59)?;
        if matches!(next_chunk(following).field, Some(Field::Fraction { .. })) {
            return Some(());
        }
        self.read_any_fraction(text)
    }

    /// A fraction of any number of digits, if there is one.
    fn read_any_fraction(&mut self, text: &mut Text<'_>) -> Option<()> {
        let digits = text.fraction_digits();
        if digits > 0 {
            self.nanosecond = text.fraction(digits)?;
        }
        Some(())
    }

    fn resolve(self) -> Option<(i64, i64)> {
        let hour = match self.hour {
            hour if self.afternoon && hour < 12 => hour + 12,
            12 if self.morning => 0,
            hour => hour,
        };
        let date = self.date().filter(Date::exists)?;
        let wall = WallClock {
            date,
            hour,
            minute: self.minute,
            second: self.second,
            nanosecond: self.nanosecond,
            offset: 0,
            abbreviation: String::new(),
        };
        // Go marks "no offset" with -1, so one second west of UTC is none, too.
        let offset = self.offset.filter(|&offset| !self.utc && offset != -1).unwrap_or(0);
        Some((wall.local_seconds() - offset, self.nanosecond))
    }

    fn date(&self) -> Option<Date> {
        let Some(day_of_year) = self.day_of_year else {
            return Some(Date {
                year: self.year,
                month: self.month.unwrap_or(1),
                day: self.day.unwrap_or(1),
            });
        };
        let date = Date::from_day_of_year(self.year, day_of_year)?;
        let agrees = |given: Option<i64>, found| given.is_none_or(|given| given == found);
        (agrees(self.month, date.month) && agrees(self.day, date.day)).then_some(date)
    }
}

fn within(value: i64, least: i64, most: i64) -> Option<i64> {
    (least..=most).contains(&value).then_some(value)
}
