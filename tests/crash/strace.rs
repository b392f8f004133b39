//! Lives of `mailshot send` under `strace`: one to the end, to see what calls it makes, and others that end at one.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::Newsletter;
use crate::points::{Cell, Point, all_calls, cells};
use crate::replay;

const SIGKILL: i32 = 9;

/// What `strace` saw.
pub(crate) struct Trace {
    folder: TempDir,
}

impl Trace {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("trace")
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }

    fn strace(&self, calls: &str, string_bytes: u32) -> Command {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-y", "-xx", "-s", &string_bytes.to_string(), "-e", "signal=none"]);
        strace.args(["-e", &format!("trace={calls}"), "-o"]).arg(self.file());
        strace
    }
}

/// The calls of a whole life.
pub(crate) fn calls_of(newsletter: &Newsletter, slug: &str) -> Vec<Cell> {
    let trace = Trace::new();
    let status = newsletter.watched(slug, &mut trace.strace(&all_calls(), 4));
    // 4: a life before left somebody in doubt.
    assert!(matches!(status.code(), Some(0 | 4)), "{status}");
    cells(&trace.text())
}

/// A life with all that it does to files on record. It ends here, or else by itself. Whether it was ended.
pub(crate) fn recorded(newsletter: &Newsletter, slug: &str, point: Option<&Point>) -> (bool, Trace) {
    let trace = Trace::new();
    let calls = point.map_or(String::new(), |point| format!(",{}", point.call));
    let mut strace = trace.strace(&format!("{}{calls}", replay::CALLS), 100_000_000);
    if let Some(point) = point {
        strace.args(injection(point));
    }
    (was_killed(newsletter, slug, &mut strace), trace)
}

/// A life that ends here. Whether it came so far.
pub(crate) fn killed_at(newsletter: &Newsletter, slug: &str, point: &Point) -> bool {
    let trace = Trace::new();
    let mut strace = trace.strace(&point.call, 4);
    strace.args(injection(point));
    was_killed(newsletter, slug, &mut strace)
}

/// The signal comes before the call is done: it is not done.
fn injection(point: &Point) -> [String; 2] {
    ["-e".into(), format!("inject={}:signal=SIGKILL:when={}", point.call, point.nth)]
}

fn was_killed(newsletter: &Newsletter, slug: &str, strace: &mut Command) -> bool {
    let status = newsletter.watched(slug, strace);
    // It ends as what it looked at ended.
    let killed = status.signal() == Some(SIGKILL);
    assert!(killed || matches!(status.code(), Some(0 | 4)), "{status}");
    killed
}
