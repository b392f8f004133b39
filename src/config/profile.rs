//! Lays `[profile.NAME]` over the rest.
//!
//! Tables are laid into each other, key by key; any other value takes the place of the one below it. Two things
//! go together and are replaced together: the three sources of a password, of which there is one, and a host
//! with its login. A profile that names another host must say who logs in there, for the password of one server is
//! not to be shown to another.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

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
            drop_logins(&mut document, &profile);
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

/// Takes away the login of a relay where the profile brings another host or another source of the password.
fn drop_logins(document: &mut DeTable<'_>, profile: &DeTable<'_>) {
    let relays = document.get_mut("relay").map(Spanned::get_mut);
    let Some(DeValue::Table(relays)) = relays else { return };
    for (name, lower) in relays.iter_mut() {
        let upper = profile.get("relay").and_then(|relays| relays.get_ref().get(name.get_ref().as_ref()));
        let (DeValue::Table(lower), Some(DeValue::Table(upper))) =
            (lower.get_mut(), upper.map(Spanned::get_ref))
        else {
            continue;
        };
        let other_host = upper.contains_key("host") && host(upper) != host(lower);
        if other_host {
            lower.remove("username");
        }
        if other_host || PASSWORD.iter().any(|key| upper.contains_key(*key)) {
            for key in PASSWORD {
                lower.remove(key);
            }
        }
    }
}

fn host<'a>(relay: &'a DeTable<'_>) -> Option<&'a str> {
    relay.get("host").and_then(|value| value.get_ref().as_str())
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
