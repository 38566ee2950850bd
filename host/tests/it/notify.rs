//! Who is told of decisions, and what: by a real process, to real receivers.

mod events;
pub mod receiver;
mod slack;
mod stage;
mod trouble;
mod webhooks;

use std::process::Stdio;

use crate::serve::webhook;

#[test]
fn settings_that_cannot_be_used_are_named_and_their_urls_are_not() {
    let url = "MAGTAPE_SLACK_WEBHOOK_URL_DEFAULT";
    let base = [("MAGTAPE_CLUSTER_NAME", "c"), ("MAGTAPE_SLACK_ENABLED", "TRUE")];
    for (settings, expected) in [
        (vec![("MAGTAPE_SLACK_ENABLED", "yes")], "expected TRUE or FALSE"),
        (vec![("MAGTAPE_SLACK_ENABLED", "")], "expected TRUE or FALSE"),
        (vec![("MAGTAPE_K8S_EVENTS_ENABLED", "1")], "expected TRUE or FALSE"),
        (vec![("MAGTAPE_SLACK_ENABLED", "true")], "MAGTAPE_CLUSTER_NAME"),
        ([&base[..], &[(url, "http://hooks.slack.com/s3cret")]].concat(), "does not begin with https://"),
        ([&base[..], &[(url, "s3cret")]].concat(), "it is no URL"),
        ([&base[..], &[("SLACK_WEBHOOK_URL_BASE", "proxy/s3cret")]].concat(), "it is no host"),
        ([&base[..], &[("MAGTAPE_SLACK_NETWORKS", "10.0.0.0/99")]].concat(), "unknown network"),
        (
            [&base[..], &[("MAGTAPE_SLACK_CA", "/nowhere/ca.pem")]].concat(),
            "/nowhere/ca.pem: no CA could be read",
        ),
        (vec![("MAGTAPE_K8S_EVENTS_ENABLED", "TRUE")], "writes Events to the cluster: no cluster"),
        (vec![("MAGTAPE_NOTIFICATIONS", "/nowhere/file")], "MAGTAPE_CLUSTER_NAME"),
        (vec![("MAGTAPE_NOTIFICATION_WINDOW", "2d")], "--notification-window"),
    ] {
        let mut command = webhook::command(&["--self-signed"]);
        command.env("KUBECONFIG", "/nowhere/kubeconfig");
        let output = command.envs(settings.clone()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{settings:?}: {text}");
        assert!(text.contains(expected) && !text.contains("s3cret"), "{settings:?}: {text}");
    }
    let help =
        webhook::command(&["--help"]).env(url, "https://s3cret").stdout(Stdio::piped()).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains(url) && !help.contains("s3cret"), "{help}");
}
