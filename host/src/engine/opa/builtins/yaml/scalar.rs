//! Which of YAML's styles a string is written in, by libyaml's analysis and go-yaml's own wishes.

use super::BuiltinError;
use crate::yaml::{Dialect, Resolved, resolve_plain};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// What there is in a string that forbids a style.
#[derive(Default)]
pub(super) struct Text {
    pub(super) is_multiline: bool,
    is_plain: bool,
    is_single_quoted: bool,
    is_literal: bool,
}

/// Whether a plain scalar of that text would be no string to some YAML reader: to go-yaml, to YAML 1.1 with its
/// `yes` and `no`, or to one that knows numbers to the base of 60.
pub(super) fn is_number_like(text: &str) -> bool {
    resolve_plain(Dialect::Opa, text) != Resolved::String
        || matches!(resolve_plain(Dialect::Kubernetes, text), Resolved::Bool(_))
        || is_base_60(text)
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let Some((first, rest)) = whole.split_once(':') else { return false };
    let is_part = |part: &str| match part.as_bytes() {
        [unit] => unit.is_ascii_digit(),
        [ten, unit] => matches!(ten, b'0'..=b'5') && unit.is_ascii_digit(),
        _ => false,
    };
    first.starts_with(|c: char| c.is_ascii_digit())
        && is_digits(first)
        && is_digits(fraction)
        && rest.split(':').all(is_part)
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether libyaml writes the character as it is.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

// === impl Text ===

impl Text {
    /// Looks through a string. One with characters that YAML's reader refuses has no YAML in OPA, since it goes
    /// through that reader first.
    pub(super) fn new(text: &str) -> Result<Self, BuiltinError> {
        if text
            .chars()
            .any(|c| matches!(c, '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
        {
            return Err(BuiltinError::undefined("control characters are not allowed in YAML"));
        }
        if text.is_empty() {
            return Ok(Self { is_plain: true, is_single_quoted: true, ..Self::default() });
        }
        let has_breaks = text.contains(is_break);
        let has_special = text.chars().any(|c| c != '\t' && !is_printable(c));
        let edges = |blank: fn(char) -> bool| (text.starts_with(blank), text.ends_with(blank));
        let (leading_space, trailing_space) = edges(|c| c == ' ');
        let (leading_break, trailing_break) = edges(is_break);
        let pairs = || text.chars().zip(text.chars().skip(1));
        let break_space = pairs().any(|(before, c)| is_break(before) && c == ' ');
        let space_break = pairs().any(|(before, c)| before == ' ' && is_break(c));
        let has_edges = leading_space || trailing_space || leading_break || trailing_break;
        let is_single_quoted = !break_space && !space_break && !has_special && !text.contains('\t');
        Ok(Self {
            is_multiline: has_breaks,
            is_plain: is_single_quoted && !has_edges && !has_breaks && !has_indicators(text),
            is_single_quoted,
            is_literal: !trailing_space && !space_break && !has_special,
        })
    }

    /// The style of the string. go-yaml asks for literal style for several lines, for double quotes where a
    /// plain scalar would be something else, and for plain style else; libyaml does not always comply.
    pub(super) fn style(&self, text: &str, is_key: bool, is_number_like: bool) -> Style {
        if is_key && self.is_multiline {
            return Style::DoubleQuoted;
        }
        if text.contains('\n') {
            return if self.is_literal && !is_key { Style::Literal } else { Style::DoubleQuoted };
        }
        match (is_number_like, self.is_plain, self.is_single_quoted) {
            (true, ..) | (_, false, false) => Style::DoubleQuoted,
            (_, true, _) if !(is_key && text.is_empty()) => Style::Plain,
            _ => Style::SingleQuoted,
        }
    }
}

/// Whether the text would be taken for something else in block context.
fn has_indicators(text: &str) -> bool {
    let is_blank_or_end = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '\t'));
    let is_space = |c: char| matches!(c, ' ' | '\t') || is_break(c);
    let mut chars = text.chars();
    let first = chars.next().unwrap_or(' ');
    let by_first = match first {
        '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
            true
        }
        '?' | ':' | '-' => is_blank_or_end(chars.next()),
        _ => false,
    };
    let mut before = first;
    let mut rest = text.chars().skip(1).peekable();
    while let Some(c) = rest.next() {
        if c == ':' && is_blank_or_end(rest.peek().copied()) || c == '#' && is_space(before) {
            return true;
        }
        before = c;
    }
    by_first || text.starts_with("---") || text.starts_with("...")
}

/// Writes the text between double quotes.
pub(super) fn write_double_quoted(text: &str, out: &mut String) {
    for c in text.chars() {
        let simple = match c {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            c if is_printable(c) => {
                out.push(c);
                continue;
            }
            c => {
                let code = u32::from(c);
                out.push_str(&match code {
                    ..=0xff => format!("\\x{code:02X}"),
                    0x100..=0xffff => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                });
                continue;
            }
        };
        out.extend(['\\', simple]);
    }
}
