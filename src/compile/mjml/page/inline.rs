//! `mj-style inline="inline"`: rules written into the `style` attributes of what they select, and into the attributes of
//! former times (`width`, `bgcolor` …) where a program may know no better, by the rules of juice, MJML's inliner.

use std::collections::BTreeMap;

use super::{
    css,
    edit::Edits,
    style::Style,
    tree::{Page, PageError},
    variables,
};

/// Of no use on what is not shown.
const UNSEEN: [&str; 8] = ["head", "title", "base", "link", "style", "meta", "script", "noscript"];
const SIZED: [&str; 4] = ["table", "td", "th", "img"];
const OF_TABLES: [&str; 10] =
    ["table", "th", "tr", "td", "caption", "colgroup", "col", "thead", "tbody", "tfoot"];
/// Properties, and the attributes of parts of a table that said the same.
const FORMERLY: [(&str, &str); 4] = [
    ("background-color", "bgcolor"),
    ("background-image", "background"),
    ("text-align", "align"),
    ("vertical-align", "valign"),
];

/// `html` with the rules of `sheet` in its `style` attributes. `opaque` tells those that must not be taken to
/// pieces.
pub(in super::super) fn inline(
    html: &str,
    sheet: &str,
    opaque: impl Fn(&str) -> bool,
) -> Result<String, PageError> {
    let page = Page::parse(html)?;
    let rules = css::rules(sheet);
    page.bear(rules.iter().map(|rule| rule.selectors.len()).sum())?;
    let mut styles: BTreeMap<usize, Style> = BTreeMap::new();
    let (mut number, mut order) = (0, 0);
    for rule in &rules {
        for selector in &rule.selectors {
            number += 1;
            for node in selector.select(&page) {
                if UNSEEN.contains(&page.nodes[node].name) {
                    continue;
                }
                let own = || Style::new(page.nodes[node].attribute("style"), &opaque);
                let style = styles.entry(node).or_insert_with(own);
                for (at, declaration) in rule.declarations.iter().enumerate() {
                    style.declare(declaration, Some(number), selector.specificity, order + at);
                }
            }
        }
        order += rule.declarations.len();
    }
    Ok(written(&page, styles))
}

fn written(page: &Page<'_>, mut styles: BTreeMap<usize, Style>) -> String {
    let mut edits = Edits::default();
    let nodes: Vec<usize> = styles.keys().copied().collect();
    for node in nodes {
        // What holds a variable stands around what uses it, and is resolved before.
        let known = |name: &str| {
            let above = std::iter::successors(Some(node), |node| page.nodes[*node].parent);
            above.filter_map(|node| styles.get(&node)).find_map(|style| style.value(name)).map(str::to_owned)
        };
        let values: Vec<(String, String)> = styles
            .get(&node)
            .into_iter()
            .flat_map(Style::all)
            .filter(|value| value.contains("var("))
            .map(|value| (value.to_owned(), variables::resolved(value, known)))
            .collect();
        let Some(style) = styles.get_mut(&node) else { continue };
        style.map(|value| {
            let resolved = values.iter().find(|(before, _)| before == value);
            resolved.map_or(value, |(_, after)| after).to_owned()
        });
        let attribute = style.attribute();
        if !attribute.is_empty() {
            edits.set(node, "style", &attribute);
        }
        old_attributes(page.nodes[node].name, style, |name, value| {
            edits.set(node, name, &value.replace('&', "&amp;"));
        });
    }
    edits.apply(page)
}

/// What the style says in attributes of former times.
fn old_attributes(element: &str, style: &Style, mut set: impl FnMut(&str, &str)) {
    for dimension in ["width", "height"] {
        let value = style.value(dimension).filter(|value| SIZED.contains(&element) && !value.contains('('));
        if let Some(value) = value {
            if value.contains("px") || value.contains("auto") {
                set(dimension, &value.replacen("px", "", 1));
            } else if value.contains('%') && element != "img" {
                set(dimension, value);
            }
        }
    }
    if !OF_TABLES.contains(&element) {
        return;
    }
    for (property, value) in style.properties() {
        let attribute = FORMERLY.iter().find(|(known, _)| *known == property);
        if let Some((_, attribute)) = attribute.filter(|_| !value.contains("-gradient(")) {
            set(attribute, address(value).unwrap_or(value));
        }
    }
}

/// The address in `url('…')`.
fn address(value: &str) -> Option<&str> {
    let inside = value.strip_prefix("url(")?.strip_suffix(')')?;
    Some(inside.trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compile::mjml::lexer::{Lexer, Token};

    /// What stands between start tags.
    fn between(html: &str) -> Vec<&str> {
        let mut lexer = Lexer::new(html);
        let mut out = Vec::new();
        let mut from = 0;
        while let Some(Ok((start, token))) = lexer.next() {
            if let Token::Open { name, .. } = token {
                out.extend([&html[from..start], name]);
                from = lexer.offset();
            }
        }
        out.push(&html[from..]);
        out
    }

    fn inlined(body: &str, sheet: &str) -> String {
        inline(body, sheet, |style| style.contains("TOKEN")).unwrap()
    }

    #[test]
    fn only_the_start_tags_of_what_is_selected_change() {
        let body = "<!--[if mso]><td class=\"a\"><![endif]--><p class=a>x &amp; <b>y</b><br class=\"a\" /></p><!--TOKEN--><style>.a{}</style><p>z</P>";
        let wanted = body
            .replace("<p class=a>", "<p class=\"a\" style=\"color: red;\">")
            .replace("<br class=\"a\" />", "<br class=\"a\" style=\"color: red;\" />");
        assert_eq!(inlined(body, ".a, style { color: red }"), wanted);
    }

    #[test]
    fn an_important_rule_wins_and_stays_open_to_media_queries() {
        let body = "<p class=\"a\" style=\"color: red; top: 1px\">style=\"x !important\"</p>";
        assert_eq!(
            inlined(body, ".a { color: blue !important; left: 2px }"),
            "<p class=\"a\" style=\"left: 2px; top: 1px; color: blue;\">style=\"x !important\"</p>"
        );
    }

    #[test]
    fn sizes_and_looks_of_tables_become_attributes_too() {
        let body = "<table><tr class=\"r\"><td class=\"c\" width=\"9\"><img class=\"c\"></td></tr></table><p class=\"c\"></p>";
        let sheet = ".c { width: 50%; height: 3px; text-align: right } .r { background-color: #fff; background-image: url('a.png') }";
        let both = "style=\"width: 50%; height: 3px; text-align: right;\"";
        assert_eq!(
            inlined(body, sheet),
            format!(
                "<table><tr class=\"r\" style=\"background-color: #fff; background-image: url('a.png');\" bgcolor=\"#fff\" background=\"a.png\">\
                 <td class=\"c\" width=\"50%\" {both} height=\"3\" align=\"right\"><img class=\"c\" {both} height=\"3\"></td></tr></table><p class=\"c\" {both}></p>"
            )
        );
    }

    #[test]
    fn variables_come_from_what_stands_around() {
        let body = "<html><body><div class=\"a\"><p>x</p></div><p>y</p></body></html>";
        let sheet = ":root { --c: red } .a { --c: blue } p { color: var(--c); top: var(--t, 1px) }";
        assert_eq!(
            inlined(body, sheet),
            "<html><body><div class=\"a\"><p style=\"color: blue; top: 1px;\">x</p></div><p style=\"color: red; top: 1px;\">y</p></body></html>"
        );
    }

    proptest! {
        #[test]
        fn whatever_a_style_sheet_says_nothing_else_changes(
            css in r#"([a-z.#*>+~:,;{}()\[\]"'!@/=&\\ -]|p|\.a|:not\(|:nth-child\(|/\*|\*/|color:red|var\(--a|url\(|<!--|é){0,60}"#,
            style in r#"[a-z:;&"'() -]{0,20}"#,
        ) {
            let style = style.replace('"', "&quot;");
            let body = format!("<p class=\"a\" style=\"{style}\">x<b>y &amp; z</b><br /></p><table><tr><td>t</td></tr></table>");
            for sheet in [css.clone(), format!("p {{ {css} }}"), format!("{css} {{ color: red }} td {{ top: 0 }}")] {
                let out = inlined(&body, &sheet);
                prop_assert_eq!(between(&out), between(&body));
            }
        }
    }

    #[test]
    fn a_style_with_a_condition_in_it_stays_whole() {
        assert_eq!(
            inlined("<p style=\"TOKENcolor: red;TOKEN\">x</p>", "p { color: blue; top: 0 !important }"),
            "<p style=\"color: blue; TOKENcolor: red;TOKEN; top: 0;\">x</p>"
        );
    }
}
