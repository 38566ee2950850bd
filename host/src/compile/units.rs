//! Which files make a policy: each file that has the rules of a dialect, with the files it needs. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::protocol::Analysed;
use crate::{
    policy::{
        Annotations,
        dialect::{self, Dialect, NoPolicy},
    },
    source::Rego,
};

/// A file with what is in it.
pub struct File<'f> {
    /// Where it came from, and its text.
    pub rego: &'f Rego,
    /// What is in it.
    pub facts: Analysed,
}

/// What becomes one module.
#[derive(Debug, PartialEq)]
pub struct Unit {
    /// The file that has the policy, by its number.
    pub root: usize,
    /// The files that are compiled with it, each with the rules that are left out.
    pub helpers: Vec<(usize, Vec<String>)>,
    /// What the host will ask.
    pub entrypoints: Vec<String>,
    /// What is annotated of its package, and the package as a path.
    pub annotations: BTreeMap<String, Annotations>,
}

/// What a file turned out to be.
#[derive(Debug, PartialEq)]
pub enum Role {
    /// A policy.
    Policy(Unit),
    /// Something that others need, or may need.
    Library,
    /// A rule that asks the policies of its set, which the host does by itself. The text says what it gathers.
    Collector(String),
    /// Neither, and why.
    Neither(String),
}

/// The role of each file, in order.
pub fn roles(files: &[File<'_>]) -> Vec<Role> {
    let told: Vec<_> = files.iter().map(|file| told(file, files)).collect();
    (0..files.len()).map(|index| role(index, files, &told)).collect()
}

fn role(index: usize, files: &[File<'_>], told: &[Result<Option<Told>, String>]) -> Role {
    let Some(file) = files.get(index) else { return Role::Library };
    let told = match told.get(index) {
        Some(Ok(told)) => told,
        Some(Err(reason)) => return Role::Neither(reason.clone()),
        None => return Role::Library,
    };
    let gathered = gathered(index, files);
    match told {
        Some(Told { dialect: Dialect::Library, .. }) => Role::Library,
        Some(Told { dialect: Dialect::Review, stated: false }) if gathered.is_some() => {
            Role::Collector(gathered.unwrap_or_default())
        }
        Some(Told { dialect: Dialect::Gatekeeper, stated: false }) => {
            Role::Neither(NoPolicy::Template { package: file.facts.package.join("/") }.to_string())
        }
        Some(told) => policy(index, files, told.dialect),
        None => match gathered {
            _ if is_used(index, files) => Role::Library,
            Some(gathered) => Role::Collector(gathered),
            None => {
                let rules: Vec<&str> =
                    file.facts.rules.iter().map(|rule| rule.name.as_str()).take(10).collect();
                let rules = if rules.is_empty() { "no rule".to_owned() } else { rules.join(", ") };
                let found = format!("package {} with {rules}", file.facts.package.join("."));
                Role::Neither(NoPolicy::Nothing { found }.to_string())
            }
        },
    }
}

/// A file's dialect, and whether an annotation states it.
struct Told {
    dialect: Dialect,
    stated: bool,
}

/// The dialect of a file that has rules of one. What decides is in the file itself; metadata may be in another file
/// of the package.
fn told(file: &File<'_>, files: &[File<'_>]) -> Result<Option<Told>, String> {
    let facts = &file.facts;
    if let Some(stated) = annotations(facts).custom("dialect") {
        let dialect = stated.as_str().unwrap_or("(no string)").parse();
        let dialect = dialect.map_err(|error| format!("annotation custom.dialect: {error}"))?;
        return Ok(Some(Told { dialect, stated: true }));
    }
    let elsewhere = |rule: &str| {
        files.iter().any(|other| other.facts.package == facts.package && has(&other.facts, rule))
    };
    let package = facts.package.join("/");
    let dialect = match dialect::of_rules(&package, |rule| has(facts, rule)) {
        None => return Ok(None),
        Some(Dialect::MagTape | Dialect::Opa) => dialect::of_rules(&package, elsewhere),
        Some(dialect) => Some(dialect),
    };
    let part = dialect == Some(Dialect::MagTape)
        && leader(facts, files).is_some_and(|leader| !std::ptr::eq(leader, file));
    let whole = has(facts, "policy_metadata") && has(facts, "deny");
    let dialect = if part && !whole { Some(Dialect::Library) } else { dialect };
    Ok(dialect.map(|dialect| Told { dialect, stated: false }))
}

/// A MagTape policy is a package, in however many files: this is the one that it is named after.
fn leader<'f, 'r>(facts: &Analysed, files: &'f [File<'r>]) -> Option<&'f File<'r>> {
    let of_package = || files.iter().filter(|file| file.facts.package == facts.package);
    let whole = of_package().find(|file| has(&file.facts, "deny") && has(&file.facts, "policy_metadata"));
    whole.or_else(|| of_package().find(|file| has(&file.facts, "deny")))
}

fn policy(index: usize, files: &[File<'_>], dialect: Dialect) -> Role {
    let Some(file) = files.get(index) else { return Role::Library };
    let package = file.facts.package.join("/");
    let helpers = helpers(index, files, dialect);
    let known = |rule: &str| {
        has(&file.facts, rule)
            || helpers.iter().filter_map(|(helper, without)| Some((files.get(*helper)?, without))).any(
                |(helper, without)| {
                    helper.facts.package == file.facts.package
                        && has(&helper.facts, rule)
                        && !without.iter().any(|left_out| left_out == rule)
                },
            )
    };
    if let Some(missing) = dialect.rules().iter().find(|rule| !known(rule)) {
        return Role::Neither(NoPolicy::Missing { package, dialect, missing }.to_string());
    }
    let entrypoints = dialect.rules().iter().map(|rule| format!("{package}/{rule}")).collect();
    let annotations = BTreeMap::from([(package, annotations(&file.facts))]);
    Role::Policy(Unit { root: index, helpers, entrypoints, annotations })
}

/// The files that a policy needs, found by following what each of them uses, each with the rules that are left out
/// of it: the verdicts of other policies in the same package.
fn helpers(root: usize, files: &[File<'_>], dialect: Dialect) -> Vec<(usize, Vec<String>)> {
    let Some(policy) = files.get(root) else { return Vec::new() };
    let mut members = BTreeSet::from([root]);
    let mut open = vec![root];
    while let Some(file) = open.pop().and_then(|index| files.get(index)) {
        for (index, other) in files.iter().enumerate() {
            let needed = is_part(&policy.facts, &other.facts, dialect)
                || file.facts.uses.iter().any(|used| provides(&other.facts, used));
            if needed && members.insert(index) {
                open.push(index);
            }
        }
    }
    members.remove(&root);
    let left_out = |index: &usize| left_out(&policy.facts, &files.get(*index)?.facts, dialect);
    members.iter().map(|index| (*index, left_out(index).unwrap_or_default())).collect()
}

/// Whether a file has more of the same MagTape policy: its metadata, or further violations.
fn is_part(policy: &Analysed, other: &Analysed, dialect: Dialect) -> bool {
    let entrypoint = |rule: &str| dialect.rules().contains(&rule);
    dialect == Dialect::MagTape
        && other.package == policy.package
        && other.rules.iter().any(|rule| entrypoint(&rule.name))
        && !(has(policy, "policy_metadata") && has(other, "policy_metadata"))
}

fn left_out(policy: &Analysed, other: &Analysed, dialect: Dialect) -> Option<Vec<String>> {
    if other.package != policy.package || is_part(policy, other, dialect) {
        return None;
    }
    let rules = other.rules.iter().map(|rule| rule.name.clone());
    Some(rules.filter(|rule| dialect.rules().contains(&rule.as_str()) && has(policy, rule)).collect())
}

/// Whether a document is, holds, or is inside one of a file's rules.
fn provides(facts: &Analysed, used: &[String]) -> bool {
    match used.strip_prefix(facts.package.as_slice()) {
        Some([rule, ..]) => has(facts, rule),
        Some([]) => true,
        None => facts.package.starts_with(used) && !used.is_empty(),
    }
}

fn is_used(index: usize, files: &[File<'_>]) -> bool {
    let Some(file) = files.get(index) else { return false };
    let others = files.iter().enumerate().filter(|(other, _)| *other != index);
    others
        .map(|(_, other)| other)
        .any(|other| other.facts.uses.iter().any(|used| provides(&file.facts, used)))
}

/// The packages of policies that a file asks, when it asks any: kube-mgmt's users and MagTape's have such a file,
/// because OPA answers for one rule only.
fn gathered(index: usize, files: &[File<'_>]) -> Option<String> {
    let file = files.get(index)?;
    let judges = |other: &File<'_>| ["deny", "violation"].iter().any(|rule| has(&other.facts, rule));
    let uses_policies = |used: &&Vec<String>| {
        used.starts_with(&["kubernetes".to_owned(), "admission".to_owned()])
            || files
                .iter()
                .enumerate()
                .any(|(other, policy)| other != index && judges(policy) && provides(&policy.facts, used))
    };
    let used =
        file.facts.uses.iter().filter(|used| !used.starts_with(&file.facts.package)).find(uses_policies);
    used.map(|used| format!("data.{}", used.join(".")))
}

fn has(facts: &Analysed, rule: &str) -> bool {
    facts.rules.iter().any(|has| has.name == rule)
}

/// What is annotated of a file's package, and of the rules that a host asks, the narrowest last.
fn annotations(facts: &Analysed) -> Annotations {
    const SCOPES: [&str; 4] = ["subpackages", "package", "document", "rule"];
    const JUDGES: [&str; 3] = ["deny", "violation", "main"];
    let mut annotations = Annotations::default();
    for scope in SCOPES {
        let of_scope = facts.annotations.iter().filter(|annotated| annotated.scope == scope);
        of_scope
            .filter(|annotated| annotated.rule.is_empty() || JUDGES.contains(&annotated.rule.as_str()))
            .for_each(|annotated| annotations.narrow(&annotated.annotations));
    }
    annotations
}

#[cfg(test)]
mod tests;
