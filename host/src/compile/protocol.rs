//! What the Rego compiler is asked and what it answers; host/rego-compiler/protocol.go is the other side.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{policy::Pattern, shorten};

/// What people read of a long line.
const MAX_LINE: usize = 300;

/// One question.
#[derive(Clone, Debug, Serialize)]
pub struct Request<'r> {
    /// What is to be done.
    pub op: Op,
    /// The files.
    pub modules: Vec<Source<'r>>,
    /// The rules that become entrypoints, such as `kubernetes/admission/a/deny`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entrypoints: Vec<String>,
    /// What the modules may use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<&'r Value>,
    /// The data document of unit tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<&'r Map<String, Value>>,
    /// Which unit tests, as a regular expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<&'r str>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// Parse each module and tell what is in it.
    Analyse,
    /// Compile all of them to one WebAssembly module.
    Compile,
    /// Compile all of them, and answer errors only.
    Check,
    /// Run their unit tests.
    Test,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source<'r> {
    /// Its name, which errors repeat.
    pub name: &'r str,
    /// Its text.
    pub text: &'r str,
    /// `v0` or `v1`; empty to try both.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub version: &'r str,
    /// Rules that are left out: those of another policy, when a file is only there for its helpers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

/// What is wrong with a module, and where. Lines and columns count from one; zero is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegoError {
    /// The file.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// OPA's code, such as `rego_parse_error`.
    pub code: String,
    /// OPA's text.
    pub text: String,
}

/// The answer to [`Op::Analyse`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Analysis {
    /// One for each file, in order.
    #[serde(deserialize_with = "nullable")]
    pub modules: Vec<Analysed>,
    /// What is wrong with the request.
    #[serde(deserialize_with = "nullable")]
    pub errors: Vec<RegoError>,
}

/// What is in one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Analysed {
    /// Its name.
    pub name: String,
    /// `v0` or `v1`.
    pub version: String,
    /// Its package.
    #[serde(deserialize_with = "nullable")]
    pub package: Vec<String>,
    /// The rules that it has, each once.
    #[serde(deserialize_with = "nullable")]
    pub rules: Vec<Rule>,
    /// The documents below `data` that it may refer to, those of its own package too.
    #[serde(deserialize_with = "nullable")]
    pub uses: Vec<Vec<String>>,
    /// What is annotated.
    #[serde(deserialize_with = "nullable")]
    pub annotations: Vec<Annotated>,
    /// Why it could not be read.
    #[serde(deserialize_with = "nullable")]
    pub errors: Vec<RegoError>,
}

/// A rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// `set`, `object`, `complete` or `function`.
    pub kind: String,
    /// How often it is defined.
    pub definitions: usize,
}

/// One `# METADATA` block.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Annotated {
    /// `rule`, `document`, `package` or `subpackages`.
    pub scope: String,
    /// The rule's name, or empty.
    pub rule: String,
    /// OPA's object.
    pub annotations: Value,
}

/// The answer to [`Op::Compile`] and [`Op::Check`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Compiled {
    /// The module, in base64.
    #[serde(deserialize_with = "nullable")]
    pub wasm: String,
    /// The paths below `input` that the module can see, with all that is below them; the program `opa` cannot tell.
    pub reads: Option<Vec<Vec<String>>>,
    /// The same below `data`, where null is any key.
    pub data: Option<Vec<Pattern>>,
    /// The `.manifest` of the bundle that `opa build` would write.
    pub manifest: Value,
    /// Why there is none.
    #[serde(deserialize_with = "nullable")]
    pub errors: Vec<RegoError>,
}

/// The answer to [`Op::Test`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tested {
    /// The tests that were run.
    #[serde(deserialize_with = "nullable")]
    pub tests: Vec<Test>,
    /// Why none was.
    #[serde(deserialize_with = "nullable")]
    pub errors: Vec<RegoError>,
}

/// One unit test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Test {
    /// Package and rule.
    pub name: String,
    /// The file.
    pub file: String,
    /// The line of the rule.
    pub line: usize,
    /// `passed`, `failed`, `error` or `skipped`.
    pub outcome: String,
    /// What went wrong in an `error`.
    pub error: String,
    /// What the test printed.
    pub output: String,
    /// The expression that a failed test ended at.
    pub failed: Option<Expression>,
    /// How long it took.
    pub nanoseconds: u64,
}

/// An expression in a test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Expression {
    /// Its line.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// Its text.
    pub expression: String,
}

/// Go writes an empty list as null at times.
fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

// === impl Request ===

impl<'r> Request<'r> {
    /// A question about these files, without anything further.
    pub fn new(op: Op, modules: Vec<Source<'r>>) -> Self {
        Self { op, modules, entrypoints: Vec::new(), capabilities: None, data: None, run: None }
    }
}

// === impl RegoError ===

impl RegoError {
    /// The place, as `file:line:column`; as much of it as is known.
    pub fn place(&self, fallback: &str) -> String {
        let file = if self.file.is_empty() { fallback } else { &self.file };
        match (self.line, self.column) {
            (0, _) => file.to_owned(),
            (line, 0) => format!("{file}:{line}"),
            (line, column) => format!("{file}:{line}:{column}"),
        }
    }

    /// The code and the text. OPA shows the line of the source, which may be all of a file.
    pub fn reason(&self) -> String {
        let text =
            self.text.lines().map(|line| shorten::to_chars(line, MAX_LINE)).collect::<Vec<_>>().join("\n");
        if self.code.is_empty() { text } else { format!("{}: {text}", self.code) }
    }
}
