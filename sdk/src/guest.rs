//! The component's side of `wit/policy.wit`, for [`export!`](crate::export).
#![allow(
    missing_docs,
    unsafe_code,
    reason = "wit-bindgen writes most of it: the calling convention of components"
)]
#![allow(clippy::all, clippy::pedantic, reason = "wit-bindgen writes most of it")]

use crate::{Document, Operation, Parameters, Policy, Severity, Value};

wit_bindgen::generate!({
    world: "policy",
    path: "wit",
    pub_export_macro: true,
    default_bindings_module: "magtape_sdk::guest",
});

use magtape::policy::{documents as wit, host, types};

/// What a policy says of itself, as the host reads it.
pub fn metadata<P: Policy>() -> Metadata {
    let metadata = P::METADATA;
    let text = |text: Option<&str>| text.map(str::to_owned);
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Metadata {
        name: metadata.name.to_owned(),
        severity: match metadata.severity {
            Severity::Low => types::Severity::Low,
            Severity::Med => types::Severity::Med,
            Severity::High => types::Severity::High,
        },
        errcode: metadata.errcode.to_owned(),
        targets: texts(metadata.targets),
        operations: metadata
            .operations
            .iter()
            .map(|operation| match operation {
                Operation::Create => types::Operation::Create,
                Operation::Update => types::Operation::Update,
                Operation::Delete => types::Operation::Delete,
                Operation::Connect => types::Operation::Connect,
            })
            .collect(),
        needs: texts(metadata.needs),
        parameters: P::Parameters::schema(),
        title: text(metadata.title),
        description: text(metadata.description),
        url: text(metadata.url),
    }
}

/// Judges the review that the host holds.
pub fn evaluate<P: Policy>() -> Result<Option<Vec<Violation>>, String> {
    std::panic::set_hook(Box::new(|panic| host::abort(&panic.to_string())));
    let document = Document::new();
    if !P::applies(&document) {
        return Ok(None);
    }
    let parameters = match P::Parameters::none() {
        Some(none) => none,
        None => P::Parameters::read(Value::new(wit::parameters()))
            .map_err(|error| ["its parameters: ", &error.to_string()].concat())?,
    };
    let violations = P::evaluate(&document, parameters).map_err(|error| error.to_string())?;
    Ok(Some(violations.into_iter().map(violation).collect()))
}

fn violation(violation: crate::Violation) -> Violation {
    let (message, field, details) = violation.into_parts();
    Violation { message, field, details }
}

/// What the rest of the crate asks the host for.
pub(crate) mod documents {
    use super::{host, wit};
    use crate::{Content, Level, documents::Node};

    pub(crate) use host::now;
    pub(crate) use wit::{find, json, lookup, review, show};

    pub(crate) fn read(from: Node, pointer: &str) -> Option<Content> {
        wit::read(from, pointer).map(content)
    }

    pub(crate) fn elements(from: Node, pointer: &str) -> Vec<(Node, Content)> {
        wit::elements(from, pointer)
            .into_iter()
            .map(|element| (element.node, content(element.content)))
            .collect()
    }

    pub(crate) fn members(from: Node, pointer: &str) -> Vec<(String, Node, Content)> {
        let members = wit::members(from, pointer).into_iter();
        members.map(|member| (member.key, member.node, content(member.content))).collect()
    }

    pub(crate) fn log(level: Level, message: &str) {
        let level = match level {
            Level::Debug => host::Level::Debug,
            Level::Info => host::Level::Info,
            Level::Warn => host::Level::Warn,
            Level::Error => host::Level::Error,
        };
        host::log(level, message);
    }

    fn content(content: wit::Content) -> Content {
        match content {
            wit::Content::Null => Content::Null,
            wit::Content::Boolean(value) => Content::Boolean(value),
            wit::Content::Integer(value) => Content::Integer(value),
            wit::Content::Number(value) => Content::Number(value),
            wit::Content::Text(value) => Content::Text(value),
            wit::Content::Array(length) => Content::Array(length),
            wit::Content::Object(members) => Content::Object(members),
        }
    }
}
