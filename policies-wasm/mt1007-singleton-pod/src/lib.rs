//! MT1007: a Pod that no controller owns is not started again when its node goes.

use magtape_sdk::{Content, Document, Error, Metadata, Policy, Severity, Violation, export};

struct SingletonPod;

impl Policy for SingletonPod {
    const METADATA: Metadata = Metadata::new("policy-singleton-pod-check", Severity::Low, "MT1007")
        .targets(&["Pod"])
        .title("Singleton Pod")
        .description("A Pod that no controller owns is not started again when its node goes.");
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let request = document.request();
        let is_owned = request.holds("/object/metadata/ownerReferences");
        // A request without an object has no Pod to report.
        if is_owned || !matches!(request.read("/object"), Some(Content::Object(_))) {
            return Ok(Vec::new());
        }
        let name = request.show("/object/metadata/name");
        let text = ["\"", &name, "\" is a singleton pod."].concat();
        Ok(vec![Violation::new(text).field("metadata.ownerReferences")])
    }
}

export!(SingletonPod);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<SingletonPod>(include_str!(
            "../../../testing/cases/mt1007-singleton-pod.yaml"
        ));
    }
}
