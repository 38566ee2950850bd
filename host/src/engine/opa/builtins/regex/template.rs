//! The two templates around regular expressions: Go's for replacements (`$1`, `${name}`), and that of
//! `regex.template_match`, whose expressions stand between delimiters.

use super::{
    BuiltinError,
    pattern::{Groups, Pattern},
};

/// A piece of a replacement.
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// The text of the first of these groups that took part in the match.
    Groups(Vec<usize>),
}

// === impl Piece ===

impl<'t> Piece<'t> {
    pub(super) fn expand<'a>(&self, groups: &Groups<'a>) -> &'a str
    where
        't: 'a,
    {
        match self {
            Piece::Text(text) => text,
            Piece::Groups(indices) => indices.iter().find_map(|&index| groups.get(index)).unwrap_or_default(),
        }
    }
}

/// Reads the template of a replacement. A name that is no group's stands for nothing, and a `$` that begins no
/// name for itself.
pub(super) fn parse<'t>(template: &'t str, pattern: &Pattern) -> Result<Vec<Piece<'t>>, BuiltinError> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        pieces.push(Piece::Text(before));
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            pieces.push(Piece::Text("$"));
            rest = after;
        } else if let Some((name, after)) = name(rest)? {
            pieces.push(Piece::Groups(pattern.groups(name)));
            rest = after;
        } else {
            pieces.push(Piece::Text("$"));
        }
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// The name that `text` begins with, in braces or as long as it goes.
fn name(text: &str) -> Result<Option<(&str, &str)>, BuiltinError> {
    let (inner, braced) = text.strip_prefix('{').map_or((text, false), |inner| (inner, true));
    let length = name_length(inner)?;
    let Some((name, rest)) = inner.split_at_checked(length).filter(|(name, _)| !name.is_empty()) else {
        return Ok(None);
    };
    if !braced {
        return Ok(Some((name, rest)));
    }
    Ok(rest.strip_prefix('}').map(|rest| (name, rest)))
}

/// How many bytes of letters, digits and underscores there are in front, by Unicode's tables where needed.
fn name_length(text: &str) -> Result<usize, BuiltinError> {
    let ascii = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    if text.as_bytes().get(ascii).is_none_or(u8::is_ascii) {
        return Ok(ascii);
    }
    let names = Pattern::compile(r"^[\p{L}\p{Nd}_]+")?;
    Ok(names.matches(text)?.next().map_or(0, |groups| groups.span().end))
}

/// The expression of a template: what stands between delimiters is one, the rest is literal.
pub(super) fn delimited_pattern(template: &str, start: u8, end: u8) -> Result<String, BuiltinError> {
    let mut pattern = String::from("^");
    let mut literal_start = 0;
    for (open, close) in delimited(template, start, end)? {
        let literal = template.get(literal_start..open).unwrap_or_default();
        let inner = template.get(open + 1..close).unwrap_or_default();
        // Each expression must be one for itself.
        Pattern::compile(&format!("^{inner}$"))?;
        pattern.push_str(&format!("{}({inner})", quote_meta(literal)));
        literal_start = close + 1;
    }
    pattern.push_str(&quote_meta(template.get(literal_start..).unwrap_or_default()));
    pattern.push('$');
    Ok(pattern)
}

/// The positions of the outermost pairs of delimiters. Equal delimiters never close.
fn delimited(template: &str, start: u8, end: u8) -> Result<Vec<(usize, usize)>, BuiltinError> {
    let unbalanced = || BuiltinError::undefined("unbalanced delimiters");
    let mut pairs = Vec::new();
    let (mut level, mut open) = (0usize, 0);
    for (index, byte) in template.bytes().enumerate() {
        if byte == start {
            level += 1;
            if level == 1 {
                open = index;
            }
        } else if byte == end {
            level = level.checked_sub(1).ok_or_else(unbalanced)?;
            if level == 0 {
                pairs.push((open, index));
            }
        }
    }
    if level == 0 { Ok(pairs) } else { Err(unbalanced()) }
}

/// Go's `regexp.QuoteMeta`.
fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}
