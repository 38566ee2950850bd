//! Writes a wall-clock reading as a layout wants it, as Go's `Time.Format` does
//! (<https://pkg.go.dev/time#Time.Format>).
//!
//! It never fails but for the length: a layout of a policy can be as long as the policy's memory allows.

use std::fmt::Write as _;

use super::{
    calendar::{MONTHS, WallClock},
    layout::{Field, OffsetForm, Pad, next_chunk},
};
use crate::engine::opa::builtins::BuiltinError;

/// The reading in that layout, in at most `max_bytes` bytes.
pub(super) fn format(wall: &WallClock, layout: &str, max_bytes: usize) -> Result<String, BuiltinError> {
    let mut out = String::new();
    let mut rest = layout;
    while !rest.is_empty() {
        let chunk = next_chunk(rest);
        if out.len() + chunk.literal.len() > max_bytes {
            return Err(BuiltinError::Limit("time.format: the formatted time is too long".to_owned()));
        }
        out.push_str(chunk.literal);
        if let Some(field) = chunk.field {
            write_field(wall, field, &mut out);
        }
        rest = chunk.rest;
    }
    if out.len() > max_bytes {
        return Err(BuiltinError::Limit("time.format: the formatted time is too long".to_owned()));
    }
    Ok(out)
}

fn write_field(wall: &WallClock, field: Field, out: &mut String) {
    match field {
        Field::Year => number(out, Pad::Zero, 4, wall.date.year),
        Field::ShortYear => number(out, Pad::Zero, 2, wall.date.year.abs() % 100),
        Field::MonthName => out.push_str(month(wall)),
        Field::ShortMonthName => out.push_str(month(wall).get(..3).unwrap_or_default()),
        Field::Month(pad) => number(out, pad, 2, wall.date.month),
        Field::WeekdayName => out.push_str(wall.weekday()),
        Field::ShortWeekdayName => out.push_str(wall.weekday().get(..3).unwrap_or_default()),
        Field::Day(pad) => number(out, pad, 2, wall.date.day),
        Field::DayOfYear(pad) => number(out, pad, 3, wall.date.day_of_year()),
        Field::Hour => number(out, Pad::Zero, 2, wall.hour),
        // Noon is 12 PM and midnight 12 AM.
        Field::Hour12(pad) => number(out, pad, 2, (wall.hour + 11) % 12 + 1),
        Field::Minute(pad) => number(out, pad, 2, wall.minute),
        Field::Second(pad) => number(out, pad, 2, wall.second),
        Field::Half { lower } => out.push_str(match (wall.hour >= 12, lower) {
            (false, false) => "AM",
            (false, true) => "am",
            (true, false) => "PM",
            (true, true) => "pm",
        }),
        Field::ZoneName => out.push_str(&wall.abbreviation),
        Field::Offset(form) => offset(out, form, wall.offset),
        Field::Fraction { separator, digits, trimmed } => {
            fraction(out, char::from(separator), digits, trimmed, wall.nanosecond);
        }
    }
}

fn month(wall: &WallClock) -> &'static str {
    let index = usize::try_from(wall.date.month - 1).unwrap_or_default();
    MONTHS.get(index).copied().unwrap_or_default()
}

fn number(out: &mut String, pad: Pad, width: usize, value: i64) {
    // Writing to a String cannot fail.
    let _ = match pad {
        Pad::None => write!(out, "{value}"),
        Pad::Blank => write!(out, "{value:width$}"),
        Pad::Zero => write!(out, "{value:0width$}"),
    };
}

fn offset(out: &mut String, form: OffsetForm, seconds: i64) {
    if form.z && seconds == 0 {
        out.push('Z');
        return;
    }
    // The sign is that of whole minutes, so half a minute west of UTC has a plus sign, as in Go.
    out.push(if seconds / 60 < 0 { '-' } else { '+' });
    let size = if seconds / 60 < 0 { -seconds } else { seconds };
    let parts = [size / 60 / 60, size / 60 % 60, size % 60];
    for (index, part) in parts.into_iter().take(form.parts).enumerate() {
        if index > 0 && form.colons {
            out.push(':');
        }
        number(out, Pad::Zero, 2, part);
    }
}

fn fraction(out: &mut String, separator: char, digits: usize, trimmed: bool, nanosecond: i64) {
    if trimmed && (digits == 0 || nanosecond == 0) {
        return;
    }
    let all = format!("{nanosecond:09}");
    let cut = all.get(..digits).unwrap_or(&all);
    out.push(separator);
    out.push_str(if trimmed { cut.trim_end_matches('0') } else { cut });
    if out.ends_with(separator) && trimmed {
        out.pop();
    }
}
