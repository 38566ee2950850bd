//! MT3008: a host port opens the node itself, past Services and often past network policies.

use magtape_sdk::{
    Container, ContainerKind, Content, Document, Error, Metadata, Operation, Policy, Severity, Value,
    Violation, WORKLOADS, export, parameters,
};

struct HostPorts;

parameters! {
    /// Which ports of nodes containers may take.
    struct Ports {
        /// The ports that containers may take.
        allowed: Vec<i64> = Vec::new(),
    }
}

impl Policy for HostPorts {
    const METADATA: Metadata = Metadata::new("policy-host-ports", Severity::High, "MT3008")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Host ports")
        .description("A host port opens the node itself, past Services and often past network policies.")
        .url("https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline");
    type Parameters = Ports;

    fn evaluate(document: &Document, parameters: Ports) -> Result<Vec<Violation>, Error> {
        let mut violations = Vec::new();
        for container in document.containers() {
            // Kubernetes allows no ports on an ephemeral container.
            if container.kind != ContainerKind::Ephemeral {
                judge(&container, &parameters.allowed, &mut violations);
            }
        }
        Ok(Violation::distinct(violations))
    }
}

fn judge(container: &Container, allowed: &[i64], violations: &mut Vec<Violation>) {
    for (index, port) in container.elements("/ports").enumerate() {
        let taken = match port.read("/hostPort") {
            // Kubernetes takes 0 for no port.
            None | Some(Content::Null | Content::Integer(0)) => false,
            Some(Content::Integer(number)) => !allowed.contains(&number),
            Some(_) => true,
        };
        if taken {
            let field = ["ports[", &index.to_string(), "].hostPort"].concat();
            violations.push(violation(container, &port).field(container.path(&field)));
        }
    }
}

fn violation(container: &Container, port: &Value) -> Violation {
    let number = port.show("/hostPort");
    let protocol = port.string("/protocol").unwrap_or_else(|| "TCP".to_owned());
    let name = container.name();
    Violation::new(
        ["Container \"", &name, "\" takes port ", &number, "/", &protocol, " of its node: hostPort is set"]
            .concat(),
    )
}

export!(HostPorts);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<HostPorts>(include_str!(
            "../../../testing/cases/hardening/mt3008-host-ports.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object("{kind: Pod, spec: {containers: [{ports: [{}, {hostPort: 1}]}]}}");
        let violations = case.evaluate::<HostPorts>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.containers[0].ports[1].hostPort"]);
    }
}
