//! Splits a stream of manifests into documents as `kubectl` does (`YAMLOrJSONDecoder` and `YAMLReader` of
//! `k8s.io/apimachinery/pkg/util/yaml`): at every line that begins with `---`, whatever it stands in, and a
//! stream of JSON objects after each object.
//!
//! Documents that hold nothing but blanks and comments are left out; whether the others are YAML is not
//! looked at here.

use serde::de::IgnoredAny;

use super::{YamlError, looks_like_json};

/// The documents of `text`, each with the number of its first line, counted from 1, so that
/// `first line + YamlError::line() - 1` is the line in `text`.
///
/// # Errors
/// Anything but a comment behind `---`, which `kubectl` refuses as well.
pub fn documents(text: &str) -> Result<Vec<(usize, &str)>, YamlError> {
    let mut found = Vec::new();
    let yaml_start = if looks_like_json(text) { json_documents(text, &mut found) } else { 0 };
    let rest = text.get(yaml_start..).unwrap_or_default();
    yaml_documents(rest, line_at(text, yaml_start), &mut found)?;
    found.retain(|(_, document)| has_content(document));
    Ok(found)
}

/// Takes JSON values from the front as long as there are any, and tells where the rest begins.
fn json_documents<'t>(text: &'t str, found: &mut Vec<(usize, &'t str)>) -> usize {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let (mut start, mut line) = (0, 1);
    while let Some(Ok(IgnoredAny)) = values.next() {
        let end = values.byte_offset();
        let document = text.get(start..end).unwrap_or_default();
        let trimmed = document.trim_start();
        let blank = document.get(..document.len() - trimmed.len()).unwrap_or_default();
        line += newlines(blank);
        found.push((line, trimmed));
        line += newlines(trimmed);
        start = end;
    }
    start
}

fn yaml_documents<'t>(
    text: &'t str,
    first_line: usize,
    found: &mut Vec<(usize, &'t str)>,
) -> Result<(), YamlError> {
    let (mut start, mut start_line) = (0, first_line);
    let mut offset = 0;
    for (line, content) in (first_line..).zip(text.split_inclusive('\n')) {
        if let Some(after) = content.strip_prefix("---") {
            let after = after.trim();
            if !after.is_empty() && !after.starts_with('#') {
                return Err(YamlError::at(line, 4, format!("invalid document separator: {after}")));
            }
            found.push((start_line, text.get(start..offset).unwrap_or_default()));
            (start, start_line) = (offset + content.len(), line + 1);
        }
        offset += content.len();
    }
    found.push((start_line, text.get(start..).unwrap_or_default()));
    Ok(())
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + newlines(text.get(..offset).unwrap_or_default())
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// Whether any line is more than blanks, a comment or a byte order mark.
fn has_content(document: &str) -> bool {
    document.lines().any(|line| {
        let line = line.trim_start_matches('\u{feff}').trim();
        !line.is_empty() && !line.starts_with('#')
    })
}
