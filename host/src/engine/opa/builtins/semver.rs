//! `semver.compare` and `semver.is_valid`.
//!
//! Defined by <https://semver.org/spec/v2.0.0.html> with the differences of OPA (`internal/semver` in its
//! source): one `v` may be in front, the three numbers fit in 64 bits with a sign, and so do the numbers among
//! the pre-release identifiers, where larger ones count as the largest.

use std::cmp::Ordering;

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[
    Builtin { name: "semver.compare", arity: 2, call: compare },
    Builtin { name: "semver.is_valid", arity: 1, call: is_valid },
];

/// A version without its build metadata, which has no part in comparisons.
#[derive(Debug)]
struct Version<'t> {
    numbers: [i64; 3],
    pre_release: &'t str,
}

fn compare(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(left), Value::String(right)] = args else {
        return Err(BuiltinError::undefined("the operands must be strings"));
    };
    match (Version::parse(left), Version::parse(right)) {
        (Some(left), Some(right)) => Ok((left.compare(&right) as i64).into()),
        _ => Err(BuiltinError::undefined("not a semantic version")),
    }
}

fn is_valid(_: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    Ok(matches!(args, [Value::String(text)] if Version::parse(text).is_some()).into())
}

// === impl Version ===

impl<'t> Version<'t> {
    fn parse(text: &'t str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = match text.split_once('+') {
            Some((text, metadata)) => is_identifiers(metadata).then_some(text)?,
            None => text,
        };
        let (core, pre_release) = match text.split_once('-') {
            Some((core, pre_release)) => (core, is_pre_release(pre_release).then_some(pre_release)?),
            None => (text, ""),
        };
        let mut numbers = core.split('.').map(number);
        let version = Self { numbers: [numbers.next()??, numbers.next()??, numbers.next()??], pre_release };
        numbers.next().is_none().then_some(version)
    }

    fn compare(&self, other: &Self) -> Ordering {
        let by_numbers = self.numbers.cmp(&other.numbers);
        by_numbers.then_with(|| match (self.pre_release, other.pre_release) {
            ("", "") => Ordering::Equal,
            ("", _) => Ordering::Greater,
            (_, "") => Ordering::Less,
            (left, right) => left.split('.').map(Identifier::new).cmp(right.split('.').map(Identifier::new)),
        })
    }
}

/// One identifier of a pre-release. Numbers come before texts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identifier<'t> {
    Number(i64),
    Text(&'t str),
}

// === impl Identifier ===

impl<'t> Identifier<'t> {
    fn new(text: &'t str) -> Self {
        if is_digits(text) { Self::Number(text.parse().unwrap_or(i64::MAX)) } else { Self::Text(text) }
    }
}

fn number(text: &str) -> Option<i64> {
    (is_digits(text) && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok()).flatten()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_identifiers(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

fn is_pre_release(text: &str) -> bool {
    let is_padded = |part: &str| part.len() > 1 && part.starts_with('0') && is_digits(part);
    is_identifiers(text) && !text.split('.').any(is_padded)
}

#[cfg(test)]
mod tests {
    use crate::engine::opa::builtins::cases::check;

    #[test]
    fn versions_compare_as_in_opa() {
        for (left, right, want) in [
            ("1.0.0", "2.0.0", Some("-1")),
            ("v1.10.0", "1.9.0", Some("1")),
            ("1.2.3", "v1.2.3", Some("0")),
            ("1.0.0+a", "1.0.0+b", Some("0")),
            ("1.0.0-alpha", "1.0.0", Some("-1")),
            ("1.0.0-alpha", "1.0.0-alpha.1", Some("-1")),
            ("1.0.0-alpha.beta", "1.0.0-alpha.1", Some("1")),
            ("1.0.0-rc.2", "1.0.0-rc.11", Some("-1")),
            ("1.0.0--", "1.0.0-0", Some("1")),
            ("1.0.0-a-b", "1.0.0-a", Some("1")),
            ("1.0.0-99999999999999999999", "1.0.0-9223372036854775806", Some("1")),
            // OPA does not come back from this one.
            ("1.0.0-99999999999999999999", "1.0.0-99999999999999999998", Some("0")),
            ("1.0", "1.0.0", None),
            ("1.0.0", "1.0.0.0", None),
            ("x", "1.0.0", None),
        ] {
            check("semver.compare", &[(&[&format!("{left:?}"), &format!("{right:?}")], want)]);
        }
        check("semver.compare", &[(&["1", "\"1.0.0\""], None)]);
    }

    #[test]
    fn only_strings_are_versions() {
        for (text, want) in [
            ("\"1.22.0\"", "true"),
            ("\"v0.0.0-x.1+build.01\"", "true"),
            ("\"vv1.0.0\"", "false"),
            ("\"1.0.0-01\"", "false"),
            ("\"1.0.0-01a\"", "true"),
            ("\"01.0.0\"", "false"),
            ("\"+1.0.0\"", "false"),
            ("\"1.0.9223372036854775807\"", "true"),
            ("\"1.0.9223372036854775808\"", "false"),
            ("\"1.0.0-\"", "false"),
            ("\"1.0.0+\"", "false"),
            ("\"1.0.0+a+b\"", "false"),
            ("\"1.0.0-a..b\"", "false"),
            ("\"1.0.0-é\"", "false"),
            ("\"1.0.0 \"", "false"),
            ("\"\"", "false"),
            ("1", "false"),
            ("[\"1.0.0\"]", "false"),
        ] {
            check("semver.is_valid", &[(&[text], Some(want))]);
        }
    }
}
