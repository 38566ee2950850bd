//! Deployments: which programs run in their containers, and what becomes of each.

mod gatekeeper;
mod kube_mgmt;
mod opa;

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Object,
    findings::Findings,
    object::{items, texts},
};

/// The port that MagTape's Service sends requests to.
const PORT: u64 = 5000;

/// A program of an install.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    MagTape,
    MagTapeInit,
    Opa,
    KubeMgmt,
    Gatekeeper,
}

/// The namespaces of Deployments that bring policies of ConfigMaps to a webhook.
pub(super) fn homes(objects: &[Object], default: &str) -> BTreeSet<String> {
    let with_policies = |object: &&Object| {
        programs(object).any(|(program, _)| matches!(program, Program::MagTape | Program::KubeMgmt))
    };
    let namespace = |object: &Object| match object.namespace() {
        "" => default.to_owned(),
        namespace => namespace.to_owned(),
    };
    objects.iter().filter(with_policies).map(namespace).collect()
}

/// The containers of MagTape's webhook and of its init container.
pub(super) fn magtape(object: &Object) -> impl Iterator<Item = &Value> {
    let own = |(program, container)| {
        matches!(program, Program::MagTape | Program::MagTapeInit).then_some(container)
    };
    programs(object).filter_map(own)
}

/// Says what becomes of each container.
pub(super) fn examine(object: &Object, level: Option<&str>, findings: &mut Findings) {
    let found: Vec<Program> = programs(object).map(|(program, _)| program).collect();
    for (program, container) in programs(object) {
        match program {
            Program::MagTape => webhook(object, container, level, findings),
            Program::MagTapeInit => findings.ignored(
                object,
                "the init container goes: certificates and the webhook configuration are kept by the webhook itself",
            ),
            Program::Opa => opa::examine(object, &arguments(container), findings),
            Program::KubeMgmt => {
                let with_magtape = found.contains(&Program::MagTape);
                kube_mgmt::examine(object, &arguments(container), with_magtape, findings);
            }
            Program::Gatekeeper => gatekeeper::examine(object, &arguments(container), findings),
        }
    }
}

fn webhook(object: &Object, container: &Value, level: Option<&str>, findings: &mut Findings) {
    let judged = "owner references are not trusted any more: Pods of Deployments are judged too, and MT1008, MT1009 and \
                  MT1010 look at workloads as well as at Pods";
    let first = "judge what runs before you switch: kubectl get \
                 deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs,pods -A -o yaml | magtape check -; or begin \
                 with MAGTAPE_DENY_LEVEL=OFF";
    if level.is_some_and(|level| level.eq_ignore_ascii_case("OFF")) {
        findings.changes(object, judged, "read the warnings before you raise the deny level");
    } else {
        findings.needs_action(object, judged, first);
    }
    findings.changes(
        object,
        "the containers magtape, opa and kube-mgmt become one",
        "apply a Deployment of this name with the one container; it takes the requests of the same Service",
    );
    let ports: Vec<u64> =
        items(container, "/ports").filter_map(|port| port.get("containerPort")?.as_u64()).collect();
    if ports.is_empty() || ports.contains(&PORT) {
        findings.same(object, "listens on port 5000, with TLS");
    } else {
        findings.needs_action(
            object,
            format!("listens on port {ports:?}, and this program on 5000"),
            "set MAGTAPE_LISTEN, or the targetPort of the Service",
        );
    }
}

/// The programs in the containers of a Deployment, and of whatever else has a Pod template.
fn programs(object: &Object) -> impl Iterator<Item = (Program, &Value)> {
    let init = items(&object.value, "/spec/template/spec/initContainers");
    let all = items(&object.value, "/spec/template/spec/containers").chain(init);
    all.filter_map(|container| Some((program(container)?, container)))
}

/// By its image, whatever registry that is in; by its name where the image does not say.
fn program(container: &Value) -> Option<Program> {
    let text = |field: &str| container.get(field).and_then(Value::as_str).unwrap_or_default();
    let of_image = |name: &str| match name {
        "magtape" => Some(Program::MagTape),
        "magtape-init" => Some(Program::MagTapeInit),
        "opa" => Some(Program::Opa),
        "kube-mgmt" => Some(Program::KubeMgmt),
        "gatekeeper" => Some(Program::Gatekeeper),
        _ => None,
    };
    of_image(image_name(text("image"))).or_else(|| of_image(text("name")))
}

/// `opa` of `registry:5000/openpolicyagent/opa:0.37.2-static@sha256:…`.
fn image_name(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split(':').next().unwrap_or_default()
}

/// What the program is started with.
fn arguments(container: &Value) -> Vec<&str> {
    [texts(container, "/command"), texts(container, "/args")].concat()
}

/// A flag with its value, `--flag=value` or `--flag value`; a flag without a value has an empty one.
fn flags<'a>(arguments: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let mut flags = Vec::new();
    let mut rest = arguments.iter().peekable();
    while let Some(argument) = rest.next() {
        if !argument.starts_with('-') {
            continue;
        }
        let flag = match argument.split_once('=') {
            Some(pair) => pair,
            None => (*argument, rest.next_if(|next| !next.starts_with('-')).copied().unwrap_or_default()),
        };
        flags.push(flag);
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_known_wherever_its_image_is() {
        for (image, expected) in [
            ("opa", "opa"),
            ("openpolicyagent/opa:0.37.2-static", "opa"),
            ("registry.example.com:5000/mirror/kube-mgmt:4.1.1@sha256:00", "kube-mgmt"),
            ("registry.example.com/magtape-init", "magtape-init"),
            ("", ""),
            ("/", ""),
        ] {
            assert_eq!(image_name(image), expected, "{image}");
        }
    }

    #[test]
    fn a_flag_has_its_value_behind_it_or_after_it() {
        let arguments = ["run", "--server", "--addr", ":8181", "--set=a.b=c", "-c", "config.yaml", "--last"];
        let expected = [
            ("--server", ""),
            ("--addr", ":8181"),
            ("--set", "a.b=c"),
            ("-c", "config.yaml"),
            ("--last", ""),
        ];
        assert_eq!(flags(&arguments), expected);
    }
}
