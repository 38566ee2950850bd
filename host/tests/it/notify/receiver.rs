//! A real receiver of notifications: HTTPS on loopback, with a certificate of an authority of its own. It keeps what it is
//! sent, and answers as it is told to.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use magtape_testing::{certs::Authority, poll};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// A delivery takes milliseconds; other tests run at the same time, and retries wait for seconds.
pub const SOON: Duration = Duration::from_secs(60);

/// How a request is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    Ok,
    Status(u16),
    /// 429 with that `Retry-After`.
    Busy(u32),
    /// A redirect to that URL.
    Redirect(String),
    /// 200, after that time.
    Slow(Duration),
    /// Nothing, for ever.
    Hang,
    /// 200, and a body without an end.
    Endless,
}

/// What was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub path: String,
    pub headers: HeaderMap,
    pub raw: Bytes,
    pub body: Value,
}

pub struct Receiver {
    pub address: SocketAddr,
    played: Arc<Played>,
    folder: TempDir,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Played {
    sent: Mutex<Vec<Sent>>,
    /// By path, in turn; the last one again and again.
    answers: Mutex<HashMap<String, Vec<Answer>>>,
    endless: AtomicUsize,
}

struct Listener {
    tcp: TcpListener,
    tls: TlsAcceptor,
}

// === impl Receiver ===

impl Receiver {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::generate("receivers").unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let files = authority.issue("receiver", folder.path()).unwrap();
        let chain = vec![CertificateDer::from_pem_file(files.cert).unwrap()];
        let key = PrivateKeyDer::from_pem_file(files.key).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let tls = TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()));
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let played = Arc::<Played>::default();
        let router = Router::new().fallback(play).with_state(Arc::clone(&played));
        let task = tokio::spawn(async move { axum::serve(Listener { tcp, tls }, router).await.unwrap() });
        Self { address, played, folder, task }
    }

    /// The certificate of its authority.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A folder for files of the test.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// `localhost` and its port.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.address.port())
    }

    /// From now on, requests of this path are answered so, in turn, and the last one again and again.
    pub fn answers(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        let mut all = self.played.answers.lock().unwrap();
        all.insert(path.to_owned(), answers.into_iter().collect());
    }

    /// What was sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.played.sent.lock().unwrap().clone()
    }

    /// The paths of what was sent so far, sorted.
    pub fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.sent().into_iter().map(|sent| sent.path).collect();
        paths.sort();
        paths
    }

    /// What was sent, as soon as it is so many.
    pub async fn until(&self, count: usize) -> Vec<Sent> {
        let there = async || Ok(Some(self.sent()).filter(|sent| sent.len() >= count));
        let sent = poll::until("notifications", SOON, there).await;
        let sent = sent.unwrap_or_else(|error| panic!("{error}: {:#?}", self.sent()));
        assert_eq!(sent.len(), count, "{sent:#?}");
        sent
    }

    /// The bytes of endless answers that somebody has taken.
    pub fn endless_bytes(&self) -> usize {
        self.played.endless.load(Ordering::Relaxed)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

// === impl Listener ===

impl axum::serve::Listener for Listener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.tcp.accept().await.unwrap();
            // Whoever does not trust the certificate goes.
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

async fn play(State(played): State<Arc<Played>>, request: Request) -> Response {
    let path = request.uri().to_string();
    let headers = request.headers().clone();
    let raw = axum::body::to_bytes(request.into_body(), 1024 * 1024).await.unwrap();
    let body = serde_json::from_slice(&raw).unwrap();
    played.sent.lock().unwrap().push(Sent { path: path.clone(), headers, raw, body });
    let answer = match played.answers.lock().unwrap().get_mut(&path) {
        Some(answers) if answers.len() > 1 => answers.remove(0),
        Some(answers) => answers[0].clone(),
        None => Answer::Ok,
    };
    match answer {
        Answer::Ok => "ok".into_response(),
        Answer::Slow(time) => {
            tokio::time::sleep(time).await;
            "ok".into_response()
        }
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Busy(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())]).into_response()
        }
        Answer::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response(),
        Answer::Hang => std::future::pending().await,
        Answer::Endless => {
            let chunk = move |()| {
                let count = played.endless.fetch_add(64 * 1024, Ordering::Relaxed);
                assert!(count < 1024 * 1024 * 1024, "somebody takes all of it");
                std::future::ready(Some((Ok::<_, Infallible>(vec![b'x'; 64 * 1024]), ())))
            };
            Body::from_stream(futures_util::stream::unfold((), chunk)).into_response()
        }
    }
}
