//! What `strace -f -y -xx` wrote, line by line: calls as they begin and as they return.
//!
//! All strings and paths are in hex, so nothing in them can be taken for syntax.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// A call of one thread.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    /// Of the thread.
    pub(crate) pid: u32,
    pub(crate) name: &'a str,
    /// Between the brackets, as far as they were printed.
    arguments: String,
    /// Behind the equals sign, once it has returned.
    result: Option<String>,
}

/// A call begins and returns; what was cut short does not return.
#[derive(Debug, Clone)]
pub(crate) enum Event<'a> {
    Begins(Call<'a>),
    Returns(Call<'a>),
    /// It was on its way when the process ended: it may have been done, wholly or in part, or not.
    CutShort(Call<'a>),
}

/// Tells what is in a trace, in its order.
pub(crate) fn read(trace: &str, mut tell: impl FnMut(Event<'_>)) {
    let mut under_way: BTreeMap<u32, Call<'_>> = BTreeMap::new();
    for line in trace.lines() {
        let (pid, rest) = line.split_once(' ').unwrap();
        let (pid, rest) = (pid.parse().unwrap(), rest.trim_start());
        if rest.starts_with("+++") || rest.starts_with("---") {
            continue;
        }
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let mut call = under_way.remove(&pid).unwrap();
            let (name, tail) = resumed.split_once(" resumed>").unwrap();
            assert_eq!(name, call.name);
            call.end(tail);
            tell(call.returned());
            continue;
        }
        let (name, tail) = rest.split_once('(').unwrap();
        let mut call = Call { pid, name, arguments: String::new(), result: None };
        if let Some(begun) = tail.strip_suffix(" <unfinished ...>") {
            begun.clone_into(&mut call.arguments);
            under_way.insert(pid, call.clone());
            tell(Event::Begins(call));
        } else {
            call.end(tail);
            tell(Event::Begins(call.clone()));
            tell(call.returned());
        }
    }
    for call in under_way.into_values() {
        tell(Event::CutShort(call));
    }
}

impl<'a> Call<'a> {
    fn end(&mut self, tail: &str) {
        let (arguments, result) = tail.rsplit_once(" = ").unwrap_or_else(|| panic!("no result: {tail:.200}"));
        self.arguments += arguments.trim_end().strip_suffix(')').unwrap_or(arguments);
        self.result = Some(result.to_owned());
    }

    fn returned(self) -> Event<'a> {
        let unknown = self.result.as_ref().is_some_and(|result| result.starts_with('?'));
        if unknown { Event::CutShort(self) } else { Event::Returns(self) }
    }

    /// What it returned; negative is an error.
    pub(crate) fn result(&self) -> Option<i64> {
        let digits = |text: &str| text.split([' ', '<']).next().unwrap_or_default().parse().ok();
        self.result.as_deref().and_then(digits)
    }

    /// The argument at this place, as it was printed. No string holds a comma: all are in hex.
    pub(crate) fn argument(&self, place: usize) -> &str {
        self.arguments.split(", ").nth(place).unwrap_or_default()
    }

    pub(crate) fn number(&self, place: usize) -> usize {
        self.argument(place).parse().unwrap_or_else(|_| panic!("no number at {place}: {:.80}", self.name))
    }

    /// The bytes of a string.
    pub(crate) fn bytes(&self, place: usize) -> Vec<u8> {
        let text = self.argument(place);
        let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        decoded(quoted.unwrap_or_else(|| panic!("no whole string at {place} of {}: {text:.80}", self.name)))
    }

    /// The path that is given as a string: from the root, or from the folder where the process is.
    pub(crate) fn path(&self, place: usize) -> PathBuf {
        let from = place.checked_sub(1).map_or("", |before| self.argument(before));
        let path = PathBuf::from(OsString::from_vec(self.bytes(place)));
        let elsewhere = from.ends_with('>') && !from.starts_with("AT_FDCWD");
        assert!(path.is_absolute() || !elsewhere, "not modelled: {} of {from:?}", path.display());
        path
    }

    /// What the descriptor at this place stands for; a socket too has a kind of path.
    pub(crate) fn descriptor(&self, place: usize) -> Descriptor {
        Descriptor::of(self.argument(place))
    }
}

/// An open file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub(crate) path: PathBuf,
    /// It lost the name it was opened by.
    pub(crate) deleted: bool,
}

impl Descriptor {
    fn of(text: &str) -> Self {
        let (_, rest) = text.split_once('<').unwrap_or_default();
        let (path, rest) = rest.rsplit_once('>').unwrap_or_default();
        Self { path: OsString::from_vec(decoded(path)).into(), deleted: rest.starts_with("(deleted)") }
    }
}

/// `\x2f\x74` → `/t`.
fn decoded(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap();
    let (bytes, rest) = hex.as_bytes().as_chunks::<4>();
    assert!(rest.is_empty(), "not in hex: {hex:.80}");
    bytes
        .iter()
        .map(|[slash, x, high, low]| {
            assert_eq!((slash, x), (&b'\\', &b'x'));
            digit(*high) << 4 | digit(*low)
        })
        .collect()
}

#[test]
fn calls_of_two_threads_are_told_in_their_order() {
    let trace = r#"7 fsync(3<\x2f\x61> <unfinished ...>
8 pwrite64(4<\x2f\x62>(deleted), "\x68\x69", 2, 4096) = 2
7 <... fsync resumed>)              = 0
7 openat(AT_FDCWD<\x2f>, "\x63", O_RDWR|O_CREAT, 0600) = 5<\x2f\x63>
7 unlink("\x63") = -1 ENOENT (No such file or directory)
8 fsync(4<\x2f\x62> <unfinished ...>
7 write(5<\x2f\x63>, "", 0)           = ?
7 +++ killed by SIGKILL +++
"#;
    let mut told = Vec::new();
    read(trace, |event| {
        told.push(match &event {
            Event::Begins(call) => format!("{} begins {}", call.pid, call.name),
            Event::Returns(call) => format!("{} {} {}", call.pid, call.name, call.result().unwrap()),
            Event::CutShort(call) => format!("{} cut short {}", call.pid, call.name),
        });
        if let Event::Returns(call) = event {
            match call.name {
                "pwrite64" => {
                    assert_eq!((call.bytes(1), call.number(3)), (b"hi".to_vec(), 4096));
                    assert_eq!(call.descriptor(0), Descriptor { path: "/b".into(), deleted: true });
                }
                "openat" => assert_eq!(call.path(1), Path::new("c")),
                _ => {}
            }
        }
    });
    assert_eq!(
        told,
        [
            "7 begins fsync",
            "8 begins pwrite64",
            "8 pwrite64 2",
            "7 fsync 0",
            "7 begins openat",
            "7 openat 5",
            "7 begins unlink",
            "7 unlink -1",
            "8 begins fsync",
            "7 begins write",
            "7 cut short write",
            "8 cut short fsync",
        ]
    );
}
