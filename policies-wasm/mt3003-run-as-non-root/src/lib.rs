//! MT3003: whoever breaks out of a container that runs as root is root outside of it as well.

use magtape_sdk::{
    Container, Content, Document, Error, Metadata, Operation, PodSpec, Policy, Severity, Value, Violation,
    WORKLOADS, export,
};

struct RunAsNonRoot;

/// What a security context says of the user. A null says nothing.
#[derive(Default)]
struct User {
    non_root: Option<Content>,
    id: Option<Content>,
}

impl Policy for RunAsNonRoot {
    const METADATA: Metadata = Metadata::new("policy-run-as-non-root", Severity::Med, "MT3003")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Run as non-root")
        .description("Whoever breaks out of a container that runs as root is root outside of it as well.")
        .url(
            "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/\
             #set-the-security-context-for-a-pod",
        );
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let common = User::of(&pod.value);
        let mut violations = Vec::new();
        if common.may_be_root() {
            violations.push(root_pod(&pod));
        }
        for container in pod.containers() {
            judge(&container, &common, &mut violations);
        }
        Ok(Violation::distinct(violations))
    }
}

fn judge(container: &Container, common: &User, violations: &mut Vec<Violation>) {
    let own = User::of(container);
    // The container's word weighs more than the Pod's.
    if own.non_root.as_ref().or(common.non_root.as_ref()) != Some(&Content::Boolean(true)) {
        let message = ["Container \"", &container.name(), "\" may run as root: runAsNonRoot is not true"];
        violations
            .push(Violation::new(message.concat()).field(container.path("securityContext.runAsNonRoot")));
    }
    if own.may_be_root() {
        let message =
            ["Container \"", &container.name(), "\" runs as root: runAsUser is ", &user_id(container)];
        violations.push(Violation::new(message.concat()).field(container.path("securityContext.runAsUser")));
    }
}

fn root_pod(pod: &PodSpec) -> Violation {
    Violation::new(["Pod runs as root: runAsUser is ", &user_id(&pod.value)].concat())
        .field(pod.path("securityContext.runAsUser"))
}

fn user_id(place: &Value) -> String {
    place.show("/securityContext/runAsUser")
}

// === impl User ===

impl User {
    /// It reads the whole security context, since that is one call of the host instead of two.
    fn of(place: &Value) -> Self {
        let mut user = Self::default();
        for (key, content) in
            place.fields("/securityContext").filter(|(_, content)| *content != Content::Null)
        {
            match key.as_str() {
                "runAsNonRoot" => user.non_root = Some(content),
                "runAsUser" => user.id = Some(content),
                _ => {}
            }
        }
        user
    }

    /// What is no whole number is not known to be another user.
    fn may_be_root(&self) -> bool {
        !matches!(self.id, None | Some(Content::Integer(..=-1 | 1..)))
    }
}

export!(RunAsNonRoot);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<RunAsNonRoot>(include_str!(
            "../../../testing/cases/hardening/mt3003-run-as-non-root.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object(
            "{kind: Deployment, spec: {template: {spec: {securityContext: {runAsUser: 0}, \
             containers: [{securityContext: {runAsUser: 0}}]}}}}",
        );
        let violations = case.evaluate::<RunAsNonRoot>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "spec.template.spec.containers[0].securityContext.runAsNonRoot",
                "spec.template.spec.containers[0].securityContext.runAsUser",
                "spec.template.spec.securityContext.runAsUser"
            ]
        );
    }
}
