//! Answers.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};

/// What an answer consists of: bytes, or a stream that never fails.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// An answer.
pub type Reply = hyper::Response<Body>;

/// An answer of this type.
pub fn reply(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Reply {
    let mut reply = hyper::Response::new(Full::new(body.into()).boxed_unsync());
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    reply
}

/// A sentence for whoever asked.
pub fn plain(status: StatusCode, sentence: &'static str) -> Reply {
    reply(status, "text/plain; charset=utf-8", Bytes::from(format!("{sentence}\n")))
}
