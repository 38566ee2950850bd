//! MT3007: a Pod in a namespace of its node sees what others on that node do: their processes, their memory,
//! their traffic.

use magtape_sdk::{
    Content, Document, Error, Metadata, Operation, Policy, Severity, Violation, WORKLOADS, export,
};

/// The fields, and what each of them shares.
const NAMESPACES: [(&str, &str); 3] =
    [("hostIPC", "inter-process communication"), ("hostNetwork", "network"), ("hostPID", "processes")];

struct HostNamespaces;

impl Policy for HostNamespaces {
    const METADATA: Metadata = Metadata::new("policy-host-namespaces", Severity::High, "MT3007")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Host namespaces")
        .description(
            "A Pod in a namespace of its node sees the processes, the memory or the traffic of others there.",
        )
        .url("https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline");
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let shared = NAMESPACES.iter().filter(|(field, _)| {
            let value = pod.value.read(&["/", field].concat());
            !matches!(value, None | Some(Content::Null | Content::Boolean(false)))
        });
        Ok(shared
            .map(|(field, what)| {
                Violation::new(["Pod shares the ", what, " of its node: ", field, " is set"].concat())
                    .field(pod.path(field))
            })
            .collect())
    }
}

export!(HostNamespaces);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<HostNamespaces>(include_str!(
            "../../../testing/cases/hardening/mt3007-host-namespaces.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object("{kind: Deployment, spec: {template: {spec: {hostPID: true}}}}");
        let violations = case.evaluate::<HostNamespaces>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.template.spec.hostPID"]);
    }
}
