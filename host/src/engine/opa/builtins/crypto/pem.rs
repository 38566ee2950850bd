//! PEM blocks, found as Go's `encoding/pem` finds them (<https://pkg.go.dev/encoding/pem#Decode>).
//!
//! The first well-formed block counts, and what stands before it or is malformed is skipped: policies paste
//! certificates with comments around them. Headers are read and forgotten, so an encrypted key is no key.

use super::base64;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";
const DASHES: &[u8] = b"-----";

/// One block.
pub(crate) struct Block<'p> {
    /// What follows `BEGIN`, such as `CERTIFICATE`.
    pub(crate) kind: &'p [u8],
    pub(crate) bytes: Vec<u8>,
    /// The text after the block.
    pub(crate) rest: &'p [u8],
}

/// What became of one attempt, whose end line was found.
enum Attempt<'p> {
    Found(Block<'p>),
    Malformed,
    /// Not even the next end line may be looked for.
    Hopeless,
}

/// The first block of the text.
pub(crate) fn first_block(text: &[u8]) -> Option<Block<'_>> {
    let mut from = 0;
    loop {
        let end = from + find(text.get(from..)?, END)?;
        match attempt(text, from, end) {
            Attempt::Found(block) => return Some(block),
            Attempt::Malformed => from = end + END.len(),
            Attempt::Hopeless => return None,
        }
    }
}

/// Tries the block whose end line begins at `end`, with the last begin line before it.
fn attempt(text: &[u8], from: usize, end: usize) -> Attempt<'_> {
    let before = text.get(from..end).unwrap_or_default();
    let Some(begin) = rfind(before, BEGIN) else { return Attempt::Malformed };
    if begin > 0 && before.get(begin - 1) != Some(&b'\n') {
        return Attempt::Malformed;
    }
    let (type_line, mut position) = line(text, from + begin + BEGIN.len());
    let Some(kind) = type_line.strip_suffix(DASHES) else { return Attempt::Malformed };
    let mut has_headers = false;
    loop {
        if position >= text.len() {
            return Attempt::Hopeless;
        }
        let (header, next) = line(text, position);
        if !header.contains(&b':') {
            break;
        }
        has_headers = true;
        position = next;
    }
    if position > end + END.len() {
        return Attempt::Hopeless;
    }
    if has_headers && position > end {
        return Attempt::Malformed;
    }
    finish(text, kind, position, end).map_or(Attempt::Malformed, Attempt::Found)
}

fn finish<'p>(text: &'p [u8], kind: &'p [u8], body: usize, end: usize) -> Option<Block<'p>> {
    let trailer = text.get(end + END.len()..)?;
    let after = trailer.strip_prefix(kind)?.strip_prefix(DASHES)?;
    if !line(after, 0).0.is_empty() {
        return None;
    }
    let digits: Vec<u8> = text.get(body..end).unwrap_or_default().to_vec();
    let digits: Vec<u8> = digits.into_iter().filter(|byte| !matches!(byte, b' ' | b'\t')).collect();
    let (_, next) = line(text, end + END.len() - 1);
    Some(Block { kind, bytes: base64::decode(&digits)?, rest: text.get(next..).unwrap_or_default() })
}

/// The line at `from` without its end and trailing blanks, and where the next one begins.
fn line(text: &[u8], from: usize) -> (&[u8], usize) {
    let rest = text.get(from..).unwrap_or_default();
    let (found, consumed) = match rest.iter().position(|&byte| byte == b'\n') {
        Some(at) => {
            let found = rest.get(..at).unwrap_or_default();
            (found.strip_suffix(b"\r").unwrap_or(found), at + 1)
        }
        None => (rest, rest.len()),
    };
    let blanks = found.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    (found.get(..found.len() - blanks).unwrap_or_default(), from + consumed)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn rfind(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).rposition(|window| window == wanted)
}
