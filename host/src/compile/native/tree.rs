//! Reads OPA's syntax trees.

use serde_json::Value;

/// The elements of a list; none of anything else.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The value of a term, if it is of that type.
pub(super) fn of_type<'v>(term: &'v Value, name: &str) -> Option<&'v str> {
    let is_it = term.get("type").is_some_and(|own| own == name);
    term.get("value").filter(|_| is_it).and_then(Value::as_str)
}

/// A path, up to the first part that is not a plain name.
pub(super) fn ground<'v>(terms: impl Iterator<Item = &'v Value>) -> Vec<String> {
    terms.map_while(|term| of_type(term, "string")).map(str::to_owned).collect()
}
