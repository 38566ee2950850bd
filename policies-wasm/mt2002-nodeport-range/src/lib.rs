//! MT2002: keeps the node ports of a namespace inside the range that its annotation sets aside for it.

use magtape_sdk::{Content, Document, Error, Metadata, Policy, Severity, Value, Violation, export, lookup};

const NAMESPACES: &str = "v1/namespaces";
/// Where the annotation `k8s.t-mobile.com/nodeportRange` is in a namespace.
const ANNOTATION: &str = "/metadata/annotations/k8s.t-mobile.com~1nodeportRange";
/// No port has more digits, leading zeros aside, and a double holds this many exactly.
const MOST_DIGITS: usize = 15;

struct NodeportRange;

/// The ports from the first to the second; a missing end is NaN, and no port is above or below that.
struct Range(f64, f64);

impl Policy for NodeportRange {
    const METADATA: Metadata = Metadata::new("policy-nodeport-range", Severity::Med, "MT2002")
        .targets(&["Service"])
        .needs(&[NAMESPACES])
        .title("NodePort range")
        .description(
            "Keeps the node ports of a namespace inside the range that its annotation \
             k8s.t-mobile.com/nodeportRange sets aside for it.",
        );
    type Parameters = ();

    fn applies(document: &Document) -> bool {
        document.request().string("/object/spec/type").as_deref() == Some("NodePort")
    }

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let namespace = document.namespace();
        let Some(annotation) = annotation(&namespace) else { return Ok(Vec::new()) };
        let Some(ranges) = ranges(&annotation) else {
            let text = ["Invalid data in nodePort annotation in \"", &namespace, "\" namespace"].concat();
            return Ok(vec![Violation::new(text)]);
        };
        Ok(ports_outside(document, &ranges))
    }
}

export!(NodeportRange);

/// What a namespace is restricted to. None when it is unknown, has no annotation, or may use every port.
fn annotation(namespace: &str) -> Option<String> {
    let annotation = lookup(NAMESPACES)?.get(namespace)?.read(ANNOTATION)?;
    // What is no text is as invalid as an empty one.
    let annotation = annotation.into_string().unwrap_or_default();
    (!annotation.trim().eq_ignore_ascii_case("na")).then_some(annotation)
}

/// Ports and ranges between commas; empty places are allowed. None when anything else is there, or nothing.
fn ranges(annotation: &str) -> Option<Vec<Range>> {
    let items = annotation.split(',').map(str::trim).filter(|item| !item.is_empty());
    let ranges = items.map(range).collect::<Option<Vec<Range>>>()?;
    (!ranges.is_empty()).then_some(ranges)
}

/// A port, or two with a hyphen between them of which one may be missing.
fn range(item: &str) -> Option<Range> {
    let (from, to) = item.split_once('-').map_or((item, item), |(from, to)| (from.trim(), to.trim()));
    let are_digits = from.bytes().chain(to.bytes()).all(|byte| byte.is_ascii_digit());
    let is_empty = from.is_empty() && to.is_empty();
    (are_digits && !is_empty).then(|| Range(number(from), number(to)))
}

/// The number of these digits; the largest of [`MOST_DIGITS`] stands for every larger one.
fn number(digits: &str) -> f64 {
    let number = digits.trim_start_matches('0').bytes().take(MOST_DIGITS + 1);
    let number = number.fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0'));
    if digits.is_empty() { f64::NAN } else { number.min(999_999_999_999_999.0) }
}

fn ports_outside(document: &Document, ranges: &[Range]) -> Vec<Violation> {
    let ports = document.request().elements("/object/spec/ports").enumerate();
    let outside = ports.filter(|(_, port)| is_outside(*port, ranges));
    Violation::distinct(outside.map(|(index, port)| {
        let (number, service) = (port.show("/nodePort"), document.request().show("/object/metadata/name"));
        let text = ["nodePort ", &number, " is out of defined range for Service \"", &service, "\""].concat();
        Violation::new(text).field(["spec.ports[", &index.to_string(), "].nodePort"].concat())
    }))
}

/// Whether there is a node port that no range allows, such as one that is no number.
fn is_outside(port: Value, ranges: &[Range]) -> bool {
    let number = match port.read("/nodePort") {
        None | Some(Content::Boolean(false)) => return false,
        Some(Content::Integer(number)) => number as f64,
        Some(Content::Number(number)) => number,
        Some(_) => return true,
    };
    !ranges.iter().any(|Range(from, to)| *from <= number && number <= *to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_cases() {
        magtape_cases::check::<NodeportRange>(include_str!(
            "../../../testing/cases/mt2002-nodeport-range.yaml"
        ));
    }
}
