//! Takes the links to leave the list out of a page.
//!
//! A link that stands by itself, or in a row of links, goes with its words and the sign that parted it from the next.
//! In a sentence its words stay: "you can unsubscribe at any time" is true of the message, and no hole is left.

/// Stands where an unsubscribe link would: a noncharacter, which no text may hold.
pub(super) const LEAVE: char = '\u{fdd0}';
/// What parts links in a row.
const SEPARATORS: [char; 8] = ['|', '·', '•', '-', '–', '—', '/', ','];

/// The HTML without its links to [`LEAVE`].
pub(super) fn without_leaving(html: &str) -> String {
    let mut html = html.to_owned();
    while let Some(mark) = html.find(LEAVE) {
        html = match Link::around(&html, mark) {
            Some(link) => link.removed(&html),
            // In another element it leads nowhere.
            None => html.replacen(LEAVE, "", 1),
        };
    }
    html
}

/// A link, as bytes of the HTML.
struct Link {
    start: usize,
    words_start: usize,
    words_end: usize,
    end: usize,
}

impl Link {
    /// The link that has the mark in its tag.
    fn around(html: &str, mark: usize) -> Option<Self> {
        let start = html[..mark].rfind('<')?;
        let name_end = start + 2;
        let is_link = html.get(start..name_end).is_some_and(|tag| tag.eq_ignore_ascii_case("<a"))
            && html[name_end..].starts_with(|c: char| c.is_ascii_whitespace());
        let words_start = mark + html[mark..].find('>')? + 1;
        let close = html[words_start..].to_ascii_lowercase().find("</a")?;
        let words_end = words_start + close;
        let end = words_end + html[words_end..].find('>')? + 1;
        is_link.then_some(Self { start, words_start, words_end, end })
    }

    fn removed(&self, html: &str) -> String {
        let (before, after) = (&html[..self.start], &html[self.end..]);
        let run_before = before.rsplit('>').next().unwrap_or_default();
        let run_after = after.split('<').next().unwrap_or_default();
        if has_words(run_before) || has_words(run_after) {
            return format!("{before}{}{after}", &html[self.words_start..self.words_end]);
        }
        let separated = |c: char| c.is_whitespace() || SEPARATORS.contains(&c);
        let without_next = after.trim_start_matches(separated);
        if run_after.chars().any(|c| SEPARATORS.contains(&c)) {
            return format!("{before}{without_next}");
        }
        if run_before.chars().any(|c| SEPARATORS.contains(&c)) {
            return format!("{}{after}", before.trim_end_matches(separated));
        }
        format!("{before}{after}")
    }
}

/// Whether there is more in a text than spaces and signs.
fn has_words(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        if before.contains(char::is_alphanumeric) {
            return true;
        }
        rest = match after.split_once(';') {
            Some((entity, after)) if entity.len() <= 10 => after,
            _ => after,
        };
    }
    rest.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_by_itself_goes_and_one_in_a_sentence_keeps_its_words() {
        for (html, left) in [
            ("<p>@Unsubscribe</a></p>", "<p></p>"),
            ("<p>@Leave</a> <a href=v>View</a></p>", "<p> <a href=v>View</a></p>"),
            ("<p>@Leave</a> · <a href=v>View</a></p>", "<p><a href=v>View</a></p>"),
            ("<p><a href=v>View</a> | @Leave</a></p>", "<p><a href=v>View</a></p>"),
            ("<p><a href=v>View</a>&nbsp;@Leave</a></p>", "<p><a href=v>View</a>&nbsp;</p>"),
            ("<p>You can @<b>leave</b></a> at any time.</p>", "<p>You can <b>leave</b> at any time.</p>"),
            ("<td>@<img src=x></A ></td>", "<td></td>"),
            ("<p>@One</a> or @two</a></p>", "<p>One or two</p>"),
            ("<area href=\"#\"><p>x</p>", "<area href=\"\"><p>x</p>"),
        ] {
            let link = format!("<a class=\"b\" href=\"{LEAVE}\" target=_blank>");
            let html = html.replace('@', &link).replace('#', &LEAVE.to_string());
            assert_eq!(without_leaving(&html), left, "{html}");
        }
    }
}
