//! What is known of an expression before any row is seen.

use std::ops::Range;

/// An expression that was understood. Ranges are bytes of its source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Analysis {
    /// Every column it reads, each once.
    pub columns_used: Vec<String>,
    /// Where the name of a column stands whose value is printed, and the name. There an empty value prints its
    /// `[merge]` fallback; in a comparison, a condition or before `default`, the value itself is seen.
    /// In order, without overlap.
    pub printed: Vec<(Range<usize>, String)>,
    /// Text columns that are asked "true or false", where every text but the empty one is true. A column whose
    /// values [look boolean](super::looks_boolean) must not be among them.
    pub truthy_text: Vec<String>,
    /// What has to be put in place of names so that an empty value is neither before nor after anything.
    guards: Vec<(Range<usize>, String)>,
}

impl Analysis {
    /// The source to be run. minijinja would find none below every number and every date: `age < 18` would hold
    /// for everyone whose age is not known. Here no order holds for an empty value. `printed` gives what to
    /// write in place of a column that is printed, if anything.
    pub fn rewritten(&self, source: &str, printed: impl Fn(&str) -> Option<String>) -> String {
        let printed = self.printed.iter().filter_map(|(range, name)| Some((range.clone(), printed(name)?)));
        let mut edits: Vec<_> = self.guards.iter().cloned().chain(printed).collect();
        edits.sort_by_key(|(range, _)| range.start);
        let mut out = String::with_capacity(source.len());
        let mut rest = 0;
        for (range, text) in edits {
            out.push_str(&source[rest..range.start]);
            out.push_str(&text);
            rest = range.end;
        }
        out.push_str(&source[rest..]);
        out
    }

    pub(super) fn use_column(&mut self, name: &str) {
        if !self.columns_used.iter().any(|used| used == name) {
            self.columns_used.push(name.to_owned());
        }
    }

    pub(super) fn ask_text(&mut self, column: &str) {
        if !self.truthy_text.iter().any(|asked| asked == column) {
            self.truthy_text.push(column.to_owned());
        }
    }

    /// The column `name`, standing at `range`, is on the lesser side of a comparison: an empty value becomes a
    /// list, which minijinja orders above all numbers and texts.
    pub(super) fn guard(&mut self, range: Range<usize>, name: &str) {
        if self.guards.iter().all(|(guarded, _)| *guarded != range) {
            self.guards.push((range, format!("({name} if {name} is not none else [])")));
        }
    }
}
