//! CSS variables: no mail program knows them, so `var(--name, default)` becomes what the variable holds.

/// More replacements than this in one value are not made: a variable may hold itself.
const MAX_REPLACEMENTS: usize = 100;
/// A value longer than this is left as it is.
const MAX_BYTES: usize = 10_000;

/// `value` with its variables replaced; `known` says what a variable holds.
pub(super) fn resolved(value: &str, known: impl Fn(&str) -> Option<String>) -> String {
    let mut value = value.to_owned();
    let mut until = value.len();
    for _ in 0..MAX_REPLACEMENTS {
        // The last one first: it holds no other.
        let Some(at) = value[..until].rfind("var(") else { break };
        until = at;
        let Some(end) = closing(&value[at + 4..]).map(|end| at + 4 + end) else { continue };
        let inside = &value[at + 4..end];
        let (name, default) =
            inside.split_once(',').map_or((inside, None), |(name, rest)| (name, Some(rest)));
        let held = known(name.trim()).or_else(|| default.map(|default| default.trim().to_owned()));
        if let Some(held) = held.filter(|held| value.len() + held.len() <= MAX_BYTES) {
            value.replace_range(at..=end, &held);
            until = at + held.len();
        }
    }
    value
}

/// The byte of the `)` that closes what was open before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.bytes().position(|b| {
        match b {
            b'(' => depth += 1,
            b')' if depth == 0 => return true,
            b')' => depth -= 1,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_give_way_to_what_they_hold() {
        let known = |name: &str| match name {
            "--a" => Some("red".to_owned()),
            "--b" => Some("var(--a)".to_owned()),
            "--loop" => Some("var(--loop) x".to_owned()),
            _ => None,
        };
        for (value, wanted) in [
            ("1px solid var(--a)", "1px solid red"),
            ("var( --b )", "red"),
            ("var(--no, rgb(1, 2, 3)) var(--a)", "rgb(1, 2, 3) red"),
            ("var(--no, var(--a))", "red"),
            ("var(--no)", "var(--no)"),
            ("var(--a", "var(--a"),
        ] {
            assert_eq!(resolved(value, known), wanted, "{value}");
        }
        assert!(resolved("var(--loop)", known).len() < MAX_BYTES);
    }
}
