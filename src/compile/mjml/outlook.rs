//! Conditional comments: what only Outlook reads (and Internet Explorer, of which it was once made).

/// Opens such a comment.
pub(super) const OPEN: &str = "<!--[if mso | IE]>";
/// Closes any conditional comment.
pub(super) const CLOSE: &str = "<![endif]-->";

/// `html` for Outlook alone.
pub(super) fn only(html: &str) -> String {
    [OPEN, html, CLOSE].concat()
}
