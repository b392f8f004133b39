//! What of CSS selectors is read, for `selectors`: names are text, and what a mail program does later is one state.

use cssparser::{CowRcStr, ParseError, SourceLocation, ToCss};
use precomputed_hash::PrecomputedHash;
use selectors::parser::{self, SelectorParseErrorKind};

/// Pseudo-classes that depend on what the reader does.
const STATES: [&str; 5] = ["hover", "active", "focus", "visited", "link"];

/// What of CSS is read.
pub(super) struct Dialect;

impl<'i> parser::Parser<'i> for Dialect {
    type Impl = Css;
    type Error = SelectorParseErrorKind<'i>;

    fn parse_is_and_where(&self) -> bool {
        true
    }

    fn parse_has(&self) -> bool {
        true
    }

    fn parse_non_ts_pseudo_class(
        &self,
        location: SourceLocation,
        name: CowRcStr<'i>,
    ) -> Result<State, ParseError<'i, Self::Error>> {
        if STATES.iter().any(|state| name.eq_ignore_ascii_case(state)) {
            return Ok(State);
        }
        Err(location.new_custom_error(SelectorParseErrorKind::UnsupportedPseudoClassOrElement(name)))
    }
}

/// The types that selectors are made of here: text.
#[derive(Debug, Clone)]
pub(super) struct Css;

impl parser::SelectorImpl for Css {
    type ExtraMatchingData<'a> = ();
    type AttrValue = Name;
    type Identifier = Name;
    type LocalName = Name;
    type NamespaceUrl = Name;
    type NamespacePrefix = Name;
    type BorrowedNamespaceUrl = Name;
    type BorrowedLocalName = Name;
    type NonTSPseudoClass = State;
    type PseudoElement = Never;
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name(pub(super) String);

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl ToCss for Name {
    fn to_css<W: std::fmt::Write>(&self, out: &mut W) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl PrecomputedHash for Name {
    /// For filters, of which none is used here.
    fn precomputed_hash(&self) -> u32 {
        0
    }
}

/// One of [`STATES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State;

impl ToCss for State {
    fn to_css<W: std::fmt::Write>(&self, out: &mut W) -> std::fmt::Result {
        out.write_str(":hover")
    }
}

impl parser::NonTSPseudoClass for State {
    type Impl = Css;

    fn is_active_or_hover(&self) -> bool {
        true
    }

    fn is_user_action_state(&self) -> bool {
        true
    }
}

/// There are no pseudo-elements in mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Never {}

impl ToCss for Never {
    fn to_css<W: std::fmt::Write>(&self, _: &mut W) -> std::fmt::Result {
        match *self {}
    }
}

impl parser::PseudoElement for Never {
    type Impl = Css;
}
