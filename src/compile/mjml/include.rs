//! `mj-include`: files put in place of the element, before mrml sees anything.
//!
//! By MJML's rules: a fragment stands where the include stood; of a whole `<mjml>` file the body's elements do, and its
//! head is added to the head, or stands there if that is where the include stood. `type="html"` becomes an `mj-raw`,
//! `type="css"` an `mj-style` at the end of the head. Paths are relative to the including file, may be percent-encoded,
//! and never leave the root; no file includes itself.

use std::path::{Component, Path, PathBuf};

use super::{
    elements,
    parse::{self, Budget, MAX_MJML_DEPTH, Mode},
    problems::{Problem, Problems},
    source::{Sources, Texts},
    tree::{Attribute, Element, Node, Text},
};
use crate::{
    compile::pictures::decode,
    finding::{Finding, nearest},
};

/// Files may include files this deep.
const MAX_INCLUDE_DEPTH: usize = 16;
/// More includes than this in one document are refused.
const MAX_INCLUDES: usize = 200;
/// All texts of a document together.
pub(super) const MAX_TEXT_BYTES: usize = 2 * 1024 * 1024;

/// Puts included files in place.
pub(super) struct Includes<'a> {
    pub(super) texts: &'a mut Texts,
    pub(super) sources: &'a mut dyn Sources,
    pub(super) problems: &'a mut Problems,
    pub(super) budget: &'a mut Budget,
    pub(super) root: &'a Path,
    /// The files being read, outermost first; relative to the root.
    pub(super) files: Vec<PathBuf>,
    /// How many includes there were.
    pub(super) count: usize,
    /// How many bytes of text are left.
    pub(super) bytes_left: usize,
    /// What the file being read adds to the head by its includes.
    pub(super) added: Added,
}

/// What includes in a file add to the end of its head: first the heads of other files, then the style sheets, as in
/// MJML.
#[derive(Debug, Default)]
pub(super) struct Added {
    heads: Vec<Node>,
    sheets: Vec<Node>,
}

impl Added {
    /// All of it, in its order.
    pub(super) fn into_nodes(self) -> impl Iterator<Item = Node> {
        self.heads.into_iter().chain(self.sheets)
    }
}

impl Includes<'_> {
    /// `nodes`, children of `parent` at this depth, with every include below them expanded.
    pub(super) fn expand(&mut self, nodes: Vec<Node>, parent: &str, depth: usize) -> Vec<Node> {
        let mut out = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Node::Element(element) if depth > MAX_MJML_DEPTH => {
                    let message = format!("includes nest elements more than {MAX_MJML_DEPTH} deep");
                    self.problems.push(Problem::error("too-deep", element.pos, message));
                }
                // One word about it is enough.
                Node::Element(element) if element.name == "mj-include" && self.count > MAX_INCLUDES => {}
                Node::Element(element) if element.name == "mj-include" => {
                    match self.include(&element, parent, depth) {
                        Ok(nodes) => out.extend(nodes),
                        Err(problem) => self.problems.push(problem),
                    }
                }
                Node::Element(mut element) if holds_elements(&element.name) => {
                    let children = std::mem::take(&mut element.children);
                    element.children = self.expand(children, &element.name, depth + 1);
                    out.push(Node::Element(element));
                }
                other => out.push(other),
            }
        }
        out
    }

    fn include(&mut self, element: &Element, parent: &str, depth: usize) -> Result<Vec<Node>, Problem> {
        let kind = self.kind(element)?;
        let file = self.path(element, kind)?;
        self.enter(element, &file)?;
        let text = self.read(element, &file)?;
        let source = self.texts.add(&file, &text);
        let pos = element.pos;
        match kind {
            "css" => {
                let css =
                    Node::Text(Text { text: self.texts.text(source).to_owned(), pos: Texts::pos(source, 0) });
                let mut style = Element::new("mj-style", pos, vec![css]);
                if element.attribute("css-inline") == Some("inline") {
                    let value = Some("inline".to_owned());
                    style.attributes.push(Attribute { name: "inline".to_owned(), value, pos });
                }
                self.added.sheets.push(Node::Element(style));
                Ok(Vec::new())
            }
            "html" => {
                let nodes = parse::parse(self.texts, source, Mode::Html, self.budget, self.problems)?;
                Ok(vec![Node::Element(Element::new("mj-raw", pos, nodes))])
            }
            _ => {
                untyped(element, &file, "css")?;
                let nodes = parse::parse(self.texts, source, Mode::Mjml, self.budget, self.problems)?;
                if !nodes.iter().filter_map(Node::element).any(|element| element.name.starts_with("mj")) {
                    untyped(element, &file, "html")?;
                }
                self.files.push(file);
                let nodes = self.splice(nodes, parent, depth);
                self.files.pop();
                Ok(nodes)
            }
        }
    }

    /// The nodes of an included MJML file, as they stand in place of the include. What it has for the head stands
    /// there, too, if that is in the head.
    fn splice(&mut self, nodes: Vec<Node>, parent: &str, depth: usize) -> Vec<Node> {
        let outer = std::mem::take(&mut self.added);
        let mut out = Vec::new();
        let mut head = Vec::new();
        for node in nodes {
            match node {
                Node::Element(mjml) if mjml.name == "mjml" => {
                    for part in mjml.children {
                        match part {
                            Node::Element(part) if part.name == "mj-head" => {
                                head.extend(self.expand(part.children, "mj-head", 2));
                            }
                            Node::Element(body) if body.name == "mj-body" && parent == "mjml" => {
                                out.extend(self.expand(vec![Node::Element(body)], parent, depth));
                            }
                            // In a head only the head of the file counts, as in MJML.
                            Node::Element(body) if body.name == "mj-body" && parent != "mj-head" => {
                                out.extend(self.expand(body.children, parent, depth));
                            }
                            _ => {}
                        }
                    }
                }
                other => out.extend(self.expand(vec![other], parent, depth)),
            }
        }
        head.extend(std::mem::replace(&mut self.added, outer).into_nodes());
        match parent {
            "mj-head" => out.extend(head),
            _ => self.added.heads.extend(head),
        }
        out
    }

    fn kind(&mut self, element: &Element) -> Result<&'static str, Problem> {
        for attribute in &element.attributes {
            let known = matches!(attribute.name.as_str(), "path" | "type" | "css-inline");
            if !known && (element.attribute("path").is_some() || !is_misnamed_path(&attribute.name)) {
                let message = format!("`<mj-include>` has no attribute `{}`", attribute.name);
                let problem = Problem::warning("unknown-attribute", attribute.pos, message);
                self.problems.push(problem.help("it has `path`, `type` and `css-inline`"));
            }
        }
        let kind = element.attribute("type").unwrap_or("mjml");
        let known = ["mjml", "html", "css"];
        known.into_iter().find(|name| *name == kind).ok_or_else(|| {
            let help = nearest(kind, known).map_or_else(
                || "`type` is `mjml`, `html` or `css`".to_owned(),
                |near| format!("did you mean `type=\"{near}\"`?"),
            );
            let typed = element.attributes.iter().find(|attribute| attribute.name == "type");
            let pos = typed.map_or(element.pos, |typed| typed.pos);
            Problem::error("bad-include", pos, format!("`{kind}` is no type of include"))
                .in_value("")
                .help(help)
        })
    }

    /// The file to include, relative to the root.
    fn path(&self, element: &Element, kind: &str) -> Result<PathBuf, Problem> {
        let bad = |message: String, help: &str| at_path(element, "bad-include", message).help(help);
        let path = decode(element.attribute("path").unwrap_or_default().trim());
        let path = path.as_str();
        if path.is_empty() {
            if let Some(misnamed) =
                element.attributes.iter().find(|attribute| is_misnamed_path(&attribute.name))
            {
                let message = format!("`<mj-include>` has no attribute `{}`", misnamed.name);
                return Err(Problem::error("bad-include", misnamed.pos, message).help("did you mean `path`?"));
            }
            return Err(bad("this `<mj-include>` names no file".to_owned(), "write `path=\"…\"`"));
        }
        if self.sources.tags().touches(path) {
            let message = "a merge tag cannot decide which file is included".to_owned();
            return Err(bad(message, "includes are read once per issue, merge tags once per subscriber"));
        }
        if path.contains("://") {
            return Err(bad(format!("`{path}` is an address"), "includes are files of this project"));
        }
        if path.contains('\\') {
            return Err(bad(format!("`{path}` is written with `\\`"), "write `/` between folders and files"));
        }
        let base = self.files.last().and_then(|file| file.parent()).unwrap_or(Path::new(""));
        let mut file = resolve(base, Path::new(path)).ok_or_else(|| {
            bad(
                format!("`{path}` lies outside of the project"),
                if path.starts_with('/') {
                    "a path begins where the file lies that includes it: without a `/` before it"
                } else {
                    "includes stay inside the project"
                },
            )
        })?;
        if kind == "mjml" && file.extension().is_none() {
            file.set_extension("mjml");
        }
        Ok(file)
    }

    /// Checks that the file may be read once more.
    fn enter(&mut self, element: &Element, file: &Path) -> Result<(), Problem> {
        let name = file.display();
        if self.files.iter().any(|open| open == file) {
            let chain: Vec<String> = self.files.iter().map(|open| open.display().to_string()).collect();
            let message = format!("`{name}` includes itself: {} → {name}", chain.join(" → "));
            return Err(at_path(element, "include-cycle", message).help("remove one of these includes"));
        }
        if self.files.len() > MAX_INCLUDE_DEPTH {
            let message = format!("files include files more than {MAX_INCLUDE_DEPTH} deep");
            return Err(Problem::error("too-deep", element.pos, message));
        }
        self.count += 1;
        if self.count > MAX_INCLUDES {
            let message = format!("more than {MAX_INCLUDES} includes in one email");
            return Err(Problem::error("too-many-includes", element.pos, message));
        }
        Ok(())
    }

    fn read(&mut self, element: &Element, file: &Path) -> Result<String, Problem> {
        let text = self.sources.read(&self.root.join(file)).map_err(|finding| match &finding.place {
            // Something inside the file: its own place says more.
            Some(place) if place.line.is_some() => Problem::placed(finding),
            _ => {
                let Finding { code, message, help, .. } = finding;
                let problem = at_path(element, code, format!("`{}`: {message}", file.display()));
                match help {
                    Some(help) => problem.help(help),
                    None => problem,
                }
            }
        })?;
        match self.bytes_left.checked_sub(text.len()) {
            Some(left) => {
                self.bytes_left = left;
                Ok(text)
            }
            None => Err(too_long(element)),
        }
    }
}

/// Refuses a file of this type that is included as if it were MJML.
fn untyped(element: &Element, file: &Path, kind: &str) -> Result<(), Problem> {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if element.attribute("type").is_some() || !extension.eq_ignore_ascii_case(kind) {
        return Ok(());
    }
    let message = format!("`{}` is included as if it were MJML", file.display());
    Err(at_path(element, "bad-include", message).help(format!("add `type=\"{kind}\"`")))
}

/// Whether somebody meant `path` by this name.
fn is_misnamed_path(name: &str) -> bool {
    name != "path"
        && (matches!(name, "src" | "href" | "file" | "url" | "name") || nearest(name, ["path"]).is_some())
}

/// An error about the path of an include, or about the include where it has none.
fn at_path(element: &Element, code: &'static str, message: String) -> Problem {
    match element.attributes.iter().find(|attribute| attribute.name == "path") {
        Some(path) => Problem::error(code, path.pos, message).in_value(""),
        None => Problem::error(code, element.pos, message),
    }
}

fn too_long(element: &Element) -> Problem {
    let message = format!("layout and includes are more than {} MiB long", MAX_TEXT_BYTES / 1024 / 1024);
    Problem::error("too-long", element.pos, message)
}

/// Whether its children may hold an include.
fn holds_elements(name: &str) -> bool {
    let container = |spec: &elements::Spec| spec.content == elements::Content::Elements;
    (name.starts_with("mj-") || name == "mjml") && elements::find(name).is_none_or(container)
}

/// `path` as seen from the folder `base`, both relative to the root; nothing, if it leads out of it.
fn resolve(base: &Path, path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for component in base.components().chain(path.components()) {
        match component {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leaves_the_root() {
        let resolve = |base: &str, path: &str| resolve(Path::new(base), Path::new(path));
        assert_eq!(resolve("mjml/parts", "../head.mjml"), Some(PathBuf::from("mjml/head.mjml")));
        assert_eq!(resolve("mjml", "./a/./b.css"), Some(PathBuf::from("mjml/a/b.css")));
        assert_eq!(resolve("mjml", "../../etc/passwd"), None);
        assert_eq!(resolve("mjml", "/etc/passwd"), None);
    }
}
