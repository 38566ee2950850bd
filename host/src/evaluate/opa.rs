//! Asks a policy of OPA's about a request, as its dialect wants to be asked.

mod cluster;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde_json::{Map, Value as Json};

use super::subject::Subject;
use crate::{
    engine::{
        Fault,
        opa::{Entrypoint, Module, Run, value::Value},
    },
    json::{Document, Paths},
    policy::{
        Metadata, Reads,
        dialect::{self, MagTape, Rules},
        gatekeeper::Match,
    },
    verdict::{Enforcement, Finding, Violation},
};
pub(super) use cluster::Cluster;

/// A policy in a module that OPA compiled.
#[derive(Clone)]
pub struct Program {
    pub(super) module: Arc<Module>,
    pub(super) rules: Rules<Entrypoint>,
    /// How a Gatekeeper rule is asked; the other dialects take the review as it is.
    pub(super) constraint: Option<Arc<Constraint>>,
    /// What it can read of its input; everything when nobody knows.
    pub(super) reads: Option<Reads>,
    /// What it can read of the cluster.
    pub(super) cluster: Arc<Cluster>,
}

/// How a Gatekeeper rule is asked.
pub(super) struct Constraint {
    /// The name that its messages show.
    pub(super) name: String,
    pub(super) matching: Match,
    pub(super) enforcement: Enforcement,
    pub(super) parameters: Document,
    /// The Namespace objects that are known, by name.
    pub(super) namespaces: RwLock<Arc<Map<String, Json>>>,
}

// === impl Program ===

impl Program {
    pub(super) fn enforcement(&self) -> Enforcement {
        self.constraint.as_ref().map_or(Enforcement::Deny, |constraint| constraint.enforcement)
    }

    pub(super) fn ask(
        &self,
        metadata: &Metadata,
        subject: &Subject<'_>,
        now: Duration,
        left: Duration,
    ) -> Result<Finding, Fault> {
        let document = subject.request.document();
        self.module.limits().admit(document.text().len(), document.depth())?;
        self.cluster.missing().map_or(Ok(()), |reason| Err(Fault::Cluster(reason)))?;
        let start = || self.module.start(now, left);
        let found = match (&self.rules, &self.constraint) {
            (Rules::Gatekeeper(violation), Some(constraint)) => {
                if !constraint.admits(subject)? {
                    return Ok(Finding::NotApplicable);
                }
                let mut run = start()?;
                constraint.give(&mut run, subject)?;
                constraint.violations(&mut run, *violation, metadata)?
            }
            (rules, _) => {
                let mut run = start()?;
                give(&mut run, subject)?;
                match violations(&mut run, rules, metadata)? {
                    None => return Ok(Finding::NotApplicable),
                    Some(violations) => violations,
                }
            }
        };
        Ok(Finding::of(found))
    }

    /// Adds what the policy can read of a review.
    pub(super) fn wants(&self, wanted: &mut Paths) {
        let Some(reads) = &self.reads else { return wanted.add::<&str>(&[]) };
        match self.rules {
            Rules::Gatekeeper(_) => {
                // Its `review` is the review's request, which has to be there.
                wanted.add(&["request", "uid"]);
                for path in reads.paths() {
                    match path.split_first() {
                        Some((first, rest)) if first == "review" => wanted.add(&below_request(rest)),
                        Some(_) => {}
                        None => wanted.add(&["request"]),
                    }
                }
            }
            _ => reads.paths().iter().for_each(|path| wanted.add(path)),
        }
    }
}

fn below_request(path: &[String]) -> Vec<&str> {
    std::iter::once("request").chain(path.iter().map(String::as_str)).collect()
}

fn give(run: &mut Run, subject: &Subject<'_>) -> Result<(), Fault> {
    let image = run.image_base().and_then(|base| subject.image(base));
    if image.is_some_and(|image| run.set_image(image, None)) {
        return Ok(());
    }
    run.set_input(subject.request.document().text().as_bytes())
}

/// The violations of a policy that takes the whole review; `None` when it does not apply.
fn violations(
    run: &mut Run,
    rules: &Rules<Entrypoint>,
    metadata: &Metadata,
) -> Result<Option<Vec<Violation>>, Fault> {
    let violations = match rules {
        Rules::MagTape(rules) => {
            if !applies(run, rules)? {
                return Ok(None);
            }
            dialect::magtape_violations(&answer(run, rules.deny, "deny")?, metadata)
        }
        Rules::Opa(deny) => dialect::opa_violations(&answer(run, *deny, "deny")?, metadata),
        Rules::Review(main) => dialect::review_violations(&answer(run, *main, "main")?, metadata),
        Rules::Gatekeeper(_) => Err("a Gatekeeper rule has no constraint that asks it".to_owned()),
    };
    violations.map(Some).map_err(Fault::Answer)
}

/// A set rule without members is an empty set, so undefined is a fault and not a clean object.
fn answer(run: &mut Run, entrypoint: Entrypoint, rule: &str) -> Result<Json, Fault> {
    let answer = run.evaluate(entrypoint)?;
    Ok(answer.ok_or_else(|| Fault::Answer(format!("{rule} is undefined")))?.into_json())
}

/// Whether the policy's own `matches` is true; false and undefined both mean that it does not apply. Anything
/// else is true to Rego, so to take it for false would skip the policy in silence.
fn applies(run: &mut Run, rules: &MagTape<Entrypoint>) -> Result<bool, Fault> {
    match run.evaluate(rules.matches)? {
        None => Ok(false),
        Some(Value::Bool(applies)) => Ok(applies),
        Some(other) => Err(Fault::Answer(format!("matches is of kind {}, not boolean", other.kind()))),
    }
}

// === impl Constraint ===

impl Constraint {
    /// Whether the constraint is about the request. One that cannot be matched has not been judged.
    fn admits(&self, subject: &Subject<'_>) -> Result<bool, Fault> {
        let namespaces = Arc::clone(&self.namespaces.read().unwrap_or_else(PoisonError::into_inner));
        self.matching.admits(&subject.reviewed(&namespaces)).map_err(Fault::Input)
    }

    fn set_namespaces(&self, namespaces: Arc<Map<String, Json>>) {
        *self.namespaces.write().unwrap_or_else(PoisonError::into_inner) = namespaces;
    }

    fn give(&self, run: &mut Run, subject: &Subject<'_>) -> Result<(), Fault> {
        let image = run.image_base().and_then(|base| subject.image(base));
        if let Some(image) = image
            && let Some(extension) = image.extend(("review", "request"), ("parameters", &self.parameters))
            && run.set_image(image, Some(&extension))
        {
            return Ok(());
        }
        run.set_input(subject.input(&self.parameters).as_bytes())
    }

    fn violations(
        &self,
        run: &mut Run,
        violation: Entrypoint,
        metadata: &Metadata,
    ) -> Result<Vec<Violation>, Fault> {
        let answer = answer(run, violation, "violation")?;
        let violations = dialect::gatekeeper_violations(&answer, metadata, &self.name, self.enforcement);
        violations.map_err(Fault::Answer)
    }
}
