//! Gatekeeper's rule: `violation[{"msg": …, "details": …}]`
//! (<https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates>).

use serde_json::Value;

use super::super::Metadata;
use crate::verdict::{Enforcement, Violation};

/// Reads the answer of `violation`, an array. Each text is shown as Gatekeeper shows it, with the constraint's name
/// before it. As in Gatekeeper, an object without `msg` is no violation.
///
/// # Errors
/// Says what is no violation; an answer that cannot be read must not pass for "nothing found".
pub fn violations(
    answer: &Value,
    metadata: &Metadata,
    constraint: &str,
    enforcement: Enforcement,
) -> Result<Vec<Violation>, String> {
    let violations = answer.as_array().ok_or("violation is no set")?;
    if violations.iter().any(|violation| !violation.is_object()) {
        return Err("an element of violation is no object".to_owned());
    }
    let violation = |violation: &Value| {
        let msg = violation.get("msg").and_then(Value::as_str);
        let msg = msg.ok_or("an element of violation has a msg that is no string")?;
        Ok(Violation {
            enforcement,
            details: violation.get("details").cloned(),
            ..Violation::new(format!("[{constraint}] {msg}"), metadata.severity, &metadata.errcode)
        })
    };
    violations.iter().filter(|violation| violation.get("msg").is_some()).map(violation).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::Annotations;

    #[test]
    fn each_text_names_its_constraint() {
        let metadata = Metadata::annotated(&Annotations::default(), "K8sRepos/prod", "K8sRepos").unwrap();
        let read = |answer: &Value| violations(answer, &metadata, "prod", Enforcement::Warn);
        let found = read(&json!([{"msg": "no", "details": {"image": "a"}}])).unwrap();
        assert_eq!(found[0].message, "[prod] no");
        assert_eq!(
            (&found[0].details, found[0].enforcement),
            (&Some(json!({"image": "a"})), Enforcement::Warn)
        );
        assert_eq!(read(&json!([{"details": 1}])), Ok(vec![]));
        for answer in [json!({}), json!(["text"]), json!([{"msg": 1}])] {
            assert!(read(&answer).is_err(), "{answer}");
        }
    }
}
