//! What is in each file, from OPA's syntax tree.

use std::{num::NonZero, slice, thread};

use serde_json::Value;

use super::{
    dialect::{Attempt, Dialect, furthest},
    errors::bounded,
    folder::File,
    job::{Job, reported},
    tree::{ground, list},
    uses,
};
use crate::compile::protocol::{Analysed, Analysis, Annotated, RegoError, Rule};

/// Looks at each file by itself. An error in one does not hide the others.
///
/// # Errors
/// When the program fails.
pub(super) fn analyse(job: &Job<'_>) -> Result<Analysis, String> {
    let files = job.folder.files();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = files.len().div_ceil(threads).max(1);
    let all = |files: &[File<'_>]| files.iter().map(|file| facts(job, file)).collect::<Result<Vec<_>, _>>();
    let modules = thread::scope(|scope| {
        let workers: Vec<_> = files.chunks(share).map(|files| scope.spawn(move || all(files))).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined
            .map(|made| made.unwrap_or_else(|_| Err("a thread failed".to_owned())))
            .collect::<Result<Vec<_>, _>>()
    });
    Ok(Analysis { modules: modules?.into_iter().flatten().collect(), errors: Vec::new() })
}

fn facts(job: &Job<'_>, file: &File<'_>) -> Result<Analysed, String> {
    let (name, version) = (file.source.name.to_owned(), file.source.version);
    let mut tried = Vec::new();
    for dialect in Dialect::of(slice::from_ref(file.source)) {
        match parse(job, file, dialect)? {
            Ok(tree) => {
                return Ok(Analysed { name, version: dialect.name().to_owned(), ..read(&tree, file) });
            }
            Err(errors) => tried.push(errors),
        }
    }
    let unknown = RegoError { text: format!("unknown version {version:?} of Rego"), ..RegoError::default() };
    let errors = tried.into_iter().reduce(furthest).unwrap_or_else(|| vec![unknown]);
    Ok(Analysed { name, version: version.to_owned(), errors: bounded(errors), ..Analysed::default() })
}

/// The text of the syntax tree.
fn parse(job: &Job<'_>, file: &File<'_>, dialect: Dialect) -> Attempt<String> {
    let finished = job.parse(&file.safe, dialect, "-comments")?;
    match finished.success {
        true => Ok(Ok(String::from_utf8_lossy(&finished.stdout).into_owned())),
        false => Ok(Err(reported(&finished)?.errors("", &job.folder))),
    }
}

fn read(tree: &str, file: &File<'_>) -> Analysed {
    let parsed = serde_json::from_str(tree).or_else(|_| serde_json::from_str(&without_numbers(tree)));
    parsed.map(|module| analysed(&module)).unwrap_or_else(|cause| {
        // It may be nested too deeply.
        let text = format!("opa's syntax tree cannot be read: {cause}");
        let error = RegoError { file: file.source.name.to_owned(), text, ..RegoError::default() };
        Analysed { errors: vec![error], ..Analysed::default() }
    })
}

/// OPA writes numbers as the source has them, which may be no JSON or too large, each on a line of its own. Nothing
/// here depends on them.
fn without_numbers(tree: &str) -> String {
    let is_number =
        |value: &str| value.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    let line = |line| match str::split_once(line, "\"value\": ") {
        Some((before, number)) if before.trim().is_empty() && is_number(number) => {
            format!("\"value\": 0{}", if number.ends_with(',') { "," } else { "" })
        }
        _ => line.to_owned(),
    };
    tree.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn analysed(module: &Value) -> Analysed {
    let package = ground(list(module.pointer("/package/path")).iter().skip(1));
    Analysed {
        rules: rules(module),
        uses: uses::uses(module, &package),
        annotations: annotations(module),
        package,
        ..Analysed::default()
    }
}

/// The first part of the rule's name: of `a.b.c := 1` it is a.
fn name(rule: &Value) -> String {
    let head = rule.pointer("/head/ref/0/value").or_else(|| rule.pointer("/head/name"));
    head.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Every rule once, as its first definition has it.
fn rules(module: &Value) -> Vec<Rule> {
    let mut found: Vec<Rule> = Vec::new();
    for rule in list(module.get("rules")) {
        let name = name(rule);
        match found.iter_mut().find(|known| known.name == name) {
            Some(known) => known.definitions += 1,
            None => found.push(Rule { name, kind: kind(rule).to_owned(), definitions: 1 }),
        }
    }
    found
}

fn kind(rule: &Value) -> &'static str {
    if !list(rule.pointer("/head/args")).is_empty() {
        "function"
    } else if list(rule.pointer("/head/ref")).len() > 1 {
        "object"
    } else if rule.pointer("/head/key").is_some() {
        "set"
    } else {
        "complete"
    }
}

/// The annotations of packages, and those of rules, which OPA lists with each rule as well.
fn annotations(module: &Value) -> Vec<Annotated> {
    let about = |annotations: &Value, rule: String| Annotated {
        scope: annotations.get("scope").and_then(Value::as_str).unwrap_or_default().to_owned(),
        rule,
        annotations: annotations.clone(),
    };
    let rules = list(module.get("rules")).iter();
    let of_rules = rules.flat_map(|rule| list(rule.get("annotations")).iter().map(|a| about(a, name(rule))));
    let all = list(module.get("annotations")).iter().map(|a| about(a, String::new()));
    let of_packages = all.filter(|annotated| ["package", "subpackages"].contains(&annotated.scope.as_str()));
    let mut found: Vec<Annotated> = Vec::new();
    for annotated in of_packages.chain(of_rules) {
        // What is said of a document is listed with each of its rules.
        if !found.contains(&annotated) {
            found.push(annotated);
        }
    }
    found
}
