//! What is in `deploy`: the API server takes it, the webhook lives with the rights that it gives, and it passes the
//! webhook's own policies.

mod chart;
mod install;
mod upgrade;

use std::process::Command;

use magtape_testing::{client::Effect, cluster::Cluster};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{certificates::place::until, serve::webhook::Webhook};
use install::{Install, documents, render, root};

const RENDERED: [&str; 3] = ["deploy/base", "deploy/overlays/development", "deploy/overlays/production"];

/// It counts changes of what is wanted.
const GENERATION: &str = "jsonpath={.metadata.generation}";

#[test]
fn what_is_installed_passes_the_policies_that_come_with_it() {
    let folder = tempfile::tempdir().unwrap();
    for rendered in RENDERED {
        let file = folder.path().join("objects.yaml");
        std::fs::write(&file, render(rendered)).unwrap();
        for policies in ["embedded:rego", "embedded:hardening"] {
            let mut check = Command::new(env!("CARGO_BIN_EXE_magtape"));
            check.args(["check", "--deny-level", "HIGH", "--policies", policies]).arg(&file);
            let output = check.output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(
                output.status.success() && said.contains(" 0 violations"),
                "{rendered}, {policies}: {said}"
            );
        }
    }
}

/// As somebody would, who looks at the folder before anything of it is applied.
#[test]
fn the_folder_as_it_is_passes() {
    for policies in ["embedded:rust", "embedded:hardening"] {
        let mut check = Command::new(env!("CARGO_BIN_EXE_magtape"));
        check.current_dir(root()).args(["check", "--deny-level", "HIGH", "--policies", policies, "deploy/"]);
        let output = check.output().unwrap();
        let (said, noted) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{policies}: {said}{noted}");
        assert!(noted.contains("deploy/chart: left out: it is a Helm chart"), "{noted}");
    }
}

#[test]
fn the_overlays_change_what_they_say() {
    let value = |objects: &[Value], kind: &str, name: &str, pointer: &str| {
        let object =
            objects.iter().find(|object| object["kind"] == kind && object["metadata"]["name"] == name);
        object.unwrap().pointer(pointer).cloned().unwrap_or_default()
    };
    for (overlay, level, log, replicas, image) in [
        ("development", "LOW", "DEBUG", [1, 1, 3], "localhost/magtape:"),
        ("production", "MED", "INFO", [3, 3, 6], "registry.example.com/magtape:"),
    ] {
        let objects = documents(&render(&format!("deploy/overlays/{overlay}")));
        let env = |name: &str| {
            let set = value(&objects, "ConfigMap", "magtape-env", &format!("/data/{name}"));
            let holds = || value(&objects, "ConfigMap", "magtape-defaults", &format!("/data/{name}"));
            if set.is_null() { holds() } else { set }
        };
        assert_eq!((env("MAGTAPE_DENY_LEVEL"), env("MAGTAPE_LOG_LEVEL")), (json!(level), json!(log)));
        let scaled = [
            value(&objects, "Deployment", "magtape", "/spec/replicas"),
            value(&objects, "HorizontalPodAutoscaler", "magtape", "/spec/minReplicas"),
            value(&objects, "HorizontalPodAutoscaler", "magtape", "/spec/maxReplicas"),
        ];
        assert_eq!(scaled, replicas.map(|count| json!(count)));
        let used = value(&objects, "Deployment", "magtape", "/spec/template/spec/containers/0/image");
        assert!(used.as_str().unwrap().starts_with(image), "{used}");
    }
}

#[test]
fn the_right_to_read_secrets_of_all_namespaces_comes_with_slack_only() {
    let reads_secrets = |objects: &[Value]| {
        let roles = objects.iter().filter(|object| object["kind"] == "ClusterRole");
        roles.flat_map(|role| role["rules"].as_array().unwrap().clone()).any(|rule| {
            rule["resources"]
                .as_array()
                .unwrap()
                .iter()
                .any(|resource| resource == "secrets" || resource == "*")
        })
    };
    for rendered in RENDERED {
        assert!(!reads_secrets(&documents(&render(rendered))), "{rendered}");
    }
    let objects = with_slack();
    let role = objects.iter().find(|object| object["metadata"]["name"] == "magtape-slack").unwrap();
    assert_eq!(
        role["rules"],
        json!([{"apiGroups": [""], "resources": ["secrets"],
        "resourceNames": ["magtape-slack"], "verbs": ["get"]}])
    );
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let env = deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    // A variable of the container comes before all ConfigMaps.
    assert!(env.contains(&json!({"name": "MAGTAPE_SLACK_ENABLED", "value": "TRUE"})), "{env:?}");
}

/// The base with the component for Slack.
fn with_slack() -> Vec<Value> {
    documents(&render(slack_folder().path().to_str().unwrap()))
}

fn slack_folder() -> TempDir {
    let folder = tempfile::tempdir_in(root().join("target")).unwrap();
    let kustomization = json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
        "resources": ["../../deploy/base"], "components": ["../../deploy/components/slack"]});
    std::fs::write(folder.path().join("kustomization.yaml"), kustomization.to_string()).unwrap();
    folder
}

#[tokio::test]
async fn the_webhook_lives_with_the_rights_and_settings_of_its_install() {
    // Of its own: the webhook that is registered in it cannot be reached, and refuses for whoever uses its label.
    let cluster = Cluster::start().await.unwrap();
    let install = Install::new(&cluster);
    let applied = install.kubectl(&["apply", "-f", "deploy/install.yaml"]);
    assert!(!applied.contains("Warning"), "{applied}");
    install.kubectl(&["apply", "-f", "deploy/install.yaml"]);
    let generation =
        install.kubectl(&["get", "deployment", "magtape", "-n", "magtape-system", "-o", GENERATION]);
    assert_eq!(generation, "1", "the same again rolls out nothing");
    for overlay in ["development", "production"] {
        let path = format!("deploy/overlays/{overlay}");
        let said = install.kubectl(&["apply", "--dry-run=server", "-k", &path]);
        assert!(!said.contains("Warning"), "{said}");
    }

    let replica = install.replica("one", &install.template()).await;
    install.until_ready(&replica).await;
    registered_as_the_template_says(&install).await;
    policies_are_loaded_and_told(&install, &replica).await;
    nothing_was_forbidden(&replica);
    for (verb, resource) in [
        ("get", "secrets/other"),
        ("list", "secrets"),
        ("delete", "secrets/magtape-tls"),
        ("create", "configmaps"),
        ("delete", "configmaps/magtape-env"),
        ("update", "deployments/magtape"),
        ("patch", "validatingwebhookconfigurations/other"),
        ("create", "certificatesigningrequests"),
        ("update", "namespaces/magtape-system"),
    ] {
        assert_eq!(install.can_i(verb, resource), "no", "{verb} {resource}");
    }
}

async fn registered_as_the_template_says(install: &Install<'_>) {
    let bundle = install.get("Secret", "magtape-tls-ca").await["data"]["rootca.pem"].clone();
    until("the registration", || async { install.registered().await["webhooks"][0]["name"].is_string() })
        .await;
    let registered = install.registered().await;
    let webhook = &registered["webhooks"][0];
    assert_eq!(
        webhook["clientConfig"],
        json!({"caBundle": bundle, "service":
        {"name": "magtape-svc", "namespace": "magtape-system", "path": "/", "port": 443}})
    );
    let template: Value = magtape::yaml::parse(&install.template()).unwrap();
    for field in [
        "name",
        "failurePolicy",
        "matchConditions",
        "rules",
        "sideEffects",
        "timeoutSeconds",
        "namespaceSelector",
    ] {
        let (is, wanted) = (&webhook[field], &template["webhooks"][0][field]);
        assert!(!wanted.is_null() && is == wanted, "{field}: {is} instead of {wanted}");
    }
    assert_eq!(registered["metadata"]["labels"], json!({"app": "magtape"}));
}

async fn policies_are_loaded_and_told(install: &Install<'_>, replica: &Webhook) {
    let example = "testing/examples/magtape/liveness-probe-configmap.yaml";
    install.kubectl(&["apply", "-n", "magtape-system", "-f", example]);
    let map: Value = magtape::yaml::parse(&std::fs::read_to_string(root().join(example)).unwrap()).unwrap();
    let name = map["metadata"]["name"].as_str().unwrap().to_owned();
    install.has_status(&name, "ok").await;
    let key = map["data"].as_object().unwrap().keys().next().unwrap().clone();
    let patch = json!({"data": {key: "package nonsense\n("}}).to_string();
    install.kubectl(&["patch", "configmap", &name, "-n", "magtape-system", "--type=merge", "-p", &patch]);
    install.has_status(&name, "error").await;
    let events =
        async || install.kubectl(&["get", "events.events.k8s.io", "-n", "magtape-system", "-o", "json"]);
    until("the Event", || async { events().await.contains("PolicyNotLoaded") }).await;
    assert_eq!(replica.lines_with("cannot be written"), 0);
}

fn nothing_was_forbidden(replica: &Webhook) {
    for word in ["forbidden", "Forbidden", "cannot list", "403"] {
        assert_eq!(replica.lines_with(word), 0, "the log says {word}");
    }
}

#[tokio::test]
async fn the_registration_asks_for_what_it_should_and_locks_nobody_out() {
    let cluster = Cluster::start().await.unwrap();
    let install = Install::new(&cluster);
    install.kubectl(&["apply", "-f", "deploy/install.yaml"]);
    for namespace in ["shop", "other"] {
        install.kubectl(&["create", "namespace", namespace]);
    }
    // From before the webhook: one that is going, and one that stays.
    for name in ["going", "stays"] {
        let reply = install.create(&install.service("shop", name)).await;
        assert!(reply.is_success(), "{reply:?}");
    }
    install.client.delete(&install.service("shop", "going"), Effect::Real).await.unwrap();
    for namespace in ["shop", "kube-system", "magtape-system"] {
        install.kubectl(&["label", "namespace", namespace, "k8s.t-mobile.com/magtape=enabled"]);
    }
    let (_replica, _port) = install.reachable_replica().await;
    let denied = async |namespace: &str| {
        let reply = install.try_create(&install.service(namespace, "new")).await;
        reply.status == 403 && reply.message().contains("MT1006")
    };
    until("the API server to ask", || async { denied("shop").await }).await;
    for namespace in ["other", "kube-system", "magtape-system"] {
        assert!(!denied(namespace).await, "{namespace} is not judged");
    }

    let label = json!({"metadata": {"labels": {"team": "shop"}}});
    let patch = async |name: &str, patch: &Value| {
        install.client.patch(&install.service("shop", name), patch).await.unwrap()
    };
    assert_eq!(patch("stays", &label).await.status, 403, "what stays is judged");
    assert!(patch("going", &label).await.is_success(), "what only goes is not");
    let spec = json!({"spec": {"publishNotReadyAddresses": true}});
    assert_eq!(patch("going", &spec).await.status, 403, "what goes and changes is judged");
    assert!(patch("going", &json!({"metadata": {"finalizers": null}})).await.is_success());
    assert_eq!(
        install.client.get(&install.service("shop", "going")).await.unwrap().status,
        404,
        "it is gone"
    );
}

#[test]
fn the_workflows_run_tasks_and_nothing_that_nobody_else_can_run() {
    let mut commands = 0;
    for entry in std::fs::read_dir(root().join(".github/workflows")).unwrap() {
        let path = entry.unwrap().path();
        let workflow: Value = magtape::yaml::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let jobs = workflow["jobs"].as_object().unwrap().values();
        for step in jobs.flat_map(|job| job["steps"].as_array().unwrap()) {
            let Some(run) = step["run"].as_str() else { continue };
            commands += 1;
            // A draft of a release is made by GitHub's own program.
            assert!(
                run.starts_with("cargo xtask ") || run.starts_with("gh release "),
                "{}: {run}",
                path.display()
            );
        }
    }
    assert!(commands >= 3, "{commands}");
}
