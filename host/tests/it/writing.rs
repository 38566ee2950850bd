//! `magtape new`, docs/writing-policies.md and docs/tour.md: whoever follows these pages gets what they say.
//!
//! `page` takes the page apart, `shell` does what it says, `serve` is its second terminal.

mod page;
mod serve;
mod shell;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use page::Step;
use shell::Shell;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Does what a page says, which has more than so many commands.
fn follow(path: &str, commands: usize) {
    let mut shell = Shell::new(&root());
    let steps = page::steps(&fs::read_to_string(root().join(path)).unwrap());
    let ran = steps.iter().filter(|(_, step)| matches!(step, Step::Run { .. })).count();
    assert!(ran > commands, "{steps:?}");
    for (line, step) in &steps {
        shell.follow(step).unwrap_or_else(|reason| panic!("{path}:{line}: {reason}"));
    }
}

#[test]
fn the_page_can_be_followed_word_by_word() {
    follow("docs/writing-policies.md", 10);
}

#[test]
fn the_tour_can_be_followed_word_by_word() {
    follow("docs/tour.md", 8);
}

/// Every file of the project's programs, as one text in which strings are not broken into lines.
fn source() -> String {
    let mut folders = vec![root().join("host/src"), root().join("sdk/build/src")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    let lines = text.split("\\\n").map(str::trim_start);
    lines.collect::<String>().replace("\\\"", "\"").replace("{TARGET}", "wasm32-unknown-unknown")
}

/// The pages with a table of what is said and what to do about it.
const QUOTING: [&str; 2] = ["docs/writing-policies.md", "docs/operations.md"];

#[test]
fn what_a_table_quotes_is_what_is_said() {
    let source = source();
    for path in QUOTING {
        let page = fs::read_to_string(root().join(path)).unwrap();
        let (_, table) = page.split_once("| What is said | What to do |\n| --- | --- |\n").unwrap();
        let rows: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
        assert!(rows.len() > 10, "{rows:?}");
        for row in rows {
            let quoted = row.split('`').nth(1).unwrap();
            for part in quoted.split('…').map(str::trim).filter(|part| !part.is_empty()) {
                assert!(source.contains(part), "{path}: nothing says {part:?}: {row}");
            }
        }
    }
}

fn new(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_magtape"));
    command.env_remove("MAGTAPE_SDK").arg("new").args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn a_crate_is_made_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    fs::create_dir_all(place.join("empty")).unwrap();
    let output = new(place, &["no-root", "--path", "empty"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |file: &str| fs::read_to_string(place.join("empty").join(file)).unwrap();
    assert!(read("Cargo.toml").contains("name = \"no-root\"") && read("src/lib.rs").contains("\"no-root\""));
    let release = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    assert!(read("Cargo.toml").contains(&format!("magtape-sdk = \"{release}\"")));
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(note.contains("if Cargo finds none, make the crate anew with --sdk DIR"), "{note}");
    for file in ["Cargo.toml", ".cargo/config.toml", ".gitignore", "src/lib.rs", "README.md"] {
        assert!(!read(file).is_empty() && !read(file).contains("@name@"), "{file}");
    }
    let config = fs::read_to_string(root().join("policies-wasm/.cargo/config.toml")).unwrap();
    assert_eq!(read(".cargo/config.toml"), config, "as the shipped policies have it");
    let profile = |manifest: &str| manifest.split_once("[profile.release]").unwrap().1.trim().to_owned();
    let shipped = fs::read_to_string(root().join("policies-wasm/Cargo.toml")).unwrap();
    assert_eq!(profile(&read("Cargo.toml")), profile(&shipped), "as the shipped policies have it");
}

#[test]
fn what_is_there_stays_and_what_is_wrong_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    fs::create_dir_all(place.join("full")).unwrap();
    fs::write(place.join("full/notes.txt"), "mine").unwrap();
    for (arguments, expected) in [
        (&["full"][..], "full: is there, and not empty; name another folder with --path DIR"),
        (&["x", "--path", "full/notes.txt"], "full/notes.txt: is there, and no folder"),
        (&["Team"], "\"Team\" is no name for a policy: lower case letters, digits and -"),
        (&["../x"], "\"../x\" is no name for a policy"),
        (&["test"], "\"test\" is no name for a crate, because Rust has it"),
        (&["x", "--sdk", "full"], "--sdk full: "),
        (&["x", "--sdk", "."], "--sdk .: "),
        (&["x", "--sdk", env!("CARGO_MANIFEST_DIR")], "is not the SDK; it is the folder sdk in a clone"),
    ] {
        let output = new(place, arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    let names: Vec<_> = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["full"]);
    assert_eq!(fs::read_dir(place.join("full")).unwrap().count(), 1);
}
