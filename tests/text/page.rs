//! What an HTML page says to who looks at it, found by a parser that no one here wrote.

use scraper::node::Node;
use scraper::{ElementRef, Html};

/// Every word of the text nodes that are seen, of the alternative texts, and every address.
pub(crate) fn said(html: &str) -> Vec<String> {
    let mut out = Vec::new();
    visit(Html::parse_document(html).root_element(), &mut out);
    out
}

fn visit(element: ElementRef<'_>, out: &mut Vec<String>) {
    let value = element.value();
    let style = value.attr("style").unwrap_or_default().replace(' ', "");
    let silent = value.attr("aria-hidden") == Some("true") || style.contains("display:none");
    if silent || matches!(value.name(), "head" | "style" | "script" | "title") {
        return;
    }
    out.extend(value.attr("alt").into_iter().flat_map(words));
    match value.attr("href") {
        Some(href) if !href.starts_with('#') => {
            let dialled = href.strip_prefix("mailto:").or_else(|| href.strip_prefix("tel:"));
            out.push(dialled.filter(|dialled| !dialled.contains('?')).unwrap_or(href).to_owned());
        }
        _ => {}
    }
    for child in element.children() {
        match child.value() {
            Node::Text(text) => out.extend(words(text)),
            _ => ElementRef::wrap(child).into_iter().for_each(|element| visit(element, out)),
        }
    }
}

fn words(text: &str) -> Vec<String> {
    let shown: String = text.chars().filter(|c| *c != '\u{ad}').collect();
    let words = shown.split_whitespace().filter(|word| word.contains(char::is_alphanumeric));
    words.map(str::to_owned).collect()
}

/// A text part without white space and without the prefixes of quotations: a word that was cut is whole again.
pub(crate) fn compact_text(text: &str) -> String {
    let line = |line: &str| line.trim_start_matches([' ', '>']).split_whitespace().collect::<String>();
    text.lines().map(line).collect()
}
