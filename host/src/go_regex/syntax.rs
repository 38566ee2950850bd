//! Reads Go's regular expressions (`regexp/syntax` with the flags that `regexp.Compile` sets) and writes them
//! down for `regex-syntax`.
//!
//! The two grammars are close, so what is parsed is not kept as a tree: each finished part is the text of an
//! equal expression in which every character, class and flag is explicit. Errors are Go's.

use super::{class, escape};

/// Deeper expressions are not translated. Go goes to 1,000 levels, `regex-syntax` to 250.
const MAX_DEPTH: usize = 200;

/// The most that nested counted repetitions may multiply to, and the largest count; both are Go's.
const MAX_REPEAT: u32 = 1000;

/// An expression for `regex-syntax`, and the names of its groups, from the whole match (group 0) on.
pub struct Translation {
    /// An equal expression in which nothing is left to a default.
    pub text: String,
    /// The names of its groups; empty for those that have none.
    pub names: Vec<String>,
}

/// Why an expression is not one of Go's, or not translated.
pub type SyntaxError = &'static str;

/// The flags of Go's syntax: `i`, `m`, `s` and `U`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    pub(super) fold_case: bool,
    multi_line: bool,
    dot_newline: bool,
    non_greedy: bool,
}

/// A finished part.
struct Item {
    text: String,
    /// What the counted repetitions in it multiply to.
    repeats: u32,
    depth: usize,
}

/// A group that is still open; the outermost stands for the expression itself.
struct Group {
    opening: &'static str,
    /// The flags to return to.
    flags: Flags,
    alternatives: Vec<Item>,
    items: Vec<Item>,
}

struct Translator<'e> {
    rest: &'e str,
    flags: Flags,
    groups: Vec<Group>,
    names: Vec<String>,
    /// Whether the last thing read was a repetition, which Go does not let stand on another.
    after_repeat: bool,
}

/// Translates an expression.
///
/// # Errors
/// Go's words for what is wrong with it.
pub fn translate(expression: &str) -> Result<Translation, SyntaxError> {
    let mut translator = Translator {
        rest: expression,
        flags: Flags::default(),
        groups: vec![Group::new("(?:", Flags::default())],
        names: vec![String::new()],
        after_repeat: false,
    };
    while let Some(c) = translator.rest.chars().next() {
        let after_repeat = std::mem::take(&mut translator.after_repeat);
        translator.token(c, after_repeat)?;
    }
    let group = translator.groups.pop().filter(|_| translator.groups.is_empty());
    let group = group.ok_or("missing closing )")?;
    Ok(Translation { text: group.close()?.text, names: translator.names })
}

// === impl Item ===

impl Item {
    fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), repeats: 1, depth: 0 }
    }
}

// === impl Group ===

impl Group {
    fn new(opening: &'static str, flags: Flags) -> Self {
        Self { opening, flags, alternatives: Vec::new(), items: Vec::new() }
    }

    /// Ends an alternative: its items become one.
    fn end_alternative(&mut self) {
        let items = std::mem::take(&mut self.items);
        let repeats = items.iter().map(|item| item.repeats).max().unwrap_or(1);
        let depth = items.iter().map(|item| item.depth).max().unwrap_or(0);
        let text = items.into_iter().map(|item| item.text).collect();
        self.alternatives.push(Item { text, repeats, depth });
    }

    fn close(mut self) -> Result<Item, SyntaxError> {
        self.end_alternative();
        let repeats = self.alternatives.iter().map(|item| item.repeats).max().unwrap_or(1);
        let depth = self.alternatives.iter().map(|item| item.depth).max().unwrap_or(0) + 1;
        if depth > MAX_DEPTH {
            return Err("nested too deeply");
        }
        let texts: Vec<String> = self.alternatives.into_iter().map(|item| item.text).collect();
        Ok(Item { text: format!("{}{})", self.opening, texts.join("|")), repeats, depth })
    }
}

// === impl Translator ===

impl<'e> Translator<'e> {
    fn token(&mut self, c: char, after_repeat: bool) -> Result<(), SyntaxError> {
        match c {
            '(' => self.open(),
            ')' => self.close(),
            '|' => {
                self.skip(1);
                self.group()?.end_alternative();
                Ok(())
            }
            '[' => {
                let (text, rest) = class::bracketed(self.rest, self.flags)?;
                self.rest = rest;
                self.push(text)
            }
            '^' => self.single(if self.flags.multi_line { "(?m:^)" } else { r"\A" }),
            '$' => self.single(if self.flags.multi_line { "(?m:$)" } else { r"\z" }),
            '.' => self.single(if self.flags.dot_newline { "(?s:.)" } else { r"[^\n]" }),
            '*' => self.repeat("*", None, 1, after_repeat),
            '+' => self.repeat("+", None, 1, after_repeat),
            '?' => self.repeat("?", None, 1, after_repeat),
            '{' => self.counted(after_repeat),
            '\\' => self.backslash(),
            c => {
                self.skip(c.len_utf8());
                self.literal(c)
            }
        }
    }

    fn backslash(&mut self) -> Result<(), SyntaxError> {
        let simple = match self.rest.get(1..2) {
            Some("A") => Some(r"\A"),
            Some("z") => Some(r"\z"),
            Some("b") => Some(r"(?-u:\b)"),
            Some("B") => Some(r"(?-u:\B)"),
            Some("Q") => return self.quoted(),
            _ => None,
        };
        if let Some(text) = simple {
            self.skip(2);
            return self.push(text);
        }
        if let Some((text, rest)) = class::escaped(self.rest)? {
            self.rest = rest;
            return self.push(class::folded(format!("[{text}]"), self.flags));
        }
        let (c, rest) = escape::character(self.rest)?;
        self.rest = rest;
        self.literal(c)
    }

    /// `\Q...\E`, in which nothing is special; the end may be missing.
    fn quoted(&mut self) -> Result<(), SyntaxError> {
        self.skip(2);
        let (literal, rest) = self.rest.split_once(r"\E").unwrap_or((self.rest, ""));
        self.rest = rest;
        literal.chars().try_for_each(|c| self.literal(c))
    }

    fn literal(&mut self, c: char) -> Result<(), SyntaxError> {
        let text = class::folded(escape::literal(c), self.flags);
        self.push(text)
    }

    fn single(&mut self, text: &'static str) -> Result<(), SyntaxError> {
        self.skip(1);
        self.push(text)
    }

    fn push(&mut self, text: impl Into<String>) -> Result<(), SyntaxError> {
        self.group()?.items.push(Item::atom(text));
        Ok(())
    }

    fn open(&mut self) -> Result<(), SyntaxError> {
        if !self.rest.starts_with("(?") {
            self.skip(1);
            return self.capture(String::new());
        }
        for opening in ["(?P<", "(?<"] {
            if let Some(after) = self.rest.strip_prefix(opening).filter(|after| !after.is_empty()) {
                let (name, rest) = after.split_once('>').ok_or("invalid named capture")?;
                self.rest = rest;
                return self.named(name);
            }
        }
        self.flag_group()
    }

    fn named(&mut self, name: &str) -> Result<(), SyntaxError> {
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name {
            return Err("invalid named capture");
        }
        self.capture(name.to_owned())
    }

    fn capture(&mut self, name: String) -> Result<(), SyntaxError> {
        self.names.push(name);
        self.start("(")
    }

    fn start(&mut self, opening: &'static str) -> Result<(), SyntaxError> {
        if self.groups.len() >= MAX_DEPTH {
            return Err("nested too deeply");
        }
        self.groups.push(Group::new(opening, self.flags));
        Ok(())
    }

    /// `(?i)` and `(?i-s:`, where at least one flag must follow the minus.
    fn flag_group(&mut self) -> Result<(), SyntaxError> {
        let mut flags = self.flags;
        let (mut on, mut saw_flag) = (true, false);
        let body = self.rest.get(2..).unwrap_or_default();
        for (index, c) in body.char_indices() {
            match c {
                'i' => flags.fold_case = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_newline = on,
                'U' => flags.non_greedy = on,
                '-' if on => {
                    (on, saw_flag) = (false, false);
                    continue;
                }
                ':' | ')' if on || saw_flag => {
                    self.rest = body.get(index + 1..).unwrap_or_default();
                    if c == ':' {
                        self.start("(?:")?;
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            }
            saw_flag = true;
        }
        Err("invalid or unsupported Perl syntax")
    }

    fn close(&mut self) -> Result<(), SyntaxError> {
        self.skip(1);
        let group = self.groups.pop().filter(|_| !self.groups.is_empty()).ok_or("unexpected )")?;
        self.flags = group.flags;
        let item = group.close()?;
        self.group()?.items.push(item);
        Ok(())
    }

    /// `{n}`, `{n,}` and `{n,m}`; any other brace is a literal.
    fn counted(&mut self, after_repeat: bool) -> Result<(), SyntaxError> {
        let Some((min, max, length)) = counts(self.rest) else {
            self.skip(1);
            return self.literal('{');
        };
        let largest = max.unwrap_or(min);
        if min > MAX_REPEAT || largest > MAX_REPEAT || max.is_some_and(|max| min > max) {
            return Err("invalid repeat count");
        }
        let text = match max {
            None => format!("{{{min},}}"),
            Some(max) => format!("{{{min},{max}}}"),
        };
        self.repeat(&text, Some(largest), length, after_repeat)
    }

    /// Repeats the last item; `count` is what the repetition multiplies by, if it is a counted one.
    fn repeat(
        &mut self,
        operator: &str,
        count: Option<u32>,
        length: usize,
        after_repeat: bool,
    ) -> Result<(), SyntaxError> {
        self.skip(length);
        let marked = self.rest.starts_with('?');
        if marked {
            self.skip(1);
        }
        if after_repeat {
            return Err("invalid nested repetition operator");
        }
        let lazy = if marked == self.flags.non_greedy { "" } else { "?" };
        let item = self.group()?.items.pop().ok_or("missing argument to repetition operator")?;
        let repeats = match count {
            // What is repeated no times has no repetitions in it.
            Some(0) if operator == "{0,0}" => 1,
            Some(count) => item.repeats.saturating_mul(count.max(1)),
            None => item.repeats,
        };
        if repeats > MAX_REPEAT && count.is_some_and(|count| count >= 2) {
            return Err("invalid repeat count");
        }
        let depth = item.depth + 1;
        if depth > MAX_DEPTH {
            return Err("nested too deeply");
        }
        self.group()?.items.push(Item { text: format!("(?:{}){operator}{lazy}", item.text), repeats, depth });
        self.after_repeat = true;
        Ok(())
    }

    fn group(&mut self) -> Result<&mut Group, SyntaxError> {
        self.groups.last_mut().ok_or("unexpected )")
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

/// The counts of a repetition in braces and its length; `None` where it is none. A count too large for Go is
/// one above the allowed.
fn counts(text: &str) -> Option<(u32, Option<u32>, usize)> {
    let inner = text.strip_prefix('{')?;
    let (inner, _) = inner.split_once('}')?;
    let length = inner.len() + 2;
    let (min, max) = match inner.split_once(',') {
        None => (count(inner)?, Some(count(inner)?)),
        Some((min, "")) => (count(min)?, None),
        Some((min, max)) => (count(min)?, Some(count(max)?)),
    };
    Some((min, max, length))
}

fn count(digits: &str) -> Option<u32> {
    let is_count = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'));
    is_count.then(|| digits.parse().unwrap_or(MAX_REPEAT + 1).min(MAX_REPEAT + 1))
}
