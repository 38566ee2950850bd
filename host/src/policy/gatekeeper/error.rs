//! What is wrong with a template or a constraint, and where.

use std::fmt;

/// More problems of one document are counted, not told.
pub(super) const MAX_PROBLEMS: usize = 10;

/// Why a template or a constraint is not used: at least one problem, at most ten, and how many more there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatekeeperError {
    problems: Vec<Problem>,
    more: usize,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the document, such as `spec.match.kinds[0]`.
    pub path: String,
    /// What is wrong there, such as `must be a list, is the string "Pod"`.
    pub problem: String,
}

// === impl GatekeeperError ===

impl GatekeeperError {
    pub(super) fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { problems: vec![Problem { path: path.into(), problem: problem.into() }], more: 0 }
    }

    /// The error of these problems, if there are any; `more` were not kept.
    pub(super) fn of(problems: Vec<Problem>, more: usize) -> Result<(), Self> {
        if problems.is_empty() && more == 0 { Ok(()) } else { Err(Self { problems, more }) }
    }

    /// What is wrong, each with its place.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl std::error::Error for GatekeeperError {}

impl fmt::Display for GatekeeperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.problems.iter().map(Problem::to_string).collect();
        f.write_str(&texts.join("; "))?;
        if self.more > 0 {
            write!(f, "; and {} more", self.more)?;
        }
        Ok(())
    }
}

// === impl Problem ===

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem)
    }
}
