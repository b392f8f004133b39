//! The dialogue as `-v` shows it: `C:` our side, `S:` the relay's. Neither passwords nor messages ever come here.

/// What the lines are called in `tracing`'s filters.
const TARGET: &str = "mailshot::smtp";

/// A line we sent, its line end aside.
pub(super) fn client(line: &str) {
    tracing::debug!(target: TARGET, "C: {}", line.trim_end());
}

/// A reply, line by line as it came.
pub(super) fn server(code: u16, lines: &[String]) {
    for (number, line) in lines.iter().enumerate() {
        let separator = if number + 1 == lines.len() { ' ' } else { '-' };
        tracing::debug!(target: TARGET, "S: {code}{separator}{}", line.escape_debug());
    }
}

/// Something that is no line of the dialogue.
pub(super) fn note(what: &str) {
    tracing::debug!(target: TARGET, "-- {what}");
}
