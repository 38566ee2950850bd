//! MT3016: labels say whose an object is and what it belongs to. Without them nobody can select, bill or
//! call.

use magtape_sdk::{
    Content, Document, Error, Metadata, Operation, Policy, Severity, Violation, WORKLOADS, export, parameters,
};

struct RequiredLabels;

parameters! {
    /// Which labels workloads and their Pods have to have.
    struct Labels {
        /// The keys of labels that have to be there and not be empty.
        labels: Vec<String> = vec!["app.kubernetes.io/name".to_owned()],
        /// The values that labels may have, as `tier=web`. A label that is named here has one of the values
        /// that are named with it, if it is there at all.
        values: Vec<String> = Vec::new(),
    }
}

/// A place with labels.
struct Place {
    /// Its pointer, and the same as people write it.
    metadata: (&'static str, &'static str),
    /// What a message adds to name it.
    words: &'static str,
}

const OBJECT: Place = Place { metadata: ("/metadata", "metadata"), words: "" };
const TEMPLATE: Place =
    Place { metadata: ("/spec/template/metadata", "spec.template.metadata"), words: " in the Pod template" };
const JOB_TEMPLATE: Place = Place {
    metadata: ("/spec/jobTemplate/metadata", "spec.jobTemplate.metadata"),
    words: " in the Job template",
};
const TEMPLATE_OF_JOB: Place = Place {
    metadata: ("/spec/jobTemplate/spec/template/metadata", "spec.jobTemplate.spec.template.metadata"),
    words: " in the Pod template",
};

impl Policy for RequiredLabels {
    const METADATA: Metadata = Metadata::new("policy-required-labels", Severity::Low, "MT3016")
        .targets(WORKLOADS)
        .operations(&[Operation::Create, Operation::Update])
        .title("Required labels")
        .description("Labels say whose an object is and what it belongs to.")
        .url("https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/");
    type Parameters = Labels;

    fn evaluate(document: &Document, parameters: Labels) -> Result<Vec<Violation>, Error> {
        let kind = document.request().string("/kind/kind").unwrap_or_default();
        let mut violations = Vec::new();
        for place in places(&kind) {
            judge(document, place, &parameters, &mut violations);
        }
        Ok(Violation::distinct(violations))
    }
}

/// What is made from a template has its labels, and is judged by itself later, when nobody reads the message
/// any more.
fn places(kind: &str) -> &'static [Place] {
    match kind {
        "Pod" => &[OBJECT],
        "CronJob" => &[OBJECT, JOB_TEMPLATE, TEMPLATE_OF_JOB],
        _ => &[OBJECT, TEMPLATE],
    }
}

fn judge(document: &Document, place: &Place, parameters: &Labels, violations: &mut Vec<Violation>) {
    let found: Vec<(String, Content)> =
        document.value().fields(&[place.metadata.0, "/labels"].concat()).collect();
    for key in &parameters.labels {
        let there = |(name, content): &(String, Content)| {
            name == key && content.as_str().is_some_and(|value| !value.is_empty())
        };
        if !found.iter().any(there) {
            violations.push(violation(place, key, &["is missing", place.words].concat()));
        }
    }
    for (key, content) in &found {
        let value = content.as_str().unwrap_or_default();
        if !is_allowed(key, value, &parameters.values) {
            let fault = ["has value \"", value, "\"", place.words, ", which is not allowed"].concat();
            violations.push(violation(place, key, &fault));
        }
    }
}

/// Whether a label may have that value; any will do if the values name none for the label.
fn is_allowed(key: &str, value: &str, values: &[String]) -> bool {
    let mut is_named = false;
    for named in values {
        let allowed = named.strip_prefix(key).and_then(|rest| rest.strip_prefix('='));
        if allowed == Some(value) {
            return true;
        }
        is_named |= allowed.is_some();
    }
    !is_named
}

fn violation(place: &Place, key: &str, fault: &str) -> Violation {
    Violation::new(["Label \"", key, "\" ", fault].concat())
        .field([place.metadata.1, ".labels[", key, "]"].concat())
}

export!(RequiredLabels);

#[cfg(test)]
mod tests {
    use magtape_sdk::testing::Case;

    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<RequiredLabels>(include_str!(
            "../../../testing/cases/hardening/mt3016-required-labels.yaml"
        ));
    }

    #[test]
    fn says_where_it_is() {
        let case = Case::object("{kind: CronJob}");
        let violations = case.evaluate::<RequiredLabels>().unwrap().violations.unwrap();
        let mut places: Vec<_> = violations.iter().filter_map(Violation::place).collect();
        places.sort_unstable();
        assert_eq!(
            places,
            [
                "metadata.labels[app.kubernetes.io/name]",
                "spec.jobTemplate.metadata.labels[app.kubernetes.io/name]",
                "spec.jobTemplate.spec.template.metadata.labels[app.kubernetes.io/name]"
            ]
        );
    }
}
