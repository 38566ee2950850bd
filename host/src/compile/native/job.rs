//! What all questions have in common: the files in a folder, and the program that is run there.

use std::path::Path;

use super::{
    capabilities,
    dialect::{Attempt, Dialect},
    errors::{self, Reported},
    folder::Folder,
    process::{Finished, Program},
};
use crate::compile::protocol::{RegoError, Request};

/// A question that is being dealt with.
#[derive(Debug)]
pub(super) struct Job<'r> {
    program: Program,
    pub(super) request: &'r Request<'r>,
    pub(super) folder: Folder<'r>,
    pub(super) dialects: Vec<Dialect>,
}

// === impl Job ===

impl<'r> Job<'r> {
    /// Writes the files down.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn new(opa: &Path, request: &'r Request<'r>) -> Result<Self, String> {
        let folder = Folder::new(&request.modules)?;
        Ok(Self { program: Program::new(opa), request, folder, dialects: Dialect::of(&request.modules) })
    }

    /// Runs OPA on one file, without looking at what it may use.
    ///
    /// # Errors
    /// When the program fails.
    pub(super) fn parse(&self, file: &str, dialect: Dialect, include: &str) -> Result<Finished, String> {
        let include = format!("--json-include={include}");
        let arguments = ["parse", "--format=json", &include, file].into_iter().chain(dialect.flag());
        self.program.run(self.folder.path(), &arguments.collect::<Vec<_>>())
    }

    /// Runs OPA on all files.
    ///
    /// # Errors
    /// When the program fails.
    pub(super) fn run(&self, command: &[&str], dialect: Dialect) -> Result<Finished, String> {
        let limits = self.limits(dialect)?;
        let limits = limits.iter().flat_map(|file| ["--capabilities", file]);
        let files = self.folder.files().iter().map(|file| file.safe.as_str());
        let arguments = command.iter().copied().chain(dialect.flag()).chain(limits);
        self.program.run(self.folder.path(), &arguments.chain(files).collect::<Vec<_>>())
    }

    /// The file that says what modules may use. Keywords and features are those of the program, which differ with its
    /// version and with the dialect.
    fn limits(&self, dialect: Dialect) -> Result<Option<String>, String> {
        let Some(asked) = self.request.capabilities else { return Ok(None) };
        let name = format!("capabilities-{}.json", dialect.name());
        if !self.folder.path().join(&name).exists() {
            let arguments: Vec<_> = ["capabilities", "--current"].into_iter().chain(dialect.flag()).collect();
            let finished = self.program.run(self.folder.path(), &arguments)?;
            let own = serde_json::from_slice(&finished.stdout).map_err(|_| failure(&finished))?;
            let limits = capabilities::limited(own, asked, self.request.op);
            self.folder.put(&name, limits.to_string().as_bytes())?;
        }
        Ok(Some(name))
    }

    /// What is wrong with the files.
    ///
    /// # Errors
    /// When the program fails.
    pub(super) fn check(&self, dialect: Dialect) -> Attempt<()> {
        let finished = self.run(&["check", "--format=json", "--max-errors=0"], dialect)?;
        if finished.success {
            return Ok(Ok(()));
        }
        let reported = reported(&finished)?;
        // What types are expected is something that OPA can only tell in words.
        let plain = match reported.has_details() {
            true => self.run(&["check", "--max-errors=0"], dialect)?.said(),
            false => String::new(),
        };
        Ok(Err(reported.errors(&plain, &self.folder)))
    }

    /// Why a command failed: what is wrong with the files, or else what it said.
    ///
    /// # Errors
    /// When the program fails.
    pub(super) fn reason(&self, said: &str, dialect: Dialect) -> Result<Vec<RegoError>, String> {
        let errors = self.check(dialect)?.err();
        Ok(errors.unwrap_or_else(|| errors::plain(said, &self.folder)))
    }
}

/// The errors that OPA answered.
///
/// # Errors
/// When it answered something else.
pub(super) fn reported(finished: &Finished) -> Result<Reported, String> {
    // Commands differ in where they write their errors.
    let read = serde_json::from_slice(&finished.stdout);
    read.or_else(|_| serde_json::from_slice(finished.stderr.as_bytes())).map_err(|_| failure(finished))
}

/// What is said of a program that does not do as OPA does.
fn failure(finished: &Finished) -> String {
    match finished.said() {
        said if said.contains("unknown flag") => "opa is too old: 1.6 or later is needed".to_owned(),
        said => format!("opa failed: {said}"),
    }
}
