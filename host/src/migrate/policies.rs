//! Policies, by what came of loading them.

use std::collections::BTreeSet;

use super::{Assessed, Loaded, Object, config_maps, findings::Findings};
use crate::report::Problem;

/// The code of a policy that has none.
const NO_CODE: &str = "OPA";

/// Says what became of the policies of an object.
pub(super) fn examine(object: &Object, assessed: &Assessed, findings: &mut Findings) {
    if config_maps::is_entrypoint(object) {
        return;
    }
    for loaded in assessed.loaded.iter().filter(|loaded| is_of(object, &loaded.origin)) {
        policy(object, loaded, &assessed.shipped, findings);
    }
    for problem in assessed.problems.iter().filter(|problem| is_of(object, &problem.place)) {
        findings.needs_action(
            object,
            format!("cannot be loaded: {}", told(object, problem)),
            "mend it, or remove it; until then it judges nothing",
        );
    }
    if object.kind() == "ConstraintTemplate"
        && !assessed.problems.iter().any(|problem| is_of(object, &problem.place))
    {
        findings.changes(
            object,
            "can be used; templates and constraints are read from files, and not followed in the cluster",
            "kubectl get constrainttemplates,constraints -o yaml > gatekeeper.yaml, and name the file with --policies",
        );
    }
    for note in assessed.notes.iter().filter(|note| is_of(object, &note.place)) {
        findings.ignored(object, told(object, note));
    }
}

fn policy(object: &Object, loaded: &Loaded, shipped: &BTreeSet<String>, findings: &mut Findings) {
    let Loaded { name, errcode, severity, .. } = loaded;
    if shipped.contains(name) {
        return findings.changes(
            object,
            format!("{name} ({errcode}) is loaded, in the place of the policy of that name in the binary, which looks at \
                     more objects"),
            "delete the ConfigMap, unless you have changed the policy",
        );
    }
    if errcode == NO_CODE {
        return findings.changes(
            object,
            format!("{name} is loaded: its violations have the severity {severity} and the code {NO_CODE}, as it says none"),
            "annotate severity and errcode, if it is to be less grave: docs/policies.md says how",
        );
    }
    if loaded.targets.len() == 1 && loaded.targets.contains("Pod") {
        return findings.changes(
            object,
            format!("{name} ({errcode}, {severity}) is loaded and looks at Pods only, now also at those of Deployments and \
                     other workloads"),
            "add the workloads to its targets, so that who applies one is told, and not the controller",
        );
    }
    findings.same(object, format!("{name} ({errcode}, {severity}) is loaded as it is"));
}

/// Whether something that was said of a place, a file in it or a line there is about this object.
fn is_of(object: &Object, place: &str) -> bool {
    place.strip_prefix(&object.place).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// The place within the object, where there is one, and what was said.
fn told(object: &Object, problem: &Problem) -> String {
    let within = problem.place.strip_prefix(&object.place).unwrap_or_default().trim_start_matches([':', ' ']);
    match within {
        "" => problem.reason.clone(),
        within => format!("{within}: {}", problem.reason),
    }
}
