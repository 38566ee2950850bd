//! The expressions of `pattern`: Go's (<https://pkg.go.dev/regexp/syntax>), not anchored.

use std::{fmt, iter::Peekable, str::Chars};

use regex_automata::{
    meta::{self, Regex},
    util::syntax,
};

use super::super::path::{MAX_SHOWN, shortened};

/// Longer expressions, and such as need larger automata, are refused; longer texts match none.
const MAX_EXPRESSION_BYTES: usize = 4 * 1024;
const MAX_AUTOMATON_BYTES: usize = 256 * 1024;
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// Deeper groups are refused.
const MAX_NESTING: u32 = 100;

/// A compiled expression.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    expression: String,
    regex: Regex,
}

// === impl Pattern ===

impl Pattern {
    pub(super) fn compile(expression: &str) -> Result<Self, String> {
        if expression.len() > MAX_EXPRESSION_BYTES {
            return Err(format!("has more than {MAX_EXPRESSION_BYTES} bytes"));
        }
        let error = || {
            let shown = shortened(expression, MAX_SHOWN);
            format!("{shown:?} is no regular expression in Go's syntax, or too large")
        };
        let translation = translate(expression).ok_or_else(error)?;
        // The automata that are built while they search would be faster, and take megabytes each.
        let config =
            meta::Config::new().nfa_size_limit(Some(MAX_AUTOMATON_BYTES)).hybrid(false).onepass(false);
        let syntax = syntax::Config::new().utf8(false).nest_limit(MAX_NESTING);
        let regex =
            Regex::builder().configure(config).syntax(syntax).build(&translation).map_err(|_| error())?;
        Ok(Self { expression: expression.to_owned(), regex })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        text.len() <= MAX_TEXT_BYTES && self.regex.is_match(text)
    }

    pub(super) fn bytes(&self) -> usize {
        self.regex.memory_usage()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.expression.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
        f.write_str(&shortened(&plain.collect::<String>(), MAX_SHOWN))
    }
}

/// The same expression for `regex-syntax`: its classes such as `\d` have more than ASCII, and it reads some
/// characters that are plain in Go as operators. `None` for what Go does not have.
fn translate(expression: &str) -> Option<String> {
    let mut chars = expression.chars().peekable();
    let mut translation = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => translation.push_str(&escape(&mut chars, ("(?-u:\\b)", "(?-u:\\B)"))?),
            '[' => class(&mut chars, &mut translation)?,
            '{' if !is_repetition(chars.clone()) => translation.push_str("\\{"),
            _ => translation.push(c),
        }
    }
    Some(translation)
}

/// What follows a `\`. Classes are negated as classes of their own.
fn escape(chars: &mut Peekable<Chars<'_>>, boundaries: (&str, &str)) -> Option<String> {
    let c = chars.next()?;
    Some(match c {
        'd' => "[0-9]".to_owned(),
        'D' => "[^0-9]".to_owned(),
        's' => "[\\t\\n\\f\\r ]".to_owned(),
        'S' => "[^\\t\\n\\f\\r ]".to_owned(),
        'w' => "[0-9A-Za-z_]".to_owned(),
        'W' => "[^0-9A-Za-z_]".to_owned(),
        'b' => boundaries.0.to_owned(),
        'B' => boundaries.1.to_owned(),
        'Q' => quoted(chars),
        '<' | '>' => c.to_string(),
        'p' | 'P' | 'x' => format!("\\{c}{}", braced(chars)),
        'A' | 'a' | 'f' | 'n' | 'r' | 't' | 'v' | 'z' => format!("\\{c}"),
        _ if c.is_ascii_punctuation() => format!("\\{c}"),
        _ => return None,
    })
}

/// The name or number in braces, if it is in braces.
fn braced(chars: &mut Peekable<Chars<'_>>) -> String {
    if chars.peek() != Some(&'{') {
        return String::new();
    }
    let mut text: String = chars.by_ref().take_while(|c| *c != '}').collect();
    text.push('}');
    text
}

/// Everything up to `\E` as it is.
fn quoted(chars: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.next_if_eq(&'E').is_some() {
            break;
        }
        text.push(c);
    }
    regex_syntax::escape(&text)
}

/// A class, after its `[`. Go knows no classes in classes and no operations on them.
fn class(chars: &mut Peekable<Chars<'_>>, translation: &mut String) -> Option<()> {
    translation.push('[');
    translation.extend(chars.next_if_eq(&'^'));
    let mut is_first = true;
    loop {
        match chars.next()? {
            ']' if !is_first => break,
            '[' if is_posix(chars.clone()) => translation.push_str(&posix(chars)),
            c @ ('[' | ']' | '&' | '~') => translation.extend(['\\', c]),
            '-' if is_first => translation.push_str("\\-"),
            '-' if chars.next_if_eq(&'-').is_some() => translation.push_str("-\\-"),
            '\\' if matches!(chars.peek(), Some('b' | 'B' | 'Q' | 'A' | 'z')) => return None,
            '\\' => translation.push_str(&escape(chars, ("", ""))?),
            c => translation.push(c),
        }
        is_first = false;
    }
    translation.push(']');
    Some(())
}

/// The class of a name: `[:alpha:]`.
fn posix(chars: &mut Peekable<Chars<'_>>) -> String {
    let name: String = chars.by_ref().take_while(|c| *c != ']').collect();
    format!("[{name}]")
}

/// Whether `:name:]` follows.
fn is_posix(mut chars: Peekable<Chars<'_>>) -> bool {
    chars.next() == Some(':')
        && chars.find(|c| !c.is_ascii_alphabetic() && *c != '^') == Some(':')
        && chars.next() == Some(']')
}

/// Whether `n}`, `n,}` or `n,m}` follows.
fn is_repetition(chars: Peekable<Chars<'_>>) -> bool {
    // Counts have at most four digits.
    let inner: String = chars.take(10).collect();
    let Some((inner, _)) = inner.split_once('}') else { return false };
    let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    !least.is_empty() && is_number(least) && is_number(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_gos() {
        for (expression, text, expected) in [
            ("b", "abc", true),
            ("^b$", "abc", false),
            (r"^\d+$", "12", true),
            (r"^\d+$", "١٢", false),
            (r"^\w+$", "ä", false),
            (r"^[^\W]+$", "a_1", true),
            (r"^[\d.]+$", "1.2", true),
            (r"^\D$", "ä", true),
            (r"\bfoo\b", "a foo b", true),
            (r"^[[:alpha:]-]+$", "a-b", true),
            ("^[[]$", "[", true),
            ("^[]a]+$", "a]", true),
            ("^[a&&b]+$", "&", true),
            ("^[a~~b]+$", "~", true),
            ("^a{2}$", "aa", true),
            ("^a{,2}$", "a{,2}", true),
            ("^{a}$", "{a}", true),
            ("^a{2$", "a{2", true),
            ("^[--/]$", ".", true),
            ("^[+--]$", ",", true),
            ("^[a-]$", "-", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^\pL+$", "äö", true),
            (r"^\p{Greek}[\x{3b2}]$", "αβ", true),
            ("(?i)^ABC$", "abc", true),
            (r"^\<a\>$", "<a>", true),
            ("^.$", "\n", false),
            ("(?s)^.$", "\n", true),
        ] {
            assert_eq!(Pattern::compile(expression).unwrap().matches(text), expected, "{expression}");
        }
    }

    #[test]
    fn what_go_does_not_have_is_refused() {
        for expression in
            ["(", "[a", r"\", r"\Z", r"(a)\1", "a(?=b)", r"\u0041", r"[\b]", "a{1001}{1001}{1001}"]
        {
            let error = Pattern::compile(expression).unwrap_err();
            assert!(error.contains("is no regular expression in Go's syntax"), "{error}");
        }
        assert!(Pattern::compile(&"a".repeat(4097)).unwrap_err().contains("more than 4096 bytes"));
    }

    #[test]
    fn a_text_that_would_take_too_long_does_not_match() {
        assert!(!Pattern::compile("a").unwrap().matches(&"a".repeat(MAX_TEXT_BYTES + 1)));
    }
}
