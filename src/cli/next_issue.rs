//! Last week's issue → the start of this week's.
//!
//! The text is edited, not written anew: comments, order and spelling stay the writer's. Changed are
//! - `issue.number`, raised by one, and `issue.date`, a week later;
//! - `subject` and `preheader`, which become empty; last week's stand above them as comments;
//! - in every `links` block each list, which becomes one item without an address.
//!
//! An empty subject and a link without a host are errors, so last week's issue cannot go out again by an oversight.
//! Everything else (editorial, sponsor, promos, events) stays for the writer to judge.

use std::ops::Range;
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use crate::finding::{Finding, Place};
use crate::toml_slip::{self, Slip};

const FENCE: &str = "+++";
/// Stands for the links that are not chosen yet: its URL names no host, which nothing compiles.
const PLACEHOLDER: &str = "[Title](https://)\n  Why it is worth the click.\n";

/// The start of the issue that follows `text`, which messages call `file`.
///
/// # Errors
/// There is no front matter, or it is no valid TOML.
pub(super) fn next_issue(text: &str, file: &Path) -> Result<String, Finding> {
    let front = front_matter(text).ok_or_else(|| {
        Finding::error("no-front-matter", "has no front matter between two lines `+++`").at(Place::file(file))
    })?;
    let mut out = text[..front.start].to_owned();
    out.push_str(&next_front_matter(&text[front.clone()]).map_err(|error| {
        let Slip { at, message, help } = toml_slip::explain(&text[front.clone()], &error);
        Finding::error("broken-toml", message).at(Place::offset(file, text, front.start + at)).help(help)
    })?);
    out.push_str(&without_links(&text[front.end..]));
    Ok(out)
}

/// Where the TOML stands.
fn front_matter(text: &str) -> Option<Range<usize>> {
    let mut start = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        match start {
            None if line.trim_end() == FENCE => start = Some(offset + line.len()),
            None => return None,
            Some(start) if line.trim_end() == FENCE => return Some(start..offset),
            Some(_) => {}
        }
        offset += line.len();
    }
    None
}

fn next_front_matter(text: &str) -> Result<String, toml::de::Error> {
    let document = DeTable::parse(text)?.into_inner();
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for key in ["subject", "preheader"] {
        let value =
            document.get(key).filter(|value| value.get_ref().as_str().is_some_and(|text| !text.is_empty()));
        let Some(value) = value else { continue };
        let span = value.span();
        let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let last: Vec<&str> = text[span.clone()].split_whitespace().collect();
        edits.push((line..line, format!("# last {key}: {}\n", last.join(" "))));
        edits.push((span, "\"\"".to_owned()));
    }
    if let Some(issue) = document.get("issue").and_then(|issue| issue.get_ref().as_table()) {
        let number = issue.get("number").and_then(|number| Some((number.span(), raised(number.get_ref())?)));
        let date = issue.get("date").and_then(|date| {
            let day = date_of(date.get_ref(), &text[date.span()])?;
            Some((
                date.span().start + day.start..date.span().start + day.end,
                week_later(&text[date.span()][day])?,
            ))
        });
        edits.extend(number);
        edits.extend(date);
    }
    Ok(edited(text, edits))
}

fn raised(number: &DeValue<'_>) -> Option<String> {
    let number = number.as_integer()?;
    let value = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
    Some(value.checked_add(1)?.to_string())
}

/// Where the day stands in what was written: `2025-10-27`, in quotes or before a time.
fn date_of(value: &DeValue<'_>, written: &str) -> Option<Range<usize>> {
    let start = usize::from(value.is_str());
    let day = start..start + "YYYY-MM-DD".len();
    written.get(day.clone()).map(|_| day)
}

fn week_later(day: &str) -> Option<String> {
    let day: Date = day.parse().ok()?;
    Some(day.checked_add(7.days()).ok()?.to_string())
}

/// `text` with these ranges replaced; they do not overlap.
fn edited(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    for (range, new) in edits {
        out.push_str(&text[rest..range.start]);
        out.push_str(&new);
        rest = range.end;
    }
    out + &text[rest..]
}

/// Where a line stands.
#[derive(Clone, Copy, PartialEq)]
enum At {
    /// Outside of `links` blocks.
    Elsewhere,
    /// In a `links` block, before or between lists.
    Block,
    /// In a list of a `links` block, the line before it blank or not.
    List { after_blank: bool },
}

/// The Markdown, with one placeholder for each list in a `links` block.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = At::Elsewhere;
    let mut fence: Option<&str> = None;
    // Blank lines in a list belong to it only if it goes on after them.
    let mut blanks = 0;
    for line in text.split_inclusive('\n') {
        if let Some(mark) = fence {
            if line.trim().starts_with(mark) && line.trim().trim_start_matches(['`', '~']).is_empty() {
                fence = None;
            }
            if !matches!(at, At::List { .. }) {
                out.push_str(line);
            }
            continue;
        }
        let next = step(at, line);
        match (at, next) {
            (_, At::List { after_blank: true }) => blanks += 1,
            (At::List { .. }, At::List { .. }) => blanks = 0,
            (_, At::List { .. }) => {
                out.push_str(marker(line).unwrap_or("- "));
                out.push_str(PLACEHOLDER);
            }
            _ => {
                out.push_str(&"\n".repeat(std::mem::take(&mut blanks)));
                out.push_str(line);
            }
        }
        fence = opens_fence(line);
        at = next;
    }
    out
}

fn step(at: At, line: &str) -> At {
    if let Some(directive) = line.trim().strip_prefix(":::") {
        let kind = directive.trim_start_matches(':').split_whitespace().next();
        return if kind == Some("links") { At::Block } else { At::Elsewhere };
    }
    let is_blank = line.trim().is_empty();
    let is_indented = line.starts_with([' ', '\t']);
    match at {
        At::Elsewhere => At::Elsewhere,
        At::Block | At::List { .. } if marker(line).is_some() => At::List { after_blank: false },
        At::Block => At::Block,
        At::List { .. } if is_blank => At::List { after_blank: true },
        At::List { after_blank: true } if !is_indented => At::Block,
        At::List { .. } => At::List { after_blank: false },
    }
}

/// The marks that open a code fence (`CommonMark` 0.31, 4.5).
fn opens_fence(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    (length >= 3 && !line[length..].contains('`')).then(|| &line[..length])
}

/// The mark of a list's item with the space behind it, indented by three spaces at most (`CommonMark` 0.31, 5.2).
fn marker(line: &str) -> Option<&str> {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let rest = &line[indent..];
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let is_mark = |c: char| if digits == 0 { "-*+".contains(c) } else { ".)".contains(c) };
    let mark = digits + 1;
    let fits = indent <= 3
        && digits <= 9
        && rest[digits..].starts_with(is_mark)
        && rest[mark..].starts_with([' ', '\t']);
    fits.then(|| &line[..=indent + mark])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(text: &str) -> String {
        next_issue(text, Path::new("campaigns/a/issue.md")).unwrap_or_else(|finding| finding.to_string())
    }

    #[test]
    fn the_structure_stays_and_what_was_last_weeks_goes() {
        let text = r#"+++
# our weekly
subject   = '🫠 Ambiguity: TMW #{{ issue.number }}' # keep it short
preheader = """Do you
use OKRs?"""
issue.number = 450
issue.date   = 2025-10-27
lang = "en"
+++
Hello {{ first_name }}!

- [A link of the editorial](https://example.com/stays)

::: events Dates
- [A date](https://example.com/date) · 9 May
:::

::: links if='plan == "pro"' Culture & teams
What we read:

- [One](https://example.com/one)
  Why it matters.
lazy words

- [Two](https://example.com/two) · HBR

  A second paragraph.

More next week.
:::

````
```
::: links in code
- [stays](https://example.com)
:::
````

::: links Short
* [Three](https://example.com/three)
:::
Bye
"#;
        assert_eq!(
            next(text),
            r#"+++
# our weekly
# last subject: '🫠 Ambiguity: TMW #{{ issue.number }}'
subject   = "" # keep it short
# last preheader: """Do you use OKRs?"""
preheader = ""
issue.number = 451
issue.date   = 2025-11-03
lang = "en"
+++
Hello {{ first_name }}!

- [A link of the editorial](https://example.com/stays)

::: events Dates
- [A date](https://example.com/date) · 9 May
:::

::: links if='plan == "pro"' Culture & teams
What we read:

- [Title](https://)
  Why it is worth the click.

More next week.
:::

````
```
::: links in code
- [stays](https://example.com)
:::
````

::: links Short
* [Title](https://)
  Why it is worth the click.
:::
Bye
"#
        );
    }

    #[test]
    fn number_and_date_are_found_however_they_are_written() {
        for (before, after) in [
            ("[issue]\nnumber = 9\ndate = \"2025-12-29\"\n", "[issue]\nnumber = 10\ndate = \"2026-01-05\"\n"),
            (
                "issue = { number = 0x0f, date = 2024-02-22T09:00:00Z }\n",
                "issue = { number = 16, date = 2024-02-29T09:00:00Z }\n",
            ),
            (
                "issue.number = \"IX\"\nissue.date = \"soon\"\n",
                "issue.number = \"IX\"\nissue.date = \"soon\"\n",
            ),
            ("subject = \"\"\n", "subject = \"\"\n"),
        ] {
            assert_eq!(next(&format!("+++\n{before}+++\n")), format!("+++\n{after}+++\n"));
        }
    }

    #[test]
    fn a_broken_front_matter_says_where() {
        assert_eq!(
            next("+++\nsubject = \"a\"\nissue.number = x\n+++\n"),
            "campaigns/a/issue.md:3:16: the value of `issue.number` does not stand in quotes (write `issue.number = \"…\"`)"
        );
        assert_eq!(next("Hello\n"), "campaigns/a/issue.md: has no front matter between two lines `+++`");
    }

    proptest::proptest! {
        #[test]
        fn outside_of_links_blocks_nothing_changes(text in "(\\PC{0,12}\n|- a\n|``` \n|:::\n|::: prose\n){0,12}") {
            proptest::prop_assume!(!text.contains("links"));
            proptest::prop_assert_eq!(without_links(&text), text);
        }
    }
}
