//! MT3006: on nodes with AppArmor a container has a profile by default; one that takes it off can reach more
//! of its node.

use magtape_sdk::{
    Content, Document, Error, Metadata, Operation, PodSpec, Policy, Severity, Value, Violation, WORKLOADS,
    export,
};

const FIELD: &str = "securityContext.appArmorProfile.type";

/// An annotation for each container said its profile before there was the field.
const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

struct AppArmorProfile;

impl Policy for AppArmorProfile {
    const METADATA: Metadata = Metadata::new("policy-apparmor-profile", Severity::High, "MT3006")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("AppArmor profile")
        .description("A container that takes off its AppArmor profile can reach more of its node.")
        .url("https://kubernetes.io/docs/tutorials/security/apparmor/");
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let mut violations = annotated(&pod);
        if let Some(profile) = other(&pod.value) {
            violations.push(violation(&["Pod has"], &profile).field(pod.path(FIELD)));
        }
        for container in pod.containers() {
            if let Some(profile) = other(&container) {
                violations.push(
                    violation(&["Container \"", &container.name(), "\" has"], &profile)
                        .field(container.path(FIELD)),
                );
            }
        }
        Ok(Violation::distinct(violations))
    }
}

/// The profile of a security context that is none of those that confine.
fn other(place: &Value) -> Option<String> {
    match place.read("/securityContext/appArmorProfile/type")? {
        Content::Null => None,
        Content::Text(name) if name == "RuntimeDefault" || name == "Localhost" => None,
        _ => Some(place.show("/securityContext/appArmorProfile/type")),
    }
}

fn annotated(pod: &PodSpec) -> Vec<Violation> {
    let Some(metadata) = pod.metadata() else { return Vec::new() };
    let mut violations = Vec::new();
    for (key, content) in metadata.fields("/annotations") {
        let Some(container) = key.strip_prefix(ANNOTATION) else { continue };
        // Kubernetes takes an empty profile for none, and refuses an annotation that is no text.
        let Content::Text(profile) = content else { continue };
        if !(profile.is_empty() || profile == "runtime/default" || profile.starts_with("localhost/")) {
            let place = pod.metadata_path(&["annotations[", &key, "]"].concat());
            violations
                .push(violation(&["Annotation gives container \"", container, "\""], &profile).field(place));
        }
    }
    violations
}

fn violation(whose: &[&str], profile: &str) -> Violation {
    Violation::new([&whose.concat(), " AppArmor profile ", profile].concat())
}

export!(AppArmorProfile);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<AppArmorProfile>(include_str!(
            "../../../testing/cases/hardening/mt3006-apparmor-profile.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object(
            "{kind: Job, spec: {template: {metadata: {annotations: \
             {container.apparmor.security.beta.kubernetes.io/a: x}}, spec: \
             {securityContext: {appArmorProfile: {type: x}}, \
             containers: [{securityContext: {appArmorProfile: {type: x}}}]}}}}",
        );
        let violations = case.evaluate::<AppArmorProfile>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]",
                "spec.template.spec.containers[0].securityContext.appArmorProfile.type",
                "spec.template.spec.securityContext.appArmorProfile.type"
            ]
        );
    }
}
