//! MagTape's dialect: package `kubernetes.admission.<tail>` with `policy_metadata`, `matches` and `deny[info]`.

use serde_json::Value;

use super::super::Metadata;
use crate::verdict::{Severity, Violation};

/// The entrypoints of one policy, each as the module's `E`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MagTape<E> {
    /// An object: name, severity, errcode, targets.
    pub metadata: E,
    /// `true` when the policy applies to the request.
    pub matches: E,
    /// The set of violations.
    pub deny: E,
}

/// Reads the answer of `deny`: the infos, as an array.
///
/// # Errors
/// Says what is no violation; an answer that cannot be read must not pass for "nothing found".
pub fn violations(answer: &Value, metadata: &Metadata) -> Result<Vec<Violation>, String> {
    let infos = answer.as_array().ok_or("deny is no set")?;
    infos.iter().map(|info| violation(info, metadata)).collect()
}

fn violation(info: &Value, metadata: &Metadata) -> Result<Violation, String> {
    let text = |field: &str| match info.get(field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(format!("an element of deny has a {field} that is no string")),
    };
    let message = text("msg")?.ok_or("an element of deny has no msg")?;
    let stated = match text("severity")? {
        Some(severity) => severity.parse().map_err(|error| format!("an element of deny: {error}"))?,
        None => metadata.severity,
    };
    // The original decided by the text alone, so where text and field disagree the graver one holds.
    let severity = Severity::claimed_by(message).map_or(stated, |claimed| claimed.max(stated));
    let errcode = text("errcode")?.unwrap_or(&metadata.errcode);
    Ok(Violation::new(message, severity, errcode))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::Annotations;

    #[test]
    fn the_graver_of_text_and_field_holds() {
        let metadata = Metadata::parse(
            &json!({"name": "n", "severity": "LOW", "errcode": "MT1"}),
            &Annotations::default(),
        )
        .unwrap();
        for (info, severity) in [
            (json!({"msg": "[FAIL] HIGH - x", "severity": "LOW"}), Severity::High),
            (json!({"msg": "[FAIL] LOW - x", "severity": "MED"}), Severity::Med),
            (json!({"msg": "no prefix"}), Severity::Low),
        ] {
            let found = violations(&json!([info]), &metadata).unwrap();
            assert_eq!((found[0].severity, found[0].errcode.as_str()), (severity, "MT1"));
        }
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_an_error() {
        let metadata = Metadata::parse(
            &json!({"name": "n", "severity": "LOW", "errcode": "MT1"}),
            &Annotations::default(),
        )
        .unwrap();
        for answer in [
            json!({}),
            json!("x"),
            json!([1]),
            json!([{"msg": 1}]),
            json!([{"msg": "m", "severity": "x"}]),
            json!([{"msg": "m", "severity": 3}]),
            json!([{"msg": "m", "errcode": null}]),
            json!([{"severity": "LOW"}]),
        ] {
            assert!(violations(&answer, &metadata).is_err(), "{answer}");
        }
    }
}
