//! Label selectors (<https://kubernetes.io/docs/concepts/overview/working-with-objects/labels#label-selectors>).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    error::GatekeeperError,
    field::Field,
    names::{is_label_key, is_label_value},
};

/// Labels by their keys.
pub(super) type Labels<'v> = BTreeMap<&'v str, &'v str>;

/// Conditions that must all hold; without any, all objects are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selector(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    condition: Condition,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    In(BTreeSet<String>),
    /// Holds for objects without the label too.
    NotIn(BTreeSet<String>),
    Exists,
    DoesNotExist,
}

// === impl Selector ===

impl Selector {
    /// Reads a selector; `None` if there is none.
    pub(super) fn parse(field: &Field<'_>) -> Result<Option<Self>, GatekeeperError> {
        if field.value().is_none() {
            return Ok(None);
        }
        field.only(&["matchLabels", "matchExpressions"])?;
        let labels = field.get("matchLabels")?.fields()?.into_iter();
        let labels = labels.map(|(key, value)| label(key, &value));
        let expressions = field.get("matchExpressions")?.items()?.into_iter();
        let expressions = expressions.map(|item| expression(&item));
        labels.chain(expressions).collect::<Result<_, _>>().map(|all| Some(Self(all)))
    }

    pub(super) fn matches(&self, labels: &Labels<'_>) -> bool {
        self.0.iter().all(|requirement| requirement.holds(labels.get(requirement.key.as_str()).copied()))
    }
}

/// The labels of an object. Where one of them is no string, Gatekeeper sees none, and so does the API server, which
/// stores no such object.
pub(super) fn labels(object: &Value) -> Labels<'_> {
    let labels = object.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
    let labels = labels.map(|(key, value)| Some((key.as_str(), value.as_str()?)));
    labels.collect::<Option<_>>().unwrap_or_default()
}

fn label(key: &str, field: &Field<'_>) -> Result<Requirement, GatekeeperError> {
    let key = checked_key(key, field)?;
    let value = field.text()?.ok_or_else(|| field.must_be("a string"))?;
    Ok(Requirement { key, condition: Condition::In([checked_value(value, field)?].into()) })
}

fn expression(field: &Field<'_>) -> Result<Requirement, GatekeeperError> {
    field.only(&["key", "operator", "values"])?;
    let key = field.get("key")?;
    let key = checked_key(key.required()?, &key)?;
    let operator = field.get("operator")?;
    let values = field.get("values")?;
    let some = || set(&values, true);
    let none = || set(&values, false);
    let condition = match operator.required()? {
        "In" => Condition::In(some()?),
        "NotIn" => Condition::NotIn(some()?),
        "Exists" => none().map(|_| Condition::Exists)?,
        "DoesNotExist" => none().map(|_| Condition::DoesNotExist)?,
        _ => return Err(operator.must_be("In, NotIn, Exists or DoesNotExist")),
    };
    Ok(Requirement { key, condition })
}

fn set(values: &Field<'_>, wanted: bool) -> Result<BTreeSet<String>, GatekeeperError> {
    let items = values.texts()?;
    match (items.is_empty(), wanted) {
        (true, true) => Err(values.wrong("must have at least one value for this operator")),
        (false, false) => Err(values.wrong("must be empty for this operator")),
        _ => items.iter().map(|value| checked_value(value, values)).collect(),
    }
}

fn checked_key(key: &str, field: &Field<'_>) -> Result<String, GatekeeperError> {
    let error = || field.wrong(format!("{key:?} is no label's key"));
    is_label_key(key).then(|| key.to_owned()).ok_or_else(error)
}

fn checked_value(value: &str, field: &Field<'_>) -> Result<String, GatekeeperError> {
    let error = || field.wrong(format!("{value:?} is no label's value"));
    is_label_value(value).then(|| value.to_owned()).ok_or_else(error)
}

// === impl Requirement ===

impl Requirement {
    fn holds(&self, value: Option<&str>) -> bool {
        match &self.condition {
            Condition::In(values) => value.is_some_and(|value| values.contains(value)),
            Condition::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Condition::Exists => value.is_some(),
            Condition::DoesNotExist => value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn selector(selector: Value) -> Result<Option<Selector>, GatekeeperError> {
        let document = json!({ "selector": selector });
        Selector::parse(&Field::document(&document)?.get("selector")?)
    }

    #[test]
    fn operators_are_those_of_kubernetes() {
        let expression = |operator: &str, values: Value| {
            let expression = json!({"key": "app", "operator": operator, "values": values});
            json!({ "matchExpressions": [expression] })
        };
        for (rule, with_a, with_b, without) in [
            (json!({}), true, true, true),
            (json!({"matchLabels": {"app": "a"}}), true, false, false),
            (json!({"matchLabels": {"app": "a", "x": "y"}}), false, false, false),
            (expression("In", json!(["a", "c"])), true, false, false),
            (expression("NotIn", json!(["a", "c"])), false, true, true),
            (expression("Exists", json!([])), true, true, false),
            (expression("DoesNotExist", json!(null)), false, false, true),
        ] {
            let selector = selector(rule.clone()).unwrap().unwrap();
            let matches = |object: Value| selector.matches(&labels(&object));
            assert_eq!(matches(json!({"metadata": {"labels": {"app": "a"}}})), with_a, "{rule}");
            assert_eq!(matches(json!({"metadata": {"labels": {"app": "b"}}})), with_b, "{rule}");
            assert_eq!(matches(json!({"metadata": {}})), without, "{rule}");
        }
        assert_eq!(selector(json!(null)).unwrap(), None);
    }

    #[test]
    fn labels_that_are_no_strings_are_none() {
        assert!(labels(&json!({"metadata": {"labels": {"a": "b", "c": 1}}})).is_empty());
    }

    #[test]
    fn what_selects_nothing_sensible_is_refused() {
        let expression = |expression: Value| json!({ "matchExpressions": [expression] });
        for (rule, expected) in [
            (json!(3), "selector: must be an object, is the number 3"),
            (
                json!({"matchLabel": {}}),
                "selector.matchLabel: is not known here; there is matchLabels, matchExpressions",
            ),
            (json!({"matchLabels": 3}), "selector.matchLabels: must be an object, is the number 3"),
            (json!({"matchLabels": {"a": 1}}), "selector.matchLabels.a: must be a string, is the number 1"),
            (
                json!({"matchLabels": {"a b": "c"}}),
                "selector.matchLabels[\"a b\"]: \"a b\" is no label's key",
            ),
            (
                expression(json!({"key": "a", "operator": "Something Bad"})),
                "selector.matchExpressions[0].operator: must be In, NotIn, Exists or DoesNotExist, is the string \
                 \"Something Bad\"",
            ),
            (
                expression(json!({"key": "a", "operator": "In"})),
                "selector.matchExpressions[0].values: must have at least one value for this operator",
            ),
            (
                expression(json!({"key": "a", "operator": "Exists", "values": ["a"]})),
                "selector.matchExpressions[0].values: must be empty for this operator",
            ),
            (
                expression(json!({"key": "a", "operator": "In", "values": ["some value"]})),
                "selector.matchExpressions[0].values: \"some value\" is no label's value",
            ),
            (
                expression(json!({"operator": "Exists"})),
                "selector.matchExpressions[0].key: must be a string that is not empty, is missing",
            ),
        ] {
            assert_eq!(selector(rule).unwrap_err().to_string(), expected);
        }
    }
}
