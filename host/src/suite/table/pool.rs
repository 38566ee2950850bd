//! The policies that tables may name.

use crate::{
    compile::Output,
    evaluate::Loader,
    parallel,
    policy::{Candidate, Policy},
    report::Problem,
    suite::runner::{problem, unread},
};

/// Policies with what they were loaded from.
pub(in crate::suite) struct Pool {
    candidates: Vec<Candidate>,
    policies: Vec<Known>,
    problems: Vec<(String, String)>,
}

/// A policy, with the number of the candidate that it is in.
type Known = (usize, Policy);

/// The module of a policy, and the policy's own name.
type Found<'p> = (&'p Candidate, &'p str);

// === impl Pool ===

impl Pool {
    /// Loads what was compiled, once, to learn its names.
    pub(in crate::suite) fn new(output: Output, loader: &Loader) -> Self {
        let candidates = output.candidates;
        let mut problems: Vec<Problem> = output.problems.into_iter().map(unread).collect();
        let mut policies = Vec::new();
        let loaded = parallel::each(&candidates, |candidate| loader.load(candidate), &|_| {});
        let numbered = (0..).zip(loaded);
        for (index, entry) in
            numbered.flat_map(|(index, entries)| entries.into_iter().map(move |entry| (index, entry)))
        {
            match entry {
                Ok(entry) => policies.push((index, entry.policy)),
                Err(error) => problems.push(problem(error.origin, error.reason.to_string())),
            }
        }
        let problems = problems.into_iter().map(|problem| (problem.place, problem.reason)).collect();
        Self { candidates, policies, problems }
    }

    /// What could not be loaded.
    pub(in crate::suite) fn problems(&self) -> impl Iterator<Item = Problem> {
        self.problems.iter().map(|(place, reason)| problem(place, reason))
    }

    /// The policy of that name: what it calls itself, or else its code, its file or its folder.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub(super) fn find(&self, name: &str) -> Result<Found<'_>, String> {
        let named = |fits: &dyn Fn(usize, &Policy) -> bool| -> Vec<&Known> {
            self.policies.iter().filter(|(index, policy)| fits(*index, policy)).collect()
        };
        let mut found = named(&|_, policy| policy.metadata.name == name);
        if found.is_empty() {
            found = named(&|index, policy| self.is_called(index, policy, name));
        }
        let one = self.one(&found, &format!("{name:?} is the name of"));
        one.ok_or_else(|| {
            format!("no policy {name:?} is loaded; --policies names others, and so does a path")
        })?
    }

    /// The only policy.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub(super) fn only(&self) -> Result<Found<'_>, String> {
        if let Some((place, reason)) = self.problems.first() {
            return Err(format!("{place}: {reason}"));
        }
        let all: Vec<_> = self.policies.iter().collect();
        self.one(&all, "the path holds").ok_or("the path holds no policy")?
    }

    fn one<'p>(&'p self, found: &[&'p Known], said: &str) -> Option<Result<Found<'p>, String>> {
        match found {
            [] => None,
            [(index, policy)] => Some(Ok((self.candidates.get(*index)?, &policy.metadata.name))),
            several => {
                let origins: Vec<&str> = several.iter().map(|(_, policy)| policy.origin.as_str()).collect();
                Some(Err(format!("{said} {} policies: {}", origins.len(), origins.join(", "))))
            }
        }
    }

    fn is_called(&self, index: usize, policy: &Policy, name: &str) -> bool {
        let candidate = self.candidates.get(index);
        policy.metadata.errcode == name
            || candidate
                .is_some_and(|candidate| candidate.name == name || file_name(&candidate.origin) == name)
    }
}

/// The last part of an origin without its ending; `policy.rego` and its like are called as their folder is.
fn file_name(origin: &str) -> &str {
    let mut parts = origin.rsplit(['/', ' ']);
    let file = parts.next().and_then(|file| file.split('.').next()).unwrap_or_default();
    if file == "policy" { parts.next().unwrap_or(file) } else { file }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_it_is_or_as_its_folder() {
        for (origin, expected) in [
            ("embedded mt1009-emptydir", "mt1009-emptydir"),
            ("policies/a.rego", "a"),
            ("policies/a/policy.rego", "a"),
            ("a.tar.gz", "a"),
            ("policy.rego", "policy"),
        ] {
            assert_eq!(file_name(origin), expected, "{origin}");
        }
    }
}
