//! Tells the dialects of a module's packages from their entrypoints.

use std::collections::{BTreeMap, BTreeSet};

use super::{Dialect, MagTape, Rules};

/// What comes before a MagTape policy's own part of the package.
const PACKAGE: &str = "kubernetes/admission/";

/// Where OPA asks when nobody says where.
const SYSTEM: &str = "system";

/// A policy among the packages of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<E> {
    /// The package as a path, such as `kubernetes/admission/policy_pdb`.
    pub package: String,
    /// What to ask it.
    pub rules: Rules<E>,
}

/// A module in which no policy was found, or one that is not whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPolicy {
    /// No package has the rules of a dialect.
    #[error("is no policy: looked for {LOOKED_FOR}; found {found}")]
    Nothing {
        /// What there is.
        found: String,
    },
    /// Gatekeeper's rule without what states its parameters.
    #[error(
        "package {package} has Gatekeeper's rule violation, which is loaded by its ConstraintTemplate and \
         constraints; to load it without, annotate the package with custom.dialect: gatekeeper"
    )]
    Template {
        /// The package as a path.
        package: String,
    },
    /// An entrypoint beside the policies that is no part of one.
    #[error("the entrypoint {path} belongs to no policy; looked for {LOOKED_FOR}")]
    Stray {
        /// The entrypoint.
        path: String,
    },
    /// A package has some of the entrypoints only.
    #[error("package {package} lacks the rule {missing} as an entrypoint; a {dialect} policy has {rules}", rules = dialect.rules().join(", "))]
    Missing {
        /// The package as a path.
        package: String,
        /// What it is taken for.
        dialect: Dialect,
        /// The entrypoint's last part.
        missing: &'static str,
    },
}

/// What makes a policy, for whoever wrote something else.
const LOOKED_FOR: &str = "kubernetes.admission.<name> with policy_metadata, matches and deny (MagTape), a package \
                          with deny (OPA), system.main (an AdmissionReview's response), or the annotation \
                          custom.dialect";

/// The dialect of a package with these rules; `None` when it is none of the host's.
pub fn of_rules(package: &str, has: impl Fn(&str) -> bool) -> Option<Dialect> {
    let below = package.strip_prefix(PACKAGE).is_some_and(|tail| !tail.is_empty());
    if (below && has("matches")) || has("policy_metadata") {
        Some(Dialect::MagTape)
    } else if package == SYSTEM && has("main") {
        Some(Dialect::Review)
    } else if has("deny") {
        Some(Dialect::Opa)
    } else {
        has("violation").then_some(Dialect::Gatekeeper)
    }
}

/// Finds the policies among a module's entrypoints. `stated` is what a package's annotations say of its dialect;
/// of a Gatekeeper rule somebody must have said that it is one.
///
/// # Errors
/// When there is none, or one is not complete.
pub fn find<E: Copy>(
    entrypoints: &BTreeMap<String, E>,
    stated: impl Fn(&str) -> Option<Dialect>,
) -> Result<Vec<Found<E>>, NoPolicy> {
    let packages: BTreeSet<&str> =
        entrypoints.keys().filter_map(|path| path.rsplit_once('/')).map(|(package, _)| package).collect();
    let has = |package: &str, rule: &str| entrypoints.contains_key(&format!("{package}/{rule}"));
    let mut found = Vec::new();
    for package in packages {
        let told = of_rules(package, |rule| has(package, rule));
        let dialect = match (stated(package), told) {
            (Some(stated), _) => stated,
            (None, Some(Dialect::Gatekeeper)) => {
                return Err(NoPolicy::Template { package: package.to_owned() });
            }
            (None, Some(told)) => told,
            (None, None) => continue,
        };
        if let Some(rules) = rules(entrypoints, package, dialect)? {
            found.push(Found { package: package.to_owned(), rules });
        }
    }
    if found.is_empty() {
        let names: Vec<&str> = entrypoints.keys().take(10).map(String::as_str).collect();
        let names = if names.is_empty() { "no entrypoint".to_owned() } else { names.join(", ") };
        return Err(NoPolicy::Nothing { found: names });
    }
    match stray(entrypoints, &found) {
        Some(path) => Err(NoPolicy::Stray { path: path.to_owned() }),
        None => Ok(found),
    }
}

/// An entrypoint below MagTape's package that belongs to no policy was meant to be one: left out, it would judge
/// nothing.
fn stray<'e, E>(entrypoints: &'e BTreeMap<String, E>, found: &[Found<E>]) -> Option<&'e str> {
    let known = |path: &str| {
        found.iter().any(|found| path.strip_prefix(&found.package).is_some_and(|rest| rest.starts_with('/')))
    };
    entrypoints.keys().map(String::as_str).find(|path| path.starts_with(PACKAGE) && !known(path))
}

fn rules<E: Copy>(
    entrypoints: &BTreeMap<String, E>,
    package: &str,
    dialect: Dialect,
) -> Result<Option<Rules<E>>, NoPolicy> {
    let rule = |missing: &'static str| {
        let found = entrypoints.get(&format!("{package}/{missing}")).copied();
        found.ok_or_else(|| NoPolicy::Missing { package: package.to_owned(), dialect, missing })
    };
    Ok(Some(match dialect {
        Dialect::MagTape => Rules::MagTape(MagTape {
            metadata: rule("policy_metadata")?,
            matches: rule("matches")?,
            deny: rule("deny")?,
        }),
        Dialect::Opa => Rules::Opa(rule("deny")?),
        Dialect::Review => Rules::Review(rule("main")?),
        Dialect::Gatekeeper => Rules::Gatekeeper(rule("violation")?),
        Dialect::Library => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entrypoints(paths: &[&str]) -> BTreeMap<String, usize> {
        paths.iter().enumerate().map(|(id, path)| ((*path).to_owned(), id)).collect()
    }

    fn dialects(paths: &[&str]) -> Vec<(String, Dialect)> {
        let found = find(&entrypoints(paths), |_| None).unwrap();
        found.into_iter().map(|found| (found.package, found.rules.dialect())).collect()
    }

    #[test]
    fn every_complete_package_is_a_policy() {
        let found = find(
            &entrypoints(&[
                "kubernetes/admission/a/deny",
                "kubernetes/admission/a/matches",
                "kubernetes/admission/a/policy_metadata",
                "kubernetes/admission/a/helper",
            ]),
            |_| None,
        );
        let rules = Rules::MagTape(MagTape { metadata: 2, matches: 1, deny: 0 });
        assert_eq!(found, Ok(vec![Found { package: "kubernetes/admission/a".to_owned(), rules }]));
    }

    #[test]
    fn the_rules_tell_the_dialect() {
        assert_eq!(
            dialects(&["kubernetes/admission/deny", "org/images/deny", "system/main"]),
            [
                ("kubernetes/admission".to_owned(), Dialect::Opa),
                ("org/images".to_owned(), Dialect::Opa),
                ("system".to_owned(), Dialect::Review)
            ]
        );
    }

    #[test]
    fn an_annotation_states_the_dialect() {
        let paths = entrypoints(&["a/main", "b/violation", "c/helper"]);
        let stated = |package: &str| match package {
            "a" => Some(Dialect::Review),
            "b" => Some(Dialect::Gatekeeper),
            _ => Some(Dialect::Library),
        };
        let found: Vec<Dialect> =
            find(&paths, stated).unwrap().iter().map(|found| found.rules.dialect()).collect();
        assert_eq!(found, [Dialect::Review, Dialect::Gatekeeper]);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (paths, expected) in [
            (
                &["kubernetes/admission/a/policy_metadata"][..],
                "kubernetes/admission/a lacks the rule matches",
            ),
            (
                &["kubernetes/admission/a/matches"][..],
                "kubernetes/admission/a lacks the rule policy_metadata",
            ),
            (&["a/b/allow"][..], "found a/b/allow"),
            (&[][..], "found no entrypoint"),
            (&["a/violation"][..], "package a has Gatekeeper's rule violation"),
        ] {
            let error = find(&entrypoints(paths), |_| None).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_stray_entrypoint_is_named() {
        let complete =
            ["deny", "matches", "policy_metadata"].map(|rule| format!("kubernetes/admission/a/{rule}"));
        for stray in ["kubernetes/admission/b", "kubernetes/admission/b/denny"] {
            let paths: Vec<&str> = complete.iter().map(String::as_str).chain([stray]).collect();
            let error = find(&entrypoints(&paths), |_| None).unwrap_err().to_string();
            assert!(error.contains(stray), "{error}");
        }
    }
}
