//! From what was found to modules: Rego is compiled, and Gatekeeper's templates meet their constraints.
//!
//! ```text
//! source::Found -> analyse    what is in each file, by the compiler
//!               -> units      which files make a policy
//!               -> compile    each policy by itself, so that what is broken is left out alone
//!               => Vec<policy::Candidate>
//! ```
//!
//! Answers of the compiler are kept by what was asked, so that an unchanged policy is compiled once.

mod answers;
mod compiler;
mod locate;
mod native;
pub mod protocol;
mod rego;
mod templates;
pub mod units;

use crate::{
    policy::{Candidate, gatekeeper::EnforcementPoint},
    source::{Found, SourceError},
};

pub use compiler::{Compiler, CompilerError, Step};

/// What came of a set of sources.
#[derive(Debug, Default)]
pub struct Output {
    /// Modules that are ready to be loaded.
    pub candidates: Vec<Candidate>,
    /// What could not be compiled, and why.
    pub problems: Vec<SourceError>,
    /// What is worth saying, and no error.
    pub notes: Vec<SourceError>,
}

/// Compiles everything that was found. Constraints are taken as they are in force at `point`.
pub fn compile(found: Found, compiler: &Compiler, point: EnforcementPoint) -> Output {
    let Found { modules, rego, templates, constraints, data: _, errors } = found;
    let mut output = Output { candidates: modules, problems: errors, notes: Vec::new() };
    rego::compile(&rego, compiler, &mut output);
    templates::compile(&templates, &constraints, point, compiler, &mut output);
    // What two policies have in common is reported by both.
    let mut seen = std::collections::HashSet::new();
    output.problems.retain(|problem| seen.insert((problem.origin.clone(), problem.reason.clone())));
    output
}

// === impl Output ===

impl Output {
    fn problem(&mut self, origin: impl Into<String>, reason: impl Into<String>) {
        self.problems.push(SourceError { origin: origin.into(), reason: reason.into() });
    }

    fn note(&mut self, origin: impl Into<String>, reason: impl Into<String>) {
        self.notes.push(SourceError { origin: origin.into(), reason: reason.into() });
    }
}
