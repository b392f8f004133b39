//! The corpus of the fuzz targets, replayed: what was ever found stays mended, also where nobody fuzzes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "fuzz/src/issue.rs"]
mod issue;
#[path = "fuzz/src/mjml.rs"]
mod mjml;

use std::fs;
use std::path::Path;

fn replay(target: &str, run: fn(&str)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
    let inputs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(inputs.len() >= 10, "the corpus of {target} has {} inputs", inputs.len());
    for path in inputs {
        let input = fs::read(&path).unwrap();
        // A test that fails names its thread: so each input has one, with the stack that commands have.
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let thread = std::thread::Builder::new().name(name.clone()).stack_size(8 * 1024 * 1024);
        let result = thread.spawn(move || run(&String::from_utf8_lossy(&input))).unwrap().join();
        assert!(result.is_ok(), "{target}: {name}");
    }
}

#[test]
fn the_mjml_front_end_stands_its_corpus() {
    replay("mjml", mjml::run);
}

#[test]
fn the_reader_of_issues_stands_its_corpus() {
    replay("issue", issue::run);
}
