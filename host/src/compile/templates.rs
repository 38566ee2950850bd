//! Joins Gatekeeper's templates with their constraints, and compiles each template that is used.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    Compiler, Output,
    protocol::{Analysis, Op, Request, Source},
    rego,
};
use crate::{
    policy::{
        Annotations, Candidate, Constrained,
        dialect::Dialect,
        gatekeeper::{Constraint, EnforcementPoint, RegoVersion, Template},
    },
    source::Manifest,
};

/// Annotations of a template or a constraint that say what Gatekeeper has no place for.
const SEVERITY: &str = "magtape.io/severity";
const ERRCODE: &str = "magtape.io/errcode";

/// A template with its origin and what asks it.
struct Used {
    origin: String,
    template: Template,
    constraints: Vec<Constrained>,
}

pub(super) fn compile(
    templates: &[Manifest],
    constraints: &[Manifest],
    point: EnforcementPoint,
    compiler: &Compiler,
    output: &mut Output,
) {
    let mut used: BTreeMap<String, Used> = BTreeMap::new();
    let mut broken = BTreeSet::new();
    for manifest in templates {
        match Template::parse(&manifest.object) {
            Ok(template) => add_template(&manifest.origin, template, &mut used, output),
            Err(error) => {
                broken.insert(kind(&manifest.object));
                output
                    .problem(&manifest.origin, format!("is no ConstraintTemplate that can be used: {error}"));
            }
        }
    }
    for manifest in constraints {
        match Constraint::parse(&manifest.object) {
            Ok(constraint) => {
                add_constraint(&manifest.origin, &constraint, point, (&mut used, &broken), output);
            }
            Err(error) => {
                output.problem(&manifest.origin, format!("is no constraint that can be used: {error}"))
            }
        }
    }
    let used: Vec<Used> = used.into_values().collect();
    for idle in used.iter().filter(|used| used.constraints.is_empty()) {
        output.note(
            &idle.origin,
            format!("the template {} judges nothing: no constraint uses it", idle.template.name),
        );
    }
    let made = compiler.each(&used, |used| candidate(used, compiler));
    for (used, made) in used.iter().zip(made) {
        match made {
            Ok(candidate) if used.constraints.is_empty() => drop(candidate),
            Ok(candidate) => output.candidates.push(candidate),
            Err(problems) => problems.into_iter().for_each(|(place, reason)| output.problem(place, reason)),
        }
    }
}

/// The kind of constraints that a template was to make.
fn kind(template: &Value) -> String {
    template.pointer("/spec/crd/spec/names/kind").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn add_template(origin: &str, template: Template, used: &mut BTreeMap<String, Used>, output: &mut Output) {
    if let Some(holder) = used.get(&template.kind) {
        let reason = format!("the template of kind {} is also in {}", template.kind, holder.origin);
        return output.problem(origin, reason);
    }
    let kind = template.kind.clone();
    used.insert(kind, Used { origin: origin.to_owned(), template, constraints: Vec::new() });
}

fn add_constraint(
    origin: &str,
    constraint: &Constraint,
    point: EnforcementPoint,
    (used, broken): (&mut BTreeMap<String, Used>, &BTreeSet<String>),
    output: &mut Output,
) {
    let Some(used) = used.get_mut(&constraint.kind) else {
        return output.problem(origin, missing(&constraint.kind, broken));
    };
    constraint.notes().into_iter().for_each(|note| output.note(origin, note));
    let Some(enforcement) = constraint.action(point) else {
        return output.note(origin, format!("is not enforced at {}", point.name()));
    };
    match used.template.parameters(constraint) {
        Ok((parameters, notes)) => {
            notes.into_iter().for_each(|note| output.note(origin, note));
            used.constraints.push(Constrained {
                origin: origin.to_owned(),
                constraint: constraint.name.clone(),
                annotations: describe(&used.template, constraint, enforcement),
                matching: constraint.matching.clone(),
                enforcement,
                parameters,
            });
        }
        Err(error) => output.problem(
            origin,
            format!("its parameters are not what the template {} wants: {error}", used.template.name),
        ),
    }
}

fn missing(kind: &str, broken: &BTreeSet<String>) -> String {
    if broken.contains(kind) {
        return format!("its ConstraintTemplate of kind {kind} could not be used");
    }
    format!("there is no ConstraintTemplate of kind {kind}; give its file too")
}

/// What a policy of MagTape's would say of itself. What never denies is of severity LOW unless somebody says
/// something else.
fn describe(
    template: &Template,
    constraint: &Constraint,
    enforcement: crate::verdict::Enforcement,
) -> Annotations {
    let annotation =
        |name: &str| constraint.annotations.get(name).or_else(|| template.annotations.get(name)).cloned();
    let default = if enforcement == Default::default() { "HIGH" } else { "LOW" };
    let mut annotations = Annotations::default();
    annotations.narrow(&json!({
        "title": annotation("metadata.gatekeeper.sh/title"),
        "description": annotation("description"),
        "custom": {
            "name": format!("{}/{}", constraint.kind, constraint.name),
            "severity": annotation(SEVERITY).unwrap_or_else(|| default.to_owned()),
            "errcode": annotation(ERRCODE).unwrap_or_else(|| template.kind.clone()),
            "operations": template.operations,
        },
    }));
    annotations
}

type Problems = Vec<(String, String)>;

fn candidate(used: &Used, compiler: &Compiler) -> Result<Candidate, Problems> {
    let template = &used.template;
    let main = format!("{}: {}", used.origin, template.kind);
    let libs: Vec<String> = (1..=template.libs.len()).map(|number| format!("{main}, lib {number}")).collect();
    let version = match template.version {
        RegoVersion::V0 => "v0",
        RegoVersion::V1 => "v1",
    };
    let texts = [&template.rego].into_iter().chain(&template.libs);
    let names = [&main].into_iter().chain(&libs);
    let sources = || {
        names.clone().zip(texts.clone()).map(|(name, text)| Source {
            name,
            text,
            version,
            without: Vec::new(),
        })
    };
    let package = package(sources().collect(), &main, compiler)?;
    let request = Request {
        entrypoints: Dialect::Gatekeeper.rules().iter().map(|rule| format!("{package}/{rule}")).collect(),
        capabilities: compiler.capabilities(),
        ..Request::new(Op::Compile, sources().collect())
    };
    match rego::module(&request, compiler) {
        Ok(Ok(rego::Module { wasm, manifest, reads, data_reads })) => Ok(Candidate {
            origin: used.origin.clone(),
            name: template.kind.clone(),
            wasm,
            manifest,
            constraints: Some(used.constraints.clone()),
            reads,
            data_reads,
            ..Candidate::default()
        }),
        Ok(Err(errors)) => Err(problems(&errors, &main)),
        Err(error) => Err(vec![(used.origin.clone(), error.to_string())]),
    }
}

fn problems(errors: &[super::protocol::RegoError], origin: &str) -> Problems {
    errors.iter().map(|error| (error.place(origin), rego::reason(error))).collect()
}

/// The package of a template's rule, which must be there.
fn package(sources: Vec<Source<'_>>, main: &str, compiler: &Compiler) -> Result<String, Problems> {
    let analysis: Result<Analysis, _> = compiler.ask(&Request::new(Op::Analyse, sources));
    let analysis = analysis.map_err(|error| vec![(main.to_owned(), error.to_string())])?;
    let errors: Vec<_> = analysis.modules.iter().flat_map(|module| module.errors.clone()).collect();
    if !errors.is_empty() {
        return Err(problems(&errors, main));
    }
    let Some(rule) = analysis.modules.first() else { return Err(problems(&analysis.errors, main)) };
    if !rule.rules.iter().any(|rule| rule.name == "violation") {
        return Err(vec![(
            main.to_owned(),
            "has no rule violation, which is what Gatekeeper asks".to_owned(),
        )]);
    }
    Ok(rule.package.join("/"))
}
