package kubernetes.admission

deny[msg] {
    input.request.kind.kind == "Pod"
    name := input.request.object.metadata.name
    msg := sprintf("pod %v is refused", [nmae])
}
