//! Rules that answer as the webhook itself would: `{"response": {"allowed": …, "status": …}}`, or what is inside
//! (<https://www.openpolicyagent.org/docs/kubernetes>).

use serde_json::Value;

use super::super::Metadata;
use crate::verdict::{Enforcement, Severity, Violation};

/// Reads the answer: one violation when the request is not allowed, and one that only warns for each warning.
///
/// # Errors
/// Says what is no such answer; one that cannot be read must not pass for "allowed".
pub fn violations(answer: &Value, metadata: &Metadata) -> Result<Vec<Violation>, String> {
    let response = answer.get("response").unwrap_or(answer);
    let allowed = response.get("allowed").and_then(Value::as_bool);
    let allowed = allowed.ok_or("the answer has no response.allowed that is true or false")?;
    let mut violations = warnings(response, metadata)?;
    if !allowed {
        violations.push(Violation::new(reason(response, metadata), metadata.severity, &metadata.errcode));
    }
    Ok(violations)
}

/// The text for the user; `reason` is where OPA's first examples had it.
fn reason(response: &Value, metadata: &Metadata) -> String {
    let text = |field: &str| response.pointer(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let reason = text("/status/message").or_else(|| text("/status/reason"));
    reason.map_or_else(|| format!("denied by {}, which gives no reason", metadata.name), str::to_owned)
}

fn warnings(response: &Value, metadata: &Metadata) -> Result<Vec<Violation>, String> {
    let warnings = match response.get("warnings") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(warnings) => warnings.as_array().ok_or("response.warnings is no list")?,
    };
    let warning = |text: &Value| {
        let text = text.as_str().ok_or("an element of response.warnings is no string")?;
        let enforcement = Enforcement::Warn;
        Ok(Violation { enforcement, ..Violation::new(text, Severity::Low, &metadata.errcode) })
    };
    warnings.iter().map(warning).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::Annotations;

    #[test]
    fn the_response_decides() {
        let metadata = Metadata::annotated(&Annotations::default(), "system", "OPA").unwrap();
        for (answer, expected) in [
            (json!({"response": {"allowed": true}}), vec![]),
            (json!({"allowed": false, "status": {"reason": "no"}}), vec!["no"]),
            (
                json!({"kind": "AdmissionReview", "response": {"allowed": false, "status": {"message": "m"}}}),
                vec!["m"],
            ),
            (json!({"response": {"allowed": false}}), vec!["denied by system, which gives no reason"]),
            (json!({"response": {"allowed": true, "warnings": ["w"]}}), vec!["w"]),
        ] {
            let found = violations(&answer, &metadata).unwrap();
            assert_eq!(found.iter().map(|found| found.message.as_str()).collect::<Vec<_>>(), expected);
        }
        for answer in [
            json!({}),
            json!(true),
            json!({"response": {"allowed": "yes"}}),
            json!({"response": {"allowed": true, "warnings": [1]}}),
        ] {
            assert!(violations(&answer, &metadata).is_err(), "{answer}");
        }
    }
}
