//! MT1001: without a liveness probe the kubelet cannot tell that a container hangs, so it never restarts it.

use magtape_sdk::{ContainerKind, Document, Error, Metadata, Policy, Severity, Violation, export};

struct LivenessProbe;

impl Policy for LivenessProbe {
    const METADATA: Metadata = Metadata::new("policy-liveness-probe", Severity::Low, "MT1001")
        .targets(&["DaemonSet", "Deployment", "Pod", "ReplicaSet", "StatefulSet"])
        .title("Liveness probe")
        .description(
            "Without a liveness probe the kubelet cannot tell that a container hangs, so it never restarts it.",
        );
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        // Kubernetes allows probes on an init container only when it is a sidecar, and never on an ephemeral one.
        let sidecars = pod
            .containers_of(ContainerKind::Init)
            .filter(|container| container.string("/restartPolicy").as_deref() == Some("Always"));
        let containers = pod.containers_of(ContainerKind::Main).chain(sidecars);
        let without = containers.filter(|container| !container.holds("/livenessProbe"));
        Ok(Violation::distinct(without.map(|container| {
            let name = container.name();
            Violation::new(["Liveness Probe missing for container \"", &name, "\""].concat())
                .field(container.path("livenessProbe"))
        })))
    }
}

export!(LivenessProbe);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<LivenessProbe>(include_str!(
            "../../../testing/cases/mt1001-liveness-probe.yaml"
        ));
    }
}
