//! What an attribute's value must be, and how it is written for mrml.
//!
//! mrml reads lengths only as `10px`, separated by one space; anything else counts as nothing in its
//! arithmetic, without a word. So lengths are checked here and written in that one form.

use super::colors;
use crate::finding::nearest;

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything.
    Text,
    /// A CSS colour.
    Color,
    /// `10px`
    Pixels,
    /// `10px` or `50%`
    Size,
    /// One to four of `10px` or `50%`.
    Sides,
    /// `10px`, `50%` or this word.
    SizeOrWord(&'static str),
    /// `10px`, `120%` or a plain number.
    LineHeight,
    /// `1px` or `0.1em`, negative too.
    Spacing,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number.
    Integer,
    /// `true` or `false`
    Boolean,
}

/// A value as mrml must see it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// It is right; so it is written.
    Good(String),
    /// It means nothing; why, and what would.
    Bad { why: String, help: String },
    /// CSS knows it, but MJML cannot reckon with it.
    Doubtful { value: String, why: String },
}

impl Kind {
    /// Whether a merge tag may decide the value: not where the layout is reckoned with it at compile time.
    pub(super) fn may_hold_tags(self) -> bool {
        matches!(self, Self::Text | Self::Color)
    }

    /// Checks `value` and writes it in the one form that mrml understands.
    pub(super) fn check(self, value: &str) -> Checked {
        let trimmed = value.trim();
        match self {
            Self::Text => Checked::Good(value.to_owned()),
            Self::Color => color(trimmed),
            Self::Pixels => lengths(trimmed, 1, &["px"], "a length such as `10px`"),
            Self::Size => lengths(trimmed, 1, &["px", "%"], "a length such as `10px` or `50%`"),
            Self::Sides => lengths(trimmed, 4, &["px", "%"], "one to four lengths such as `10px 25px`"),
            Self::SizeOrWord(word) if trimmed == word => Checked::Good(word.to_owned()),
            Self::SizeOrWord(word) => {
                lengths(trimmed, 1, &["px", "%"], &format!("a length such as `10px`, or `{word}`"))
            }
            Self::LineHeight if is_number(trimmed) => Checked::Good(trimmed.to_owned()),
            Self::LineHeight => {
                lengths(trimmed, 1, &["px", "%"], "a length such as `24px`, or a number such as `1.5`")
            }
            Self::Spacing => {
                let expected = "a length such as `1px` or `0.05em`";
                match trimmed.strip_prefix('-').map(|rest| lengths(rest, 1, &["px", "em"], expected)) {
                    Some(Checked::Good(length)) => Checked::Good(format!("-{length}")),
                    _ => lengths(trimmed, 1, &["px", "em"], expected),
                }
            }
            Self::OneOf(words) => one_of(trimmed, words),
            Self::Integer if !trimmed.is_empty() && trimmed.bytes().all(|b| b.is_ascii_digit()) => {
                Checked::Good(trimmed.to_owned())
            }
            Self::Integer => bad(trimmed, "is no whole number", "write digits only, such as `4`"),
            Self::Boolean => one_of(trimmed, &["true", "false"]),
        }
    }
}

fn bad(value: &str, why: &str, help: &str) -> Checked {
    Checked::Bad { why: format!("`{value}` {why}"), help: help.to_owned() }
}

fn is_number(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && text.len() <= 20
}

/// Units that CSS has and MJML's arithmetic has not.
const CSS_UNITS: [&str; 13] = ["px", "%", "em", "rem", "pt", "pc", "vw", "vh", "ch", "ex", "in", "cm", "mm"];

fn lengths(value: &str, most: usize, units: &[&str], expected: &str) -> Checked {
    let mut written = Vec::new();
    let mut doubt = None;
    let mut parts = value.split_whitespace().peekable();
    while let Some(part) = parts.next() {
        let lower = part.to_ascii_lowercase();
        let number = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        let unit = &lower[number.len()..];
        let stripped = part.trim_end_matches([';', ',']);
        if stripped != part && matches!(lengths(stripped, 1, units, expected), Checked::Good(_)) {
            return bad(part, "ends in a sign that does not belong to it", &format!("write `{stripped}`"));
        }
        if !is_number(number) || number.is_empty() {
            return bad(part, "is no length", &format!("write {expected}"));
        }
        let is_zero = number.bytes().all(|b| matches!(b, b'0' | b'.'));
        if unit.is_empty() && is_zero {
            // CSS takes a bare 0; mrml drops the whole shorthand for it.
            written.push("0px".to_owned());
        } else if unit.is_empty() {
            // As in `50 %`.
            return match parts.peek().filter(|next| CSS_UNITS.contains(&next.to_ascii_lowercase().as_str())) {
                Some(unit) => bad(
                    &format!("{part} {unit}"),
                    "has a space before its unit",
                    &format!("write `{part}{unit}`"),
                ),
                None => bad(part, "has no unit", &format!("write `{part}px`")),
            };
        } else if units.contains(&unit) {
            written.push(lower);
        } else if CSS_UNITS.contains(&unit) {
            doubt =
                Some(format!("`{part}` is not reckoned with: here MJML counts in {}", units.join(" and ")));
            written.push(lower);
        } else {
            return bad(part, "has an unknown unit", &format!("write {expected}"));
        }
    }
    match written.len() {
        0 => Checked::Bad { why: "it is empty".to_owned(), help: format!("write {expected}") },
        n if n > most => bad(value, "has too many lengths", &format!("write {expected}")),
        _ => match doubt {
            Some(why) => Checked::Doubtful { value: written.join(" "), why },
            None => Checked::Good(written.join(" ")),
        },
    }
}

fn color(value: &str) -> Checked {
    let good = match value.strip_prefix('#') {
        Some(hex) => matches!(hex.len(), 3 | 4 | 6 | 8) && hex.bytes().all(|b| b.is_ascii_hexdigit()),
        None => match value.split_once('(') {
            Some((function, rest)) => !function.is_empty() && rest.ends_with(')'),
            None => colors::NAMES.iter().any(|name| name.eq_ignore_ascii_case(value)),
        },
    };
    if good {
        return Checked::Good(long_color(value).unwrap_or_else(|| value.to_owned()));
    }
    let hex = matches!(value.len(), 3 | 6) && value.bytes().all(|b| b.is_ascii_hexdigit());
    let help = match nearest(value, colors::NAMES).filter(|_| value.len() > 2) {
        Some(near) => format!("did you mean `{near}`?"),
        None if hex => format!("write `#{value}`"),
        None => "write a name such as `navy`, or `#` and 3 or 6 hexadecimal digits".to_owned(),
    };
    match value {
        "" => Checked::Bad { why: "it is empty".to_owned(), help },
        _ => bad(value, "is no colour", &help),
    }
}

/// `#12ab34` for a colour of three digits. Old mail programs know only the long form; MJML writes it, too.
pub(super) fn long_color(value: &str) -> Option<String> {
    let digits = value.strip_prefix('#').filter(|hex| hex.len() == 3)?;
    let digits = digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(digits)?;
    Some(digits.chars().fold("#".to_owned(), |long, digit| long + &digit.to_string().repeat(2)))
}

fn one_of(value: &str, words: &[&'static str]) -> Checked {
    let wrong = |help: String| match value {
        "" => Checked::Bad { why: "it is empty".to_owned(), help },
        _ => bad(value, "is not known here", &help),
    };
    if words.contains(&value) {
        return Checked::Good(value.to_owned());
    }
    let shown: Vec<String> =
        words.iter().filter(|word| !word.is_empty()).map(|word| format!("`{word}`")).collect();
    match shown.as_slice() {
        [only] => wrong(format!("write {only}")),
        _ => wrong(format!("write one of {}", shown.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(kind: Kind, value: &str) -> String {
        match kind.check(value) {
            Checked::Good(written) => written,
            other => panic!("{value}: {other:?}"),
        }
    }

    #[test]
    fn lengths_are_written_in_the_one_form_that_mrml_reads() {
        assert_eq!(good(Kind::Sides, " 0  25PX\n0 1.5% "), "0px 25px 0px 1.5%");
        assert_eq!(good(Kind::Pixels, "0"), "0px");
        assert_eq!(good(Kind::LineHeight, "1.5"), "1.5");
        assert_eq!(good(Kind::LineHeight, "0"), "0");
        assert_eq!(good(Kind::Spacing, "-0.1em"), "-0.1em");
        assert_eq!(good(Kind::SizeOrWord("auto"), "auto"), "auto");
    }

    #[test]
    fn a_value_that_means_nothing_says_what_would() {
        for (kind, value, expected) in [
            (Kind::Sides, "abc", "`abc` is no length; write one to four lengths such as `10px 25px`"),
            (Kind::Pixels, "16", "`16` has no unit; write `16px`"),
            (Kind::Size, "16foo", "`16foo` has an unknown unit; write a length such as `10px` or `50%`"),
            (Kind::Pixels, "1px 2px", "`1px 2px` has too many lengths; write a length such as `10px`"),
            (Kind::Pixels, "", "it is empty; write a length such as `10px`"),
            (Kind::Pixels, "-3px", "`-3px` is no length; write a length such as `10px`"),
            (
                Kind::Color,
                "#12",
                "`#12` is no colour; write a name such as `navy`, or `#` and 3 or 6 hexadecimal digits",
            ),
            (Kind::Color, "blu", "`blu` is no colour; did you mean `blue`?"),
            (Kind::Color, "12abff", "`12abff` is no colour; write `#12abff`"),
            (Kind::Size, "50 %", "`50 %` has a space before its unit; write `50%`"),
            (Kind::Pixels, "16px;", "`16px;` ends in a sign that does not belong to it; write `16px`"),
            (Kind::Boolean, "yes", "`yes` is not known here; write one of `true`, `false`"),
            (Kind::Integer, "4px", "`4px` is no whole number; write digits only, such as `4`"),
        ] {
            let Checked::Bad { why, help } = kind.check(value) else { panic!("{value} was accepted") };
            assert_eq!(format!("{why}; {help}"), expected);
        }
    }

    #[test]
    fn a_length_of_css_that_mjml_cannot_reckon_with_is_kept_with_a_warning() {
        let Checked::Doubtful { value, why } = Kind::Pixels.check("1.2em") else { panic!("not doubtful") };
        assert_eq!(
            (value.as_str(), why.as_str()),
            ("1.2em", "`1.2em` is not reckoned with: here MJML counts in px")
        );
    }

    #[test]
    fn colours_in_all_notations() {
        assert_eq!(good(Kind::Color, "#1aF"), "#11aaFF");
        for value in ["#ffffff", "#FFFFFF80", "navy", "transparent", "rgba(0, 0, 0, .5)"] {
            assert_eq!(good(Kind::Color, value), value);
        }
    }
}
