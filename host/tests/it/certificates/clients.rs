//! What clients have to show, and which TLS they may speak.

use std::{net::SocketAddr, path::Path};

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use reqwest::{Certificate, Client, Identity, StatusCode};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::place::until;
use crate::serve::webhook::Webhook;

/// A CA of clients, and a certificate with its key that it has signed.
struct Clients {
    ca: String,
    identity: Identity,
}

// === impl Clients ===

impl Clients {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let ca = params.self_signed(&key).unwrap().pem();
        let mut client = CertificateParams::default();
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let own = KeyPair::generate().unwrap();
        let certificate = client.signed_by(&own, &Issuer::new(params, key)).unwrap();
        let pem = certificate.pem() + &own.serialize_pem();
        Self { ca, identity: Identity::from_pem(pem.as_bytes()).unwrap() }
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

/// What a review is answered with over a connection of its own.
async fn review(webhook: &Webhook, identity: Option<&Identity>) -> reqwest::Result<StatusCode> {
    let builder = Client::builder().no_proxy().tls_certs_only([Certificate::from_pem(&webhook.ca)?]);
    let client =
        identity.into_iter().fold(builder, |builder, identity| builder.identity(identity.clone())).build()?;
    let review = json!({"request": {"uid": "u", "operation": "CREATE", "kind": {"kind": "Pod"}}});
    Ok(client.post(webhook.url("/")).json(&review).send().await?.status())
}

#[tokio::test]
async fn reviews_are_taken_from_clients_with_a_certificate_and_probes_from_all() {
    let (first, second) = (Clients::new(), Clients::new());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client-ca.pem");
    write(&path, &first.ca);
    let webhook = Webhook::start(&["--client-ca", path.to_str().unwrap()]).await;
    assert_eq!(review(&webhook, Some(&first.identity)).await.unwrap(), StatusCode::OK);
    assert_eq!(review(&webhook, None).await.unwrap(), StatusCode::FORBIDDEN);
    assert!(review(&webhook, Some(&second.identity)).await.is_err(), "the handshake is refused");
    webhook.until_ready_answers(StatusCode::OK).await;

    write(&path, "nonsense");
    webhook.logged("the CA of clients before stays in use").await;
    assert_eq!(review(&webhook, Some(&first.identity)).await.unwrap(), StatusCode::OK);
    write(&path, &second.ca);
    let is_known = || async {
        review(&webhook, Some(&second.identity)).await.is_ok_and(|status| status == StatusCode::OK)
    };
    until("the other CA", is_known).await;
    assert!(review(&webhook, Some(&first.identity)).await.is_err());
}

/// The first record that comes back for a ClientHello of that version, which is in order but for that.
async fn hello(address: SocketAddr, minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    // No session, one cipher suite (TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256), no compression.
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]);
    // Groups: x25519. Points: uncompressed. Signatures: ecdsa_secp256r1_sha256.
    let extensions = [0, 10, 0, 4, 0, 2, 0, 29, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3];
    hello.extend([0, u8::try_from(extensions.len()).unwrap()]);
    hello.extend(extensions);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&record).await.unwrap();
    let mut answer = vec![0; 7];
    stream.read_exact(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn tls_before_1_2_is_refused() {
    let webhook = Webhook::start(&[]).await;
    for minor in [1, 2] {
        // An alert (21) that is fatal (2): protocol_version (70).
        let answer = hello(webhook.address(), minor).await;
        assert_eq!((answer[0], &answer[5..]), (21, &[2, 70][..]), "{answer:?}");
    }
    // A handshake (22) that goes on: ServerHello (2).
    let answer = hello(webhook.address(), 3).await;
    assert_eq!((answer[0], answer[5]), (22, 2), "{answer:?}");
}
