//! Makes components of the files in testing/guests/component: base.wat, with what a guest's own file defines anew.

use std::path::{Path, PathBuf};

use crate::guests::guest::{definitions, name, without_comments};

type Made = (&'static str, fn() -> Vec<u8>);

/// How a component begins.
pub(super) const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

/// The module that takes the definitions which are new.
const MODULE: &str = "policy-module";

/// Guests that are bytes, not text: they are made here.
const BYTES: [Made; 5] = [
    ("bytes-header", || HEADER.to_vec()),
    ("bytes-text", || [HEADER, b"package kubernetes.admission"].concat()),
    ("bytes-truncated", truncated),
    ("bytes-huge-count", || [HEADER, b"\x07\x05\xff\xff\xff\xff\x0f"].concat()),
    ("bytes-20-mb", || [HEADER, &vec![0; 20_000_000]].concat()),
];

/// The binary form of the guest of that name.
pub(super) fn wasm(name: &str) -> Vec<u8> {
    if let Some((_, make)) = BYTES.iter().find(|(made, _)| *made == name) {
        return make();
    }
    let text = read(name);
    let is_whole = without_comments(&text).starts_with("(component");
    let text = if is_whole { text } else { merge(&read("base"), &text) };
    let length = format!("hostile-{name}").len().to_string();
    let text = text.replace("@guest", name).replace("@length", &length);
    wat::parse_str(text).unwrap_or_else(|error| panic!("{name}.wat: {error}"))
}

/// Whether the guest has no file.
pub(super) fn is_made_here(name: &str) -> bool {
    BYTES.iter().any(|(made, _)| *made == name)
}

/// The names of all guests that are files, sorted.
pub(super) fn files() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let mut names: Vec<String> =
        files.map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "base");
    names.sort();
    names
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testing/guests/component")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name).with_extension("wat")).unwrap()
}

/// A policy that stops in the middle.
fn truncated() -> Vec<u8> {
    let mut bytes = wasm("counter");
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// The text of a component of the base's definitions and the guest's, which take the place of those of the same `$name`.
fn merge(base: &str, guest: &str) -> String {
    let (groups, guest): (Vec<&str>, Vec<&str>) =
        definitions(guest).into_iter().partition(|definition| definition.starts_with("(around"));
    let mut taken = Vec::new();
    let mut parts = replaced(definitions(base), &guest, &mut taken);
    for part in &mut parts {
        if part.starts_with("(core module") {
            *part = merged_module(part, &guest, &mut taken);
        }
    }
    let new = guest.iter().filter(|definition| !taken.contains(definition)).copied();
    let module = parts.iter_mut().find(|part| part.starts_with("(core module") && name(part) == MODULE);
    if let Some(module) = module {
        *module = with_new(module, &new.collect::<Vec<_>>());
    }
    for group in groups {
        let inside = inside(group);
        let words = first_words(inside);
        let last = parts.iter().rposition(|part| first_words(part) == words);
        parts.insert(last.map_or(0, |last| last + 1), inside.to_owned());
    }
    format!("(component\n{}\n)", parts.join("\n"))
}

/// The base's definitions, with the guest's in the place of those of the same name; notes which were `taken`.
fn replaced<'g>(base: Vec<&str>, guest: &[&'g str], taken: &mut Vec<&'g str>) -> Vec<String> {
    let definition = |old: &str| match guest.iter().find(|new| name(new) == name(old)) {
        Some(new) => {
            taken.push(new);
            (*new).to_owned()
        }
        None => old.to_owned(),
    };
    base.into_iter().map(definition).collect()
}

fn merged_module<'g>(module: &str, guest: &[&'g str], taken: &mut Vec<&'g str>) -> String {
    let inside = replaced(definitions(inside(module)), guest, taken);
    format!("(core module ${}\n{}\n)", name(module), inside.join("\n"))
}

/// A module with more definitions. The text form wants imports in front.
fn with_new(module: &str, new: &[&str]) -> String {
    let mut all: Vec<&str> = definitions(inside(module)).into_iter().chain(new.iter().copied()).collect();
    all.sort_by_key(|definition| !definition.starts_with("(import"));
    format!("(core module ${}\n{}\n)", name(module), all.join("\n"))
}

/// What is in a definition behind its first words and its name.
fn inside(definition: &str) -> &str {
    let from = definition[1..].find('(').map_or(0, |at| at + 1);
    &definition[from..definition.len() - 1]
}

/// What a definition begins with, up to a name, a text or a parenthesis: `(core func`.
fn first_words(definition: &str) -> &str {
    let end = definition[1..].find(['$', '"', '(', ')']).map_or(definition.len(), |at| at + 1);
    definition[..end].trim_end()
}
