//! Lists and tables of HTML: what they come to, once all their parts are read. A table shows data, or it is there
//! for the layout.

use super::in_line::in_line;
use super::paragraphs::is_blank;
use crate::campaign::tree::{Align, Inline, List, Node, Table};

/// A part of a list or a table.
pub(super) enum Part {
    Item(Vec<Node>),
    Row {
        head: bool,
        cells: Vec<Vec<Node>>,
    },
    /// What stands between: statements, mostly.
    Other(Vec<Node>),
}

/// The items of a list; where something stands between two of them, it becomes two lists.
pub(super) fn list(start: Option<usize>, parts: Vec<Part>, rest: Vec<Node>) -> Vec<Node> {
    let mut out = Vec::new();
    let mut items: Vec<Vec<Node>> = Vec::new();
    let mut before = 0;
    let mut end = |items: &mut Vec<Vec<Node>>, out: &mut Vec<Node>| {
        let items = std::mem::take(items);
        let tight = items
            .iter()
            .all(|item| item.len() <= 1 || !matches!(item[..], [Node::Paragraph(_), Node::Paragraph(_), ..]));
        let start = start.map(|start| start.saturating_add(before));
        before += items.len();
        if !items.is_empty() {
            out.push(Node::List(List { start, tight, items }));
        }
    };
    for part in parts {
        match part {
            Part::Item(item) => items.push(item),
            Part::Other(nodes) => {
                end(&mut items, &mut out);
                out.extend(nodes);
            }
            Part::Row { cells, .. } => items.extend(cells),
        }
    }
    end(&mut items, &mut out);
    out.extend(rest);
    out
}

/// What a table says. One that lays out, or whose cells hold more than lines, is read cell by cell. A caption stands
/// above it, and a column in which nothing is said, such as one of icons, is none.
pub(super) fn table(mut parts: Vec<Part>, rest: Vec<Node>, presentation: bool) -> Vec<Node> {
    let widest =
        parts.iter().map(|part| if let Part::Row { cells, .. } = part { cells.len() } else { 0 }).max();
    let says = |part: &Part, column: usize| match part {
        Part::Row { cells, .. } => cells.get(column).is_some_and(|cell| !is_silent(cell)),
        Part::Item(_) | Part::Other(_) => false,
    };
    let columns: Vec<usize> =
        (0..widest.unwrap_or(0)).filter(|column| parts.iter().any(|part| says(part, *column))).collect();
    let caption = parts.iter().take_while(|part| !matches!(part, Part::Row { .. })).count();
    let simple = |cell: &Vec<Node>| matches!(cell[..], [] | [Node::Paragraph(_)]);
    let data = columns.len() > 1
        && parts[caption..]
            .iter()
            .all(|part| matches!(part, Part::Row { cells, .. } if cells.iter().all(simple)));
    let mut out = Vec::new();
    if presentation || !data {
        for part in parts {
            match part {
                Part::Item(nodes) | Part::Other(nodes) => out.extend(nodes),
                Part::Row { cells, .. } => out.extend(cells.into_iter().flatten()),
            }
        }
    } else {
        let rows = parts.split_off(caption);
        for part in parts {
            if let Part::Item(nodes) | Part::Other(nodes) = part {
                out.extend(nodes);
            }
        }
        let aligned = vec![Align::None; columns.len()];
        let mut table = Table { columns: aligned, head: Vec::new(), rows: Vec::new() };
        for part in rows {
            let Part::Row { head, mut cells } = part else { continue };
            let cell = |column: &usize| cells.get_mut(*column).map(std::mem::take).unwrap_or_default();
            let row: Vec<Vec<Inline>> = columns.iter().map(cell).map(in_line).collect();
            if head && table.head.is_empty() && table.rows.is_empty() {
                table.head = row;
            } else {
                table.rows.push(row);
            }
        }
        out.push(Node::Table(table));
    }
    out.extend(rest);
    out
}

/// Whether a reader of text sees nothing of a cell.
fn is_silent(cell: &[Node]) -> bool {
    let silent = |inline: &Inline| match inline {
        Inline::Image(image) => image.alt.is_empty(),
        inline => is_blank(inline),
    };
    cell.iter().all(|node| matches!(node, Node::Paragraph(content) if content.iter().all(silent)))
}
