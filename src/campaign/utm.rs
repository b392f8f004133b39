//! `[utm]`: parameters by which the operator's web statistics know where a visit came from.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::parse::Campaign;
use super::tree::{each_inline_link, each_link};
use crate::tags::TagTable;

const PREFIX: &str = "utm_";

/// Adds the parameters to every link and button of the issue, by the rule of [`with_parameters`].
pub fn add_utm(campaign: &mut Campaign, parameters: &BTreeMap<String, String>, tags: &TagTable) {
    let slug = campaign.slug.clone();
    let mut change = |link: &mut super::tree::Link| {
        link.url = with_parameters(&link.url, parameters, &slug, tags);
    };
    for block in &mut campaign.blocks {
        if let Some(title) = &mut block.title {
            each_inline_link(title, &mut change);
        }
        each_link(&mut block.body, &mut change);
    }
}

/// `url` with the parameters (named without `utm_`) before any `#`; `utm_campaign` is the slug unless set.
///
/// Only http(s) links whose scheme and host are literal get them, and those that have none of their own: what
/// a merge tag gives may be anybody's, and what the writer wrote is meant.
pub fn with_parameters(
    url: &str,
    parameters: &BTreeMap<String, String>,
    slug: &str,
    tags: &TagTable,
) -> String {
    if parameters.is_empty() || !has_literal_host(url, tags) {
        return url.to_owned();
    }
    let (address, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let query = address.split_once('?').map(|(_, query)| query);
    if query.is_some_and(has_own) {
        return url.to_owned();
    }
    let mut out = address.to_owned();
    let mut separator = match query {
        None => "?",
        Some(query) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let campaign = (!parameters.contains_key("campaign")).then_some(("campaign", slug));
    let given = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in given.chain(campaign) {
        let _ = write!(out, "{separator}{PREFIX}{name}={}", encode(value));
        separator = "&";
    }
    out + fragment
}

fn has_literal_host(url: &str, tags: &TagTable) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    ["http", "https"].into_iter().any(|known| known.eq_ignore_ascii_case(scheme))
        && !host.is_empty()
        && !tags.touches(host)
}

fn has_own(query: &str) -> bool {
    query
        .split(['&', ';'])
        .any(|pair| pair.get(..PREFIX.len()).is_some_and(|p| p.eq_ignore_ascii_case(PREFIX)))
}

/// Percent-encodes what is not unreserved (RFC 3986, section 2.3).
fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(url: &str, parameters: &[(&str, &str)]) -> String {
        let parameters = parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let mut tags = TagTable::new([url]);
        let url = tags.protect(url, |_| crate::finding::Place::file("i.md")).unwrap();
        tags.restore(&with_parameters(&url, &parameters, "tmw-450", &tags))
    }

    #[test]
    fn parameters_stand_before_the_fragment() {
        let source = [("source", "news & more")];
        for (url, expected) in [
            ("https://a.example", "https://a.example?utm_source=news%20%26%20more&utm_campaign=tmw-450"),
            (
                "https://a.example/x?a=1#b?c",
                "https://a.example/x?a=1&utm_source=news%20%26%20more&utm_campaign=tmw-450#b?c",
            ),
            ("https://a.example/?", "https://a.example/?utm_source=news%20%26%20more&utm_campaign=tmw-450"),
            (
                "HTTP://a.example/{{ id }}",
                "HTTP://a.example/{{ id }}?utm_source=news%20%26%20more&utm_campaign=tmw-450",
            ),
        ] {
            assert_eq!(added(url, &source), expected);
        }
        assert_eq!(
            added("http://a.example/", &[("campaign", "spring")]),
            "http://a.example/?utm_campaign=spring"
        );
    }

    #[test]
    fn other_links_stay_as_they_are() {
        for url in [
            "mailto:a@b.example",
            "#top",
            "{{ unsubscribe_url }}",
            "https://{{ host }}/x",
            "https://a.example/?x=1&UTM_medium=own",
        ] {
            assert_eq!(added(url, &[("source", "x")]), url);
        }
        assert_eq!(added("https://a.example", &[]), "https://a.example");
    }
}
