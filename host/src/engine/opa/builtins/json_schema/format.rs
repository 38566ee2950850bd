//! The values of `format` that the library checks, by the functions of Go that it uses. Other names are no
//! constraint.

use std::net::IpAddr;

use super::email::is_email;
use crate::engine::opa::builtins::{
    regex::Pattern,
    uri::{Reference, reference},
};

/// Whether the text is of the format.
pub(super) fn has_format(format: &str, text: &str) -> bool {
    match format {
        "date" => date(text) == Some(""),
        "time" => is_time(text),
        "date-time" => is_time(text) || date(text) == Some("") || is_date_time(text),
        "hostname" => text.len() < 256 && text.split('.').all(is_label),
        "email" | "idn-email" => is_email(text),
        "ipv4" => text.contains('.') && text.parse::<IpAddr>().is_ok(),
        "ipv6" => text.contains(':') && text.parse::<IpAddr>().is_ok(),
        "uri" | "iri" => uri(text).is_some_and(|uri| uri.has_scheme),
        "uri-reference" | "iri-reference" => uri(text).is_some(),
        "uri-template" => uri(text).is_some_and(|uri| is_template(&uri.path)),
        "uuid" => is_uuid(text),
        "regex" => Pattern::compile(text).is_ok(),
        "json-pointer" => is_pointer(text),
        "relative-json-pointer" => is_relative_pointer(text),
        _ => true,
    }
}

fn uri(text: &str) -> Option<Reference> {
    reference(text).filter(|_| !text.contains('\\'))
}

/// Reads `2006-01-02`; gives what follows.
fn date(text: &str) -> Option<&str> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(rest)
}

/// Reads `15:04:05`, whose hour may have one digit and whose second a fraction; gives what follows.
fn clock(text: &str) -> Option<&str> {
    let (hour, rest) = digits(text, 2).or_else(|| digits(text, 1))?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = rest
        .strip_prefix(['.', ','])
        .map(|rest| (rest, rest.trim_start_matches(|c: char| c.is_ascii_digit())));
    Some(match fraction {
        Some((whole, rest)) if whole.len() > rest.len() => rest,
        _ => rest,
    })
}

fn is_time(text: &str) -> bool {
    clock(text).is_some_and(|rest| rest.is_empty() || is_zone(rest))
}

fn is_date_time(text: &str) -> bool {
    date(text).and_then(|rest| clock(rest.strip_prefix('T')?)).is_some_and(is_zone)
}

/// `Z`, or an offset such as `+02:00`.
fn is_zone(text: &str) -> bool {
    let offset = text.strip_prefix(['+', '-']).and_then(|rest| {
        let (hours, rest) = digits(rest, 2)?;
        let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
        Some(rest.is_empty() && hours <= 24 && minutes <= 60)
    });
    text == "Z" || offset.unwrap_or(false)
}

fn digits(text: &str, count: usize) -> Option<(u32, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    Some((number.parse().ok().filter(|_| is_number)?, rest))
}

fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(is_inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether braces come in pairs: behind an opening one a closing one comes before the text ends.
fn is_template(path: &str) -> bool {
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { return false };
        rest = after;
    }
    true
}

fn is_pointer(text: &str) -> bool {
    let escapes_are_whole = |text: &str| text.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    text.is_empty() || text.starts_with('/') && escapes_are_whole(text)
}

fn is_relative_pointer(text: &str) -> bool {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let Some((number, rest)) = text.split_at_checked(length) else { return false };
    (number == "0" || !number.is_empty() && !number.starts_with('0')) && (rest == "#" || is_pointer(rest))
}
