//! Which files make a policy: each file that has the rules of a dialect, with the files it needs. Pure.

mod collector;
mod helpers;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use super::protocol::Analysed;
use crate::{
    policy::{
        Annotations,
        dialect::{Dialect, NoPolicy},
    },
    source::Rego,
};

use helpers::helpers;
use told::{Told, told};

/// A file with what is in it.
pub struct File<'f> {
    /// Where it came from, and its text.
    pub rego: &'f Rego,
    /// What is in it.
    pub facts: Analysed,
}

/// What becomes one module.
#[derive(Clone, Debug, PartialEq)]
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
#[derive(Clone, Debug, PartialEq)]
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
    let decided: Vec<_> = told.iter().enumerate().map(|(index, told)| decided(index, files, told)).collect();
    let answering = |(index, (told, role)): (usize, (&_, &Option<Role>))| match told {
        Ok(Some(Told { dialect: Dialect::Review, stated: false })) => Some(answer(index, files, &decided)),
        _ => role.clone(),
    };
    let known: Vec<_> = told.iter().zip(&decided).enumerate().map(answering).collect();
    let used: BTreeSet<usize> = known.iter().flatten().flat_map(Role::helpers).collect();
    let rest = |(index, role): (usize, &Option<Role>)| {
        role.clone().unwrap_or_else(|| unused(index, files, &known, used.contains(&index)))
    };
    known.iter().enumerate().map(rest).collect()
}

/// The role of a file that decides by itself what it is.
fn decided(index: usize, files: &[File<'_>], told: &Result<Option<Told>, String>) -> Option<Role> {
    let file = files.get(index)?;
    match told {
        Err(reason) => Some(Role::Neither(reason.clone())),
        Ok(None | Some(Told { dialect: Dialect::Review, stated: false })) => None,
        Ok(Some(Told { dialect: Dialect::Library, .. })) => Some(Role::Library),
        Ok(Some(Told { dialect: Dialect::Gatekeeper, stated: false })) => {
            let package = file.facts.package.join("/");
            Some(Role::Neither(NoPolicy::Template { package }.to_string()))
        }
        Ok(Some(told)) => Some(policy(index, files, told.dialect)),
    }
}

/// A rule that answers reviews: a policy, unless all it does is to gather what the policies say.
fn answer(index: usize, files: &[File<'_>], decided: &[Option<Role>]) -> Role {
    match collector::gathered(index, files, decided, true) {
        Some(gathered) => Role::Collector(gathered),
        None => policy(index, files, Dialect::Review),
    }
}

/// A file without a rule that decides. Only what a policy needs is a library: two files that need each other may both
/// be misspelt policies.
fn unused(index: usize, files: &[File<'_>], decided: &[Option<Role>], used: bool) -> Role {
    if used {
        return Role::Library;
    }
    match (collector::gathered(index, files, decided, false), files.get(index)) {
        (Some(gathered), _) => Role::Collector(gathered),
        (None, Some(file)) => Role::Neither(NoPolicy::Nothing { found: shown(&file.facts) }.to_string()),
        (None, None) => Role::Library,
    }
}

fn shown(facts: &Analysed) -> String {
    let rules: Vec<&str> = facts.rules.iter().map(|rule| rule.name.as_str()).take(10).collect();
    let rules = if rules.is_empty() { "no rule".to_owned() } else { rules.join(", ") };
    format!("package {} with {rules}, which no policy uses", facts.package.join("."))
}

fn policy(index: usize, files: &[File<'_>], dialect: Dialect) -> Role {
    let Some(file) = files.get(index) else { return Role::Library };
    let package = file.facts.package.join("/");
    if let Some(odd) = file.facts.package.iter().find(|part| part.contains('/')) {
        return Role::Neither(format!(
            "the part {odd:?} of its package has a slash, which entrypoints cannot have"
        ));
    }
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
    let judge = file.facts.rules.iter().find(|rule| ["deny", "violation"].contains(&rule.name.as_str()));
    if let Some(judge) = judge.filter(|judge| ["function", "object"].contains(&judge.kind.as_str())) {
        let reason =
            format!("{} of package {package} is a rule of kind {}, not a set", judge.name, judge.kind);
        return Role::Neither(reason);
    }
    if let Some(missing) = dialect.rules().iter().find(|rule| !known(rule)) {
        return Role::Neither(NoPolicy::Missing { package, dialect, missing }.to_string());
    }
    let entrypoints = dialect.rules().iter().map(|rule| format!("{package}/{rule}")).collect();
    let annotations = BTreeMap::from([(package, told::annotations(&file.facts))]);
    Role::Policy(Unit { root: index, helpers, entrypoints, annotations })
}

fn has(facts: &Analysed, rule: &str) -> bool {
    facts.rules.iter().any(|has| has.name == rule)
}

// === impl Role ===

impl Role {
    /// The files that a policy is compiled with.
    fn helpers(&self) -> Vec<usize> {
        match self {
            Role::Policy(unit) => unit.helpers.iter().map(|(index, _)| *index).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
