//! MT1009: an emptyDir volume lives on the node's disk: without a small size limit one Pod can fill the disk
//! for all of them.

use magtape_sdk::{Content, Document, Error, Metadata, Policy, Severity, Value, Violation, export};

struct EmptyDir;

impl Policy for EmptyDir {
    const METADATA: Metadata = Metadata::new("policy-emptydir", Severity::Med, "MT1009")
        .targets(&["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"])
        .title("Size of emptyDir volumes")
        .description(
            "An emptyDir volume lives on the node's disk: without a small size limit one Pod can fill the disk \
             for all of them.",
        );
    type Parameters = ();

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
        let problems = pod.value.elements("/volumes").enumerate().filter_map(|(index, volume)| {
            let problem = problem(volume)?;
            let text = ["Size limit of emptyDir volume \"", &volume.show("/name"), "\" ", problem].concat();
            let field = pod.path(&["volumes[", &index.to_string(), "].emptyDir.sizeLimit"].concat());
            Some(Violation::new(text).field(field))
        });
        Ok(Violation::distinct(problems))
    }
}

export!(EmptyDir);

/// What is wrong with the size limit of a volume, if it is an emptyDir at all.
fn problem(volume: Value) -> Option<&'static str> {
    if !volume.holds("/emptyDir") {
        return None;
    }
    let limit = match volume.read("/emptyDir/sizeLimit") {
        None | Some(Content::Boolean(false)) => return Some("is not set"),
        Some(limit) => limit.into_string().unwrap_or_default(),
    };
    match limit.trim().strip_suffix('M') {
        None => Some("is not in Megabytes"),
        Some(number) => exceeds_100(number.trim()).then_some("is greater than 100 Megabytes"),
    }
}

/// Compares digits as text: exact for any length. What is no number, such as the x of xM, exceeds nothing:
/// the API server refuses it anyway.
fn exceeds_100(text: &str) -> bool {
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let whole = whole.trim_start_matches('0');
    match whole.len() {
        0..=2 => false,
        3 => whole > "100" || whole == "100" && fraction.bytes().any(|digit| digit != b'0'),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<EmptyDir>(include_str!("../../../testing/cases/mt1009-emptydir.yaml"));
    }
}
