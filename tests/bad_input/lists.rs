//! Lists that are wrong, and lists as programs write them.

use super::*;

#[test]
fn mistakes_in_the_list() {
    let list = |text: &[u8]| refused(|project| project.write(LIST, text));
    assert_eq!(
        list(b"mail,first_name,plan\na@example.com,A,pro\n"),
        "error: subscribers.csv:1: there is no column `email`; the headers are `mail`, `first_name`, `plan`\n  \
         help: name the column under [list.columns] in mailshot.toml: email = \"mail\"\n"
    );
    assert_eq!(
        refused(|project| project.remove(LIST)),
        "error: subscribers.csv: there is no such file\n  \
         help: this is the subscriber file: --subscribers, or `subscribers` under [list]\n"
    );
    assert_eq!(
        list(b"email,first_name,plan\na@example.com,Zo\xeb,pro\n"),
        "error: subscribers.csv:2: this line is not UTF-8\n  help: is it Latin-1? save it as \"CSV UTF-8\", or \
         convert it: iconv -f WINDOWS-1252 -t UTF-8 subscribers.csv > utf-8.csv\n"
    );
    assert_eq!(
        list(b"email,first_name,plan\na@example.com,\"A,pro\nb@example.com,B,pro\nc@example.com,C,pro\n"),
        "error: subscribers.csv:2: the quote that opens here is not closed\n  \
         help: close it; the rows behind it would be taken for one value\n"
    );
    assert_eq!(
        list(b"email,first_name,plan\na@example.com,A\n"),
        "error: subscribers.csv:2: this row has 2 fields, the header has 3\n  \
         help: a value with `,` in it must stand in quotes\n"
    );
    assert_eq!(
        list(b"email,first_name,email\na@example.com,A,b@example.com\n"),
        "error: subscribers.csv:1: two columns have the header `email`\n  \
         help: rename or remove one of them in the file\n"
    );
    assert_eq!(
        list(b"email,first_name,plan\n"),
        "error: subscribers.csv: there are no subscribers in this file\n  \
         help: it needs a line of headers, such as `email,first_name`, and a row for each subscriber\n"
    );
}

#[test]
fn lists_as_programs_write_them_are_read() {
    for text in [
        "\u{feff}email,first_name,plan\r\na@example.com,Zoë,pro\r\n",
        "email;first_name;plan\na@example.com;Zoë;pro\n",
        "email\tfirst_name\tplan\na@example.com\tZoë\tpro\n",
        "\"email\",\"first_name\",\"plan\"\n\"a@example.com\",\"Zoë\",\"pro\"",
    ] {
        let project = Project::of(0);
        project.write(LIST, text);
        let output = project.expect(0, "send weekly --capture");
        assert_eq!(output.stderr, "", "{text:?}");
        assert_eq!(project.names(".mailshot/captured/1"), ["0001-a@example.com.eml"], "{text:?}");
        let message = project.read(".mailshot/captured/1/0001-a@example.com.eml").replace("=\r\n", "");
        assert!(message.contains("Hello Zo=C3=AB!"), "{message}");
    }
}

#[test]
fn rows_that_cannot_be_mailed_are_named_and_the_others_are_mailed() {
    let project = Project::of(2);
    project.append(LIST, "no address,X,pro\nREADER1@example.com,Again,pro\n,Empty,pro\n");
    let output = project.expect(0, "send weekly --capture");
    assert_eq!(
        output.stderr,
        "warning: subscribers.csv:4: not a valid address: it holds a space\n\
         warning: subscribers.csv:5: the same address as in line 2; it gets one message\n\
         warning: subscribers.csv:6: not a valid address: it is empty\n"
    );
    assert_eq!(project.names(".mailshot/captured/1").len(), 2);
}

#[test]
fn more_errors_than_anybody_reads_are_counted() {
    let project = Project::of(50);
    project.append(SETTINGS, "[list.columns]\nplan = { column = \"plan\", type = \"bool\" }\n");
    let output = project.expect(3, "send weekly --capture");
    assert_eq!(output.stderr.matches("error: ").count(), 20, "{}", output.stderr);
    assert!(output.stderr.ends_with("… and 30 more: `mailshot check` lists them all\n"), "{}", output.stderr);
    let checked = project.expect(3, "check weekly");
    assert_eq!(checked.stderr.matches("error: ").count(), 50);
    assert!(checked.stdout.ends_with("50 errors, 0 warnings\n"), "{}", checked.stdout);
}
