//! Text → tags, text and comments, by HTML's rules (WHATWG HTML 13.2.5) as far as people use them.
//!
//! Lenient where HTML is (unquoted values, `a < b`, CDATA), strict where a slip would swallow text: an
//! unclosed quote, comment or tag is an error that says where it was opened.

/// A piece of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<name …>` or `<name …/>`; the name as it was written.
    Open { name: &'a str, attributes: Vec<RawAttribute<'a>>, closed: bool },
    /// `</name>`
    Close { name: &'a str },
    /// Text, entities as they stand. May hold a `<` that opens nothing.
    Text(&'a str),
    /// What stands between `<!--` and `-->`.
    Comment(&'a str),
}

/// One attribute of a tag as it was written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawAttribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: Option<&'a str>,
    /// Whether its value stands in typographic quotes, which are none: to HTML they belong to the value.
    pub(super) curly: bool,
    /// Byte of the text.
    pub(super) offset: usize,
}

/// Why the text cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum LexErrorKind {
    #[error("this comment is never closed with `-->`")]
    Comment,
    #[error("this `<` opens a tag that is never closed with `>`")]
    Tag,
    #[error("the quote of this attribute's value is never closed")]
    Quote,
    #[error(
        "the quote that opens this attribute's value is not closed: the value would go on to the next quote"
    )]
    Runaway,
    #[error("this attribute's value begins with a straight quote and ends with a typographic one")]
    CurlyEnd,
    #[error("nothing may follow the closing quote of this attribute's value but a space or `>`")]
    AfterQuote,
    #[error("a quote stands where the name of an attribute is expected")]
    StrayQuote,
    #[error("a tag must not open inside another: the `>` of this one is missing")]
    TagInTag,
    #[error("more than 100 attributes on one tag")]
    TooManyAttributes,
}

impl LexErrorKind {
    /// The way out.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Comment => "end the comment with `-->`",
            Self::Tag | Self::TagInTag => "close the tag with `>`, or write `&lt;` for a plain `<`",
            Self::Quote | Self::Runaway => "write a `\"` where the value ends",
            Self::CurlyEnd => "word processors make them: write a straight `\"` where the value ends",
            Self::AfterQuote => {
                "write a space or `>` behind it; a quote inside of a value is written `&quot;`"
            }
            Self::StrayQuote => {
                "look for a missing `\"` here or in the line before; write `&quot;` for a quote inside a value"
            }
            Self::TooManyAttributes => "a quote or a `>` is probably missing",
        }
    }
}

/// An error and the byte it was found at.
pub(super) type LexError = (usize, LexErrorKind);

const MAX_ATTRIBUTES: usize = 100;

/// Reads a text from its beginning to its end.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Inside `<![CDATA[`, whose brackets are dropped: its content is read as any other.
    cdata: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, cdata: false }
    }

    /// The byte after the last token.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// Everything up to `</name` (any case), as text; the rest, if there is none.
    pub(super) fn raw_text(&mut self, name: &str) -> (usize, &'a str) {
        let start = self.at;
        let rest = &self.text[start..];
        let end = rest
            .match_indices("</")
            .map(|(found, _)| found)
            .find(|found| {
                let after = &rest.as_bytes()[found + 2..];
                after.len() >= name.len()
                    && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
                    && after.get(name.len()).is_none_or(|b| !is_name_char(char::from(*b)))
            })
            .unwrap_or(rest.len());
        self.at += end;
        (start, &rest[..end])
    }

    fn fail(&mut self, at: usize, kind: LexErrorKind) -> LexError {
        self.at = self.text.len();
        (at, kind)
    }

    fn comment(&mut self) -> Result<Token<'a>, LexError> {
        let body = self.at + 4;
        // `<!-->` and `<!--->` are empty comments.
        for empty in [">", "->"] {
            if self.text[body..].starts_with(empty) {
                self.at = body + empty.len();
                return Ok(Token::Comment(""));
            }
        }
        match self.text[body..].find("-->") {
            Some(end) => {
                self.at = body + end + 3;
                Ok(Token::Comment(&self.text[body..body + end]))
            }
            None => Err(self.fail(self.at, LexErrorKind::Comment)),
        }
    }

    fn text_run(&mut self) -> Token<'a> {
        let rest = &self.text[self.at..];
        let stop = rest.char_indices().skip(1).map(|(at, _)| at).find(|at| {
            let here = &rest[*at..];
            match here.as_bytes()[0] {
                b'<' => here.starts_with("<!") || here.starts_with("<?") || opens_tag(here),
                b']' => self.cdata && here.starts_with("]]>"),
                _ => false,
            }
        });
        let text = &rest[..stop.unwrap_or(rest.len())];
        self.at += text.len();
        Token::Text(text)
    }

    fn tag(&mut self) -> Result<Token<'a>, LexError> {
        let start = self.at;
        let close = self.text[start..].starts_with("</");
        self.at += if close { 2 } else { 1 };
        let name = self.take_while(is_name_char);
        let mut attributes = Vec::new();
        let mut closed = false;
        loop {
            self.take_while(|c| c.is_ascii_whitespace());
            match self.text.as_bytes().get(self.at) {
                None => return Err(self.fail(start, LexErrorKind::Tag)),
                Some(b'>') => {
                    self.at += 1;
                    return Ok(if close {
                        Token::Close { name }
                    } else {
                        Token::Open { name, attributes, closed }
                    });
                }
                Some(b'/') => {
                    self.at += 1;
                    closed = true;
                }
                Some(b'<') => return Err(self.fail(start, LexErrorKind::TagInTag)),
                Some(_) if attributes.len() == MAX_ATTRIBUTES => {
                    return Err(self.fail(start, LexErrorKind::TooManyAttributes));
                }
                Some(_) => {
                    attributes.push(self.attribute()?);
                    closed = false;
                }
            }
        }
    }

    fn attribute(&mut self) -> Result<RawAttribute<'a>, LexError> {
        let offset = self.at;
        // A leading `=` belongs to the name: so there is always progress.
        self.at += self.text[offset..].chars().next().map_or(0, char::len_utf8);
        self.take_while(|c| !c.is_ascii_whitespace() && !matches!(c, '=' | '>' | '/' | '<'));
        let name = &self.text[offset..self.at];
        if name.contains(['"', '\'']) {
            return Err(self.fail(offset, LexErrorKind::StrayQuote));
        }
        let after_name = self.at;
        self.take_while(|c| c.is_ascii_whitespace());
        if self.text.as_bytes().get(self.at) != Some(&b'=') {
            self.at = after_name;
            return Ok(RawAttribute { name, value: None, curly: false, offset });
        }
        self.at += 1;
        self.take_while(|c| c.is_ascii_whitespace());
        let next = self.text[self.at..].chars().next();
        let curly = next.filter(|c| is_curly(*c));
        let value = match (next, curly) {
            (Some(quote @ ('"' | '\'')), _) => self.quoted(offset, quote)?,
            (_, Some(quote)) => self.in_curly(quote),
            _ => self.take_while(|c| !c.is_ascii_whitespace() && c != '>'),
        };
        Ok(RawAttribute { name, value: Some(value), curly: curly.is_some(), offset })
    }

    /// What stands in typographic quotes, of which this is the first: to the next like it in the tag, or one word.
    fn in_curly(&mut self, quote: char) -> &'a str {
        let single = |c: char| matches!(c, '‘' | '’' | '‚' | '\'');
        let open = self.at + quote.len_utf8();
        let rest = &self.text[open..];
        let ends = |c: char| matches!(c, '<' | '>' | '\n');
        let within = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let closes = |c: char| (is_curly(c) || matches!(c, '"' | '\'')) && single(c) == single(quote);
        if let Some((value, _)) = within.split_once(closes) {
            let close = within[value.len()..].chars().next().map_or(0, char::len_utf8);
            self.at = open + value.len() + close;
            return value;
        }
        self.at = open;
        self.take_while(|c| !c.is_ascii_whitespace() && c != '>')
    }

    fn quoted(&mut self, offset: usize, quote: char) -> Result<&'a str, LexError> {
        let open = self.at + 1;
        let rest = &self.text[open..];
        // Where the tag ends with `”>` and no straight quote came before, that was to be the end.
        let tag = &rest[..rest.find(['<', '>']).unwrap_or(rest.len())];
        if !tag.contains(quote) && tag.trim_end_matches(['/', ' ']).ends_with(is_curly) {
            return Err(self.fail(open - 1, LexErrorKind::CurlyEnd));
        }
        let Some(len) = rest.find(quote) else {
            return Err(self.fail(open - 1, LexErrorKind::Quote));
        };
        let value = &self.text[open..open + len];
        self.at = open + len + 1;
        match self.text.as_bytes().get(self.at) {
            Some(b) if !b.is_ascii_whitespace() && !matches!(b, b'>' | b'/') => {
                // What ends in `name=` or holds a tag's end is more than one value.
                let runs_on = value.trim_end().ends_with('=') || value.contains(['<', '>', '\n']);
                let kind = if runs_on { LexErrorKind::Runaway } else { LexErrorKind::AfterQuote };
                Err(self.fail(if runs_on { open - 1 } else { offset }, kind))
            }
            _ => Ok(&self.text[open..open + len]),
        }
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let len = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }
}

/// Tokens, each with the byte it begins at.
impl<'a> Iterator for Lexer<'a> {
    type Item = Result<(usize, Token<'a>), LexError>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) {
            let start = self.at;
            if let Some(after) = rest.strip_prefix("<![CDATA[") {
                self.at = self.text.len() - after.len();
                self.cdata = true;
            } else if let Some(after) = rest.strip_prefix("]]>").filter(|_| self.cdata) {
                self.at = self.text.len() - after.len();
                self.cdata = false;
            } else if rest.starts_with("<!--") {
                return Some(self.comment().map(|token| (start, token)));
            } else if rest.starts_with("<!") || rest.starts_with("<?") {
                // A doctype, an XML declaration: says nothing that matters here.
                match rest.find('>') {
                    Some(end) => self.at += end + 1,
                    None => return Some(Err(self.fail(start, LexErrorKind::Tag))),
                }
            } else if opens_tag(rest) {
                return Some(self.tag().map(|token| (start, token)));
            } else {
                return Some(Ok((start, self.text_run())));
            }
        }
        None
    }
}

/// Whether `<` or `</` with a name stands at the beginning.
fn opens_tag(text: &str) -> bool {
    let name = text.strip_prefix("</").or_else(|| text.strip_prefix('<'));
    name.and_then(|name| name.bytes().next()).is_some_and(|b| b.is_ascii_alphabetic())
}

/// Whether it is a quote as word processors make them.
fn is_curly(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '‘' | '’' | '‚' | '«' | '»')
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lex(text: &str) -> Result<Vec<Token<'_>>, LexError> {
        Lexer::new(text).map(|item| item.map(|(_, token)| token)).collect()
    }

    fn open<'a>(
        name: &'a str,
        attributes: &[(&'a str, Option<&'a str>)],
        closed: bool,
    ) -> (Token<'a>, Vec<usize>) {
        let raw = |(name, value): &(&'a str, Option<&'a str>)| RawAttribute {
            name,
            value: *value,
            curly: false,
            offset: 0,
        };
        (Token::Open { name, attributes: attributes.iter().map(raw).collect(), closed }, Vec::new())
    }

    fn without_offsets(token: Token<'_>) -> Token<'_> {
        match token {
            Token::Open { name, attributes, closed } => Token::Open {
                name,
                attributes: attributes.into_iter().map(|a| RawAttribute { offset: 0, ..a }).collect(),
                closed,
            },
            other => other,
        }
    }

    #[test]
    fn attributes_are_read_as_html_does() {
        let text = r#"<a href=x/y?z=1 title='a "b" > c' disabled data-x = "1"/>"#;
        let token = lex(text).unwrap().into_iter().map(without_offsets).next().unwrap();
        let expected = [
            ("href", Some("x/y?z=1")),
            ("title", Some("a \"b\" > c")),
            ("disabled", None),
            ("data-x", Some("1")),
        ];
        assert_eq!(token, open("a", &expected, true).0);
    }

    #[test]
    fn a_lower_than_is_text_and_cdata_is_unwrapped() {
        let tokens = lex("a < b <3 <![CDATA[<i>x]]></i><!doctype html><!-- > -->]]>").unwrap();
        let expected = [
            Token::Text("a < b <3 "),
            open("i", &[], false).0,
            Token::Text("x"),
            Token::Close { name: "i" },
            Token::Comment(" > "),
            Token::Text("]]>"),
        ];
        assert_eq!(tokens, expected);
    }

    #[test]
    fn what_is_never_closed_is_named_with_its_opening() {
        assert_eq!(lex("ab<!-- x").unwrap_err(), (2, LexErrorKind::Comment));
        assert_eq!(lex("ab<i x").unwrap_err(), (2, LexErrorKind::Tag));
        assert_eq!(lex("<i a=\"x>y").unwrap_err(), (5, LexErrorKind::Quote));
        assert_eq!(lex("<i a=\"x>y <b c=\"z\">").unwrap_err(), (5, LexErrorKind::Runaway));
        assert_eq!(lex("<i a=\"x”><b c=\"z\">").unwrap_err(), (5, LexErrorKind::CurlyEnd));
        assert_eq!(lex("<i a=\"x\"y>").unwrap_err(), (3, LexErrorKind::AfterQuote));
        assert_eq!(lex("<i a=b \"c>").unwrap_err(), (7, LexErrorKind::StrayQuote));
        assert_eq!(lex("<i <b>").unwrap_err(), (0, LexErrorKind::TagInTag));
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in r#"([<>/!\-"'= a&]|<[a-c]|</[a-c]|<!--|-->|<!\[CDATA\[|\]\]>|é){0,60}"#) {
            let mut last = None;
            for item in Lexer::new(&text) {
                let at = match item { Ok((at, _)) | Err((at, _)) => at };
                prop_assert!(at <= text.len());
                if item.is_ok() {
                    prop_assert!(last.is_none_or(|last| last < at), "no progress");
                    last = Some(at);
                }
            }
        }
    }
}
