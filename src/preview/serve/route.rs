//! What is answered to whom.
//!
//! A path is looked up among the names of the preview's files and nowhere else. Every answer tells the browser to keep
//! it from other sites (no CORS, CORP, no referrer, no frames), from its disk (no-store), and to run nothing but the
//! page's own script: a newsletter's scripts would not run in a mail program either, and here they could read the list.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{HeaderMap, Method, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::stage::{Scene, Stage};
use crate::http::{Hosts, Reply, Request, Service, plain, reply};
use crate::preview::page::by_digest;

/// Where events come from. No file of a preview is called so.
const EVENTS: &str = "/-/events";
/// So many browsers may follow at once.
const MAX_FOLLOWERS: usize = 64;
/// A sign of life, so often: without it a browser that has gone would not be noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that a slow browser has not taken yet.
const BACKLOG: usize = 4;

/// Serves a stage.
pub struct Show {
    stage: Arc<Stage>,
    hosts: Hosts,
    followers: Arc<Semaphore>,
}

impl Show {
    /// To whoever comes by one of these names.
    pub fn new(stage: Arc<Stage>, hosts: Hosts) -> Self {
        Self { stage, hosts, followers: Arc::new(Semaphore::new(MAX_FOLLOWERS)) }
    }

    fn route(&self, request: &Request) -> Reply {
        if let Err(status) = self.hosts.admit(request) {
            return plain(status, "This server does not answer to that name.");
        }
        if is_from_elsewhere(request.headers()) {
            return plain(StatusCode::FORBIDDEN, "Another site may not use this.");
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "There is nothing here to change.");
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refused;
        }
        let none = || plain(StatusCode::NOT_FOUND, "There is no such file in this preview.");
        match request.uri().path() {
            EVENTS => self.events(request.method() == Method::HEAD),
            "/" => self.stage.page().map_or_else(none, |page| file("index.html", page)),
            path => {
                let name = path.strip_prefix('/').and_then(decoded);
                let found = name.and_then(|name| Some((self.stage.file(&name)?, name)));
                found.map_or_else(none, |(bytes, name)| file(&name, bytes))
            }
        }
    }

    /// A stream that says what there is, and then every change.
    fn events(&self, head_only: bool) -> Reply {
        let Ok(place) = Arc::clone(&self.followers).try_acquire_owned() else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "Too many browsers follow this preview.");
        };
        let mut answer = reply(StatusCode::OK, "text/event-stream", Bytes::new());
        if !head_only {
            let (events, body) = Channel::new(BACKLOG);
            tokio::spawn(tell(self.stage.follow(), events, place));
            *answer.body_mut() = body.boxed_unsync();
        }
        answer
    }
}

impl Service for Show {
    async fn answer(&self, request: Request) -> Reply {
        let mut reply = self.route(&request);
        guard(reply.headers_mut());
        reply
    }
}

/// Tells one browser until it or the show has gone.
async fn tell(
    mut scenes: watch::Receiver<Option<Scene>>,
    mut events: Sender<Bytes>,
    _place: OwnedSemaphorePermit,
) {
    loop {
        let event = scenes.borrow_and_update().as_ref().map(Scene::event);
        let Some(Ok(event)) = event else { return };
        if events.send_data(event).await.is_err() {
            return;
        }
        loop {
            tokio::select! {
                changed = scenes.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return,
                },
                () = tokio::time::sleep(HEARTBEAT) => {
                    if events.send_data(Bytes::from_static(b":\n\n")).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// Whether a page of another site asks, by what browsers say of a request (Fetch Metadata). The operator may well
/// follow a link to here.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let says = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let elsewhere = matches!(says("sec-fetch-site"), Some(b"cross-site" | b"same-site"));
    elsewhere && says("sec-fetch-dest") != Some(b"document".as_slice())
}

/// The name that a path's escapes stand for.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = path.bytes();
    let mut name = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            name.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
        } else {
            name.push(byte);
        }
    }
    String::from_utf8(name).ok()
}

/// A file of the preview.
fn file(name: &str, bytes: Bytes) -> Reply {
    let (media_type, policy) = match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" if name == "index.html" => ("text/html; charset=utf-8", page_policy(&bytes)),
        "html" => ("text/html; charset=utf-8", MESSAGE_POLICY.to_owned()),
        "txt" => ("text/plain; charset=utf-8", MESSAGE_POLICY.to_owned()),
        "eml" => ("message/rfc822", MESSAGE_POLICY.to_owned()),
        "png" => ("image/png", MESSAGE_POLICY.to_owned()),
        "jpeg" => ("image/jpeg", MESSAGE_POLICY.to_owned()),
        "gif" => ("image/gif", MESSAGE_POLICY.to_owned()),
        _ => ("application/octet-stream", MESSAGE_POLICY.to_owned()),
    };
    let mut answer = reply(StatusCode::OK, media_type, bytes);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// A message shows pictures, styles and fonts from anywhere, as in a mail program, and does nothing. Its links open
/// beside the preview.
const MESSAGE_POLICY: &str = "default-src 'none'; img-src * data:; style-src 'unsafe-inline' https:; font-src https: data:; \
     media-src https:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; \
     sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox";

/// The page runs its own scripts, known by their digests, and no others.
fn page_policy(page: &[u8]) -> String {
    let page = String::from_utf8_lossy(page);
    let scripts = page.split("<script>").skip(1).filter_map(|rest| rest.split_once("</script>"));
    let digests: Vec<String> = scripts.map(|(script, _)| by_digest(script)).collect();
    format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src 'self' data: https: http:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        digests.join(" ")
    )
}

/// What every answer says.
fn guard(headers: &mut HeaderMap) {
    let always = [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    }
    debug_assert!(headers.contains_key(CONTENT_TYPE), "nobody has to guess");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_from_a_path() {
        assert_eq!(decoded("0001-a%40b.example.html").as_deref(), Some("0001-a@b.example.html"));
        assert_eq!(decoded("%c3%BC").as_deref(), Some("ü"));
        for broken in ["%", "%4", "%zz", "%ff", "a%+1"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
    }

    #[test]
    fn the_pages_own_scripts_are_allowed_and_data_is_not() {
        let page = r#"<script type="application/json">{"a":1}</script><script>one()</script> <script>two()</script>"#;
        let policy = page_policy(page.as_bytes());
        let one = "'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='";
        assert!(policy.contains(&format!("script-src {one} {};", by_digest("two()"))), "{policy}");
    }

    #[test]
    fn other_sites_may_link_to_it_and_nothing_more() {
        let from = |site: &'static str, dest: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            headers.insert("sec-fetch-dest", HeaderValue::from_static(dest));
            is_from_elsewhere(&headers)
        };
        assert!(from("cross-site", "image") && from("same-site", "script") && from("cross-site", "iframe"));
        assert!(
            !from("same-origin", "iframe") && !from("none", "document") && !from("cross-site", "document")
        );
        assert!(!is_from_elsewhere(&HeaderMap::new()), "not everything is a browser");
    }
}
