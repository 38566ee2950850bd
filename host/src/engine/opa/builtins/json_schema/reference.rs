//! `$id` and `$ref`: absolute references by RFC 3986, and the documents that they lead to.

use std::collections::BTreeMap;

use super::SchemaError;
use crate::engine::opa::{
    builtins::encoding::{percent, text},
    value::Value,
};

/// The documents of a schema by their absolute references; the schema itself has the empty one.
pub(super) type Pool<'d> = BTreeMap<String, &'d Value>;

/// Makes every `$ref` in a schema absolute, by the `$id`s around it.
pub(super) fn make_absolute(schema: &mut Value, base: &str) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| make_absolute(item, base)),
        Value::Object(map) => {
            let base = id(map).map_or_else(|| base.to_owned(), |id| resolve(base, id));
            for (key, value) in map.iter_mut() {
                match (key.as_str(), value) {
                    (Some("$ref"), Value::String(reference)) => *reference = resolve(&base, reference),
                    (Some("const" | "enum"), _) => {}
                    (Some("properties" | "dependencies" | "patternProperties"), Value::Object(named)) => {
                        named.values_mut().for_each(|schema| make_absolute(schema, &base));
                    }
                    (_, value) => make_absolute(value, &base),
                }
            }
        }
        _ => {}
    }
}

/// Collects the documents that have an `$id`.
pub(super) fn collect<'d>(schema: &'d Value, base: &str, pool: &mut Pool<'d>) -> Result<(), SchemaError> {
    match schema {
        Value::Array(items) => items.iter().try_for_each(|item| collect(item, base, pool)),
        Value::Object(map) => {
            let own = id(map).map(|id| resolve(base, id));
            if let Some(own) = &own
                && pool.insert(own.clone(), schema).is_some()
            {
                return Err(SchemaError::invalid(format!("Reference already exists: \"{own}\"")));
            }
            let base = own.as_deref().unwrap_or(base);
            map.iter().try_for_each(|(key, value)| match (key.as_str(), value) {
                (Some("const" | "enum"), _) => Ok(()),
                (Some("properties" | "dependencies" | "patternProperties"), Value::Object(named)) => {
                    named.values().try_for_each(|schema| collect(schema, base, pool))
                }
                (_, value) => collect(value, base, pool),
            })
        }
        _ => Ok(()),
    }
}

fn id(map: &BTreeMap<Value, Value>) -> Option<&str> {
    let id = map.get(&Value::from("id")).or_else(|| map.get(&Value::from("$id")));
    id.and_then(Value::as_str)
}

/// The document behind an absolute reference.
pub(super) fn find<'d>(pool: &Pool<'d>, reference: &str) -> Result<&'d Value, SchemaError> {
    if let Some(document) = pool.get(reference) {
        return Ok(document);
    }
    let (url, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    match pool.get(url) {
        Some(document) => follow(document, fragment),
        None if Url::new(url).is_complete() => {
            Err(SchemaError::invalid(format!("remote reference loading disabled: {reference}")))
        }
        None => Err(SchemaError::invalid(format!("Reference {reference} must be canonical"))),
    }
}

/// Follows a JSON pointer. What is no pointer leads nowhere else than to the document.
fn follow<'d>(document: &'d Value, fragment: &str) -> Result<&'d Value, SchemaError> {
    let decoded = percent::unescape(fragment, percent::Part::Other).unwrap_or_default();
    let pointer = text(&decoded);
    let Some(pointer) = pointer.strip_prefix('/') else { return Ok(document) };
    pointer.split('/').try_fold(document, |value, token| match value {
        Value::Object(_) => {
            let key = token.replace("~1", "/").replace("~0", "~");
            value.get(&key).ok_or_else(|| SchemaError::invalid(format!("Object has no key '{key}'")))
        }
        Value::Array(items) => {
            let index = token.parse::<i64>();
            let index = index.map_err(|_| SchemaError::invalid(format!("Invalid array index '{token}'")))?;
            let item = usize::try_from(index).ok().and_then(|index| items.get(index));
            item.ok_or_else(|| {
                SchemaError::invalid(format!("Out of bound array[0,{}] index '{index}'", items.len()))
            })
        }
        _ => Err(SchemaError::invalid(format!("Invalid token reference '{token}'"))),
    })
}

/// A URL in its parts, none of which is decoded.
struct Url<'u> {
    scheme: Option<&'u str>,
    authority: Option<&'u str>,
    path: &'u str,
    query: Option<&'u str>,
    fragment: &'u str,
}

/// A reference made absolute by RFC 3986, section 5.2. The base's own fragment never counts.
pub(super) fn resolve(base: &str, reference: &str) -> String {
    let (base, reference) = (Url::new(base), Url::new(reference));
    if reference.scheme.is_some() || reference.authority.is_some() {
        let scheme = reference.scheme.or(base.scheme);
        return reference.text(scheme, reference.authority, &without_dots(reference.path), reference.query);
    }
    if reference.path.is_empty() {
        return reference.text(base.scheme, base.authority, base.path, reference.query.or(base.query));
    }
    let merged = if reference.path.starts_with('/') {
        reference.path.to_owned()
    } else {
        let parent = base.path.rfind('/').and_then(|slash| base.path.get(..=slash));
        let parent = parent.unwrap_or(if base.authority.is_some() { "/" } else { "" });
        format!("{parent}{}", reference.path)
    };
    reference.text(base.scheme, base.authority, &without_dots(&merged), reference.query)
}

/// A path without `.` and `..`; like Go's, it begins with a slash unless it is empty.
fn without_dots(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let mut segments: Vec<&str> = vec![""];
    let mut rest = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = rest.next() {
        let is_last = rest.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." && segments.len() > 1 {
                    segments.pop();
                }
                if is_last {
                    segments.push("");
                }
            }
            segment => segments.push(segment),
        }
    }
    segments.join("/")
}

// === impl Url ===

impl<'u> Url<'u> {
    fn new(url: &'u str) -> Self {
        let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let is_scheme = |scheme: &str| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        };
        let (scheme, rest) = match rest.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, rest),
        };
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) =
                    rest.split_at_checked(rest.find('/').unwrap_or(rest.len())).unwrap_or((rest, ""));
                (Some(authority), path)
            }
            None => (None, rest),
        };
        Self { scheme, authority, path, query, fragment }
    }

    fn is_complete(&self) -> bool {
        self.scheme.is_some() && self.authority.is_some_and(|authority| !authority.is_empty())
    }

    /// The text of other parts with the own fragment.
    fn text(&self, scheme: Option<&str>, authority: Option<&str>, path: &str, query: Option<&str>) -> String {
        let mut text = String::new();
        for (before, part, after) in
            [("", scheme, ":"), ("//", authority, ""), ("", Some(path), ""), ("?", query, "")]
        {
            if let Some(part) = part {
                text.extend([before, part, after]);
            }
        }
        if !self.fragment.is_empty() {
            text.extend(["#", self.fragment]);
        }
        text
    }
}
