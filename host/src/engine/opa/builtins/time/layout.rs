//! Go's layouts: a time format is written as the reference time `Mon Jan 2 15:04:05 MST 2006` would look.
//!
//! Go's documentation lists what is recognised (<https://pkg.go.dev/time#pkg-constants>); everything else is
//! literal text. This part only takes a layout apart, for `format` and `parse` alike, and it never fails: there
//! is no invalid layout.

pub(super) const RFC3339: &str = "2006-01-02T15:04:05Z07:00";
pub(super) const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// What a recognised part of a layout stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    ShortYear,
    MonthName,
    ShortMonthName,
    Month(Pad),
    WeekdayName,
    ShortWeekdayName,
    Day(Pad),
    /// Only `Pad::Zero` and `Pad::Blank` exist.
    DayOfYear(Pad),
    Hour,
    Hour12(Pad),
    Minute(Pad),
    Second(Pad),
    /// `PM`, or `pm` in lower case.
    Half {
        lower: bool,
    },
    /// `MST`
    ZoneName,
    Offset(OffsetForm),
    /// `.000` or `,999`: `digits` is the number of zeros or nines.
    Fraction {
        separator: u8,
        digits: usize,
        trimmed: bool,
    },
}

/// How a number that is shorter than its place is filled up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pad {
    None,
    Blank,
    Zero,
}

/// The look of an offset such as `-07:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OffsetForm {
    /// Whether UTC is `Z`.
    pub(super) z: bool,
    pub(super) colons: bool,
    /// How many of hours, minutes and seconds there are.
    pub(super) parts: usize,
}

/// A layout's next part.
pub(super) struct Chunk<'l> {
    /// Literal text before the field.
    pub(super) literal: &'l str,
    /// None at the end of the layout.
    pub(super) field: Option<Field>,
    pub(super) rest: &'l str,
}

const fn offset(z: bool, colons: bool, parts: usize) -> Field {
    Field::Offset(OffsetForm { z, colons, parts })
}

/// The texts that are fields wherever they stand. Of those with a common beginning, the first that fits counts.
const FIELDS: &[(&str, Field)] = &[
    ("January", Field::MonthName),
    ("Monday", Field::WeekdayName),
    ("MST", Field::ZoneName),
    ("01", Field::Month(Pad::Zero)),
    ("02", Field::Day(Pad::Zero)),
    ("03", Field::Hour12(Pad::Zero)),
    ("04", Field::Minute(Pad::Zero)),
    ("05", Field::Second(Pad::Zero)),
    ("06", Field::ShortYear),
    ("002", Field::DayOfYear(Pad::Zero)),
    ("15", Field::Hour),
    ("1", Field::Month(Pad::None)),
    ("2006", Field::Year),
    ("2", Field::Day(Pad::None)),
    ("_2", Field::Day(Pad::Blank)),
    ("__2", Field::DayOfYear(Pad::Blank)),
    ("3", Field::Hour12(Pad::None)),
    ("4", Field::Minute(Pad::None)),
    ("5", Field::Second(Pad::None)),
    ("PM", Field::Half { lower: false }),
    ("pm", Field::Half { lower: true }),
    ("-070000", offset(false, false, 3)),
    ("-07:00:00", offset(false, true, 3)),
    ("-0700", offset(false, false, 2)),
    ("-07:00", offset(false, true, 2)),
    ("-07", offset(false, false, 1)),
    ("Z070000", offset(true, false, 3)),
    ("Z07:00:00", offset(true, true, 3)),
    ("Z0700", offset(true, false, 2)),
    ("Z07:00", offset(true, true, 2)),
    ("Z07", offset(true, false, 1)),
];

/// The texts that are fields unless a lower-case letter follows: `Month` does not begin with a weekday.
const WORDS: &[(&str, Field)] = &[("Jan", Field::ShortMonthName), ("Mon", Field::ShortWeekdayName)];

/// The layout that a name stands for in OPA; any other text is a layout itself.
pub(super) fn by_name(name: &str) -> &str {
    match name {
        "ANSIC" => "Mon Jan _2 15:04:05 2006",
        "UnixDate" => "Mon Jan _2 15:04:05 MST 2006",
        "RubyDate" => "Mon Jan 02 15:04:05 -0700 2006",
        "RFC822" => "02 Jan 06 15:04 MST",
        "RFC822Z" => "02 Jan 06 15:04 -0700",
        "RFC850" => "Monday, 02-Jan-06 15:04:05 MST",
        "RFC1123" => "Mon, 02 Jan 2006 15:04:05 MST",
        "RFC1123Z" => "Mon, 02 Jan 2006 15:04:05 -0700",
        "RFC3339" => RFC3339,
        "RFC3339Nano" => RFC3339_NANO,
        layout => layout,
    }
}

/// The literal text up to the next field, that field, and the rest.
pub(super) fn next_chunk(layout: &str) -> Chunk<'_> {
    for (start, byte) in layout.bytes().enumerate() {
        // Fields are ASCII, so nothing is found within a longer character.
        let Some(tail) = layout.get(start..).filter(|_| byte.is_ascii()) else { continue };
        if let Some((skipped, length, field)) = field_at(tail) {
            let literal = layout.get(..start + skipped).unwrap_or_default();
            let rest = tail.get(skipped + length..).unwrap_or_default();
            return Chunk { literal, field: Some(field), rest };
        }
    }
    Chunk { literal: layout, field: None, rest: "" }
}

/// The field that the text begins with: how many bytes before it are literal, its length, and itself.
fn field_at(text: &str) -> Option<(usize, usize, Field)> {
    match text.as_bytes().first()? {
        b'.' | b',' => fraction_at(text).map(|(length, field)| (0, length, field)),
        // An underscore before a year is literal, and not the blank of a padded day.
        b'_' if text.starts_with("_2006") => Some((1, 4, Field::Year)),
        b'J' | b'M' | b'0'..=b'5' | b'_' | b'P' | b'p' | b'-' | b'Z' => FIELDS
            .iter()
            .find(|(pattern, _)| text.starts_with(pattern))
            .or_else(|| WORDS.iter().find(|(pattern, _)| is_word(text, pattern)))
            .map(|(pattern, field)| (0, pattern.len(), *field)),
        _ => None,
    }
}

fn is_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// A separator and a run of zeros or of nines that no other digit follows.
fn fraction_at(text: &str) -> Option<(usize, Field)> {
    let (&separator, tail) = text.as_bytes().split_first()?;
    let digit = *tail.first().filter(|digit| matches!(digit, b'0' | b'9'))?;
    let digits = tail.iter().take_while(|&&byte| byte == digit).count();
    if tail.get(digits).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    // Go keeps the number of digits in twelve bits.
    let field = Field::Fraction { separator, digits: digits & 0xfff, trimmed: digit == b'9' };
    Some((1 + digits, field))
}
