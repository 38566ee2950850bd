//! MT1003: a container without CPU and memory limits can starve everything else on its node.

use magtape_sdk::{
    Container, ContainerKind, Content, Document, Error, Metadata, Policy, Severity, Violation, export,
};

struct ResourceLimits;

impl Policy for ResourceLimits {
    const METADATA: Metadata = Metadata::new("policy-resource-limits", Severity::Low, "MT1003")
        .targets(&["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"])
        .title("Resource limits")
        .description("A container without CPU and memory limits can starve everything else on its node.");
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        // Kubernetes allows no resources on an ephemeral container.
        let containers =
            [ContainerKind::Main, ContainerKind::Init].into_iter().flat_map(|kind| pod.containers_of(kind));
        Ok(Violation::distinct(containers.filter_map(violation)))
    }
}

export!(ResourceLimits);

fn violation(container: Container) -> Option<Violation> {
    let (missing, field) = missing(container)?;
    let name = container.name();
    let text = ["Resource limits missing (", missing, ") for container \"", &name, "\""].concat();
    Some(Violation::new(text).field(container.path(field)))
}

/// What a container does not declare, and where that belongs. `false` is as good as nothing.
fn missing(container: Container) -> Option<(&'static str, &'static str)> {
    let (mut cpu, mut memory) = (false, false);
    for (resource, quantity) in container.fields("/resources/limits") {
        let declared = quantity != Content::Boolean(false);
        match resource.as_str() {
            "cpu" => cpu = declared,
            "memory" => memory = declared,
            _ => {}
        }
    }
    match (cpu, memory) {
        (true, true) => None,
        (false, false) => Some(("CPU/MEM", "resources.limits")),
        (false, true) => Some(("CPU", "resources.limits.cpu")),
        (true, false) => Some(("MEM", "resources.limits.memory")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<ResourceLimits>(include_str!(
            "../../../testing/cases/mt1003-resource-limits.yaml"
        ));
    }
}
