//! Lists and tables of HTML: what they come to, once all their parts are read. A table shows data, or it is there
//! for the layout.

use super::in_line::in_line;
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

/// What a table says. One that lays out, or whose cells hold more than lines, is read cell by cell.
pub(super) fn table(parts: Vec<Part>, rest: Vec<Node>, presentation: bool) -> Vec<Node> {
    let columns =
        parts.iter().map(|part| if let Part::Row { cells, .. } = part { cells.len() } else { 0 }).max();
    let columns = columns.unwrap_or(0);
    let simple = |cell: &Vec<Node>| matches!(cell[..], [] | [Node::Paragraph(_)]);
    let data = columns > 1
        && parts.iter().all(|part| matches!(part, Part::Row { cells, .. } if cells.iter().all(simple)));
    let mut out = Vec::new();
    if presentation || !data {
        for part in parts {
            match part {
                Part::Item(nodes) | Part::Other(nodes) => out.extend(nodes),
                Part::Row { cells, .. } => out.extend(cells.into_iter().flatten()),
            }
        }
    } else {
        let mut table = Table { columns: vec![Align::None; columns], head: Vec::new(), rows: Vec::new() };
        for part in parts {
            let Part::Row { head, cells } = part else { continue };
            let mut row: Vec<Vec<Inline>> = cells.into_iter().map(in_line).collect();
            row.resize(columns, Vec::new());
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
