//! The parts of an MJML document: root, head and body.

use super::{
    advice,
    problems::{Problem, Problems},
    source::{Pos, Texts},
    tree::{Attribute, Element, Node},
};

/// A document, its includes expanded.
#[derive(Debug)]
pub(super) struct Document {
    /// Of `<mjml>`.
    pub(super) attributes: Vec<Attribute>,
    /// `mj-raw` for before the doctype.
    pub(super) start: Vec<Element>,
    /// What stands in all heads.
    pub(super) head: Element,
    pub(super) body: Element,
}

/// The document made of the layout's nodes and of what included files add to its head.
pub(super) fn assemble(nodes: Vec<Node>, heads: Vec<Node>, problems: &mut Problems) -> Option<Document> {
    let mjml = root(nodes, Texts::pos(0, 0), problems)?;
    let mut head = Element::new("mj-head", mjml.pos, Vec::new());
    let mut body: Option<Element> = None;
    let mut start = Vec::new();
    let mut strays = Vec::new();
    for node in mjml.children {
        match node {
            Node::Element(part) if part.name == "mj-head" => {
                head.attributes.extend(part.attributes);
                head.children.extend(part.children);
            }
            Node::Element(part) if part.name == "mj-body" => match &body {
                None => body = Some(part),
                Some(first) => {
                    let problem = Problem::error("second-body", part.pos, "this is a second `<mj-body>`");
                    problems.push(problem.opener(first.pos).help("put all sections into one `<mj-body>`"));
                }
            },
            Node::Element(raw) if raw.name == "mj-raw" && raw.attribute("position") == Some("file-start") => {
                start.push(raw);
            }
            stray => strays.push(stray),
        }
    }
    let bodiless = body.is_none();
    // One misspelt word leaves a document without a body; then all that is in it would be told.
    let misspelt = |name: &str| advice::nearest_name(name, ["mj-head", "mj-body"]);
    let slips = strays.iter().filter_map(Node::element).filter(|part| misspelt(&part.name).is_some());
    let mut slipped = false;
    for part in slips {
        slipped = true;
        problems.push(advice::unknown(part, "mjml"));
    }
    if !slipped && !bodiless {
        for stray in &strays {
            stray_part(stray, problems);
        }
    }
    head.children.extend(heads);
    let Some(body) = body else {
        if slipped {
            return None;
        }
        let problem = Problem::error("no-body", mjml.pos, "there is no `<mj-body>`");
        problems.push(problem.help("put the sections between `<mj-body>` and `</mj-body>`"));
        return None;
    };
    Some(Document { attributes: mjml.attributes, start, head, body })
}

/// What stands beside head and body.
fn stray_part(node: &Node, problems: &mut Problems) {
    match node {
        Node::Element(part) => {
            let message = format!("`<{}>` stands directly in `<mjml>`", part.name);
            let help = match part.name.as_str() {
                "mj-raw" => "give it `position=\"file-start\"`, or move it into `<mj-head>` or `<mj-body>`",
                _ => "only `<mj-head>` and `<mj-body>` stand there: move it into one of them",
            };
            problems.push(Problem::error("misplaced-element", part.pos, message).help(help));
        }
        Node::Text(text) if !text.text.trim().is_empty() => {
            let problem = Problem::error("stray-text", text.start(), "text stands directly in `<mjml>`");
            problems.push(problem.help("move it into an `<mj-text>` in the body"));
        }
        Node::Text(_) | Node::Comment(_) => {}
    }
}

/// The `<mjml>` element, which must stand alone.
fn root(nodes: Vec<Node>, start: Pos, problems: &mut Problems) -> Option<Element> {
    if !nodes.iter().filter_map(Node::element).any(|element| element.name == "mjml") {
        let misspelt = |element: &&Element| advice::nearest_name(&element.name, ["mjml"]).is_some();
        problems.push(match nodes.iter().filter_map(Node::element).find(misspelt) {
            Some(element) => {
                let message = format!("there is no MJML element `<{}>`", element.name);
                Problem::error("unknown-element", element.pos, message).help("did you mean `<mjml>`?")
            }
            None => Problem::error("no-mjml", start, "this is no MJML: there is no `<mjml>` element")
                .help("a layout begins with `<mjml>` and holds `<mj-body>`"),
        });
        return None;
    }
    let mut root: Option<Element> = None;
    for node in nodes {
        match node {
            Node::Element(element) if element.name == "mjml" && root.is_none() => root = Some(element),
            Node::Element(element) => {
                let message = format!("`<{}>` stands outside of `<mjml>`", element.name);
                problems.push(
                    Problem::error("misplaced-element", element.pos, message).help("move it into `<mjml>`"),
                );
            }
            Node::Text(text) if !text.text.trim().is_empty() => {
                let message = "text stands outside of `<mjml>`";
                let problem = Problem::error("stray-text", text.start(), message);
                problems.push(problem.help("move it into the body"));
            }
            Node::Text(_) | Node::Comment(_) => {}
        }
    }
    root
}
