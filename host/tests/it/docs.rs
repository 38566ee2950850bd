//! The documents say what is so: links and paths lead somewhere, commands and flags exist, every flag is
//! described, and what is shown as output is what the program prints.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::CommandFactory;
use serde_json::Value;

/// The pages that describe every flag.
const REFERENCE: [&str; 2] = ["docs/check.md", "docs/configuration.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every file of the repository by its path from the root; not what Cargo and Git keep there.
fn files() -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            match path.to_str().unwrap() {
                "target" | ".git" | "policies-wasm/target" => {}
                _ if entry.file_type().unwrap().is_dir() => folders.push(path),
                path => found.push(path.to_owned()),
            }
        }
    }
    found
}

/// Every page with its text.
fn pages() -> Vec<(String, String)> {
    let pages = files().into_iter().filter(|path| path.ends_with(".md"));
    pages.map(|path| (path.clone(), fs::read_to_string(root().join(&path)).unwrap())).collect()
}

/// The lines of a text that are in code blocks, and those that are not.
fn split(text: &str) -> (Vec<&str>, Vec<&str>) {
    let mut fenced = false;
    let is_code = |line: &&str| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        fenced && !fence
    };
    text.lines().partition(is_code)
}

/// Pieces of code: lines of code blocks, and what is between backticks.
fn code(text: &str) -> Vec<String> {
    let (blocks, prose) = split(text);
    // A span may go over the end of a line.
    let prose: Vec<&str> = prose.into_iter().filter(|line| !line.trim_start().starts_with("```")).collect();
    let prose = prose.join("\n");
    let spans = prose.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " "));
    blocks.into_iter().map(str::to_owned).chain(spans).collect()
}

/// The targets of a page's links.
fn links(text: &str) -> Vec<&str> {
    let (_, prose) = split(text);
    let after = prose.into_iter().flat_map(|line| line.split("](").skip(1));
    after.filter_map(|rest| Some(rest.split_once(')')?.0)).collect()
}

/// The names that a page's headings have in links.
fn anchors(text: &str) -> BTreeSet<String> {
    let (_, prose) = split(text);
    let headings = prose.into_iter().filter(|line| line.starts_with('#'));
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings
        .map(|line| {
            line.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).collect::<String>()
        })
        .map(|heading| heading.replace(' ', "-"))
        .collect()
}

fn magtape(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_magtape"));
    for variable in ["DENY_LEVEL", "LISTEN", "FAILURE_POLICY", "LOG_LEVEL", "LOG_FORMAT", "POD_NAME"] {
        command.env_remove(format!("MAGTAPE_{variable}"));
    }
    let output = command.args(arguments).current_dir(root()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The flags, such as `--policies`, in a text.
fn flags(text: &str) -> BTreeSet<String> {
    let name = |rest: &str| {
        let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        format!("--{name}")
    };
    let starts = text.match_indices("--").filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '-')
    });
    let found = starts.map(|(at, dashes)| name(&text[at + dashes.len()..]));
    found.filter(|flag| flag.chars().nth(2).is_some_and(|c| c.is_ascii_lowercase())).collect()
}

/// The tasks of `cargo xtask` with the flags of each, from the types that its arguments are read into.
/// `RegoCompiler` as it is typed: `rego-compiler`.
fn kebab(name: &str) -> String {
    let dash = |at: usize, c: char| (at > 0 && c.is_uppercase()).then_some('-');
    name.char_indices().flat_map(|(at, c)| dash(at, c).into_iter().chain(c.to_lowercase())).collect()
}

fn tasks() -> BTreeMap<String, BTreeSet<String>> {
    let source = fs::read_to_string(root().join("xtask/src/main.rs")).unwrap();
    let body = source.split_once("enum Task {").unwrap().1.split_once("\n}").unwrap().0;
    let mut tasks = BTreeMap::<String, BTreeSet<String>>::new();
    let mut task = String::new();
    for line in body.lines().filter(|line| !line.trim_start().starts_with(['/', '#', '}'])) {
        let name: String = line.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if line.starts_with("        ") {
            tasks.get_mut(&task).unwrap().insert(format!("--{}", name.replace('_', "-")));
        } else if !name.is_empty() {
            task = kebab(&name);
            tasks.insert(task.clone(), BTreeSet::new());
        }
    }
    tasks
}

#[test]
fn links_lead_somewhere() {
    for (page, text) in pages() {
        let folder = root().join(&page).parent().unwrap().to_owned();
        for link in links(&text).into_iter().filter(|link| !link.starts_with("http")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { root().join(&page) } else { folder.join(path) };
            assert!(target.exists(), "{page}: the link {link} leads nowhere");
            if !anchor.is_empty() {
                let headings = anchors(&fs::read_to_string(target).unwrap());
                assert!(headings.contains(anchor), "{page}: the link {link} names no heading");
            }
        }
    }
}

#[test]
fn paths_exist() {
    let top: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let ends = |c: char| c.is_whitespace() || "\"'(),;".contains(c);
    for (page, text) in pages() {
        for code in code(&text) {
            for word in code.split(ends).map(|word| word.trim_start_matches('@').trim_end_matches(['.', ':']))
            {
                let Some((first, _)) = word.split_once('/') else { continue };
                // The fixed part of a path with a placeholder has to be there.
                let fixed = word
                    .find(['*', '<', '{', '…'])
                    .map_or(word, |at| word[..at].rsplit_once('/').map_or("", |(folder, _)| folder));
                let ours = top.contains(first) && first != "target";
                assert!(!ours || root().join(fixed).exists(), "{page}: {word} does not exist");
            }
        }
    }
}

#[test]
fn tasks_exist() {
    let tasks = tasks();
    assert!(tasks.contains_key("test") && tasks["policies"].contains("--check"), "{tasks:?}");
    for (page, text) in pages() {
        for code in code(&text) {
            let Some((_, rest)) = code.split_once("cargo xtask ") else { continue };
            let name = rest.split_whitespace().next().unwrap_or_default();
            if name.starts_with(['-', '<']) {
                continue;
            }
            let known = tasks.get(name).unwrap_or_else(|| panic!("{page}: there is no task {name}"));
            let unknown: Vec<String> = flags(rest).difference(known).cloned().collect();
            assert!(unknown.is_empty(), "{page}: {name} does not take {unknown:?}");
        }
    }
}

#[test]
fn subcommands_and_flags_exist() {
    let help = magtape(&["--help"]);
    for (page, text) in pages() {
        for code in code(&text) {
            // As a program's name, not as a word: at the beginning, or after a pipe.
            let calls = code.split(['|', '$']).map(str::trim_start);
            for call in calls.filter_map(|part| part.strip_prefix("magtape ")) {
                let word = call.split_whitespace().next().unwrap_or_default();
                if word.starts_with("--") || word == ">" {
                    continue;
                }
                let known = help.lines().any(|line| line.trim_start().starts_with(&format!("{word} ")));
                assert!(known, "{page}: `magtape {call}`: there is no subcommand {word}");
                let help = magtape(&[word, "--help"]);
                // A command may have commands of its own.
                let inner = call.split_whitespace().nth(1).unwrap_or_default();
                let has = help
                    .split_once("Commands:")
                    .is_some_and(|(_, list)| list.contains(&format!("\n  {inner} ")));
                let help = if has && !inner.is_empty() { magtape(&[word, inner, "--help"]) } else { help };
                let unknown: Vec<String> = flags(call).difference(&flags(&help)).cloned().collect();
                assert!(unknown.is_empty(), "{page}: magtape {word} does not take {unknown:?}");
            }
        }
    }
    let commands = commands(&magtape::args::Args::command(), "magtape");
    let flag = |argument: &clap::Arg| argument.get_long().map(|long| format!("--{long}"));
    let all: BTreeSet<String> =
        commands.iter().flat_map(|(_, command)| command.get_arguments().filter_map(flag)).collect();
    for page in REFERENCE {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let named: BTreeSet<String> = code(&text).iter().flat_map(|code| flags(code)).collect();
        let unknown: Vec<&String> = named.difference(&all).collect();
        assert!(unknown.is_empty(), "{page}: there is no flag {unknown:?}");
    }
}

/// A command with those within it, by the words it is called with.
fn commands(command: &clap::Command, called: &str) -> Vec<(String, clap::Command)> {
    let within = command.get_subcommands().filter(|inner| inner.get_name() != "help");
    let inner = within.flat_map(|inner| commands(inner, &format!("{called} {}", inner.get_name())));
    std::iter::once((called.to_owned(), command.clone())).chain(inner).collect()
}

/// What the page's table has to say of an argument: flag, variable and default.
fn described(argument: &clap::Arg) -> Option<(String, String, Option<String>)> {
    let flag = format!("--{}", argument.get_long()?);
    let variable = argument.get_env().map(|name| format!("`{}`", name.to_str().unwrap())).unwrap_or_default();
    let takes = argument.get_action().takes_values();
    let default = argument.get_default_values().first().filter(|value| takes && !value.is_empty());
    Some((flag, variable, default.map(|value| format!("`{}`", value.to_str().unwrap()))))
}

#[test]
fn every_flag_variable_and_default_is_described() {
    let page = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    for (called, command) in commands(&magtape::args::Args::command(), "magtape") {
        let arguments: Vec<_> = command.get_arguments().filter_map(described).collect();
        if arguments.is_empty() {
            continue;
        }
        let section = page.split_once(&format!("\n## `{called}`\n")).map(|(_, rest)| rest);
        let section = section.unwrap_or_else(|| panic!("docs/configuration.md has no part on {called}"));
        let rows: Vec<Vec<&str>> = section
            .lines()
            .take_while(|line| !line.starts_with("## "))
            .filter(|line| line.starts_with("| `-"))
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        let of = |row: &[&str]| flags(row[0]).into_iter().next().unwrap();
        for (flag, variable, default) in &arguments {
            let row = rows.iter().find(|row| of(row) == *flag);
            let row =
                row.unwrap_or_else(|| panic!("docs/configuration.md does not describe {called} {flag}"));
            assert_eq!(row[1], variable, "the variable of {called} {flag}");
            if let Some(default) = default {
                assert_eq!(row[2], default, "the default of {called} {flag}");
            }
        }
        let known: Vec<&String> = arguments.iter().map(|(flag, _, _)| flag).collect();
        let unknown: Vec<String> =
            rows.iter().map(|row| of(row)).filter(|flag| !known.contains(&flag)).collect();
        assert!(unknown.is_empty(), "{called} does not take {unknown:?}");
    }
}

/// The texts in a file's code that begin with `MAGTAPE_` and are nothing but a name.
fn names_of_variables(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let is_name = |name: &&str| {
        name.len() > "MAGTAPE_".len()
            && name.starts_with("MAGTAPE_")
            && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    code.split('"').filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_variable_that_is_read_is_described() {
    let page = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let described = code(&page);
    // What an install of MagTape may have is not what is read.
    let sources = files().into_iter().filter(|path| {
        path.starts_with("host/src/") && path.ends_with(".rs") && !path.starts_with("host/src/migrate/")
    });
    let read: BTreeSet<String> = sources
        .flat_map(|path| names_of_variables(&fs::read_to_string(root().join(path)).unwrap()))
        .collect();
    assert!(read.contains("MAGTAPE_DENY_LEVEL") && read.contains("MAGTAPE_NAMESPACE_NAME"), "{read:?}");
    for name in read {
        assert!(described.contains(&name), "docs/configuration.md does not name {name}");
    }
}

/// docs/security.md names the test that shows a claim.
#[test]
fn tests_that_are_named_exist() {
    let page = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let is_test = |code: &&String| {
        code.matches('_').count() > 1
            && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let named: BTreeSet<String> = code(&page).iter().filter(is_test).cloned().collect();
    assert!(named.len() > 10, "{named:?}");
    let tests = files().into_iter().filter(|path| path.starts_with("host/tests/it/"));
    let tests: String = tests.map(|path| fs::read_to_string(root().join(path)).unwrap()).collect();
    for name in named {
        assert!(tests.contains(&format!("fn {name}(")), "docs/security.md names {name}, which is no test");
    }
}

/// The sizes that docs/operations.md gives are measured ones.
#[test]
fn figures_are_those_of_the_benchmarks() {
    let read = |page: &str| fs::read_to_string(root().join(page)).unwrap();
    let (benchmarks, operations) = (read("docs/benchmarks.md").replace(',', ""), read("docs/operations.md"));
    let (_, table) = operations.split_once("| What | Measured |\n| --- | --- |\n").unwrap();
    let rows: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 5, "{rows:?}");
    for row in rows {
        let measured = row.trim_end_matches(" |").rsplit("| ").next().unwrap().replace(',', "");
        let figure = measured.split(' ').next().unwrap();
        let is_there = benchmarks.split([' ', '|', ';']).any(|word| word == figure);
        assert!(is_there, "docs/benchmarks.md has no {figure}: {row}");
    }
}

#[test]
fn every_limit_is_described() {
    let text = fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let described = code(&text);
    let limits = serde_json::to_value(magtape::engine::Limits::default()).unwrap();
    for (name, value) in limits.as_object().unwrap() {
        let line = text.lines().find(|line| line.starts_with(&format!("| `{name}` | {value}")));
        assert!(described.contains(name), "docs/configuration.md does not name {name}");
        assert!(line.is_some(), "docs/configuration.md has another default for {name} than {value}");
    }
}

#[test]
fn what_is_shown_is_what_is_printed() {
    let printed = magtape(&["check", "testing/samples"]);
    let printed: BTreeSet<&str> = printed.lines().collect();
    for page in ["README.md", "docs/check.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let (blocks, _) = split(&text);
        let output = |line: &&str| {
            ["DENIED ", "allowed ", "  HIGH ", "  MED ", "  LOW ", "21 objects"]
                .iter()
                .any(|start| line.starts_with(start))
        };
        let shown: Vec<&str> = blocks.into_iter().filter(output).collect();
        assert!(!shown.is_empty(), "{page} shows no output");
        for line in shown {
            assert!(printed.contains(line), "{page} shows a line that is not printed: {line}");
        }
    }
    let text = fs::read_to_string(root().join("docs/check.md")).unwrap();
    let (_, shown) = text.split_once("```json\n{\n  \"results\"").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let shown: Value = serde_json::from_str(&format!("{{\"results\"{shown}")).unwrap();
    let printed = magtape(&["check", "-o", "json", "testing/samples/deployment-privileged.yaml"]);
    assert_eq!(shown, serde_json::from_str::<Value>(&printed).unwrap());
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let record = fs::read_to_string(root().join("docs/adr/0003-dependencies.md")).unwrap();
    let reasons = code(&record);
    let section = manifest.split_once("[workspace.dependencies]\n").unwrap().1.split_once("\n\n").unwrap().0;
    let names = section.lines().filter_map(|line| Some(line.split_once(" =")?.0));
    for name in names.filter(|name| !name.starts_with("magtape")) {
        assert!(
            reasons.iter().any(|code| code == name),
            "docs/adr/0003-dependencies.md does not name {name}"
        );
    }
}

#[test]
fn nothing_is_about_one_machine() {
    // In pieces, so that this file does not have them itself.
    let machine = [["/wo", "rk/"].concat(), ["/ro", "ot/"].concat(), ["../sha", "red"].concat()];
    for path in files() {
        let text = String::from_utf8_lossy(&fs::read(root().join(&path)).unwrap()).into_owned();
        for word in &machine {
            // `…/work/…` inside a longer path is somebody else's.
            let found = text.match_indices(word).any(|(at, _)| {
                text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !"/.-_…".contains(c))
            });
            assert!(!found, "{path} has {word}");
        }
    }
}
