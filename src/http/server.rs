//! The listener, its connections and their end.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Limited;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::patience::Patient;
use super::reply::{Reply, plain};

/// After an error at accept (no file descriptor left, mostly) it rests so long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a client may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; the next wait in the system's queue.
    pub connections: usize,
    /// The request line and the headers, in bytes. More is answered with 431.
    pub head_bytes: usize,
    /// The number of headers. More is answered with 431.
    pub headers: usize,
    /// A body, in bytes. Reading more is an error.
    pub body_bytes: usize,
    /// How long a request's head may take, and a connection be idle.
    pub head_time: Duration,
    /// How long a request may take from its head to the beginning of its answer, the body in between.
    pub answer_time: Duration,
    /// How long a client may take nothing of an answer.
    pub stall_time: Duration,
    /// How long answers under way have at the end.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            head_bytes: 16 * 1024,
            headers: 64,
            body_bytes: 16 * 1024,
            head_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(10),
            stall_time: Duration::from_secs(20),
            grace: Duration::from_millis(500),
        }
    }
}

/// A request. Reading more of its body than is allowed fails.
pub type Request = hyper::Request<Limited<Incoming>>;

/// What answers requests.
pub trait Service: Send + Sync + 'static {
    /// The answer to one request.
    fn answer(&self, request: Request) -> impl Future<Output = Reply> + Send;
}

/// A listener, ready to serve.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    limits: Limits,
}

impl Server {
    /// A server that takes its connections from this listener.
    pub fn new(listener: TcpListener, limits: Limits) -> Self {
        Self { listener, limits }
    }

    /// Serves until `stop`. Then it takes no more requests, and what is being answered has the grace to end.
    pub async fn run(self, service: Arc<impl Service>, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(_ended) = connections.join_next() => {}
                accepted = self.listener.accept(), if connections.len() < self.limits.connections => match accepted {
                    Ok((stream, _client)) => {
                        connections.spawn(connection(stream, Arc::clone(&service), self.limits, stopped.clone()));
                    }
                    Err(error) => {
                        tracing::debug!("no connection can be taken: {error}");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        drop(self.listener);
        stopping.send_replace(true);
        let all = async { while connections.join_next().await.is_some() {} };
        // Who has not ended by then is cut off when the set is dropped.
        let _in_time = timeout(self.limits.grace, all).await;
    }
}

/// Serves one client until it leaves, is too slow, or the server stops.
async fn connection(
    stream: TcpStream,
    service: Arc<impl Service>,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
) {
    // Small answers at once: an event is of no use when it waits for the next.
    let _faster = stream.set_nodelay(true);
    let answer = service_fn(|request: hyper::Request<Incoming>| {
        let service = Arc::clone(&service);
        async move {
            let request = request.map(|body| Limited::new(body, limits.body_bytes));
            let answered = timeout(limits.answer_time, service.answer(request)).await;
            Ok::<_, Infallible>(
                answered.unwrap_or_else(|_| plain(StatusCode::REQUEST_TIMEOUT, "This took too long.")),
            )
        }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_header_size(limits.head_bytes)
        .max_headers(limits.headers)
        .max_buf_size(2 * limits.head_bytes.max(8192));
    let io = TokioIo::new(Patient::new(stream, limits.stall_time));
    let mut serving = pin!(builder.serve_connection(io, answer));
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        _told_or_dropped = stopped.changed() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a client broke off: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use http_body_util::BodyExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    use super::*;

    /// Answers with the length of the body, or waits for ever.
    struct Counting;

    impl Service for Counting {
        async fn answer(&self, request: Request) -> Reply {
            if request.uri().path() == "/never" {
                std::future::pending::<()>().await;
            }
            match request.into_body().collect().await {
                Ok(_) => plain(StatusCode::OK, "whole"),
                Err(_) => plain(StatusCode::PAYLOAD_TOO_LARGE, "too much"),
            }
        }
    }

    struct Running {
        addr: SocketAddr,
        stop: oneshot::Sender<()>,
        ended: JoinHandle<()>,
    }

    async fn start(limits: Limits) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let ended = tokio::spawn(Server::new(listener, limits).run(Arc::new(Counting), stopped));
        Running { addr, stop, ended }
    }

    impl Running {
        async fn connect(&self, say: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.addr).await.unwrap();
            stream.write_all(say.as_bytes()).await.unwrap();
            stream
        }

        /// The whole conversation: what is answered until the server closes.
        async fn says(&self, say: &str) -> String {
            rest(self.connect(say).await).await
        }
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut text = String::new();
        let read = timeout(Duration::from_mins(1), stream.read_to_string(&mut text)).await;
        read.expect("the server never closed").unwrap();
        text
    }

    fn quick() -> Limits {
        let short = Duration::from_millis(40);
        Limits { head_time: short, answer_time: short, grace: short, body_bytes: 10, ..Limits::default() }
    }

    #[tokio::test]
    async fn who_is_silent_too_long_is_left() {
        let server = start(quick()).await;
        assert_eq!(server.says("").await, "");
        assert_eq!(server.says("GET / HTTP/1.1\r\nHost").await, "");
        // Also behind a request that was answered.
        let answered = server.says("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert!(answered.starts_with("HTTP/1.1 200 OK") && answered.ends_with("whole\n"), "{answered}");
    }

    #[tokio::test]
    async fn a_body_is_read_so_far_and_waited_for_so_long() {
        let server = start(quick()).await;
        let post = |headers: &str, body: &str| {
            format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n\r\n{body}")
        };
        let status = |answer: &str| answer.split(' ').nth(1).unwrap_or_default().to_owned();
        assert_eq!(status(&server.says(&post("Content-Length: 10", "0123456789")).await), "200");
        assert_eq!(status(&server.says(&post("Content-Length: 11", "0123456789x")).await), "413");
        let chunked = post("Transfer-Encoding: chunked", "6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n");
        assert_eq!(status(&server.says(&chunked).await), "413");
        assert_eq!(status(&server.says(&post("Content-Length: 10", "012")).await), "408");
        assert_eq!(status(&server.says("GET /never HTTP/1.1\r\nHost: a\r\n\r\n").await), "408");
    }

    #[tokio::test]
    async fn no_more_clients_than_allowed_are_served_at_once() {
        let server = start(Limits { connections: 2, ..quick() }).await;
        let one = server.connect("").await;
        let two = server.connect("").await;
        let third = server.says("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        // It waits until one of the others is left.
        assert!(third.await.starts_with("HTTP/1.1 200"));
        drop((one, two));
    }

    #[tokio::test]
    async fn at_the_end_what_is_answered_has_the_grace_and_no_more() {
        let server = start(Limits { answer_time: Duration::from_mins(1), ..quick() }).await;
        let idle = server.connect("").await;
        let waiting = server.connect("GET /never HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let Running { stop, ended, .. } = server;
        stop.send(()).unwrap();
        timeout(Duration::from_mins(1), ended).await.expect("it never ended").unwrap();
        assert_eq!((rest(idle).await, rest(waiting).await), (String::new(), String::new()));
    }
}
