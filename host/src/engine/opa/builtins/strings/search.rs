//! Searches that stay linear in the size of the texts: overlapping matches by Knuth, Morris and Pratt, and
//! prefixes among sorted texts.

use std::cmp::Ordering;

/// The positions in characters where `wanted` is in `text`, overlapping ones too. `wanted` is not empty.
pub(super) fn positions(text: &str, wanted: &str) -> impl Iterator<Item = usize> {
    let wanted = wanted.as_bytes();
    let borders = borders(wanted);
    let length = wanted.iter().filter(|&&byte| is_first(byte)).count();
    let mut matched = 0;
    let mut characters = 0;
    text.bytes().filter_map(move |byte| {
        characters += usize::from(is_first(byte));
        matched = advance(wanted, &borders, matched, byte);
        // Both are UTF-8, so that a match ends with the last byte of the character that was counted last.
        (matched == wanted.len()).then(|| characters - length)
    })
}

fn is_first(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// For each length of a beginning of `wanted`, the longest proper beginning that it also ends with.
fn borders(wanted: &[u8]) -> Vec<usize> {
    let mut borders = vec![0; wanted.len() + 1];
    let mut matched = 0;
    for (index, &byte) in wanted.iter().enumerate().skip(1) {
        matched = advance(wanted, &borders, matched, byte);
        if let Some(border) = borders.get_mut(index + 1) {
            *border = matched;
        }
    }
    borders
}

/// How much of `wanted` is matched after one more byte.
fn advance(wanted: &[u8], borders: &[usize], mut matched: usize, byte: u8) -> usize {
    loop {
        if wanted.get(matched) == Some(&byte) {
            return matched + 1;
        }
        if matched == 0 {
            return 0;
        }
        matched = borders.get(matched).copied().unwrap_or_default();
    }
}

/// Whether any of `texts` starts with any of `prefixes`.
pub(super) fn any_prefix(mut texts: Vec<&str>, prefixes: &[&str]) -> bool {
    texts.sort_unstable();
    prefixes.iter().any(|prefix| {
        // In the order of bytes what starts with a prefix comes right after the prefix itself.
        let first = texts.partition_point(|text| text < prefix);
        texts.get(first).is_some_and(|text| text.starts_with(prefix))
    })
}

/// Whether any of `texts` ends with any of `suffixes`.
pub(super) fn any_suffix(mut texts: Vec<&str>, suffixes: &[&str]) -> bool {
    texts.sort_unstable_by(|left, right| compare_from_end(left, right));
    suffixes.iter().any(|suffix| {
        let first = texts.partition_point(|text| compare_from_end(text, suffix) == Ordering::Less);
        texts.get(first).is_some_and(|text| text.ends_with(suffix))
    })
}

fn compare_from_end(left: &str, right: &str) -> Ordering {
    left.bytes().rev().cmp(right.bytes().rev())
}
