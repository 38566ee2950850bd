//! MT3009: an image is a program of someone else's. Where it comes from decides who that may be.

mod image;

use magtape_sdk::{
    Document, Error, Metadata, Operation, PodSpec, Policy, Severity, Violation, WORKLOADS, export, parameters,
};

struct AllowedRegistries;

parameters! {
    /// Where images may come from.
    struct Registries {
        /// The registries that images may come from, or paths in them: `registry.example.com`,
        /// `docker.io/library`. None means that every registry is allowed that the image names itself.
        registries: Vec<String> = Vec::new(),
    }
}

impl Policy for AllowedRegistries {
    const METADATA: Metadata = Metadata::new("policy-allowed-registries", Severity::Med, "MT3009")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Allowed registries")
        .description("An image is a program of someone else's. Where it comes from decides who that may be.")
        .url("https://kubernetes.io/docs/concepts/containers/images/#image-names");
    type Parameters = Registries;

    fn evaluate(document: &Document, parameters: Registries) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let mut violations = Vec::new();
        judge_containers(&pod, &parameters.registries, &mut violations);
        judge_volumes(&pod, &parameters.registries, &mut violations);
        Ok(Violation::distinct(violations))
    }
}

fn judge_containers(pod: &PodSpec, registries: &[String], violations: &mut Vec<Violation>) {
    for container in pod.containers() {
        let image = container.string("/image").unwrap_or_default();
        if let Some(fault) = fault(&image, registries) {
            let message = message(&image, "container", &container.name(), fault);
            violations.push(Violation::new(message).field(container.path("image")));
        }
    }
}

/// A volume can be an image as well, and programs can be run from it.
fn judge_volumes(pod: &PodSpec, registries: &[String], violations: &mut Vec<Violation>) {
    for (index, volume) in pod.value.elements("/volumes").enumerate() {
        let Some(image) = volume.string("/image/reference") else { continue };
        if let Some(fault) = fault(&image, registries) {
            let message = message(&image, "volume", &volume.show("/name"), fault);
            let field = ["volumes[", &index.to_string(), "].image.reference"].concat();
            violations.push(Violation::new(message).field(pod.path(&field)));
        }
    }
}

fn message(image: &str, place: &str, name: &str, fault: &str) -> String {
    ["Image \"", image, "\" of ", place, " \"", name, "\" ", fault].concat()
}

fn fault(image: &str, registries: &[String]) -> Option<&'static str> {
    let name = image::without_version(image);
    if name.is_empty() {
        return Some("is missing");
    }
    if registries.is_empty() {
        return image::registry(name).is_none().then_some("does not name its registry");
    }
    let name = image::full(name);
    let allowed = registries.iter().any(|registry| image::is_below(&name, registry));
    (!allowed).then_some("is not from an allowed registry")
}

export!(AllowedRegistries);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<AllowedRegistries>(include_str!(
            "../../../testing/cases/hardening/mt3009-allowed-registries.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object(
            "{kind: Pod, spec: {containers: [{image: a}], volumes: [{}, {image: {reference: a}}]}}",
        );
        let violations = case.evaluate::<AllowedRegistries>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(places, ["spec.containers[0].image", "spec.volumes[1].image.reference"]);
    }
}
