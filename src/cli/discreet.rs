//! What a relay said, without the addresses in it: they stand in `log` and with `-v`, not in what every command shows.

/// `text` with `…` for every address in it.
pub(super) fn without_addresses(text: &str) -> String {
    let is_address = |c: char| c.is_alphanumeric() || "@._%+-=!#$&'*/?^`{|}~".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_address) {
        let end = rest[start..].find(|c| !is_address(c)).map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        let word = &rest[start..end];
        out.push_str(if word.contains('@') { "…" } else { word });
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_left_out_and_nothing_else() {
        for (said, shown) in [
            ("550 5.1.1 <ada+x@example.com>: no such user", "550 5.1.1 <…>: no such user"),
            ("ada@example.com, zoë@bücher.example unknown", "…, … unknown"),
            (
                "try again at 12:30 (see https://relay.example/a?b=1)",
                "try again at 12:30 (see https://relay.example/a?b=1)",
            ),
            ("", ""),
        ] {
            assert_eq!(without_addresses(said), shown);
        }
    }
}
