//! Included files.

use crate::compile::mjml::testing::{Files, body};

#[test]
fn a_whole_file_gives_its_head_and_its_sections() {
    let part = "<mjml><mj-head><mj-title>T</mj-title><mj-include path=\"x.css\" type=\"css\" css-inline=\"inline\" /></mj-head>\
                <mj-body><mj-section><mj-column><mj-include path=\"../b/text\" /></mj-column></mj-section></mj-body></mjml>";
    let mut files = Files::default()
        .with("mjml/parts/a.mjml", part)
        .with("mjml/parts/x.css", ".x { color: red }")
        .with("mjml/b/text.mjml", "<mj-text><b class=\"x\">{{ name }}</b></mj-text>")
        .with("mjml/b/my raw.html", "<i>raw<br></i>");
    let html = files.html(&body(
        "<mj-include path=\"./parts/a\" /><mj-include path=\"b/my%20raw.html\" type=\"html\" /><mj-include path=\"parts/a.mjml\" />",
    ));
    assert!(html.contains("<title>T</title>"));
    assert_eq!(html.matches("<b class=\"x\" style=\"color: red;\">{{ name }}</b>").count(), 2, "{html}");
    assert!(html.contains("<i>raw<br /></i>"), "{html}");
}

#[test]
fn what_cannot_be_included_says_why() {
    let mut files = Files::default()
        .with("mjml/a.mjml", "<mj-include path=\"b.mjml\" />")
        .with("mjml/b.mjml", "\n<mj-include path=\"a.mjml\" />")
        .with("mjml/broken.mjml", "<mj-section>\n</mj-column>")
        .with("mjml/tag.mjml", "\n{{ x");
    for (include, wanted) in [
        (
            "path=\"a\"",
            "mjml/b.mjml:2:19: `mjml/a.mjml` includes itself: mjml/l.mjml → mjml/a.mjml → mjml/b.mjml → mjml/a.mjml (remove one of these includes)",
        ),
        (
            "path=\"l.mjml\"",
            "mjml/l.mjml:1:34: `mjml/l.mjml` includes itself: mjml/l.mjml → mjml/l.mjml (remove one of these includes)",
        ),
        (
            "path=\"../../x\"",
            "mjml/l.mjml:1:34: `../../x` lies outside of the project (includes stay inside the project)",
        ),
        (
            "path=\"%2e%2e/..%2Fx\"",
            "mjml/l.mjml:1:34: `../../x` lies outside of the project (includes stay inside the project)",
        ),
        (
            "path=\"/etc/passwd\"",
            "mjml/l.mjml:1:34: `/etc/passwd` lies outside of the project (a path begins where the file lies that includes it: without a `/` before it)",
        ),
        (
            "path=\"https://a.example/x\"",
            "mjml/l.mjml:1:34: `https://a.example/x` is an address (includes are files of this project)",
        ),
        ("path=\"none\"", "mjml/l.mjml:1:34: `mjml/none.mjml`: there is no such file"),
        (
            "path=\"broken\"",
            "mjml/broken.mjml:2:1: `</mj-column>` closes nothing (remove it, or write `<mj-column>` where it begins)",
        ),
        (
            "path=\"tag\"",
            "mjml/tag.mjml:2:1: this `{{` has no `}}` (close the merge tag with `}}` on the same line or soon after)",
        ),
        (
            "path=\"x\" type=\"cs\"",
            "mjml/l.mjml:1:43: `cs` is no type of include (did you mean `type=\"css\"`?)",
        ),
        ("", "mjml/l.mjml:1:16: this `<mj-include>` names no file (write `path=\"…\"`)"),
    ] {
        assert_eq!(files.findings(&body(&format!("<mj-include {include} />")))[0], wanted);
    }
}

#[test]
fn a_bomb_of_includes_is_refused() {
    let mut files = Files::default();
    for level in 0..10 {
        let include = format!("<mj-include path=\"f{}\" />", level + 1);
        files = files.with(&format!("mjml/f{level}.mjml"), &include.repeat(3));
    }
    files = files.with("mjml/f10.mjml", "<mj-section />");
    let said = files.findings(&body("<mj-include path=\"f0\" />"));
    assert!(said[0].contains("more than 200 includes"), "{said:?}");
}

#[test]
fn heads_and_style_sheets_come_in_the_order_of_mjml() {
    let inner = "<mjml><mj-head><mj-include path=\"e.css\" type=\"css\" /><mj-style>.d {}</mj-style></mj-head><mj-body></mj-body></mjml>";
    let mut files = Files::default()
        .with("mjml/part.mjml", "<mj-include path=\"inner.mjml\" /><mj-section />")
        .with("mjml/inner.mjml", inner)
        .with("mjml/head.mjml", "<mjml><mj-head><mj-style>.b {}</mj-style></mj-head></mjml>")
        .with("mjml/e.css", ".e {}")
        .with("mjml/f.css", ".f {}");
    let mjml = "<mjml><mj-head><mj-style>.a {}</mj-style><mj-include path=\"f.css\" type=\"css\" />\
                <mj-include path=\"head.mjml\" /><mj-style>.c {}</mj-style></mj-head><mj-body><mj-include path=\"part.mjml\" /></mj-body></mjml>";
    let html = files.html(mjml);
    let at: Vec<_> = ["a", "b", "c", "d", "e", "f"].map(|name| html.find(&format!(".{name} {{}}"))).to_vec();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "{at:?} in {html}");
}
