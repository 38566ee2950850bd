//! `magtape migrate check` as somebody who is about to switch runs it: on manifests, and on a real cluster.

use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use magtape_testing::{client::Effect, cluster::Cluster};
use serde_json::{Value, json};

fn installs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testing/installs")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_magtape"));
    command.args(["migrate", "check"]).args(arguments).current_dir(installs());
    command.env("MAGTAPE_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
    command.env_remove("MAGTAPE_DENY_LEVEL");
    command
}

fn check(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8(output.stderr.clone()).unwrap()
}

fn on_input(text: &str) -> Output {
    let mut child = command(&["-o", "json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The findings of an answer: effect, object and what is said.
fn findings(output: &Output) -> Vec<(String, String, String)> {
    let document: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(output)));
    let text = |finding: &Value, field: &str| finding[field].as_str().unwrap().to_owned();
    document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (text(finding, "effect"), text(finding, "object"), text(finding, "what")))
        .collect()
}

/// Each row is found: an effect, the end of an object's title, and a part of what is said.
fn assert_found(output: &Output, expected: &[(&str, &str, &str)]) {
    let findings = findings(output);
    for (effect, object, what) in expected {
        let found = findings
            .iter()
            .any(|(has, title, said)| has == effect && title.ends_with(object) && said.contains(what));
        assert!(found, "no {effect:?} of {object} with {what:?} in {findings:#?}");
    }
}

#[test]
fn an_install_of_magtape_is_told_what_changes() {
    let output = check(&["-o", "json", "magtape"]);
    assert_eq!(code(&output), 1, "{}", text(&output));
    assert_found(
        &output,
        &[
            ("needs action", "/magtape", "owner references are not trusted"),
            ("changes", "/magtape", "the containers magtape, opa and kube-mgmt become one"),
            ("same", "/magtape", "port 5000"),
            ("ignored", "/magtape", "the init container goes"),
            ("ignored", "/magtape", "the container opa goes"),
            ("same", "/magtape", "--require-policy-label=true"),
            ("same", "/magtape", "MAGTAPE_POD_NAME is honoured"),
            ("same", "/magtape-env", "MAGTAPE_DENY_LEVEL=LOW is honoured"),
            ("ignored", "/magtape-env", "OPA_BASE_URL is ignored"),
            ("ignored", "/magtape-env", "MAGTAPE_DENY_VOLUME is unknown"),
            (
                "changes",
                "/magtape-vwc-template",
                "its rules do not have pods/ephemeralcontainers, replicationcontrollers, \
              services, replicasets, jobs, cronjobs",
            ),
            ("changes", "/magtape-vwc-template", "sideEffects None"),
            ("changes", "/magtape-vwc-template", "waits for 10 seconds"),
            ("changes", "/magtape-tls", "used until the API server trusts a new one"),
            ("ignored", "/magtape-opa-entrypoint", "is not needed"),
            ("ignored", "/magtape-opa-default-main", "is not needed"),
            ("changes", "/policy-host-path", "in the place of the policy of that name in the binary"),
            ("changes", "/policy-team-label", "looks at Pods only"),
            ("needs action", "/policy-odd-severity", "unknown severity \"CRITICAL\""),
            ("ignored", "magtape-write", "signers"),
            ("ignored", "magtape-read", "secrets"),
            ("changes", "/magtape-ops", "leases"),
        ],
    );
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let counted: u64 =
        summary["summary"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(usize::try_from(counted).unwrap(), findings(&output).len());
    assert_eq!(summary["errors"], json!([]));
}

#[test]
fn an_install_of_opa_is_told_what_is_lost() {
    let output = check(&["-o", "json", "--namespace", "opa", "opa"]);
    assert_eq!(code(&output), 1, "{}", text(&output));
    assert_found(
        &output,
        &[
            ("ignored", "opa/opa", "the container kube-mgmt goes"),
            ("same", "opa/opa", "--replicate-cluster=v1/namespaces"),
            ("same", "opa/opa", "--replicate=networking.k8s.io/v1/ingresses"),
            ("needs action", "opa/opa", "not in team-policies"),
            ("needs action", "opa/opa", "--policy-label=example.com/rego: cannot be changed"),
            ("changes", "opa/opa", "default_decision=system/main"),
            ("needs action", "opa/opa", "there is no decision log"),
            ("needs action", "opa/opa", "services.bundles.credentials.bearer.token"),
            ("needs action", "opa-validating-webhook", "the path /v0/data/system/main"),
            ("needs action", "opa-validating-webhook", "asks in v1beta1 only"),
            ("needs action", "opa-validating-webhook", "has no namespaceSelector"),
            ("changes", "opa-validating-webhook", "DELETE"),
            ("same", "opa-validating-webhook", "timeoutSeconds 5"),
            (
                "changes",
                "opa/registries",
                "is loaded: its violations have the severity HIGH and the code OPA",
            ),
            ("changes", "opa/registries-allowed", "data.opa.registries-allowed"),
            ("needs action", "team-policies/scanner", "in a namespace that the webhook does not read"),
            ("needs action", "team-policies/scanner", "http.send"),
            ("ignored", "opa/opa-default-system-main", "not needed"),
        ],
    );
}

#[test]
fn an_install_of_gatekeeper_is_told_what_is_not_there() {
    let output = check(&["-o", "json", "--namespace", "gatekeeper-system", "gatekeeper"]);
    assert_eq!(code(&output), 1, "{}", text(&output));
    assert_found(
        &output,
        &[
            ("needs action", "/gatekeeper-audit", "there is no audit"),
            ("changes", "/gatekeeper-controller-manager", "its webhook is this program's"),
            ("needs action", "/gatekeeper-controller-manager", "--exempt-namespace=gatekeeper-system"),
            ("needs action", "gatekeeper-validating-webhook-configuration", "admission.gatekeeper.sh/ignore"),
            ("needs action", "/config", "exempts the namespaces kube-system, monitoring"),
            ("needs action", "/config", "spec.sync"),
            ("needs action", "AssignMetadata owner", "nothing is mutated"),
            ("needs action", "Provider scanner", "no providers"),
            ("needs action", "ExpansionTemplate deployments", "not expanded"),
            ("changes", "ConstraintTemplate k8steamlabel", "read from files"),
            ("same", "K8sTeamLabel pods-have-a-team", "K8sTeamLabel/pods-have-a-team"),
            ("needs action", "K8sTeamLabel misspelt", "denied"),
            ("needs action", "ConstraintTemplate k8sreplicas", "K8sNativeValidation only"),
        ],
    );
    let sandbox = findings(&output).into_iter().filter(|(_, _, what)| what.contains("sandbox")).count();
    assert_eq!(sandbox, 0, "what is exempt from audit alone is judged");
}

#[test]
fn nothing_to_do_ends_with_0_and_secrets_are_not_shown() {
    let quiet =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: magtape-env}\ndata: {MAGTAPE_DENY_LEVEL: 'off'}\n";
    assert_eq!(code(&on_input(quiet)), 0, "{}", text(&on_input(quiet)));
    for folder in ["magtape", "opa"] {
        let output = check(&[folder]);
        for secret in ["not/for/printing", "not-for-printing", "bm90IGEga2V5"] {
            assert!(!text(&output).contains(secret), "{}", text(&output));
        }
    }
}

#[test]
fn a_value_that_the_webhook_does_not_start_with_needs_action() {
    let map = |level: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: magtape-env}}\ndata: {{MAGTAPE_DENY_LEVEL: '{level}'}}\n"
        )
    };
    for (level, expected) in [("MEDIUM", 1), ("", 1), ("med", 0)] {
        let output = on_input(&map(level));
        assert_eq!(code(&output), expected, "{level}: {}", text(&output));
    }
}

#[test]
fn a_certificate_that_was_brought_along_needs_its_authority() {
    let secret = |keys: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: magtape-tls, annotations: {{magtape-byoc: 'yes'}}}}\n\
             data: {{cert.pem: YQ==, key.pem: YQ==}}\n---\n\
             apiVersion: v1\nkind: Secret\nmetadata: {{name: magtape-tls-ca}}\ndata: {{{keys}}}\n"
        )
    };
    let without = on_input(&secret(""));
    assert_eq!(code(&without), 1, "{}", text(&without));
    assert_found(&without, &[("needs action", "magtape-tls", "no magtape-tls-ca with rootca.pem")]);
    let with = on_input(&secret("rootca.pem: YQ=="));
    assert_eq!(code(&with), 0, "{}", text(&with));
    assert_found(&with, &[("changes", "magtape-tls", "its CA is what the API server is told to trust")]);
}

#[test]
fn the_configuration_of_the_guide_needs_nothing() {
    let page = installs().join("../../docs/migrating-from-magtape.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (configuration, _) = rest.split_once("   ```").unwrap();
    let output = on_input(configuration);
    assert_eq!(code(&output), 0, "{}", text(&output));
    assert_found(&output, &[("same", "magtape-next", "have all that the policies look at")]);
    assert!(findings(&output).iter().all(|(effect, _, _)| effect == "same"), "{}", text(&output));
}

#[test]
fn usage_and_what_cannot_be_read_end_with_2() {
    for (arguments, expected) in [
        (&[][..], "required"),
        (&["--cluster", "magtape"], "cannot be used with"),
        (&["no-such-file.yaml"], "cannot be read"),
    ] {
        let output = check(arguments);
        assert_eq!(code(&output), 2, "{}", text(&output));
        assert!(text(&output).contains(expected), "{}", text(&output));
    }
    let nothing = on_input("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n");
    assert_eq!(code(&nothing), 2);
    assert!(text(&nothing).contains("nothing of MagTape"), "{}", text(&nothing));
    let broken = on_input(
        "kind: [\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: magtape-env}\ndata: {FLASK_ENV: a}\n",
    );
    assert_eq!(code(&broken), 2, "{}", text(&broken));
    assert_found(&broken, &[("ignored", "magtape-env", "FLASK_ENV")]);
}

/// What an install of MagTape has, as manifests; rights are there to be read, not to be had.
fn objects_of(folder: &str) -> Vec<Value> {
    let mut objects = Vec::new();
    for entry in std::fs::read_dir(installs().join(folder)).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let documents = magtape::yaml::documents(&text).unwrap();
        objects.extend(documents.into_iter().map(|(_, document)| magtape::yaml::parse(document).unwrap()));
    }
    objects
}

#[tokio::test]
async fn an_install_is_read_where_it_runs() {
    // Its own, because roles and webhook configurations are the cluster's.
    let cluster = Cluster::start().await.unwrap();
    let client = cluster.client().unwrap();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "magtape-system"}});
    for object in [namespace].into_iter().chain(objects_of("magtape")) {
        let reply = client.create(&object, Effect::Real).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
    }
    let kubeconfig = cluster.kubeconfig().unwrap();
    let in_cluster = |arguments: &[&str]| {
        let arguments = [&["--cluster", "-o", "json"], arguments].concat();
        command(&arguments).env("KUBECONFIG", &kubeconfig).output().unwrap()
    };
    let output = in_cluster(&[]);
    assert_eq!(code(&output), 1, "{}", text(&output));
    // The same is said of the manifests, but that a cluster gives every namespace ConfigMaps and roles of its own.
    let of = |output: &Output| findings(output).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(of(&output), of(&check(&["-o", "json", "magtape"])));
    let elsewhere = in_cluster(&["--namespace", "default"]);
    assert_eq!(code(&elsewhere), 0, "{}", text(&elsewhere));
    let alone: BTreeSet<String> = of(&elsewhere).into_iter().map(|(_, object, _)| object).collect();
    assert_eq!(alone, ["ClusterRole magtape-read", "ClusterRole magtape-write"].map(str::to_owned).into());
    let mut config: Value = serde_json::from_str(&std::fs::read_to_string(&kubeconfig).unwrap()).unwrap();
    config["users"][0]["user"]["as"] = "a-stranger".into();
    let stranger = cluster.folder().join("kubeconfig-a-stranger");
    std::fs::write(&stranger, config.to_string()).unwrap();
    let refused = command(&["--cluster"]).env("KUBECONFIG", &stranger).output().unwrap();
    assert_eq!(code(&refused), 2, "{}", text(&refused));
    for resource in ["secrets", "deployments", "configmaps", "validatingwebhookconfigurations"] {
        let expected = format!("User \"a-stranger\" cannot list resource \"{resource}\"");
        assert!(text(&refused).contains(&expected), "{}", text(&refused));
    }
    let away = command(&["--cluster"]).env("KUBECONFIG", "no-such-file").output().unwrap();
    assert_eq!(code(&away), 2);
    assert!(text(&away).contains("no cluster"), "{}", text(&away));
}
