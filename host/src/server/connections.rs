//! Accepts connections and drains them. Handshakes run in the connection's own task, every wait has a time-out,
//! and the number of connections is bounded.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Peer, Tls};

/// API servers keep a few connections each; this bounds what strangers can hold.
const MAX_CONNECTIONS: usize = 1024;

/// A TLS handshake takes milliseconds.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// For the head of a request, and for a kept connection without one.
const HEADER: Duration = Duration::from_secs(60);

/// How often an HTTP/2 peer is asked whether it is still there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(30);

/// A peer that neither sends nor takes a byte for so long is gone, whichever protocol it was to speak. Longer than
/// a ping and its answer.
const SILENCE: Duration = Duration::from_secs(75);

/// Streams that one HTTP/2 connection may have open; the API server multiplexes all requests over one.
const MAX_STREAMS: u32 = 250;

/// What one stream, and one connection, may send before it is read. The window of a stream takes nearly every review
/// at once, that of a connection the largest of bodies beside others, so that none waits for a round trip of its
/// network. Bodies are read as they come, whatever is being judged, so this is an allowance and no memory.
const STREAM_WINDOW: u32 = 2 * 1024 * 1024;
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;

/// Streams that a peer opened and took back before they were looked at; more end the connection. h2's own default,
/// far above what an API server does that gives up requests, and said here because it is what bounds a rapid reset.
const RESETS: usize = 20;

/// The same for streams that were reset because the peer broke the protocol.
const FAULTY_STREAMS: usize = 100;

/// A pause after a failed `accept`, which mostly means that the process has no file handles left.
const BACK_OFF: Duration = Duration::from_millis(100);

/// The open connections and the task that accepts more.
#[must_use = "connections that nobody drains are cut"]
pub struct Connections {
    stop: oneshot::Sender<()>,
    accepting: JoinHandle<GracefulShutdown>,
}

struct Acceptor {
    /// None where nobody but the operator connects.
    tls: Option<Arc<Tls>>,
    known: Router,
    strangers: Router,
    slots: Arc<Semaphore>,
    graceful: GracefulShutdown,
}

// === impl Connections ===

impl Connections {
    /// `known` answers those that `tls` knows, `strangers` all others. Without it all are known.
    pub(super) fn spawn(
        listener: TcpListener,
        tls: Option<Arc<Tls>>,
        known: Router,
        strangers: Router,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let acceptor = Acceptor {
            tls,
            known,
            strangers,
            slots: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            graceful: GracefulShutdown::new(),
        };
        Self { stop, accepting: tokio::spawn(acceptor.run(listener, stopped)) }
    }

    /// Accepts no more, and waits for open requests; tells whether all were answered in time.
    pub async fn drain(self, within: Duration) -> bool {
        // The acceptor is gone only if it has been stopped already.
        let _ = self.stop.send(());
        let drained = async {
            if let Ok(graceful) = self.accepting.await {
                graceful.shutdown().await;
            }
        };
        tokio::time::timeout(within, drained).await.is_ok()
    }
}

// === impl Acceptor ===

impl Acceptor {
    async fn run(self, listener: TcpListener, mut stopped: oneshot::Receiver<()>) -> GracefulShutdown {
        loop {
            let slot = Arc::clone(&self.slots).acquire_owned();
            let accepted = async { (slot.await, listener.accept().await) };
            let (slot, accepted) = tokio::select! {
                accepted = accepted => accepted,
                _ = &mut stopped => return self.graceful,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let connection = self.connection(stream, peer);
                    tokio::spawn(async move {
                        connection.await;
                        drop(slot);
                    });
                }
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }

    /// One connection from handshake to end.
    fn connection(&self, stream: TcpStream, peer: SocketAddr) -> impl Future<Output = ()> + use<> {
        let (tls, watcher) = (self.tls.clone(), self.graceful.watcher());
        let (known, strangers) = (self.known.clone(), self.strangers.clone());
        async move {
            if let Err(error) = stream.set_nodelay(true) {
                return tracing::debug!(%peer, "the connection ended: {error}");
            }
            let Some(tls) = tls else { return serve(stream, peer, known, watcher).await };
            let handshake = TlsAcceptor::from(tls.config()).accept(stream);
            let stream = match tokio::time::timeout(HANDSHAKE, handshake).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => return tracing::debug!(%peer, "the TLS handshake failed: {error}"),
                Err(_) => return tracing::debug!(%peer, "the TLS handshake took too long"),
            };
            let router = match tls.peer(stream.get_ref().1) {
                Peer::Known => known,
                Peer::Stranger => strangers,
            };
            serve(stream, peer, router, watcher).await;
        }
    }
}

/// Answers what comes on a connection until it ends.
async fn serve<S: AsyncRead + AsyncWrite + Send + 'static>(
    stream: S,
    peer: SocketAddr,
    router: Router,
    watcher: Watcher,
) {
    let mut stream = TimeoutStream::new(stream);
    stream.set_read_timeout(Some(SILENCE));
    stream.set_write_timeout(Some(SILENCE));
    let builder = http();
    let stream = TokioIo::new(Box::pin(stream));
    let served = builder.serve_connection(stream, TowerToHyperService::new(router));
    if let Err(error) = watcher.watch(served.into_owned()).await {
        tracing::debug!(%peer, "the connection ended: {}", io::Error::other(error));
    }
}

fn http() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(FAULTY_STREAMS)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    builder
}
