//! What a policy can be configured with, for people: a line for each parameter, as far as a line says it.

use serde_json::Value;

/// A line for each parameter of a schema, in the order of their names.
pub(super) fn lines(schema: &Value) -> Vec<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
    let line = |(name, schema): (&String, &Value)| line(name, schema, is_required(name));
    properties.into_iter().flatten().map(line).collect()
}

/// `label: string = "team"  The label that has to be there.`
fn line(name: &str, schema: &Value, is_required: bool) -> String {
    let default = match schema.get("default") {
        Some(default) => format!(" = {default}"),
        None if is_required => ", required".to_owned(),
        None => ", optional".to_owned(),
    };
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let gap = if description.is_empty() { "" } else { "  " };
    format!("{name}: {}{default}{gap}{description}", kind(schema))
}

fn kind(schema: &Value) -> String {
    let within = |field: &str| schema.get(field).filter(|inner| inner.is_object()).map(kind);
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => within("items").map_or("array".to_owned(), |items| format!("array of {items}")),
        Some("object") => {
            within("additionalProperties").map_or("object".to_owned(), |values| format!("object of {values}"))
        }
        Some(kind) => kind.to_owned(),
        None => "anything".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parameter_has_a_line() {
        let schema = json!({"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string", "description": "What it is called."},
            "tags": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
            "limits": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}},
            "any": {"x-kubernetes-preserve-unknown-fields": true},
        }});
        let expected = [
            "any: anything, optional",
            "limits: object of array of integer, optional",
            "name: string, required  What it is called.",
            "tags: array of string = [\"a\"]",
        ];
        assert_eq!(lines(&schema), expected);
        for schema in [json!(null), json!([]), json!({"type": "object"}), json!({"properties": 7})] {
            assert!(lines(&schema).is_empty());
        }
    }
}
