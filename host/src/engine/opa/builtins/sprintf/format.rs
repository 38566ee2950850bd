//! The format: reads flags, `[n]`, width, precision and verb of each directive, and prints the argument.
//!
//! <https://pkg.go.dev/fmt> defines the grammar, and what a mistake looks like: `%!d(BADINDEX)`,
//! `%!(BADWIDTH)`, `%!(BADPREC)`, `%!(NOVERB)`, `%!v(MISSING)` and `%!(EXTRA int64=1)`. The time is linear in
//! the length of the format and the answer.

use super::{Arg, flags::Flags};
use crate::engine::opa::builtins::{BuiltinError, output::Output};

/// Go takes no larger width, precision or argument number.
const MAX_NUMBER: usize = 1_000_000;

struct Printer<'f, 'v> {
    rest: &'f str,
    args: &'f [Arg<'v>],
    next_arg: usize,
    /// An `[n]` was seen anywhere, after which unused arguments are no mistake.
    reordered: bool,
    /// The `[n]` of this directive are all well-formed and in the right places.
    good_index: bool,
    /// The last thing read was an `[n]`.
    after_index: bool,
    /// No `]` comes any more, which is looked for once only.
    no_bracket: bool,
    out: Output,
}

/// What `fmt.Sprintf` answers, in at most `limit` bytes.
pub(in crate::engine::opa::builtins) fn sprintf(
    format: &str,
    args: &[Arg<'_>],
    limit: usize,
) -> Result<String, BuiltinError> {
    let mut printer = Printer {
        rest: format,
        args,
        next_arg: 0,
        reordered: false,
        good_index: true,
        after_index: false,
        no_bracket: false,
        out: Output::new(limit),
    };
    while let Some((literal, rest)) = printer.rest.split_once('%') {
        printer.out.push(literal)?;
        printer.rest = rest;
        printer.directive()?;
    }
    printer.out.push(printer.rest)?;
    printer.extra()?;
    Ok(printer.out.into_text())
}

// === impl Printer ===

impl Printer<'_, '_> {
    fn directive(&mut self) -> Result<(), BuiltinError> {
        self.good_index = true;
        self.after_index = false;
        let mut flags = self.flags();
        self.index();
        self.width(&mut flags)?;
        self.precision(&mut flags)?;
        if !self.after_index {
            self.index();
        }
        let Some(verb) = self.rest.chars().next() else { return self.out.push("%!(NOVERB)") };
        self.take(verb);
        match self.args.get(self.next_arg) {
            _ if verb == '%' => self.out.push("%"),
            _ if !self.good_index => self.mistake(verb, "(BADINDEX)"),
            None => self.mistake(verb, "(MISSING)"),
            Some(arg) => {
                if matches!(verb, 'v' | 'w') {
                    flags.sharp_v = std::mem::take(&mut flags.sharp);
                    flags.plus_v = std::mem::take(&mut flags.plus);
                }
                self.next_arg += 1;
                arg.print(verb, &flags, &mut self.out)
            }
        }
    }

    fn flags(&mut self) -> Flags {
        let mut flags = Flags::default();
        while let Some(c) = self.rest.chars().next() {
            match c {
                '#' => flags.sharp = true,
                '0' => flags.zero = true,
                '+' => flags.plus = true,
                '-' => flags.minus = true,
                ' ' => flags.space = true,
                _ => break,
            }
            self.take(c);
        }
        flags
    }

    fn width(&mut self, flags: &mut Flags) -> Result<(), BuiltinError> {
        if !self.take('*') {
            flags.width = self.number();
            // `%[3]2d`: the index belongs in front of the verb.
            self.good_index &= !(self.after_index && flags.width.is_some());
            return Ok(());
        }
        self.after_index = false;
        let Some(width) = self.number_from_arg() else { return self.out.push("%!(BADWIDTH)") };
        if width < 0 {
            flags.minus = true;
            flags.zero = false;
        }
        flags.width = usize::try_from(width.unsigned_abs()).ok();
        Ok(())
    }

    fn precision(&mut self, flags: &mut Flags) -> Result<(), BuiltinError> {
        // A point at the very end is taken for the verb.
        if self.rest.len() < 2 || !self.take('.') {
            return Ok(());
        }
        self.good_index &= !self.after_index;
        self.index();
        if !self.take('*') {
            flags.precision = Some(self.number().unwrap_or(0));
            return Ok(());
        }
        self.after_index = false;
        flags.precision = self.number_from_arg().and_then(|precision| usize::try_from(precision).ok());
        if flags.precision.is_none() { self.out.push("%!(BADPREC)") } else { Ok(()) }
    }

    /// A decimal number. One that is too large is no number, and eats the rest of the format.
    fn number(&mut self) -> Option<usize> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let (digits, rest) = self.rest.split_at_checked(self.rest.len() - rest.len())?;
        let Some(number) = small_number(digits) else {
            self.rest = if digits.is_empty() { rest } else { "" };
            return None;
        };
        self.rest = rest;
        Some(number)
    }

    /// The value of a `*`.
    fn number_from_arg(&mut self) -> Option<i64> {
        let arg = self.args.get(self.next_arg)?;
        self.next_arg += 1;
        arg.as_int().filter(|int| int.unsigned_abs() <= MAX_NUMBER as u64)
    }

    /// An `[n]`, if there is one here: the argument that comes next.
    fn index(&mut self) {
        self.after_index = false;
        if !self.take('[') {
            return;
        }
        self.reordered = true;
        // Go wants at least one byte in front of the bracket at the end of a format.
        let closed = if self.no_bracket || self.rest.len() < 2 { None } else { self.rest.split_once(']') };
        let Some((digits, rest)) = closed else {
            self.no_bracket = true;
            self.good_index = false;
            return;
        };
        self.rest = rest;
        let number = small_number(digits);
        self.after_index = number.is_some();
        match number.and_then(|number| number.checked_sub(1)).filter(|&index| index < self.args.len()) {
            Some(index) => self.next_arg = index,
            None => self.good_index = false,
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn mistake(&mut self, verb: char, what: &str) -> Result<(), BuiltinError> {
        self.out.push("%!")?;
        self.out.push_char(verb)?;
        self.out.push(what)
    }

    /// Names the arguments that no directive used.
    fn extra(&mut self) -> Result<(), BuiltinError> {
        let unused = self.args.get(self.next_arg..).unwrap_or_default();
        if self.reordered || unused.is_empty() {
            return Ok(());
        }
        self.out.push("%!(EXTRA ")?;
        for (index, arg) in unused.iter().enumerate() {
            self.out.push(if index > 0 { ", " } else { "" })?;
            arg.print_typed(&Flags::default(), &mut self.out)?;
        }
        self.out.push(")")
    }
}

/// The number that ASCII digits spell, as Go reads it: the check comes before each digit but not after the last,
/// so that up to 10000009 passes.
fn small_number(digits: &str) -> Option<usize> {
    if digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0, |number: usize, digit| {
        (digit.is_ascii_digit() && number <= MAX_NUMBER).then(|| number * 10 + usize::from(digit - b'0'))
    })
}
