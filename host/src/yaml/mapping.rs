//! Mappings: keys of any scalar type become strings, merge keys are carried out, repeated keys settled.
//!
//! go-yaml v2 works in the order of the text: whatever comes later wins, a merge key included. OPA's reading
//! on go-yaml v3 lets a mapping's own keys win over merged ones and the first merged mapping over the next.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::{
    Dialect, YamlError,
    decode::{Decoder, Scalar},
    float::go_shortest_f32,
    tree::{Kind, Node, NodeId},
};

const WANT_MAPPINGS: &str = "a merge key wants a mapping or a list of mappings";

/// The key and the value nodes of one entry.
type Entry = (NodeId, NodeId);

// === impl Decoder ===

impl Decoder<'_> {
    pub(super) fn mapping(&mut self, node: &Node, entries: &[Entry]) -> Result<Value, YamlError> {
        let mut map = Map::new();
        match self.dialect {
            Dialect::Kubernetes => self.fill_in_order(entries, &mut map)?,
            Dialect::Opa => {
                self.refuse_repeated(node, entries)?;
                let all_strings = entries.iter().all(|(key, _)| self.is_merge(*key) || self.is_string(*key));
                self.fill_own_first(entries, all_strings, &mut map)?;
            }
        }
        Ok(Value::Object(map))
    }

    /// go-yaml v2: each entry in turn, the last one wins.
    fn fill_in_order(&mut self, entries: &[Entry], map: &mut Map<String, Value>) -> Result<(), YamlError> {
        for &(key, value) in entries {
            if self.is_merge(key) {
                // Backwards, since the first mapping of a list takes precedence.
                for source in self.merged(value)?.into_iter().rev() {
                    self.merge(source, |decoder, entries| decoder.fill_in_order(entries, map))?;
                }
                continue;
            }
            let key = self.key(key)?;
            let value = self.value(value)?;
            map.insert(key, value);
        }
        Ok(())
    }

    /// go-yaml v3: the entries of the mapping itself, then those merged keys that are not there yet. OPA drops
    /// all but the last of repeated keys before any value is looked at. A mapping whose own keys are `all_strings`
    /// takes merged ones by their text.
    fn fill_own_first(
        &mut self,
        entries: &[Entry],
        all_strings: bool,
        map: &mut Map<String, Value>,
    ) -> Result<(), YamlError> {
        let mut own = BTreeMap::new();
        let mut sources = Vec::new();
        for &(key, value) in entries {
            if self.is_merge(key) {
                sources.extend(self.merged(value)?);
            } else if let Some(key) = self.key_in(all_strings, key)? {
                own.insert(key, value);
            }
        }
        for (key, value) in own {
            if !map.contains_key(&key) {
                let value = self.value(value)?;
                map.insert(key, value);
            }
        }
        for source in sources {
            self.merge(source, |decoder, entries| decoder.fill_own_first(entries, all_strings, map))?;
        }
        Ok(())
    }

    /// A key as go-yaml v3 decodes it into a mapping with string keys, where null is left out, or into any other.
    fn key_in(&mut self, all_strings: bool, id: NodeId) -> Result<Option<String>, YamlError> {
        match self.tree.target(id) {
            Some(node @ Node { kind: Kind::Scalar { text, .. }, tag, .. })
                if all_strings && tag.is_empty() =>
            {
                self.count(node)?;
                Ok(if let Scalar::Null = self.scalar(node)? { None } else { Some(text.clone()) })
            }
            _ => self.key(id).map(Some),
        }
    }

    /// Whether a key is a string for go-yaml v3, whose other tags all are not.
    fn is_string(&self, key: NodeId) -> bool {
        self.tree.target(key).is_some_and(|node| {
            matches!(node.tag.as_str(), "" | "!" | "!!str")
                && matches!(self.scalar(node), Ok(Scalar::String(_)))
        })
    }

    fn merge(
        &mut self,
        source: NodeId,
        fill: impl FnOnce(&mut Self, &[Entry]) -> Result<(), YamlError>,
    ) -> Result<(), YamlError> {
        let Some(node) = self.tree.get(source) else { return Ok(()) };
        self.count(node)?;
        match &node.kind {
            Kind::Mapping(entries) => fill(self, entries),
            Kind::Alias(target) => match self.tree.get(*target).map(|node| &node.kind) {
                Some(Kind::Mapping(entries)) => self.follow(node, *target, |decoder| fill(decoder, entries)),
                _ => Err(node.error(WANT_MAPPINGS)),
            },
            _ => Err(node.error(WANT_MAPPINGS)),
        }
    }

    /// The mappings that the value of a merge key names.
    fn merged(&self, value: NodeId) -> Result<Vec<NodeId>, YamlError> {
        let Some(node) = self.tree.get(value) else { return Ok(Vec::new()) };
        match &node.kind {
            Kind::Mapping(_) | Kind::Alias(_) => Ok(vec![value]),
            Kind::Sequence(items) => Ok(items.clone()),
            Kind::Scalar { .. } => Err(node.error(WANT_MAPPINGS)),
        }
    }

    fn is_merge(&self, key: NodeId) -> bool {
        self.tree.get(key).is_some_and(|node| match (&node.kind, node.tag.as_str()) {
            (Kind::Scalar { text, plain }, tag) if text == "<<" => match tag {
                "!!merge" => true,
                "!" if self.dialect == Dialect::Kubernetes => true,
                "" | "!" => *plain,
                _ => false,
            },
            _ => false,
        })
    }

    /// A key as the string that it is in JSON.
    fn key(&mut self, id: NodeId) -> Result<String, YamlError> {
        let Some(node) = self.tree.get(id) else { return Ok(String::new()) };
        self.count(node)?;
        let Some(target) = self.tree.target(id) else { return Ok(String::new()) };
        if !matches!(target.kind, Kind::Scalar { .. }) {
            return Err(node.error("a mapping key must be a string, a number or a boolean"));
        }
        let key = self.key_text(self.scalar(target)?);
        key.ok_or_else(|| node.error("a mapping key must not be null, nor an integer beyond 64 bits"))
    }

    /// The string that a scalar is as a key; null is none, nor is what exceeds `i64` for `sigs.k8s.io/yaml`.
    fn key_text(&self, scalar: Scalar) -> Option<String> {
        match scalar {
            Scalar::Null => None,
            Scalar::Uint(integer) => (self.dialect == Dialect::Opa).then(|| integer.to_string()),
            Scalar::Int(integer) => Some(integer.to_string()),
            Scalar::Bool(truth) => Some(truth.to_string()),
            Scalar::Float(float) => Some(go_shortest_f32(float)),
            Scalar::String(text) => Some(text),
        }
    }

    /// OPA settles keys that are equal as strings; what go-yaml v3 still finds repeated after that is an error:
    /// keys of the same text that mean different things, and aliases of one anchor.
    fn refuse_repeated(&self, node: &Node, entries: &[Entry]) -> Result<(), YamlError> {
        let (mut texts, mut meanings, mut targets) = (HashSet::new(), HashSet::new(), HashSet::new());
        let (mut merge_keys, mut merged) = (0, 0);
        for &(key, value) in entries {
            let Some(key_node) = self.tree.get(key) else { continue };
            let repeated = match &key_node.kind {
                Kind::Scalar { text, .. } if self.is_merge(key) => {
                    merge_keys += 1;
                    merged += self.merged(value)?.len();
                    merge_keys == 1 && !texts.insert(text)
                }
                Kind::Scalar { text, .. } => {
                    let is_new = self.meaning(key_node).is_none_or(|meaning| meanings.insert(meaning));
                    is_new && !texts.insert(text)
                }
                Kind::Alias(target) => !targets.insert(*target),
                _ => false,
            };
            if repeated {
                return Err(key_node.error("mapping key already defined"));
            }
        }
        // OPA folds repeated merge keys into one only where they name two mappings or more.
        if merge_keys > 1 && merged < 2 {
            return Err(node.error("mapping key `<<` already defined"));
        }
        Ok(())
    }

    fn meaning(&self, key: &Node) -> Option<String> {
        self.scalar(key).ok().and_then(|scalar| self.key_text(scalar))
    }
}
