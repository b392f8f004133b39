//! What was meant by a key that its table does not know.

use super::known::{Key, join, places};
use crate::finding::nearest;

const MAX_SHOWN_CHARS: usize = 60;

/// What to say about an unknown key.
pub(super) struct Suggestion {
    pub(super) message: String,
    pub(super) help: String,
    /// The path of the key of the same table that was probably meant.
    pub(super) meant: Option<String>,
}

/// Looks for the nearest known place: this very key in another table, a key of nearly this name in the same table,
/// one of nearly this name elsewhere; or else tells what the table may hold.
pub(super) fn suggest(path: &str, typed: &str, is_table: bool, keys: &[Key]) -> Suggestion {
    let places = places();
    let open = || places.iter().filter(|(_, key)| key.is_open());
    let mut same = open().filter(|(_, key)| key.name == typed);
    if let (Some((table, _)), None) = (same.next(), same.next()) {
        let message = format!("`{typed}` does not belong {}", at(path));
        return Suggestion { message, help: belongs(table, typed, is_table), meant: None };
    }
    let message = unknown(path, &printable(typed), is_table);
    let bare = typed.strip_prefix("utm_").filter(|_| path.ends_with("utm")).unwrap_or(typed);
    if let Some(near) = nearest(bare, keys.iter().filter(|key| key.is_open()).map(|key| key.name)) {
        let meant = join(path, near);
        let shown = if is_table { format!("[{meant}]") } else { near.to_owned() };
        return Suggestion { message, help: format!("did you mean `{shown}`?"), meant: Some(meant) };
    }
    let elsewhere = nearest(typed, open().map(|(_, key)| key.name));
    let help = match elsewhere.and_then(|near| open().find(|(_, key)| key.name == near)) {
        Some((table, key)) if key.is_table() => format!("did you mean `[{}]`?", join(table, key.name)),
        Some((table, key)) => format!("did you mean `{}` in `[{table}]`?", key.name),
        None => known(path, keys),
    };
    Suggestion { message, help, meant: None }
}

fn unknown(path: &str, typed: &str, is_table: bool) -> String {
    if is_table {
        format!("unknown table `[{}]`", join(path, typed))
    } else {
        format!("unknown key `{typed}` {}", at(path))
    }
}

fn belongs(table: &str, typed: &str, is_table: bool) -> String {
    match (table, is_table) {
        ("", _) => format!("write `[{typed}]` at the start of a line"),
        (_, true) => format!("write `[{table}.{typed}]`"),
        _ => format!("it belongs in `[{table}]`"),
    }
}

fn at(path: &str) -> String {
    if path.is_empty() { "at the top of the file".to_owned() } else { format!("in `[{path}]`") }
}

fn known(path: &str, keys: &[Key]) -> String {
    let names: Vec<String> =
        keys.iter().filter(|key| key.is_open()).map(|key| format!("`{}`", key.name)).collect();
    let place = if path.is_empty() { "the file".to_owned() } else { format!("`[{path}]`") };
    format!("{place} may hold {}", names.join(", "))
}

/// A key as it can stand in a message: short, and without what would disturb a terminal.
pub(super) fn printable(typed: &str) -> String {
    typed.chars().take(MAX_SHOWN_CHARS).flat_map(char::escape_debug).collect()
}
