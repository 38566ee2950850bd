//! What a file says of its dialect, by its rules or by annotations.

use super::{File, has};
use crate::{
    compile::protocol::{Analysed, Annotated},
    policy::{
        Annotations,
        dialect::{self, Dialect},
    },
};

/// The rules that decide.
pub(super) const JUDGES: [&str; 3] = ["deny", "violation", "main"];

/// A file's dialect, and whether an annotation states it.
pub(super) struct Told {
    pub(super) dialect: Dialect,
    pub(super) stated: bool,
}

/// The dialect of a file that has rules of one. What decides is in the file itself; metadata may be in another file
/// of the package.
pub(super) fn told(file: &File<'_>, files: &[File<'_>]) -> Result<Option<Told>, String> {
    let facts = &file.facts;
    unambiguous(facts)?;
    if let Some(stated) = annotations(facts).custom("dialect") {
        let dialect = stated.as_str().unwrap_or("(no string)").parse();
        let dialect = dialect.map_err(|error| format!("annotation custom.dialect: {error}"))?;
        return Ok(Some(Told { dialect, stated: true }));
    }
    let package = facts.package.join("/");
    let dialect = match dialect::of_rules(&package, |rule| has(facts, rule)) {
        None => return Ok(None),
        Some(Dialect::MagTape | Dialect::Opa) => of_package(file, files, &package),
        Some(dialect) => dialect,
    };
    if dialect == Dialect::Opa && has(facts, "violation") {
        return Err(format!(
            "package {package} has both deny and violation, and only one would be asked; state which by the annotation \
             custom.dialect, opa or gatekeeper"
        ));
    }
    Ok(Some(Told { dialect, stated: false }))
}

/// A MagTape policy is a package, in however many files; those beside the one that it is named after are parts of it.
fn of_package(file: &File<'_>, files: &[File<'_>], package: &str) -> Dialect {
    let facts = &file.facts;
    let elsewhere = |rule: &str| {
        files.iter().any(|other| other.facts.package == facts.package && has(&other.facts, rule))
    };
    if dialect::of_rules(package, elsewhere) != Some(Dialect::MagTape) {
        return Dialect::Opa;
    }
    let part = leader(facts, files).is_some_and(|leader| !std::ptr::eq(leader, file));
    let whole = has(facts, "policy_metadata") && has(facts, "deny");
    if part && !whole { Dialect::Library } else { Dialect::MagTape }
}

/// The file that a MagTape policy is named after.
fn leader<'f, 'r>(facts: &Analysed, files: &'f [File<'r>]) -> Option<&'f File<'r>> {
    let of_package = || files.iter().filter(|file| file.facts.package == facts.package);
    let whole = of_package().find(|file| has(&file.facts, "deny") && has(&file.facts, "policy_metadata"));
    whole.or_else(|| of_package().find(|file| has(&file.facts, "deny")))
}

/// What is annotated of a file's package, and of the rules that a host asks, the narrowest last.
pub(super) fn annotations(facts: &Analysed) -> Annotations {
    const SCOPES: [&str; 4] = ["subpackages", "package", "document", "rule"];
    let mut annotations = Annotations::default();
    for scope in SCOPES {
        let of_scope = facts.annotations.iter().filter(|annotated| annotated.scope == scope);
        of_scope
            .filter(|annotated| annotated.rule.is_empty() || JUDGES.contains(&annotated.rule.as_str()))
            .for_each(|annotated| annotations.narrow(&annotated.annotations));
    }
    annotations
}

/// What is annotated of one definition must not narrow or soften what the others find.
fn unambiguous(facts: &Analysed) -> Result<(), String> {
    let definitions =
        |name: &str| facts.rules.iter().find(|rule| rule.name == name).map_or(0, |rule| rule.definitions);
    let one_of_several = |annotated: &&Annotated| {
        annotated.scope == "rule"
            && JUDGES.contains(&annotated.rule.as_str())
            && annotated.annotations.get("custom").is_some()
            && definitions(&annotated.rule) > 1
    };
    match facts.annotations.iter().find(one_of_several) {
        None => Ok(()),
        Some(annotated) => Err(format!(
            "custom annotations of one of {} definitions of {}, which would count for all of them; add \"scope: \
             document\" to them, or make a file of each definition",
            definitions(&annotated.rule),
            annotated.rule
        )),
    }
}
