//! Certificates that go from one hand to the next: of a leader that is killed, of an install of the original, of whoever
//! brings them and forgets them.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kube::api::{Api, DynamicObject, PostParams};
use magtape::certificates::{self, Lifetimes};
use serde_json::{Value, json};

use super::{
    authority,
    place::{self, Place, signed},
};

/// Has the API server ask the webhook again and again until something is so, and no request fails.
async fn judged_until<F: Future<Output = bool>>(place: &Place, what: &str, is: impl Fn() -> F) -> usize {
    let mut asked = 0;
    let judged = async {
        while !is().await {
            let reply = place.ask_api_server().await;
            assert!(reply.status == 403 && reply.message().contains("MT2001"), "request {asked}: {reply:?}");
            asked += 1;
        }
    };
    tokio::time::timeout(place::SOON * 3, judged).await.unwrap_or_else(|_| panic!("waited for {what}"));
    asked
}

#[tokio::test]
async fn another_goes_on_where_a_leader_was_killed_between_a_ca_and_its_first_certificate() {
    let place = Place::new("killed").await;
    let template = place.template();
    let arguments = ["--webhook-template", &template, "--tls-lifetime", "120s"];
    let leader = place.other_replica("leader", &arguments).await;
    leader.logged("a certificate is in use").await;
    let other = place.replica("other", &arguments).await;
    place.until_judged().await;
    let (first, chain) = (place.bundle().await, place.value("magtape-tls", "cert.pem").await);
    assert!(place.delete("Secret", "magtape-tls-ca").await.is_success());
    let both = || async {
        let reply = place.get("Secret", "magtape-tls-ca").await;
        reply.is_success() && place.bundle().await.matches("BEGIN").count() == 2
    };
    judged_until(&place, "a new CA beside the old one", both).await;
    leader.signal("KILL");
    let unsigned = place.value("magtape-tls", "cert.pem").await;
    assert_eq!(unsigned, chain, "the leader was killed before it signed");
    let signed = || async { place.value("magtape-tls", "cert.pem").await != chain };
    let asked = judged_until(&place, "a certificate of the new CA", signed).await;
    assert!(asked > 10, "only {asked} requests");
    let written = || async { other.lines_with("a Secret is written") > 0 };
    place::until("a word about it", written).await;
    assert_eq!(other.lines_with("a Secret is written"), 1, "the CA of the one before is not made again");
    let bundle = place.bundle().await;
    assert!(bundle.contains(&first) && bundle.matches("BEGIN").count() == 2);
    place::until("the new certificate", || async { other.lines_with("a certificate is in use") == 2 }).await;
    assert_eq!(place.ask_api_server().await.status, 403);
    place.ask(&bundle.replace(&first, ""), other.address()).await.unwrap();
}

#[tokio::test]
async fn a_certificate_of_the_original_serves_until_one_of_our_own_is_trusted() {
    let place = Place::new("adopted").await;
    let authority = authority();
    let (old, ca) = (signed(&authority, "localhost"), authority.certificate.pem());
    let labels = json!({"magtape/updated-by-pod": "magtape-5d8f"});
    place.create_secret("magtape-tls", json!({"cert.pem": old.chain, "key.pem": old.key}), labels).await;
    let template = place.template();
    let mut registered: Value = serde_json::from_slice(&std::fs::read(&template).unwrap()).unwrap();
    registered["webhooks"][0]["clientConfig"]["caBundle"] = json!(BASE64_STANDARD.encode(&ca));
    let resource = magtape::kube::webhook::resource();
    let api: Api<DynamicObject> = Api::all_with(place.kube_client().await, &resource);
    // As its init container, in Python, calls itself.
    let original =
        PostParams { field_manager: Some("OpenAPI-Generator".to_owned()), ..PostParams::default() };
    api.create(&original, &serde_json::from_value(registered).unwrap()).await.unwrap();
    let replica = place.replica("one", &["--webhook-template", &template, "--tls-lifetime", "120s"]).await;
    place::until("the old certificate", || async { place.ask(&ca, replica.address()).await.is_ok() }).await;
    let own = || async {
        let bundle = place.bundle().await;
        place.ask(&bundle.replace(&ca, ""), replica.address()).await.is_ok()
    };
    let asked = judged_until(&place, "a certificate of our own", own).await;
    assert!(asked > 10, "only {asked} requests");
    let bundle = place.registered_bundle().await.unwrap();
    assert!(bundle.contains(&ca) && bundle.matches("BEGIN").count() == 2, "{bundle}");
}

#[tokio::test]
async fn who_brings_a_certificate_is_told_before_it_ends() {
    let place = Place::new("ending").await;
    let authority = authority();
    let lifetimes = Lifetimes { serving: Duration::from_secs(6 * 3600) };
    let made = SystemTime::now() - Duration::from_secs(5 * 3600 + 1800);
    let host = format!("magtape-svc.{}.svc", place.name);
    let old = authority.sign(&[host], lifetimes, made).unwrap();
    place
        .create_secret("magtape-tls-ca", json!({"rootca.pem": authority.certificate.pem()}), json!({}))
        .await;
    let brought = json!({"magtape-byoc": "true"});
    place.create_secret("magtape-tls", json!({"cert.pem": old.chain, "key.pem": old.key}), brought).await;
    let replica = place.replica("one", &[]).await;
    let line = replica.logged("the certificate ends at ").await;
    assert_eq!(line["level"], "WARN");
    assert_eq!(replica.lines_with("a Secret is written"), 0, "it is not ours to make new");
}

#[tokio::test]
async fn who_brings_another_ca_fails_no_request() {
    let place = Place::new("brought").await;
    let (first, second) = (authority(), authority());
    let pair = |authority| {
        let pair = signed(authority, "localhost");
        json!({"cert.pem": pair.chain, "key.pem": pair.key})
    };
    let ca = |authority: &certificates::Authority| json!({"rootca.pem": authority.certificate.pem()});
    place.create_secret("magtape-tls-ca", ca(&first), json!({})).await;
    place.create_secret("magtape-tls", pair(&first), json!({"magtape-byoc": ""})).await;
    let template = place.template();
    // By which it is known that the API server takes a second and a half to hear of a CA.
    let arguments = ["--webhook-template", &template, "--tls-lifetime", "15s"];
    let (one, two) = (place.replica("one", &arguments).await, place.other_replica("two", &arguments).await);
    place.until_judged().await;
    two.logged("a certificate is in use").await;

    place.patch("magtape-tls-ca", json!({"stringData": ca(&second)})).await;
    place.patch("magtape-tls", json!({"stringData": pair(&second)})).await;
    let (old, new) = (first.certificate.pem(), second.certificate.pem());
    let beside =
        || async { place.registered_bundle().await.is_some_and(|bundle| bundle == format!("{old}{new}")) };
    judged_until(&place, "the new CA beside the old one", beside).await;
    let shown = || async {
        place.ask(&new, one.address()).await.is_ok() && place.ask(&new, two.address()).await.is_ok()
    };
    let asked = judged_until(&place, "the new certificate", shown).await;
    assert!(asked > 3, "only {asked} requests");
    let alone = || async { place.registered_bundle().await.as_deref() == Some(&new) };
    judged_until(&place, "the new CA alone", alone).await;
    for replica in [&one, &two] {
        assert_eq!(replica.lines_with("a certificate is in use"), 2);
        assert_eq!(replica.lines_with("a Secret is written"), 0);
    }
}
