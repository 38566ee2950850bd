//! MT3010: an image without a tag is another one tomorrow, and nobody can tell which one ran today.

use magtape_sdk::{
    Document, Error, Metadata, Operation, PodSpec, Policy, Severity, Violation, WORKLOADS, export, parameters,
};

struct ImageTag;

parameters! {
    /// How images are to be named.
    struct Naming {
        /// Whether a tag is not enough, since it can be moved to another image.
        require_digest: bool = false,
    }
}

impl Policy for ImageTag {
    const METADATA: Metadata = Metadata::new("policy-image-tag", Severity::Low, "MT3010")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Image tag")
        .description(
            "An image without a tag is another one tomorrow, and nobody can tell which one ran today.",
        )
        .url("https://kubernetes.io/docs/concepts/containers/images/#image-names");
    type Parameters = Naming;

    fn evaluate(document: &Document, parameters: Naming) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let mut violations = Vec::new();
        judge_containers(&pod, parameters.require_digest, &mut violations);
        judge_volumes(&pod, parameters.require_digest, &mut violations);
        Ok(Violation::distinct(violations))
    }
}

fn judge_containers(pod: &PodSpec, strict: bool, violations: &mut Vec<Violation>) {
    for container in pod.containers() {
        let image = container.string("/image").unwrap_or_default();
        if let Some(fault) = fault(&image, strict) {
            let message = message(&image, "container", &container.name(), fault);
            violations.push(Violation::new(message).field(container.path("image")));
        }
    }
}

/// A volume can be an image as well, and programs can be run from it.
fn judge_volumes(pod: &PodSpec, strict: bool, violations: &mut Vec<Violation>) {
    for (index, volume) in pod.value.elements("/volumes").enumerate() {
        let Some(image) = volume.string("/image/reference") else { continue };
        if let Some(fault) = fault(&image, strict) {
            let message = message(&image, "volume", &volume.show("/name"), fault);
            let field = ["volumes[", &index.to_string(), "].image.reference"].concat();
            violations.push(Violation::new(message).field(pod.path(&field)));
        }
    }
}

fn message(image: &str, place: &str, name: &str, fault: &str) -> String {
    ["Image \"", image, "\" of ", place, " \"", name, "\" ", fault].concat()
}

fn fault(image: &str, strict: bool) -> Option<&'static str> {
    let (name, digest) = image.split_once('@').unwrap_or((image, ""));
    if !digest.is_empty() {
        // What a digest names never changes, whatever tag stands before it.
        return None;
    }
    match tag(name) {
        _ if name.is_empty() => Some("is missing"),
        _ if strict => Some("has no digest"),
        "" => Some("has no tag"),
        "latest" => Some("has the tag latest"),
        _ => None,
    }
}

/// The tag of a name; empty when there is none.
fn tag(name: &str) -> &str {
    match name.rsplit_once(':') {
        // A colon with a slash behind it begins the port of a registry.
        Some((_, tag)) if !tag.contains('/') => tag,
        _ => "",
    }
}

export!(ImageTag);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<ImageTag>(include_str!(
            "../../../testing/cases/hardening/mt3010-image-tag.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object(
            "{kind: Pod, spec: {containers: [{image: a}], volumes: [{}, {image: {reference: a}}]}}",
        );
        let violations = case.evaluate::<ImageTag>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.containers[0].image", "spec.volumes[1].image.reference"]);
    }
}
