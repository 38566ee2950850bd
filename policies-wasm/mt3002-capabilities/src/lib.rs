//! MT3002: a runtime gives every container some of root's rights, and a container can ask for more. Most need
//! none.

use magtape_sdk::{
    Container, Document, Error, Metadata, Operation, Policy, Severity, Violation, WORKLOADS, export,
    parameters,
};

struct Capabilities;

parameters! {
    /// Which capabilities containers may have.
    struct Adds {
        /// The capabilities that a container may add, as Kubernetes writes them: without `CAP_`.
        allowed_adds: Vec<String> = vec!["NET_BIND_SERVICE".to_owned()],
    }
}

impl Policy for Capabilities {
    const METADATA: Metadata = Metadata::new("policy-capabilities", Severity::Med, "MT3002")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Capabilities")
        .description("A container has rights of root that it does not need unless it drops them.")
        .url(
            "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/\
             #set-capabilities-for-a-container",
        );
    type Parameters = Adds;

    fn evaluate(document: &Document, parameters: Adds) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let mut violations = Vec::new();
        for container in pod.containers() {
            judge_drops(&container, &mut violations);
            judge_adds(&container, &parameters.allowed_adds, &mut violations);
        }
        // Windows has no capabilities. It is asked last, because a Pod that is in order passes without the
        // question.
        if !violations.is_empty() && pod.is_windows() {
            violations.clear();
        }
        Ok(Violation::distinct(violations))
    }
}

fn judge_drops(container: &Container, violations: &mut Vec<Violation>) {
    let mut dropped = container.contents("/securityContext/capabilities/drop");
    if !dropped.any(|dropped| dropped.as_str() == Some("ALL")) {
        let message = ["Container \"", &container.name(), "\" does not drop ALL capabilities"].concat();
        violations.push(Violation::new(message).field(container.path("securityContext.capabilities.drop")));
    }
}

fn judge_adds(container: &Container, allowed: &[String], violations: &mut Vec<Violation>) {
    for (index, capability) in container.elements("/securityContext/capabilities/add").enumerate() {
        let capability = capability.show("");
        if !allowed.contains(&capability) {
            let message = ["Container \"", &container.name(), "\" adds capability ", &capability].concat();
            let field = ["securityContext.capabilities.add[", &index.to_string(), "]"].concat();
            violations.push(Violation::new(message).field(container.path(&field)));
        }
    }
}

export!(Capabilities);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<Capabilities>(include_str!(
            "../../../testing/cases/hardening/mt3002-capabilities.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object(
            "{kind: Pod, spec: {containers: [{securityContext: \
             {capabilities: {add: [NET_BIND_SERVICE, KILL]}}}]}}",
        );
        let violations = case.evaluate::<Capabilities>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "spec.containers[0].securityContext.capabilities.add[1]",
                "spec.containers[0].securityContext.capabilities.drop"
            ]
        );
    }
}
