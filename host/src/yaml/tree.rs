//! The nodes of a document with aliases still unresolved.
//!
//! Merge keys and repeated keys can only be judged when a whole mapping is known, hence a tree. It is an arena:
//! depth is bounded while it is built, and dropping it never recurses.

/// Deeper documents are refused. A Kubernetes object is about twenty deep, and values of OPA are bounded the
/// same way.
pub(super) const MAX_DEPTH: usize = 250;

/// The index of a node.
pub(super) type NodeId = usize;

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) column: usize,
    /// The tag in its short form (`!!str`), empty where the text has none.
    pub(super) tag: String,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Scalar { text: String, plain: bool },
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
    Alias(NodeId),
}

// === impl Tree ===

impl Tree {
    pub(super) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// The node itself, or the one that it is an alias of.
    pub(super) fn target(&self, id: NodeId) -> Option<&Node> {
        match self.get(id)? {
            Node { kind: Kind::Alias(target), .. } => self.get(*target),
            node => Some(node),
        }
    }
}
