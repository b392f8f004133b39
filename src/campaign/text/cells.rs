//! Tables of HTML: those that show data, and those that are there for the layout.

use super::reading::{Part, in_line};
use crate::campaign::tree::{Align, Inline, Node, Table};

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

/// A row on one line.
pub(super) fn row(cells: Vec<Vec<Inline>>) -> Vec<Inline> {
    let mut out = Vec::new();
    for cell in cells {
        if !out.is_empty() {
            out.push(Inline::Text(" | ".to_owned()));
        }
        out.extend(cell);
    }
    out
}
