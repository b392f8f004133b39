//! `preset`: what is known of the services that newsletters are sent through.

use super::values::one_of;
use super::wrong::Wrong;

/// A provider of mail submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Amazon SES.
    Ses,
    /// Postmark.
    Postmark,
    /// Mailgun, in the United States; `host` names the one in Europe.
    Mailgun,
    /// Twilio `SendGrid`.
    Sendgrid,
    /// Brevo.
    Brevo,
    /// `SparkPost`, in the United States; `host` names the one in Europe.
    Sparkpost,
    /// Mailjet.
    Mailjet,
}

const ALL: [(&str, Preset); 7] = [
    ("ses", Preset::Ses),
    ("postmark", Preset::Postmark),
    ("mailgun", Preset::Mailgun),
    ("sendgrid", Preset::Sendgrid),
    ("brevo", Preset::Brevo),
    ("sparkpost", Preset::Sparkpost),
    ("mailjet", Preset::Mailjet),
];

impl Preset {
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let known = ALL.iter().find(|(name, _)| *name == text.trim());
        known.map(|(_, preset)| *preset).ok_or_else(|| {
            Wrong::new("is no provider that is known here", one_of(text, &ALL.map(|(name, _)| name)))
        })
    }

    /// The server, where there is one for all customers. SES has one in each region.
    pub const fn host(self) -> Option<&'static str> {
        match self {
            Self::Ses => None,
            Self::Postmark => Some("smtp.postmarkapp.com"),
            Self::Mailgun => Some("smtp.mailgun.org"),
            Self::Sendgrid => Some("smtp.sendgrid.net"),
            Self::Brevo => Some("smtp-relay.brevo.com"),
            Self::Sparkpost => Some("smtp.sparkpostmail.com"),
            Self::Mailjet => Some("in-v3.mailjet.com"),
        }
    }

    /// Whether it puts a Message-ID and a Date of its own in the place of ours. Its bounces then name the message by
    /// the id that its 250 gave: `relay_id` in the log.
    pub const fn replaces_message_id(self) -> bool {
        matches!(self, Self::Ses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_name_and_a_slip_is_pointed_out() {
        for (name, preset) in ALL {
            assert_eq!(Preset::parse(name), Ok(preset));
        }
        let wrong = Preset::parse("postmrak").unwrap_err();
        assert_eq!(wrong.help, "did you mean \"postmark\"?");
    }
}
