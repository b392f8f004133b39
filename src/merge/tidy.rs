//! The text part after the merge: what a branch that was not taken has left behind is taken away.
//!
//! Works on encoded lines, so that what is the same for everybody need not be encoded again.

/// A line between what belongs apart.
const SEPARATOR: &str = "* * *";
/// The rule above what the layout says at the end begins so.
const RULE: &str = "--------";

/// `encoded` without blank lines at its beginning or behind another, and without separators that part nothing.
pub(super) fn tidy(encoded: &str) -> String {
    let mut out = String::with_capacity(encoded.len());
    let mut blank = false;
    let mut separator = false;
    let mut continued = false;
    for line in encoded.split_inclusive("\r\n") {
        let content = line.trim_end_matches("\r\n");
        if !continued && content.is_empty() {
            blank = true;
        } else if !continued && content == SEPARATOR {
            separator = !out.is_empty();
        } else {
            if separator && !content.starts_with(RULE) {
                out.push_str("\r\n* * *\r\n");
                blank = true;
            }
            if blank && !out.is_empty() {
                out.push_str("\r\n");
            }
            out.push_str(line);
            (blank, separator) = (false, false);
        }
        continued = content.ends_with('=');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(lines: &str) -> String {
        tidy(&lines.replace('\n', "\r\n")).replace("\r\n", "\n")
    }

    #[test]
    fn holes_close() {
        assert_eq!(tidied("\n\na\n\n\nb\n\n"), "a\n\nb\n");
        assert_eq!(tidied("a=\n\nb\n"), "a=\n\nb\n", "a soft break goes on");
    }

    #[test]
    fn separators_stand_between_things() {
        assert_eq!(tidied("* * *\n\na\n\n* * *\n\n* * *\n\nb\n\n* * *\n"), "a\n\n* * *\n\nb\n");
        assert_eq!(tidied("a\n\n* * *\n\n-----------\nb\n"), "a\n\n-----------\nb\n");
    }
}
