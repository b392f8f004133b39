//! An element of the page, for `selectors`.

use selectors::{
    OpaqueElement,
    attr::{AttrSelectorOperation, CaseSensitivity, NamespaceConstraint},
    bloom::BloomFilter,
    context::MatchingContext,
    matching::ElementSelectorFlags,
};

use super::{
    dialect::{Css, Name, Never, State},
    tree::Page,
};

/// An element where it stands.
#[derive(Debug, Clone)]
pub(super) struct Here<'p, 'a> {
    pub(super) page: &'p Page<'a>,
    pub(super) node: usize,
}

impl Here<'_, '_> {
    fn at(&self, node: Option<usize>) -> Option<Self> {
        Some(Self { page: self.page, node: node? })
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.page.nodes[self.node].attribute(name)
    }
}

impl selectors::Element for Here<'_, '_> {
    type Impl = Css;

    fn opaque(&self) -> OpaqueElement {
        OpaqueElement::new(&self.page.nodes[self.node])
    }

    fn parent_element(&self) -> Option<Self> {
        self.at(self.page.nodes[self.node].parent)
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        self.at(self.page.nodes[self.node].previous)
    }

    fn next_sibling_element(&self) -> Option<Self> {
        self.at(self.page.nodes[self.node].next)
    }

    fn first_element_child(&self) -> Option<Self> {
        self.at(self.page.nodes[self.node].first_child)
    }

    fn has_local_name(&self, name: &Name) -> bool {
        self.page.nodes[self.node].name == name.0
    }

    fn is_same_type(&self, other: &Self) -> bool {
        self.page.nodes[self.node].name == other.page.nodes[other.node].name
    }

    fn attr_matches(
        &self,
        _: &NamespaceConstraint<&Name>,
        name: &Name,
        operation: &AttrSelectorOperation<&Name>,
    ) -> bool {
        let mut attributes = self.page.nodes[self.node].attributes.iter();
        attributes.any(|attribute| {
            attribute.name == name.0 && operation.eval_str(attribute.value.unwrap_or_default())
        })
    }

    fn has_id(&self, id: &Name, case: CaseSensitivity) -> bool {
        self.attribute("id").is_some_and(|own| case.eq(own.as_bytes(), id.0.as_bytes()))
    }

    fn has_class(&self, name: &Name, case: CaseSensitivity) -> bool {
        let classes = self.attribute("class").unwrap_or_default();
        classes.split_ascii_whitespace().any(|class| case.eq(class.as_bytes(), name.0.as_bytes()))
    }

    fn is_empty(&self) -> bool {
        self.page.nodes[self.node].empty
    }

    fn is_root(&self) -> bool {
        self.page.nodes[self.node].parent.is_none()
    }

    fn is_html_element_in_html_document(&self) -> bool {
        true
    }

    // Of what follows there is nothing in mail.

    fn has_namespace(&self, _: &Name) -> bool {
        true
    }

    fn parent_node_is_shadow_root(&self) -> bool {
        false
    }

    fn containing_shadow_host(&self) -> Option<Self> {
        None
    }

    fn is_pseudo_element(&self) -> bool {
        false
    }

    fn match_non_ts_pseudo_class(&self, _: &State, _: &mut MatchingContext<'_, Css>) -> bool {
        false
    }

    fn match_pseudo_element(&self, never: &Never, _: &mut MatchingContext<'_, Css>) -> bool {
        match *never {}
    }

    fn apply_selector_flags(&self, _: ElementSelectorFlags) {}

    fn is_link(&self) -> bool {
        false
    }

    fn is_html_slot_element(&self) -> bool {
        false
    }

    fn has_custom_state(&self, _: &Name) -> bool {
        false
    }

    fn imported_part(&self, _: &Name) -> Option<Name> {
        None
    }

    fn is_part(&self, _: &Name) -> bool {
        false
    }

    fn add_element_unique_hashes(&self, _: &mut BloomFilter) -> bool {
        false
    }
}
