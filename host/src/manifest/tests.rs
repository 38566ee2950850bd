use super::*;

fn read_text(text: &str) -> Vec<Document> {
    let found = files::Found { source: "f.yaml".to_owned(), text: Ok(text.to_owned()), is_named: true };
    objects_of_file(found).into_iter().map(Document::from).collect()
}

fn kinds(text: &str) -> Vec<Result<String, String>> {
    read_text(text).into_iter().map(|document| document.request.map(|request| request.kind.kind)).collect()
}

#[test]
fn a_file_has_documents_and_a_list_has_items() {
    let documents = read_text(
        "apiVersion: v1\nkind: Pod\n---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: \
         Service, metadata: {name: s, namespace: shop}}\n- {apiVersion: apps/v1, kind: Deployment}\n",
    );
    let places: Vec<String> = documents.iter().map(|document| document.place.to_string()).collect();
    assert_eq!(places, ["f.yaml, document 1", "f.yaml, document 2, item 1", "f.yaml, document 2, item 2"]);
    let service = documents[1].request.as_ref().unwrap();
    assert_eq!((service.name.as_str(), service.namespace.as_str()), ("s", "shop"));
    assert_eq!(documents[2].request.as_ref().unwrap().kind.api_version(), "apps/v1");
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_judged() {
    let found = kinds("kind: [\n---\napiVersion: v1\nkind: Pod\n---\nkind: Pod\n---\nfoo: 1\n");
    assert!(found[0].as_ref().unwrap_err().starts_with("line "), "{found:?}");
    assert_eq!(found[1], Ok("Pod".to_owned()));
    assert_eq!(found[2], Err("is no Kubernetes object: it has no apiVersion".to_owned()));
    assert_eq!(found[3], Err("is no Kubernetes object: it has no kind".to_owned()));
    assert_eq!(kinds("# only words\n"), [Err("holds no document".to_owned())]);
}

#[test]
fn the_line_of_an_error_is_the_files_own() {
    let documents = read_text("apiVersion: v1\nkind: Pod\n---\na: 1\nb: \"\n");
    let reason = documents[1].request.as_ref().unwrap_err();
    assert!(reason.starts_with("line 5") || reason.starts_with("line 6"), "{reason}");
}

#[test]
fn a_review_is_taken_as_it_is() {
    let documents = read_text(
        r#"{"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {"uid": "u",
            "kind": {"group": "", "version": "v1", "kind": "Pod"}, "operation": "DELETE", "oldObject": {}}}"#,
    );
    let request = documents[0].request.as_ref().unwrap();
    assert_eq!((request.uid.as_str(), request.operation.as_str()), ("u", "DELETE"));
}

#[test]
fn a_list_that_cannot_be_opened_is_no_object() {
    let pod = r#"{"apiVersion": "v1", "kind": "Pod"}"#;
    let nest = |depth: usize| {
        (0..depth).fold(pod.to_owned(), |inner, _| {
            format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{inner}]}}"#)
        })
    };
    assert_eq!(kinds(&nest(8)), [Ok("Pod".to_owned())]);
    assert!(kinds(&nest(9))[0].as_ref().unwrap_err().starts_with("is a list in a list"));
    let odd = kinds(r#"{"apiVersion": "v1", "kind": "List", "items": {}}"#);
    assert_eq!(odd, [Err("is a list whose items are no list".to_owned())]);
}

#[test]
fn of_a_directory_what_is_no_manifest_is_left_out_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("pod.yaml", "apiVersion: v1\nkind: Pod\n");
    write("typo.yaml", "apiversion: v1\nkind: Pod\n");
    write("values.yaml", "replicas: 3\n");
    write("dashboard.json", "{}");
    write("list.json", r#"[{"apiVersion": "v1", "kind": "Pod"}]"#);
    write("raw.json", r#"{"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "web"}}]}"#);
    write("chart/Chart.yaml", "name: web\n");
    write("chart/templates/pod.yaml", "{{ if }}\n");
    let (documents, left_out) = read(&[folder.path().to_owned()]);
    let found: Vec<_> =
        documents.into_iter().map(|document| document.request.map(|request| request.kind.kind)).collect();
    let no = |field: &str| Err(format!("is no Kubernetes object: it has no {field}"));
    // In order of their files: a list is looked into, and what is in it has to be an object.
    assert_eq!(found, [no("kind"), Ok("Pod".to_owned()), no("kind"), no("apiVersion")]);
    let told: Vec<String> = left_out.iter().map(|left| format!("{} {}", left.place, left.reason)).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("chart left out: it is a Helm chart; what `helm template` makes"), "{told:?}");
    assert!(told.iter().any(|told| told.contains("values.yaml, document 1 left out")), "{told:?}");
    for named in ["chart", "values.yaml"] {
        let (documents, left_out) = read(&[folder.path().join(named)]);
        assert!(left_out.is_empty() && documents.iter().all(|document| document.request.is_err()), "{named}");
    }
}
