//! `opa build`.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::read::GzDecoder;

use super::{
    dialect::{Attempt, Dialect, first},
    job::Job,
    process::Finished,
};
use crate::compile::protocol::{Compiled, RegoError};

const BUNDLE: &str = "bundle.tar.gz";

/// What OPA says of a function that became an entrypoint, today and before.
const FUNCTION_AS_ENTRYPOINT: [&str; 2] = ["used as reference, not called", "undefined ref: "];

/// More than any module or manifest has.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Makes a module of all files.
///
/// # Errors
/// When the program fails.
pub(super) fn compile(job: &Job<'_>) -> Result<Compiled, String> {
    if let Some(file) = job.request.modules.iter().find(|source| !source.without.is_empty()) {
        return Ok(failed(vec![unable(file.name, &file.without)]));
    }
    if job.request.modules.is_empty() {
        let text = "there is no module to compile".to_owned();
        return Ok(failed(vec![RegoError { text, ..RegoError::default() }]));
    }
    Ok(first(&job.dialects, |dialect| build(job, dialect))?.unwrap_or_else(failed))
}

/// Finds what is wrong with all files.
///
/// # Errors
/// When the program fails.
pub(super) fn check(job: &Job<'_>) -> Result<Compiled, String> {
    let checked = match job.request.modules.is_empty() {
        true => Ok(()),
        false => first(&job.dialects, |dialect| job.check(dialect))?,
    };
    Ok(checked.err().map(failed).unwrap_or_default())
}

fn failed(errors: Vec<RegoError>) -> Compiled {
    Compiled { errors, ..Compiled::default() }
}

fn unable(file: &str, rules: &[String]) -> RegoError {
    let text = format!(
        "an opa program cannot compile a file without some of its rules ({}), as must be done where several policies \
         share a package: `cargo xtask rego-compiler` builds the compiler that can",
        rules.join(", ")
    );
    RegoError { file: file.to_owned(), text, ..RegoError::default() }
}

/// It prunes only where it must: OPA makes each rule that depends on an entrypoint one more, and then finds that a
/// function is none.
fn build(job: &Job<'_>, dialect: Dialect) -> Attempt<Compiled> {
    let mut finished = build_once(job, dialect, false)?;
    if !finished.success && FUNCTION_AS_ENTRYPOINT.iter().any(|text| finished.said().contains(text)) {
        finished = build_once(job, dialect, true)?;
    }
    match finished.success {
        true => read(&job.folder.path().join(BUNDLE)).map(Ok),
        false => job.reason(&finished.said(), dialect).map(Err),
    }
}

fn build_once(job: &Job<'_>, dialect: Dialect, prune: bool) -> Result<Finished, String> {
    let entrypoints = job.request.entrypoints.iter().map(|entrypoint| format!("--entrypoint={entrypoint}"));
    let entrypoints: Vec<_> = entrypoints.collect();
    let mut command = vec!["build", "--target=wasm", "--output", BUNDLE];
    command.extend(entrypoints.iter().map(String::as_str));
    command.extend(prune.then_some("--prune-unused"));
    job.run(&command, dialect)
}

fn read(bundle: &Path) -> Result<Compiled, String> {
    let failed = |cause: std::io::Error| format!("the bundle of opa build cannot be read: {cause}");
    let file = File::open(bundle).map_err(failed)?;
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    let mut compiled = Compiled::default();
    for entry in archive.entries().map_err(failed)? {
        let mut entry = entry.map_err(failed)?;
        let path = entry.path().map_err(failed)?.into_owned();
        let name = path.file_name().unwrap_or_default().to_owned();
        if name == "policy.wasm" || name == ".manifest" {
            let mut bytes = Vec::new();
            entry.by_ref().take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
            add(&mut compiled, name == "policy.wasm", &bytes)?;
        }
    }
    match compiled.wasm.is_empty() {
        true => Err("opa build made no module".to_owned()),
        false => Ok(compiled),
    }
}

fn add(compiled: &mut Compiled, module: bool, bytes: &[u8]) -> Result<(), String> {
    if module {
        compiled.wasm = BASE64_STANDARD.encode(bytes);
    } else {
        let manifest = serde_json::from_slice(bytes);
        compiled.manifest =
            manifest.map_err(|cause| format!("the manifest of opa build is not valid: {cause}"))?;
    }
    Ok(())
}
