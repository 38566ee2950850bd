//! MT3014: nodes send what goes to an external IP to the Service that names it, whoever the address belongs
//! to.

use magtape_sdk::{Document, Error, Metadata, Operation, Policy, Severity, Violation, export, parameters};

struct ExternalIps;

parameters! {
    /// Which external IPs Services may take.
    struct Addresses {
        /// The addresses that Services may take, written as in the Services.
        allowed: Vec<String> = Vec::new(),
    }
}

impl Policy for ExternalIps {
    const METADATA: Metadata = Metadata::new("policy-external-ips", Severity::High, "MT3014")
        .targets(&["Service"])
        .operations(&[Operation::Create, Operation::Update])
        .title("External IPs")
        .description("A Service can take the traffic to any address by naming it as an external IP.")
        .url("https://kubernetes.io/docs/concepts/services-networking/service/#external-ips");
    type Parameters = Addresses;

    fn evaluate(document: &Document, parameters: Addresses) -> Result<Vec<Violation>, Error> {
        let mut violations = Vec::new();
        for (index, address) in document.value().elements("/spec/externalIPs").enumerate() {
            let address = address.show("");
            if !parameters.allowed.contains(&address) {
                let message = ["Service takes the traffic to external IP \"", &address, "\""].concat();
                let field = ["spec.externalIPs[", &index.to_string(), "]"].concat();
                violations.push(Violation::new(message).field(field));
            }
        }
        Ok(Violation::distinct(violations))
    }
}

export!(ExternalIps);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<ExternalIps>(include_str!(
            "../../../testing/cases/hardening/mt3014-external-ips.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object("{kind: Service, spec: {externalIPs: [192.0.2.1]}}");
        let violations = case.evaluate::<ExternalIps>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.externalIPs[0]"]);
    }
}
