//! The two dialects of Rego. OPA takes all files of a run in the same one.

use std::collections::BTreeSet;

use super::errors::{PARSE_ERROR, bounded};
use crate::compile::protocol::{RegoError, Source};

/// A dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    V1,
    V0,
}

/// What came of an attempt, unless the program itself failed.
pub(super) type Attempt<T> = Result<Result<T, Vec<RegoError>>, String>;

// === impl Dialect ===

impl Dialect {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V0 => "v0",
        }
    }

    /// What OPA has to be told. Its default is v1.
    pub(super) fn flag(self) -> Option<&'static str> {
        (self == Self::V0).then_some("--v0-compatible")
    }

    /// Those that no file excludes.
    pub(super) fn of(sources: &[Source<'_>]) -> Vec<Self> {
        let fits = |dialect: &Self| {
            sources.iter().all(|source| source.version.is_empty() || source.version == dialect.name())
        };
        [Self::V1, Self::V0].into_iter().filter(fits).collect()
    }
}

/// Tries one after the other, until it succeeds. Otherwise the errors are those that its author can do something
/// about.
///
/// # Errors
/// When the program failed.
pub(super) fn first<T>(dialects: &[Dialect], attempt: impl Fn(Dialect) -> Attempt<T>) -> Attempt<T> {
    let mut failed = Vec::new();
    for dialect in dialects {
        match attempt(*dialect)? {
            Ok(made) => return Ok(Ok(made)),
            Err(errors) => failed.push(errors),
        }
    }
    let mut failed = failed.into_iter();
    let errors = match (failed.next(), failed.next()) {
        (Some(newer), Some(older)) => chosen(newer, older),
        (Some(only), None) => only,
        (None, _) => vec![mixed()],
    };
    Ok(Err(bounded(errors)))
}

/// A file that is not valid in one dialect only is of the other one. Of a file that is not valid in either, the
/// errors count that come later: the wrong dialect stumbles early over what is just not its own.
fn chosen(newer: Vec<RegoError>, older: Vec<RegoError>) -> Vec<RegoError> {
    let (in_newer, in_older) = (unread(&newer), unread(&older));
    if in_newer.is_empty() {
        return newer;
    }
    if in_older.is_empty() {
        return older;
    }
    let broken: Vec<String> = in_newer.intersection(&in_older).cloned().collect();
    let errors: Vec<_> =
        broken.iter().flat_map(|file| furthest(of(file, &newer), of(file, &older))).collect();
    if errors.is_empty() { vec![mixed()] } else { errors }
}

/// The files that could not be read.
fn unread(errors: &[RegoError]) -> BTreeSet<String> {
    errors.iter().filter(|error| error.code == PARSE_ERROR).map(|error| error.file.clone()).collect()
}

fn of(file: &str, errors: &[RegoError]) -> Vec<RegoError> {
    errors.iter().filter(|error| error.file == file).cloned().collect()
}

/// The errors that begin later.
pub(super) fn furthest(newer: Vec<RegoError>, older: Vec<RegoError>) -> Vec<RegoError> {
    let begin = |errors: &[RegoError]| errors.iter().map(|error| (error.line, error.column)).min();
    if begin(&older) > begin(&newer) { older } else { newer }
}

fn mixed() -> RegoError {
    let text = "some of these files are Rego v0 and some are v1, which an opa program takes for one of both only: \
                `cargo xtask rego-compiler` builds the compiler that takes them together";
    RegoError { text: text.to_owned(), ..RegoError::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(file: &str, line: usize, code: &str) -> RegoError {
        RegoError { file: file.to_owned(), line, code: code.to_owned(), ..RegoError::default() }
    }

    fn tried(newer: Vec<RegoError>, older: Vec<RegoError>) -> Vec<(String, usize)> {
        let attempt = |dialect| match dialect {
            Dialect::V1 => Ok(Err::<(), _>(newer.clone())),
            Dialect::V0 => Ok(Err(older.clone())),
        };
        let errors = first(&[Dialect::V1, Dialect::V0], attempt).unwrap().unwrap_err();
        errors.into_iter().map(|error| (error.file, error.line)).collect()
    }

    #[test]
    fn the_errors_are_those_of_the_dialect_that_got_further() {
        let (parse, types) =
            (|line| vec![error("a", line, PARSE_ERROR)], |line| vec![error("a", line, "type")]);
        assert_eq!(tried(parse(3), parse(7)), [("a".to_owned(), 7)]);
        assert_eq!(tried(parse(7), parse(3)), [("a".to_owned(), 7)]);
        assert_eq!(tried(parse(7), types(3)), [("a".to_owned(), 3)]);
        assert_eq!(tried(types(3), parse(7)), [("a".to_owned(), 3)]);
        assert_eq!(tried(types(3), types(7)), [("a".to_owned(), 3)]);
    }

    #[test]
    fn a_file_of_the_other_dialect_is_not_to_blame() {
        let newer = vec![error("a", 3, PARSE_ERROR), error("old", 1, PARSE_ERROR)];
        let older = vec![error("a", 2, PARSE_ERROR), error("new", 9, PARSE_ERROR)];
        assert_eq!(tried(newer, older), [("a".to_owned(), 3)]);
    }

    #[test]
    fn files_of_both_dialects_are_too_much_for_it() {
        let source = |version| Source { name: "a", text: "", version, without: Vec::new() };
        assert_eq!(Dialect::of(&[source(""), source("v0")]), [Dialect::V0]);
        assert_eq!(Dialect::of(&[source("v1"), source("v0")]), []);
        let errors = first(&[], |_| Ok(Ok(()))).unwrap().unwrap_err();
        assert!(errors[0].text.contains("cargo xtask rego-compiler"));
        assert_eq!(
            tried(vec![error("old", 1, PARSE_ERROR)], vec![error("new", 1, PARSE_ERROR)]),
            [(String::new(), 0)]
        );
    }
}
