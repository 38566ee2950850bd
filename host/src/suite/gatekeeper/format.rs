//! What a Suite says, as far as it can be read without looking at other files.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::suite::Pattern;

const VERSION: &str = "test.gatekeeper.sh/v1alpha1";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SuiteFormat {
    api_version: String,
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    pub(super) tests: Vec<Value>,
    #[serde(default)]
    pub(super) skip: bool,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TestFormat {
    pub(super) name: String,
    pub(super) template: Option<PathBuf>,
    pub(super) constraint: Option<PathBuf>,
    expansion: Option<PathBuf>,
    pub(super) cases: Vec<Value>,
    pub(super) invalid: bool,
    pub(super) skip: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CaseFormat {
    #[serde(rename = "name")]
    _name: Option<String>,
    pub(super) object: PathBuf,
    pub(super) inventory: Option<Vec<PathBuf>>,
    assertions: Option<Vec<AssertionFormat>>,
    pub(super) skip: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AssertionFormat {
    violations: Option<Value>,
    message: Option<String>,
}

/// What must be true of the violations of an object.
#[derive(Debug)]
pub(super) struct Assertion {
    pub(super) violations: Violations,
    /// Which violations count; all, if there is none.
    pub(super) message: Option<Pattern>,
}

/// How many violations there must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Violations {
    Some,
    None,
    Exactly(u64),
}

/// The name of a test or a case, however wrong the rest is.
pub(super) fn name(value: &Value) -> Option<&str> {
    value.get("name").and_then(Value::as_str).filter(|name| !name.is_empty())
}

// === impl SuiteFormat ===

impl SuiteFormat {
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
        let suite = Self::deserialize(value).map_err(|error| format!("is no Suite: {error}"))?;
        match suite.api_version.as_str() {
            VERSION if suite.tests.is_empty() && !suite.skip => Err("is a Suite without tests".to_owned()),
            VERSION => Ok(suite),
            other => Err(format!("is a Suite of {other}, which is not known here; there is {VERSION}")),
        }
    }

    pub(super) fn name(&self) -> &str {
        self.metadata.as_ref().and_then(|metadata| metadata.name.as_deref()).unwrap_or_default()
    }
}

// === impl TestFormat ===

impl TestFormat {
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
        let test = Self::deserialize(value).map_err(|error| error.to_string())?;
        if test.skip {
            return Ok(test);
        }
        if test.expansion.is_some() {
            return Err("has an expansion, which is not supported".to_owned());
        }
        if test.invalid && !test.cases.is_empty() {
            return Err("has cases although it is invalid; it must be one or the other".to_owned());
        }
        Ok(test)
    }
}

// === impl CaseFormat ===

impl CaseFormat {
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
        let case = Self::deserialize(value).map_err(|error| error.to_string())?;
        if case.object.as_os_str().is_empty() && !case.skip {
            return Err("names no object".to_owned());
        }
        Ok(case)
    }

    /// What the case asserts: something, as in gator.
    pub(super) fn assertions(&self) -> Result<Vec<Assertion>, String> {
        let assertions = self.assertions.as_deref().unwrap_or_default();
        if assertions.is_empty() {
            return Err("has no assertions".to_owned());
        }
        assertions.iter().map(Assertion::new).collect()
    }
}

// === impl Assertion ===

impl Assertion {
    fn new(format: &AssertionFormat) -> Result<Self, String> {
        let message = format.message.as_deref().map(Pattern::new).transpose()?;
        Ok(Self { violations: Violations::new(format.violations.as_ref())?, message })
    }
}

// === impl Violations ===

impl Violations {
    /// A bare `yes` is text or a boolean, by the version of YAML.
    fn new(value: Option<&Value>) -> Result<Self, String> {
        match value {
            None | Some(Value::Null | Value::Bool(true)) => Ok(Self::Some),
            Some(Value::Bool(false)) => Ok(Self::None),
            Some(Value::String(text)) if text == "yes" => Ok(Self::Some),
            Some(Value::String(text)) if text == "no" => Ok(Self::None),
            Some(value) => value
                .as_u64()
                .map(Self::Exactly)
                .ok_or_else(|| format!("violations must be yes, no or a number from 0 on, is {value}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn violations_are_yes_no_or_a_number() {
        for (value, expected) in [
            (json!("yes"), Some(Violations::Some)),
            (json!(null), Some(Violations::Some)),
            (json!(true), Some(Violations::Some)),
            (json!("no"), Some(Violations::None)),
            (json!(false), Some(Violations::None)),
            (json!(0), Some(Violations::Exactly(0))),
            (json!(3), Some(Violations::Exactly(3))),
            (json!(-1), None),
            (json!(1.5), None),
            (json!("3"), None),
            (json!([]), None),
        ] {
            assert_eq!(Violations::new(Some(&value)).ok(), expected, "{value}");
        }
        assert_eq!(Violations::new(None), Ok(Violations::Some));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (value, expected) in [
            (json!({"name": "t", "template": 1}), "invalid type: integer"),
            (json!({"name": "t", "constraints": "c"}), "unknown field `constraints`"),
            (json!({"expansion": "e.yaml"}), "has an expansion"),
            (json!({"invalid": true, "cases": [{}]}), "has cases although it is invalid"),
        ] {
            let error = TestFormat::parse(&value).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        assert!(TestFormat::parse(&json!({"expansion": "e.yaml", "skip": true})).is_ok());
        assert_eq!(CaseFormat::parse(&json!({"name": "c"})).unwrap_err(), "names no object");
        for (assertions, expected) in [
            (json!(null), "has no assertions"),
            (json!([]), "has no assertions"),
            (json!([{"violations": -2}]), "violations must be yes, no or a number from 0 on, is -2"),
            (json!([{"message": "("}]), "\"(\" is no regular expression: unclosed group"),
        ] {
            let case = CaseFormat::parse(&json!({"object": "o.yaml", "assertions": assertions})).unwrap();
            assert_eq!(case.assertions().unwrap_err(), expected);
        }
        let version = json!({"apiVersion": "test.gatekeeper.sh/v1", "kind": "Suite", "tests": [{}]});
        assert!(
            SuiteFormat::parse(&version).unwrap_err().starts_with("is a Suite of test.gatekeeper.sh/v1,")
        );
    }
}
