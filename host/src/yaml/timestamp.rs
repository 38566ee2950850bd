//! Which scalars go-yaml takes for a date and time: four layouts of Go's `time.Parse`, in which months, days
//! and the parts of the clock may have one digit.
//!
//! Only the yes or no matters here: such a scalar goes into JSON as the string it is.

/// Whether the text is a timestamp of go-yaml's.
pub(super) fn is_timestamp(text: &str) -> bool {
    date(text).is_some_and(|rest| match rest.chars().next() {
        None => true,
        Some('T' | 't') => rest.get(1..).and_then(clock).is_some_and(is_zone),
        Some(' ') => rest.get(1..).and_then(clock).is_some_and(str::is_empty),
        Some(_) => false,
    })
}

/// Reads `2006-1-2`; gives what follows.
fn date(text: &str) -> Option<&str> {
    let (year, rest) = text.split_once('-')?;
    if year.len() != 4 || !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let year: u32 = year.parse().ok()?;
    let (month, rest) = short_number(rest)?;
    let (day, rest) = short_number(rest.strip_prefix('-')?)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(rest)
}

/// Reads `15:4:5.999999999`; gives what follows.
fn clock(text: &str) -> Option<&str> {
    let (hour, rest) = short_number(text)?;
    let (minute, rest) = short_number(rest.strip_prefix(':')?)?;
    let (second, rest) = short_number(rest.strip_prefix(':')?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Go takes a comma for the point, and nothing at all for no fraction.
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some(rest) };
    let rest_of_fraction = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest_of_fraction.len() == fraction.len() { Some(rest) } else { Some(rest_of_fraction) }
}

/// Whether the text is `Z` or an offset such as `+02:00`.
fn is_zone(text: &str) -> bool {
    if text == "Z" {
        return true;
    }
    let Some((hours, minutes)) = text.strip_prefix(['+', '-']).and_then(|offset| offset.split_once(':'))
    else {
        return false;
    };
    let two_digits = |part: &str, max: u32| {
        part.len() == 2
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse().is_ok_and(|number: u32| number <= max)
    };
    two_digits(hours, 24) && two_digits(minutes, 60)
}

/// Reads one or two digits.
fn short_number(text: &str) -> Option<(u32, &str)> {
    let count = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    Some((text.get(..count)?.parse().ok()?, text.get(count..)?))
}
