//! Policies that tenants bring, in ConfigMaps of a real API server.
//!
//! Each test has namespaces of its own: the first has the webhook, the others are tenants.

use std::time::Duration;

use magtape_testing::client::Effect;
use serde_json::{Value, json};

use crate::config_maps::replica::{Home, Replica};

const POLICY: &str = "\
package kubernetes.admission.policy_team

policy_metadata = {\"name\": \"NAME\", \"severity\": \"HIGH\", \"errcode\": \"TEAM1\", \"targets\": {\"Pod\", \"Namespace\"}}

matches {
  policy_metadata.targets[input.request.kind.kind]
}

deny[info] {
  CONDITION
  info := {\"name\": \"NAME\", \"severity\": \"HIGH\", \"errcode\": \"TEAM1\", \"msg\": \"[FAIL] HIGH - TEXT (TEAM1)\"}
}
";

/// For minutes, if it is let.
const LOOP: &str =
    "count([x | x := numbers.range(1, 100000)[_]; numbers.range(1, 100000)[_] == x + 1000000]) == 0";

fn policy(name: &str, condition: &str, text: &str) -> String {
    POLICY.replace("NAME", name).replace("CONDITION", condition).replace("TEXT", text)
}

fn unlabelled(name: &str) -> String {
    policy(name, "not input.request.object.metadata.labels.team", "Label team is missing")
}

fn config_map(home: &Home, namespace: &Value, name: &str, data: Value) -> Value {
    let mut map = home.config_map(name, "rego", "data", data);
    map["metadata"]["namespace"] = namespace["metadata"]["name"].clone();
    map
}

fn pod() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "app"}]}})
}

fn name(namespace: &Value) -> &str {
    namespace["metadata"]["name"].as_str().unwrap()
}

fn message(response: &Value) -> &str {
    response["status"]["message"].as_str().unwrap_or_default()
}

/// A webhook that takes the policies of the namespaces that this test labels.
async fn replica(home: &Home) -> Replica {
    let selector = format!("bring-policies={}", home.name());
    Replica::start(home, "one", &["--policies-from", "cluster", "--tenant-namespaces", &selector]).await
}

async fn tenant(home: &Home, name: &str) -> Value {
    home.beside(name, json!({"bring-policies": home.name()}), json!({})).await
}

#[tokio::test]
async fn a_policy_of_a_tenant_judges_its_namespace_only() {
    let home = Home::new("tenant").await;
    let (team, other) = (tenant(&home, "team").await, tenant(&home, "other").await);
    let stranger = home.beside("stranger", json!({}), json!({})).await;
    let map = config_map(&home, &team, "policy-team", json!({"team.rego": unlabelled("policy-team")}));
    home.create(&map).await;
    home.create(&config_map(&home, &stranger, "mine", json!({"team.rego": unlabelled("policy-mine")}))).await;
    let replica = replica(&home).await;
    let expected =
        format!("[FAIL] HIGH - Label team is missing (TEAM1) - policy of namespace {}", name(&team));
    replica.responds(name(&team), &pod(), |response| message(response) == expected).await;
    home.has_status(&map, &json!({"status": "ok"})).await;
    for namespace in ["demo", name(&other), name(&stranger), home.name()] {
        assert_eq!(replica.response(namespace, &pod()).await["allowed"], true, "{namespace}");
    }
    // Objects of the cluster are nobody's, also the Namespace itself.
    assert_eq!(replica.response("", &pod()).await["allowed"], true);
    assert_eq!(replica.response(name(&team), &team).await["allowed"], true);

    home.patch(&map, &json!({"data": {"team.rego": "package a\n\nx {"}})).await;
    home.status_that(&map, |status| status["status"] == "error").await;
    home.has_event_in(name(&team), &map, "PolicyNotLoaded").await;
    assert_eq!(message(&replica.response(name(&team), &pod()).await), expected, "the last good one serves");

    home.patch(&team, &json!({"metadata": {"labels": {"bring-policies": null}}})).await;
    replica.responds(name(&team), &pod(), |response| response["allowed"] == true).await;
    home.patch(&team, &json!({"metadata": {"labels": {"bring-policies": home.name()}}})).await;
    home.patch(&map, &json!({"data": {"team.rego": unlabelled("policy-team")}})).await;
    replica.responds(name(&team), &pod(), |response| message(response) == expected).await;
    assert!(home.client.delete(&map, Effect::Real).await.unwrap().is_success());
    replica.responds(name(&team), &pod(), |response| response["allowed"] == true).await;
}

#[tokio::test]
async fn a_tenant_shadows_no_policy_of_the_webhook() {
    let home = Home::new("tenant-shadow").await;
    let team = tenant(&home, "team").await;
    let own = policy("policy-team", "true", "From home");
    home.create(&home.config_map("policy-team", "rego", "data", json!({"team.rego": own}))).await;
    let lax = policy("policy-team", "input.request.object.metadata.labels.odd", "Label odd is there");
    let map = config_map(&home, &team, "policy-team", json!({"team.rego": lax}));
    home.create(&map).await;
    let replica = replica(&home).await;
    home.has_status(&map, &json!({"status": "ok"})).await;
    replica.has_policies(1).await;
    assert_eq!(message(&replica.response(name(&team), &pod()).await), "[FAIL] HIGH - From home (TEAM1)");
    let mut odd = pod();
    odd["metadata"]["labels"] = json!({"odd": "yes"});
    let both = replica.responds(name(&team), &odd, |response| message(response).contains("Label odd")).await;
    assert!(
        message(&both).starts_with("[FAIL] HIGH - From home (TEAM1), [FAIL] HIGH - Label odd"),
        "{both:#}"
    );
}

#[tokio::test]
async fn an_endless_loop_of_a_tenant_harms_nobody_else() {
    let home = Home::new("tenant-loop").await;
    let (team, other) = (tenant(&home, "team").await, tenant(&home, "other").await);
    let endless =
        config_map(&home, &team, "endless", json!({"loop.rego": policy("policy-loop", LOOP, "Never")}));
    let good = config_map(&home, &other, "good", json!({"team.rego": unlabelled("policy-team")}));
    home.create(&endless).await;
    home.create(&good).await;
    let replica = replica(&home).await;
    let failed = format!("[FAIL] HIGH - Policy {}:policy-loop could not be evaluated (TEAM1)", name(&team));
    replica.responds(name(&team), &pod(), |response| message(response) == failed).await;
    replica.responds(name(&other), &pod(), |response| message(response).contains("Label team")).await;

    // More than its allowance: from then on its policies are not asked, and fail at once.
    for _ in 0..20 {
        assert_eq!(message(&replica.response(name(&team), &pod()).await), failed);
    }
    let asked =
        async || (replica.response(name(&team), &pod()).await, replica.response("demo", &pod()).await);
    let asked = tokio::time::timeout(Duration::from_secs(5), asked()).await.unwrap();
    assert_eq!((message(&asked.0), &asked.1["allowed"]), (failed.as_str(), &json!(true)));
    assert!(message(&replica.response(name(&other), &pod()).await).contains("Label team"));
}

#[tokio::test]
async fn what_goes_over_a_cap_is_told_and_the_rest_is_in_force() {
    let home = Home::new("tenant-caps").await;
    let team = tenant(&home, "team").await;
    let package = |number: usize| {
        unlabelled(&format!("policy-{number:02}")).replace("policy_team", &format!("p{number}"))
    };
    let files = |from: usize, to: usize| -> serde_json::Map<String, Value> {
        (from..to).map(|number| (format!("{number:02}.rego"), package(number).into())).collect()
    };
    let many = config_map(&home, &team, "a-many", files(0, 17).into());
    let large =
        config_map(&home, &team, "b-large", json!({"a.rego": format!("# {}", "x".repeat(900 * 1024))}));
    let larger =
        config_map(&home, &team, "c-larger", json!({"a.rego": format!("# {}", "x".repeat(200 * 1024))}));
    for map in [&many, &large, &larger] {
        home.create(map).await;
    }
    let mut last = Value::Null;
    for number in 0..14 {
        last = config_map(&home, &team, &format!("d{number:02}"), json!({"a.rego": "package lib"}));
        home.create(&last).await;
    }
    let replica = replica(&home).await;
    for (map, says) in [
        (&many, "policy policy-16 is left out: a namespace has at most 16"),
        (&larger, "is left out: the policies of a namespace have at most 32 files and 1048576 bytes"),
        (&last, "is left out: a namespace has at most 16 ConfigMaps"),
    ] {
        let status = home.status_that(map, |status| status["status"] == "error").await;
        assert!(status["error"].as_str().unwrap().contains(says), "{status}");
    }
    let response = replica.responds(name(&team), &pod(), |response| response["allowed"] == false).await;
    assert_eq!(message(&response).matches("Label team is missing").count(), 16);
}
