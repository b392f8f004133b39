//! Web fonts: links to those that the page names. MJML knows a few by name; `mj-font` adds others or says where one
//! is. Outlook gets none: it would show Times instead.

const KNOWN: [(&str, &str); 5] = [
    ("Open Sans", "https://fonts.googleapis.com/css?family=Open+Sans:300,400,500,700"),
    ("Droid Sans", "https://fonts.googleapis.com/css?family=Droid+Sans:300,400,500,700"),
    ("Lato", "https://fonts.googleapis.com/css?family=Lato:300,400,500,700"),
    ("Roboto", "https://fonts.googleapis.com/css?family=Roboto:300,400,500,700"),
    ("Ubuntu", "https://fonts.googleapis.com/css?family=Ubuntu:300,400,500,700"),
];

/// The links for the fonts that a `style` attribute of `html` or the inlined `css` names; `own` are the document's,
/// name and address.
pub(super) fn links(html: &str, css: &str, own: &[(String, String)]) -> String {
    let mut fonts: Vec<(&str, &str)> = KNOWN.to_vec();
    for (name, address) in own {
        match fonts.iter_mut().find(|(known, _)| known == name) {
            Some(font) => font.1 = address,
            None => fonts.push((name, address)),
        }
    }
    let (html, css) = (html.to_ascii_lowercase(), css.to_ascii_lowercase());
    fonts.retain(|(name, _)| {
        let name = name.to_ascii_lowercase();
        html.split('"').any(|value| names(value, &name))
            || css.split([';', '}']).any(|rule| names(rule, &name))
    });
    if fonts.is_empty() {
        return String::new();
    }
    let links = fonts
        .iter()
        .map(|(_, address)| format!("<link href=\"{address}\" rel=\"stylesheet\" type=\"text/css\">"));
    let imports = fonts.iter().map(|(_, address)| format!("@import url({address});"));
    format!(
        "<!--[if !mso]><!-->{}<style type=\"text/css\">{}</style><!--<![endif]-->",
        links.collect::<String>(),
        imports.collect::<String>()
    )
}

/// Whether a `font-family` in `text` names the font.
fn names(text: &str, font: &str) -> bool {
    text.split_once("font-family:").is_some_and(|(_, families)| families.contains(font))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_fonts_that_are_named_are_linked() {
        let own = [("Inter".to_owned(), "https://example.com/inter.css".to_owned())];
        assert_eq!(links("<p style=\"color:red\">Lato</p>", "", &own), "");
        let lato = links("<p style=\"color:red;font-family:&quot;lato&quot;, Arial\">x</p>", "", &own);
        assert!(lato.contains("family=Lato") && !lato.contains("inter"), "{lato}");
        assert!(
            links("", "p { font-family: Inter }", &own)
                .contains("@import url(https://example.com/inter.css);")
        );
        assert_eq!(links("", "p { font-family: Arial } .Inter { color: red }", &own), "");
    }
}
