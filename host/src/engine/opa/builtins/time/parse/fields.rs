//! The text of a time, read from its front: each function takes one kind of field, or nothing and fails.
//!
//! The rules are those of Go's `time.Parse` (<https://pkg.go.dev/time#Parse>), the lenient ones included: a sign
//! within a two-digit year or a fraction of fixed width, and offsets of 24 hours or 60 minutes. The text is
//! taken as bytes, since a field may end within a character and fails only then.

use crate::engine::opa::builtins::time::layout::{OffsetForm, Pad};

/// What is left of the text.
pub(super) struct Text<'t> {
    rest: &'t [u8],
}

// === impl Text ===

impl<'t> Text<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { rest: text.as_bytes() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn take_prefix(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix.as_bytes());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes the literal text of a layout; a run of blanks fits any run of blanks, and none at the end.
    pub(super) fn skip(&mut self, literal: &str) -> Option<()> {
        let mut literal = literal.as_bytes();
        while let Some((&wanted, tail)) = literal.split_first() {
            let found = self.rest.first().copied();
            if wanted == b' ' {
                if found.is_some_and(|byte| byte != b' ') {
                    return None;
                }
                literal = after_blanks(literal);
                self.rest = after_blanks(self.rest);
            } else {
                if found != Some(wanted) {
                    return None;
                }
                literal = tail;
                self.take(1)?;
            }
        }
        Some(())
    }

    pub(super) fn skip_blanks(&mut self, most: usize) {
        for _ in 0..most {
            self.take_prefix(" ");
        }
    }

    pub(super) fn year(&mut self, long: bool) -> Option<i64> {
        if !long {
            let year = signed(self.take(2)?)?;
            return Some(if year >= 69 { year + 1900 } else { year + 2000 });
        }
        if self.leading_digits(1) == 0 {
            return None;
        }
        signed(self.take(4)?)
    }

    /// One digit or two; exactly two where zeros fill up.
    pub(super) fn two_digits(&mut self, pad: Pad) -> Option<i64> {
        self.number(2, pad)
    }

    /// One digit to three; exactly three where zeros fill up.
    pub(super) fn three_digits(&mut self, pad: Pad) -> Option<i64> {
        self.number(3, pad)
    }

    /// The index of the name that the text begins with, whatever the case; `length` bytes of it count.
    pub(super) fn name(&mut self, names: &[&str], length: usize) -> Option<i64> {
        for (index, name) in names.iter().enumerate() {
            let name = name.get(..length).unwrap_or(name).as_bytes();
            if self.rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                self.take(name.len())?;
                return i64::try_from(index).ok();
            }
        }
        None
    }

    /// How many digits follow a separator at the front.
    pub(super) fn fraction_digits(&self) -> usize {
        match self.rest.split_first() {
            Some((b'.' | b',', tail)) => tail.iter().take_while(|byte| byte.is_ascii_digit()).count(),
            _ => 0,
        }
    }

    /// The nanoseconds of a separator and so many digits; those after the ninth are cut.
    pub(super) fn fraction(&mut self, digits: usize) -> Option<i64> {
        let (separator, all) = self.take(digits.checked_add(1)?)?.split_first()?;
        if !matches!(separator, b'.' | b',') {
            return None;
        }
        let kept = all.get(..9).unwrap_or(all);
        let value = signed(kept).filter(|&value| value >= 0)?;
        Some((kept.len()..9).fold(value, |value, _| value * 10))
    }

    pub(super) fn offset(&mut self, form: OffsetForm) -> Option<i64> {
        let sign = match self.take(1)? {
            b"+" => 1,
            b"-" => -1,
            _ => return None,
        };
        let mut seconds = 0;
        for (index, (most, worth)) in [(24, 3600), (60, 60), (60, 1)].into_iter().take(form.parts).enumerate()
        {
            if index > 0 && form.colons && !self.take_prefix(":") {
                return None;
            }
            seconds += self.two_digits(Pad::Zero).filter(|&part| part <= most)? * worth;
        }
        Some(sign * seconds)
    }

    /// What looks like a zone's abbreviation.
    pub(super) fn zone_name(&mut self) -> Option<()> {
        let length = match self.rest {
            [b'C', b'h', b'S', b'T', ..] | [b'M', b'e', b'S', b'T', ..] => 4,
            [b'G', b'M', b'T', tail @ ..] => 3 + signed_hours(tail),
            // Fewer than three bytes are never a zone, whatever they are.
            [b'+' | b'-', _, _, ..] => Some(signed_hours(self.rest)).filter(|&length| length > 0)?,
            rest => upper_case_name(rest)?,
        };
        self.take(length).map(drop)
    }

    fn number(&mut self, most: usize, pad: Pad) -> Option<i64> {
        let digits = self.leading_digits(most);
        if digits == 0 || (pad == Pad::Zero && digits < most) {
            return None;
        }
        signed(self.take(digits)?)
    }

    fn leading_digits(&self, most: usize) -> usize {
        self.rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count()
    }
}

fn after_blanks(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| byte == b' ').count();
    text.get(blanks..).unwrap_or_default()
}

/// A number of few digits with an optional sign. Nothing at all is zero, as in Go.
fn signed(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text.split_first() {
        Some((b'-', digits)) => (-1, digits),
        Some((b'+', digits)) => (1, digits),
        _ => (1, text),
    };
    digits
        .iter()
        .try_fold(0_i64, |value, digit| digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0')))
        .map(|value| sign * value)
}

/// The length of a sign and a number of at most 23, or 0.
fn signed_hours(text: &[u8]) -> usize {
    let Some((b'+' | b'-', tail)) = text.split_first() else { return 0 };
    let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let significant = tail.get(..digits).unwrap_or_default().iter().skip_while(|&&digit| digit == b'0');
    let hours = significant.take(3).fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    if digits > 0 && hours <= 23 { 1 + digits } else { 0 }
}

/// The length of a name of three capitals, or of four or five that end in `T`; `WITA` is one, too.
fn upper_case_name(text: &[u8]) -> Option<usize> {
    let capitals = text.iter().take(6).take_while(|byte| byte.is_ascii_uppercase()).count();
    match (capitals, text) {
        (3, _) | (4, [b'W', b'I', b'T', b'A', ..] | [_, _, _, b'T', ..]) | (5, [_, _, _, _, b'T', ..]) => {
            Some(capitals)
        }
        _ => None,
    }
}
