//! `mailshot preview --serve`, through the binary, over real sockets: what a browser gets, and that it follows every
//! change. How long a change takes to arrive is printed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails; times are printed"
)]

mod support;

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::time::Instant;

use serde_json::{Value, json};
use support::{Answer, Events, Project, Served};

/// The first sample of the projects here.
const SAMPLE: &str = "/0001-reader1%40example.com";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n one";

fn serve(project: &Project) -> Served {
    Served::start(project.command("preview weekly --serve 127.0.0.1:0"))
}

/// What the event says is wrong: place and message.
fn findings(event: &Value) -> Vec<(&str, &str)> {
    let findings = event["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| (finding["place"].as_str().unwrap_or(""), finding["message"].as_str().unwrap()))
        .collect()
}

/// Makes a change and waits until the file served at `path` shows it.
#[track_caller]
fn arrives(served: &Served, events: &mut Events, what: &str, path: &str, shown: &str, change: impl FnOnce()) {
    assert!(!served.text(path).contains(shown), "{what}: it was there before");
    let started = Instant::now();
    change();
    loop {
        let event = events.next();
        let took = started.elapsed().as_millis();
        // On a busy machine a file may lie there half-written for longer than is overlooked.
        if event["findings"] == json!([]) && served.text(path).contains(shown) {
            println!("{what}: shown after {took} ms");
            return;
        }
    }
}

#[test]
fn the_preview_is_served_as_it_would_be_written_and_nothing_is_written() {
    let project = Project::of(40);
    project.write("campaigns/weekly/dot.png", PICTURE);
    project.append("campaigns/weekly/issue.md", "\n![A dot](dot.png)\n");
    let served = serve(&project);
    assert!(served.text("/").contains("Week 7"));
    assert_eq!(served.text("/"), served.text("/index.html"));
    assert!(served.text(&format!("{SAMPLE}.html")).contains("Hello Reader 1!"));
    assert!(served.text("/0001-reader1@example.com.txt").contains("Hello Reader 1!"));
    let message = served.get(&format!("{SAMPLE}.eml"));
    assert_eq!(message.header("content-type"), Some("message/rfc822"));
    assert!(message.body.starts_with(b"From: The Weekly <hello@weekly.example>"), "{message:?}");
    let html = served.text(&format!("{SAMPLE}.html"));
    let picture = html.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    let picture = served.get(&format!("/{picture}"));
    assert_eq!((picture.header("content-type"), &picture.body[..]), (Some("image/png"), PICTURE));

    let head = served.request("HEAD", "/", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(head.header("content-length").unwrap().parse::<usize>().unwrap() > 10_000);
    assert_eq!(served.get("/nothing").status, 404);
    assert!(!project.exists("preview") && !project.exists(".mailshot"));
}

#[test]
fn every_kind_of_change_arrives() {
    let project = Project::of(3);
    project.write("campaigns/weekly/dot.png", PICTURE);
    project.append("campaigns/weekly/issue.md", "\n![A dot](dot.png)\n");
    let served = serve(&project);
    let mut events = served.events();
    events.next();
    let html = format!("{SAMPLE}.html");
    let issue = "campaigns/weekly/issue.md";

    arrives(&served, &mut events, "the issue, written over", &html, "A second", || {
        project.replace(issue, "A paragraph", "A second paragraph");
    });
    arrives(&served, &mut events, "the issue, another put in its place", &html, "A third", || {
        project.write("campaigns/weekly/.issue.md.new", project.read(issue).replace("A second", "A third"));
        fs::rename(project.path("campaigns/weekly/.issue.md.new"), project.path(issue)).unwrap();
    });
    arrives(&served, &mut events, "the issue, moved away and written anew", &html, "A fourth", || {
        let text = project.read(issue).replace("A third", "A fourth");
        fs::rename(project.path(issue), project.path("campaigns/weekly/issue.md~")).unwrap();
        project.write(issue, text);
    });
    arrives(&served, &mut events, "the layout", &html, "because you asked for it", || {
        project.replace("mjml/standard.mjml", "because you subscribed to it", "because you asked for it");
    });
    arrives(&served, &mut events, "a block", &html, "data-here", || {
        project.replace("mjml/blocks/links.mjml", "<div", "<div data-here=\"yes\"");
    });
    arrives(&served, &mut events, "a file elsewhere that the layout includes", &html, "included", || {
        project.write("parts/note.html", "<p>included</p>");
        let include = "<mj-include type=\"html\" path=\"../parts/note.html\" /></mj-body>";
        project.replace("mjml/standard.mjml", "</mj-body>", include);
    });
    arrives(&served, &mut events, "that file", &html, "changed", || {
        project.write("parts/note.html", "<p>included, changed</p>");
    });
    arrives(&served, &mut events, "the settings", &html, "7 Elsewhere Road", || {
        project.replace("mailshot.toml", "1 Example Street", "7 Elsewhere Road");
    });
    arrives(&served, &mut events, "the list", &html, "Hello Somebody Else", || {
        project.replace("subscribers.csv", "Reader 1", "Somebody Else");
    });
    let before = served.text(&html);
    project.write("campaigns/weekly/dot.png", [PICTURE, b"two"].concat());
    events.until(|_| served.text(&html) != before);
}

#[test]
fn what_is_written_through_links_and_at_once_in_many_files_arrives() {
    let project = Project::of(3);
    let elsewhere = Project::empty();
    for file in ["campaigns/weekly/issue.md", "subscribers.csv"] {
        elsewhere.write(file, project.read(file));
        project.remove(file);
        symlink(elsewhere.path(file), project.path(file)).unwrap();
    }
    let served = serve(&project);
    let mut events = served.events();
    events.next();
    let html = format!("{SAMPLE}.html");
    arrives(&served, &mut events, "the issue behind a link", &html, "A second", || {
        elsewhere.replace("campaigns/weekly/issue.md", "A paragraph", "A second paragraph");
    });
    arrives(&served, &mut events, "the list behind a link", &html, "Hello Somebody Else", || {
        elsewhere.replace("subscribers.csv", "Reader 1", "Somebody Else");
    });
    arrives(&served, &mut events, "a hundred changes, the last of which counts", &html, "change 99.", || {
        for n in 0..100 {
            project.write("mjml/blocks/prose.mjml", format!("<mj-section><mj-column><mj-text>change {n}. [[ block.body ]]</mj-text></mj-column></mj-section>"));
            project.write(&format!("mjml/other{n}.mjml"), "");
        }
    });
    // And that was the last word.
    assert!(served.text(&html).contains("change 99."));
}

#[test]
fn a_broken_template_is_explained_above_the_last_good_preview_until_it_is_mended() {
    let project = Project::of(3);
    let served = serve(&project);
    let mut events = served.events();
    let good = events.next();
    let page = served.text("/");

    project.replace("mjml/standard.mjml", "<mj-text><h1>", "<mj-txt><h1>");
    let broken = events.next();
    let [(place, message)] = findings(&broken)[..] else { panic!("{broken}") };
    assert!(place.starts_with("mjml/standard.mjml:") && message.contains("mj-txt"), "{broken}");
    let excerpt = &broken["findings"][0]["excerpt"];
    assert_eq!(excerpt["marked"], "<mj-txt>", "{broken}");
    assert!(excerpt["after"].as_str().unwrap().starts_with("<h1>[[ list.name ]]</h1>"), "{broken}");
    assert_eq!(broken["version"], good["version"], "the last good preview stays");
    assert_eq!(served.text("/"), page);
    // Whoever comes now is told, too.
    assert_eq!(served.events().next(), broken);

    // Saved again and still broken, it is said again: who has looked beneath meanwhile is shown it once more.
    project.replace("mjml/standard.mjml", "<mj-txt><h1>", "<mj-txt ><h1>");
    let again = events.next();
    assert_eq!(again["findings"][0]["message"], broken["findings"][0]["message"]);

    project.replace("mjml/standard.mjml", "<mj-txt ><h1>", "<mj-text><h1>");
    assert_eq!(events.next(), good);
    let output = served.end("INT");
    assert!(output.stderr.contains("error[unknown-element]: mjml/standard.mjml:"), "{}", output.stderr);
    assert!(output.stderr.contains("\nmended"), "{}", output.stderr);
}

#[test]
fn what_is_broken_from_the_start_is_explained_on_an_empty_page() {
    let project = Project::of(3);
    project.replace("campaigns/weekly/issue.md", "first_name", "frist_name");
    let served = serve(&project);
    let mut events = served.events();
    let broken = events.next();
    let [(place, message)] = findings(&broken)[..] else { panic!("{broken}") };
    assert!(place.starts_with("campaigns/weekly/issue.md:7:"), "{broken}");
    assert!(message.contains("`frist_name`"), "{broken}");
    let page = served.text("/");
    assert!(page.contains("There is nothing to show yet.") && page.contains("EventSource"), "{page}");
    project.replace("campaigns/weekly/issue.md", "frist_name", "first_name");
    events.until(|event| event["version"] != broken["version"]);
    assert!(served.text("/").contains("Week 7"));
}

#[test]
fn nobody_is_left_to_show_it_to() {
    let project = Project::of(2);
    let served = serve(&project);
    let mut events = served.events();
    events.next();
    project.replace("mailshot.toml", "[merge]", "where = \"plan == 'gold'\"\n[merge]");
    let event = events.next();
    assert_eq!(findings(&event), [("subscribers.csv", "no row of the list is to get this issue")]);
}

#[test]
fn a_list_is_not_read_again_for_another_change() {
    let project = Project::of(20_000);
    let served = Served::start(project.command("preview weekly --serve 127.0.0.1:0 -v"));
    let mut events = served.events();
    events.next();
    let html = "/0001-reader1@example.com.html";
    let stale = "it was last read before the latest change";
    assert!(!served.text("/").contains(stale));
    for n in 0..5 {
        arrives(&served, &mut events, "a change beside a long list", html, &format!("paragraph {n}"), || {
            project.replace(
                "campaigns/weekly/issue.md",
                "A paragraph",
                &format!("A paragraph {n}. A paragraph"),
            );
        });
    }
    assert!(served.text("/").contains(stale), "what was found in the list is of another build");
    arrives(&served, &mut events, "a long list", html, "Hello Somebody", || {
        project.replace("subscribers.csv", "Reader 1,", "Somebody,");
    });
    let output = served.end("TERM");
    let read = output.stderr.matches("subscribers.csv read in").count();
    // Twice more at the most: right after a change a file's clock does not tell yet whether it is the last one.
    assert!((2..=4).contains(&read), "the list was read {read} times: {}", output.stderr);
}

#[test]
fn only_own_names_are_answered() {
    let project = Project::of(1);
    let served = serve(&project);
    let port = served.port();
    let ask = |host: &str| served.send(&format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n")).status;
    for own in ["127.0.0.1", "localhost", "[::1]"] {
        assert_eq!(ask(&format!("Host: {own}:{port}\r\n")), 200, "{own}");
    }
    for strange in ["evil.example", "127.0.0.1", "localhost:1", "localhost.evil.example"] {
        assert_eq!(ask(&format!("Host: {strange}\r\n")), 421, "{strange}");
    }
    assert_eq!(ask(&format!("Host: evil.example:{port}\r\n")), 421);
    assert_eq!(ask(""), 400);
    assert_eq!(ask(&format!("Host: localhost:{port}\r\nHost: evil.example\r\n")), 400);
    let absolute = format!(
        "GET http://evil.example:{port}/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(served.send(&absolute).status, 421);
    // A strange name is refused whatever is asked for.
    let events = format!("GET /-/events HTTP/1.1\r\nHost: evil.example:{port}\r\nConnection: close\r\n\r\n");
    assert_eq!(served.send(&events).status, 421);
}

#[test]
fn other_sites_get_nothing_and_messages_do_nothing() {
    let project = Project::of(1);
    let served = serve(&project);
    for (site, mode, dest) in [
        ("cross-site", "no-cors", "image"),
        ("same-site", "cors", "empty"),
        ("cross-site", "navigate", "iframe"),
    ] {
        let lines = [("Site", site), ("Mode", mode), ("Dest", dest)];
        let lines = lines.map(|(name, value)| format!("Sec-Fetch-{name}: {value}"));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(served.request("GET", "/", &lines).status, 403, "{lines:?}");
    }
    for path in ["/", &format!("{SAMPLE}.html"), &format!("{SAMPLE}.eml"), "/none", "/-/events"] {
        let answer = served.request("HEAD", path, &["Origin: https://evil.example"]);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
    }
    let policy = |path: &str| served.get(path).header("content-security-policy").unwrap().to_owned();
    let message = policy(&format!("{SAMPLE}.html"));
    assert!(message.contains("sandbox ") && !message.contains("script"), "{message}");
    assert!(policy("/").contains("script-src 'sha256-") && policy("/").contains("frame-ancestors 'none'"));
}

#[test]
fn a_path_names_a_file_of_the_preview_and_nothing_else() {
    let project = Project::of(1);
    let served = serve(&project);
    for path in [
        "/../mailshot.toml",
        "/..%2fmailshot.toml",
        "/%2e%2e/mailshot.toml",
        "/mailshot.toml",
        "/subscribers.csv",
        "/campaigns/weekly/issue.md",
        "//etc/passwd",
        "/etc/passwd",
        "/index.html/",
        "/./index.html",
        "/index.html%00.txt",
        "/%ff",
        "/%",
        &format!("/{}", "a".repeat(4_000)),
    ] {
        assert_eq!(served.get(path).status, 404, "{path}");
    }
}

#[test]
fn nothing_can_be_changed() {
    let project = Project::of(1);
    let served = serve(&project);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let answer = served.request(method, "/", &["Content-Length: 0"]);
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    // A body that never comes is not waited for.
    assert_eq!(served.request("POST", "/", &["Content-Length: 1000000000"]).status, 405);
    assert_eq!(served.send("nonsense\r\n\r\n").status, 400);
    assert_eq!(served.request("GET", "/", &[&format!("X: {}", "a".repeat(20_000))]).status, 431);
    let many: Vec<String> = (0..100).map(|n| format!("X-{n}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(served.request("GET", "/", &many).status, 431);
}

#[test]
fn whoever_is_slow_or_idle_keeps_nobody_waiting() {
    let project = Project::of(1);
    let served = serve(&project);
    let idle: Vec<_> = (0..100).map(|_| served.connect()).collect();
    let mut slow: Vec<_> = (0..20).map(|_| served.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: loc").unwrap();
    }
    // Of an answer that nobody reads only so much is on its way.
    let mut deaf = served.connect();
    for _ in 0..50 {
        write!(deaf, "GET / HTTP/1.1\r\nHost: {}\r\n\r\n", served.host()).unwrap();
    }
    let mut events = served.events();
    events.next();
    let html = format!("{SAMPLE}.html");
    arrives(&served, &mut events, "a change beside 120 idle and slow ones", &html, "A second", || {
        project.replace("campaigns/weekly/issue.md", "A paragraph", "A second paragraph");
    });
    // Who was slow is answered all the same.
    let mut last = slow.pop().unwrap();
    write!(last, "alhost:{}\r\nConnection: close\r\n\r\n", served.port()).unwrap();
    assert_eq!(Answer::read(last).status, 200);
    drop(idle);
}

#[test]
fn ctrl_c_ends_it_at_once_though_somebody_follows() {
    let project = Project::of(1);
    for signal in ["INT", "TERM", "HUP"] {
        let served = serve(&project);
        let mut events = served.events();
        events.next();
        let started = Instant::now();
        let output = served.end(signal);
        println!("SIG{signal}: ended after {} ms", started.elapsed().as_millis());
        assert_eq!(output.code, 0, "{output:?}");
    }
}

#[test]
fn where_it_serves_is_said_and_what_it_cannot_do() {
    let project = Project::of(1);
    let output = serve(&project).end("INT");
    assert_eq!(
        output.stderr,
        "open it in a browser; it follows what is written in campaigns/weekly/issue.md\n\
         next: Ctrl-C ends it, then mailshot test weekly\n"
    );
    // The campaign behind --serve is no address.
    let served = Served::start(project.command("preview --serve weekly"));
    assert!(served.host().starts_with("127.0.0.1:62"), "{}", served.url);
    assert!(served.text("/").contains("Week 7"));
    let everywhere = Served::start(project.command("preview weekly --serve 0.0.0.0:0"));
    assert!(everywhere.url.starts_with("http://localhost:"), "{}", everywhere.url);
    assert!(everywhere.end("INT").stderr.starts_with("warning: whoever can reach this address"));

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = project.expect(3, &format!("preview weekly --serve 127.0.0.1:{port}"));
    assert_eq!(
        refused.stderr,
        format!(
            "error: port {port} of 127.0.0.1 is taken by another program\n  \
             help: end the other one, or let the system choose: --serve 127.0.0.1:0\n"
        )
    );
    project.expect(2, "preview weekly --serve http://localhost/");
    project.expect(2, "preview weekly --serve --out looks");
    let unknown = project.expect(3, "preview weekli --serve");
    assert!(unknown.stderr.contains("did you mean `weekly`?"), "{}", unknown.stderr);
    project.expect(2, "preview");
}
