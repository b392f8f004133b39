//! `preset`: what the providers of mail submission say they do. It stands under what the operator writes: any key
//! of the relay goes before it.
//!
//! Only what a provider documents is here. All of them take submission with STARTTLS on port 587 (RFC 6409), which
//! is what a relay without a preset is taken for, too; none of them limits a session to fewer messages, or an account
//! to fewer sessions, than the defaults use.

use super::values::one_of;
use super::wrong::Wrong;

/// A provider of mail submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Amazon SES.
    Ses,
    /// Postmark.
    Postmark,
    /// Mailgun.
    Mailgun,
    /// Twilio `SendGrid`.
    Sendgrid,
    /// Brevo, once Sendinblue.
    Brevo,
    /// `SparkPost`.
    Sparkpost,
    /// Mailjet.
    Mailjet,
    /// Gmail and Google Workspace.
    Gmail,
}

/// What is known of a provider.
struct Facts {
    preset: Preset,
    /// As the settings name it.
    name: &'static str,
    host: Host,
    replaces_message_id: bool,
    replaces_date: bool,
}

/// Where a provider is.
enum Host {
    /// One name for all customers, or for those who did not choose another region.
    One(&'static str),
    /// A name for each region: such as this one.
    Regional(&'static str),
}

const fn facts(preset: Preset, name: &'static str, host: Host) -> Facts {
    Facts { preset, name, host, replaces_message_id: false, replaces_date: false }
}

/// In the order of [`Preset`], so that each finds its own.
const ALL: [Facts; 8] = [
    Facts {
        replaces_message_id: true,
        replaces_date: true,
        ..facts(Preset::Ses, "ses", Host::Regional("email-smtp.eu-west-1.amazonaws.com"))
    },
    // Newsletters are broadcasts, which Postmark keeps apart from single messages.
    Facts {
        replaces_message_id: true,
        ..facts(Preset::Postmark, "postmark", Host::One("smtp-broadcasts.postmarkapp.com"))
    },
    facts(Preset::Mailgun, "mailgun", Host::One("smtp.mailgun.org")),
    facts(Preset::Sendgrid, "sendgrid", Host::One("smtp.sendgrid.net")),
    facts(Preset::Brevo, "brevo", Host::One("smtp-relay.brevo.com")),
    facts(Preset::Sparkpost, "sparkpost", Host::One("smtp.sparkpostmail.com")),
    facts(Preset::Mailjet, "mailjet", Host::One("in-v3.mailjet.com")),
    facts(Preset::Gmail, "gmail", Host::One("smtp.gmail.com")),
];

impl Preset {
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let known = ALL.iter().find(|facts| facts.name == text.trim());
        known.map(|facts| facts.preset).ok_or_else(|| {
            Wrong::new("is no provider that is known here", one_of(text.trim(), &ALL.map(|facts| facts.name)))
        })
    }

    const fn facts(self) -> &'static Facts {
        &ALL[self as usize]
    }

    /// Its name in the settings.
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// The server, where one serves all customers.
    pub const fn host(self) -> Option<&'static str> {
        match self.facts().host {
            Host::One(host) => Some(host),
            Host::Regional(_) => None,
        }
    }

    /// How the name of a server looks.
    pub(super) const fn host_like(self) -> &'static str {
        match self.facts().host {
            Host::One(host) | Host::Regional(host) => host,
        }
    }

    /// Whether it puts a Message-ID of its own in the place of ours. Its bounces then name the message by that one:
    /// what its 250 gave as id, `relay_id` in the log, is all that leads back.
    pub const fn replaces_message_id(self) -> bool {
        self.facts().replaces_message_id
    }

    /// Whether it puts a Date of its own in the place of ours, so that a DKIM signature of ours must not cover it.
    pub const fn replaces_date(self) -> bool {
        self.facts().replaces_date
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finds_its_own_facts_by_its_name() {
        for facts in &ALL {
            let preset = Preset::parse(facts.name).unwrap();
            assert_eq!((preset, preset.name()), (facts.preset, facts.name));
        }
    }

    #[test]
    fn a_slip_is_pointed_out() {
        let help = |text| Preset::parse(text).unwrap_err().help;
        assert_eq!(help("postmrak"), "did you mean \"postmark\"?");
        assert_eq!(
            help("amazon-ses"),
            "write one of \"ses\", \"postmark\", \"mailgun\", \"sendgrid\", \"brevo\", \"sparkpost\", \"mailjet\", \"gmail\""
        );
    }

    #[test]
    fn every_host_is_one_that_the_settings_take() {
        for facts in &ALL {
            let host = facts.preset.host_like();
            assert_eq!(super::super::url::host_name(host).as_deref(), Some(host));
        }
        assert_eq!(Preset::Ses.host(), None);
    }

    #[test]
    fn ses_puts_its_own_id_and_date_into_a_message() {
        assert!(Preset::Ses.replaces_message_id() && Preset::Ses.replaces_date());
        assert!(!Preset::Sendgrid.replaces_message_id() && !Preset::Sendgrid.replaces_date());
    }
}
