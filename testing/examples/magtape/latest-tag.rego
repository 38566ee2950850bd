package kubernetes.admission.policy_latest_tag

policy_metadata = {
    "name": "policy-latest-tag",
    "severity": "MED",
    "errcode": "ORG1002",
    "targets": {"Deployment", "StatefulSet", "DaemonSet", "Pod"},
}

matches {
    is_target(input.request.kind.kind)
}

deny[info] {
    is_target(input.request.kind.kind)
    container := containers[_]
    endswith(container.image, ":latest")

    info := {
        "name": policy_metadata.name,
        "severity": policy_metadata.severity,
        "errcode": policy_metadata.errcode,
        "msg": message(sprintf("Image of container \"%v\" has the tag latest", [container.name])),
    }
}

containers = input.request.object.spec.containers {
    input.request.kind.kind == "Pod"
}

containers = input.request.object.spec.template.spec.containers {
    input.request.kind.kind != "Pod"
}

# Functions that read the metadata: OPA's compiler only takes them when it is told
# to drop what no entrypoint uses.
is_target(kind) {
    policy_metadata.targets[kind]
}

message(text) = sprintf("[FAIL] %v - %v (%v)", [policy_metadata.severity, text, policy_metadata.errcode])
