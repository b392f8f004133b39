//! The ways out of the list that each message carries (RFC 2369, RFC 8058).

use crate::compile::Build;
use crate::merge::{url_component, web_url};

/// The address of the one-click page for the recipient who holds `token`.
pub fn unsubscribe_url(build: &Build, token: &str) -> String {
    fill(&build.unsubscribe, token)
}

/// `template` with `token` in its `{token}`, as a URL may be written.
fn fill(template: &str, token: &str) -> String {
    let url = template.replace("{token}", &url_component(token));
    web_url(&url).unwrap_or(url)
}

/// What a run knows of leaving the list.
#[derive(Debug, Clone)]
pub(super) struct Unsubscribe {
    url: String,
    mailto: Option<String>,
    /// RFC 8058 section 3.1: one click needs an HTTPS URL.
    pub(super) one_click: bool,
}

impl Unsubscribe {
    /// The ways out that `build` has; `None` if its URL cannot be one.
    pub(super) fn new(build: &Build) -> Option<Self> {
        let sample = web_url(&build.unsubscribe.replace("{token}", "t"))?;
        if !build.unsubscribe.contains("{token}") {
            return None;
        }
        Some(Self {
            url: build.unsubscribe.clone(),
            mailto: build.unsubscribe_mailto.clone(),
            one_click: sample.starts_with("https://"),
        })
    }

    /// The entries of List-Unsubscribe, in the order of preference (RFC 2369 section 2).
    pub(super) fn entries(&self, token: &str) -> Vec<String> {
        let mut entries = vec![format!("<{}>", fill(&self.url, token))];
        if let Some(address) = &self.mailto {
            if let Some(first) = entries.first_mut() {
                first.push(',');
            }
            entries.push(format!("<{}>", mailto(address, token)));
        }
        entries
    }
}

/// A mail that says who leaves (RFC 6068).
fn mailto(address: &str, token: &str) -> String {
    let address = url_component(address).replacen("%40", "@", 1).replace("%2B", "+");
    format!("mailto:{address}?subject=unsubscribe%20{}", url_component(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailto_names_the_token_and_only_one_address() {
        assert_eq!(
            mailto("leave+weekly@tmw.example", "Ab_-9"),
            "mailto:leave+weekly@tmw.example?subject=unsubscribe%20Ab_-9"
        );
        assert_eq!(
            mailto("a?cc=b&c@x.example", "t"),
            "mailto:a%3Fcc%3Db%26c@x.example?subject=unsubscribe%20t"
        );
    }

    #[test]
    fn a_token_goes_wherever_it_is_asked_for() {
        assert_eq!(fill("https://tmw.example/u/{token}", "Ab_-9"), "https://tmw.example/u/Ab_-9");
        assert_eq!(
            fill("https://bücher.example/?t={token}&ü", "a"),
            "https://xn--bcher-kva.example/?t=a&%C3%BC"
        );
    }
}
