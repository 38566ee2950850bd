package kubernetes.admission.policy_liveness_probe

policy_metadata = {
    "name": "policy-liveness-probe",
    "severity": "LOW",
    "errcode": "MT1001",
    "targets": {"Deployment", "StatefulSet", "DaemonSet", "Pod"},
}

servicetype = input.request.kind.kind

matches {
    policy_metadata.targets[servicetype]
}

deny[info] {
    # Where the containers are depends on the kind.
    containers := get_containers(servicetype, policy_metadata)

    # A container that has the field at all is let through.
    container := containers[_]
    name := container.name
    not container.livenessProbe

    msg := sprintf("[FAIL] %v - Liveness Probe missing for container \"%v\" (%v)", [policy_metadata.severity, name, policy_metadata.errcode])

    info := {
        "name": policy_metadata.name,
        "severity": policy_metadata.severity,
        "errcode": policy_metadata.errcode,
        "msg": msg,
    }
}

get_containers(kind, metadata) = input.request.object.spec.containers {
    kind == "Pod"
} else = input.request.object.spec.template.spec.containers {
    metadata.targets[kind]
}
