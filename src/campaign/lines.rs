//! Lines of the text part and the statements between them.
//!
//! A statement stands before the line that follows it, in front of any prefix: a branch that is not taken
//! takes whole lines with it.

/// Lines, each with the tokens of statements that stand before it.
#[derive(Default)]
pub(super) struct Lines {
    lines: Vec<(String, String)>,
    pending: String,
}

impl Lines {
    /// Adds a line.
    pub(super) fn push(&mut self, line: String) {
        self.lines.push((std::mem::take(&mut self.pending), line));
    }

    /// Adds an empty line.
    pub(super) fn blank(&mut self) {
        self.push(String::new());
    }

    /// Adds tokens of statements, which go before the next line.
    pub(super) fn statement(&mut self, tokens: &str) {
        self.pending.push_str(tokens);
    }

    /// Adds lines.
    pub(super) fn all(&mut self, lines: Vec<String>) {
        for line in lines {
            self.push(line);
        }
    }

    /// Adds other lines, the first behind `first`, the others behind `rest`.
    pub(super) fn append(&mut self, other: Lines, first: &str, rest: &str) {
        let mut prefix = first;
        for (statements, line) in other.lines {
            self.statement(&statements);
            self.push(format!("{prefix}{line}").trim_end().to_owned());
            prefix = rest;
        }
        self.statement(&other.pending);
    }

    /// Adds an item of a list behind its marker.
    pub(super) fn item(&mut self, marker: &str, mut item: Lines) {
        if item.lines.is_empty() {
            item.blank();
        }
        self.append(item, marker, &" ".repeat(marker.len()));
    }

    /// Without the blank lines at the end.
    pub(super) fn trimmed(mut self) -> Self {
        while self.lines.last().is_some_and(|(statements, line)| line.is_empty() && statements.is_empty()) {
            self.lines.pop();
        }
        self
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The lines without the tokens before them.
    pub(super) fn texts(&self) -> Vec<String> {
        self.lines.iter().map(|(_, line)| line.clone()).collect()
    }

    /// All of it, each line ended by LF.
    pub(super) fn finish(self) -> String {
        let mut out = String::new();
        for (statements, line) in self.lines {
            out.push_str(&statements);
            out.push_str(&line);
            out.push('\n');
        }
        out + &self.pending
    }
}
