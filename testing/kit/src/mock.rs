//! A mock of an API server, for what a real one does not do on demand: it refuses, forgets, stammers, breaks off.
//!
//! A test says what is answered to which request, and may change that at any time. Everything that is not said is
//! answered with 404. It speaks HTTP without TLS, on loopback.

use std::future::Future;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::kubeconfig;

mod answer;
mod script;

pub use answer::Answer;
use script::Script;

/// A running mock. Dropping it ends it.
#[must_use = "dropping it ends the mock"]
#[derive(Debug)]
pub struct Mock {
    url: String,
    played: Arc<Mutex<Played>>,
    task: JoinHandle<()>,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// When it came.
    pub at: Instant,
    /// Its method and target: `GET /api/v1/pods?watch=true`.
    pub line: String,
}

#[derive(Debug, Default)]
struct Played {
    script: Script,
    asked: Vec<Asked>,
}

// === impl Mock ===

impl Mock {
    /// Starts one that knows nothing yet.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port is free")?;
        let url = format!("http://{}", listener.local_addr()?);
        let played = Arc::<Mutex<Played>>::default();
        let router = Router::new().fallback(play).with_state(Arc::clone(&played));
        let task = tokio::spawn(async move {
            // It listens for as long as the task lives.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, played, task })
    }

    /// From now on, requests of this method and path are given these answers in turn, and the last one again and
    /// again. What the path has after `?` the request must have among its parameters; of several paths that fit, that
    /// with the most parameters counts. Answers that an earlier call for the same path holds open end.
    pub fn answers(&self, method: &str, path: &str, answers: impl IntoIterator<Item = Answer>) {
        lock(&self.played).script.set(method, path, answers.into_iter().collect());
    }

    /// The requests that came, in their order.
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.played).asked.clone()
    }

    /// Writes a kubeconfig that names the mock into `folder`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn kubeconfig(&self, folder: &Path) -> Result<PathBuf> {
        kubeconfig::write(&folder.join("kubeconfig"), &self.url, "mock", None, None)
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(played: &Mutex<Played>) -> MutexGuard<'_, Played> {
    played.lock().unwrap_or_else(PoisonError::into_inner)
}

fn play(State(played): State<Arc<Mutex<Played>>>, request: Request) -> impl Future<Output = Response> {
    let mut played = lock(&played);
    let line = format!("{} {}", request.method(), request.uri());
    played.asked.push(Asked { at: Instant::now(), line });
    let next = played.script.next(request.method().as_str(), &request.uri().to_string());
    drop(played);
    let response = match next {
        Some((answer, held)) => answer.response(held),
        None => Answer::refusal(404, &format!("nothing is known of {}", request.uri())).whole(),
    };
    std::future::ready(response)
}
