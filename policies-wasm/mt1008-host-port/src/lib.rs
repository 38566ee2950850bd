//! MT1008: a host port opens the node itself and lets only one such Pod run on a node.

use magtape_sdk::{Container, ContainerKind, Document, Error, Metadata, Policy, Severity, Violation, export};

struct HostPort;

impl Policy for HostPort {
    const METADATA: Metadata = Metadata::new("policy-hostport", Severity::High, "MT1008")
        .targets(&["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"])
        .title("Host port")
        .description("A host port opens the node itself and lets only one such Pod run on a node.");
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        // Kubernetes allows no ports on an ephemeral container.
        let containers =
            [ContainerKind::Main, ContainerKind::Init].into_iter().flat_map(|kind| pod.containers_of(kind));
        Ok(Violation::distinct(containers.filter_map(violation)))
    }
}

export!(HostPort);

/// A container is reported once, at the first of its host ports. Anything but an absent or false one counts,
/// even 0.
fn violation(container: Container) -> Option<Violation> {
    let index = container.elements("/ports").position(|port| port.holds("/hostPort"))?;
    let name = container.name();
    let field = container.path(&["ports[", &index.to_string(), "].hostPort"].concat());
    Some(Violation::new(["hostPort is configured for container \"", &name, "\""].concat()).field(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<HostPort>(include_str!("../../../testing/cases/mt1008-host-port.yaml"));
    }
}
