//! What stands within lines: text, its marks, and links with their addresses.
//!
//! An address never stands within a sentence: it is noted right below the paragraph, on a line of its own, behind
//! a number that counts from 1 in each paragraph, after the merge. So nobody turns pages to find it, every program
//! finds its end, and no condition can leave a gap in the numbers. Where a link is the whole line, its address
//! follows without a number. Mail addresses and telephone numbers are short enough to stand behind their names.

use super::piece::UrlPlace;
use super::reading;
use super::writer::Writer;
use crate::campaign::marked::Marked;
use crate::campaign::tree::{Image, Inline, Link};
use crate::campaign::{html::inline_html, parts};
use crate::tags::TagKind;

/// What may stand between links that make a line of their own, such as a footer's.
const BETWEEN_LINKS: [char; 5] = ['|', '·', '•', '/', '–'];

impl Writer<'_> {
    /// Text with its marks. Raw HTML is read as a browser reads it.
    pub(super) fn marked(&mut self, content: &[Inline]) -> Marked {
        let mut out = Marked::default();
        if content.iter().any(has_html) {
            let read = reading::inlines(&inline_html(content), self.tags);
            self.inlines(&read, &mut out);
        } else {
            self.inlines(content, &mut out);
        }
        out
    }

    fn inlines(&mut self, content: &[Inline], out: &mut Marked) {
        for inline in content {
            match inline {
                Inline::Text(text) => out.text(text),
                Inline::Emphasis(inner) => self.between('_', inner, out),
                Inline::Strong(inner) => self.between('*', inner, out),
                Inline::Strikethrough(inner) => self.between('~', inner, out),
                Inline::Code(code) => {
                    out.mark('`');
                    if code.contains(char::is_whitespace) {
                        out.text(code);
                    } else {
                        out.whole(code);
                    }
                    out.mark('`');
                }
                Inline::Link(link) => self.link(link, out),
                Inline::Image(image) => picture(image, out),
                Inline::SoftBreak => out.space(),
                Inline::HardBreak => out.line_break(),
                // What is left of it are tags that say nothing.
                Inline::Html(_) => {}
            }
        }
    }

    fn between(&mut self, mark: char, inner: &[Inline], out: &mut Marked) {
        out.mark(mark);
        self.inlines(inner, out);
        out.mark(mark);
    }

    fn link(&mut self, link: &Link, out: &mut Marked) {
        if says_nothing(link) {
            self.url(&link.url, out);
            return;
        }
        self.inlines(&link.content, out);
        if let Some(dialled) = dialled(&link.url) {
            out.text(" <");
            out.whole(dialled);
            out.text(">");
        } else if !is_anchor(&link.url) {
            out.note(&link.url);
            self.record(&link.url);
        }
    }

    /// Links that stand alone, each on a line: a button, or the last line of a footer.
    pub(super) fn lone_links(&mut self, content: &[Inline]) -> Option<Vec<Marked>> {
        let read;
        let content = if content.iter().any(has_html) {
            read = reading::inlines(&inline_html(content), self.tags);
            &read
        } else {
            content
        };
        let links = match parts::button(content) {
            Some(link) => vec![link],
            None => only_links(content)?,
        };
        Some(links.iter().map(|link| self.lone_link(link)).collect())
    }

    fn lone_link(&mut self, link: &Link) -> Marked {
        let mut out = Marked::default();
        if !says_nothing(link) {
            self.inlines(&link.content, &mut out);
            if is_anchor(&link.url) {
                return out;
            }
            out.text(": ");
        }
        self.url(&link.url, &mut out);
        out
    }

    /// The addresses of the links in a line that stands for itself, such as a heading: they follow on lines of
    /// their own. Gives the line without them, and the addresses.
    pub(super) fn parted(&mut self, content: &[Inline]) -> (Marked, Vec<Marked>) {
        let mut urls = Vec::new();
        let mut read = reading::inlines(&inline_html(content), self.tags);
        crate::campaign::tree::each_inline_link(&mut read, &mut |link| {
            if !says_nothing(link) && !is_anchor(&link.url) {
                urls.push(std::mem::replace(&mut link.url, "#".to_owned()));
            }
        });
        let mut out = Marked::default();
        self.inlines(&read, &mut out);
        let addresses = urls.iter().map(|url| self.address(url)).collect();
        (out, addresses)
    }

    /// An address by itself.
    pub(super) fn address(&mut self, url: &str) -> Marked {
        let mut out = Marked::default();
        self.url(url, &mut out);
        out
    }

    /// Writes an address.
    fn url(&mut self, url: &str, out: &mut Marked) {
        if let Some(dialled) = dialled(url) {
            out.whole(dialled);
        } else {
            out.whole(url);
            self.record(url);
        }
    }

    /// Notes the merge tags of a URL.
    pub(super) fn record(&mut self, url: &str) {
        let mut from = 0;
        while let Some((range, index)) = self.tags.find(url, from) {
            from = range.end;
            if self.tags.get(index).kind == TagKind::Print {
                let place = if range.start == 0 { UrlPlace::Start } else { UrlPlace::Inside };
                self.urls.insert(index, place);
            }
        }
    }
}

fn picture(image: &Image, out: &mut Marked) {
    if !image.alt.trim().is_empty() {
        out.mark('[');
        out.text(image.alt.trim());
        out.mark(']');
    }
}

fn has_html(inline: &Inline) -> bool {
    match inline {
        Inline::Html(_) => true,
        Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strikethrough(inner) => {
            inner.iter().any(has_html)
        }
        Inline::Link(link) => link.content.iter().any(has_html),
        _ => false,
    }
}

/// Whether a link shows no more than its address: an address that was written out, or a picture without words.
fn says_nothing(link: &Link) -> bool {
    let silent = |inline: &Inline| match inline {
        Inline::Image(image) => image.alt.trim().is_empty(),
        Inline::Text(text) => text.trim().is_empty(),
        Inline::SoftBreak | Inline::HardBreak => true,
        _ => false,
    };
    link.bare || link.content.iter().all(silent)
}

/// Of a bare `mailto:` or `tel:`, what a person dials.
fn dialled(url: &str) -> Option<&str> {
    let dialled = ["mailto:", "tel:"].into_iter().find_map(|scheme| url.strip_prefix(scheme));
    dialled.filter(|dialled| !dialled.contains('?'))
}

fn is_anchor(url: &str) -> bool {
    url.starts_with('#') || url.is_empty()
}

/// The links of content that is nothing else.
fn only_links(content: &[Inline]) -> Option<Vec<Link>> {
    let mut links = Vec::new();
    for inline in content {
        match inline {
            Inline::Link(link) => links.push(link.clone()),
            Inline::SoftBreak | Inline::HardBreak => {}
            Inline::Text(text) if text.trim_matches(BETWEEN_LINKS).trim().is_empty() => {}
            Inline::Text(text) if text.chars().all(|c| c.is_whitespace() || BETWEEN_LINKS.contains(&c)) => {}
            _ => return None,
        }
    }
    (!links.is_empty()).then_some(links)
}
