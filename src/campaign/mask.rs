//! Makes the lines that begin a block fit for the Markdown parser.
//!
//! comrak knows block directives, but takes no `:` in their opening line, so no URL, and unescapes what stands
//! there; and it closes a block at a `:::` within a code fence. So before it runs, each opening line is
//! replaced by `::: ` and a word, and a `:::` within a code fence by a word alone. One line stays one line:
//! every position remains true. Where a word turns up in code, [`Mask::restore`] puts the line back.

/// A text for the Markdown parser.
pub(super) struct Mask {
    /// The text, with nothing but line breaks before the body.
    pub(super) text: String,
    /// Where a code fence begins that is never closed.
    pub(super) open_fence: Option<usize>,
    /// Where more blocks than anybody means are begun within each other; the parser would take its time for them.
    pub(super) too_deep: Option<usize>,
    open_blocks: usize,
    prefix: String,
    lines: Vec<Line>,
    starts: Vec<usize>,
}

/// A line that was replaced: from its first colon to its end.
pub(super) struct Line {
    /// Where the first colon stands in the unmasked text.
    pub(super) offset: usize,
    /// The colons and what follows them.
    pub(super) text: String,
    /// What stands for it before the word.
    before: String,
}

/// So many blocks may be begun and not ended, which is a mistake all the same.
const MAX_OPEN: usize = 50;

/// Digits and an end, behind the prefix of a word.
const WORD_TAIL: usize = 7;

struct Fence {
    mark: u8,
    length: usize,
    offset: usize,
}

impl Mask {
    /// Masks `text`, whose Markdown begins at byte `body`.
    pub(super) fn new(text: &str, body: usize) -> Self {
        let prefix =
            (0..u32::MAX).map(|n| format!("mblk{n}k")).find(|prefix| !text.contains(prefix.as_str()));
        let blank = "\n".repeat(text[..body].matches('\n').count());
        let mut mask = Self {
            text: blank,
            open_fence: None,
            too_deep: None,
            open_blocks: 0,
            prefix: prefix.unwrap_or_default(),
            lines: Vec::new(),
            starts: Vec::new(),
        };
        let mut fence: Option<Fence> = None;
        let mut offset = body;
        for line in text[body..].split_inclusive('\n') {
            mask.push(line, offset, fence.is_some());
            fence = match fence {
                Some(open) if closes(line, &open) => None,
                Some(open) => Some(open),
                None => opens(line, offset),
            };
            offset += line.len();
        }
        mask.open_fence = fence.map(|fence| fence.offset);
        mask.starts = std::iter::once(0).chain(mask.text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        mask
    }

    fn push(&mut self, line: &str, offset: usize, in_fence: bool) {
        let content = line.trim_end();
        let indent = content.len() - content.trim_start_matches(' ').len();
        let directive = &content[indent..];
        let bare = directive.bytes().all(|b| b == b':');
        if !in_fence && directive.starts_with(":::") {
            self.open_blocks = if bare { self.open_blocks.saturating_sub(1) } else { self.open_blocks + 1 };
            if self.open_blocks > MAX_OPEN {
                self.too_deep.get_or_insert(offset + indent);
            }
        }
        let masked = directive.starts_with(":::") && if in_fence { true } else { indent <= 3 && !bare };
        if !masked {
            self.text.push_str(line);
            return;
        }
        let colons = directive.len() - directive.trim_start_matches(':').len();
        let before = if in_fence { String::new() } else { format!("{} ", &directive[..colons]) };
        self.text.push_str(&content[..indent]);
        self.text.push_str(&before);
        self.text.push_str(&self.word(self.lines.len()));
        self.text.push_str(&line[content.len()..]);
        self.lines.push(Line { offset: offset + indent, text: directive.to_owned(), before });
    }

    fn word(&self, index: usize) -> String {
        format!("{}{index:06}x", self.prefix)
    }

    /// The line that this word stands for.
    pub(super) fn line(&self, word: &str) -> Option<&Line> {
        let index: usize = word.strip_prefix(&self.prefix)?.strip_suffix('x')?.parse().ok()?;
        self.lines.get(index)
    }

    /// Whether a word stands in `text`.
    pub(super) fn touches(&self, text: &str) -> bool {
        text.contains(&self.prefix)
    }

    /// `text` with every line as it was written.
    pub(super) fn restore(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(&self.prefix) {
            let end = start + self.prefix.len() + WORD_TAIL;
            let Some((word, line)) = rest.get(start..end).and_then(|word| Some((word, self.line(word)?)))
            else {
                break;
            };
            out.push_str(rest[..start].strip_suffix(line.before.as_str()).unwrap_or(&rest[..start]));
            out.push_str(&line.text);
            rest = &rest[start + word.len()..];
        }
        out + rest
    }

    /// The line of this number, from 1, as the Markdown parser saw it.
    pub(super) fn line_at(&self, number: usize) -> &str {
        let start = number.checked_sub(1).and_then(|index| self.starts.get(index)).copied();
        start.and_then(|start| self.text[start..].lines().next()).unwrap_or_default()
    }
}

/// What is left of a line when the marks of quotes and lists around a code fence are gone.
fn content(line: &str) -> &str {
    let mut line = line.trim();
    loop {
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let rest = line
            .strip_prefix('>')
            .or_else(|| ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark)))
            .or_else(|| {
                let numbered = digits.len() < line.len();
                [". ", ") "].iter().find_map(|mark| digits.strip_prefix(mark)).filter(|_| numbered)
            });
        match rest {
            Some(rest) => line = rest.trim_start(),
            None => return line,
        }
    }
}

/// The code fence that begins in this line (`CommonMark` 0.31, section 4.5).
fn opens(line: &str, offset: usize) -> Option<Fence> {
    let line = content(line);
    let mark = *line.as_bytes().first().filter(|b| matches!(b, b'`' | b'~'))?;
    let length = line.bytes().take_while(|b| *b == mark).count();
    let info_is_code = mark == b'`' && line[length..].contains('`');
    (length >= 3 && !info_is_code).then_some(Fence { mark, length, offset })
}

fn closes(line: &str, fence: &Fence) -> bool {
    let line = line.trim().trim_start_matches(['>', ' ']);
    line.len() >= fence.length && line.bytes().all(|b| b == fence.mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines_and_come_back() {
        let text = "+++\n+++\n::: promo url=\"https://a.example\" A: b\n```\n::: in code\n:::\n```\n:::\n    ::: x\n";
        let mask = Mask::new(text, 8);
        assert_eq!(
            mask.text,
            "\n\n::: mblk0k000000x\n```\nmblk0k000001x\nmblk0k000002x\n```\n:::\n    ::: x\n"
        );
        assert_eq!(mask.line("mblk0k000000x").unwrap().offset, 8);
        assert_eq!(mask.restore(mask.text.trim_start()), text[8..]);
        assert!(mask.open_fence.is_none());
    }

    #[test]
    fn a_fence_that_is_never_closed_is_known() {
        assert_eq!(Mask::new("a\n> ~~~ x\n```\n", 0).open_fence, Some(2));
        assert!(Mask::new("```a`b\n- ~~~~\n  ~~~~~\n", 0).open_fence.is_none());
    }
}
