//! Reads the `use` lines of the library and fails on an edge that the architecture does not have.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each module of the library with what it may use of the others. ARCHITECTURE.md says why.
const MAY_USE: &[(&str, &[&str])] = &[
    ("parallel", &[]),
    ("shorten", &[]),
    ("conditions", &["shorten"]),
    ("go_regex", &[]),
    ("der", &[]),
    ("json", &[]),
    ("digest", &[]),
    ("verdict", &["shorten", "digest"]),
    ("policy", &["shorten", "digest", "go_regex", "json", "verdict"]),
    ("inventory", &["json", "policy"]),
    ("review", &["json", "verdict"]),
    ("decision", &["verdict", "review"]),
    ("metrics", &["verdict", "review", "decision"]),
    ("yaml", &[]),
    ("engine", &["shorten", "go_regex", "der", "json", "yaml"]),
    ("evaluate", &["parallel", "json", "verdict", "policy", "inventory", "review", "engine"]),
    ("source", &["policy", "yaml"]),
    ("compile", &["parallel", "shorten", "verdict", "policy", "engine", "source"]),
    ("package", &["policy"]),
    ("manifest", &["review", "yaml"]),
    ("kube", &["conditions", "shorten"]),
    ("notify", &["shorten", "json", "verdict", "policy", "review", "decision", "yaml", "kube"]),
    ("certificates", &["conditions", "der", "yaml", "kube"]),
    (
        "server",
        &[
            "conditions",
            "shorten",
            "verdict",
            "review",
            "decision",
            "metrics",
            "evaluate",
            "certificates",
            "telemetry",
        ],
    ),
    ("report", &["verdict", "review"]),
    (
        "suite",
        &["parallel", "verdict", "policy", "review", "yaml", "evaluate", "source", "compile", "report"],
    ),
    ("telemetry", &[]),
    ("audit", &["shorten", "json", "verdict", "review", "decision", "telemetry"]),
    ("trace", &["shorten", "verdict", "review", "decision"]),
    ("reload", &["parallel", "policy", "evaluate", "source", "compile"]),
    (
        "cluster",
        &[
            "conditions",
            "json",
            "verdict",
            "policy",
            "inventory",
            "metrics",
            "evaluate",
            "source",
            "kube",
            "reload",
        ],
    ),
    ("migrate", &["source", "yaml", "kube", "report"]),
    ("config", &["args", "audit", "notify", "policy", "server", "verdict"]),
    (
        "run",
        &[
            "conditions",
            "audit",
            "certificates",
            "cluster",
            "config",
            "decision",
            "evaluate",
            "kube",
            "metrics",
            "notify",
            "policy",
            "reload",
            "server",
            "telemetry",
            "trace",
        ],
    ),
    ("args", &["audit", "notify", "policy", "verdict", "telemetry"]),
    (
        "cli",
        &[
            "args",
            "cluster",
            "compile",
            "config",
            "engine",
            "evaluate",
            "manifest",
            "migrate",
            "package",
            "policy",
            "reload",
            "report",
            "run",
            "source",
            "suite",
            "telemetry",
            "verdict",
            "yaml",
        ],
    ),
];

/// Crates that would tie what is pure to a runtime, a cluster or the engine.
const IMPURE: [&str; 6] = ["tokio", "kube", "axum", "wasmtime", "reqwest", "hyper"];

const PURE: [&str; 10] =
    ["go_regex", "der", "json", "digest", "verdict", "policy", "inventory", "review", "decision", "yaml"];

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files of a module: `name.rs` and everything below `name/`.
fn files(module: &str) -> Vec<PathBuf> {
    let mut files = vec![source_folder().join(format!("{module}.rs"))];
    let mut folders = vec![source_folder().join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}

/// The first names after `crate::` and of the crates that a file uses.
fn names(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut modules = BTreeSet::new();
    for (_, after) in code.match_indices("crate::").map(|(at, found)| code.split_at(at + found.len())) {
        match after.strip_prefix('{') {
            Some(group) => modules.extend(top_names(group)),
            None => modules.extend(identifier(after)),
        }
    }
    let crates =
        code.match_indices("use ").filter_map(|(at, found)| identifier(&code[at + found.len()..])).collect();
    (modules, crates)
}

/// The first name of each item in a group `a::{b, c}, d}`, up to the brace that closes it.
fn top_names(group: &str) -> Vec<String> {
    let (mut depth, mut found, mut item) = (0, Vec::new(), String::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.extend(identifier(std::mem::take(&mut item).trim())),
            _ if depth == 0 => item.push(c),
            _ => {}
        }
    }
    found.extend(identifier(item.trim()));
    found
}

fn identifier(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

#[test]
fn every_module_has_a_place() {
    let lib = fs::read_to_string(source_folder().join("lib.rs")).unwrap();
    let declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    let placed: Vec<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    assert_eq!(declared, placed, "the modules of lib.rs, in the same reading order");
}

#[test]
fn no_module_uses_what_it_must_not() {
    let known: BTreeSet<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    for (module, allowed) in MAY_USE {
        for file in files(module) {
            let (modules, crates) = names(&fs::read_to_string(&file).unwrap());
            for used in modules.iter().filter(|used| known.contains(used.as_str()) && used != module) {
                assert!(allowed.contains(&used.as_str()), "{} must not use crate::{used}", file.display());
            }
            if PURE.contains(module) {
                let impure = crates.iter().find(|used| IMPURE.contains(&used.as_str()));
                assert_eq!(impure, None, "{} is pure", file.display());
            }
        }
    }
}

#[test]
fn the_reader_of_use_lines_sees_groups() {
    let (modules, crates) =
        names("use crate::{\n  a::{b, c},\n  d,\n};\nuse tokio::net;\nlet x = crate::e::f();");
    assert_eq!(modules.into_iter().collect::<Vec<_>>(), ["a", "d", "e"]);
    assert!(crates.contains("tokio"));
}
