//! Lays `[profile.NAME]` over the rest.
//!
//! Tables are laid into each other, key by key; any other value takes the place of the one below it. Some things
//! go together and are replaced together: the three sources of a password, of which there is one; a host with its
//! login; a preset with its host and login. A profile that names another server must say who logs in there, for the
//! password of one server is not to be shown to another. And it uses no relay but those it names: what was led to a
//! server for tests must not fall back to the one that mails the readers.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::finding::{Finding, nearest};

const PASSWORD: [&str; 3] = ["password_env", "password_file", "password_command"];

/// `document` without its profiles, the one of this name laid over it.
pub(super) fn lay<'i>(mut document: DeTable<'i>, name: Option<&str>) -> Result<DeTable<'i>, Finding> {
    let profiles = match document.remove("profile").map(Spanned::into_inner) {
        Some(DeValue::Table(profiles)) => profiles,
        _ => DeTable::new(),
    };
    let Some(name) = name else { return Ok(document) };
    let names: Vec<String> = profiles.keys().map(|name| name.get_ref().to_string()).collect();
    let chosen = profiles.into_iter().find(|(known, _)| known.get_ref() == name);
    match chosen.map(|(_, value)| value.into_inner()) {
        Some(DeValue::Table(profile)) => {
            part(&mut document, &profile);
            over(&mut document, profile);
            Ok(document)
        }
        _ => Err(unknown(name, &names)),
    }
}

fn unknown(name: &str, names: &[String]) -> Finding {
    let finding = Finding::error("unknown-profile", format!("there is no profile `{name}` in mailshot.toml"));
    if let Some(near) = nearest(name, names.iter().map(String::as_str)) {
        return finding.help(format!("did you mean `{near}`?"));
    }
    match names {
        [] => finding.help(format!("write what differs below `[profile.{name}]`, or leave out `--profile`")),
        names => finding.help(format!("there are: {}", names.join(", "))),
    }
}

/// Takes away what must not go with the servers that the profile names.
fn part(document: &mut DeTable<'_>, profile: &DeTable<'_>) {
    let lower = document.get_mut("relay").map(Spanned::get_mut);
    let upper = profile.get("relay").map(Spanned::get_ref);
    let (Some(DeValue::Table(relays)), Some(DeValue::Table(profile))) = (lower, upper) else { return };
    let mut elsewhere = profile.keys().any(|name| !relays.contains_key(name.get_ref().as_ref()));
    for (name, lower) in relays.iter_mut() {
        let upper = profile.get(name.get_ref().as_ref()).map(Spanned::get_ref);
        if let (DeValue::Table(lower), Some(DeValue::Table(upper))) = (lower.get_mut(), upper) {
            elsewhere |= drop_login(lower, upper);
        }
    }
    if elsewhere {
        let named = |name: &DeString<'_>| profile.contains_key(name.as_ref());
        *relays = std::mem::take(relays).into_iter().filter(|(name, _)| named(name.get_ref())).collect();
    }
}

/// Takes away the login of a relay where the profile brings another server or another source of the password;
/// whether it brings another server.
fn drop_login(lower: &mut DeTable<'_>, upper: &DeTable<'_>) -> bool {
    let other = |key| upper.contains_key(key) && text(upper, key) != text(lower, key);
    let (other_host, other_preset) = (other("host"), other("preset"));
    let elsewhere = other_host || other_preset;
    if other_preset {
        lower.remove("host");
    }
    if elsewhere {
        lower.remove("username");
    }
    if elsewhere || PASSWORD.iter().any(|key| upper.contains_key(*key)) {
        for key in PASSWORD {
            lower.remove(key);
        }
    }
    elsewhere
}

fn text<'a>(relay: &'a DeTable<'_>, key: &str) -> Option<&'a str> {
    relay.get(key).and_then(|value| value.get_ref().as_str())
}

/// Lays `upper` over `lower`. The known keys go five tables deep at most, so this ends soon.
fn over<'i>(lower: &mut DeTable<'i>, upper: DeTable<'i>) {
    for (name, value) in upper {
        let span = value.span();
        let below = lower.get_mut(name.get_ref().as_ref()).map(Spanned::get_mut);
        match (below, value.into_inner()) {
            (Some(DeValue::Table(below)), DeValue::Table(above)) => over(below, above),
            (_, value) => {
                // Removed first, for `insert` alone would keep the place of the lower key.
                lower.remove(name.get_ref().as_ref());
                lower.insert(name, Spanned::new(span, value));
            }
        }
    }
}
