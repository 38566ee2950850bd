//! The expressions of `pattern`: Go's (<https://pkg.go.dev/regexp/syntax>), not anchored.

use std::fmt;

use regex_automata::{
    meta::{self, Regex},
    util::syntax,
};

use super::super::path::MAX_SHOWN;
use crate::{go_regex, shorten};

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
            let shown = shorten::to_chars(expression, MAX_SHOWN);
            format!("{shown:?} is no regular expression in Go's syntax, or too large")
        };
        let translation = go_regex::translate(expression).map_err(|_| error())?;
        // The automata that are built while they search would be faster, and take megabytes each.
        let config =
            meta::Config::new().nfa_size_limit(Some(MAX_AUTOMATON_BYTES)).hybrid(false).onepass(false);
        let syntax = syntax::Config::new().utf8(false).nest_limit(MAX_NESTING);
        let regex = Regex::builder()
            .configure(config)
            .syntax(syntax)
            .build(&translation.text)
            .map_err(|_| error())?;
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
        f.write_str(&shorten::to_chars(plain.collect::<String>(), MAX_SHOWN))
    }
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
