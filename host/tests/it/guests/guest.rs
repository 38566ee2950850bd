//! Makes modules of the files in testing/guests: base.wat, with what a guest's own file defines anew.

use std::path::{Path, PathBuf};

type Made = (&'static str, fn() -> Vec<u8>);

/// Guests that are bytes, not text: they are made here.
const BYTES: [Made; 5] = [
    ("bytes-none", Vec::new),
    ("bytes-text", || b"package kubernetes.admission".to_vec()),
    ("bytes-truncated", truncated),
    ("bytes-huge-count", huge_count),
    ("bytes-20-mb", || vec![0; 20_000_000]),
];

/// The binary form of the guest of that name.
pub(super) fn wasm(name: &str) -> Vec<u8> {
    if let Some((_, make)) = BYTES.iter().find(|(made, _)| *made == name) {
        return make();
    }
    let text = read(name);
    let is_whole =
        without_comments(&text).starts_with("(module") || without_comments(&text).starts_with("(comp");
    let text = if is_whole { text } else { merge(&read("base"), &text).replace("@guest", name) };
    wat::parse_str(text).unwrap_or_else(|error| panic!("{name}.wat: {error}"))
}

/// Whether the guest has no file.
pub(super) fn is_made_here(name: &str) -> bool {
    BYTES.iter().any(|(made, _)| *made == name)
}

/// The names of all guests that are files, sorted.
pub(super) fn files() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let wat = files.filter(|file| file.extension().is_some_and(|extension| extension == "wat"));
    let mut names: Vec<String> =
        wat.map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "base");
    names.sort();
    names
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testing/guests")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name).with_extension("wat")).unwrap()
}

/// The base that stops in the middle of its code.
fn truncated() -> Vec<u8> {
    let mut bytes = wasm("counter");
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// A module that says it has four billion types.
fn huge_count() -> Vec<u8> {
    b"\0asm\x01\0\0\0\x01\x05\xff\xff\xff\xff\x0f".to_vec()
}

/// A module of the base's definitions and the guest's, which take the place of those of the same `$name`.
fn merge(base: &str, guest: &str) -> String {
    let guest = definitions(guest);
    let is_kept = |definition: &&str| guest.iter().all(|other| name(other) != name(definition));
    let mut all: Vec<&str> =
        definitions(base).into_iter().filter(is_kept).chain(guest.iter().copied()).collect();
    // The text form wants imports in front.
    all.sort_by_key(|definition| !definition.starts_with("(import"));
    format!("(module\n{}\n)", all.join("\n"))
}

pub(crate) fn name(definition: &str) -> &str {
    let (_, from_name) = definition.split_once('$').unwrap_or_else(|| panic!("no $name: {definition}"));
    from_name.split([' ', ')', '\n']).next().unwrap_or(from_name)
}

/// The parenthesised definitions of a text, in their order.
pub(crate) fn definitions(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = without_comments(text);
    while !rest.is_empty() {
        let (definition, after) = rest.split_at(length(rest));
        found.push(definition);
        rest = without_comments(after);
    }
    found
}

/// The text from its first definition on.
pub(crate) fn without_comments(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix(";;") {
        rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    rest
}

/// The length of the definition at the start of `text`: up to the parenthesis that closes the first one.
fn length(text: &str) -> usize {
    let mut depth = 0;
    let (mut in_string, mut in_comment, mut previous) = (false, false, ' ');
    for (at, c) in text.char_indices() {
        match c {
            '\n' => in_comment = false,
            _ if in_comment => {}
            '"' if previous != '\\' => in_string = !in_string,
            _ if in_string => {}
            ';' if previous == ';' => in_comment = true,
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
        previous = if previous == '\\' { ' ' } else { c };
    }
    panic!("a parenthesis is not closed: {text}");
}
