//! `mailshot preview --web`, through the binary: the issue as one page, without anyone's data.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use support::Project;

const ISSUE: &str = "campaigns/weekly/issue.md";
const PAGE: &str = "web/weekly.html";

/// The page of the project, which has its address on the web.
fn page(project: &Project) -> String {
    project.expect(0, "preview weekly --web");
    project.read(PAGE)
}

fn project() -> Project {
    let project = Project::of(3);
    project.replace("mailshot.toml", "[merge]", "view = \"https://weekly.example/{slug}?a=1&b=2\"\n[merge]");
    project
}

#[test]
fn it_is_one_file_that_anybody_may_read() {
    let project = project();
    project.write("campaigns/weekly/dot.png", b"\x89PNG\r\n\x1a\n one");
    project.append(ISSUE, "\n![A dot](dot.png)\n");
    let output = project.expect(0, "preview weekly --web");
    assert_eq!(output.stdout, "the issue without anyone's data in web/weekly.html\n");
    assert_eq!(
        output.stderr,
        "next: publish it as https://weekly.example/weekly?a=1&b=2, then mailshot test weekly\n"
    );
    assert_eq!(project.names("web"), ["weekly.html"]);
    assert!(!project.exists("preview") && !project.exists(".mailshot"));
    assert_eq!(fs::metadata(project.path(PAGE)).unwrap().permissions().mode() & 0o777, 0o644);

    let page = project.read(PAGE);
    assert!(page.contains("Hello there!") && page.contains("A paragraph with"), "{page}");
    assert!(
        page.contains("src=\"data:image/png;base64,iVBORw0KGgogb25l\"") && !page.contains("cid:"),
        "{page}"
    );
    let view = "https://weekly.example/weekly?a=1&amp;b=2";
    for head in [
        "<title>Week 7</title>",
        "<meta name=\"description\" content=\"A short one.\">",
        "<meta property=\"og:title\" content=\"Week 7\">",
        "<meta property=\"og:description\" content=\"A short one.\">",
        "<meta property=\"og:site_name\" content=\"The Weekly\">",
        &format!("<meta property=\"og:url\" content=\"{view}\">"),
        &format!("<link rel=\"canonical\" href=\"{view}\">"),
    ] {
        assert_eq!(page.matches(head).count(), 1, "{head}");
    }
    assert_eq!(page.matches("<title>").count(), 1);
    // A second one replaces the first.
    project.replace(ISSUE, "A short one.", "Another one.");
    assert!(self::page(&project).contains("content=\"Another one.\""));
}

#[test]
fn nothing_of_any_list_is_in_it() {
    let columns = "email,first_name,plan,company,since\n";
    let project = project();
    project.append(ISSUE, "\n::: prose if='plan == \"pro\"'\nFor those who pay.\n:::\n\n{% if company %}At {{ company }}.{% endif %}\n");
    let mut pages = Vec::new();
    for person in ["ada@sentinel.example,Adasentinel,pro,Sentinelworks,2031", "b@sentinel.example,,free,,"] {
        project.write("subscribers.csv", format!("{columns}{person}\n"));
        pages.push(page(&project));
    }
    assert_eq!(pages[0], pages[1], "who is on the list makes no difference");
    let page = pages[0].to_lowercase();
    assert!(!page.contains("sentinel") && !page.contains("for those who pay"), "{page}");
    for word in [
        "unsubscribe",
        "/u/",
        "list-",
        "mailto:",
        "{{",
        "{%",
        "\"email\"",
        "\u{fdd0}",
        "\u{fdd1}",
        "\u{fdd4}",
    ] {
        assert!(!page.contains(word), "{word}: {page}");
    }
}

#[test]
fn the_example_shows_none_of_its_subscribers() {
    let project = Project::example();
    project.expect(0, "preview tmw-450 --web");
    let page = project.read("web/tmw-450.html");
    assert!(page.contains("Hello there, and happy Monday!"));
    let list = project.read("subscribers.example.csv");
    // The first names that are no words of the issue, the addresses, and most of the rest.
    let values = list.lines().skip(1).flat_map(|row| row.split(','));
    let values: Vec<&str> = values.filter(|value| value.chars().count() > 5 && !page_words(value)).collect();
    assert!(values.len() > 40, "{values:?}");
    for value in values {
        assert!(!page.contains(value), "{value}");
    }
}

/// Words of the example's issue that are values of its list, too.
fn page_words(value: &str) -> bool {
    ["Thomas"].contains(&value)
}

#[test]
fn what_would_leave_a_hole_is_refused_with_the_way_out() {
    let project = project();
    project.replace(ISSUE, "Hello {{ first_name }}!", "Hello {{ first_name }} ({{ plan }}, {{ email }})!");
    let refused = project.expect(3, "preview weekly --web");
    assert_eq!(
        refused.stderr,
        "error[nothing-to-print]: campaigns/weekly/issue.md:7:25: `{{ plan }}` has nothing to print on a page without anyone's data\n  \
         7 | Hello {{ first_name }} ({{ plan }}, {{ email }})!\n    \
         |                         ^^^^^^^^^^\n  \
         help: say under [merge] what stands there for an empty value, or write {% if plan %}…{% endif %} around it\n\
         error[nothing-to-print]: campaigns/weekly/issue.md:7:37: `{{ email }}` has nothing to print on a page without anyone's data\n  \
         7 | Hello {{ first_name }} ({{ plan }}, {{ email }})!\n    \
         |                                     ^^^^^^^^^^^\n  \
         help: say under [merge] what stands there for an empty value, or write {% if email %}…{% endif %} around it\n"
    );
    assert!(!project.exists("web"));
    project.replace("mailshot.toml", "[merge]", "[merge]\nplan = \"any plan\"");
    project.replace(ISSUE, ", {{ email }}", "{% if email %}, {{ email }}{% endif %}");
    assert!(page(&project).contains("Hello there (any plan)!"));
    // In an address an empty value leaves no hole.
    project.append(ISSUE, "\n[Yours](https://weekly.example/?who={{ email }})\n");
    assert!(page(&project).contains("https://weekly.example/?who=\""));
}

#[test]
fn a_link_that_is_somebodys_needs_a_neutral_address() {
    let project = project();
    project.write("subscribers.csv", "email,first_name,invite\na@b.example,Ada,https://weekly.example/i/1\n");
    project.append(ISSUE, "\n[Invite a friend]({{ invite }})\n");
    let refused = project.expect(3, "preview weekly --web");
    assert!(refused.stderr.starts_with("error[merge]: campaigns/weekly/issue.md:16:"), "{}", refused.stderr);
    assert!(refused.stderr.contains("without anyone's data, a tag that opens a URL"), "{}", refused.stderr);
    project.replace("mailshot.toml", "[merge]", "[merge]\ninvite = \"https://weekly.example/join\"");
    assert!(page(&project).contains("href=\"https://weekly.example/join\""));
}

#[test]
fn links_to_leave_are_left_out_and_an_address_to_leave_in_the_text_is_refused() {
    let project = project();
    project.append(ISSUE, "\nYou can [leave the list]({{ unsubscribe_url }}) at any time.\n");
    assert!(page(&project).contains("You can leave the list at any time."));
    project.append(ISSUE, "\nOr go to {{ unsubscribe_url }}\n");
    let refused = project.expect(3, "preview weekly --web");
    assert_eq!(
        refused.stderr,
        "error[unsubscribe-in-text]: campaigns/weekly/issue.md:18:10: a page without anyone's data has no unsubscribe address to print\n  \
         18 | Or go to {{ unsubscribe_url }}\n     \
         |          ^^^^^^^^^^^^^^^^^^^^^\n  \
         help: make it a link: the page leaves those out\n"
    );
}

#[test]
fn what_is_for_some_only_is_said() {
    let project = project();
    project.append(ISSUE, "\n{% if plan == \"free\" %}Free{% elif plan == \"pro\" %}Pro{% else %}Neither{% endif %}\n\n{% if issue.number > 3 %}Late{% else %}Early{% endif %}\n");
    let output = project.expect(0, "preview weekly --web --json");
    assert_eq!(
        output.json()[0]["notes"],
        serde_json::json!([
            "not on the page: what is written for `plan == \"free\"` (campaigns/weekly/issue.md:16:1)",
            "not on the page: what is written for `plan == \"pro\"` (campaigns/weekly/issue.md:16:28)",
            "on the page: what is written for others than `plan == \"free\"`, `plan == \"pro\"` (campaigns/weekly/issue.md:16:55)",
        ])
    );
    let page = project.read(PAGE);
    assert!(page.contains("Neither") && page.contains("Late") && !page.contains("Early"), "{page}");
}

#[test]
fn what_the_operator_writes_stays_text() {
    let project = project();
    project.replace(
        ISSUE,
        "subject = \"Week {{ issue.number }}\"",
        "subject = '\"><script>1</script> & {{ first_name }}'",
    );
    project.replace("mailshot.toml", "first_name = \"there\"", "first_name = \"<b>\\\"you\\\"\"");
    let page = page(&project);
    assert!(
        page.contains(
            "<title>&quot;&gt;&lt;script&gt;1&lt;/script&gt; &amp; &lt;b&gt;&quot;you&quot;</title>"
        )
    );
    assert!(!page.contains("<b>\"you"), "{page}");
    assert!(!page.contains("<script"), "{page}");
}

#[test]
fn it_goes_where_it_is_asked_to_and_not_with_samples() {
    let project = Project::of(2);
    let output = project.expect(0, "preview weekly --web --out public/issues");
    assert!(output.stderr.contains("set `view` under [list]"), "{}", output.stderr);
    let page = project.read("public/issues/weekly.html");
    assert!(!page.contains("canonical") && !page.contains("og:url"));
    for with in ["--serve", "--all", "--sample 3", "--as reader1@example.com"] {
        project.expect(2, &format!("preview weekly --web {with}"));
    }
    project.write("web", "a file in the way");
    let refused = project.expect(3, "preview weekly --web");
    assert!(refused.stderr.starts_with("error: web/weekly.html: cannot be written"), "{}", refused.stderr);
}
