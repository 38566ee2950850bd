//! Holds the violations of an object against what a case asserts.

use super::format::{Assertion, Violations};

/// Whether all assertions hold.
///
/// # Errors
/// Says which do not, and what the messages were.
pub(super) fn check(assertions: &[Assertion], messages: &[String]) -> Result<(), String> {
    let failed: Vec<String> = (1..)
        .zip(assertions)
        .filter_map(|(number, assertion)| {
            Some(format!("assertion {number}: {}", wrong(assertion, messages)?))
        })
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    let mut lines = failed;
    lines.push(if messages.is_empty() { "there was no message" } else { "the messages were:" }.to_owned());
    lines.extend(messages.iter().map(|message| format!("  {message}")));
    Err(lines.join("\n"))
}

fn wrong(assertion: &Assertion, messages: &[String]) -> Option<String> {
    let counts =
        |message: &&String| assertion.message.as_ref().is_none_or(|pattern| pattern.is_match(message));
    let found = messages.iter().filter(counts).count();
    let (holds, wanted) = match assertion.violations {
        Violations::Some => (found > 0, "at least 1".to_owned()),
        Violations::None => (found == 0, "none".to_owned()),
        Violations::Exactly(number) => (found as u64 == number, format!("exactly {number}")),
    };
    let of =
        assertion.message.as_ref().map(|pattern| format!(" of {:?}", pattern.as_str())).unwrap_or_default();
    let s = if found == 1 { "" } else { "s" };
    (!holds).then(|| format!("found {found} violation{s}{of}, want {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Pattern;

    #[test]
    fn all_that_do_not_hold_are_told() {
        let assertion = |violations, message: Option<&str>| Assertion {
            violations,
            message: message.map(|message| Pattern::new(message).unwrap()),
        };
        let messages = ["image a is foreign".to_owned(), "image b is foreign".to_owned()];
        for (violations, message, expected) in [
            (Violations::Some, None, None),
            (Violations::Some, Some("^image b"), None),
            (Violations::None, Some("c is"), None),
            (Violations::Exactly(2), Some("foreign$"), None),
            (Violations::Some, Some("c is"), Some("found 0 violations of \"c is\", want at least 1")),
            (Violations::None, None, Some("found 2 violations, want none")),
            (Violations::Exactly(3), None, Some("found 2 violations, want exactly 3")),
        ] {
            assert_eq!(wrong(&assertion(violations, message), &messages).as_deref(), expected);
        }
        let both = [assertion(Violations::None, None), assertion(Violations::Exactly(1), None)];
        assert_eq!(
            check(&both, &messages).unwrap_err(),
            "assertion 1: found 2 violations, want none\nassertion 2: found 2 violations, want exactly 1\n\
             the messages were:\n  image a is foreign\n  image b is foreign"
        );
    }
}
