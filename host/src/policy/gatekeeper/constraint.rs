//! Constraints: uses of a template
//! (<https://open-policy-agent.github.io/gatekeeper/website/docs/howto#constraints>).

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    action::{Actions, EnforcementPoint},
    error::GatekeeperError,
    field::Field,
    matching::Match,
    names::{is_dns_label, is_subdomain},
};
use crate::verdict::Enforcement;

/// The versions in which Gatekeeper serves constraints.
const API_VERSIONS: [&str; 2] = ["constraints.gatekeeper.sh/v1beta1", "constraints.gatekeeper.sh/v1alpha1"];

/// The longest name, by the schema of the CRDs that Gatekeeper makes.
const MAX_NAME: usize = 63;

/// A use of a template: with which parameters, on which objects, and with which consequence it is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Its kind, by which its template is found.
    pub kind: String,
    /// Its name, unique among those of its kind.
    pub name: String,
    /// Which objects it is about.
    pub matching: Match,
    /// What a violation leads to.
    pub actions: Actions,
    /// The parameters as they are written; see [`Template::parameters`](super::Template::parameters).
    pub parameters: Option<Value>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

// === impl Constraint ===

impl Constraint {
    /// Reads a constraint.
    ///
    /// # Errors
    /// Names the field that is wrong, or not known.
    pub fn parse(document: &Value) -> Result<Self, GatekeeperError> {
        let document = Field::document(document)?;
        let api_version = document.get("apiVersion")?;
        if !API_VERSIONS.contains(&api_version.required()?) {
            return Err(api_version.must_be(&API_VERSIONS.join(" or ")));
        }
        let spec = document.get("spec")?;
        spec.only(&["match", "parameters", "enforcementAction", "scopedEnforcementActions"])?;
        Ok(Self {
            kind: kind(&document.get("kind")?)?,
            name: name(&document.find(&["metadata", "name"])?)?,
            matching: Match::parse(&spec.get("match")?)?,
            actions: Actions::parse(&spec)?,
            parameters: spec.get("parameters")?.written().cloned(),
            annotations: annotations(&document)?,
        })
    }

    /// What a violation leads to at that point; `None` if the constraint is not asked there.
    pub fn action(&self, point: EnforcementPoint) -> Option<Enforcement> {
        self.actions.at(point)
    }

    /// What is valid and yet without effect, for people to read.
    pub fn notes(&self) -> Vec<String> {
        self.matching.notes()
    }
}

/// A kind is also the name of its CRD, in lower case.
pub(super) fn kind(field: &Field<'_>) -> Result<String, GatekeeperError> {
    let kind = field.required()?;
    if is_dns_label(&kind.to_lowercase()) {
        return Ok(kind.to_owned());
    }
    Err(field.must_be("a kind: at most 63 letters, digits and -, a letter first"))
}

pub(super) fn annotations(document: &Field<'_>) -> Result<BTreeMap<String, String>, GatekeeperError> {
    let annotation = |(key, value): (&str, Field<'_>)| {
        let text = value.text()?.ok_or_else(|| value.must_be("a string"))?;
        Ok((key.to_owned(), text.to_owned()))
    };
    document.find(&["metadata", "annotations"])?.fields()?.into_iter().map(annotation).collect()
}

fn name(field: &Field<'_>) -> Result<String, GatekeeperError> {
    let name = field.required()?;
    if name.len() <= MAX_NAME && is_subdomain(name) {
        return Ok(name.to_owned());
    }
    Err(field.must_be("a name: at most 63 of a-z, 0-9, - and ."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "apiVersion": "constraints.gatekeeper.sh/v1beta1",
            "kind": "K8sAllowedRepos",
            "metadata": {"name": "repos", "annotations": {"severity": "LOW"}},
            "spec": {
                "enforcementAction": "warn",
                "match": {"kinds": [{"apiGroups": [""], "kinds": ["Pod"]}]},
                "parameters": {"repos": ["a"]},
            },
        })
    }

    #[test]
    fn a_constraint_is_read() {
        let constraint = Constraint::parse(&document()).unwrap();
        assert_eq!((constraint.kind.as_str(), constraint.name.as_str()), ("K8sAllowedRepos", "repos"));
        assert_eq!(constraint.matching.kinds[0].kinds, ["Pod"]);
        assert_eq!(constraint.action(EnforcementPoint::Webhook), Some(Enforcement::Warn));
        assert_eq!(constraint.parameters, Some(json!({"repos": ["a"]})));
        assert_eq!(constraint.annotations["severity"], "LOW");
        assert!(constraint.notes().is_empty());
    }

    #[test]
    fn a_constraint_needs_no_spec() {
        let mut document = document();
        document["spec"] = json!(null);
        let constraint = Constraint::parse(&document).unwrap();
        assert_eq!((constraint.matching, constraint.parameters), (Match::default(), None));
        assert_eq!(constraint.actions, Actions::Everywhere(Enforcement::Deny));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let spec = "there is match, parameters, enforcementAction, scopedEnforcementActions";
        for (pointer, value, expected) in [
            (
                "/apiVersion",
                json!("constraints.gatekeeper.sh/v1"),
                "apiVersion: must be constraints.gatekeeper.sh/v1beta1 or constraints.gatekeeper.sh/v1alpha1, is the \
                 string \"constraints.gatekeeper.sh/v1\""
                    .to_owned(),
            ),
            (
                "/kind",
                json!("K8s Repos"),
                "kind: must be a kind: at most 63 letters, digits and -, a letter first, is the string \"K8s Repos\""
                    .into(),
            ),
            ("/metadata/name", json!(null), "metadata.name: must be a string that is not empty, is missing".into()),
            (
                "/metadata/name",
                json!("a".repeat(64)),
                "metadata.name: must be a name: at most 63 of a-z, 0-9, - and ., is the string".into(),
            ),
            (
                "/metadata/annotations/severity",
                json!(1),
                "metadata.annotations.severity: must be a string, is the number 1".into(),
            ),
            ("/spec", json!({"mach": {}}), format!("spec.mach: is not known here; {spec}")),
            ("/spec/match", json!({"scope": 1}), "spec.match.scope: must be a string, is the number 1".into()),
        ] {
            let mut document = document();
            *document.pointer_mut(pointer).unwrap() = value;
            let error = Constraint::parse(&document).unwrap_err().to_string();
            assert!(error.starts_with(&expected), "{error}");
        }
    }
}
