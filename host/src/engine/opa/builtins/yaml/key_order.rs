//! The order of the keys of a mapping: go-yaml's, in which digits count as numbers.
//!
//! Its rule is not an order in the strict sense, so the sorting is done by hand: the standard library may panic
//! over such a rule.

use std::cmp::Ordering;

use crate::engine::opa::value::Value;

type Entry<'v> = (String, &'v Value);

/// Sorts entries by their keys.
pub(super) fn sort(mut entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    if entries.len() < 2 {
        return entries;
    }
    let right = sort(entries.split_off(entries.len() / 2));
    let mut left = sort(entries).into_iter().peekable();
    let mut right = right.into_iter().peekable();
    let mut merged = Vec::with_capacity(left.len() + right.len());
    loop {
        let from_right = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => is_less(&b.0, &a.0),
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => return merged,
        };
        merged.extend(if from_right { right.next() } else { left.next() });
    }
}

/// Whether `a` comes before `b`.
fn is_less(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut after_digit = false;
    for (index, (x, y)) in a.iter().zip(&b).enumerate() {
        if x == y {
            after_digit = is_digit(*x);
            continue;
        }
        return match (x.is_alphabetic(), y.is_alphabetic()) {
            (true, true) => x < y,
            // A number goes on, or a letter comes first.
            (true, false) => after_digit,
            (false, true) => !after_digit,
            (false, false) => compare_numbers(&a, &b, index) == Ordering::Less,
        };
    }
    a.len() < b.len()
}

/// Compares what differs from an index on, which are no two letters, by the numbers that stand there.
fn compare_numbers(a: &[char], b: &[char], index: usize) -> Ordering {
    let starts = [a, b].map(|text| text.get(index).copied());
    let digits_before = a.iter().take(index).rev().take_while(|c| is_digit(**c));
    // Zeros in the middle of a number are not leading ones.
    let start = i64::from(starts.contains(&Some('0')) && digits_before.into_iter().any(|c| *c != '0'));
    let (x, x_end) = number(a, index, start);
    let (y, y_end) = number(b, index, start);
    x.cmp(&y).then(x_end.cmp(&y_end)).then(starts[0].cmp(&starts[1]))
}

fn number(text: &[char], index: usize, start: i64) -> (i64, usize) {
    let digits = text.iter().skip(index).take_while(|c| is_digit(**c));
    digits.fold((start, index), |(number, end), c| {
        let digit = i64::from(u32::from(*c)) - i64::from(u32::from('0'));
        (number.wrapping_mul(10).wrapping_add(digit), end + 1)
    })
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || !c.is_ascii() && c.is_numeric()
}
