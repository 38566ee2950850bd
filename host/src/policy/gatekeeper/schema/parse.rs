//! Reads a schema.

use serde_json::{Number, Value};

use super::{
    super::{error::GatekeeperError, field::Field, path::Path},
    bounds::{Bounds, Range},
    check::Check,
    node::{Additional, Fallback, Kind, Node},
    pattern::Pattern,
    prune::{self, Dropped},
};

/// What the API server does not take in a schema either, with the exception of embedded resources.
const UNSUPPORTED: [&str; 8] = [
    "$ref",
    "$schema",
    "id",
    "definitions",
    "dependencies",
    "patternProperties",
    "additionalItems",
    "x-kubernetes-embedded-resource",
];

/// The most that one template may have: of schemas, and of automata for its patterns.
const MAX_SCHEMAS: usize = 5_000;
const MAX_PATTERN_BYTES: usize = 16 * 1024 * 1024;

/// Reads the schemas of one template.
pub(super) struct Parse {
    is_legacy: bool,
    schemas_left: usize,
    pattern_bytes_left: usize,
    notes: Vec<String>,
}

// === impl Parse ===

impl Parse {
    pub(super) fn new(is_legacy: bool) -> Self {
        Self {
            is_legacy,
            schemas_left: MAX_SCHEMAS,
            pattern_bytes_left: MAX_PATTERN_BYTES,
            notes: Vec::new(),
        }
    }

    /// What was read and is not looked at.
    pub(super) fn notes(self) -> Vec<String> {
        self.notes
    }

    /// Reads a schema that describes the structure of its place.
    pub(super) fn schema(&mut self, field: &Field<'_>) -> Result<Node, GatekeeperError> {
        let mut node = self.any_schema(field, Self::schema)?;
        if self.is_legacy {
            complete(&mut node);
        }
        if node.kind.is_none() && !node.keeps_unknown {
            return Err(field.get("type")?.must_be("the type, unless legacySchema is true"));
        }
        if node.kind == Some(Kind::Array) && node.items.is_none() {
            return Err(field.get("items")?.must_be("the schema of the list's elements"));
        }
        node.default = self.fallback(&field.get("default")?, &node)?;
        Ok(node)
    }

    /// Reads an alternative and the like, which adds conditions to a structure that is described elsewhere.
    fn condition(&mut self, field: &Field<'_>) -> Result<Node, GatekeeperError> {
        self.any_schema(field, Self::condition)
    }

    fn any_schema(
        &mut self,
        field: &Field<'_>,
        inner: fn(&mut Self, &Field<'_>) -> Result<Node, GatekeeperError>,
    ) -> Result<Node, GatekeeperError> {
        self.refuse(field)?;
        let properties = field.get("properties")?.fields()?.into_iter();
        let mut property =
            |(name, field): (&str, Field<'_>)| Ok((name.to_owned(), inner(self, &present(field)?)?));
        let properties = properties.map(&mut property).collect::<Result<_, _>>()?;
        let items = field.get("items")?;
        let items = items.value().filter(is_schema).map(|_| inner(self, &items)).transpose()?;
        Ok(Node {
            kind: kind(field)?,
            nullable: field.get("nullable")?.flag()?.unwrap_or_default(),
            keeps_unknown: field.get("x-kubernetes-preserve-unknown-fields")?.flag()?.unwrap_or_default(),
            properties,
            additional: self.additional(&field.get("additionalProperties")?, inner)?,
            items: items.map(Box::new),
            default: None,
            required: field.get("required")?.texts()?,
            choices: choices(&field.get("enum")?)?,
            pattern: self.pattern(&field.get("pattern")?)?,
            bounds: bounds(field)?,
            all_of: self.conditions(&field.get("allOf")?)?,
            any_of: self.conditions(&field.get("anyOf")?)?,
            one_of: self.conditions(&field.get("oneOf")?)?,
            not: self.not(&field.get("not")?)?,
        })
    }

    fn refuse(&mut self, field: &Field<'_>) -> Result<(), GatekeeperError> {
        let left = self.schemas_left.checked_sub(1);
        self.schemas_left =
            left.ok_or_else(|| field.wrong(format!("is one schema more than {MAX_SCHEMAS}")))?;
        for name in UNSUPPORTED {
            let unsupported = field.get(name)?;
            if unsupported.value().is_some() {
                return Err(unsupported.wrong("is not supported"));
            }
        }
        let rules = field.get("x-kubernetes-validations")?;
        if !rules.items()?.is_empty() {
            self.notes.push(rules.wrong("these rules are not checked").to_string());
        }
        Ok(())
    }

    fn additional(
        &mut self,
        field: &Field<'_>,
        inner: fn(&mut Self, &Field<'_>) -> Result<Node, GatekeeperError>,
    ) -> Result<Option<Additional>, GatekeeperError> {
        match field.value() {
            None => Ok(None),
            Some(Value::Bool(allowed)) => Ok(Some(Additional::Allowed(*allowed))),
            Some(Value::Object(_)) => Ok(Some(Additional::Like(Box::new(inner(self, field)?)))),
            Some(_) => Err(field.must_be("true, false or a schema")),
        }
    }

    fn pattern(&mut self, field: &Field<'_>) -> Result<Option<Pattern>, GatekeeperError> {
        let Some(text) = field.text()?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let pattern = Pattern::compile(text).map_err(|error| field.wrong(error))?;
        let left = self.pattern_bytes_left.checked_sub(pattern.bytes());
        self.pattern_bytes_left = left.ok_or_else(|| field.wrong("is one pattern too many"))?;
        Ok(Some(pattern))
    }

    fn conditions(&mut self, field: &Field<'_>) -> Result<Vec<Node>, GatekeeperError> {
        field.items()?.into_iter().map(|item| self.condition(&present(item)?)).collect()
    }

    fn not(&mut self, field: &Field<'_>) -> Result<Option<Box<Node>>, GatekeeperError> {
        field.value().map(|_| self.condition(field).map(Box::new)).transpose()
    }

    /// A default has to fit its own schema as it is; otherwise every constraint that relies on it would be wrong.
    fn fallback(&self, field: &Field<'_>, node: &Node) -> Result<Option<Fallback>, GatekeeperError> {
        let Some(value) = field.value().cloned() else { return Ok(None) };
        let path = Path::Root(field.path());
        let mut dropped = Dropped::default();
        prune::unknown(&mut value.clone(), node, path, &mut dropped);
        if !dropped.is_empty() {
            return Err(field.wrong("must not have fields that the schema does not know"));
        }
        Check::of(&value, node, path)?;
        Ok(Some(Fallback { bytes: value.to_string().len(), value }))
    }
}

/// Says what Gatekeeper takes legacy schemas to say
/// (<https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates#v1-constraint-template>).
fn complete(node: &mut Node) {
    match node.kind {
        None | Some(Kind::Object) => node.keeps_unknown = true,
        Some(Kind::Array) if node.items.is_none() => node.items = Some(Box::new(Node::anything())),
        Some(_) => {}
    }
}

/// Kubernetes reads what is neither a schema nor a list of them as nothing, and old templates have such.
fn is_schema(items: &&Value) -> bool {
    items.is_object() || items.is_array()
}

fn present(field: Field<'_>) -> Result<Field<'_>, GatekeeperError> {
    if field.value().is_some() { Ok(field) } else { Err(field.must_be("a schema")) }
}

fn kind(field: &Field<'_>) -> Result<Option<Kind>, GatekeeperError> {
    if field.get("x-kubernetes-int-or-string")?.flag()?.unwrap_or_default() {
        return Ok(Some(Kind::IntegerOrString));
    }
    let kind = field.get("type")?;
    let known = |name| {
        Kind::named(name).ok_or_else(|| kind.must_be("array, boolean, integer, number, object or string"))
    };
    kind.text()?.filter(|name| !name.is_empty()).map(known).transpose()
}

/// No choices are the same as any.
fn choices(field: &Field<'_>) -> Result<Option<Vec<Value>>, GatekeeperError> {
    field.items()?;
    Ok(field.value().and_then(Value::as_array).filter(|choices| !choices.is_empty()).cloned())
}

fn bounds(field: &Field<'_>) -> Result<Bounds, GatekeeperError> {
    let flag = |name| field.get(name)?.flag().map(Option::unwrap_or_default);
    Ok(Bounds {
        minimum: number(&field.get("minimum")?)?,
        maximum: number(&field.get("maximum")?)?,
        exclusive_minimum: flag("exclusiveMinimum")?,
        exclusive_maximum: flag("exclusiveMaximum")?,
        multiple_of: factor(&field.get("multipleOf")?)?,
        length: range(field, "minLength", "maxLength")?,
        items: range(field, "minItems", "maxItems")?,
        unique_items: flag("uniqueItems")?,
        properties: range(field, "minProperties", "maxProperties")?,
    })
}

fn range(field: &Field<'_>, least: &str, most: &str) -> Result<Range, GatekeeperError> {
    Ok(Range { least: count(&field.get(least)?)?, most: count(&field.get(most)?)? })
}

fn count(field: &Field<'_>) -> Result<Option<u64>, GatekeeperError> {
    let count = |value: &Value| value.as_u64().ok_or_else(|| field.must_be("a whole number, 0 or more"));
    field.value().map(count).transpose()
}

fn number(field: &Field<'_>) -> Result<Option<Number>, GatekeeperError> {
    let number = |value: &Value| value.as_number().cloned().ok_or_else(|| field.must_be("a number"));
    field.value().map(number).transpose()
}

fn factor(field: &Field<'_>) -> Result<Option<Number>, GatekeeperError> {
    match number(field)? {
        Some(factor) if factor.as_f64().is_none_or(|factor| factor <= 0.0) => {
            Err(field.must_be("more than 0"))
        }
        factor => Ok(factor),
    }
}
