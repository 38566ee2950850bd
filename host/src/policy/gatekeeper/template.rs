//! ConstraintTemplates
//! (<https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates>).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    constraint::{self, Constraint},
    error::GatekeeperError,
    field::Field,
    schema::Schema,
};

/// The API group of templates.
const GROUP: &str = "templates.gatekeeper.sh/";

/// The only target that Gatekeeper itself has.
const TARGET: &str = "admission.k8s.gatekeeper.sh";

/// The engine of code that this host runs.
const REGO: &str = "Rego";

const OPERATIONS: [&str; 5] = ["*", "CREATE", "UPDATE", "DELETE", "CONNECT"];

/// A kind of constraint: its rule in Rego, and the schema of its parameters.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its name, which is its kind in lower case.
    pub name: String,
    /// The kind of its constraints.
    pub kind: String,
    /// The module with the rule `violation`.
    pub rego: String,
    /// Modules that it imports.
    pub libs: Vec<String>,
    /// The Rego that it is written in.
    pub version: RegoVersion,
    /// The operations at admission that it is asked about; empty means all.
    pub operations: BTreeSet<String>,
    /// What the parameters of its constraints have to be like.
    pub schema: Schema,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// A version of Rego.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RegoVersion {
    /// As before OPA 1.0; what a template is written in that says nothing.
    #[default]
    V0,
    /// As from OPA 1.0 on.
    V1,
}

/// What a template says in Rego.
struct Source {
    rego: String,
    libs: Vec<String>,
    version: RegoVersion,
}

// === impl Template ===

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Names the field that is wrong: also when the template has no Rego, or when its schema is none.
    pub fn parse(document: &Value) -> Result<Self, GatekeeperError> {
        let document = Field::document(document)?;
        let has_legacy_schema = has_legacy_schema(&document)?;
        let spec = document.get("spec")?;
        let kind = constraint::kind(&spec.find(&["crd", "spec", "names", "kind"])?)?;
        let target = target(&spec.get("targets")?)?;
        let Source { rego, libs, version } = Source::parse(&target)?;
        Ok(Self {
            name: name(&document.find(&["metadata", "name"])?, &kind)?,
            rego,
            libs,
            version,
            operations: operations(&target.get("operations")?)?,
            schema: Schema::parse(&spec.find(&["crd", "spec", "validation"])?, has_legacy_schema)?,
            annotations: constraint::annotations(&document)?,
            kind,
        })
    }

    /// The parameters that the rule is given: checked by the schema, with its defaults, and without the fields that
    /// the API server would drop. Beside them, for people to read, what was dropped and what was not checked.
    ///
    /// # Errors
    /// Everything in which the parameters are not what the schema demands.
    pub fn parameters(&self, constraint: &Constraint) -> Result<(Value, Vec<String>), GatekeeperError> {
        if constraint.kind != self.kind {
            let problem = format!("must be {}, as the template has it, is {}", self.kind, constraint.kind);
            return Err(GatekeeperError::new("kind", problem));
        }
        self.schema.apply(constraint.parameters.as_ref())
    }
}

/// Whether schemas of the document's version are legacy ones unless they say otherwise.
fn has_legacy_schema(document: &Field<'_>) -> Result<bool, GatekeeperError> {
    let kind = document.get("kind")?;
    if kind.required()? != "ConstraintTemplate" {
        return Err(kind.must_be("ConstraintTemplate"));
    }
    let api_version = document.get("apiVersion")?;
    match api_version.required()?.strip_prefix(GROUP) {
        Some("v1") => Ok(false),
        Some("v1beta1" | "v1alpha1") => Ok(true),
        _ => Err(api_version.must_be(&format!("{GROUP}v1, v1beta1 or v1alpha1"))),
    }
}

fn name(field: &Field<'_>, kind: &str) -> Result<String, GatekeeperError> {
    let wanted = kind.to_lowercase();
    if field.required()? == wanted {
        return Ok(wanted);
    }
    Err(field.must_be(&format!("{wanted}, the kind {kind} in lower case")))
}

fn target<'v>(targets: &Field<'v>) -> Result<Field<'v>, GatekeeperError> {
    let mut all = targets.items()?;
    let (Some(target), true) = (all.pop(), all.is_empty()) else {
        return Err(targets.wrong(format!("must have exactly one target, {TARGET}")));
    };
    let name = target.get("target")?;
    if name.required()? == TARGET { Ok(target) } else { Err(name.must_be(TARGET)) }
}

fn operations(field: &Field<'_>) -> Result<BTreeSet<String>, GatekeeperError> {
    let operation = |item: &Field<'_>| {
        let name = item.text()?.filter(|name| OPERATIONS.contains(name));
        name.map(str::to_owned).ok_or_else(|| item.must_be(&format!("one of {}", OPERATIONS.join(", "))))
    };
    let operations = field.items()?.iter().map(operation).collect::<Result<BTreeSet<_>, _>>()?;
    Ok(if operations.contains("*") { BTreeSet::new() } else { operations })
}

// === impl Source ===

impl Source {
    /// Where both `rego` and `code` have Rego, `rego` holds
    /// (<https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates#field-precedence-in-constrainttemplate>).
    /// Where there is CEL beside it, Gatekeeper takes that; both are meant to say the same.
    fn parse(target: &Field<'_>) -> Result<Self, GatekeeperError> {
        let rego = target.get("rego")?;
        if rego.text()?.is_some_and(|text| !text.is_empty()) {
            return Self::of(target, RegoVersion::V0);
        }
        let codes = target.get("code")?.items()?;
        let engines = codes.iter().map(|code| code.get("engine")?.required());
        let engines = engines.collect::<Result<Vec<_>, _>>()?;
        let found = codes.iter().zip(&engines).find(|(_, engine)| **engine == REGO);
        let Some((code, _)) = found else { return Err(without_rego(target, &engines)) };
        let source = code.get("source")?;
        Self::of(&source, version(&source.get("version")?)?)
    }

    fn of(field: &Field<'_>, version: RegoVersion) -> Result<Self, GatekeeperError> {
        let rego = field.get("rego")?.required()?.to_owned();
        Ok(Self { rego, libs: field.get("libs")?.texts()?, version })
    }
}

fn without_rego(target: &Field<'_>, engines: &[&str]) -> GatekeeperError {
    let problem = match engines {
        [] => format!("has neither rego nor code; this host runs {REGO}"),
        _ => format!("has code for {} only; this host runs {REGO}", engines.join(", ")),
    };
    target.wrong(problem)
}

fn version(field: &Field<'_>) -> Result<RegoVersion, GatekeeperError> {
    match field.text()? {
        None | Some("" | "v0") => Ok(RegoVersion::V0),
        Some("v1") => Ok(RegoVersion::V1),
        Some(_) => Err(field.must_be("v0 or v1")),
    }
}

#[cfg(test)]
mod tests;
