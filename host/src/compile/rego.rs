//! Compiles Rego files: each policy by itself, several at a time.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    Compiler, CompilerError, Output,
    protocol::{Analysed, Analysis, Compiled, Op, RegoError, Request, Source},
    units::{self, File, Role, Unit},
};
use crate::{
    engine::opa::builtins,
    policy::{Candidate, DataReads, Reads},
    source::Rego,
};

/// No ConfigMap can hold more.
const MAX_BYTES: usize = 1024 * 1024;

/// What the compiler makes of a source.
pub(super) struct Module {
    pub(super) wasm: Vec<u8>,
    pub(super) manifest: Value,
    pub(super) reads: Option<Reads>,
    pub(super) data_reads: Option<DataReads>,
}

/// A module, or what is wrong with its source.
pub(super) type Made = Result<Result<Module, Vec<RegoError>>, CompilerError>;

/// Adds the policies among these files to the output, and what is wrong with the others.
pub(super) fn compile(rego: &[Rego], compiler: &Compiler, output: &mut Output) {
    if rego.is_empty() {
        return;
    }
    let files = analyse(rego, compiler, output);
    let broken = broken(rego, &files);
    let mut units = Vec::new();
    for (file, role) in files.iter().zip(units::roles(&files)) {
        match role {
            Role::Policy(unit) => match needs_broken(&unit, &files, &broken) {
                Some(reason) => output.problem(&file.rego.origin, reason),
                None => units.push(unit),
            },
            Role::Library => {}
            Role::Collector(gathered) => output.note(
                &file.rego.origin,
                format!("gathers {gathered}; those policies are judged on their own, so it is not needed"),
            ),
            Role::Neither(reason) => output.problem(&file.rego.origin, reason),
        }
    }
    for (unit, made) in units.iter().zip(compiler.each(&units, |unit| make(unit, &files, compiler))) {
        let Some(root) = files.get(unit.root).map(|file| file.rego) else { continue };
        add(made, root, unit, output);
    }
}

fn add(made: Made, root: &Rego, unit: &Unit, output: &mut Output) {
    match made {
        Ok(Ok(Module { wasm, manifest, reads, data_reads })) => output.candidates.push(Candidate {
            origin: root.origin.clone(),
            name: root.name.clone(),
            wasm,
            manifest,
            reads,
            data_reads,
            annotations: unit.annotations.clone(),
            ..Candidate::default()
        }),
        Ok(Err(errors)) => report(&errors, &root.origin, output),
        Err(error) => output.problem(&root.origin, error.to_string()),
    }
}

/// Each error at its own place.
pub(super) fn report(errors: &[RegoError], origin: &str, output: &mut Output) {
    for error in errors {
        output.problem(error.place(origin), reason(error));
    }
}

/// OPA's text, and why the function that it does not find is none of this host's.
pub(super) fn reason(error: &RegoError) -> String {
    let function = error.text.strip_prefix("undefined function ").and_then(|rest| rest.lines().next());
    match function.and_then(builtins::refusal) {
        Some(refusal) => format!("{}; policies do not get it: {refusal}", error.reason()),
        None => error.reason(),
    }
}

/// What is in each file; files that cannot be read are left out and reported.
fn analyse<'r>(rego: &'r [Rego], compiler: &Compiler, output: &mut Output) -> Vec<File<'r>> {
    let (fit, large): (Vec<_>, Vec<_>) = rego.iter().partition(|rego| rego.text.len() <= MAX_BYTES);
    for rego in large {
        let reason =
            format!("has {} bytes, more than the {MAX_BYTES} that Rego source may have", rego.text.len());
        output.problem(&rego.origin, reason);
    }
    let mut files = Vec::new();
    for (rego, facts) in fit.iter().zip(all_facts(&fit, compiler)) {
        match facts {
            Ok(facts) if facts.errors.is_empty() => files.push(File { rego, facts }),
            Ok(facts) => report(&facts.errors, &rego.origin, output),
            Err(error) => output.problem(&rego.origin, error.to_string()),
        }
    }
    files
}

/// What is in each file, asked at once. When that fails, one file may be to blame, so each is asked by itself.
fn all_facts(rego: &[&Rego], compiler: &Compiler) -> Vec<Result<Analysed, CompilerError>> {
    let sources = rego.iter().map(|rego| source(rego)).collect();
    let analysis: Result<Analysis, _> = compiler.ask(&Request::new(Op::Analyse, sources));
    match analysis {
        Ok(analysis) if analysis.modules.len() == rego.len() => {
            analysis.modules.into_iter().map(Ok).collect()
        }
        Err(error @ (CompilerError::Missing(_) | CompilerError::Start { .. })) => {
            rego.iter().map(|_| Err(error.clone())).collect()
        }
        _ => compiler.each(rego, |rego| facts(rego, compiler)),
    }
}

/// What is in one file.
pub(super) fn facts(rego: &Rego, compiler: &Compiler) -> Result<Analysed, CompilerError> {
    let analysis: Analysis = compiler.ask(&Request::new(Op::Analyse, vec![source(rego)]))?;
    let mut facts = analysis.modules.into_iter().next().unwrap_or_default();
    facts.errors.extend(analysis.errors);
    Ok(facts)
}

fn source(rego: &Rego) -> Source<'_> {
    Source { name: &rego.origin, text: &rego.text, version: "", without: Vec::new() }
}

fn make(unit: &Unit, files: &[File<'_>], compiler: &Compiler) -> Made {
    module(&request(unit, files, compiler), compiler)
}

/// The question that makes a module of a unit.
fn request<'f>(unit: &Unit, files: &'f [File<'f>], compiler: &'f Compiler) -> Request<'f> {
    let root = files.get(unit.root).map(|file| source(file.rego));
    let helpers = unit.helpers.iter().filter_map(|(index, without)| {
        Some(Source { without: without.clone(), ..source(files.get(*index)?.rego) })
    });
    Request {
        entrypoints: unit.entrypoints.clone(),
        capabilities: compiler.capabilities(),
        ..Request::new(Op::Compile, root.into_iter().chain(helpers).collect())
    }
}

/// Asks for a module.
///
/// # Errors
/// When there is no answer. What is wrong with the source is an answer.
pub(super) fn module(request: &Request<'_>, compiler: &Compiler) -> Made {
    let compiled: Compiled = compiler.ask(request)?;
    if !compiled.errors.is_empty() {
        return Ok(Err(compiled.errors));
    }
    let Compiled { wasm, manifest, reads, data, .. } = compiled;
    let wasm = BASE64_STANDARD.decode(wasm).map_err(|cause| CompilerError::Fault(cause.to_string()))?;
    let (reads, data_reads) = (reads.map(Reads::new), data.map(DataReads::new));
    Ok(Ok(Module { wasm, manifest, reads, data_reads }))
}

/// The packages of the files that could not be read, as far as their text tells, each with its file.
fn broken<'r>(rego: &'r [Rego], files: &[File<'_>]) -> Vec<(&'r str, Vec<String>)> {
    let read = |rego: &Rego| files.iter().any(|file| file.rego.origin == rego.origin);
    let package = |rego: &'r Rego| {
        let line = rego.text.lines().find_map(|line| line.trim().strip_prefix("package "))?;
        let name = line.split(['#', ' ', ';']).next()?;
        Some((rego.origin.as_str(), name.split('.').map(str::to_owned).collect()))
    };
    rego.iter().filter(|rego| !read(rego)).filter_map(package).collect()
}

/// A rule that refers to what is not there is undefined and would find nothing, in silence.
fn needs_broken(unit: &Unit, files: &[File<'_>], broken: &[(&str, Vec<String>)]) -> Option<String> {
    let members = [unit.root].into_iter().chain(unit.helpers.iter().map(|(index, _)| *index));
    let members: Vec<_> = members.filter_map(|index| files.get(index)).collect();
    let uses = |package: &[String]| {
        let outside = members.iter().filter(|file| file.facts.package != package);
        let mut all = outside.flat_map(|file| &file.facts.uses).filter(|used| used.starts_with(package));
        // A package below the broken one is another: MagTape's policies are all below OPA's.
        let below = |used: &[String]| {
            let deeper = files.iter().filter(|file| file.facts.package.len() > package.len());
            deeper.map(|file| &file.facts.package).any(|package| used.starts_with(package))
        };
        all.any(|used| !below(used))
    };
    let (origin, package) = broken.iter().find(|(_, package)| uses(package))?;
    Some(format!("needs package {} of {origin}, which could not be read", package.join(".")))
}
