//! MT1010: a hostPath volume gives a Pod a part of the node's own file system.

use magtape_sdk::{Document, Error, Metadata, Policy, Severity, Violation, export};

struct HostPath;

impl Policy for HostPath {
    const METADATA: Metadata = Metadata::new("policy-host-path", Severity::Med, "MT1010")
        .targets(&["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"])
        .title("Host path")
        .description("A hostPath volume gives a Pod a part of the node's own file system.");
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let volumes = pod.value.elements("/volumes").enumerate();
        // Anything but an absent or false one counts, even `{}`.
        let with = volumes.filter(|(_, volume)| volume.holds("/hostPath"));
        Ok(Violation::distinct(with.map(|(index, volume)| {
            let name = volume.show("/name");
            Violation::new(["hostPath is configured for volume \"", &name, "\""].concat())
                .field(pod.path(&["volumes[", &index.to_string(), "].hostPath"].concat()))
        })))
    }
}

export!(HostPath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<HostPath>(include_str!("../../../testing/cases/mt1010-host-path.yaml"));
    }
}
