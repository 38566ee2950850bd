//! An install in a cluster, as `kubectl apply` leaves it, and replicas that run as its Pods would.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use magtape_testing::{
    certs,
    client::{Client, Effect, Reply},
    cluster::Cluster,
    tools::Tool,
};
use serde_json::{Value, json};

use crate::{
    certificates::place::{status, until},
    serve::webhook::{self, Webhook},
};

const NAMESPACE: &str = "magtape-system";

pub struct Install<'c> {
    pub client: Client,
    cluster: &'c Cluster,
}

/// The root of the repository, where paths begin.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// What kustomize makes of a folder.
pub fn render(folder: &str) -> String {
    output(Command::new(Tool::Kubectl.built().unwrap()).args(["kustomize", folder]))
}

pub fn documents(text: &str) -> Vec<Value> {
    let documents = magtape::yaml::documents(text).unwrap();
    documents.iter().map(|(_, text)| magtape::yaml::parse(text).unwrap()).collect()
}

/// What a command says, on both streams; it has to succeed.
pub fn output(command: &mut Command) -> String {
    let output = command.current_dir(root()).output().unwrap();
    let said = |stream: &[u8]| String::from_utf8_lossy(stream).into_owned();
    let (stdout, stderr) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{command:?}: {stderr}{stdout}");
    stdout + &stderr
}

// === impl Install ===

impl<'c> Install<'c> {
    pub fn new(cluster: &'c Cluster) -> Self {
        Self { client: cluster.client().unwrap(), cluster }
    }

    fn kubectl_as(&self, kubeconfig: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(Tool::Kubectl.built().unwrap());
        command
            .arg("--kubeconfig")
            .arg(kubeconfig)
            .arg("--cache-dir")
            .arg(self.cluster.folder().join("kubectl"));
        command.args(arguments);
        command
    }

    /// `kubectl` with every right.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        output(&mut self.kubectl_as(&self.cluster.kubeconfig().unwrap(), arguments))
    }

    /// Whether the service account may do that in its namespace: `yes` or `no`.
    pub fn can_i(&self, verb: &str, resource: &str) -> String {
        let arguments = ["auth", "can-i", verb, resource, "-n", NAMESPACE];
        let asked = self.kubectl_as(&self.kubeconfig(), &arguments).current_dir(root()).output().unwrap();
        String::from_utf8(asked.stdout).unwrap().trim().to_owned()
    }

    /// Access with a token of the service account, as a Pod has it.
    fn kubeconfig(&self) -> PathBuf {
        let token = self.kubectl(&["create", "token", "magtape-sa", "-n", NAMESPACE]);
        let text = fs::read_to_string(self.cluster.kubeconfig().unwrap()).unwrap();
        let mut config: Value = serde_json::from_str(&text).unwrap();
        config["users"][0]["user"] = json!({"token": token.trim()});
        let path = self.cluster.folder().join("magtape-sa.kubeconfig");
        fs::write(&path, config.to_string()).unwrap();
        path
    }

    /// The text that a Pod finds at `/vwc/magtape-vwc.yaml`.
    pub fn template(&self) -> String {
        let map = ["get", "configmap", "magtape-vwc-template", "-n", NAMESPACE];
        self.kubectl(&[&map[..], &["-o", "jsonpath={.data.magtape-vwc}"]].concat())
    }

    /// A replica as the Deployment describes it, but for paths and the port.
    pub async fn replica(&self, pod: &str, template: &str) -> Webhook {
        self.start(pod, template, 0, &[]).await
    }

    /// A replica that the API server can reach, by an address in place of the Service, and its port.
    pub async fn reachable_replica(&self) -> (Webhook, u16) {
        self.reachable_replica_with(&[]).await
    }

    /// The same with further variables.
    pub async fn reachable_replica_with(&self, more: &[(&str, &str)]) -> (Webhook, u16) {
        // The template has to name the port before anybody listens there.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut template: Value = magtape::yaml::parse(&self.template()).unwrap();
        template["webhooks"][0]["clientConfig"] = json!({"url": format!("https://localhost:{port}/")});
        (self.start("reachable", &template.to_string(), port, more).await, port)
    }

    async fn start(&self, pod: &str, template: &str, port: u16, more: &[(&str, &str)]) -> Webhook {
        let get = |kind: &str, name: &str| -> Value {
            serde_json::from_str(&self.kubectl(&["get", kind, name, "-n", NAMESPACE, "-o", "json"])).unwrap()
        };
        let file = self.cluster.folder().join(format!("{pod}-vwc.yaml"));
        fs::write(&file, template).unwrap();
        let deployment = get("deployment", "magtape");
        let arguments = &deployment["spec"]["template"]["spec"]["containers"][0]["args"];
        let arguments: Vec<_> =
            arguments.as_array().unwrap().iter().map(|argument| argument.as_str().unwrap()).collect();
        assert_eq!(arguments, ["serve", "--webhook-template=/vwc/magtape-vwc.yaml"]);
        let mut command = webhook::command(&[&format!("--webhook-template={}", file.display())]);
        // As the Deployment names them, so that a later one comes before those before it.
        let sources = &deployment["spec"]["template"]["spec"]["containers"][0]["envFrom"];
        for source in sources.as_array().unwrap() {
            let name = source["configMapRef"]["name"].as_str().unwrap();
            let env = self.get("ConfigMap", name).await["data"].clone();
            let is_there = env.is_object() || source["configMapRef"]["optional"] == true;
            assert!(is_there, "there is no ConfigMap {name}");
            let env = env.as_object().cloned().unwrap_or_default();
            command.envs(env.iter().map(|(name, value)| (name, value.as_str().unwrap())));
        }
        let env = deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
        let plain = env.iter().filter_map(|entry| Some((entry["name"].as_str()?, entry["value"].as_str()?)));
        command.envs(plain);
        command.envs(more.iter().copied());
        command.env("KUBECONFIG", self.kubeconfig()).env("MAGTAPE_NAMESPACE_NAME", NAMESPACE);
        command.env("MAGTAPE_POD_NAME", pod).env("MAGTAPE_LISTEN", format!("127.0.0.1:{port}"));
        let nobody = certs::Authority::generate("nobody").unwrap();
        Webhook::run(command, Some(nobody.pem().as_bytes().to_vec())).await
    }

    /// Waits until a replica says that it is ready, to one that asks by the Service's name and trusts its CA.
    pub async fn until_ready(&self, replica: &Webhook) {
        let is_ready = || async {
            let ca = self.get("Secret", "magtape-tls-ca").await;
            let Some(ca) = ca["data"]["rootca.pem"].as_str() else { return false };
            let bundle = String::from_utf8(BASE64_STANDARD.decode(ca).unwrap()).unwrap();
            let host = "magtape-svc.magtape-system.svc";
            status(host, Some(&bundle), replica.address(), "/readyz").await.is_ok_and(|status| status == 200)
        };
        until("the replica to be ready", is_ready).await;
    }

    pub async fn get(&self, kind: &str, name: &str) -> Value {
        let object =
            json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}});
        self.client.get(&object).await.unwrap().body
    }

    pub async fn registered(&self) -> Value {
        let object = json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "magtape-webhook"}});
        self.client.get(&object).await.unwrap().body
    }

    /// Waits until the ConfigMap has been told that.
    pub async fn has_status(&self, name: &str, expected: &str) {
        let told = || async {
            let map = self.get("ConfigMap", name).await;
            let told = map.pointer("/metadata/annotations/openpolicyagent.org~1policy-status");
            let told = told.and_then(Value::as_str).unwrap_or("null");
            serde_json::from_str::<Value>(told).unwrap()["status"] == expected
        };
        until(expected, told).await;
    }

    /// A Service that MT1006 refuses, with a finalizer.
    pub fn service(&self, namespace: &str, name: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name, "namespace": namespace, "finalizers": ["magtape.example.com/test"]},
            "spec": {"ports": [{"name": "http", "port": 443}]}})
    }

    pub async fn create(&self, object: &Value) -> Reply {
        self.client.create(object, Effect::Real).await.unwrap()
    }

    pub async fn try_create(&self, object: &Value) -> Reply {
        self.client.create(object, Effect::DryRun).await.unwrap()
    }
}
