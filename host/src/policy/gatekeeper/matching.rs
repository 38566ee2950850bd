//! A constraint's `spec.match`: which objects it is about
//! (<https://open-policy-agent.github.io/gatekeeper/website/docs/howto#the-match-field>).

use super::{error::GatekeeperError, field::Field, selector::Selector, wildcard::Wildcard};

/// Which objects a constraint is about: those that fit every matcher that is given. The default fits all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// Objects have to be of one of these; of any, if there are none.
    pub kinds: Vec<Kinds>,
    pub(super) scope: Scope,
    pub(super) namespaces: Vec<Wildcard>,
    pub(super) excluded: Vec<Wildcard>,
    pub(super) labels: Option<Selector>,
    pub(super) namespace_labels: Option<Selector>,
    pub(super) name: Option<Wildcard>,
    pub(super) source: Source,
}

/// Every one of some kinds in every one of some groups. Nothing, or `*`, stands for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// API groups such as `apps`; the core group is empty.
    pub groups: Vec<String>,
    /// Kinds such as `Deployment`.
    pub kinds: Vec<String>,
}

/// Objects in namespaces, or those that are in none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Scope {
    #[default]
    Any,
    Cluster,
    Namespaced,
}

/// Objects as users send them, or those that Gatekeeper derives from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Source {
    #[default]
    All,
    Original,
    Generated,
}

// === impl Match ===

impl Match {
    /// Reads `spec.match`. Gatekeeper's CRD knows no other fields either, and a matcher that is left out because it
    /// is misspelt makes the constraint match more than was meant.
    pub(super) fn parse(field: &Field<'_>) -> Result<Self, GatekeeperError> {
        field.only(&[
            "kinds",
            "scope",
            "namespaces",
            "excludedNamespaces",
            "labelSelector",
            "namespaceSelector",
            "name",
            "source",
        ])?;
        let kinds = field.get("kinds")?.items()?;
        Ok(Self {
            kinds: kinds.iter().map(Kinds::parse).collect::<Result<_, _>>()?,
            scope: Scope::parse(&field.get("scope")?)?,
            namespaces: wildcards(&field.get("namespaces")?)?,
            excluded: wildcards(&field.get("excludedNamespaces")?)?,
            labels: Selector::parse(&field.get("labelSelector")?)?,
            namespace_labels: Selector::parse(&field.get("namespaceSelector")?)?,
            name: name(&field.get("name")?)?,
            source: Source::parse(&field.get("source")?)?,
        })
    }

    /// What reads as if it did something and does nothing.
    /// Whether Namespaces have to be known.
    pub fn has_namespace_selector(&self) -> bool {
        self.namespace_labels.is_some()
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.source == Source::Generated {
            notes.push(
                "spec.match.source: no objects are generated here, so the constraint never applies".into(),
            );
        }
        let groups = self.kinds.iter().flat_map(|kinds| &kinds.groups);
        for group in groups.filter(|group| group.contains('/')) {
            notes.push(format!("spec.match.kinds: {group:?} is no API group, it seems to have a version"));
        }
        notes
    }
}

/// An empty list is the same as none.
fn wildcards(field: &Field<'_>) -> Result<Vec<Wildcard>, GatekeeperError> {
    field.items()?.iter().map(Wildcard::parse).collect()
}

/// An empty name is the same as none.
fn name(field: &Field<'_>) -> Result<Option<Wildcard>, GatekeeperError> {
    match field.text()? {
        None | Some("") => Ok(None),
        Some(_) => Wildcard::parse(field).map(Some),
    }
}

// === impl Kinds ===

impl Kinds {
    fn parse(field: &Field<'_>) -> Result<Self, GatekeeperError> {
        field.only(&["apiGroups", "kinds"])?;
        Ok(Self { groups: field.get("apiGroups")?.texts()?, kinds: field.get("kinds")?.texts()? })
    }

    pub(super) fn has(&self, group: &str, kind: &str) -> bool {
        has(&self.groups, group) && has(&self.kinds, kind)
    }
}

fn has(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|known| known == "*" || known == name)
}

// === impl Scope ===

impl Scope {
    fn parse(field: &Field<'_>) -> Result<Self, GatekeeperError> {
        match field.text()? {
            None | Some("" | "*") => Ok(Scope::Any),
            Some("Cluster") => Ok(Scope::Cluster),
            Some("Namespaced") => Ok(Scope::Namespaced),
            Some(_) => Err(field.must_be("*, Cluster or Namespaced")),
        }
    }
}

// === impl Source ===

impl Source {
    fn parse(field: &Field<'_>) -> Result<Self, GatekeeperError> {
        match field.text()? {
            None | Some("All") => Ok(Source::All),
            Some("Original") => Ok(Source::Original),
            Some("Generated") => Ok(Source::Generated),
            Some(_) => Err(field.must_be("All, Original or Generated")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(matching: Value) -> Result<Match, GatekeeperError> {
        let document = json!({"spec": {"match": matching}});
        Match::parse(&Field::document(&document)?.find(&["spec", "match"])?)
    }

    #[test]
    fn what_is_empty_is_not_there() {
        let empty = json!({"kinds": [], "namespaces": null, "name": "", "scope": "*", "source": "All"});
        assert_eq!(parse(empty).unwrap(), Match::default());
        assert_eq!(parse(json!(null)).unwrap(), Match::default());
    }

    #[test]
    fn what_is_misspelt_is_named() {
        let known =
            "kinds, scope, namespaces, excludedNamespaces, labelSelector, namespaceSelector, name, source";
        for (matching, expected) in [
            (json!([]), "spec.match: must be an object, is a list".to_owned()),
            (
                json!({"namespace": ["a"]}),
                format!("spec.match.namespace: is not known here; there is {known}"),
            ),
            (json!({"kinds": {"a": 1}}), "spec.match.kinds: must be a list, is an object".into()),
            (
                json!({"kinds": ["Pod"]}),
                "spec.match.kinds[0]: must be an object, is the string \"Pod\"".into(),
            ),
            (
                json!({"kinds": [{"apiGroup": [""]}]}),
                "spec.match.kinds[0].apiGroup: is not known here; there is apiGroups, kinds".into(),
            ),
            (
                json!({"kinds": [{"kinds": [null]}]}),
                "spec.match.kinds[0].kinds[0]: must be a string, is missing".into(),
            ),
            (
                json!({"scope": "cluster"}),
                "spec.match.scope: must be *, Cluster or Namespaced, is the string \"cluster\"".into(),
            ),
            (
                json!({"source": "original"}),
                "spec.match.source: must be All, Original or Generated, is the string \"original\"".into(),
            ),
            (
                json!({"excludedNamespaces": "kube-*"}),
                "spec.match.excludedNamespaces: must be a list, is the string \"kube-*\"".into(),
            ),
            (
                json!({"labelSelector": 3}),
                "spec.match.labelSelector: must be an object, is the number 3".into(),
            ),
        ] {
            assert_eq!(parse(matching).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn what_cannot_match_is_noted() {
        let notes = |matching| parse(matching).unwrap().notes().join("; ");
        assert_eq!(notes(json!({"source": "Original", "kinds": [{"apiGroups": ["apps", "*"]}]})), "");
        assert!(notes(json!({"source": "Generated"})).contains("never applies"));
        assert!(
            notes(json!({"kinds": [{"apiGroups": ["apps/v1"]}]})).contains("\"apps/v1\" is no API group")
        );
    }
}
