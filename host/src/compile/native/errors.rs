//! What OPA finds wrong, in our form.

use serde::Deserialize;
use serde_json::Value;

use super::folder::Folder;
use crate::compile::protocol::RegoError;

/// OPA's code of what is wrong before modules are looked at together.
pub(super) const PARSE_ERROR: &str = "rego_parse_error";

/// One mistake early in a file may have hundreds of followers.
const MAX_ERRORS: usize = 20;

/// OPA's JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reported {
    pub(super) errors: Vec<Fault>,
}

/// One error in it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) code: String,
    pub(super) location: Location,
    pub(super) details: Value,
}

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Location {
    pub(super) file: String,
    pub(super) row: usize,
    pub(super) col: usize,
}

// === impl Reported ===

impl Reported {
    /// Whether OPA has more to say than its JSON tells in words.
    pub(super) fn has_details(&self) -> bool {
        self.errors.iter().any(|fault| !fault.details.is_null() && fault.line().is_none())
    }

    /// The errors, with what `plain`, OPA's text of the same errors, says further of each.
    pub(super) fn errors(&self, plain: &str, folder: &Folder<'_>) -> Vec<RegoError> {
        self.errors.iter().map(|fault| fault.error(plain, folder)).collect()
    }
}

// === impl Fault ===

impl Fault {
    fn error(&self, plain: &str, folder: &Folder<'_>) -> RegoError {
        let Location { file, row, col } = &self.location;
        let details = self.line().map(Vec::from).unwrap_or_else(|| self.details(plain));
        let lines: Vec<String> = [self.message.clone()].into_iter().chain(details).collect();
        RegoError {
            file: folder.restore(file),
            line: *row,
            column: *col,
            code: self.code.clone(),
            text: folder.restore(&lines.join("\n  ")),
        }
    }

    /// The line of source that could not be parsed, and a mark below it.
    fn line(&self) -> Option<[String; 2]> {
        let line = self.details.get("line")?.as_str()?;
        let index = usize::try_from(self.details.get("idx")?.as_u64()?).ok()?;
        let text = line.trim_start_matches('\t');
        let indent = index.saturating_sub(line.len() - text.len());
        Some([text.to_owned(), format!("{}^", " ".repeat(indent))])
    }

    /// The lines that follow the error in OPA's text, each after a tab.
    fn details(&self, plain: &str) -> Vec<String> {
        let Location { file, row, .. } = &self.location;
        let head = format!("{file}:{row}: {}: {}\n", self.code, self.message);
        let after = plain.split_once(&head).map(|(_, after)| after).unwrap_or_default();
        after.lines().map_while(|line| line.strip_prefix('\t')).map(str::to_owned).collect()
    }
}

/// Errors as OPA writes them for people, for commands that have no JSON. What has another form is one error without
/// a place.
pub(super) fn plain(said: &str, folder: &Folder<'_>) -> Vec<RegoError> {
    let mut errors: Vec<RegoError> = Vec::new();
    for line in without_head(said).lines() {
        match (coded(line, folder), errors.last_mut()) {
            (Some(error), _) => errors.push(error),
            (None, Some(error)) => {
                error.text = format!("{}\n  {}", error.text, folder.restore(line.trim_start_matches('\t')))
            }
            (None, None) => errors.push(RegoError { text: folder.restore(line), ..RegoError::default() }),
        }
    }
    if errors.is_empty() {
        errors.push(RegoError { text: "opa failed and did not say why".to_owned(), ..RegoError::default() });
    }
    errors
}

/// The text after `error: 2 errors occurred:`.
fn without_head(said: &str) -> &str {
    let text = said.trim().trim_start_matches("error: ").trim_start_matches("load error: ");
    let (head, after) = text.split_once(':').unwrap_or_default();
    let counts = head.contains(" occurred") && head.starts_with(|first: char| first.is_ascii_digit());
    if counts { after.trim_start() } else { text }
}

/// An error of the form `file:line: code: text`, or without a place.
fn coded(line: &str, folder: &Folder<'_>) -> Option<RegoError> {
    let mut files = folder.files().iter();
    let placed = files.find_map(|file| {
        let (row, after) = line.strip_prefix(&file.safe)?.strip_prefix(':')?.split_once(": ")?;
        Some((file.source.name.to_owned(), row.parse().ok()?, after))
    });
    let (file, row, coded) = placed.unwrap_or((String::new(), 0, line));
    let (code, text) = coded.split_once(": ").filter(|(code, _)| code.starts_with("rego_"))?;
    Some(RegoError { file, line: row, column: 0, code: code.to_owned(), text: folder.restore(text) })
}

/// The first of them in the order of their places.
pub(super) fn bounded(mut errors: Vec<RegoError>) -> Vec<RegoError> {
    errors.sort_by(|a, b| order(a).cmp(&order(b)));
    let more = errors.len().saturating_sub(MAX_ERRORS);
    errors.truncate(MAX_ERRORS);
    if more > 0 {
        errors.push(RegoError { text: format!("and {more} more errors"), ..RegoError::default() });
    }
    errors
}

/// Errors without a place come last.
fn order(error: &RegoError) -> impl Ord + '_ {
    (error.file.is_empty(), &error.file, error.line, error.column, &error.code, &error.text)
}
