//! Content that mrml is not shown: a stand-in takes its place until the page is drawn.
//!
//! A stand-in is made of noncharacters that no text holds (`source` takes them out), so what is put back is what was
//! held back, each piece in its place.

use super::outlook;

/// Opens and closes a stand-in.
const STAND_IN: [char; 2] = ['\u{FDD2}', '\u{FDD3}'];

/// The content, by the number in its stand-in.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<String>);

impl Held {
    /// Holds `content` back; what stands in for it.
    pub(super) fn hold(&mut self, content: String) -> String {
        self.0.push(content);
        format!("{}{}{}", STAND_IN[0], self.0.len() - 1, STAND_IN[1])
    }

    /// `html` with the content in place of its stand-ins; nothing, unless every piece is there. Where mrml has put a
    /// stand-in inside of a conditional comment (mj-raw in mj-wrapper), the comment is closed before and opened after
    /// it.
    pub(super) fn put_back(&self, html: &str) -> Option<String> {
        let mut out = String::with_capacity(html.len() + self.0.iter().map(String::len).sum::<usize>());
        let mut seen = vec![false; self.0.len()];
        let mut inside: Option<&str> = None;
        let mut rest = html;
        while let Some(found) = rest.find(['<', STAND_IN[0]]) {
            out.push_str(&rest[..found]);
            rest = &rest[found..];
            if let Some((number, after)) = read_stand_in(rest) {
                *seen.get_mut(number)? = true;
                let content = self.0.get(number)?;
                match inside {
                    Some(opener) => out.extend([outlook::CLOSE, content, opener]),
                    None => out.push_str(content),
                }
                rest = after;
                continue;
            }
            let step = if rest.starts_with(outlook::CLOSE) {
                inside = None;
                outlook::CLOSE.len()
            } else if rest.starts_with("<!--[if") {
                let end = rest.find("]>").map_or(rest.len(), |end| end + 2);
                // `<!--[if !mso]><!-->` ends at once: what follows is there for everybody but Outlook.
                inside = (!rest[end..].starts_with("<!-->")).then_some(&rest[..end]);
                end
            } else {
                rest.chars().next().map_or(0, char::len_utf8)
            };
            out.push_str(&rest[..step]);
            rest = &rest[step..];
        }
        out.push_str(rest);
        // Between two pieces nothing may be left for Outlook.
        let out = out.replace(&outlook::only(""), "");
        (!seen.contains(&false)).then_some(out)
    }
}

/// The number of the stand-in that `text` begins with, and what follows it.
fn read_stand_in(text: &str) -> Option<(usize, &str)> {
    let (number, after) = text.strip_prefix(STAND_IN[0])?.split_once(STAND_IN[1])?;
    Some((number.parse().ok()?, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_comes_back_to_its_place_or_not_at_all() {
        let mut held = Held::default();
        let (a, b) = (held.hold("<i>a</i>".to_owned()), held.hold("<b>b</b>".to_owned()));
        assert_eq!(held.put_back(&format!("<p>{b}</p>{a}")).as_deref(), Some("<p><b>b</b></p><i>a</i>"));
        assert_eq!(held.put_back(&a), None, "one of them is lost");
    }

    #[test]
    fn content_in_a_comment_for_outlook_is_moved_out_of_it() {
        let mut held = Held::default();
        let raw = held.hold("x".to_owned());
        let mended = outlook::only("<tr>") + "x" + &outlook::only("</tr>");
        assert_eq!(held.put_back(&outlook::only(&format!("<tr>{raw}</tr>"))), Some(mended));
        let shown = format!("<!--[if !mso]><!-->{raw}<!--<![endif]-->");
        assert_eq!(held.put_back(&shown).as_deref(), Some("<!--[if !mso]><!-->x<!--<![endif]-->"));
        assert_eq!(held.put_back(&outlook::only(&raw)).as_deref(), Some("x"));
    }
}
