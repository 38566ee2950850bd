//! Keeps warnings within what the API server passes on.
//!
//! It cuts every warning to 256 characters, and drops what comes after, once they have 4,096 together
//! (`k8s.io/apiserver`, `pkg/endpoints/filters/warning.go`). Here the cut is at a whole violation, and a last
//! line says how many more there are; the message of a denial has all of them.

use crate::shorten;

/// Characters that the API server passes on for one request.
const TOTAL: usize = 4096;

/// Characters of one warning that are always passed on.
const ONE: usize = 256;

/// Room that is kept for the last line.
const LAST: usize = 64;

/// The warnings for these texts.
pub(super) fn fit(texts: Vec<String>) -> Vec<String> {
    let length = |text: &String| text.chars().count();
    if texts.iter().map(length).sum::<usize>() <= TOTAL {
        return texts;
    }
    let count = texts.len();
    let mut room = TOTAL - LAST;
    let mut warnings = Vec::new();
    for text in texts {
        let text = shorten::to_chars(text, ONE);
        let Some(left) = room.checked_sub(length(&text)) else { break };
        room = left;
        warnings.push(text);
    }
    if warnings.len() < count {
        warnings.push(format!("… and {} more violations", count - warnings.len()));
    }
    warnings
}
