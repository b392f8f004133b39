//! How far the thing reaches that begins at a place: a tag's name, an attribute, a value, a merge tag.
//!
//! A finding knows where the thing begins; what it is can be seen there.

/// Merge tags of other programs.
const FOREIGN: [(&str, &str); 6] =
    [("*|", "|*"), ("<%", "%>"), ("${", "}"), ("#{", "}"), ("{", "}"), ("%", "%")];

/// How many bytes of `rest` the thing takes that begins there, behind `before` on the same line.
pub(super) fn extent(before: &str, rest: &str) -> usize {
    for (open, close) in [("{{", "}}"), ("{%", "%}"), ("[[", "]]"), ("[%", "%]"), ("[#", "#]")] {
        if let Some(inner) = rest.strip_prefix(open) {
            return inner.find(close).map_or(2, |end| 2 + end + 2);
        }
    }
    // A value that is empty.
    if before.ends_with("=\"") && rest.starts_with('"') {
        return 1;
    }
    for (open, close) in FOREIGN {
        if let Some(end) = rest.strip_prefix(open).and_then(|inner| inner.find(close)) {
            return open.len() + end + close.len();
        }
    }
    if rest.starts_with("<!--") {
        return 4;
    }
    if let Some(after) = rest.strip_prefix('<') {
        return tag(after) + 1;
    }
    if rest.starts_with(":::") {
        let name = rest.trim_start_matches(':').trim_start_matches(' ');
        return rest.len() - name.len() + word(name);
    }
    if let Some(after) = rest.strip_prefix('&') {
        let name =
            after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#').len();
        return 1 + name + usize::from(after[name..].starts_with(';'));
    }
    if rest.starts_with(['[', '!'])
        && let Some(end) = link(rest)
    {
        return end;
    }
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return rest[1..].find(quote).map_or(1, |end| end + 2);
    }
    if let Some(open) = rest.chars().next().filter(|c| matches!(c, '“' | '”' | '„' | '«'))
        && before.trim_end().ends_with('=')
    {
        let inner = &rest[open.len_utf8()..];
        if let Some((text, close)) = inner.find(['“', '”', '«', '»', '"']).map(|at| inner.split_at(at))
        {
            return open.len_utf8() + text.len() + close.chars().next().map_or(0, char::len_utf8);
        }
    }
    if is_inside(before, "[[", "]]") || is_inside(before, "[%", "%]") || is_inside(before, "{{", "}}") {
        return path(rest);
    }
    if let Some(quote) = value_quote(before) {
        return rest.find(quote).unwrap_or_else(|| rest.trim_end().len());
    }
    if is_inside(before, "<", ">") || is_attribute(rest) {
        return word(rest);
    }
    let end = ["<", "{{", "{%", "[[", "[%", "[#"].iter().filter_map(|stop| rest.find(stop)).min();
    rest[..end.unwrap_or(rest.len())].trim_end().len()
}

/// `name` or `/name`, with the `>` if it follows at once.
fn tag(after: &str) -> usize {
    let slash = usize::from(after.starts_with('/'));
    let name = slash + word(&after[slash..]);
    name + usize::from(name > slash && after[name..].starts_with('>'))
}

/// Up to what ends a name or a value without quotes.
fn word(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '<' | '"' | '\'' | '/'))
        .unwrap_or(text.len())
}

/// `issue.number`; of anything else one character.
fn path(text: &str) -> usize {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(text.len());
    if end > 0 { end } else { text.chars().next().map_or(0, char::len_utf8) }
}

/// `[text](address)` or `![text](address)`.
fn link(text: &str) -> Option<usize> {
    let middle = text.find("](")?;
    let end = text[middle..].find(')')?;
    Some(middle + end + 1)
}

/// Whether an `open` of this line is not closed before its end.
fn is_inside(before: &str, open: &str, close: &str) -> bool {
    before.rfind(open).is_some_and(|at| !before[at..].contains(close))
}

/// The quote that opens a value right here.
fn value_quote(before: &str) -> Option<char> {
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''))?;
    before[..before.len() - 1].trim_end().ends_with('=').then_some(quote)
}

/// `name =` at the beginning.
fn is_attribute(text: &str) -> bool {
    let name = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))).unwrap_or(0);
    name > 0 && text[name..].trim_start().starts_with('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_ends_where_it_ends() {
        for line in [
            "«<mj-txt» padding=\"1px\">",
            "«</td>»x",
            "«<b>»bold",
            "a «<» b",
            "<mj-text «colour»=\"red\">",
            "   «font_size»=\"12px\"",
            "<mj-text padding=\"«10 20»\" x=\"\">",
            "<mj-text padding=\"10px «20» 3px\">",
            "<a href=«\"x y\"» b>",
            "<a href=«\"»x>",
            "<a href=«“https://x y”»>",
            "Hello «{{ frist_name }}», you",
            "«{{» first_name",
            "[[ «block.pad»|x ]]",
            "[% if «blokc.title» %]",
            "[% if a «%»]",
            "«::: lniks» Some title",
            "«![A cat](cat.png)» x",
            "see «[it](x.html)», please",
            "«prehaeder» = \"x\"",
            "segment = «\"paln == 'x'\"» # y",
            "  «Hello there, you» <b>x</b>",
            "a «&nbps;» b",
            "a «&» b",
            "«<!--» x",
            "  «naïve 日本»",
            "<a href=\"«\"» x>",
            "Hello «*|FNAME|*», you",
            "Hello «{first_name}», you {x}",
            "x«»",
        ] {
            let (before, rest) = line.split_once('«').unwrap();
            let (marked, after) = rest.split_once('»').unwrap();
            let rest = format!("{marked}{after}");
            assert_eq!(&rest[..extent(before, &rest)], marked, "{line}");
        }
    }
}
