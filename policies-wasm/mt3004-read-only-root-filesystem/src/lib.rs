//! MT3004: whoever gets into a container that can write to its root file system can leave programs there and
//! change its own.

use magtape_sdk::{
    Container, Content, Document, Error, Metadata, Operation, Policy, Severity, Violation, WORKLOADS, export,
};

struct ReadOnlyRootFilesystem;

impl Policy for ReadOnlyRootFilesystem {
    const METADATA: Metadata = Metadata::new("policy-read-only-root-filesystem", Severity::Low, "MT3004")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Read-only root file system")
        .description(
            "An intruder in a container that can write to its root file system can change its programs.",
        )
        .url("https://kubernetes.io/docs/tasks/configure-pod-container/security-context/");
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let containers = pod.containers().into_iter().filter(can_write);
        let mut violations = Violation::distinct(containers.map(violation));
        // Kubernetes refuses the setting for Windows. It is asked last, because a Pod that is in order passes
        // without the question.
        if !violations.is_empty() && pod.is_windows() {
            violations.clear();
        }
        Ok(violations)
    }
}

fn can_write(container: &Container) -> bool {
    container.read("/securityContext/readOnlyRootFilesystem") != Some(Content::Boolean(true))
}

fn violation(container: Container) -> Violation {
    let about = "\" can write to its root file system: readOnlyRootFilesystem is not true";
    Violation::new(["Container \"", &container.name(), about].concat())
        .field(container.path("securityContext.readOnlyRootFilesystem"))
}

export!(ReadOnlyRootFilesystem);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<ReadOnlyRootFilesystem>(include_str!(
            "../../../testing/cases/hardening/mt3004-read-only-root-filesystem.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object("{kind: Pod, spec: {containers: [{}]}}");
        let violations = case.evaluate::<ReadOnlyRootFilesystem>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.containers[0].securityContext.readOnlyRootFilesystem"]);
    }
}
