//! Replies, read as bytes (RFC 5321 4.2 and 4.5.3.1.5). No I/O.
//!
//! A reply is one or more lines of `code`, `-` or a space, text; the line without `-` ends it. Accepted beyond
//! the letter of the RFC, since servers do send it: a code without any text, a bare line feed as line end, text
//! that is no UTF-8. Refused: another code within one reply, a code outside 200–599, and anything beyond the limits.

use crate::delivery::Reply;

/// Longest line, line end included. RFC 5321 says 512; some relays say more.
const LINE_LIMIT_BYTES: usize = 4_096;
/// Most lines in a reply.
const LINES_LIMIT: usize = 200;
/// Longest reply in all.
const REPLY_LIMIT_BYTES: usize = 64 * 1_024;

/// A complete reply with its lines still apart, as EHLO needs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReplyLines {
    pub(super) code: u16,
    /// What follows the code and its separator, lossily decoded.
    pub(super) lines: Vec<String>,
}

impl ReplyLines {
    pub(super) fn to_reply(&self) -> Reply {
        Reply::new(self.code, self.lines.iter().map(String::as_str))
    }
}

/// The bytes are no SMTP reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReplyError {
    #[error("the relay sent `{0}`, which is no SMTP reply")]
    NoReply(String),
    #[error("the relay began a reply with {first} and went on with {then}")]
    MixedCodes { first: u16, then: u16 },
    #[error("the relay's reply has a line of more than {LINE_LIMIT_BYTES} bytes")]
    LineTooLong,
    #[error("the relay's reply has more than {LINES_LIMIT} lines or {REPLY_LIMIT_BYTES} bytes")]
    ReplyTooLong,
}

/// Takes bytes as they come, in pieces of any size, and gives replies.
#[derive(Debug, Default)]
pub(super) struct ReplyParser {
    line: Vec<u8>,
    code: Option<u16>,
    lines: Vec<String>,
    bytes: usize,
}

impl ReplyParser {
    /// Reads from `input` up to the end of a reply. Returns how many bytes it took, and the reply if it is
    /// complete; without one, all bytes were taken. After an error the stream cannot be understood any more.
    pub(super) fn feed(&mut self, input: &[u8]) -> Result<(usize, Option<ReplyLines>), ReplyError> {
        let mut taken = 0;
        while taken < input.len() {
            let rest = &input[taken..];
            let end = rest.iter().position(|&byte| byte == b'\n').map(|at| at + 1);
            let piece = &rest[..end.unwrap_or(rest.len())];
            // By the limit that comes first, not by the one that this piece happens to reach.
            let (line_left, reply_left) =
                (LINE_LIMIT_BYTES - self.line.len(), REPLY_LIMIT_BYTES - self.bytes);
            if piece.len() > line_left.min(reply_left) {
                let is_line = line_left <= reply_left;
                return Err(if is_line { ReplyError::LineTooLong } else { ReplyError::ReplyTooLong });
            }
            taken += piece.len();
            self.bytes += piece.len();
            self.line.extend_from_slice(piece);
            if end.is_some()
                && let Some(reply) = self.end_of_line()?
            {
                return Ok((taken, Some(reply)));
            }
        }
        Ok((taken, None))
    }

    /// Whether it stands between two replies, with no byte of the next.
    pub(super) fn is_at_rest(&self) -> bool {
        self.bytes == 0
    }

    fn end_of_line(&mut self) -> Result<Option<ReplyLines>, ReplyError> {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (code, is_last, text) = split_line(line)?;
        match self.code {
            Some(first) if first != code => return Err(ReplyError::MixedCodes { first, then: code }),
            _ => self.code = Some(code),
        }
        if self.lines.len() == LINES_LIMIT {
            return Err(ReplyError::ReplyTooLong);
        }
        self.lines.push(String::from_utf8_lossy(text).into_owned());
        if !is_last {
            return Ok(None);
        }
        let done = std::mem::take(self);
        Ok(Some(ReplyLines { code, lines: done.lines }))
    }
}

/// The code, whether this line is the last, and the text.
fn split_line(line: &[u8]) -> Result<(u16, bool, &[u8]), ReplyError> {
    let no_reply = || {
        let shown: String = String::from_utf8_lossy(line).chars().take(60).collect();
        ReplyError::NoReply(shown.escape_debug().to_string())
    };
    let (digits, rest) = line.split_at_checked(3).ok_or_else(no_reply)?;
    if !matches!(digits, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']) {
        return Err(no_reply());
    }
    let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    match rest {
        [] => Ok((code, true, rest)),
        [b' ', text @ ..] => Ok((code, true, text)),
        [b'-', text @ ..] => Ok((code, false, text)),
        _ => Err(no_reply()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All replies of a stream, fed in pieces of the given sizes, and the error it ends with.
    fn replies(stream: &[u8], pieces: &[usize]) -> (Vec<(u16, Vec<String>)>, Option<ReplyError>) {
        let mut parser = ReplyParser::default();
        let mut found = Vec::new();
        let mut sizes = pieces.iter().copied().chain(std::iter::repeat(usize::MAX));
        let mut rest = stream;
        while !rest.is_empty() {
            let (mut piece, later) = rest.split_at(sizes.next().unwrap().clamp(1, rest.len()));
            rest = later;
            while !piece.is_empty() {
                match parser.feed(piece) {
                    Ok((taken, reply)) => {
                        piece = &piece[taken..];
                        found.extend(reply.map(|reply| (reply.code, reply.lines)));
                    }
                    Err(error) => return (found, Some(error)),
                }
            }
        }
        (found, None)
    }

    fn single(stream: &[u8]) -> Reply {
        let (code, lines) = replies(stream, &[]).0.remove(0);
        Reply::new(code, lines.iter().map(String::as_str))
    }

    #[test]
    fn one_line_many_lines_and_no_text_at_all() {
        assert_eq!(single(b"250 2.0.0 Ok\r\n").to_string(), "250 2.0.0 Ok");
        assert_eq!(single(b"250-first\r\n250-\r\n250 last\r\n").to_string(), "250 first last");
        for bare in [&b"250\r\n"[..], b"250 \r\n", b"250\n"] {
            assert_eq!(single(bare).to_string(), "250");
        }
    }

    #[test]
    fn a_reply_that_is_no_utf8_is_still_a_reply() {
        assert_eq!(single(b"550 bo\xeete inconnue\r\n").to_string(), "550 bo\u{fffd}te inconnue");
    }

    #[test]
    fn pipelined_replies_are_told_apart() {
        let (found, error) = replies(b"250 a\r\n550-b\r\n550 c\r\n354 d\r\n", &[]);
        assert_eq!(error, None);
        assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [250, 550, 354]);
    }

    #[test]
    fn what_is_no_reply_is_refused_and_quoted_safely() {
        for stream in [
            &b"HTTP/1.1 400 Bad Request\r\n"[..],
            b"\r\n",
            b"25\r\n",
            b"250_ok\r\n",
            b"150 x\r\n",
            b"650 x\r\n",
        ] {
            assert!(matches!(replies(stream, &[]).1, Some(ReplyError::NoReply(_))), "{stream:?}");
        }
        let error = replies(b"\x1b[2J\x00\r\n", &[]).1.unwrap();
        assert_eq!(error.to_string(), "the relay sent `\\u{1b}[2J\\0`, which is no SMTP reply");
    }

    #[test]
    fn a_reply_that_changes_its_mind_is_refused() {
        let error = replies(b"250-fine\r\n550 not fine\r\n", &[]).1;
        assert_eq!(error, Some(ReplyError::MixedCodes { first: 250, then: 550 }));
    }

    #[test]
    fn a_flood_ends_at_the_limits() {
        let endless = [b"250-".to_vec(), vec![b'x'; LINE_LIMIT_BYTES]].concat();
        assert_eq!(replies(&endless, &[1_000; 10]).1, Some(ReplyError::LineTooLong));
        assert_eq!(replies(&b"250-\r\n".repeat(LINES_LIMIT + 1), &[]).1, Some(ReplyError::ReplyTooLong));
        let wide = [&b"250-"[..], &[b'x'; 4_000], b"\r\n"].concat().repeat(17);
        assert_eq!(replies(&wide, &[]).1, Some(ReplyError::ReplyTooLong));
        // Both limits in one piece: the reply's comes first.
        let rest = [b"250-".to_vec(), vec![b'x'; 5_000]].concat();
        let both = [wide[..16 * 4_006].to_vec(), rest].concat();
        for pieces in [vec![], vec![1; 70_000]] {
            assert_eq!(replies(&both, &pieces).1, Some(ReplyError::ReplyTooLong));
        }
        let most = [b"250-x\r\n".repeat(LINES_LIMIT - 1), b"250 x\r\n".to_vec()].concat();
        assert_eq!(replies(&most, &[]).0.len(), 1, "the limit itself is allowed");
    }
}

#[cfg(test)]
#[path = "reply_fuzz.rs"]
mod fuzz;
