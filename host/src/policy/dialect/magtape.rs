//! MagTape's dialect: package `kubernetes.admission.<tail>` with `policy_metadata`, `matches` and `deny[info]`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::Metadata;
use crate::verdict::{Severity, Violation};

/// What comes before a policy's own part of the package.
const PACKAGE: &str = "kubernetes/admission/";

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

/// A module in which no MagTape policy was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMagTape {
    /// No package has any of the three entrypoints.
    #[error(
        "has no MagTape policy: looked for the entrypoints kubernetes/admission/<name>/policy_metadata, …/matches \
         and …/deny, found {found}; name them when building: opa build -t wasm -e kubernetes/admission/<name>/deny …"
    )]
    NoPolicy {
        /// The entrypoints that there are.
        found: String,
    },
    /// An entrypoint beside the policies that is no part of one.
    #[error(
        "the entrypoint {path} belongs to no policy; a policy's are kubernetes/admission/<name>/policy_metadata, \
         …/matches and …/deny"
    )]
    Stray {
        /// The entrypoint.
        path: String,
    },
    /// A package has some of the entrypoints only.
    #[error("package {package} lacks the entrypoint {missing}; add -e {package}/{missing} to opa build")]
    Missing {
        /// The package as a path.
        package: String,
        /// The entrypoint's last part.
        missing: &'static str,
    },
}

/// Finds the MagTape policies among a module's entrypoints.
///
/// # Errors
/// When there is none, or one is not complete.
pub fn find<E: Copy>(entrypoints: &BTreeMap<String, E>) -> Result<Vec<MagTape<E>>, NotMagTape> {
    let packages: std::collections::BTreeSet<&str> =
        entrypoints.keys().filter_map(|path| package(path)).collect();
    if packages.is_empty() {
        let found: Vec<&str> = entrypoints.keys().take(10).map(String::as_str).collect();
        let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
        return Err(NotMagTape::NoPolicy { found });
    }
    let entrypoint = |package: &str, missing: &'static str| {
        let found = entrypoints.get(&format!("{package}/{missing}")).copied();
        found.ok_or_else(|| NotMagTape::Missing { package: package.to_owned(), missing })
    };
    let policy = |package: &str| {
        Ok(MagTape {
            metadata: entrypoint(package, "policy_metadata")?,
            matches: entrypoint(package, "matches")?,
            deny: entrypoint(package, "deny")?,
        })
    };
    // An entrypoint that belongs to none of them was meant to be a policy: left out, it would judge nothing.
    let stray = entrypoints.keys().find(|path| {
        path.starts_with(PACKAGE)
            && !packages
                .iter()
                .any(|package| path.strip_prefix(package).is_some_and(|rest| rest.starts_with('/')))
    });
    match stray {
        Some(path) => Err(NotMagTape::Stray { path: path.clone() }),
        None => packages.into_iter().map(policy).collect(),
    }
}

/// The package of an entrypoint that belongs to a MagTape policy.
fn package(path: &str) -> Option<&str> {
    let (package, rule) = path.rsplit_once('/')?;
    let ours = package.strip_prefix(PACKAGE).is_some_and(|tail| !tail.is_empty());
    (ours && matches!(rule, "policy_metadata" | "matches" | "deny")).then_some(package)
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
    Ok(Violation { message: message.to_owned(), severity, errcode: errcode.to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entrypoints(paths: &[&str]) -> BTreeMap<String, usize> {
        paths.iter().enumerate().map(|(id, path)| ((*path).to_owned(), id)).collect()
    }

    #[test]
    fn every_complete_package_is_a_policy() {
        let found = find(&entrypoints(&[
            "kubernetes/admission/a/deny",
            "kubernetes/admission/a/matches",
            "kubernetes/admission/a/policy_metadata",
            "kubernetes/admission/a/helper",
        ]));
        assert_eq!(found, Ok(vec![MagTape { metadata: 2, matches: 1, deny: 0 }]));
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = find(&entrypoints(&["kubernetes/admission/a/deny"])).unwrap_err().to_string();
        assert!(error.contains("kubernetes/admission/a lacks the entrypoint policy_metadata"), "{error}");
        let error = find(&entrypoints(&["kubernetes/admission/deny"])).unwrap_err().to_string();
        assert!(error.contains("found kubernetes/admission/deny"), "{error}");
    }

    #[test]
    fn a_stray_entrypoint_is_named() {
        let complete =
            ["deny", "matches", "policy_metadata"].map(|rule| format!("kubernetes/admission/a/{rule}"));
        for stray in ["kubernetes/admission/b", "kubernetes/admission/b/denny", "kubernetes/admission/deny"] {
            let paths: Vec<&str> = complete.iter().map(String::as_str).chain([stray]).collect();
            let error = find(&entrypoints(&paths)).unwrap_err().to_string();
            assert!(error.contains(stray), "{error}");
        }
    }

    #[test]
    fn the_graver_of_text_and_field_holds() {
        let metadata = Metadata::parse(&json!({"name": "n", "severity": "LOW", "errcode": "MT1"})).unwrap();
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
        let metadata = Metadata::parse(&json!({"name": "n", "severity": "LOW", "errcode": "MT1"})).unwrap();
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
