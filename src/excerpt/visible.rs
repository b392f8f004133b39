//! Text of unknown origin as one line that changes nothing but the place it is printed at.

use std::fmt::Write;

/// Stands for a tab: stops would depend on what stands before it.
const TAB: &str = "    ";

/// `text` with every character that would move the cursor, reverse the line or not be seen at all replaced by one that
/// shows it: control characters (so no ANSI sequence is left) by their pictures, `U+202E` and its like by their number.
/// Line breaks become spaces, tabs four.
///
/// The joiner and the variation selectors that emoji are made with stay.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push_str(TAB),
            '\n' | '\r' => out.push(' '),
            '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}')),
            '\u{7f}' => out.push('\u{2421}'),
            c if c.is_control() || is_unseen(c) => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Characters without a shape that are not part of one: bidi controls, zero-width ones, tags, noncharacters.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    ) || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(visible("a\tb\u{1b}[31mc\u{7f}\u{9b}0m\0"), "a    b␛[31mc␡<U+009B>0m␀");
        assert_eq!(visible("x\u{202e}y\u{200b}z\u{2066}\u{feff}"), "x<U+202E>y<U+200B>z<U+2066><U+FEFF>");
        assert_eq!(visible("one\r\ntwo"), "one  two");
    }

    #[test]
    fn what_has_a_shape_stays() {
        for text in ["Zoë", "日本", "שלום", "👩\u{200d}🚀", "❤\u{fe0f}", "e\u{301}"] {
            assert_eq!(visible(text), text);
        }
    }
}
