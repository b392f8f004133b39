//! CSS selectors, and whether an element is meant by one.
//!
//! What a mail program does later (`:hover`) and what is no element (`::before`) selects nothing here.

use cssparser::{Parser as Tokens, ParserInput};
use selectors::{
    context::{
        MatchingContext, MatchingForInvalidation, MatchingMode, NeedsSelectorFlags, QuirksMode,
        SelectorCaches,
    },
    matching,
    parser::{self, Component, ParseRelative, SelectorList},
};

use super::{
    dialect::{Css, Dialect},
    element::Here,
    tree::{Node, Page},
};

/// Deeper nesting of `:not(…)` and the like is refused.
const MAX_DEPTH: usize = 8;

/// Why a selector selects nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum SelectorError {
    #[error("this is no CSS selector, or one that mail knows nothing of")]
    Unreadable,
    #[error("what a reader does later (`:hover`, `:visited` …) cannot be known now")]
    State,
    #[error("a selector is nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// How many ids, classes with attributes, and names with pseudo-classes a selector has: MJML counts a
/// pseudo-class like a name, CSS like a class.
pub(super) type Specificity = [u32; 3];

/// One selector of a list.
#[derive(Debug, Clone)]
pub(in super::super) struct Selector {
    compiled: parser::Selector<Css>,
    subject: Subject,
    pub(super) specificity: Specificity,
}

/// What an element must have to be meant, quickly told: most selectors mean few elements.
#[derive(Debug, Clone)]
enum Subject {
    Any,
    Name(String),
    Class(String),
    Id(String),
}

impl Subject {
    fn of(selector: &parser::Selector<Css>) -> Self {
        let mut subject = Self::Any;
        for component in selector.iter() {
            subject = match component {
                Component::ID(id) => return Self::Id(id.0.clone()),
                Component::Class(class) => Self::Class(class.0.clone()),
                Component::LocalName(name) if matches!(subject, Self::Any) => {
                    Self::Name(name.lower_name.0.clone())
                }
                _ => subject,
            };
        }
        subject
    }

    fn may_be(&self, node: &Node<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Name(name) => node.name == name,
            Self::Class(class) => {
                node.attribute("class").is_some_and(|classes| classes.contains(class.as_str()))
            }
            Self::Id(id) => node.attribute("id") == Some(id),
        }
    }
}

impl Selector {
    /// The selectors of a list, `a, b`.
    pub(in super::super) fn parse(list: &str) -> Result<Vec<Self>, SelectorError> {
        if depth(list) > MAX_DEPTH {
            return Err(SelectorError::TooDeep);
        }
        let mut input = ParserInput::new(list);
        let mut tokens = Tokens::new(&mut input);
        let list = SelectorList::parse(&Dialect, &mut tokens, ParseRelative::No)
            .map_err(|_| SelectorError::Unreadable)?;
        if list.slice().iter().any(has_state) {
            return Err(SelectorError::State);
        }
        let of = |selector: &parser::Selector<Css>| Self {
            specificity: specificity(selector),
            subject: Subject::of(selector),
            compiled: selector.clone(),
        };
        Ok(list.slice().iter().map(of).collect())
    }

    /// The elements that are meant, in the order of the page.
    pub(super) fn select(&self, page: &Page<'_>) -> Vec<usize> {
        let mut caches = SelectorCaches::default();
        let mut context = MatchingContext::new(
            MatchingMode::Normal,
            None,
            &mut caches,
            QuirksMode::NoQuirks,
            NeedsSelectorFlags::No,
            MatchingForInvalidation::No,
        );
        let mut means =
            |node| matching::matches_selector(&self.compiled, 0, None, &Here { page, node }, &mut context);
        let likely = |node: &usize| self.subject.may_be(&page.nodes[*node]);
        (0..page.nodes.len()).filter(likely).filter(|node| means(*node)).collect()
    }
}

/// How deep brackets are nested at most.
fn depth(text: &str) -> usize {
    let mut open: usize = 0;
    let depths = text.bytes().map(|b| {
        match b {
            b'(' | b'[' => open += 1,
            b')' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        open
    });
    depths.max().unwrap_or(0)
}

fn has_state(selector: &parser::Selector<Css>) -> bool {
    selector.iter_raw_match_order().any(|component| match component {
        Component::NonTSPseudoClass(_) => true,
        Component::Negation(list) | Component::Is(list) | Component::Where(list) => {
            list.slice().iter().any(has_state)
        }
        _ => false,
    })
}

fn specificity(selector: &parser::Selector<Css>) -> Specificity {
    let mut sum = [0, 0, 0];
    for component in selector.iter_raw_match_order() {
        match component {
            Component::ID(_) => sum[0] += 1,
            Component::Class(_)
            | Component::AttributeInNoNamespaceExists { .. }
            | Component::AttributeInNoNamespace { .. }
            | Component::AttributeOther(_) => sum[1] += 1,
            Component::Negation(list) => {
                if let Some(inner) = list.slice().first() {
                    for (sum, inner) in sum.iter_mut().zip(specificity(inner)) {
                        *sum += inner;
                    }
                }
            }
            Component::Combinator(_)
            | Component::ExplicitUniversalType
            | Component::RelativeSelectorAnchor
            | Component::ExplicitAnyNamespace
            | Component::ExplicitNoNamespace => {}
            _ => sum[2] += 1,
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(html: &str, list: &str) -> String {
        let page = Page::parse(html).unwrap();
        let mut found: Vec<usize> =
            Selector::parse(list).unwrap().iter().flat_map(|selector| selector.select(&page)).collect();
        found.sort_unstable();
        found.into_iter().filter_map(|node| page.nodes[node].attribute("id")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_elements_that_a_browser_would_find_are_found() {
        let html = "<div id=\"a\" class=\"x y\"><p id=\"b\">t</p><!-- <p id=\"no\"> --><p id=\"c\" lang=\"de-AT\"><i id=\"d\"></i><br id=\"e\" /></p>\
                    <style><p id=\"no\"></style><p id=\"f\"><b id=\"g\">u</b></p></div><div id=\"h\" class=\"y\"></div>";
        for (list, wanted) in [
            ("p", "b c f"),
            ("div.y.x", "a"),
            (".y", "a h"),
            ("#c > *", "d e"),
            ("p + p", "c"),
            ("p ~ p", "c f"),
            ("div p:first-child", "b"),
            ("p:last-of-type, i", "d f"),
            ("p:nth-of-type(2n+1)", "b f"),
            ("p:not(#b):not(.z)", "c f"),
            ("[lang|=de]", "c"),
            ("[class~='y'][id]", "a h"),
            (":empty", "d e h"),
            ("p:has(> b)", "f"),
            ("P, DIV", "a b c f h"),
            ("div div", ""),
        ] {
            assert_eq!(selected(html, list), wanted, "{list}");
        }
    }

    #[test]
    fn what_selects_nothing_says_why() {
        for (list, wanted) in [
            ("a:hover", SelectorError::State),
            ("p, a:not(:visited)", SelectorError::State),
            ("p::before", SelectorError::Unreadable),
            ("p >", SelectorError::Unreadable),
            ("", SelectorError::Unreadable),
            ("p:checked", SelectorError::Unreadable),
        ] {
            assert_eq!(Selector::parse(list).unwrap_err(), wanted, "{list}");
        }
        let deep = format!("{}p{}", ":not(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(Selector::parse(&deep).unwrap_err(), SelectorError::TooDeep);
    }

    #[test]
    fn a_pseudo_class_counts_like_a_name() {
        for (list, wanted) in [
            ("#a .b [c] p", [1, 2, 1]),
            ("p:first-child", [0, 0, 2]),
            ("*", [0, 0, 0]),
            ("p:not(.a)", [0, 1, 1]),
        ] {
            assert_eq!(Selector::parse(list).unwrap()[0].specificity, wanted, "{list}");
        }
    }
}
