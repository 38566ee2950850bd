//! MT3001: a process may gain more rights than its parent, by a set-user-ID program for one, unless the
//! container says that none can.

use magtape_sdk::{
    Container, Content, Document, Error, Metadata, Operation, Policy, Severity, Violation, WORKLOADS, export,
};

struct PrivilegeEscalation;

impl Policy for PrivilegeEscalation {
    const METADATA: Metadata = Metadata::new("policy-privilege-escalation", Severity::Med, "MT3001")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Privilege escalation")
        .description("Set-user-ID programs give a process more rights than its container was meant to have.")
        .url("https://kubernetes.io/docs/tasks/configure-pod-container/security-context/");
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let containers = pod.containers().into_iter().filter(may_escalate);
        let mut violations = Violation::distinct(containers.map(violation));
        // Windows has no such setting. It is asked last, because a Pod that is in order passes without the
        // question.
        if !violations.is_empty() && pod.is_windows() {
            violations.clear();
        }
        Ok(violations)
    }
}

/// Kubernetes takes an absent field for true.
fn may_escalate(container: &Container) -> bool {
    container.read("/securityContext/allowPrivilegeEscalation") != Some(Content::Boolean(false))
}

fn violation(container: Container) -> Violation {
    let name = container.name();
    Violation::new(
        ["Container \"", &name, "\" may gain privileges: allowPrivilegeEscalation is not false"].concat(),
    )
    .field(container.path("securityContext.allowPrivilegeEscalation"))
}

export!(PrivilegeEscalation);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<PrivilegeEscalation>(include_str!(
            "../../../testing/cases/hardening/mt3001-privilege-escalation.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object(
            "{kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: {initContainers: [{}]}}}}}}",
        );
        let violations = case.evaluate::<PrivilegeEscalation>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "spec.jobTemplate.spec.template.spec.initContainers[0].securityContext.allowPrivilegeEscalation"
            ]
        );
    }
}
