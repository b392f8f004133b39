//! What is put on the wire for one recipient, proven fit for it: the envelope and the message.
//!
//! No address can end its command and begin another, and no message can end itself and begin another: a
//! message with bare line ends would let one server see `.` alone on a line where another does not ("SMTP
//! smuggling"). Such messages are refused, not repaired, for their signature would break.

use lettre::Address;

use crate::delivery::Failure;

/// RFC 5321 4.5.3.1.3: 256 with the angle brackets.
const ADDRESS_LIMIT_BYTES: usize = 254;
/// RFC 5321 4.5.3.1.6: 1,000 with CRLF.
const LINE_LIMIT_BYTES: usize = 998;
const END_OF_DATA: &[u8] = b".\r\n";

/// From whom, to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub(super) from: Address,
    pub(super) to: Address,
}

impl Envelope {
    /// An envelope for one recipient. Fails, as a message that cannot be built, where an address holds anything
    /// but visible ASCII, holds `<` or `>`, has no `@` or is too long.
    pub fn new(from: &str, to: &str) -> Result<Self, Failure> {
        Ok(Self { from: address(from)?, to: address(to)? })
    }
}

fn address(text: &str) -> Result<Address, Failure> {
    let safe = text.len() <= ADDRESS_LIMIT_BYTES
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
    match text.rsplit_once('@') {
        Some((user, domain)) if safe && !user.is_empty() && !domain.is_empty() => {
            // Checked here by a stricter rule than lettre's parser, and a laxer one: addresses such as
            // `a..b@example.jp` do exist.
            Ok(Address::new_dangerous(user, domain))
        }
        _ => Err(Failure::unsendable(format!("`{}` cannot stand in an SMTP envelope", text.escape_debug()))),
    }
}

/// A message ready for DATA: lines stuffed, final dot in place (RFC 5321 4.5.2).
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    stuffed: Vec<u8>,
    size_bytes: usize,
}

impl Payload {
    /// Takes a whole message, its lines ended by CRLF (a missing last one is added). Fails, as a message that
    /// cannot be built, where a line end is bare, a byte is no ASCII, a NUL occurs or a line is too long: the
    /// relay would change such a message, or refuse it.
    pub fn new(message: &[u8]) -> Result<Self, Failure> {
        let mut stuffed = Vec::with_capacity(message.len() + message.len() / 64 + 8);
        let mut size_bytes = 0;
        for line in message.split_inclusive(|&byte| byte == b'\n') {
            let content = line.strip_suffix(b"\r\n").unwrap_or(line);
            check_line(content)?;
            if content.starts_with(b".") {
                stuffed.push(b'.');
            }
            stuffed.extend_from_slice(content);
            stuffed.extend_from_slice(b"\r\n");
            size_bytes += content.len() + 2;
        }
        stuffed.extend_from_slice(END_OF_DATA);
        Ok(Self { stuffed, size_bytes })
    }

    /// The size of the message as RFC 1870 counts it: with line ends, without stuffing and final dot.
    pub const fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// What can be sent before the final dot is at stake, and the last block, which carries it.
    pub(super) fn split_before_dot(&self, block_bytes: usize) -> (&[u8], &[u8]) {
        let last = block_bytes.max(END_OF_DATA.len()).min(self.stuffed.len());
        self.stuffed.split_at(self.stuffed.len() - last)
    }
}

fn check_line(content: &[u8]) -> Result<(), Failure> {
    let wrong = if content.len() > LINE_LIMIT_BYTES {
        "a line longer than 998 bytes"
    } else if content.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        "a line end that is not CRLF"
    } else if content.contains(&0) {
        "a NUL byte"
    } else if !content.is_ascii() {
        "a byte that is not ASCII"
    } else {
        return Ok(());
    };
    Err(Failure::unsendable(format!("the message has {wrong}")))
}

/// The body is nobody's business in a log.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The receiver's side of RFC 5321 4.5.2, written apart from the sender's.
    fn received(wire: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let end = wire.windows(5).position(|five| five == b"\r\n.\r\n").expect("an end");
        let text = format!("\r\n{}", std::str::from_utf8(&wire[..end + 2]).unwrap());
        let text = text.replace("\r\n.", "\r\n");
        (text.as_bytes()[2..].to_vec(), wire[end + 5..].to_vec())
    }

    #[test]
    fn dots_are_stuffed_and_the_size_does_not_count_them() {
        let payload = Payload::new(b"A: b\r\n\r\n.\r\n..two\r\nx.y\r\n").unwrap();
        assert_eq!(payload.stuffed, b"A: b\r\n\r\n..\r\n...two\r\nx.y\r\n.\r\n");
        assert_eq!(payload.size_bytes(), 23);
    }

    #[test]
    fn a_missing_last_line_end_is_added() {
        assert_eq!(Payload::new(b"A: b").unwrap().stuffed, b"A: b\r\n.\r\n");
    }

    #[test]
    fn a_message_that_servers_could_read_in_two_ways_is_refused() {
        for (message, word) in [
            (&b"a\n.\nMAIL FROM:<x@y>\r\n"[..], "CRLF"),
            (b"a\r.\r\n", "CRLF"),
            (b"a\r\r\n", "CRLF"),
            (b"a\0b\r\n", "NUL"),
            ("é\r\n".as_bytes(), "ASCII"),
            (&[b'x'; 999], "998"),
        ] {
            let failure = Payload::new(message).unwrap_err();
            assert!(failure.to_string().contains(word), "{failure}");
        }
        assert!(Payload::new(&[b'x'; 998]).is_ok());
    }

    #[test]
    fn the_last_block_always_carries_the_whole_dot() {
        let payload = Payload::new(&b"0123456789\r\n".repeat(10)).unwrap();
        for block in [0, 1, 3, 50, 10_000] {
            let (before, last) = payload.split_before_dot(block);
            assert!(last.ends_with(b".\r\n"));
            assert_eq!([before, last].concat(), payload.stuffed);
        }
    }

    #[test]
    fn an_address_cannot_leave_its_command() {
        let long = format!("{}@b.example", "a".repeat(250));
        for address in [
            "a@b.example>\r\nRCPT TO:<c@d.example",
            "a@b.example> SIZE=1",
            "a b@c.example",
            "<a@b.example>",
            "ä@b.example",
            "a\u{0}@b.example",
            "nobody",
            "@b.example",
            "a@",
            "",
            long.as_str(),
        ] {
            assert!(Envelope::new("from@tmw.example", address).is_err(), "{address}");
            assert!(Envelope::new(address, "to@b.example").is_err(), "{address}");
        }
        let odd = Envelope::new("bounces+x=y@tmw.example", "a..b'c@mail.example.jp").unwrap();
        assert_eq!(odd.to.to_string(), "a..b'c@mail.example.jp");
    }

    proptest! {
        #[test]
        fn what_is_received_is_what_was_sent_and_nothing_after_it(lines in prop::collection::vec("[.a\t ]{0,5}", 1..20)) {
            let message = format!("{}\r\n", lines.join("\r\n"));
            let payload = Payload::new(message.as_bytes()).unwrap();
            let wire = [b"\r\n", &payload.stuffed[..]].concat();
            let (text, after) = received(&wire);
            prop_assert_eq!(text, [b"\r\n", message.as_bytes()].concat());
            prop_assert_eq!(after, b"");
        }
    }
}
