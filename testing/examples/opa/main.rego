package system

import data.kubernetes.admission

main = {
    "apiVersion": "admission.k8s.io/v1",
    "kind": "AdmissionReview",
    "response": response,
}

response = {"uid": uid, "allowed": true} {
    count(admission.deny) == 0
}

response = {"uid": uid, "allowed": false, "status": {"message": message}} {
    count(admission.deny) > 0
    message := concat(", ", admission.deny)
}

default uid = ""

uid = input.request.uid
