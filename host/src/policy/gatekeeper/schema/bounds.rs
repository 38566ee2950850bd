//! The limits of a schema: of numbers, lengths and counts.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

/// Limits of one value; those of other types than its own do not apply.
#[derive(Clone, Debug, Default)]
pub(super) struct Bounds {
    pub(super) minimum: Option<Number>,
    pub(super) maximum: Option<Number>,
    pub(super) exclusive_minimum: bool,
    pub(super) exclusive_maximum: bool,
    pub(super) multiple_of: Option<Number>,
    /// In characters.
    pub(super) length: Range,
    pub(super) items: Range,
    pub(super) unique_items: bool,
    pub(super) properties: Range,
}

/// The least and the most of something.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Range {
    pub(super) least: Option<u64>,
    pub(super) most: Option<u64>,
}

// === impl Bounds ===

impl Bounds {
    /// What is expected of a number and does not hold.
    pub(super) fn of_number(&self, number: &Number) -> Option<String> {
        let is_low = |least: &&Number| is_beyond(number, least, Ordering::Less, self.exclusive_minimum);
        if let Some(least) = self.minimum.as_ref().filter(is_low) {
            return Some(format!(
                "{} {least}",
                if self.exclusive_minimum { "more than" } else { "at least" }
            ));
        }
        let is_high = |most: &&Number| is_beyond(number, most, Ordering::Greater, self.exclusive_maximum);
        if let Some(most) = self.maximum.as_ref().filter(is_high) {
            return Some(format!("{} {most}", if self.exclusive_maximum { "less than" } else { "at most" }));
        }
        let factor = self.multiple_of.as_ref().filter(|factor| !is_multiple(number, factor));
        factor.map(|factor| format!("a multiple of {factor}"))
    }

    /// What is expected of a text and does not hold.
    pub(super) fn of_text(&self, text: &str) -> Option<String> {
        self.length.violated_by(text.chars().count()).map(|bound| format!("{bound} characters long"))
    }

    /// What is expected of a list and does not hold.
    pub(super) fn of_list(&self, items: &[Value]) -> Option<String> {
        if self.unique_items && has_twins(items) {
            return Some("a list without duplicates".to_owned());
        }
        self.items.violated_by(items.len()).map(|bound| format!("a list of {bound} elements"))
    }

    /// What is expected of an object and does not hold.
    pub(super) fn of_object(&self, fields: &Map<String, Value>) -> Option<String> {
        self.properties.violated_by(fields.len()).map(|bound| format!("an object of {bound} fields"))
    }
}

// === impl Range ===

impl Range {
    fn violated_by(self, count: usize) -> Option<String> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let least = self.least.filter(|least| count < *least).map(|least| format!("at least {least}"));
        least.or_else(|| self.most.filter(|most| count > *most).map(|most| format!("at most {most}")))
    }
}

/// Equal as far as enumerations are concerned: `1` is `1.0`.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compare(one, other) == Some(Ordering::Equal),
        _ => one == other,
    }
}

fn is_beyond(number: &Number, bound: &Number, side: Ordering, exclusive: bool) -> bool {
    let order = compare(number, bound);
    order == Some(side) || (exclusive && order == Some(Ordering::Equal))
}

/// Whole numbers are compared exactly.
fn compare(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

/// Fractions are multiples up to the error of their division, as in the API server.
fn is_multiple(number: &Number, factor: &Number) -> bool {
    const ERROR: f64 = 1e-9;
    match (number.as_i128(), factor.as_i128()) {
        (Some(number), Some(factor)) => number.checked_rem(factor) == Some(0),
        _ => {
            let quotient = number.as_f64().zip(factor.as_f64()).map(|(number, factor)| number / factor);
            quotient.is_some_and(|quotient| {
                (quotient - quotient.round()).abs() <= ERROR * quotient.abs().max(1.0)
            })
        }
    }
}

fn has_twins(items: &[Value]) -> bool {
    let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
    texts.sort_unstable();
    texts.windows(2).any(|pair| pair.first() == pair.last())
}
