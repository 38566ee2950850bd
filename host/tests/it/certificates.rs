//! The webhook's certificate: in Secrets of a real API server, in files, and those of clients.
//!
//! Each test has a namespace of its own, and a webhook configuration that the API server asks for that namespace only.

mod clients;
mod files;
mod handover;
pub mod place;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use magtape::{
    certificates::{self, Authority, Bundle, Lifetimes, Settings, Tls},
    conditions::Conditions,
};
use magtape_testing::client::Effect;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::metrics::page::Page;
use place::{Place, pem, signed};

const LONG: Lifetimes = Lifetimes { serving: Duration::from_secs(90 * 86_400) };

#[tokio::test]
async fn an_empty_namespace_gets_a_certificate_and_the_api_server_calls_the_webhook() {
    let place = Place::new("install").await;
    let template = place.template();
    let arguments = ["--webhook-template", &template, "--admin-listen", "127.0.0.1:0"];
    let replica = place.replica("one", &arguments).await;
    place.until_judged().await;
    let serving = place.secret("magtape-tls").await;
    assert_eq!(serving["metadata"]["labels"], json!({"app": "magtape", "magtape/updated-by-pod": "one"}));
    let keys = |secret: &Value| secret["data"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&serving), ["cert.pem", "key.pem"]);
    assert_eq!(keys(&place.secret("magtape-tls-ca").await), ["rootca-key.pem", "rootca.pem"]);
    let bundle = place.bundle().await;
    assert_eq!(place.registered_bundle().await.as_ref(), Some(&bundle));
    place.ask(&bundle, replica.address()).await.unwrap();
    let host = format!("magtape-svc.{}.svc", place.name);
    place::ask_as(&host, &bundle, replica.address()).await.unwrap();
    let end = |page: &Page, of: &str| {
        page.value("magtape_certificate_expiry_timestamp_seconds", &[("certificate", of)])
    };
    let page = Page::of_operator(&replica, |page| end(page, "ca") > 0.0).await;
    assert!(end(&page, "ca") > end(&page, "serving"), "{page:?}");
}

#[tokio::test]
async fn certificate_and_ca_are_made_new_under_requests_and_none_fails() {
    let place = Place::new("rotation").await;
    let (template, lifetime) = (place.template(), "15s");
    let arguments = ["--webhook-template", &template, "--tls-lifetime", lifetime];
    let (one, two) = (place.replica("one", &arguments).await, place.other_replica("two", &arguments).await);
    place.until_judged().await;
    // The other has seen the Secrets as well.
    two.logged("a certificate is in use").await;
    let first = place.bundle().await;
    let (mut bundles, mut chains) = (BTreeSet::new(), BTreeSet::new());
    let mut asked = 0;
    let rotated = async {
        loop {
            let reply = place.ask_api_server().await;
            assert_eq!(reply.status, 403, "request {asked}: {reply:?}");
            assert!(reply.message().contains("MT2001"), "{reply:?}");
            let bundle = place.registered_bundle().await.unwrap();
            for replica in [&one, &two] {
                place.ask(&bundle, replica.address()).await.unwrap();
            }
            asked += 1;
            chains.insert(place.value("magtape-tls", "cert.pem").await);
            let is_new = !bundle.contains(&first) && bundle.matches("BEGIN").count() == 1;
            bundles.insert(bundle);
            if is_new {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(180), rotated).await.unwrap();
    assert!(
        chains.len() >= 3 && bundles.len() >= 3,
        "{} certificates, {} bundles",
        chains.len(),
        bundles.len()
    );
    let both = |bundle: &String| bundle.contains(&first) && bundle.matches("BEGIN").count() == 2;
    assert!(bundles.iter().any(both), "the new CA was trusted beside the old one first");
    assert!(asked > 20, "only {asked} requests");
}

#[tokio::test]
async fn of_two_that_both_think_that_they_lead_one_makes_the_ca() {
    let place = Place::new("two-leaders").await;
    let client = place.kube_client().await;
    let mut kept = Vec::new();
    let ready = Arc::<AtomicUsize>::default();
    let (_leader, leads) = watch::channel(true);
    for identity in ["one", "two"] {
        let settings = Settings {
            namespace: place.name.clone(),
            identity: identity.to_owned(),
            secret: "magtape-tls".to_owned(),
            lifetimes: LONG,
            template: None,
        };
        let (identity, _ca) = certificates::self_signed().unwrap();
        let tls = Arc::new(Tls::new(&identity, None).unwrap());
        let counted = Arc::clone(&ready);
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
        };
        kept.push(certificates::keep(
            client.clone(),
            settings,
            leads.clone(),
            tls,
            &Conditions::default(),
            count,
        ));
    }
    place::until("both to show a certificate", || async { ready.load(Ordering::Relaxed) >= 2 }).await;
    let versions = async || {
        let version = async |name: &str| place.secret(name).await["metadata"]["resourceVersion"].clone();
        (version("magtape-tls").await, version("magtape-tls-ca").await)
    };
    let before = versions().await;
    let bundle = Bundle::read(&pem(place.bundle().await)).unwrap();
    assert_eq!(bundle.0.len(), 1, "one CA was made");
    // A look of theirs that changes something else shows that they have looked again.
    place.patch("magtape-tls", json!({"data": {"key.pem": ""}})).await;
    place.until_differs("magtape-tls", "key.pem", "").await;
    assert_eq!(versions().await.1, before.1, "the CA stays");
    assert_eq!(place.bundle().await.matches("BEGIN").count(), 1);
}

#[tokio::test]
async fn who_brings_a_certificate_keeps_it() {
    let place = Place::new("byoc").await;
    let (authority, other) = (authority(), authority());
    let host = format!("magtape-svc.{}.svc", place.name);
    let good = signed(&authority, &host);
    place
        .create_secret("magtape-tls-ca", json!({"rootca.pem": authority.certificate.pem()}), json!({}))
        .await;
    let brought = json!({"magtape-byoc": "true"});
    place.create_secret("magtape-tls", json!({"cert.pem": good.chain, "key.pem": good.key}), brought).await;
    let replica = place.replica("one", &[]).await;
    let ca = authority.certificate.pem();
    let asks = async || place::ask_as(&host, &ca, replica.address()).await;
    place::until("the certificate", || async { asks().await.is_ok() }).await;
    let (untrusted, misnamed) = (signed(&other, &host), signed(&authority, "elsewhere.example.com"));
    for (chain, key, expected) in [
        (&untrusted.chain, &untrusted.key, "UnknownIssuer"),
        (&good.chain, &misnamed.key, "cannot be used with key.pem"),
        (&misnamed.chain, &misnamed.key, "not valid for name"),
        (&"nonsense".to_owned(), &good.key, "cert.pem of the Secret magtape-tls"),
    ] {
        place.patch("magtape-tls", json!({"stringData": {"cert.pem": chain, "key.pem": key}})).await;
        let said = || async { replica.lines_with(expected) > 0 };
        place::until(expected, said).await;
        asks().await.unwrap();
    }
    let again = signed(&authority, &host);
    place.patch("magtape-tls", json!({"stringData": {"cert.pem": again.chain, "key.pem": again.key}})).await;
    place::until("the next one", || async { replica.lines_with("a certificate is in use") == 2 }).await;
    asks().await.unwrap();
    assert_eq!(place.value("magtape-tls", "cert.pem").await, again.chain, "nobody else has written");
    assert_eq!(replica.lines_with("a Secret is written"), 0);
}

#[tokio::test]
async fn a_secret_of_cert_manager_is_taken_as_it_is() {
    let place = Place::new("cert-manager").await;
    let authority = authority();
    let signed = signed(&authority, "localhost");
    let ca = authority.certificate.pem();
    let data = json!({"tls.crt": signed.chain, "tls.key": signed.key, "ca.crt": ca});
    place.create_secret("webhook-cert", data, json!({})).await;
    let arguments = ["--webhook-template", &place.template(), "--tls-secret", "webhook-cert"];
    let replica = place.replica("one", &arguments).await;
    place.until_judged().await;
    assert_eq!(place.registered_bundle().await, Some(ca.clone()));
    place.ask(&ca, replica.address()).await.unwrap();
    assert_eq!(replica.lines_with("a Secret is written"), 0);
    assert_eq!(place.get("Secret", "webhook-cert-ca").await.status, 404);
}

#[tokio::test]
async fn what_is_damaged_is_mended_and_clients_go_on() {
    let place = Place::new("damaged").await;
    let replica = place.replica("one", &["--webhook-template", &place.template()]).await;
    place.until_judged().await;
    let first = place.bundle().await;
    let own = json!({"metadata": {"labels": {"team": "shop"}}, "data": {"mine": "bWluZQ=="}});
    place.patch("magtape-tls", own).await;
    place.patch("magtape-tls", json!({"stringData": {"key.pem": "nonsense"}})).await;
    place.until_differs("magtape-tls", "key.pem", "nonsense").await;
    let mended = place.secret("magtape-tls").await;
    assert_eq!(
        (&mended["metadata"]["labels"]["team"], &mended["data"]["mine"]),
        (&json!("shop"), &json!("bWluZQ=="))
    );
    place.ask(&first, replica.address()).await.unwrap();

    // Without its key, the CA can sign no more; those who know it are to know the webhook all the same.
    let reply = place.delete("Secret", "magtape-tls-ca").await;
    assert!(reply.is_success(), "{reply:?}");
    let both = || async {
        let bundle = place.registered_bundle().await.unwrap();
        bundle.contains(&first) && bundle.matches("BEGIN").count() == 2
    };
    place::until("a new CA beside the old one", both).await;
    place.ask(&first, replica.address()).await.unwrap();
    assert_eq!(place.ask_api_server().await.status, 403);
}

#[tokio::test]
async fn a_webhook_configuration_comes_back_and_what_others_own_in_it_stays() {
    let place = Place::new("registered").await;
    let replica = place.replica("one", &["--webhook-template", &place.template()]).await;
    place.until_judged().await;
    place.patch_registration(json!({"metadata": {"labels": {"team": "shop"}}})).await;
    place.apply_as_other(json!({"failurePolicy": "Ignore"})).await.unwrap();
    place::until("a word about the conflict", || async { replica.lines_with("conflict with \"other\"") > 0 })
        .await;
    let registered = place.registration().await;
    assert_eq!(registered["webhooks"][0]["failurePolicy"], "Ignore", "nobody fights");
    assert_eq!(registered["metadata"]["labels"]["team"], "shop");
    // The CAs get through all the same.
    assert!(place.delete("Secret", "magtape-tls-ca").await.is_success());
    let both = || async { place.registered_bundle().await.unwrap().matches("BEGIN").count() == 2 };
    place::until("a new CA beside the old one", both).await;
    assert_eq!(place.registration().await["webhooks"][0]["failurePolicy"], "Ignore");
    assert_eq!(replica.lines_with("conflict with \"other\""), 1, "it is said once");
    assert!(place.client.delete(&registered, Effect::Real).await.unwrap().is_success());
    place.until_judged().await;
    let registered = place.registration().await;
    assert_eq!(registered["webhooks"][0]["failurePolicy"], "Fail");
}

#[tokio::test]
async fn rights_that_are_missing_are_named_and_the_least_are_enough() {
    let place = Place::new("rights").await;
    let user = place.user().await;
    let replica = place.replica_as(&user, "one", &["--webhook-template", &place.template()]).await;
    let named = || async {
        replica.lines_with("secrets \"magtape-tls\" is forbidden") > 0
            && replica.lines_with("cannot list resource \"secrets\"") > 0
    };
    place::until("the missing right", named).await;
    let ready = place::status("localhost", None, replica.address(), "/readyz").await.unwrap();
    assert_eq!(ready, 503, "there is no certificate, and probes are answered all the same");
    assert_eq!(place::status("localhost", None, replica.address(), "/healthz").await.unwrap(), 200);
    place.grant(&user).await;
    place.until_judged().await;
    assert_eq!(place::status("localhost", None, replica.address(), "/readyz").await.unwrap(), 200);
}

fn authority() -> Authority {
    Authority::make(LONG, std::time::SystemTime::now()).unwrap()
}
