//! MT3011: a Pod gets a token for the API server unless it says otherwise, and whoever gets into the Pod has
//! it too.

use magtape_sdk::{
    Content, Document, Error, Metadata, Operation, PodSpec, Policy, Severity, Violation, WORKLOADS, export,
    parameters,
};

struct ServiceAccountToken;

parameters! {
    /// Which Pods may have a token.
    struct Tokens {
        /// Whether a Pod with a service account of its own has to say as well that it wants the token, by
        /// `automountServiceAccountToken: true`.
        require_explicit: bool = false,
    }
}

impl Policy for ServiceAccountToken {
    const METADATA: Metadata = Metadata::new("policy-service-account-token", Severity::Med, "MT3011")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Service account token")
        .description("Whoever gets into a Pod has its token for the API server, which most Pods never use.")
        .url(
            "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/\
             #opt-out-of-api-credential-automounting",
        );
    type Parameters = Tokens;

    fn evaluate(document: &Document, parameters: Tokens) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let asked = match pod.value.read("/automountServiceAccountToken") {
            Some(Content::Boolean(false)) => return Ok(Vec::new()),
            value => value == Some(Content::Boolean(true)),
        };
        let message = match account(&pod) {
            None => "Pod gets a token of the default service account: \
                     automountServiceAccountToken is not false"
                .to_owned(),
            Some(_) if asked || !parameters.require_explicit => return Ok(Vec::new()),
            Some(name) => {
                ["Pod does not say whether it needs the token of service account \"", &name, "\""].concat()
            }
        };
        Ok(vec![Violation::new(message).field(pod.path("automountServiceAccountToken"))])
    }
}

/// The service account that the Pod names; `None` when it has the default one.
fn account(pod: &PodSpec) -> Option<String> {
    let named = |pointer| pod.value.string(pointer).filter(|name| !name.is_empty());
    // `serviceAccount` is what the field was called at first. Kubernetes still reads it.
    let name = named("/serviceAccountName").or_else(|| named("/serviceAccount"))?;
    (name != "default").then_some(name)
}

export!(ServiceAccountToken);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<ServiceAccountToken>(include_str!(
            "../../../testing/cases/hardening/mt3011-service-account-token.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object("{kind: Pod, spec: {}}");
        let violations = case.evaluate::<ServiceAccountToken>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.automountServiceAccountToken"]);
    }
}
