package ingress.hosts

deny[{"msg": msg, "details": {"host": host}}] {
    input.request.kind.kind == "Ingress"
    host := input.request.object.spec.rules[_].host
    contains(host, "*")
    msg := sprintf("host %v has a wildcard", [host])
}

deny[{"msg": msg}] {
    input.request.kind.kind == "Ingress"
    count(object.get(input.request.object.spec, "tls", [])) == 0
    msg := "an ingress needs a certificate"
}
