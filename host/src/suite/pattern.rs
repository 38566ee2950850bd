//! Regular expressions that tests are chosen by, and that messages are held against.

use regex_automata::meta::{BuildError, Regex};

/// A regular expression. It may match anywhere, unless it says otherwise.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

// === impl Pattern ===

impl Pattern {
    /// Reads an expression.
    ///
    /// # Errors
    /// Says what is wrong with it, in one line.
    pub fn new(text: &str) -> Result<Self, String> {
        let regex = Regex::new(text).map_err(|error| reason(text, &error))?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is found in `text`.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// The parser draws a picture of several lines; its last one has the words.
fn reason(text: &str, error: &BuildError) -> String {
    let picture = error.syntax_error().map_or_else(|| error.to_string(), ToString::to_string);
    let words = picture.lines().last().unwrap_or_default();
    format!("{text:?} is no regular expression: {}", words.strip_prefix("error: ").unwrap_or(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_matches_anywhere() {
        for (pattern, text, expected) in [
            ("b+", "abbc", true),
            ("^b", "ab", false),
            ("a$", "a\nb", false),
            (r"\[x\]", "[x]", true),
            ("", "", true),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().is_match(text), expected, "{pattern} in {text:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_one_line() {
        let error = Pattern::new("a(").unwrap_err();
        assert_eq!(error, "\"a(\" is no regular expression: unclosed group");
        assert!(!Pattern::new("x{2,1}").unwrap_err().contains('\n'));
    }
}
