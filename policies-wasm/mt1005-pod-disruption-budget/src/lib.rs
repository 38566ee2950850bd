//! MT1005: a budget in percent follows the size of the workload; one that is too strict blocks node
//! maintenance, one that is too loose protects nothing.

use std::ops::RangeInclusive;

use magtape_sdk::{Content, Document, Error, Metadata, Policy, Severity, Violation, export};

struct Pdb;

impl Policy for Pdb {
    const METADATA: Metadata = Metadata::new("policy-pdb", Severity::High, "MT1005")
        .targets(&["PodDisruptionBudget"])
        .title("Pod disruption budget")
        .description(
            "A budget in percent follows the size of the workload; one that is too strict blocks node maintenance, \
             one that is too loose protects nothing.",
        );
    type Parameters = ();

    /// The ranges leave room for both maintenance and availability.
    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let budgets = [("maxUnavailable", 33..=100), ("minAvailable", 0..=66)];
        Ok(budgets.into_iter().filter_map(|(field, allowed)| violation(document, field, &allowed)).collect())
    }
}

export!(Pdb);

fn violation(document: &Document, field: &str, allowed: &RangeInclusive<u32>) -> Option<Violation> {
    let pointer = ["/object/spec/", field].concat();
    let text = match document.request().read(&pointer)? {
        Content::Text(value) if value.contains('%') => out_of_range(&value, field, allowed)?,
        _ => {
            let value = document.request().show(&pointer);
            ["Value \"", &value, "\" for \"", field, "\" should be a Percentage, not an Integer"].concat()
        }
    };
    Some(Violation::new(text).field(["spec.", field].concat()))
}

/// The API server refuses what is no percentage, so that is not judged here.
fn out_of_range(value: &str, field: &str, allowed: &RangeInclusive<u32>) -> Option<String> {
    let percent = Decimal::parse(value.strip_suffix('%').unwrap_or(value))?;
    let (from, to) = (allowed.start(), allowed.end());
    let shown = percent.shown();
    let text = || format!("Value ({shown}%) for \"{field}\" not within range {from}%-{to}%");
    (!percent.is_within(allowed)).then(text)
}

/// A number as its digits, so that it may have any length: no zeros in front of the whole part or behind the
/// fraction.
struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

// === impl Decimal ===

impl<'a> Decimal<'a> {
    /// An optional sign, digits and an optional fraction; nothing else, such as an exponent.
    fn parse(text: &'a str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let are_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        let is_empty = whole.is_empty() && fraction.is_empty();
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        (are_digits && !is_empty).then_some(Self { negative: text.starts_with('-'), whole, fraction })
    }

    /// Only zero is at once negative and within a range, which has whole ends and begins at zero or above.
    fn is_within(&self, range: &RangeInclusive<u32>) -> bool {
        let whole = if self.whole.is_empty() { 0 } else { self.whole.parse().unwrap_or(u32::MAX) };
        let is_whole = self.fraction.is_empty();
        range.contains(&whole)
            && (is_whole || whole < *range.end())
            && (!self.negative || whole == 0 && is_whole)
    }

    fn shown(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { self.whole };
        let point = if self.fraction.is_empty() { "" } else { "." };
        [sign, whole, point, self.fraction].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<Pdb>(include_str!("../../../testing/cases/mt1005-pod-disruption-budget.yaml"));
    }
}
