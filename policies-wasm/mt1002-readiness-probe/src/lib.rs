//! MT1002: without a readiness probe a Pod receives traffic as soon as its process starts, whether or not it
//! can answer.

use magtape_sdk::{ContainerKind, Document, Error, Metadata, Policy, Severity, Violation, export};

struct ReadinessProbe;

impl Policy for ReadinessProbe {
    const METADATA: Metadata = Metadata::new("policy-readiness-probe", Severity::Low, "MT1002")
        .targets(&["DaemonSet", "Deployment", "Pod", "ReplicaSet", "StatefulSet"])
        .title("Readiness probe")
        .description(
            "Without a readiness probe a Pod receives traffic as soon as its process starts, whether or \
             not it can answer.",
        );
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        // Kubernetes allows probes on an init container only when it is a sidecar, and never on an ephemeral
        // one.
        let sidecars = pod
            .containers_of(ContainerKind::Init)
            .filter(|container| container.string("/restartPolicy").as_deref() == Some("Always"));
        let containers = pod.containers_of(ContainerKind::Main).chain(sidecars);
        let without = containers.filter(|container| !container.holds("/readinessProbe"));
        Ok(Violation::distinct(without.map(|container| {
            let name = container.name();
            Violation::new(["Readiness Probe missing for container \"", &name, "\""].concat())
                .field(container.path("readinessProbe"))
        })))
    }
}

export!(ReadinessProbe);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<ReadinessProbe>(include_str!(
            "../../../testing/cases/mt1002-readiness-probe.yaml"
        ));
    }
}
