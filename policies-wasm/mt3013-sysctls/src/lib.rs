//! MT3013: some settings of the kernel hold for a whole node, or switch off what protects it.

use magtape_sdk::{
    Document, Error, Metadata, Operation, Policy, Severity, Violation, WORKLOADS, export, parameters,
};

/// The safe set of the Pod Security Standards: each of these holds for one Pod alone and does not burden its
/// node.
const SAFE: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

struct Sysctls;

parameters! {
    /// Which sysctls Pods may set.
    struct More {
        /// The sysctls that Pods may set beside the safe ones.
        allowed: Vec<String> = Vec::new(),
    }
}

impl Policy for Sysctls {
    const METADATA: Metadata = Metadata::new("policy-sysctls", Severity::High, "MT3013")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Sysctls")
        .description("Some settings of the kernel hold for a whole node, or switch off what protects it.")
        .url("https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/");
    type Parameters = More;

    fn evaluate(document: &Document, parameters: More) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let mut violations = Vec::new();
        for (index, sysctl) in pod.value.elements("/securityContext/sysctls").enumerate() {
            let name = sysctl.show("/name");
            if !SAFE.contains(&name.as_str()) && !parameters.allowed.contains(&name) {
                let field = ["securityContext.sysctls[", &index.to_string(), "].name"].concat();
                let message = ["Pod sets sysctl \"", &name, "\", which is not safe"].concat();
                violations.push(Violation::new(message).field(pod.path(&field)));
            }
        }
        Ok(Violation::distinct(violations))
    }
}

export!(Sysctls);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<Sysctls>(include_str!("../../../testing/cases/hardening/mt3013-sysctls.yaml"));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object(
            "{kind: Pod, spec: {securityContext: {sysctls: [{name: net.ipv4.tcp_rmem}, {name: x}]}}}",
        );
        let violations = case.evaluate::<Sysctls>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.securityContext.sysctls[1].name"]);
    }
}
