//! The compiled campaign: all that the reader gets, with merge tags still in it.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::campaign::Shape;
use crate::config::Mailbox;
use crate::digest;

/// Where a merge tag prints, which decides how its value is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// Between HTML tags.
    Html,
    /// Inside a quoted HTML attribute that is no URL.
    HtmlAttribute,
    /// At the start of a URL in an HTML attribute: the value must be a whole http(s) URL.
    HtmlUrl,
    /// Further inside a URL in an HTML attribute: percent-encoded.
    HtmlUrlPart,
    /// Plain text.
    Text,
    /// At the start of a URL in plain text: the value must be a whole http(s) URL.
    TextUrl,
    /// Further inside a URL in plain text: percent-encoded.
    TextUrlPart,
    /// A header: no line break, no control character.
    Header,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Text as it stands; `{` in it means nothing.
    Literal(String),
    /// `{{ expression }}`. Where it was written: `place`, for messages.
    Print {
        /// What stands between the braces.
        expression: String,
        /// How its value is escaped.
        context: Context,
        /// `file:line:column`.
        place: String,
    },
    /// `{% statement %}`: `if …`, `elif …`, `else` or `endif`.
    Statement {
        /// What stands between the delimiters.
        statement: String,
        /// `file:line:column`.
        place: String,
    },
    /// In the text part: what follows, up to [`Piece::End`], becomes lines of this shape once it is merged.
    Paragraph(Shape),
    /// The end of a paragraph of the text part.
    End,
}

/// Text with merge tags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(pub Vec<Piece>);

/// A picture that travels inside the message; the HTML shows it as `cid:<cid>` (RFC 2392).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The Content-ID without brackets: letters, digits and `.-_@`.
    pub cid: String,
    /// The file's name, for who saves it.
    pub name: String,
    /// Its type: `image/png`.
    pub media_type: String,
    /// The file.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub bytes: Vec<u8>,
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64_STANDARD.decode(text).map_err(serde::de::Error::custom)
}

/// The compiled campaign. Stored with a run as JSON; everything that reaches the reader and nothing else, so
/// that its digest changes exactly when the message would.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Build {
    /// Version of this structure; a reader refuses others.
    pub format: u32,
    /// The campaign's slug.
    pub slug: String,
    /// The Subject header ([`Context::Header`]).
    pub subject: Template,
    /// The line an inbox shows after the subject ([`Context::Text`]); the HTML holds it too.
    pub preheader: Template,
    /// The HTML part.
    pub html: Template,
    /// The text part, lines ended by LF.
    pub text: Template,
    /// The pictures that the HTML shows from inside the message.
    pub pictures: Vec<Picture>,
    /// The From header.
    pub from: Mailbox,
    /// The Reply-To header.
    pub reply_to: Option<Mailbox>,
    /// The envelope sender.
    pub bounce: String,
    /// `[list] id`
    pub list_id: String,
    /// `[list] name`
    pub list_name: String,
    /// `[list] unsubscribe`, with `{token}`.
    pub unsubscribe: String,
    /// `[list] unsubscribe_mailto`
    pub unsubscribe_mailto: Option<String>,
    /// The constants of merge tags: `issue`, `campaign`, `list` (objects) and `view_url`.
    pub constants: BTreeMap<String, serde_json::Value>,
    /// What is printed for an empty value, by column.
    pub fallbacks: BTreeMap<String, String>,
}

impl Build {
    /// The version of the structure that this program writes and reads.
    pub const FORMAT: u32 = 1;

    /// The subject as a person reads it: constants filled in, other tags as they were written.
    pub fn subject_line(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Print { expression, .. } => {
                self.constant(expression).unwrap_or_else(|| format!("{{{{ {expression} }}}}"))
            }
            Piece::Statement { statement, .. } => format!("{{% {statement} %}}"),
            Piece::Paragraph(_) | Piece::End => String::new(),
        };
        self.subject.0.iter().map(piece).collect()
    }

    /// The constant that a path such as `issue.number` names, as it prints.
    fn constant(&self, path: &str) -> Option<String> {
        let mut names = path.split('.');
        let root = self.constants.get(names.next()?)?;
        let value = names.try_fold(root, |value, name| value.get(name))?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// The same build, not saying where its tags were written: no reader sees that.
    fn without_places(&self) -> Self {
        let mut build = self.clone();
        for template in [&mut build.subject, &mut build.preheader, &mut build.html, &mut build.text] {
            for piece in &mut template.0 {
                match piece {
                    Piece::Literal(_) | Piece::Paragraph(_) | Piece::End => {}
                    Piece::Print { place, .. } | Piece::Statement { place, .. } => place.clear(),
                }
            }
        }
        build
    }

    /// SHA-256 over the build, in hexadecimal: two builds of one digest give every reader the same message.
    pub fn digest(&self) -> String {
        // Maps are ordered and every key is text: this cannot fail, and an empty text would match no build.
        let json = serde_json::to_vec(&self.without_places()).unwrap_or_default();
        digest::of_bytes(&json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_stored_as_base64() {
        let picture = Picture {
            cid: "mind-the-gap@mailshot".to_owned(),
            name: "gap.png".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: vec![0, 255, 10],
        };
        let json = serde_json::to_string(&picture).unwrap();
        assert!(json.contains(r#""bytes":"AP8K""#), "{json}");
        assert_eq!(serde_json::from_str::<Picture>(&json).unwrap(), picture);
        assert!(serde_json::from_str::<Picture>(&json.replace("AP8K", "%")).is_err());
    }
}
