//! The same answers as those of the Rego compiler, by the program `opa`, for machines that have no such compiler.

mod analyse;
mod build;
mod capabilities;
mod dialect;
mod errors;
mod folder;
mod job;
mod process;
mod scope;
mod trace;
mod tree;
mod unit_tests;
mod uses;

use std::path::Path;

use serde::Serialize;

use super::protocol::{Op, Request};
use job::Job;

/// Answers with the help of the program at `opa`, which has to be 1.6 or later.
///
/// It cannot leave out rules of a file, and takes files of both versions of Rego only one by one; those answers are
/// errors that say so.
///
/// # Errors
/// When the program fails. What it finds wrong with a policy is an answer.
pub(super) fn ask(opa: &Path, request: &Request<'_>) -> Result<Vec<u8>, String> {
    let job = Job::new(opa, request)?;
    match request.op {
        Op::Analyse => written(&analyse::analyse(&job)?),
        Op::Compile => written(&build::compile(&job)?),
        Op::Check => written(&build::check(&job)?),
        Op::Test => written(&unit_tests::run(&job)?),
    }
}

fn written(answer: &impl Serialize) -> Result<Vec<u8>, String> {
    serde_json::to_vec(answer).map_err(|cause| cause.to_string())
}

#[cfg(test)]
mod tests;
