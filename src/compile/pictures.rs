//! Pictures that are files of the project travel inside the message: `src="survey.png"` → `src="cid:…"`.
//!
//! A file is looked for beside `issue.md`, then in `mjml/`. Its Content-ID is made of its content, so that a
//! picture used twice travels once and a changed one changes the build's digest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path};

use super::build::Picture;
use super::{nearby, xml};
use crate::digest;
use crate::finding::{Finding, Place};
use crate::tags::TagTable;

/// A picture may not be larger than this.
const MAX_PICTURE_BYTES: u64 = 1024 * 1024;
/// All pictures together may not be larger than this: they travel in every message.
const MAX_TOTAL_BYTES: usize = 3 * 1024 * 1024;
/// Of more pictures that cannot be had nobody reads.
const MAX_FINDINGS: usize = 50;
/// The attributes that hold a picture.
const ATTRIBUTES: [&str; 2] = ["src=\"", "background=\""];

/// Where pictures may lie.
pub(super) struct Folders<'a> {
    /// The campaign's folder.
    pub campaign: &'a Path,
    /// The campaign's `issue.md`, as the operator names it.
    pub issue: &'a Path,
    /// The project's folder.
    pub project: &'a Path,
    /// Where each picture of the issue was written.
    pub places: &'a BTreeMap<String, Place>,
}

/// `html` with every picture that is a file replaced by its Content-ID, and those pictures.
pub(super) fn embed(
    html: &str,
    folders: &Folders<'_>,
    tags: &TagTable,
) -> Result<(String, Vec<Picture>), Vec<Finding>> {
    let mut errors: Vec<Finding> = Vec::new();
    let mut pictures: BTreeMap<String, Picture> = BTreeMap::new();
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((at, attribute)) =
        ATTRIBUTES.iter().filter_map(|name| rest.find(name).map(|at| (at, *name))).min()
    {
        let start = at + attribute.len();
        let Some(length) = rest[start..].find('"') else { break };
        let value = &rest[start..start + length];
        out.push_str(&rest[..start]);
        if let Some(name) = file_name(value, tags) {
            match read(&name, folders) {
                Ok(picture) => {
                    out.push_str("cid:");
                    out.push_str(&picture.cid);
                    pictures.insert(picture.cid.clone(), picture);
                }
                // A picture may be used twice.
                Err(error) if errors.contains(&error) || errors.len() == MAX_FINDINGS => {}
                Err(error) => errors.push(error),
            }
        } else {
            out.push_str(value);
        }
        rest = &rest[start + length..];
    }
    out.push_str(rest);
    if !errors.is_empty() {
        return Err(errors);
    }
    let total: usize = pictures.values().map(|picture| picture.bytes.len()).sum();
    if total > MAX_TOTAL_BYTES {
        let message = format!("the pictures are {total} bytes together, and travel in every message");
        let finding = Finding::error("pictures-too-large", message).at(Place::file(folders.issue));
        return Err(vec![finding.help(format!(
            "keep them under {MAX_TOTAL_BYTES} bytes, or put them on the web and use their https addresses"
        ))]);
    }
    Ok((out, pictures.into_values().collect()))
}

/// The file that an attribute's value names; nothing, where it is an address.
pub(super) fn file_name(value: &str, tags: &TagTable) -> Option<String> {
    let scheme = value.split_once(':').map(|(scheme, _)| scheme);
    let has_scheme = scheme
        .is_some_and(|s| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)));
    let is_file = !value.is_empty()
        && !has_scheme
        && !value.starts_with("//")
        && !value.starts_with('#')
        && !tags.touches(value);
    is_file.then(|| decode(&xml::unescape(value)))
}

/// A file's name as it was written: Markdown percent-encodes blanks and letters beyond ASCII (RFC 3986 2.1), and MJML's
/// editors do in includes.
pub(super) fn decode(url: &str) -> String {
    let mut out = Vec::with_capacity(url.len());
    let mut rest = url.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|hex| *first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(out).unwrap_or_else(|_| url.to_owned())
}

fn read(name: &str, folders: &Folders<'_>) -> Result<Picture, Finding> {
    let place = || folders.places.get(name).cloned().unwrap_or_else(|| Place::file(folders.issue));
    let path = Path::new(name);
    if !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(Finding::error(
            "picture-outside",
            format!("the picture `{name}` lies outside of the campaign"),
        )
        .at(place())
        .help("put it beside issue.md"));
    }
    let candidates = [folders.campaign.join(path), folders.project.join("mjml").join(path)];
    let Some(file) = candidates.iter().find(|file| file.is_file()) else {
        let finding = Finding::error("missing-picture", format!("there is no picture `{name}`")).at(place());
        return Err(match candidates.iter().find_map(|file| nearby::file_like(file)) {
            Some(near) => finding.help(format!("did you mean `{}`?", path.with_file_name(near).display())),
            None => finding.help("put it beside issue.md or into mjml/, or use its https address"),
        });
    };
    let unreadable = |error: std::io::Error| Finding::unreadable(file, &error);
    if fs::metadata(file).map_err(unreadable)?.len() > MAX_PICTURE_BYTES {
        return Err(Finding::error(
            "picture-too-large",
            format!("the picture `{name}` is larger than {MAX_PICTURE_BYTES} bytes"),
        )
        .at(place())
        .help("make it smaller, or put it on the web and use its https address"));
    }
    let bytes = fs::read(file).map_err(unreadable)?;
    let Some(media_type) = media_type(&bytes) else {
        return Err(Finding::error("unknown-picture", format!("`{name}` is not a PNG, JPEG or GIF picture"))
            .at(place())
            .help("mail programs show no other kinds everywhere: convert it"));
    };
    let hash = &digest::of_bytes(&bytes)[..24];
    let shown = path.file_name().and_then(|name| name.to_str()).unwrap_or("picture").to_owned();
    Ok(Picture { cid: format!("{hash}@mailshot"), name: shown, media_type: media_type.to_owned(), bytes })
}

/// What a picture is, by its first bytes.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embed_in(folder: &Path, html: &str) -> Result<(String, Vec<Picture>), Vec<Finding>> {
        let places = BTreeMap::from([("b.png".to_owned(), Place::line("issue.md", 7))]);
        let folders =
            Folders { campaign: folder, issue: Path::new("issue.md"), project: folder, places: &places };
        embed(html, &folders, &TagTable::new([html]))
    }

    #[test]
    fn a_file_used_twice_travels_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a b.png"), b"\x89PNG rest").unwrap();
        let html = r#"<img src="a b.png"><img src="https://x.example/y.png"><td background="a%20b.png">"#;
        let (html, pictures) = embed_in(folder.path(), html).unwrap();
        assert_eq!(pictures.len(), 1);
        assert_eq!(pictures[0].media_type, "image/png");
        let cid = format!("cid:{}", pictures[0].cid);
        assert_eq!(
            html,
            format!(r#"<img src="{cid}"><img src="https://x.example/y.png"><td background="{cid}">"#)
        );
    }

    #[test]
    fn what_cannot_travel_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.svg"), b"<svg/>").unwrap();
        let message = |html: &str| embed_in(folder.path(), html).unwrap_err()[0].to_string();
        assert_eq!(
            message(r#"<img src="b.png">"#),
            "issue.md:7: there is no picture `b.png` (put it beside issue.md or into mjml/, or use its https address)"
        );
        assert_eq!(
            message(r#"<img src="../b.png">"#),
            "issue.md: the picture `../b.png` lies outside of the campaign (put it beside issue.md)"
        );
        assert_eq!(
            message(r#"<img src="a.svg">"#),
            "issue.md: `a.svg` is not a PNG, JPEG or GIF picture (mail programs show no other kinds everywhere: convert it)"
        );
    }
}
