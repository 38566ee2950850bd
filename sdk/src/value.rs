//! A place in one of the host's documents.

mod de;

use serde::Deserialize;

use crate::{
    Error,
    documents::{self, Node},
};

/// A value of a document. It is a place, not a copy: cheap to pass on, and valid within the evaluation.
///
/// Most functions take a pointer (RFC 6901) from there, so that one call of the host goes as far as it has to: `"/name"`,
/// `"/securityContext/capabilities/drop"`, `"/0/image"`; `""` is the value itself. `~1` stands for a `/` in a key and `~0` for
/// a `~`; [`get`](Value::get) takes a key as it is.
///
/// ```
/// # use magtape_sdk::testing::Case;
/// # Case::object("{spec: {ports: [{port: 80}], selector: {app: web}}, metadata: {labels: {a/b: c}}}").with(|document| {
/// let service = document.value();
/// assert_eq!(service.integer("/spec/ports/0/port"), Some(80));
/// assert_eq!(service.at("/metadata/labels").and_then(|labels| labels.get("a/b")?.string("")).as_deref(), Some("c"));
/// for (key, value) in service.members("/spec/selector") {
///     assert_eq!((key.as_str(), value.string("").as_deref()), ("app", Some("web")));
/// }
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Value {
    node: Node,
}

/// What a value is; scalars with what they say.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A whole number of 64 bits.
    Integer(i64),
    /// Any other number, as the nearest double.
    Number(f64),
    /// A string.
    Text(String),
    /// An array and its length.
    Array(u32),
    /// An object and its number of members.
    Object(u32),
}

// === impl Value ===

impl Value {
    pub(crate) fn new(node: Node) -> Self {
        Self { node }
    }

    /// Where the pointer leads, if there is a value.
    pub fn at(&self, pointer: &str) -> Option<Value> {
        documents::find(self.node, pointer).map(Value::new)
    }

    /// The member of an object with that key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.at(&escaped(key))
    }

    /// Whether there is a value, be it `null`.
    pub fn has(&self, pointer: &str) -> bool {
        self.at(pointer).is_some()
    }

    /// Whether there is a value that is not `false`: what Rego takes for true.
    pub fn holds(&self, pointer: &str) -> bool {
        !matches!(self.read(pointer), None | Some(Content::Boolean(false)))
    }

    /// What is there.
    pub fn read(&self, pointer: &str) -> Option<Content> {
        documents::read(self.node, pointer)
    }

    /// The string that is there.
    pub fn string(&self, pointer: &str) -> Option<String> {
        self.read(pointer).and_then(Content::into_string)
    }

    /// The boolean that is there.
    pub fn boolean(&self, pointer: &str) -> Option<bool> {
        self.read(pointer).and_then(|content| content.as_bool())
    }

    /// The whole number that is there.
    pub fn integer(&self, pointer: &str) -> Option<i64> {
        self.read(pointer).and_then(|content| content.as_i64())
    }

    /// The length of the array, or the number of members of the object, that is there; 0 for anything else.
    pub fn len(&self, pointer: &str) -> usize {
        match self.read(pointer) {
            Some(Content::Array(length) | Content::Object(length)) => length as usize,
            _ => 0,
        }
    }

    /// The elements of the array that is there, or the values of the object, in the order of its keys: what
    /// `some element in` goes through in Rego. The API server lets no object through in place of a list, but files are
    /// checked before it has seen them.
    ///
    /// ```
    /// # use magtape_sdk::testing::Case;
    /// for ports in ["[{port: 80}]", "{web: {port: 80}}"] {
    ///     # Case::object(&format!("{{spec: {{ports: {ports}}}}}")).with(|document| {
    ///     let ports = document.value().elements("/spec/ports");
    ///     assert_eq!(ports.map(|port| port.integer("/port")).collect::<Vec<_>>(), [Some(80)]);
    ///     # });
    /// }
    /// ```
    pub fn elements(&self, pointer: &str) -> impl Iterator<Item = Value> + use<> {
        documents::elements(self.node, pointer).into_iter().map(|(node, _)| Value::new(node))
    }

    /// What those elements are, in one call: good for arrays of scalars.
    pub fn contents(&self, pointer: &str) -> impl Iterator<Item = Content> + use<> {
        documents::elements(self.node, pointer).into_iter().map(|(_, content)| content)
    }

    /// The strings in the array that is there; its other elements are left out.
    pub fn strings(&self, pointer: &str) -> impl Iterator<Item = String> + use<> {
        self.contents(pointer).filter_map(Content::into_string)
    }

    /// The members of the object that is there, sorted by key; none for anything else.
    pub fn members(&self, pointer: &str) -> impl Iterator<Item = (String, Value)> + use<> {
        documents::members(self.node, pointer).into_iter().map(|(key, node, _)| (key, Value::new(node)))
    }

    /// The members of the object that is there with what they are, in one call: good for labels, and for reading all scalars
    /// of a container at once.
    pub fn fields(&self, pointer: &str) -> impl Iterator<Item = (String, Content)> + use<> {
        documents::members(self.node, pointer).into_iter().map(|(key, _, content)| (key, content))
    }

    /// What is there as a message shows it: text as it is, anything else as JSON; empty when there is nothing.
    pub fn show(&self, pointer: &str) -> String {
        documents::show(self.node, pointer).unwrap_or_default()
    }

    /// What is there as JSON text.
    pub fn json(&self, pointer: &str) -> Option<String> {
        documents::json(self.node, pointer)
    }

    /// The value as a type of serde's.
    ///
    /// # Errors
    /// When it is no such value; says what was expected.
    pub fn parse<'de, T: Deserialize<'de>>(&self) -> Result<T, Error> {
        de::parse(*self)
    }

    pub(crate) fn node(&self) -> Node {
        self.node
    }
}

/// A pointer to a key.
fn escaped(key: &str) -> String {
    let mut pointer = String::with_capacity(key.len() + 1);
    pointer.push('/');
    for character in key.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
    pointer
}

// === impl Content ===

impl Content {
    /// The text of a string.
    pub fn into_string(self) -> Option<String> {
        match self {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Content::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a whole number.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Content::Integer(value) => Some(*value),
            _ => None,
        }
    }
}
