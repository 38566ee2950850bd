//! From tokens to the tree of a document, by libyaml's grammar.

use std::collections::HashMap;

use super::{
    YamlError,
    characters::Mark,
    scanner::Scanner,
    token::TokenKind::{self, *},
    tree::{Kind, MAX_DEPTH, Node, NodeId},
};

pub(super) struct Parser {
    scanner: Scanner,
    pub(super) nodes: Vec<Node>,
    anchors: HashMap<String, NodeId>,
    /// What the handles of tags stand for in this document.
    prefixes: HashMap<String, String>,
    /// Whether a document has been read, behind which the next must begin with `---`.
    is_later: bool,
    depth: usize,
}

/// Anchor and tag of a node.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<String>,
}

// === impl Parser ===

impl Parser {
    pub(super) fn new(text: &str) -> Result<Self, YamlError> {
        Ok(Self {
            scanner: Scanner::new(text)?,
            nodes: Vec::new(),
            anchors: HashMap::new(),
            prefixes: HashMap::new(),
            is_later: false,
            depth: 0,
        })
    }

    /// Reads a document and gives its root; `None` at the end of the stream. Anchors stay known in later
    /// documents, as in go-yaml v3.
    pub(super) fn document(&mut self) -> Result<Option<NodeId>, YamlError> {
        while self.is_later && *self.scanner.peek()? == DocumentEnd {
            self.scanner.take()?;
        }
        if *self.scanner.peek()? == StreamEnd {
            return Ok(None);
        }
        self.prefixes = [("!", "!"), ("!!", "tag:yaml.org,2002:")]
            .into_iter()
            .map(|(handle, prefix)| (handle.to_owned(), prefix.to_owned()))
            .collect();
        let is_bare =
            !self.is_later && !matches!(self.scanner.peek()?, Version(..) | TagPrefix(..) | DocumentStart);
        let root = if is_bare { self.node(true, false)? } else { self.explicit_document()? };
        if *self.scanner.peek()? == DocumentEnd {
            self.scanner.take()?;
        }
        self.is_later = true;
        Ok(Some(root))
    }

    fn explicit_document(&mut self) -> Result<NodeId, YamlError> {
        self.directives()?;
        if *self.scanner.peek()? != DocumentStart {
            return Err(self.scanner.mark().error("did not find expected <document start>"));
        }
        self.scanner.take()?;
        match self.scanner.peek()? {
            Version(..) | TagPrefix(..) | DocumentStart | DocumentEnd | StreamEnd => Ok(self.empty()),
            _ => self.node(true, false),
        }
    }

    fn directives(&mut self) -> Result<(), YamlError> {
        let (mut has_version, mut handles) = (false, Vec::new());
        while matches!(self.scanner.peek()?, Version(..) | TagPrefix(..)) {
            let mark = self.scanner.mark();
            match self.scanner.take()? {
                Version(..) if has_version => return Err(mark.error("found duplicate %YAML directive")),
                Version(1, 1) => has_version = true,
                Version(..) => return Err(mark.error("found incompatible YAML document")),
                TagPrefix(handle, _) if handles.contains(&handle) => {
                    return Err(mark.error("found duplicate %TAG directive"));
                }
                TagPrefix(handle, prefix) => {
                    handles.push(handle.clone());
                    self.prefixes.insert(handle, prefix);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, kind: Kind, properties: Properties, mark: Mark) -> NodeId {
        let id = self.nodes.len();
        let tag = properties.tag.map(short_tag).unwrap_or_default();
        self.nodes.push(Node { line: mark.line + 1, column: mark.column + 1, tag, kind });
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, id);
        }
        id
    }

    fn empty(&mut self) -> NodeId {
        let mark = self.scanner.mark();
        self.add(Kind::Scalar { text: String::new(), plain: true }, Properties::default(), mark)
    }

    /// A node; block collections only where `block` allows, and with `indentless` a sequence whose dashes are no
    /// further to the right than the key before them.
    fn node(&mut self, block: bool, indentless: bool) -> Result<NodeId, YamlError> {
        if let Alias(_) = self.scanner.peek()? {
            return self.alias();
        }
        let mark = self.scanner.mark();
        let properties = self.properties()?;
        let has_properties = properties.anchor.is_some() || properties.tag.is_some();
        let kind = match self.scanner.peek()? {
            BlockEntry if indentless => Kind::Sequence(Vec::new()),
            FlowSequenceStart => Kind::Sequence(Vec::new()),
            FlowMappingStart => Kind::Mapping(Vec::new()),
            BlockSequenceStart if block => Kind::Sequence(Vec::new()),
            BlockMappingStart if block => Kind::Mapping(Vec::new()),
            Scalar(..) => {
                let id = self.add(Kind::Scalar { text: String::new(), plain: false }, properties, mark);
                if let Scalar(text, plain) = self.scanner.take()? {
                    self.set(id, Kind::Scalar { text, plain });
                }
                return Ok(id);
            }
            _ if has_properties => {
                return Ok(self.add(Kind::Scalar { text: String::new(), plain: true }, properties, mark));
            }
            _ => return Err(mark.error("did not find expected node content")),
        };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(mark.error("nested too deeply"));
        }
        let id = self.add(kind, properties, mark);
        let kind = match self.scanner.peek()? {
            BlockEntry => self.indentless_sequence(),
            BlockSequenceStart => self.block_sequence(),
            BlockMappingStart => self.block_mapping(),
            FlowSequenceStart => self.flow_sequence(),
            _ => self.flow_mapping(),
        }?;
        self.set(id, kind);
        self.depth -= 1;
        Ok(id)
    }

    fn set(&mut self, id: NodeId, kind: Kind) {
        if let Some(node) = self.nodes.get_mut(id) {
            node.kind = kind;
        }
    }

    fn alias(&mut self) -> Result<NodeId, YamlError> {
        let mark = self.scanner.mark();
        let target = match self.scanner.peek()? {
            Alias(name) => name.clone(),
            _ => String::new(),
        };
        let target = self.anchors.get(&target).copied();
        let target = target.ok_or_else(|| mark.error("unknown anchor referenced"))?;
        let id = self.add(Kind::Alias(target), Properties::default(), mark);
        self.scanner.take()?;
        Ok(id)
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self) -> Result<Properties, YamlError> {
        let mut properties = Properties::default();
        loop {
            let mark = self.scanner.mark();
            let is_new = match self.scanner.peek()? {
                Anchor(_) => properties.anchor.is_none(),
                Tag(..) => properties.tag.is_none(),
                _ => false,
            };
            if !is_new {
                return Ok(properties);
            }
            match self.scanner.take()? {
                Anchor(name) => properties.anchor = Some(name),
                Tag(handle, suffix) if handle.is_empty() => properties.tag = Some(suffix),
                Tag(handle, suffix) => {
                    let prefix = self.prefixes.get(&handle);
                    let prefix = prefix.ok_or_else(|| mark.error("found undefined tag handle"))?;
                    properties.tag = Some(format!("{prefix}{suffix}"));
                }
                _ => {}
            }
        }
    }

    /// A node, or an empty scalar where one of the tokens follows that may stand for it.
    fn node_unless(
        &mut self,
        ends: &[TokenKind],
        block: bool,
        indentless: bool,
    ) -> Result<NodeId, YamlError> {
        if ends.contains(self.scanner.peek()?) { Ok(self.empty()) } else { self.node(block, indentless) }
    }

    fn block_sequence(&mut self) -> Result<Kind, YamlError> {
        let mut items = Vec::new();
        self.scanner.take()?;
        loop {
            match self.scanner.peek()? {
                BlockEntry => {}
                BlockEnd => break,
                _ => return Err(self.scanner.mark().error("did not find expected '-' indicator")),
            }
            self.scanner.take()?;
            items.push(self.node_unless(&[BlockEntry, BlockEnd], true, false)?);
        }
        self.scanner.take()?;
        Ok(Kind::Sequence(items))
    }

    fn indentless_sequence(&mut self) -> Result<Kind, YamlError> {
        let mut items = Vec::new();
        while *self.scanner.peek()? == BlockEntry {
            self.scanner.take()?;
            items.push(self.node_unless(&[BlockEntry, Key, Value, BlockEnd], true, false)?);
        }
        Ok(Kind::Sequence(items))
    }

    fn block_mapping(&mut self) -> Result<Kind, YamlError> {
        let mut entries = Vec::new();
        self.scanner.take()?;
        loop {
            match self.scanner.peek()? {
                Key => {}
                BlockEnd => break,
                _ => return Err(self.scanner.mark().error("did not find expected key")),
            }
            self.scanner.take()?;
            let key = self.node_unless(&[Key, Value, BlockEnd], true, true)?;
            let value = if *self.scanner.peek()? == Value {
                self.scanner.take()?;
                self.node_unless(&[Key, Value, BlockEnd], true, true)?
            } else {
                self.empty()
            };
            entries.push((key, value));
        }
        self.scanner.take()?;
        Ok(Kind::Mapping(entries))
    }

    fn flow_sequence(&mut self) -> Result<Kind, YamlError> {
        let mut items = Vec::new();
        self.scanner.take()?;
        loop {
            self.flow_separator(&FlowSequenceEnd, items.is_empty(), "did not find expected ',' or ']'")?;
            match self.scanner.peek()? {
                FlowSequenceEnd => break,
                Key => {
                    let mark = self.scanner.mark();
                    let id = self.add(Kind::Mapping(Vec::new()), Properties::default(), mark);
                    self.scanner.take()?;
                    let pair = self.flow_pair()?;
                    self.set(id, Kind::Mapping(vec![pair]));
                    items.push(id);
                }
                _ => items.push(self.node(false, false)?),
            }
        }
        self.scanner.take()?;
        Ok(Kind::Sequence(items))
    }

    /// A key and its value that stand in a sequence without braces.
    fn flow_pair(&mut self) -> Result<(NodeId, NodeId), YamlError> {
        let key = match self.scanner.peek()? {
            Value | FlowEntry | FlowSequenceEnd => {
                // libyaml swallows the token that follows a missing key.
                let key = self.empty();
                self.scanner.take()?;
                key
            }
            _ => self.node(false, false)?,
        };
        let value = if *self.scanner.peek()? == Value {
            self.scanner.take()?;
            self.node_unless(&[FlowEntry, FlowSequenceEnd], false, false)?
        } else {
            self.empty()
        };
        Ok((key, value))
    }

    fn flow_mapping(&mut self) -> Result<Kind, YamlError> {
        let mut entries = Vec::new();
        self.scanner.take()?;
        loop {
            self.flow_separator(&FlowMappingEnd, entries.is_empty(), "did not find expected ',' or '}'")?;
            match self.scanner.peek()? {
                FlowMappingEnd => break,
                Key => {
                    self.scanner.take()?;
                    let key = self.node_unless(&[Value, FlowEntry, FlowMappingEnd], false, false)?;
                    let value = if *self.scanner.peek()? == Value {
                        self.scanner.take()?;
                        self.node_unless(&[FlowEntry, FlowMappingEnd], false, false)?
                    } else {
                        self.empty()
                    };
                    entries.push((key, value));
                }
                _ => {
                    let key = self.node(false, false)?;
                    entries.push((key, self.nodes.len()));
                    self.empty();
                }
            }
        }
        self.scanner.take()?;
        Ok(Kind::Mapping(entries))
    }

    /// Takes the comma between the members of a flow collection.
    fn flow_separator(&mut self, end: &TokenKind, is_first: bool, problem: &str) -> Result<(), YamlError> {
        let next = self.scanner.peek()?;
        if is_first || next == end {
            return Ok(());
        }
        if *next != FlowEntry {
            return Err(self.scanner.mark().error(problem));
        }
        self.scanner.take()?;
        Ok(())
    }
}

fn short_tag(tag: String) -> String {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some(suffix) => format!("!!{suffix}"),
        None => tag,
    }
}
