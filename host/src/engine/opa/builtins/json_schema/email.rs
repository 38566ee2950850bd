//! Whether a text is one address in the grammar of RFC 5322, as Go's `net/mail.ParseAddress` takes it: with or
//! without a name, quoted parts and comments included. Groups and encoded words with unknown charsets are not
//! looked into.

/// Whether the text is an address, or a name with an address in angle brackets.
pub(super) fn is_email(text: &str) -> bool {
    let text = skip_blanks(text);
    if let Some(rest) = address(text)
        && is_end(rest)
    {
        return true;
    }
    name(text)
        .and_then(|rest| address(skip_blanks(rest).strip_prefix('<')?))
        .and_then(|rest| skip_blanks(rest).strip_prefix('>'))
        .is_some_and(is_end)
}

/// Nothing but blanks and comments.
fn is_end(text: &str) -> bool {
    let rest = skip_blanks(text);
    rest.is_empty() || comment(rest).is_some_and(is_end)
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// Reads `local@domain`; gives what follows.
fn address(text: &str) -> Option<&str> {
    let local = if text.starts_with('"') {
        quoted(text).filter(|(content, _)| !content.is_empty()).map(|(_, rest)| rest)
    } else {
        dotted(text)
    };
    let domain = skip_blanks(local?).strip_prefix('@')?;
    let domain = skip_blanks(domain);
    if let Some(literal) = domain.strip_prefix('[') {
        let (literal, rest) = literal.split_once(']')?;
        return literal.parse::<std::net::IpAddr>().is_ok().then_some(rest);
    }
    dotted(domain)
}

/// Reads words joined by single dots; gives what follows.
fn dotted(text: &str) -> Option<&str> {
    let length = text.find(|c: char| !is_atom(c) && c != '.').unwrap_or(text.len());
    let (atoms, rest) = text.split_at_checked(length)?;
    atoms.split('.').all(|atom| !atom.is_empty()).then_some(rest)
}

fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii()
}

/// Reads a string in quotes; gives its content with its escapes, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    for (index, c) in inner.char_indices() {
        match c {
            '"' if !escaped => return Some((inner.get(..index)?, inner.get(index + 1..)?)),
            c if c.is_ascii_control() && c != '\t' => return None,
            c => escaped = c == '\\' && !escaped,
        }
    }
    None
}

/// Reads the words of a name, which may be missing; gives what follows.
fn name(text: &str) -> Option<&str> {
    let mut rest = skip_blanks(text);
    while !rest.is_empty() && !rest.starts_with('<') {
        rest = match rest.starts_with('"') {
            true => quoted(rest)?.1,
            false => {
                let length = rest.find(|c: char| !is_atom(c) && c != '.').unwrap_or(rest.len());
                rest.split_at_checked(length).filter(|(word, _)| !word.is_empty())?.1
            }
        };
        rest = skip_blanks(rest);
    }
    Some(rest)
}

/// Reads a comment in parentheses, which nest; gives what follows.
fn comment(text: &str) -> Option<&str> {
    let mut depth = 0usize;
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (index > 0).then(|| text.get(index + 1..)).flatten();
        }
    }
    None
}
