//! MT2001: a privileged container has every right of root on its node.

use magtape_sdk::{Document, Error, Metadata, Policy, Severity, Violation, export};

struct PrivilegedPod;

impl Policy for PrivilegedPod {
    const METADATA: Metadata = Metadata::new("policy-privileged-pod", Severity::High, "MT2001")
        .targets(&["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"])
        .title("Privileged container")
        .description("A privileged container has every right of root on its node.");
    type Parameters = ();

    /// Anything but an absent or false `privileged` counts, so that no odd value slips through.
    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let containers = document.containers().into_iter();
        let privileged = containers.filter(|container| container.holds("/securityContext/privileged"));
        Ok(Violation::distinct(privileged.map(|container| {
            let name = container.name();
            Violation::new(["Found privileged Security Context for container \"", &name, "\""].concat())
                .field(container.path("securityContext.privileged"))
        })))
    }
}

export!(PrivilegedPod);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<PrivilegedPod>(include_str!(
            "../../../testing/cases/mt2001-privileged-pod.yaml"
        ));
    }
}
