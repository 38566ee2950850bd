package kubernetes.admission

review(kind, images) = {"request": {
    "kind": {"kind": kind},
    "object": {
        "metadata": {"name": "web"},
        "spec": {"containers": [{"image": image} | image := images[_]]},
    },
}}

test_trusted {
    count(deny) == 0 with input as review("Pod", ["registry.example.com/web:1"])
}

test_untrusted {
    deny == {"image nginx is not from registry.example.com"} with input as review("Pod", ["nginx", "registry.example.com/web:1"])
}

test_every_image_counts {
    count(deny) == 2 with input as review("Pod", ["nginx", "redis:7"])
}

test_one_image_twice_is_one_reason {
    count(deny) == 1 with input as review("Pod", ["nginx", "nginx"])
}

test_other_kinds {
    count(deny) == 0 with input as review("Job", ["nginx"])
}
