//! The cases that are known to end otherwise, each with its reason: `testing/conformance/listed.txt`.

use std::collections::BTreeMap;

const LIST: &str = include_str!("../listed.txt");

/// Case ids with reasons. A line is `id: reason`; `#` begins a comment.
pub(crate) fn read() -> BTreeMap<&'static str, &'static str> {
    LIST.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(id, reason)| (id.trim(), reason.trim()))
        .collect()
}
