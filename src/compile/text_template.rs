//! The text part with tokens → [`Template`].

use super::build::{Context, Piece, Template};
use super::contexts;
use crate::campaign::{TextPart, TextPiece, UrlPlace};
use crate::finding::Finding;
use crate::tags::{Tag, TagTable};

/// The template of the text part. White space is trimmed as tags ask (`{{-`) inside of paragraphs alone: between
/// lines it would join what stands on different ones.
pub(super) fn text_template(part: &TextPart, tags: &TagTable) -> Result<Template, Finding> {
    let mut pieces: Vec<Piece> = Vec::with_capacity(part.pieces.len());
    let mut open: Vec<&Tag> = Vec::new();
    let mut inside = false;
    let mut trim_next = false;
    for piece in &part.pieces {
        let trim_here = std::mem::take(&mut trim_next) && inside;
        match piece {
            TextPiece::Literal(text) if trim_here => {
                pieces.push(Piece::Literal(text.trim_start().to_owned()));
            }
            TextPiece::Literal(text) => pieces.push(Piece::Literal(text.clone())),
            TextPiece::Paragraph(shape) => {
                inside = true;
                pieces.push(Piece::Paragraph(shape.clone()));
            }
            TextPiece::End => {
                inside = false;
                pieces.push(Piece::End);
            }
            TextPiece::Tag(index) => {
                let tag = tags.get(*index);
                if let Some(Piece::Literal(before)) = pieces.last_mut().filter(|_| inside && tag.trim_before)
                {
                    before.truncate(before.trim_end().len());
                }
                trim_next = tag.trim_after;
                pieces.push(contexts::piece(
                    tag,
                    match part.urls.get(index) {
                        None => Context::Text,
                        Some(UrlPlace::Start) => Context::TextUrl,
                        Some(UrlPlace::Inside) => Context::TextUrlPart,
                    },
                ));
                contexts::balance(tag, &mut open)?;
            }
        }
    }
    open.last().map_or(Ok(Template(pieces)), |tag| Err(contexts::unclosed(tag)))
}
