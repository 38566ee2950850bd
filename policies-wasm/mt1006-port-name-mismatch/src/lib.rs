//! MT1006: a Service port that is called http but listens on 443 misleads people, proxies and service meshes
//! about the protocol.

use magtape_sdk::{Content, Document, Error, Metadata, Policy, Severity, Value, Violation, export};

struct PortNameMismatch;

impl Policy for PortNameMismatch {
    const METADATA: Metadata = Metadata::new("policy-port-name-mismatch", Severity::High, "MT1006")
        .targets(&["Service"])
        .title("Port name mismatch")
        .description(
            "A Service port that is called http but listens on 443 misleads people, proxies and service meshes \
             about the protocol.",
        );
    type Parameters = ();

    /// A Service is reported once, at the first of its ports that is wrong.
    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let place = document.request().elements("/object/spec/ports").position(is_mismatch);
        let violation = place.map(|index| {
            let name = document.request().show("/object/metadata/name");
            let text = "Logical port name \"http\" mismatch with port number \"443\" for service \"";
            Violation::new([text, &name, "\""].concat())
                .field(["spec.ports[", &index.to_string(), "].name"].concat())
        });
        Ok(violation.into_iter().collect())
    }
}

export!(PortNameMismatch);

/// The number is read first, because few ports have it. In JSON 443.0 is the same number.
fn is_mismatch(port: Value) -> bool {
    let is_443 = match port.read("/port") {
        Some(Content::Integer(number)) => number == 443,
        Some(Content::Number(number)) => number == 443.0,
        _ => false,
    };
    is_443 && port.string("/name").as_deref() == Some("http")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<PortNameMismatch>(include_str!(
            "../../../testing/cases/mt1006-port-name-mismatch.yaml"
        ));
    }
}
