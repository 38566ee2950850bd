//! The documents of an evaluation, as the policy asks for them: the interface `documents`.
//!
//! A node is a number: the document's in the upper bits, the value's in its table in the lower ones. So a policy may hold
//! as many as it likes, and none has to be given back.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    super::{Fault, opa},
    bindings::magtape::policy::{
        documents::{Content, Element, Host as Imports, Member},
        types,
    },
    host::Host,
};
use crate::json::{Document, Kind, Value};

/// A document has at most 64 MiB, and no value has less than a byte.
const NODE_BITS: u32 = 26;

/// The documents, in order; those that are looked up follow.
const REVIEW: u32 = 0;
const PARAMETERS: u32 = 1;
const FIRST_KIND: u32 = 2;

// === impl Host ===

impl Host {
    fn document(&self, number: u32) -> Option<&Document> {
        let documents = self.documents.as_ref()?;
        match number {
            REVIEW => Some(&documents.review),
            PARAMETERS => Some(&documents.parameters),
            kind => documents.kinds.values().nth((kind - FIRST_KIND) as usize)?.as_deref(),
        }
    }

    /// Where the pointer leads.
    fn value(&mut self, from: u32, pointer: &str) -> wasmtime::Result<Option<Value<'_>>> {
        self.count_call()?;
        let value = self.document(from >> NODE_BITS).and_then(|document| document.node(from & NODES));
        Ok(value.and_then(|value| value.pointer(pointer)))
    }
}

const NODES: u32 = (1 << NODE_BITS) - 1;

impl types::Host for Host {}

impl Imports for Host {
    fn review(&mut self) -> wasmtime::Result<u32> {
        Ok(REVIEW << NODE_BITS)
    }

    fn parameters(&mut self) -> wasmtime::Result<u32> {
        Ok(PARAMETERS << NODE_BITS)
    }

    fn lookup(&mut self, kind: String) -> wasmtime::Result<Option<u32>> {
        self.count_call()?;
        let kinds = self.documents.as_ref().map(|documents| &documents.kinds);
        let found = kinds.and_then(|kinds| (0..).zip(kinds.iter()).find(|(_, (name, _))| **name == kind));
        match found {
            Some((number, (_, document))) => {
                Ok(document.is_some().then_some((FIRST_KIND + number) << NODE_BITS))
            }
            None => {
                let kind = super::host::shortened(kind);
                let reason = match kinds {
                    Some(_) => ", which its metadata does not declare in needs",
                    None => " before it was asked to judge anything",
                };
                Err(Fault::Answer(format!("looked up {kind:?}{reason}")).into())
            }
        }
    }

    fn find(&mut self, from: u32, pointer: String) -> wasmtime::Result<Option<u32>> {
        Ok(self.value(from, &pointer)?.map(|value| node(from, value)))
    }

    fn read(&mut self, from: u32, pointer: String) -> wasmtime::Result<Option<Content>> {
        Ok(self.value(from, &pointer)?.map(content))
    }

    fn elements(&mut self, from: u32, pointer: String) -> wasmtime::Result<Vec<Element>> {
        let limit = self.limits.builtin_bytes;
        let Some(value) = self.value(from, &pointer)? else { return Ok(Vec::new()) };
        within(limit, value)?;
        let element = |value| Element { node: node(from, value), content: content(value) };
        Ok(match value.kind() {
            Kind::Object => sorted(value).into_values().map(element).collect(),
            _ => value.elements().map(element).collect(),
        })
    }

    fn members(&mut self, from: u32, pointer: String) -> wasmtime::Result<Vec<Member>> {
        let limit = self.limits.builtin_bytes;
        let Some(object) = self.value(from, &pointer)? else { return Ok(Vec::new()) };
        within(limit, object)?;
        let member = |(key, value): (Cow<'_, str>, _)| Member {
            key: key.into_owned(),
            node: node(from, value),
            content: content(value),
        };
        Ok(sorted(object).into_iter().map(member).collect())
    }

    fn show(&mut self, from: u32, pointer: String) -> wasmtime::Result<Option<String>> {
        let limit = self.limits.builtin_bytes;
        let Some(value) = self.value(from, &pointer)? else { return Ok(None) };
        if let Some(text) = value.string() {
            return Ok(Some(text.into_owned()));
        }
        // Reading it takes longer than what could interrupt it would allow, so its length is looked at before.
        let shown = if value.raw().len() > limit { None } else { opa::show(value.raw(), limit) };
        match shown {
            Some(text) => Ok(Some(text)),
            None => Err(Fault::Answer(format!("wanted to show a value of more than {limit} bytes")).into()),
        }
    }

    fn json(&mut self, from: u32, pointer: String) -> wasmtime::Result<Option<String>> {
        let value = self.value(from, &pointer)?;
        Ok(value.map(|value| match value.kind() {
            Kind::String | Kind::Escaped => ["\"", value.raw(), "\""].concat(),
            _ => value.raw().to_owned(),
        }))
    }
}

/// Lists are made while no deadline can interrupt the host, and take several times their text.
fn within(limit: usize, value: Value<'_>) -> Result<(), Fault> {
    let count = value.elements().count() + value.members().count();
    if count > limit {
        return Err(Fault::Answer(format!("wanted a list of {count} values, more than {limit}")));
    }
    Ok(())
}

/// The members of an object by key. Of keys that are there twice, the last one stays.
fn sorted(object: Value<'_>) -> BTreeMap<Cow<'_, str>, Value<'_>> {
    object.members().filter_map(|(key, value)| Some((key.string()?, value))).collect()
}

/// How many members an object has.
fn keys(object: Value<'_>) -> usize {
    let mut keys: Vec<_> = object.members().filter_map(|(key, _)| key.string()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.len()
}

/// The number of a value in the document that `from` is in.
fn node(from: u32, value: Value<'_>) -> u32 {
    (from & !NODES) | value.number()
}

fn content(value: Value<'_>) -> Content {
    let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    match value.kind() {
        Kind::Null => Content::Null,
        Kind::Boolean(value) => Content::Boolean(value),
        Kind::Number => number(value.raw()),
        Kind::String | Kind::Escaped => Content::Text(value.string().unwrap_or_default().into_owned()),
        Kind::Array => Content::Array(length(value.elements().count())),
        Kind::Object => Content::Object(length(keys(value))),
    }
}

fn number(text: &str) -> Content {
    let float = || Content::Number(text.parse().unwrap_or(f64::NAN));
    text.parse().map_or_else(|_| float(), Content::Integer)
}
