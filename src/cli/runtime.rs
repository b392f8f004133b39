//! What drives connections, and the signals by which the operator ends it.

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::error::{CliError, Exit};
use crate::finding::Finding;

/// What drives the connections.
pub(super) fn runtime() -> Result<Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| CliError {
        exit: Exit::Internal,
        findings: vec![Finding::error("runtime", format!("cannot start: {error}"))],
    })
}

/// What asks a command to end: Ctrl-C, the system, or a terminal that is gone.
pub(super) struct Signals([Signal; 3]);

impl Signals {
    /// Listens, from now on.
    pub(super) fn new() -> std::io::Result<Self> {
        let [interrupt, terminate, hangup] =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    /// Waits for the next of them.
    pub(super) async fn any(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
