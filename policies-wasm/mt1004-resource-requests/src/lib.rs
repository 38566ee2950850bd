//! MT1004: without CPU and memory requests the scheduler places a container blindly, and it is the first to
//! be evicted.

use magtape_sdk::{
    Container, ContainerKind, Content, Document, Error, Metadata, Policy, Severity, Violation, export,
};

struct ResourceRequests;

impl Policy for ResourceRequests {
    const METADATA: Metadata = Metadata::new("policy-resource-requests", Severity::Low, "MT1004")
        .targets(&["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"])
        .title("Resource requests")
        .description(
            "Without CPU and memory requests the scheduler places a container blindly, and it is the \
             first to be evicted.",
        );
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        // Kubernetes allows no resources on an ephemeral container.
        let containers =
            [ContainerKind::Main, ContainerKind::Init].into_iter().flat_map(|kind| pod.containers_of(kind));
        Ok(Violation::distinct(containers.filter_map(violation)))
    }
}

export!(ResourceRequests);

fn violation(container: Container) -> Option<Violation> {
    let (missing, field) = missing(container)?;
    let name = container.name();
    let text = ["Resource requests missing (", missing, ") for container \"", &name, "\""].concat();
    Some(Violation::new(text).field(container.path(field)))
}

/// What a container does not declare, and where that belongs. `false` is as good as nothing.
fn missing(container: Container) -> Option<(&'static str, &'static str)> {
    let (mut cpu, mut memory) = (false, false);
    for (resource, quantity) in container.fields("/resources/requests") {
        let declared = quantity != Content::Boolean(false);
        match resource.as_str() {
            "cpu" => cpu = declared,
            "memory" => memory = declared,
            _ => {}
        }
    }
    match (cpu, memory) {
        (true, true) => None,
        (false, false) => Some(("CPU/MEM", "resources.requests")),
        (false, true) => Some(("CPU", "resources.requests.cpu")),
        (true, false) => Some(("MEM", "resources.requests.memory")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<ResourceRequests>(include_str!(
            "../../../testing/cases/mt1004-resource-requests.yaml"
        ));
    }
}
