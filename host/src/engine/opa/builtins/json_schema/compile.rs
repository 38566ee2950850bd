//! From the JSON of a schema to what is validated: each keyword checked as the library checks it, in its order.

use std::collections::BTreeMap;

use super::{
    SchemaError,
    keywords::Keywords,
    reference::{Pool, collect, find, make_absolute, resolve},
    schema::{Additional, Dependency, Draft, Id, Items, Node, Schema},
};
use crate::engine::opa::{
    builtins::{regex::Pattern, uri},
    value::Value,
};

/// The most schemas within one, each counted wherever a reference leads to it.
const MAX_SCHEMAS: usize = 50_000;

/// References to schemas with references go no deeper than this.
const MAX_DEPTH: usize = 300;

const TRUE_OR_SCHEMA: &str = "boolean/Valid Schema";
const SCHEMA_OR_LIST: &str = "Valid Schema/Array Of Schemas";

struct Compiler<'d> {
    pool: Pool<'d>,
    /// The schemas that references lead to, as soon as they are begun.
    references: BTreeMap<String, Id>,
    nodes: Vec<Node>,
    depth: usize,
}

// === impl Schema ===

impl Schema {
    /// Compiles a schema.
    pub(super) fn compile(document: &Value) -> Result<Self, SchemaError> {
        let draft = draft(document)?;
        let mut document = document.clone();
        make_absolute(&mut document, "");
        let mut pool = Pool::new();
        collect(&document, "", &mut pool)?;
        pool.insert(String::new(), &document);
        let mut compiler = Compiler { pool, references: BTreeMap::new(), nodes: Vec::new(), depth: 0 };
        compiler.schema(&document, draft.unwrap_or_default())?;
        Ok(Self { nodes: compiler.nodes })
    }
}

/// The draft that `$schema` names, if it is one of those known.
fn draft(document: &Value) -> Result<Option<Draft>, SchemaError> {
    match document {
        Value::Bool(_) => return Ok(None),
        Value::Object(_) => {}
        _ => return Err(SchemaError::invalid("schema is invalid")),
    }
    match document.get("$schema") {
        None => Ok(None),
        Some(Value::String(url)) => Ok(match url.strip_suffix('#').unwrap_or(url) {
            "http://json-schema.org/draft-04/schema" => Some(Draft::Draft4),
            "http://json-schema.org/draft-06/schema" => Some(Draft::Draft6),
            "http://json-schema.org/draft-07/schema" => Some(Draft::Draft7),
            _ => None,
        }),
        Some(_) => Err(SchemaError::invalid("$schema must be of type string")),
    }
}

// === impl Compiler ===

impl<'d> Compiler<'d> {
    fn schema(&mut self, document: &Value, draft: Draft) -> Result<Id, SchemaError> {
        let id = self.reserve()?;
        self.fill(id, document, draft)?;
        Ok(id)
    }

    fn reserve(&mut self) -> Result<Id, SchemaError> {
        if self.nodes.len() >= MAX_SCHEMAS || self.depth >= MAX_DEPTH {
            return Err(SchemaError::Limit("the schema is too large".to_owned()));
        }
        self.nodes.push(Node::default());
        Ok(self.nodes.len() - 1)
    }

    fn fill(&mut self, id: Id, document: &Value, draft: Draft) -> Result<(), SchemaError> {
        let mut node = Node::default();
        match document {
            Value::Bool(pass) if draft >= Draft::Draft6 => node.pass = Some(*pass),
            Value::Object(map) => {
                self.depth += 1;
                self.keywords(&mut node, &Keywords { map, draft })?;
                self.depth -= 1;
            }
            _ => return Err(SchemaError::invalid("Expected: Valid Schema, given: Invalid JSON")),
        }
        if let Some(place) = self.nodes.get_mut(id) {
            *place = node;
        }
        Ok(())
    }

    fn keywords(&mut self, node: &mut Node, keywords: &Keywords<'_>) -> Result<(), SchemaError> {
        let draft = keywords.draft;
        self.identity(keywords)?;
        if let Some(reference) = keywords.string("$ref")? {
            check_reference(reference)?;
            let known = self.references.get(reference).copied();
            node.reference = Some(match known {
                Some(id) => id,
                None => return self.reference(node, reference, draft),
            });
        }
        node.types = keywords.types()?;
        self.object_keywords(node, keywords)?;
        self.array_items(node, keywords)?;
        keywords.numbers(node)?;
        keywords.sizes(node)?;
        if draft >= Draft::Draft6
            && let Some(contains) = keywords.get("contains")
        {
            node.contains = Some(self.schema(contains, draft)?);
        }
        keywords.values(node)?;
        node.one_of = self.list(keywords, "oneOf")?;
        node.any_of = self.list(keywords, "anyOf")?;
        node.all_of = self.list(keywords, "allOf")?;
        node.not = self.single(keywords, "not")?;
        if draft >= Draft::Draft7 {
            node.condition = self.single(keywords, "if")?;
            node.then = self.single(keywords, "then")?;
            node.otherwise = self.single(keywords, "else")?;
        }
        Ok(())
    }

    /// `$id`, `definitions` and the texts, which only have to be well-formed.
    fn identity(&mut self, keywords: &Keywords<'_>) -> Result<(), SchemaError> {
        let name = match keywords.draft {
            Draft::Draft4 => "id",
            Draft::Hybrid if keywords.get("id").is_some() => "id",
            _ => "$id",
        };
        if let Some(id) = keywords.string(name)? {
            check_reference(id)?;
        }
        match keywords.get("definitions") {
            None => {}
            Some(Value::Object(definitions)) => {
                for definition in definitions.values() {
                    if !matches!(definition, Value::Bool(_) | Value::Object(_)) {
                        return Err(invalid_type("Array Of Schemas", "definitions"));
                    }
                    self.schema(definition, keywords.draft)?;
                }
            }
            Some(_) => return Err(invalid_type("Array Of Schemas", "definitions")),
        }
        keywords.string("title")?;
        keywords.string("description")?;
        Ok(())
    }

    /// The schema that a reference leads to. It is known before it is read, since it may refer to itself.
    fn reference(&mut self, node: &mut Node, reference: &str, draft: Draft) -> Result<(), SchemaError> {
        let id = self.reserve()?;
        self.references.insert(reference.to_owned(), id);
        let document = find(&self.pool, &resolve("", reference))?;
        if !matches!(document, Value::Bool(_) | Value::Object(_)) {
            return Err(SchemaError::invalid("Valid Schema must be of type object"));
        }
        self.fill(id, document, draft)?;
        node.reference = Some(id);
        Ok(())
    }

    fn object_keywords(&mut self, node: &mut Node, keywords: &Keywords<'_>) -> Result<(), SchemaError> {
        let draft = keywords.draft;
        if let Some(properties) = keywords.get("properties") {
            let Value::Object(properties) = properties else {
                return Err(SchemaError::invalid("Properties must be of type object"));
            };
            for (name, schema) in named(properties) {
                node.properties.insert(name.to_owned(), self.schema(schema, draft)?);
            }
        }
        node.additional_properties = self.additional(keywords, "additionalProperties")?;
        match keywords.get("patternProperties") {
            None => {}
            Some(Value::Object(patterns)) => {
                for (text, schema) in named(patterns) {
                    let invalid = |_| SchemaError::invalid(format!("Invalid regex pattern '{text}'"));
                    let pattern = Pattern::compile(text).map_err(invalid)?;
                    node.pattern_properties.push((pattern, self.schema(schema, draft)?));
                }
            }
            Some(_) => return Err(invalid_type("Valid Schema", "patternProperties")),
        }
        if draft >= Draft::Draft6
            && let Some(names) = keywords.get("propertyNames")
        {
            if !matches!(names, Value::Bool(_) | Value::Object(_)) {
                return Err(invalid_type("Valid Schema", "patternProperties"));
            }
            node.property_names = Some(self.schema(names, draft)?);
        }
        self.dependencies(node, keywords)
    }

    fn dependencies(&mut self, node: &mut Node, keywords: &Keywords<'_>) -> Result<(), SchemaError> {
        let Some(dependencies) = keywords.get("dependencies") else { return Ok(()) };
        let Value::Object(dependencies) = dependencies else {
            return Err(SchemaError::invalid("dependencies must be of type object"));
        };
        let invalid = || SchemaError::invalid("Dependency must be of type Schema Or Array Of Strings");
        for (name, dependency) in named(dependencies) {
            let dependency = match dependency {
                Value::Array(keys) => {
                    let keys = keys.iter().map(|key| key.as_str().map(str::to_owned).ok_or_else(invalid));
                    Dependency::Keys(keys.collect::<Result<_, _>>()?)
                }
                Value::Bool(_) | Value::Object(_) => {
                    Dependency::Schema(self.schema(dependency, keywords.draft)?)
                }
                _ => return Err(invalid()),
            };
            node.dependencies.insert(name.to_owned(), dependency);
        }
        Ok(())
    }

    fn array_items(&mut self, node: &mut Node, keywords: &Keywords<'_>) -> Result<(), SchemaError> {
        let is_schema = |value: &Value| matches!(value, Value::Bool(_) | Value::Object(_));
        match keywords.get("items") {
            None => {}
            Some(Value::Array(items)) => {
                let mut list = Vec::new();
                for item in items {
                    if !is_schema(item) {
                        return Err(invalid_type(SCHEMA_OR_LIST, "items"));
                    }
                    list.push(self.schema(item, keywords.draft)?);
                }
                node.items = Items::List(list);
            }
            Some(items) if is_schema(items) => node.items = Items::Each(self.schema(items, keywords.draft)?),
            Some(_) => return Err(invalid_type(SCHEMA_OR_LIST, "items")),
        }
        node.additional_items = self.additional(keywords, "additionalItems")?;
        Ok(())
    }

    fn additional(&mut self, keywords: &Keywords<'_>, name: &str) -> Result<Additional, SchemaError> {
        match keywords.get(name) {
            None | Some(Value::Bool(true)) => Ok(Additional::Allowed),
            Some(Value::Bool(false)) => Ok(Additional::Refused),
            Some(schema @ Value::Object(_)) => Ok(Additional::Schema(self.schema(schema, keywords.draft)?)),
            Some(_) => Err(invalid_type(TRUE_OR_SCHEMA, name)),
        }
    }

    fn list(&mut self, keywords: &Keywords<'_>, name: &str) -> Result<Vec<Id>, SchemaError> {
        let schemas = keywords.array(name)?.unwrap_or_default();
        schemas.iter().map(|schema| self.schema(schema, keywords.draft)).collect()
    }

    fn single(&mut self, keywords: &Keywords<'_>, name: &str) -> Result<Option<Id>, SchemaError> {
        match keywords.get(name) {
            None => Ok(None),
            Some(schema @ (Value::Bool(_) | Value::Object(_))) => {
                self.schema(schema, keywords.draft).map(Some)
            }
            Some(_) => Err(SchemaError::invalid(format!("{name} must be of an object"))),
        }
    }
}

fn named(map: &BTreeMap<Value, Value>) -> impl Iterator<Item = (&str, &Value)> {
    map.iter().filter_map(|(name, value)| Some((name.as_str()?, value)))
}

fn check_reference(reference: &str) -> Result<(), SchemaError> {
    if uri::reference(reference).is_some() {
        Ok(())
    } else {
        Err(SchemaError::invalid(format!("parse {reference:?}: invalid URL")))
    }
}

pub(super) fn invalid_type(expected: &str, given: &str) -> SchemaError {
    SchemaError::invalid(format!("Invalid type. Expected: {expected}, given: {given}"))
}
