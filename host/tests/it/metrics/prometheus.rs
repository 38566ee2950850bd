//! A real Prometheus that reads one webhook, with the rules that ship.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result};
use magtape_testing::{daemon::Daemon, poll, tools::Tool};
use serde_json::Value;
use tempfile::TempDir;

use crate::serve::webhook::Webhook;

/// It is there within two seconds; other tests run at the same time.
const STARTED: Duration = Duration::from_secs(60);

/// A running Prometheus, ended when the test is.
pub struct Prometheus {
    url: String,
    client: reqwest::Client,
    _daemon: Daemon,
    _folder: TempDir,
}

// === impl Prometheus ===

impl Prometheus {
    /// Reads the webhook each second, under the name that its Service has.
    pub async fn start(webhook: &Webhook, rules: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yaml");
        let target = webhook.address();
        let scrape = format!(
            "{{job_name: magtape-svc, scheme: https, tls_config: {{insecure_skip_verify: true}}, \
             static_configs: [{{targets: [\"{target}\"]}}]}}"
        );
        let rules = rules.canonicalize().unwrap();
        fs::write(
            &config,
            format!(
                "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [{}]\nscrape_configs: [{scrape}]\n",
                rules.display()
            ),
        )
        .unwrap();
        let mut command = Command::new(Tool::Prometheus.built().unwrap());
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg("--web.listen-address=127.0.0.1:0");
        let mut daemon = Daemon::start("prometheus", &mut command, &folder.path().join("log")).unwrap();
        let address = async |daemon: &Daemon| Ok(address_in(&daemon.log()?));
        let address = daemon.until("prometheus to listen", STARTED, address).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let prometheus = Self { url: format!("http://{address}"), client, _daemon: daemon, _folder: folder };
        let ready = async || {
            let answer = prometheus.client.get(format!("{}/-/ready", prometheus.url)).send().await;
            Ok(answer.is_ok_and(|answer| answer.status().is_success()).then_some(()))
        };
        poll::until("prometheus to be ready", STARTED, ready).await.unwrap();
        prometheus
    }

    /// How many series an expression has whose value is a number.
    pub async fn numbers(&self, expression: &str) -> Result<usize> {
        let request = self.client.post(format!("{}/api/v1/query", self.url));
        let mut form = String::from("query=");
        expression.bytes().for_each(|byte| form.push_str(&format!("%{byte:02X}")));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        let answer: Value = request.send().await?.json().await?;
        let result = answer["data"]["result"].as_array();
        let result = result.with_context(|| format!("{expression}: {answer}"))?;
        Ok(result
            .iter()
            .filter(|series| series["value"][1].as_str().is_some_and(|value| value != "NaN"))
            .count())
    }
}

/// The address in the line of the log that says it.
fn address_in(log: &str) -> Option<String> {
    let line = log.lines().find(|line| line.contains("Listening on"))?;
    Some(line.split("address=").nth(1)?.split_whitespace().next()?.to_owned())
}
