//! Certificates in files that are swapped under the running webhook.

use std::{fs, os::unix::fs::symlink, path::Path, time::SystemTime};

use magtape::certificates::{Authority, Signed};
use tempfile::TempDir;

use super::{
    LONG,
    place::{ask_as, signed, until},
};
use crate::serve::webhook::{self, Webhook};

/// A folder as the kubelet mounts a Secret: `..data` leads to the content, and the files lead through it.
struct Mount(TempDir);

// === impl Mount ===

impl Mount {
    fn new(signed: &Signed) -> Self {
        let mount = Self(tempfile::tempdir().unwrap());
        mount.swap("first", signed);
        for file in ["cert.pem", "key.pem"] {
            symlink(Path::new("..data").join(file), mount.0.path().join(file)).unwrap();
        }
        mount
    }

    fn swap(&self, version: &str, signed: &Signed) {
        let folder = self.0.path();
        fs::create_dir(folder.join(version)).unwrap();
        fs::write(folder.join(version).join("cert.pem"), &signed.chain).unwrap();
        fs::write(folder.join(version).join("key.pem"), &signed.key).unwrap();
        symlink(version, folder.join("..data_tmp")).unwrap();
        fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    }

    fn path(&self, file: &str) -> String {
        self.0.path().join(file).to_str().unwrap().to_owned()
    }
}

async fn serve(mount: &Mount, ca: &str) -> Webhook {
    let (chain, key) = (mount.path("cert.pem"), mount.path("key.pem"));
    let command = webhook::command(&["--tls-cert", &chain, "--tls-key", &key]);
    Webhook::run(command, Some(ca.as_bytes().to_vec())).await
}

fn authority() -> Authority {
    Authority::make(LONG, SystemTime::now()).unwrap()
}

#[tokio::test]
async fn a_mounted_secret_is_followed_through_its_link() {
    let (old, new) = (authority(), authority());
    let mount = Mount::new(&signed(&old, "localhost"));
    let webhook = serve(&mount, &old.certificate.pem()).await;
    let knows =
        async |ca: &Authority| ask_as("localhost", &ca.certificate.pem(), webhook.address()).await.is_ok();
    assert!(knows(&old).await && !knows(&new).await);
    webhook.until_ready_answers(reqwest::StatusCode::OK).await;
    mount.swap("second", &signed(&new, "localhost"));
    until("the new certificate", || async { knows(&new).await }).await;
    assert!(!knows(&old).await);
    // The connection that was open is none the worse; a new one would not be made.
    webhook.until_ready_answers(reqwest::StatusCode::OK).await;
}

#[tokio::test]
async fn a_pair_that_does_not_match_leaves_the_last_good_one_and_is_named_once() {
    let authority = authority();
    let (first, second) = (signed(&authority, "localhost"), signed(&authority, "localhost"));
    let mount = Mount::new(&first);
    let webhook = serve(&mount, &authority.certificate.pem()).await;
    let ca = authority.certificate.pem();
    let asks = async || ask_as("localhost", &ca, webhook.address()).await.unwrap();
    let said = "the certificate before stays in use";
    let half = second.chain.get(..second.chain.len() / 2).unwrap().to_owned();
    for (number, chain, expected) in
        [(1, second.chain.clone(), "cannot be used with"), (2, half, "no certificate could be read")]
    {
        mount.swap(&format!("broken-{number}"), &Signed { chain, key: first.key.clone() });
        until("a word about it", || async { webhook.lines_with(expected) == 1 }).await;
        asks().await;
        assert_eq!(webhook.lines_with(said), number);
    }
    mount.swap("good", &second);
    webhook.logged("another certificate is in use").await;
    asks().await;
    assert_eq!(webhook.lines_with(said), 2, "each was said once");
}
