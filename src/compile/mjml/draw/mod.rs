//! Draws what stands in a section: columns, groups, heroes and all that they hold, as MJML 4 draws it.
//!
//! mrml draws the page, its wrappers and its sections. The elements inside are drawn here, for there mrml differs
//! from MJML in many small ways, in silence; `tests/mjml` compares every attribute of each with the reference.
//!
//! What comes in was checked, and the cascade has written every attribute onto its element, MJML's defaults too. So
//! a value is what `attribute` says, and no element has defaults of its own here. Out comes HTML, with merge tags as
//! tokens, and what the head needs for it: media queries, style sheets.

mod accordion;
mod boxes;
mod button;
mod carousel;
mod column;
mod content;
mod head;
mod hero;
mod navbar;
mod pieces;
mod social;
mod tag;
mod text;

pub(super) use boxes::{Width, border_width, inside, pixels};
pub(super) use column::outlook_row;
pub(super) use content::html;
pub(super) use head::Head;

use super::tree::Element;
use crate::tags::TagTable;

/// Draws elements and gathers what the head needs for them.
pub(super) struct Artist<'a> {
    tags: &'a TagTable,
    /// How many ids were given.
    ids: u32,
    pub(super) head: Head,
}

impl<'a> Artist<'a> {
    /// For a document with these merge tags and this width from which a screen is wide.
    pub(super) fn new(tags: &'a TagTable, breakpoint: &str) -> Self {
        Self { tags, ids: 0, head: Head::new(breakpoint) }
    }

    /// What a section holds: columns, groups and raw HTML, in a section this wide.
    pub(super) fn section(&mut self, section: &Element, width: Width) -> String {
        column::cells(self, section, width)
    }

    /// A hero, in a body or wrapper this wide.
    pub(super) fn hero(&mut self, hero: &Element, width: Width) -> String {
        hero::draw(self, hero, width)
    }

    /// An element that stands in a column or hero, without the row around it.
    fn piece(&mut self, element: &Element, width: Width) -> String {
        match element.name.as_str() {
            "mj-accordion" => accordion::draw(self, element),
            "mj-button" => button::draw(self, element),
            "mj-carousel" => carousel::draw(self, element, width),
            "mj-divider" => pieces::divider(element, width),
            "mj-image" => pieces::image(self, element, width),
            "mj-navbar" => navbar::draw(self, element),
            "mj-social" => social::draw(self, element),
            "mj-spacer" => pieces::spacer(element),
            "mj-table" => pieces::table(self, element),
            "mj-text" => text::draw(self, element),
            _ => String::new(),
        }
    }

    /// An id that no other element of the page has, the same in every compilation.
    fn next_id(&mut self) -> String {
        self.ids += 1;
        format!("{:016x}", self.ids)
    }

    /// The HTML between an element's tags.
    fn content(&self, element: &Element) -> String {
        html(self.tags, &element.children).trim().to_owned()
    }

    /// The HTML of `mj-raw`, as it stands.
    fn raw(&self, element: &Element) -> String {
        html(self.tags, &element.children)
    }
}

/// Whether it is HTML of the writer's own, which is put where it stands without a cell around it.
fn is_raw(element: &Element) -> bool {
    element.name == "mj-raw"
}
