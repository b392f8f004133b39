//! The parts of the body: what is the same in every message, written once (RFC 2045, 2046, 2387).

use base64::prelude::{BASE64_STANDARD, Engine as _};

use super::error::ComposeError;
use crate::compile::Picture;

/// RFC 2045 section 6.8
const BASE64_LINE: usize = 76;

/// Head of the text part, up to and with the empty line.
pub(super) const TEXT_HEAD: &str =
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
/// Head of the HTML part.
pub(super) const HTML_HEAD: &str =
    "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";

/// `kind` (`alternative`, `related`) as a boundary. Quoted-printable holds `=` before a hexadecimal digit or a
/// line end alone, and base64 at its end alone: `=_` occurs in no part (RFC 2045 section 6.7, closing note).
pub(super) fn boundary(kind: &str, id: &str) -> String {
    format!("=_{kind}_{id}")
}

/// A picture as a whole part, ended by CRLF.
pub(super) fn picture(picture: &Picture) -> Result<String, ComposeError> {
    let unusable = |field| ComposeError::Picture { name: picture.name.clone(), field };
    let cid = &picture.cid;
    if cid.is_empty()
        || cid.len() > 200
        || !cid.chars().all(|c| c.is_ascii_alphanumeric() || ".-_@".contains(c))
    {
        return Err(unusable("Content-ID"));
    }
    let subtype = picture.media_type.strip_prefix("image/").unwrap_or_default();
    if subtype.is_empty()
        || subtype.len() > 60
        || !subtype.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c))
    {
        return Err(unusable("media type"));
    }
    let mut out = format!(
        "Content-Type: image/{subtype}\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <{cid}>\r\nContent-Disposition: inline;\r\n {}\r\n\r\n",
        file_name(&picture.name).ok_or_else(|| unusable("name"))?
    );
    let encoded = BASE64_STANDARD.encode(&picture.bytes);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(BASE64_LINE));
        out.push_str(line);
        out.push_str("\r\n");
        rest = tail;
    }
    Ok(out)
}

/// The `filename` parameter: plain, or in the extended form of RFC 2231 section 4.
fn file_name(name: &str) -> Option<String> {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_ ".contains(c));
    match name.len() {
        0 | 201.. => None,
        _ if plain => Some(format!("filename=\"{name}\"")),
        _ => Some(format!("filename*=utf-8''{}", crate::merge::url_component(name))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap() -> Picture {
        Picture {
            cid: "gap.1@mailshot".to_owned(),
            name: "mind the gap.png".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: (0..=99).collect(),
        }
    }

    #[test]
    fn a_picture_is_a_base64_part() {
        let part = picture(&gap()).unwrap();
        let (head, body) = part.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            head.split("\r\n").collect::<Vec<_>>(),
            [
                "Content-Type: image/png",
                "Content-Transfer-Encoding: base64",
                "Content-ID: <gap.1@mailshot>",
                "Content-Disposition: inline;",
                " filename=\"mind the gap.png\"",
            ]
        );
        assert_eq!(body.lines().map(str::len).collect::<Vec<_>>(), [76, 60]);
        assert_eq!(BASE64_STANDARD.decode(body.replace("\r\n", "")).unwrap(), gap().bytes);
        let named = picture(&Picture { name: "ü\r\n\"x\".png".to_owned(), ..gap() }).unwrap();
        assert!(named.contains("\r\n filename*=utf-8''%C3%BC%0D%0A%22x%22.png\r\n"), "{named}");
    }

    #[test]
    fn a_picture_that_would_break_the_head_is_refused() {
        for (cid, media_type, name) in [
            ("", "image/png", "a.png"),
            ("a>\r\nX: y", "image/png", "a.png"),
            ("a", "text/html", "a.png"),
            ("a", "image/", "a.png"),
            ("a", "image/png\r\nX: y", "a.png"),
            ("a", "image/png", ""),
        ] {
            let bad = Picture {
                cid: cid.to_owned(),
                media_type: media_type.to_owned(),
                name: name.to_owned(),
                bytes: Vec::new(),
            };
            assert!(picture(&bad).is_err(), "{bad:?}");
        }
    }
}
