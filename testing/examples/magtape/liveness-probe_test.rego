package kubernetes.admission.policy_liveness_probe

probed = {"name": "web", "livenessProbe": {"tcpSocket": {"port": 8080}}}

bare = {"name": "log"}

review(kind, spec) = {"request": {"kind": {"kind": kind}, "object": {"spec": spec}}}

texts[info.msg] {
    info := deny[_]
}

test_matches_the_targets {
    matches with input as review("Pod", {})
    matches with input as review("DaemonSet", {})
}

test_leaves_other_kinds_alone {
    not matches with input as review("Service", {})
}

test_pod_passes {
    count(deny) == 0 with input as review("Pod", {"containers": [probed]})
}

test_pod_fails_for_one_container {
    texts == {"[FAIL] LOW - Liveness Probe missing for container \"log\" (MT1001)"} with input as review("Pod", {"containers": [probed, bare]})
}

test_deployment_fails {
    count(deny) == 1 with input as review("Deployment", {"template": {"spec": {"containers": [bare]}}})
}

test_violation_has_the_metadata {
    info := deny[_] with input as review("Pod", {"containers": [bare]})
    info.name == "policy-liveness-probe"
    info.severity == "LOW"
    info.errcode == "MT1001"
}
