//! What the relay says it can do (RFC 5321 4.1.1.1).

use lettre::transport::smtp::authentication::Mechanism;

/// The extensions of an EHLO reply that this client uses. All others are none of its business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Several commands in one write (RFC 2920).
    pub pipelining: bool,
    /// TLS can be started (RFC 3207).
    pub starttls: bool,
    /// `SIZE=` is understood (RFC 1870).
    pub size: bool,
    /// The largest message taken, in bytes, where the relay says so.
    pub max_size_bytes: Option<u64>,
    /// The ways to log in that both sides know, PLAIN first (RFC 4954).
    pub auth: Vec<Mechanism>,
    /// Every way to log in that the relay named, for messages.
    pub auth_offered: Vec<String>,
}

impl Capabilities {
    /// Reads the lines of an EHLO reply; the first is the relay's name and no keyword.
    pub(super) fn from_lines(lines: &[String]) -> Self {
        let mut found = Self::default();
        for line in lines.iter().skip(1) {
            // `AUTH=PLAIN` is what servers older than RFC 2554 say.
            let mut words =
                line.split(|c: char| c.is_whitespace() || c == '=').filter(|word| !word.is_empty());
            match words.next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "PIPELINING" => found.pipelining = true,
                "STARTTLS" => found.starttls = true,
                "SIZE" => {
                    found.size = true;
                    // RFC 1870 section 4: 0 means that no limit is known.
                    found.max_size_bytes =
                        words.next().and_then(|word| word.parse().ok()).filter(|&limit| limit > 0);
                }
                "AUTH" => found.add_mechanisms(words),
                _ => {}
            }
        }
        found
    }

    fn add_mechanisms<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            let name = name.to_ascii_uppercase();
            if !self.auth_offered.contains(&name) {
                self.auth_offered.push(name);
            }
        }
        let offered = |mechanism: &Mechanism| self.auth_offered.contains(&mechanism.to_string());
        self.auth = [Mechanism::Plain, Mechanism::Login].into_iter().filter(offered).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Capabilities {
        Capabilities::from_lines(&lines.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn the_keywords_are_read_whatever_their_case() {
        let relay =
            read(&["smtp.example greets you", "Pipelining", "SIZE 10240000", "starttls", "auth login PLAIN"]);
        assert!(relay.pipelining && relay.starttls && relay.size);
        assert_eq!(relay.max_size_bytes, Some(10_240_000));
        assert_eq!(relay.auth, [Mechanism::Plain, Mechanism::Login]);
    }

    #[test]
    fn the_relays_name_is_no_keyword() {
        assert_eq!(read(&["STARTTLS"]), Capabilities::default());
        assert_eq!(read(&[]), Capabilities::default());
    }

    #[test]
    fn a_size_of_zero_or_none_is_no_limit() {
        for line in ["SIZE", "SIZE 0", "SIZE lots"] {
            assert_eq!((read(&["x", line]).size, read(&["x", line]).max_size_bytes), (true, None));
        }
    }

    #[test]
    fn old_servers_and_unknown_mechanisms() {
        let relay = read(&["x", "AUTH=LOGIN", "AUTH CRAM-MD5 LOGIN"]);
        assert_eq!(relay.auth, [Mechanism::Login]);
        assert_eq!(relay.auth_offered, ["LOGIN", "CRAM-MD5"]);
    }
}
