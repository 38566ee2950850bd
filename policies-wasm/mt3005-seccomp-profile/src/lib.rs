//! MT3005: without a seccomp profile a container may use every system call of its node's kernel, and every
//! fault in one.

use magtape_sdk::{
    Container, Content, Document, Error, Metadata, Operation, PodSpec, Policy, Severity, Value, Violation,
    WORKLOADS, export,
};

const FIELD: &str = "securityContext.seccompProfile.type";

struct SeccompProfile;

/// What a Pod or a container says of its profile.
#[derive(PartialEq)]
enum Profile {
    /// Nothing.
    Absent,
    /// One that filters system calls.
    Filters,
    /// Anything else.
    Other,
}

impl Policy for SeccompProfile {
    const METADATA: Metadata = Metadata::new("policy-seccomp-profile", Severity::Med, "MT3005")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Seccomp profile")
        .description("Without a seccomp profile a container may use every system call of its node's kernel.")
        .url("https://kubernetes.io/docs/tutorials/security/seccomp/");
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let common = Profile::of(&pod.value);
        let mut violations = Vec::new();
        if common == Profile::Other {
            violations.push(other_of_pod(&pod));
        }
        violations.extend(pod.containers().iter().filter_map(|container| judge(container, &common)));
        // Windows has no seccomp. It is asked last, because a Pod that is in order passes without the
        // question.
        if !violations.is_empty() && pod.is_windows() {
            violations.clear();
        }
        Ok(Violation::distinct(violations))
    }
}

fn judge(container: &Container, common: &Profile) -> Option<Violation> {
    let name = container.name();
    let message = match (Profile::of(container), common) {
        (Profile::Other, _) => ["Container \"", &name, "\" has seccomp profile ", &shown(container)].concat(),
        // What the Pod says wrongly is said once, of the Pod.
        (Profile::Absent, Profile::Absent) => ["Container \"", &name, "\" has no seccomp profile"].concat(),
        _ => return None,
    };
    Some(Violation::new(message).field(container.path(FIELD)))
}

fn other_of_pod(pod: &PodSpec) -> Violation {
    Violation::new(["Pod has seccomp profile ", &shown(&pod.value)].concat()).field(pod.path(FIELD))
}

fn shown(place: &Value) -> String {
    place.show("/securityContext/seccompProfile/type")
}

// === impl Profile ===

impl Profile {
    fn of(place: &Value) -> Self {
        match place.read("/securityContext/seccompProfile/type") {
            None | Some(Content::Null) => Self::Absent,
            Some(Content::Text(name)) if name == "RuntimeDefault" || name == "Localhost" => Self::Filters,
            Some(_) => Self::Other,
        }
    }
}

export!(SeccompProfile);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<SeccompProfile>(include_str!(
            "../../../testing/cases/hardening/mt3005-seccomp-profile.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object(
            "{kind: Pod, spec: {securityContext: {seccompProfile: {type: x}}, \
             ephemeralContainers: [{securityContext: {seccompProfile: {type: x}}}]}}",
        );
        let violations = case.evaluate::<SeccompProfile>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "spec.ephemeralContainers[0].securityContext.seccompProfile.type",
                "spec.securityContext.seccompProfile.type"
            ]
        );
    }
}
