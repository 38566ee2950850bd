//! The certificate. Which keys a Secret has is said, and never what is in them.

use super::{Install, Object, findings::Findings};

const CERTIFICATE: &str = "magtape-tls";
const AUTHORITY: &str = "magtape-tls-ca";
const BROUGHT_ALONG: &str = "magtape-byoc";

/// Says who keeps the certificate from now on.
pub(super) fn examine(object: &Object, install: &Install, findings: &mut Findings) {
    match (object.kind(), object.name()) {
        ("Secret", CERTIFICATE) => certificate(object, install, findings),
        ("Secret", AUTHORITY) if has(object, "rootca.pem") => {
            findings.same(object, "rootca.pem has the CAs that the API server is told to trust");
        }
        ("Secret", AUTHORITY) => findings.needs_action(
            object,
            "has no rootca.pem",
            "put the CA of the certificate there, or remove the Secret if the certificate is not brought along",
        ),
        _ => {}
    }
}

fn certificate(object: &Object, install: &Install, findings: &mut Findings) {
    if object.has_annotation(BROUGHT_ALONG) {
        return brought_along(object, install, findings);
    }
    if has(object, "tls.crt") {
        return findings.same(object, "is a certificate that cert-manager keeps; it is followed");
    }
    if !(has(object, "cert.pem") && has(object, "key.pem")) {
        return findings.changes(
            object,
            "has no cert.pem and key.pem",
            "nothing: the webhook makes both, with a CA of its own",
        );
    }
    findings.changes(
        object,
        "its certificate is used until the API server trusts a new one, which the webhook makes with a CA of its own, \
         keeps in this Secret and renews while it runs",
        "give the webhook --webhook-template, so that it can tell the API server of its CA",
    );
}

fn brought_along(object: &Object, install: &Install, findings: &mut Findings) {
    if !(has(object, "cert.pem") && has(object, "key.pem")) {
        findings.needs_action(
            object,
            format!("is brought along ({BROUGHT_ALONG}), but has no cert.pem and key.pem"),
            "put the chain and its key there; until then the webhook is not ready",
        );
    }
    let authority = install.beside(object, "Secret", AUTHORITY);
    if !authority.is_some_and(|authority| has(authority, "rootca.pem")) {
        findings.needs_action(
            object,
            format!("is brought along ({BROUGHT_ALONG}), and there is no {AUTHORITY} with rootca.pem"),
            "put the CA there that has signed it; until then the webhook is not ready",
        );
    }
    findings.changes(
        object,
        format!("is brought along ({BROUGHT_ALONG}): it is followed and never written, and its CA is what the API server is \
                 told to trust, where MagTape 2.4 told the cluster's"),
        "see to it that the CA has signed the certificate, for the name of the Service",
    );
}

fn has(object: &Object, key: &str) -> bool {
    ["data", "stringData"].iter().any(|field| {
        object.strings(&format!("/{field}")).any(|(name, value)| name == key && !value.is_empty())
    })
}
