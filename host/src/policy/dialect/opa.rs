//! Plain OPA admission policies: `deny[msg]`, where `msg` is a text or an object with one
//! (<https://www.openpolicyagent.org/docs/kubernetes>).

use serde_json::Value;

use super::super::Metadata;
use crate::verdict::Violation;

/// Reads the answer of `deny`: the messages, as an array. An object may have `severity`, `errcode`, `field` and
/// `details` of its own.
///
/// # Errors
/// Says what is no message; an answer that cannot be read must not pass for "nothing found".
pub fn violations(answer: &Value, metadata: &Metadata) -> Result<Vec<Violation>, String> {
    let messages = answer.as_array().ok_or("deny is no set")?;
    messages.iter().map(|message| violation(message, metadata)).collect()
}

fn violation(message: &Value, metadata: &Metadata) -> Result<Violation, String> {
    if let Value::String(message) = message {
        return Ok(Violation::new(message, metadata.severity, &metadata.errcode));
    }
    let text = |field: &str| match message.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(format!("an element of deny has a {field} that is no string")),
    };
    let msg = text("msg")?.ok_or("an element of deny is neither a string nor an object with msg")?;
    let severity = match text("severity")? {
        Some(severity) => severity.parse().map_err(|error| format!("an element of deny: {error}"))?,
        None => metadata.severity,
    };
    Ok(Violation {
        field: text("field")?.map(str::to_owned),
        details: message.get("details").cloned(),
        ..Violation::new(msg, severity, text("errcode")?.unwrap_or(&metadata.errcode))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{policy::Annotations, verdict::Severity};

    #[test]
    fn texts_and_objects_are_messages() {
        let metadata = Metadata::annotated(&Annotations::default(), "p", "OPA").unwrap();
        let answer = json!(["plain", {"msg": "object", "severity": "LOW", "field": "spec", "details": [1]}]);
        let found = violations(&answer, &metadata).unwrap();
        assert_eq!((found[0].message.as_str(), found[0].severity), ("plain", Severity::High));
        assert_eq!((found[1].message.as_str(), found[1].severity), ("object", Severity::Low));
        assert_eq!((found[1].field.as_deref(), &found[1].details), (Some("spec"), &Some(json!([1]))));
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_an_error() {
        let metadata = Metadata::annotated(&Annotations::default(), "p", "OPA").unwrap();
        for answer in [
            json!(true),
            json!({}),
            json!([1]),
            json!([{"message": "m"}]),
            json!([{"msg": "m", "severity": "x"}]),
        ] {
            assert!(violations(&answer, &metadata).is_err(), "{answer}");
        }
    }
}
