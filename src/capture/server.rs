//! The listener of the capture server and its end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::dialogue::serve;
use super::keep::Keep;

/// Clients at once; the next wait in the system's queue.
const CLIENTS_LIMIT: usize = 256;
/// After an error at accept (no file descriptor left, mostly) it rests so long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// An SMTP server inside this process that keeps each message as a file. Dropping it ends it at once.
#[derive(Debug)]
pub struct CaptureServer {
    addr: SocketAddr,
    keep: Arc<Keep>,
    stop: watch::Sender<bool>,
    listening: JoinHandle<()>,
}

impl CaptureServer {
    /// Listens on 127.0.0.1, on a port the system chooses, and keeps messages in `dir`, which it makes if need
    /// be (0700). Files are `<n>-<email>.eml` (0600), `n` counted on from what is there.
    pub async fn start(dir: PathBuf) -> io::Result<Self> {
        let keep = Arc::new(Keep::open(dir)?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let listening = tokio::spawn(listen(listener, Arc::clone(&keep), stopped));
        Ok(Self { addr, keep, stop, listening })
    }

    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How many messages it has kept, one for each recipient.
    pub fn count(&self) -> u64 {
        self.keep.count()
    }

    /// Stops listening and closes all connections. Messages that were acknowledged are complete files.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        let _joined = self.listening.await;
    }
}

/// Accepts clients until told to stop, or the server is dropped; its clients end with it.
async fn listen(listener: TcpListener, keep: Arc<Keep>, mut stopped: watch::Receiver<bool>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            _told_or_dropped = stopped.changed() => return,
            Some(_ended) = clients.join_next() => {}
            accepted = listener.accept(), if clients.len() < CLIENTS_LIMIT => match accepted {
                Ok((stream, _client)) => {
                    let keep = Arc::clone(&keep);
                    clients.spawn(async move {
                        if let Err(error) = serve(stream, keep).await {
                            tracing::debug!("a client of the capture server broke off: {error}");
                        }
                    });
                }
                Err(error) => {
                    tracing::debug!("the capture server cannot accept: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}
