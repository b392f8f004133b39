//! The parser against every stream of bytes there can be, as far as chance gets: nothing makes it panic or take
//! more than its limits, it finds what a second reading by other means finds, and it matters to nothing in what
//! pieces the bytes arrive.

use proptest::prelude::*;

use super::*;

/// What a stream comes to: its replies, how many of its bytes they are made of, and the error after them.
#[derive(Debug, PartialEq)]
struct Read {
    replies: Vec<(u16, Vec<String>)>,
    taken: usize,
    error: Option<ReplyError>,
}

/// Feeds the stream in pieces of these sizes, then all the rest, and watches the parser's limits on the way.
fn read(stream: &[u8], pieces: &[usize]) -> Read {
    let mut parser = ReplyParser::default();
    let mut read = Read { replies: Vec::new(), taken: 0, error: None };
    let mut pieces = pieces.iter().copied();
    let mut fed = 0;
    while fed < stream.len() {
        let piece = pieces.next().unwrap_or(usize::MAX).clamp(1, stream.len() - fed);
        let end = fed + piece;
        while fed < end {
            match parser.feed(&stream[fed..end]) {
                Ok((taken, reply)) => {
                    assert!(taken > 0 && fed + taken <= end, "{taken} bytes were taken of {}", end - fed);
                    fed += taken;
                    assert!(reply.is_some() || fed == end, "bytes were left although no reply was complete");
                    assert_eq!(parser.is_at_rest(), reply.is_some());
                    if let Some(reply) = reply {
                        read.taken = fed;
                        read.replies.push((reply.code, reply.lines));
                    }
                }
                Err(error) => {
                    read.error = Some(error);
                    return read;
                }
            }
            assert!(parser.line.len() <= LINE_LIMIT_BYTES && parser.lines.len() <= LINES_LIMIT);
            assert!(parser.bytes <= REPLY_LIMIT_BYTES);
        }
    }
    read
}

/// The same by other means: the whole stream at once, line by line, nothing kept between them but the reply.
fn read_at_once(stream: &[u8]) -> Read {
    let mut read = Read { replies: Vec::new(), taken: 0, error: None };
    let (mut lines, mut code, mut start, mut at) = (Vec::new(), None, 0, 0);
    for line in stream.split_inclusive(|&byte| byte == b'\n') {
        at += line.len();
        let is_whole = line.ends_with(b"\n");
        let reply_left = REPLY_LIMIT_BYTES - (at - line.len() - start);
        read.error = if line.len() <= LINE_LIMIT_BYTES.min(reply_left) {
            None
        } else if LINE_LIMIT_BYTES <= reply_left {
            Some(ReplyError::LineTooLong)
        } else {
            Some(ReplyError::ReplyTooLong)
        };
        if !is_whole || read.error.is_some() {
            break;
        }
        let text = line.strip_suffix(b"\r\n").or(line.strip_suffix(b"\n")).unwrap();
        let digits = text.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let own = digits
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .filter(|own| (200..600).contains(own));
        let (Some(own), None | Some(b' ' | b'-')) = (own, text.get(3)) else {
            let shown: String = String::from_utf8_lossy(text).chars().take(60).collect();
            read.error = Some(ReplyError::NoReply(shown.escape_debug().to_string()));
            break;
        };
        let first: u16 = *code.get_or_insert(own);
        if own != first {
            read.error = Some(ReplyError::MixedCodes { first, then: own });
            break;
        }
        if lines.len() == LINES_LIMIT {
            read.error = Some(ReplyError::ReplyTooLong);
            break;
        }
        lines.push(String::from_utf8_lossy(text.get(4..).unwrap_or_default()).into_owned());
        if text.get(3) != Some(&b'-') {
            read.replies.push((first, std::mem::take(&mut lines)));
            (code, start, read.taken) = (None, at, at);
        }
    }
    read
}

/// A line that a relay, a broken one or an attacker might send.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let code = prop_oneof![
        12 => Just("250".to_owned()),
        6 => "[2-5][0-9]{2}",
        1 => "[0-9]{0,4}",
        1 => prop::sample::select(vec!["", "2 5", " 250", "25O", "２５０", "-250", "+25", "\u{0}", "199", "600"])
            .prop_map(str::to_owned),
    ];
    let separator = prop_oneof![6 => Just("-"), 4 => Just(" "), 1 => prop::sample::select(vec!["", "\t", "_", "--", "\r"])];
    let text = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..12),
        4 => "\\PC{0,20}".prop_map(String::into_bytes),
        1 => (4_080usize..4_100).prop_map(|length| vec![b'x'; length]),
        1 => (300usize..2_000).prop_map(|length| vec![0xff; length]),
    ];
    let end = prop_oneof![
        12 => Just("\r\n"),
        3 => Just("\n"),
        1 => prop::sample::select(vec!["", "\r", "\r\r\n", "\n\r\n", "\0\r\n"]),
    ];
    (code, separator, text, end).prop_map(|(code, separator, text, end)| {
        [code.as_bytes(), separator.as_bytes(), &text, end.as_bytes()].concat()
    })
}

/// Lines, some of them as often as it takes to reach a limit, and a few bytes of it all changed.
fn almost_replies() -> impl Strategy<Value = Vec<u8>> {
    let times = prop_oneof![20 => Just(1usize), 2 => 15usize..18, 1 => LINES_LIMIT - 2..LINES_LIMIT + 2];
    let lines = prop::collection::vec((line(), times), 0..10);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
    (lines, changes).prop_map(|(lines, changes)| {
        let mut stream = lines.into_iter().flat_map(|(line, times)| line.repeat(times)).collect::<Vec<_>>();
        if !stream.is_empty() {
            for (at, byte) in changes {
                let at = at.index(stream.len());
                stream[at] = byte;
            }
        }
        stream
    })
}

fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => almost_replies(),
        1 => prop::collection::vec(any::<u8>(), 0..2_000),
        1 => prop::collection::vec(prop::sample::select(b"2505 -\r\n".to_vec()), 0..500),
    ]
}

/// Sizes of pieces: byte by byte, in small ones, or as a network delivers them.
fn pieces() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        Just(vec![1; 100_000]),
        prop::collection::vec(1usize..8, 0..2_000),
        prop::collection::vec(1usize..5_000, 0..40),
    ]
}

proptest! {
    #[test]
    fn any_stream_in_any_pieces_is_read_as_it_is_at_once(stream in any_stream(), pieces in pieces()) {
        prop_assert_eq!(read(&stream, &pieces), read_at_once(&stream));
    }

    /// What is kept of it, for the log and the terminal, is short and harmless whatever was read.
    #[test]
    fn whatever_is_read_is_kept_as_short_plain_text(stream in any_stream()) {
        let read = read(&stream, &[]);
        for (code, lines) in read.replies {
            let reply = Reply::new(code, lines.iter().map(String::as_str));
            prop_assert!((200..600).contains(&reply.code));
            prop_assert!(reply.text.len() <= 2_000 && !reply.text.contains(char::is_control), "{:?}", reply.text);
            prop_assert!(reply.enhanced.is_none_or(|own| u16::from(own.class) == code / 100));
            prop_assert!(reply.relay_id().is_none_or(|id| !id.is_empty() && id.len() <= 200));
        }
        if let Some(error) = read.error {
            let told = error.to_string();
            prop_assert!(told.len() < 1_000 && !told.contains(char::is_control), "{:?}", told);
        }
    }

    /// A stream that was understood so far is understood the same when more follows: replies are final.
    #[test]
    fn what_follows_changes_no_reply_that_is_complete(first in any_stream(), then in any_stream()) {
        let before = read(&first, &[]);
        let after = read(&[first, then].concat(), &[]);
        prop_assert_eq!(&after.replies[..before.replies.len()], &before.replies[..]);
        if before.error.is_some() {
            prop_assert_eq!(after, before);
        }
    }
}
