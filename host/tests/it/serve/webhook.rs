//! A webhook process of its own for one test.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::{Client, StatusCode};
use serde_json::Value;

/// A running `magtape serve --self-signed`, ended when the test is.
pub struct Webhook {
    child: Child,
    address: SocketAddr,
    log: Arc<Mutex<Vec<Value>>>,
    /// The certificate of its CA, PEM.
    pub ca: Vec<u8>,
    pub client: Client,
}

/// `magtape serve` with these arguments, on a free port of the loopback.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_magtape"));
    command
        .arg("serve")
        .args(arguments)
        .env("MAGTAPE_LISTEN", "127.0.0.1:0")
        .env("MAGTAPE_DENY_LEVEL", "LOW")
        .env("MAGTAPE_POD_NAME", "test-pod")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

// === impl Webhook ===

impl Webhook {
    pub async fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, |_| {}).await
    }

    /// The same in another environment.
    pub async fn start_with(arguments: &[&str], set: impl FnOnce(&mut Command)) -> Self {
        let mut command = command(&[arguments, &["--self-signed"]].concat());
        set(&mut command);
        Self::run(command, None).await
    }

    /// Runs a command of which it is known what CA its certificate has; a self-signed one says it.
    pub async fn run(mut command: Command, ca: Option<Vec<u8>>) -> Self {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (mut path, mut address) = (None, None);
        let log = Arc::<Mutex<Vec<Value>>>::default();
        while address.is_none() {
            let line: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            let message = line["message"].as_str().unwrap_or_default().to_owned();
            log.lock().unwrap().push(line);
            path = path.or_else(|| message.split("its CA is in ").nth(1).map(str::to_owned));
            address = message.strip_prefix("listening on https://").map(|address| address.parse().unwrap());
        }
        let kept = Arc::clone(&log);
        // Its log must be read on, or lines would be lost. What is no JSON is what a panic says.
        let keep = move |line: String| kept.lock().unwrap().extend(serde_json::from_str::<Value>(&line));
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(keep));
        let ca = ca.unwrap_or_else(|| {
            let path = path.unwrap();
            let ca = std::fs::read(&path).unwrap();
            std::fs::remove_file(path).unwrap();
            ca
        });
        Self { child, address: address.unwrap(), log, client: client(&ca), ca }
    }

    /// The lines of the log so far whose message begins so.
    pub fn lines(&self, message: &str) -> Vec<Value> {
        let log = self.log.lock().unwrap();
        let begins = |line: &&Value| line["message"].as_str().is_some_and(|said| said.starts_with(message));
        log.iter().filter(begins).cloned().collect()
    }

    /// How many lines of the log have that in their message.
    pub fn lines_with(&self, text: &str) -> usize {
        let log = self.log.lock().unwrap();
        log.iter().filter(|line| line["message"].as_str().is_some_and(|said| said.contains(text))).count()
    }

    /// How many lines of the log have that anywhere.
    pub fn lines_that_have(&self, text: &str) -> usize {
        self.log.lock().unwrap().iter().filter(|line| line.to_string().contains(text)).count()
    }

    /// The first line of the log whose message begins so, once there is one.
    pub async fn logged(&self, message: &str) -> Value {
        let logged = async {
            loop {
                if let Some(line) = self.lines(message).into_iter().next() {
                    return line;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), logged).await.unwrap()
    }

    /// A client with connections of its own.
    pub fn other_client(&self) -> Client {
        client(&self.ca)
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    pub async fn judge(&self, review: &Value) -> Value {
        let answer = self.client.post(self.url("/")).json(review).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    /// Sends the process a signal, such as `KILL`.
    pub fn signal(&self, name: &str) {
        let arguments = ["-s", name, &self.child.id().to_string()];
        let sent = Command::new("kill").args(arguments).status().unwrap();
        assert!(sent.success());
    }

    pub fn terminate(&self) {
        self.signal("TERM");
    }

    pub async fn until_ready_answers(&self, status: StatusCode) {
        let ready = || self.client.get(self.url("/readyz")).send();
        let asked = async {
            while ready().await.unwrap().status() != status {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), asked).await.unwrap();
    }

    /// The exit code, once it has ended.
    pub async fn ended(&mut self, within: Duration) -> Option<i32> {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status.code();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(within, ended).await.unwrap()
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            self.log.lock().unwrap().iter().for_each(|line| println!("the webhook: {line}"));
        }
    }
}

fn client(ca: &[u8]) -> Client {
    // Another test may have installed it first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca = reqwest::Certificate::from_pem(ca).unwrap();
    Client::builder().tls_certs_only([ca]).build().unwrap()
}
