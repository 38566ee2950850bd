//! Deny levels of namespaces, and exemptions, as a real API server has them.
//!
//! Each test has namespaces of its own, with a webhook that lives in the first. The policies are those in the binary.

use magtape_testing::client::Effect;
use serde_json::{Value, json};

use crate::config_maps::replica::{Home, Replica};

const PRIVILEGED: &str = "HIGH - Found privileged Security Context for container \"app\" (MT2001)";

fn pod(privileged: bool) -> Value {
    let container = json!({"name": "app", "securityContext": {"privileged": privileged}});
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [container]}})
}

fn name(namespace: &Value) -> &str {
    namespace["metadata"]["name"].as_str().unwrap()
}

fn exemption(home: &Home, name: &str, label: &str, text: &str) -> Value {
    let metadata = json!({"name": name, "namespace": home.name(), "labels": {"magtape.io/exemption": label}});
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"privileged": text}})
}

fn has_warning(response: &Value, start: &str) -> bool {
    let warnings = response["warnings"].as_array().into_iter().flatten();
    warnings.filter_map(Value::as_str).any(|warning| warning.starts_with(start))
}

fn is_exempt(response: &Value) -> bool {
    response["allowed"] == true && has_warning(response, &format!("[EXEMPT] {PRIVILEGED}"))
}

fn is_refused(response: &Value) -> bool {
    let message = response["status"]["message"].as_str().unwrap_or_default();
    response["allowed"] == false && message.contains(&format!("[FAIL] {PRIVILEGED}"))
}

async fn replica(home: &Home) -> Replica {
    let replica = Replica::start(home, "one", &["--policies-from", "both", "--deny-level", "LOW"]).await;
    replica.has_policies(12).await;
    replica
}

#[tokio::test]
async fn a_namespace_is_stricter_if_it_says_so_and_never_weaker() {
    let home = Home::new("levels").await;
    let level = |level: &str| json!({"k8s.t-mobile.com/magtape-deny-level": level});
    let strict = home.beside("strict", json!({}), level("HIGH")).await;
    let weak = home.beside("weak", json!({}), level("OFF")).await;
    let replica = replica(&home).await;
    let logged = replica.logged("the annotation k8s.t-mobile.com/magtape-deny-level has no effect").await;
    assert_eq!(logged["namespace"], name(&weak), "{logged}");

    // The namespaces were listed before the first request was judged.
    assert_eq!(replica.response(name(&strict), &pod(false)).await["allowed"], false);
    assert_eq!(replica.response("demo", &pod(false)).await["allowed"], true);
    assert!(is_refused(&replica.response(name(&weak), &pod(true)).await));

    let patch =
        |level: Value| json!({"metadata": {"annotations": {"k8s.t-mobile.com/magtape-deny-level": level}}});
    home.patch(&strict, &patch(json!("MED"))).await;
    replica.responds(name(&strict), &pod(false), |response| response["allowed"] == true).await;
    home.patch(&weak, &patch(json!("high"))).await;
    replica.responds(name(&weak), &pod(false), |response| response["allowed"] == false).await;
    home.patch(&weak, &patch(Value::Null)).await;
    replica.responds(name(&weak), &pod(false), |response| response["allowed"] == true).await;
}

#[tokio::test]
async fn an_exemption_warns_and_ends_by_itself() {
    let home = Home::new("exempt-until").await;
    let replica = replica(&home).await;
    assert!(is_refused(&replica.response("demo", &pod(true)).await));
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(12);
    let text = format!(
        "policies: [policy-privileged-pod]\nnamespaces: [dem*]\nkinds: [Pod]\nnames: [web]\n\
                        until: {until}\nreason: moves in June\n"
    );
    let map = exemption(&home, "legacy", "true", &text);
    home.create(&map).await;
    let response = replica.responds("demo", &pod(true), is_exempt).await;
    let expected = format!("[EXEMPT] {PRIVILEGED} - exempted until {until}: moves in June");
    assert!(has_warning(&response, &expected), "{response:#}");
    assert!(is_refused(&replica.response("other", &pod(true)).await));
    home.has_status(&map, &json!({"status": "ok"})).await;

    let version = home.client.get(&map).await.unwrap().body["metadata"]["resourceVersion"].clone();
    replica.responds("demo", &pod(true), is_refused).await;
    assert!(jiff::Timestamp::now() >= until);
    let after = home.client.get(&map).await.unwrap().body["metadata"]["resourceVersion"].clone();
    assert_eq!(version, after, "nothing has changed in the cluster");
}

#[tokio::test]
async fn what_is_broken_exempts_nothing_and_says_so() {
    let home = Home::new("exempt-broken").await;
    let good = "codes: [MT2001]\nnamespaces: [demo]\nreason: moves in June\n";
    let broken = exemption(&home, "broken", "true", &good.replace("codes", "code"));
    let odd = exemption(&home, "odd", "yes", good);
    home.create(&broken).await;
    home.create(&odd).await;
    let replica = replica(&home).await;
    for (map, says) in
        [(&broken, "privileged: unknown field `code`"), (&odd, "the label magtape.io/exemption is")]
    {
        let status = home.status_that(map, |status| status["status"] == "error").await;
        assert!(status["error"].as_str().unwrap().starts_with(says), "{status}");
        home.has_event(map, "ExemptionNotInForce").await;
    }
    assert!(is_refused(&replica.response("demo", &pod(true)).await));

    home.patch(&broken, &json!({"data": {"privileged": good}})).await;
    replica.responds("demo", &pod(true), is_exempt).await;
    let expected = json!({"status": "ok", "warning": "broken/privileged has no until, so it never ends"});
    home.has_status(&broken, &expected).await;
    assert!(home.client.delete(&broken, Effect::Real).await.unwrap().is_success());
    replica.responds("demo", &pod(true), is_refused).await;
}

#[tokio::test]
async fn nothing_in_another_namespace_is_an_exemption() {
    let home = Home::new("exempt-elsewhere").await;
    let tenant = home.beside("tenant", json!({}), json!({})).await;
    let text = format!("codes: [MT2001]\nnamespaces: [{}, demo]\nreason: I want to\n", name(&tenant));
    let mut elsewhere = exemption(&home, "mine", "true", &text);
    elsewhere["metadata"]["namespace"] = tenant["metadata"]["name"].clone();
    home.create(&elsewhere).await;
    let replica = replica(&home).await;
    // One that counts, so that it is known that ConfigMaps have been read since.
    home.create(&exemption(
        &home,
        "own",
        "true",
        "codes: [MT2001]\nnamespaces: [demo]\nreason: moves in June\n",
    ))
    .await;
    let response = replica.responds("demo", &pod(true), is_exempt).await;
    assert!(!response.to_string().contains("I want to"), "{response:#}");
    assert!(is_refused(&replica.response(name(&tenant), &pod(true)).await));
    assert_eq!(
        home.client.get(&elsewhere).await.unwrap().body["metadata"].get("annotations"),
        None,
        "nobody writes there"
    );
}
