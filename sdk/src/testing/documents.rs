//! Plays the host of one evaluation, on this thread.

use std::cell::RefCell;

use serde_json::{Map, Value as Json};

use crate::{Content, Level, documents::Node};

thread_local! {
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
}

/// What the host of an evaluation holds.
#[derive(Debug, Default)]
pub(crate) struct Host {
    nodes: Vec<Json>,
    parameters: Node,
    /// By the kind that the policy declares.
    kinds: Vec<(String, Option<Node>)>,
    now: u64,
    log: Vec<(Level, String)>,
}

/// Takes the host away when the evaluation is over, also by a panic.
struct Guard;

/// Runs `act` with a host; answers what was logged as well.
pub(crate) fn with<T>(host: Host, act: impl FnOnce() -> T) -> (T, Vec<(Level, String)>) {
    HOST.set(Some(host));
    let _guard = Guard;
    let answer = act();
    (answer, HOST.take().map(|host| host.log).unwrap_or_default())
}

// === impl Guard ===

impl Drop for Guard {
    fn drop(&mut self) {
        HOST.set(None);
    }
}

// === impl Host ===

impl Host {
    pub(crate) fn new(review: Json, parameters: Json, now: u64) -> Self {
        let mut host = Self { nodes: vec![review], now, ..Self::default() };
        host.parameters = host.node(parameters);
        host
    }

    /// Lets the policy look up a kind; `None` when nothing is known of it.
    pub(crate) fn declare(&mut self, kind: &str, objects: Option<Json>) {
        let node = objects.map(|objects| self.node(objects));
        self.kinds.push((kind.to_owned(), node));
    }

    /// Values get numbers as they are asked for. Copying them is slow, and plain.
    fn node(&mut self, value: Json) -> Node {
        self.nodes.push(value);
        Node::try_from(self.nodes.len() - 1).unwrap_or(Node::MAX)
    }

    fn value(&self, from: Node, pointer: &str) -> Option<&Json> {
        self.nodes.get(from as usize)?.pointer(pointer)
    }
}

fn ask<T: Default>(answer: impl FnOnce(&mut Host) -> T) -> T {
    HOST.with_borrow_mut(|host| host.as_mut().map(answer)).unwrap_or_default()
}

pub(crate) fn review() -> Node {
    0
}

pub(crate) fn parameters() -> Node {
    ask(|host| host.parameters)
}

pub(crate) fn lookup(kind: &str) -> Option<Node> {
    let declared = ask(|host| host.kinds.iter().find(|(name, _)| name == kind).map(|(_, node)| *node));
    declared.unwrap_or_else(|| undeclared(kind))
}

#[allow(clippy::panic, reason = "the host ends the evaluation as well, and this is a test")]
fn undeclared(kind: &str) -> Option<Node> {
    panic!("looked up {kind:?}, which the policy's metadata does not declare in `needs`")
}

pub(crate) fn find(from: Node, pointer: &str) -> Option<Node> {
    ask(|host| host.value(from, pointer).cloned().map(|value| host.node(value)))
}

pub(crate) fn read(from: Node, pointer: &str) -> Option<Content> {
    ask(|host| host.value(from, pointer).map(content))
}

pub(crate) fn elements(from: Node, pointer: &str) -> Vec<(Node, Content)> {
    ask(|host| {
        let values = match host.value(from, pointer) {
            Some(Json::Array(elements)) => elements.clone(),
            Some(Json::Object(members)) => sorted(members).into_iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        };
        values.into_iter().map(|value| numbered(host, value)).collect()
    })
}

pub(crate) fn members(from: Node, pointer: &str) -> Vec<(String, Node, Content)> {
    ask(|host| {
        let members = host.value(from, pointer).and_then(Json::as_object).map(sorted).unwrap_or_default();
        let member = |(key, value)| {
            let (node, content) = numbered(host, value);
            (key, node, content)
        };
        members.into_iter().map(member).collect()
    })
}

fn sorted(members: &Map<String, Json>) -> Vec<(String, Json)> {
    let mut members: Vec<_> = members.clone().into_iter().collect();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    members
}

fn numbered(host: &mut Host, value: Json) -> (Node, Content) {
    let content = content(&value);
    (host.node(value), content)
}

pub(crate) fn show(from: Node, pointer: &str) -> Option<String> {
    ask(|host| {
        host.value(from, pointer).map(|value| match value {
            Json::String(text) => text.clone(),
            other => spaced(other),
        })
    })
}

pub(crate) fn json(from: Node, pointer: &str) -> Option<String> {
    ask(|host| host.value(from, pointer).map(Json::to_string))
}

pub(crate) fn log(level: Level, message: &str) {
    ask(|host| host.log.push((level, message.to_owned())));
}

pub(crate) fn now() -> u64 {
    ask(|host| host.now)
}

/// JSON with sorted keys and a blank behind commas and colons.
fn spaced(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            let member =
                |(key, value): (&String, &Json)| format!("{}: {}", Json::from(key.as_str()), spaced(value));
            format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a test has no array of four billion elements")]
fn content(value: &Json) -> Content {
    match value {
        Json::Null => Content::Null,
        Json::Bool(value) => Content::Boolean(*value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Content::Integer(value),
            None => Content::Number(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Content::Text(text.clone()),
        Json::Array(items) => Content::Array(items.len() as u32),
        Json::Object(members) => Content::Object(members.len() as u32),
    }
}
