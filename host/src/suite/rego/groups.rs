//! Parts of a set that may compile where the whole does not: each folder that has tests, with what it uses of others.

use std::{collections::BTreeSet, path::Path};

use super::set::{File, Set};
use crate::{
    compile::{
        Compiler,
        protocol::{Analysed, Analysis, Op, Request},
    },
    report::Problem,
    suite::runner::problem,
};

/// Files that are compiled together, by their numbers.
#[derive(Debug, PartialEq)]
pub(super) struct Group {
    /// Those whose tests are reported.
    pub(super) own: Vec<usize>,
    /// All.
    pub(super) members: Vec<usize>,
}

// === impl Group ===

impl Group {
    pub(super) fn whole(files: &[File]) -> Self {
        let all: Vec<usize> = (0..files.len()).collect();
        Self { own: all.clone(), members: all }
    }
}

/// The groups of a set, and what is wrong with files that are in none of them; nothing if there is no smaller group
/// than the whole.
pub(super) fn find(files: &[File], set: &Set, compiler: &Compiler) -> Option<(Vec<Group>, Vec<Problem>)> {
    let sources = files.iter().map(File::source).collect();
    let analysis: Analysis = compiler.ask(&Request::new(Op::Analyse, sources)).ok()?;
    if analysis.modules.len() != files.len() {
        return None;
    }
    let folders: BTreeSet<&Path> =
        files.iter().filter(|file| set.is_test(&file.path)).filter_map(|file| file.path.parent()).collect();
    let groups: Vec<Group> =
        folders.into_iter().map(|folder| group(folder, files, &analysis.modules)).collect();
    if groups.iter().all(|group| group.members.len() == files.len()) {
        return None;
    }
    let grouped = |index: &usize| groups.iter().any(|group| group.members.contains(index));
    let broken = (0..).zip(&analysis.modules).filter(|(index, _)| !grouped(index));
    let broken = broken.flat_map(|(_, facts)| {
        facts.errors.iter().map(|error| problem(error.place(&facts.name), error.reason()))
    });
    let broken = broken.collect();
    Some((groups, broken))
}

fn group(folder: &Path, files: &[File], facts: &[Analysed]) -> Group {
    let in_folder = |index: &usize| files.get(*index).is_some_and(|file| file.path.parent() == Some(folder));
    let own: Vec<usize> = (0..files.len()).filter(in_folder).collect();
    let mut members: BTreeSet<usize> = own.iter().copied().collect();
    let mut open = own.clone();
    while let Some(used) = open.pop().and_then(|index| facts.get(index)).map(|facts| &facts.uses) {
        // What the folder has itself is not looked for elsewhere: another folder may have a policy of the same name.
        let missing = used.iter().filter(|path| !own.iter().any(|index| has(facts, *index, path)));
        let found: Vec<usize> =
            missing.flat_map(|path| (0..facts.len()).filter(move |index| has(facts, *index, path))).collect();
        open.extend(found.into_iter().filter(|index| members.insert(*index)));
    }
    Group { own, members: members.into_iter().collect() }
}

/// Whether a document is, holds, or is inside one of a file's rules.
fn has(facts: &[Analysed], index: usize, path: &[String]) -> bool {
    let Some(facts) = facts.get(index) else { return false };
    match path.strip_prefix(facts.package.as_slice()) {
        Some([rule, ..]) => facts.rules.iter().any(|has| has.name == *rule),
        Some([]) => true,
        None => facts.package.starts_with(path) && !path.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::protocol::Rule;

    fn facts(package: &str, rule: &str, uses: &[&str]) -> Analysed {
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        Analysed {
            package: path(package),
            rules: vec![Rule { name: rule.to_owned(), ..Rule::default() }],
            uses: uses.iter().map(|used| path(used)).collect(),
            ..Analysed::default()
        }
    }

    fn file(path: &str) -> File {
        File::new(path.into(), String::new())
    }

    #[test]
    fn a_folder_has_what_it_uses_and_nothing_of_its_namesakes() {
        let files = ["a/p.rego", "a/p_test.rego", "b/p.rego", "lib/x.rego", "lib/y.rego"].map(file);
        let facts = [
            facts("p", "deny", &["lib.x"]),
            facts("p_test", "test_a", &["p.deny"]),
            facts("p", "deny", &[]),
            facts("lib", "x", &["lib.y"]),
            facts("lib", "y", &[]),
        ];
        let group = group(Path::new("a"), &files, &facts);
        assert_eq!(group, Group { own: vec![0, 1], members: vec![0, 1, 3, 4] });
    }
}
