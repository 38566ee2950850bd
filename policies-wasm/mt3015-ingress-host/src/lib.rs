//! MT3015: when two Ingresses name the same host and path, one of them gets the traffic that was meant for
//! the other.

mod route;

use magtape_sdk::{
    Document, Error, Level, Metadata, Operation, Policy, Severity, Value, Violation, export, log, lookup,
    parameters,
};
use route::Route;

const INGRESSES: &str = "networking.k8s.io/v1/ingresses";

struct IngressHost;

parameters! {
    /// Which Ingresses are rivals.
    struct Rivals {
        /// Whether a host is a rival of a wildcard that it matches, and every host of a rule that has none.
        wildcards: bool = true,
        /// Whether Ingresses of one namespace are rivals as well.
        within_namespace: bool = true,
    }
}

impl Policy for IngressHost {
    const METADATA: Metadata = Metadata::new("policy-ingress-host", Severity::High, "MT3015")
        .targets(&["Ingress"])
        .operations(&[Operation::Create, Operation::Update])
        .needs(&[INGRESSES])
        .title("Ingress host")
        .description("When two Ingresses name the same host and path, one gets the traffic of the other.")
        .url("https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-rules");
    type Parameters = Rivals;

    fn evaluate(document: &Document, parameters: Rivals) -> Result<Vec<Violation>, Error> {
        let routes = route::routes(document.value(), &|_| true);
        if routes.is_empty() {
            return Ok(Vec::new());
        }
        let Some(known) = lookup(INGRESSES) else {
            // Refusing every Ingress would help nobody, and this is seen by whoever can give the data.
            log(Level::Warn, "no Ingresses of the cluster are known, so this one was compared with none");
            return Ok(Vec::new());
        };
        Ok(Violation::distinct(compare(routes, document, known, &parameters)))
    }
}

/// Looks for rivals in all Ingresses but the one that is judged.
fn compare(mut routes: Vec<Route>, document: &Document, known: Value, parameters: &Rivals) -> Vec<Violation> {
    let own_name = document.name();
    let here = namespace(document);
    let mut violations = Vec::new();
    for (namespace, ingresses) in known.members("") {
        let own = namespace == here;
        if own && !parameters.within_namespace {
            continue;
        }
        for (name, ingress) in ingresses.members("") {
            if !own || name != own_name {
                let name = [&namespace, "/", &name].concat();
                route::judge(&mut routes, &name, ingress, parameters.wildcards, &mut violations);
            }
        }
    }
    violations
}

/// A file need not say its namespace.
fn namespace(document: &Document) -> String {
    let mut namespace = document.namespace();
    if namespace.is_empty() {
        namespace.push_str("default");
    }
    namespace
}

export!(IngressHost);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<IngressHost>(include_str!(
            "../../../testing/cases/hardening/mt3015-ingress-host.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object(
            "{kind: Ingress, spec: {rules: [{host: a}, {host: b, http: {paths: [{path: /x}, {path: /y}]}}]}}",
        )
        .objects(
            INGRESSES,
            "{other: {web: {spec: {rules: [{host: a}, {host: b, http: {paths: [{path: /y}]}}]}}}}",
        );
        let violations = case.evaluate::<IngressHost>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.rules[0].host", "spec.rules[1].http.paths[1].path"]);
    }
}
