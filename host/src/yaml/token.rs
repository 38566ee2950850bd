//! What the scanner finds and the parser puts together.

use super::characters::Mark;

#[derive(Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) mark: Mark,
}

#[derive(Debug, PartialEq)]
pub(super) enum TokenKind {
    StreamEnd,
    /// `%YAML`, with its version.
    Version(u32, u32),
    /// `%TAG`: a handle and the prefix that it stands for.
    TagPrefix(String, String),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    /// The end of either, by indentation.
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    /// `-`
    BlockEntry,
    /// `,`
    FlowEntry,
    /// `?`, or what the colon behind it shows to be a key.
    Key,
    /// `:`
    Value,
    Alias(String),
    Anchor(String),
    /// A handle, empty for a tag in full, and the rest.
    Tag(String, String),
    /// The text, and whether it stands without quotes and indicators.
    Scalar(String, bool),
}
