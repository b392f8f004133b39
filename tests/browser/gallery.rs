//! What `preview` writes, opened from disk: the gallery, and the page for the web.

use std::process::Command;

use serde_json::json;

use crate::play;
use crate::support::Project;

/// Where a campaign's page lies, once it has been written.
fn page(project: &Project, arguments: &str, slug: &str) -> String {
    project.expect(0, arguments);
    format!("file://{}", project.path(&format!("preview/{slug}/index.html")).display())
}

/// The example, with everybody or with those that are worth a look.
fn example(arguments: &str) -> (Project, String) {
    let project = Project::example();
    let page = page(&project, &format!("preview tmw-450{arguments}"), "tmw-450");
    (project, page)
}

#[test]
#[ignore = "needs Chromium and node"]
fn it_opens_from_disk_and_shows_what_each_subscriber_gets() {
    let (_project, page) = example(" --all");
    play("contents", &page, json!({ "campaign": "tmw-450" }));
}

#[test]
#[ignore = "needs Chromium and node"]
fn width_colours_and_pictures_are_chosen_with_the_mouse() {
    let (_project, page) = example("");
    play("mouse", &page, json!({}));
}

#[test]
#[ignore = "needs Chromium and node"]
fn everything_can_be_done_without_a_mouse() {
    let (_project, page) = example("");
    play("keyboard", &page, json!({}));
}

#[test]
#[ignore = "needs Chromium and node"]
fn a_screen_reader_finds_names_groups_and_headings() {
    let (_project, page) = example("");
    play("labels", &page, json!({}));
}

#[test]
#[ignore = "needs Chromium and node"]
fn nothing_stands_out_of_narrow_windows() {
    let (_project, page) = example("");
    play("windows", &page, json!({}));
}

#[test]
#[ignore = "needs Chromium and node"]
fn somebody_in_a_long_list_is_found_by_typing() {
    let project = Project::of(40);
    let page = page(&project, "preview weekly --all", "weekly");
    play("many", &page, json!({}));
}

/// A layout with links of every kind.
const LINKS: &str = r#"<mjml><mj-head><mj-preview>[[ preheader ]]</mj-preview></mj-head><mj-body><mj-section><mj-column><mj-text>
    Hello {{ first_name }},
    <a href="https://a.example/fixed?utm_source=own&amp;x=1#end">fixed</a>
    {% if plan == "pro" %}<a href="https://a.example/{{ plan }}">pro</a>{% endif %}
    <a href="https://a.example/?c={{ company }}&p={{ plan }}">mixed</a>
    <a href="{{ unsubscribe_url }}">leave</a> <a href="{{ view_url }}">view</a>
    <a href="https://a.example/picture?utm_source=own"><img src="https://pictures.example/a.png" alt="A cat" width="50"></a>
    </mj-text></mj-column></mj-section>[% for block in blocks %][[ block.mjml ]][% endfor %]</mj-body></mjml>"#;

#[test]
#[ignore = "needs Chromium and node"]
fn links_say_whose_they_are_and_what_they_carry() {
    let project = Project::example();
    project.append("mailshot.toml", "\n[utm]\nsource = \"letter\"\nmedium = \"email\"\n");
    project.write("mjml/standard.mjml", LINKS);
    project.write(
        "campaigns/short/issue.md",
        "+++\nsubject = 'Short'\npreheader = 'A preheader.'\n+++\n[ours](https://a.example/ours)\n",
    );
    let page = page(&project, "preview short --as zoe.lefevre@example.net", "short");
    play("links", &page, json!({}));
}

#[test]
#[ignore = "needs Chromium and node"]
fn fonts_from_elsewhere_are_named_and_not_asked_for() {
    let project = Project::of(1);
    let font =
        "<mj-font name=\"Raleway\" href=\"https://fonts.example/css?family=Raleway\" /><mj-attributes>";
    project.replace("mjml/standard.mjml", "<mj-attributes>", font);
    project.replace("mjml/standard.mjml", "set sans = \"", "set sans = \"Raleway, Georgia, ");
    let page = page(&project, "preview weekly", "weekly");
    play("fonts", &page, json!({}));
}

#[test]
#[ignore = "needs Chromium and node"]
fn a_subject_from_right_to_left_is_cut_at_its_end() {
    let project = Project::of(1);
    let subject = "מועדים שנדחו, מס התורנות ".repeat(5);
    project.write(
        "campaigns/hebrew/issue.md",
        format!("+++\nsubject = '🧭 {subject}'\npreheader = 'הערכת זמן'\nlang = 'he'\n+++\nשלום {{{{ first_name }}}}\n"),
    );
    let page = page(&project, "preview hebrew", "hebrew");
    play("right-to-left", &page, json!({ "begins": "🧭 מועדים" }));
}

#[test]
#[ignore = "needs Chromium, node and the Debian package poppler-utils"]
fn it_prints_with_all_that_it_says() {
    let (_project, page) = example(" --as zoe.lefevre@example.net");
    let printed = play("print", &page, json!({}));
    let path = printed["path"].as_str().unwrap();
    let text = Command::new("pdftotext").args(["-layout", path, "-"]).output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    // Of the inbox, the message to its end, the links, the text part and the headers.
    for part in [
        "Slipped dates",
        "Hello Zoé, and happy Monday!",
        "Pro office hours",
        "kitefield.example/start",
        "List-Unsubscribe",
    ] {
        assert!(text.contains(part), "{part} was not printed: {text}");
    }
    assert!(text.matches("1 Example Street, London").count() >= 2, "not to the end: {text}");
    assert!(!text.contains("Repainted"), "there is nothing to click on paper: {text}");

    // A line that the end of a sheet cuts in two is printed on both.
    let sheets: Vec<Vec<&str>> = text
        .split('\u{c}')
        .map(|sheet| sheet.lines().map(str::trim).filter(|line| !line.is_empty()).collect())
        .collect();
    assert!(sheets.len() > 8, "so long a message has many sheets: {text}");
    for sheet in sheets.windows(2) {
        assert!(sheet[0].last() != sheet[1].first(), "cut in two: {:?}", sheet[0].last());
    }
    // A white headline needs its band, also where a browser prints no backgrounds.
    let picture =
        Command::new("pdftoppm").args(["-r", "20", "-f", "2", "-l", "2", path]).output().unwrap().stdout;
    let band = [0x0b_u8, 0x4f, 0x5e];
    let pixels =
        picture.windows(3).filter(|pixel| pixel.iter().zip(band).all(|(a, b)| a.abs_diff(b) < 4)).count();
    assert!(pixels > 500, "the band of the masthead is {pixels} pixels");
}

#[test]
#[ignore = "needs Chromium and node"]
fn the_issue_for_the_web_is_one_file_that_fits_every_window() {
    let project = Project::example();
    project.expect(0, "preview tmw-450 --web");
    play("web", &format!("file://{}", project.path("web/tmw-450.html").display()), json!({}));
}

/// Names that would do something, were they taken for anything but words.
const HOSTILE: &[&str] = &[
    "</script><script>window.ran = 1</script>",
    "<img src=x onerror=\"top.ran = 1\">",
    "\"><svg onload=\"parent.ran = 1\">",
    "'><a href=\"javascript:window.ran=1\">me</a>",
    "</title><!-- <script>",
    "]]></style><iframe srcdoc=\"<script>parent.ran=1</script>\">",
    "{{ 7 * 7 }} ${window.ran = 1} [[ x ]]",
    "&lt;script&gt;window.ran = 1&lt;/script&gt;",
];

#[test]
#[ignore = "needs Chromium and node"]
fn neither_a_subscribers_name_nor_a_template_can_run_a_script() {
    let project = Project::of(1);
    let rows = HOSTILE.iter().enumerate().map(|(index, name)| {
        format!("reader{}@example.com,\"{}\",free\n", index + 1, name.replace('"', "\"\""))
    });
    project.write("subscribers.csv", format!("email,first_name,plan\n{}", rows.collect::<String>()));
    let hostile = "<mj-raw><script>document.documentElement.dataset.ran = 'yes'; parent.document.title = 'ran';</script>\
         <div onclick=\"document.documentElement.dataset.ran = 'yes'\">A hostile template</div>\
         <a href=\"https://elsewhere.example/\" target=\"_top\">Away</a></mj-raw></mj-body>";
    project.replace("mjml/standard.mjml", "</mj-body>", hostile);
    let page = page(&project, "preview weekly --all", "weekly");
    play("hostile", &page, json!({ "names": HOSTILE }));
}
