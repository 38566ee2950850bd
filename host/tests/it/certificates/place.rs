//! A namespace with a webhook in it, and what a test says about its Secrets and its webhook configuration.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use magtape::certificates::{Authority, Lifetimes, Pem, Secret, Signed};
use magtape_testing::{
    certs,
    client::{Client, Effect, Reply},
    cluster::Cluster,
    poll,
};
use serde_json::{Value, json};

use crate::serve::webhook::{self, Webhook};

/// A replica that leads is found in two seconds, and many tests run at the same time.
pub const SOON: Duration = Duration::from_secs(60);

pub struct Place {
    pub name: String,
    pub client: Client,
    cluster: &'static Cluster,
    /// Where the webhook that the API server asks will listen.
    port: u16,
}

// === impl Place ===

impl Place {
    pub async fn new(name: &str) -> Self {
        let cluster = Cluster::shared().await.unwrap();
        let name = format!("certificates-{name}");
        // The template has to name the port before anybody listens there.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let place = Self { client: cluster.client().unwrap(), name, cluster, port };
        let labels = json!({"magtape-test": place.name});
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place.name, "labels": labels}});
        place.create(&namespace).await;
        place
    }

    pub fn webhook(&self) -> String {
        format!("{}.magtape.example.com", self.name)
    }

    /// The path of a template by which the API server asks for Pods of this namespace.
    pub fn template(&self) -> String {
        let path = self.cluster.folder().join(format!("{}.yaml", self.name));
        let template = json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": self.name, "labels": {"app": "magtape"}},
            "webhooks": [{
                "name": self.webhook(),
                "clientConfig": {"url": format!("https://localhost:{}/", self.port)},
                "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}],
                "namespaceSelector": {"matchLabels": {"magtape-test": self.name}},
                "failurePolicy": "Fail",
                "sideEffects": "NoneOnDryRun",
                "admissionReviewVersions": ["v1"],
            }],
        });
        fs::write(&path, template.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The replica that the API server asks.
    pub async fn replica(&self, identity: &str, arguments: &[&str]) -> Webhook {
        let kubeconfig = self.cluster.kubeconfig().unwrap();
        self.start(kubeconfig, self.port, identity, arguments).await
    }

    /// One that is only asked directly.
    pub async fn other_replica(&self, identity: &str, arguments: &[&str]) -> Webhook {
        let kubeconfig = self.cluster.kubeconfig().unwrap();
        self.start(kubeconfig, 0, identity, arguments).await
    }

    /// The first, with the rights of somebody else.
    pub async fn replica_as(&self, user: &str, identity: &str, arguments: &[&str]) -> Webhook {
        let kubeconfig = self.cluster.kubeconfig_of(user).unwrap();
        self.start(kubeconfig, self.port, identity, arguments).await
    }

    async fn start(&self, kubeconfig: PathBuf, port: u16, identity: &str, arguments: &[&str]) -> Webhook {
        let mut command = webhook::command(arguments);
        command.env("KUBECONFIG", kubeconfig).env("MAGTAPE_NAMESPACE_NAME", &self.name);
        command.env("MAGTAPE_POD_NAME", identity).env("MAGTAPE_LISTEN", format!("127.0.0.1:{port}"));
        let nobody = certs::Authority::generate("nobody").unwrap();
        Webhook::run(command, Some(nobody.pem().as_bytes().to_vec())).await
    }

    pub async fn kube_client(&self) -> kube::Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let file = kube::config::Kubeconfig::read_from(self.cluster.kubeconfig().unwrap()).unwrap();
        let options = kube::config::KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(file, &options).await.unwrap();
        kube::Client::try_from(config).unwrap()
    }

    /// A user without a right.
    pub async fn user(&self) -> String {
        format!("{}-user", self.name)
    }

    /// Gives a user what docs/configuration.md lists.
    pub async fn grant(&self, user: &str) {
        let rbac = |kind: &str, rules: Value| {
            let (name, namespace) = (&self.name, &self.name);
            let mut metadata = json!({"name": name});
            if !kind.starts_with("Cluster") {
                metadata["namespace"] = json!(namespace);
            }
            let subjects = json!([{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}]);
            let api = "rbac.authorization.k8s.io/v1";
            let role = json!({"apiVersion": api, "kind": kind, "metadata": metadata, "rules": rules});
            let reference = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name});
            let binding = json!({"apiVersion": api, "kind": format!("{kind}Binding"), "metadata": metadata,
                "subjects": subjects, "roleRef": reference});
            [role, binding]
        };
        let secrets = ["magtape-tls", "magtape-tls-ca"];
        let namespaced = json!([
            {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": secrets,
                "verbs": ["get", "list", "watch", "patch"]},
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]},
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": ["magtape-leader"],
                "verbs": ["get", "update"]},
        ]);
        let of_cluster = json!([
            {"apiGroups": ["admissionregistration.k8s.io"], "resources": ["validatingwebhookconfigurations"],
                "resourceNames": [self.name], "verbs": ["get", "list", "watch", "patch"]},
            {"apiGroups": ["admissionregistration.k8s.io"], "resources": ["validatingwebhookconfigurations"],
                "verbs": ["create"]},
        ]);
        for object in rbac("Role", namespaced).iter().chain(&rbac("ClusterRole", of_cluster)) {
            self.create(object).await;
        }
    }

    async fn create(&self, object: &Value) {
        let reply = self.client.create(object, Effect::Real).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
    }

    fn object(&self, kind: &str, name: &str) -> Value {
        json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": self.name}})
    }

    pub async fn create_secret(&self, name: &str, data: Value, annotations: Value) {
        let mut secret = self.object("Secret", name);
        secret["stringData"] = data;
        secret["metadata"]["annotations"] = annotations;
        self.create(&secret).await;
    }

    pub async fn get(&self, kind: &str, name: &str) -> Reply {
        self.client.get(&self.object(kind, name)).await.unwrap()
    }

    pub async fn delete(&self, kind: &str, name: &str) -> Reply {
        self.client.delete(&self.object(kind, name), Effect::Real).await.unwrap()
    }

    pub async fn secret(&self, name: &str) -> Value {
        let reply = self.get("Secret", name).await;
        assert!(reply.is_success(), "{reply:?}");
        reply.body
    }

    pub async fn patch(&self, name: &str, patch: Value) {
        let reply = self.client.patch(&self.object("Secret", name), &patch).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
    }

    /// The text of a key of a Secret.
    pub async fn value(&self, name: &str, key: &str) -> String {
        let secret = self.secret(name).await;
        decoded(secret["data"][key].as_str().unwrap_or_default())
    }

    pub async fn bundle(&self) -> String {
        self.value("magtape-tls-ca", "rootca.pem").await
    }

    pub async fn until_differs(&self, name: &str, key: &str, from: &str) {
        until(key, || async { self.value(name, key).await != from }).await;
    }

    fn registered(&self) -> Value {
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": self.name}})
    }

    pub async fn registration(&self) -> Value {
        self.client.get(&self.registered()).await.unwrap().body
    }

    pub async fn registered_bundle(&self) -> Option<String> {
        let registered = self.registration().await;
        registered.pointer("/webhooks/0/clientConfig/caBundle").and_then(Value::as_str).map(decoded)
    }

    pub async fn patch_registration(&self, patch: Value) {
        let reply = self.client.patch(&self.registered(), &patch).await.unwrap();
        assert!(reply.is_success(), "{reply:?}");
    }

    /// Sets fields of the webhook as another manager, by force.
    pub async fn apply_as_other(&self, fields: Value) -> kube::Result<()> {
        use kube::api::{Api, DynamicObject, Patch, PatchParams};
        let mut webhook = fields;
        webhook["name"] = json!(self.webhook());
        webhook["clientConfig"] = json!({"url": format!("https://localhost:{}/", self.port)});
        webhook["sideEffects"] = json!("NoneOnDryRun");
        webhook["admissionReviewVersions"] = json!(["v1"]);
        let mut object = self.registered();
        object["webhooks"] = json!([webhook]);
        let api: Api<DynamicObject> =
            Api::all_with(self.kube_client().await, &magtape::kube::webhook::resource());
        api.patch(&self.name, &PatchParams::apply("other").force(), &Patch::Apply(object)).await.map(drop)
    }

    /// Has the API server ask the webhook about a Pod that is to be refused.
    pub async fn ask_api_server(&self) -> Reply {
        let containers = json!([{"name": "app", "image": "app:1", "securityContext": {"privileged": true}}]);
        let mut pod = self.object("Pod", "web");
        pod["spec"] = json!({"containers": containers});
        self.client.create(&pod, Effect::DryRun).await.unwrap()
    }

    /// Waits until it does.
    pub async fn until_judged(&self) {
        let is_refused = || async {
            let reply = self.ask_api_server().await;
            reply.status == 403 && reply.message().contains("MT2001")
        };
        until("the API server to ask the webhook", is_refused).await;
    }

    /// Asks a replica directly, as one who trusts these CAs only.
    pub async fn ask(&self, bundle: &str, address: SocketAddr) -> reqwest::Result<()> {
        ask_as("localhost", bundle, address).await
    }
}

pub async fn ask_as(host: &str, bundle: &str, address: SocketAddr) -> reqwest::Result<()> {
    status(host, Some(bundle), address, "/healthz").await.map(|status| assert_eq!(status, 200))
}

/// The status of a route over a connection of its own; whoever shows a certificate is believed where no CAs are named.
pub async fn status(
    host: &str,
    bundle: Option<&str>,
    address: SocketAddr,
    path: &str,
) -> reqwest::Result<u16> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy().resolve(host, address);
    let builder = match bundle {
        Some(bundle) => builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(bundle.as_bytes())?),
        None => builder.tls_danger_accept_invalid_certs(true),
    };
    let url = format!("https://{host}:{}{path}", address.port());
    Ok(builder.build()?.get(url).send().await?.status().as_u16())
}

/// Waits for something that is to be so before long.
pub async fn until<F: Future<Output = bool>>(what: &str, is: impl Fn() -> F) {
    poll::until(what, SOON, async || Ok(is().await.then_some(()))).await.unwrap();
}

pub fn pem(text: impl Into<String>) -> Pem {
    Pem { place: "the test".to_owned(), text: Secret(text.into().into_bytes()) }
}

/// A certificate for that name.
pub fn signed(authority: &Authority, name: &str) -> Signed {
    let lifetimes = Lifetimes { serving: Duration::from_secs(86_400) };
    authority.sign(&[name.to_owned()], lifetimes, SystemTime::now()).unwrap()
}

fn decoded(text: &str) -> String {
    String::from_utf8(BASE64_STANDARD.decode(text).unwrap()).unwrap()
}
