//! A template with its constraint, compiled, and what they find.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::format::TestFormat;
use crate::{
    evaluate::{Policies, evaluate},
    policy::{
        Candidate, Constrained,
        gatekeeper::{Constraint, Reviewed, Template},
    },
    review::Request,
    source::{self, Found},
    suite::{Outcome, judge::BUDGET, objects::text, runner::Runner},
    verdict::{Failure, Finding},
};

/// What a test is about.
pub(super) struct Subject {
    candidates: Vec<Candidate>,
}

/// The template and the constraint of a test.
fn find(test: &TestFormat, folder: &Path) -> Result<Found, String> {
    let path = |named: &Option<PathBuf>, what: &str| {
        let path = named.as_ref().filter(|path| !path.as_os_str().is_empty());
        path.map(|path| folder.join(path)).ok_or_else(|| format!("names no {what}"))
    };
    let (template, constraint) = (path(&test.template, "template")?, path(&test.constraint, "constraint")?);
    let mut paths = vec![template, constraint];
    paths.dedup();
    let found = source::read(&paths);
    if let Some(error) = found.errors.first() {
        return Err(error.to_string());
    }
    for (what, objects) in [("ConstraintTemplate", &found.templates), ("constraint", &found.constraints)] {
        if objects.is_empty() {
            let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            return Err(format!("{}: no {what} is there", names.join(", ")));
        }
    }
    Ok(found)
}

/// Whether the constraint is one that the schema of its template refuses.
pub(super) fn is_refused(test: &TestFormat, folder: &Path) -> Result<(), Outcome> {
    let found = find(test, folder).map_err(Outcome::Error)?;
    for template in &found.templates {
        let parsed = Template::parse(&template.object);
        let parsed = parsed.map_err(|error| Outcome::Error(format!("{}: {error}", template.origin)))?;
        let accepts = |object: &Value| {
            Constraint::parse(object).is_ok_and(|constraint| parsed.parameters(&constraint).is_ok())
        };
        if let Some(constraint) = found.constraints.iter().find(|constraint| accepts(&constraint.object)) {
            let reason = format!("{}: is valid, and the test says that it is not", constraint.origin);
            return Err(Outcome::Failed(reason));
        }
    }
    Ok(())
}

// === impl Subject ===

impl Subject {
    /// Compiles the template and the constraint of a test.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub(super) fn new(test: &TestFormat, folder: &Path, runner: &Runner<'_>) -> Result<Self, String> {
        let output = runner.compile(find(test, folder)?);
        if output.problems.is_empty() {
            return Ok(Self { candidates: output.candidates });
        }
        let problems: Vec<String> = output.problems.iter().map(ToString::to_string).collect();
        Err(problems.join("\n"))
    }

    /// The rules, none if the constraint is not enforced on the command line.
    pub(super) fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    fn constraints(&self) -> impl Iterator<Item = &Constrained> {
        self.candidates.iter().flat_map(|candidate| candidate.constraints.iter().flatten())
    }

    /// The messages of all violations, whatever their enforcement, without the name of the constraint before them.
    ///
    /// # Errors
    /// When there is no answer.
    pub(super) fn messages(
        &self,
        policies: &Policies,
        request: &Request,
        data: &Map<String, Value>,
    ) -> Result<Vec<String>, String> {
        let mut messages = Vec::new();
        for outcome in evaluate(policies, request, BUDGET) {
            match &outcome.finding {
                Finding::NotApplicable | Finding::Passed => {}
                Finding::Violated(found) => {
                    messages.extend(found.iter().map(|violation| self.bare(&violation.message).to_owned()));
                }
                Finding::Failed(Failure { reason, .. }) => {
                    let unmatched = self.unmatched(request, data).filter(|text| reason.ends_with(text));
                    messages.push(unmatched.ok_or(reason)?);
                }
            }
        }
        Ok(messages)
    }

    fn bare<'m>(&self, message: &'m str) -> &'m str {
        let bare = |constraint: &Constrained| message.strip_prefix(&format!("[{}] ", constraint.constraint));
        self.constraints().find_map(bare).unwrap_or(message)
    }

    /// Why nobody can say whether the constraint is about the request, which is a violation to Gatekeeper.
    fn unmatched(&self, request: &Request, data: &Map<String, Value>) -> Option<String> {
        let review: Value = serde_json::from_str(request.text()).ok()?;
        let namespaces = data.get("inventory")?.pointer("/cluster/v1/Namespace");
        let object = |field: &str| review.get(field).filter(|object| object.is_object());
        let reviewed = Reviewed {
            group: &request.kind.group,
            version: &request.kind.version,
            kind: &request.kind.kind,
            namespace: text(&review, "/namespace"),
            object: object("object"),
            old_object: object("oldObject"),
            namespace_object: namespaces.and_then(|known| known.get(&request.namespace)),
        };
        self.constraints().find_map(|constraint| constraint.matching.admits(&reviewed).err())
    }
}
