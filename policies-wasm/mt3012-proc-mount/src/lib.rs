//! MT3012: parts of /proc are hidden from containers because the kernel shows and takes too much there.

use magtape_sdk::{
    Container, Content, Document, Error, Metadata, Operation, Policy, Severity, Violation, WORKLOADS, export,
};

struct ProcMount;

impl Policy for ProcMount {
    const METADATA: Metadata = Metadata::new("policy-proc-mount", Severity::High, "MT3012")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Proc mount")
        .description("A container that sees all of /proc can read and change settings of its node's kernel.")
        .url(
            "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/\
             #managing-access-to-the-proc-filesystem",
        );
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let containers = document.containers().into_iter().filter(is_other);
        Ok(Violation::distinct(containers.map(violation)))
    }
}

fn is_other(container: &Container) -> bool {
    match container.read("/securityContext/procMount") {
        None | Some(Content::Null) => false,
        Some(content) => content.as_str() != Some("Default"),
    }
}

fn violation(container: Container) -> Violation {
    let (name, mount) = (container.name(), container.show("/securityContext/procMount"));
    Violation::new(["Container \"", &name, "\" sees what /proc should hide: procMount is ", &mount].concat())
        .field(container.path("securityContext.procMount"))
}

export!(ProcMount);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<ProcMount>(include_str!(
            "../../../testing/cases/hardening/mt3012-proc-mount.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object("{kind: Pod, spec: {containers: [{securityContext: {procMount: x}}]}}");
        let violations = case.evaluate::<ProcMount>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.containers[0].securityContext.procMount"]);
    }
}
