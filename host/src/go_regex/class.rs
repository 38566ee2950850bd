//! Character classes: brackets, Perl's and POSIX's ASCII classes, and Unicode's by name.

use super::{
    alphabet,
    escape::{self, literal},
    syntax::{Flags, SyntaxError},
};

const BAD_RANGE: SyntaxError = "invalid character class range";

/// The expression under the flags that matter to characters.
pub(super) fn folded(text: String, flags: Flags) -> String {
    if flags.fold_case { format!("(?i:{text})") } else { text }
}

/// Reads the class in brackets that `text` begins with; gives its translation and what follows.
pub(super) fn bracketed(text: &str, flags: Flags) -> Result<(String, &str), SyntaxError> {
    let mut rest = text.get(1..).unwrap_or_default();
    let mut out = String::from("[");
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    let mut is_first = true;
    // A closing bracket that comes first is a member.
    while is_first || !rest.starts_with(']') {
        if rest.is_empty() {
            return Err("missing closing ]");
        }
        is_first = false;
        let (member, after) = match posix(rest)? {
            Some(found) => found,
            None => match escaped(rest)? {
                Some(found) => found,
                None => range(rest)?,
            },
        };
        out.push_str(&member);
        rest = after;
    }
    out.push(']');
    Ok((folded(out, flags), rest.get(1..).unwrap_or_default()))
}

/// `[:alpha:]` and `[:^alpha:]`; text without the end of such a class is none.
fn posix(text: &str) -> Result<Option<(String, &str)>, SyntaxError> {
    let Some((name, rest)) = text.strip_prefix("[:").and_then(|after| after.split_once(":]")) else {
        return Ok(None);
    };
    let (caret, name) = name.strip_prefix('^').map_or(("", name), |name| ("^", name));
    let members = alphabet::posix(name).ok_or(BAD_RANGE)?;
    Ok(Some((format!("[{caret}{members}]"), rest)))
}

/// `\d`, `\pL` and `\p{Greek}` with their negations; `None` for any other text.
pub(super) fn escaped(text: &str) -> Result<Option<(String, &str)>, SyntaxError> {
    let Some(after) = text.strip_prefix('\\') else { return Ok(None) };
    let Some(kind) = after.chars().next() else { return Ok(None) };
    let rest = after.get(kind.len_utf8()..).unwrap_or_default();
    if let Some(members) = alphabet::perl(kind) {
        return Ok(Some((members.to_owned(), rest)));
    }
    match kind {
        'p' => unicode(rest, false).map(Some),
        'P' => unicode(rest, true).map(Some),
        _ => Ok(None),
    }
}

fn unicode(text: &str, mut negated: bool) -> Result<(String, &str), SyntaxError> {
    let (mut name, rest) = match text.strip_prefix('{') {
        Some(braced) => braced.split_once('}').ok_or(BAD_RANGE)?,
        None => {
            let length = text.chars().next().map_or(0, char::len_utf8);
            text.split_at_checked(length).ok_or(BAD_RANGE)?
        }
    };
    if let Some(positive) = name.strip_prefix('^') {
        negated = !negated;
        name = positive;
    }
    let members = alphabet::unicode(name).ok_or(BAD_RANGE)?;
    Ok((format!("[{}{members}]", if negated { "^" } else { "" }), rest))
}

/// A character or a range of them.
fn range(text: &str) -> Result<(String, &str), SyntaxError> {
    let (low, rest) = member(text)?;
    match rest.strip_prefix('-') {
        Some(after) if !after.is_empty() && !after.starts_with(']') => {
            let (high, rest) = member(after)?;
            if high < low {
                return Err(BAD_RANGE);
            }
            Ok((format!("{}-{}", literal(low), literal(high)), rest))
        }
        _ => Ok((literal(low), rest)),
    }
}

fn member(text: &str) -> Result<(char, &str), SyntaxError> {
    if text.starts_with('\\') {
        return escape::character(text);
    }
    let c = text.chars().next().ok_or("missing closing ]")?;
    Ok((c, text.get(c.len_utf8()..).unwrap_or_default()))
}
