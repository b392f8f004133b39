//! Tables of plain text: columns below each other where they fit, else a paragraph for each row.

use unicode_width::UnicodeWidthStr;

use super::lines::Lines;
use super::writer::Writer;
use crate::campaign::marked::Marked;
use crate::campaign::tree::{Align, Inline, Table};
use crate::campaign::wrap::{Shape, WIDTH, fill, has_words};

/// Between two columns.
const GAP: usize = 2;

impl Writer<'_> {
    pub(super) fn table(&mut self, table: &Table, out: &mut Lines) {
        let head: Vec<Marked> = table.head.iter().map(|cell| self.marked(cell)).collect();
        let rows: Vec<Vec<Marked>> =
            table.rows.iter().map(|row| row.iter().map(|cell| self.marked(cell)).collect()).collect();
        match self.aligned(&table.columns, &head, &rows) {
            Some(lines) => lines.into_iter().for_each(|line| out.push(line)),
            None => self.records(table, &rows, out),
        }
    }

    /// The table as it would be drawn; nothing, where a cell takes more than a line, is not known before the
    /// merge, or the whole is too wide.
    fn aligned(&self, columns: &[Align], head: &[Marked], rows: &[Vec<Marked>]) -> Option<Vec<String>> {
        let line = |cell: &Marked| {
            let mut lines = fill(cell.as_str(), &Shape::default());
            let fits = lines.len() <= 1 && self.tags.find(cell.as_str(), 0).is_none();
            fits.then(|| lines.pop().unwrap_or_default())
        };
        let row = |row: &[Marked]| row.iter().map(line).collect::<Option<Vec<String>>>();
        let head = row(head)?;
        let rows = rows.iter().map(|cells| row(cells)).collect::<Option<Vec<_>>>()?;
        let all = || std::iter::once(&head).chain(&rows);
        let width = |column| all().filter_map(|row| row.get(column)).map(|cell: &String| cell.width()).max();
        let widths: Vec<usize> = (0..columns.len()).map(|column| width(column).unwrap_or(0)).collect();
        if widths.iter().sum::<usize>() + GAP * columns.len() > self.room() {
            return None;
        }
        let drawn = |row: &Vec<String>| draw(row, columns, &widths);
        let mut out = Vec::new();
        if head.iter().any(|cell| !cell.is_empty()) {
            out.push(drawn(&head));
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            out.push(rules.join(&" ".repeat(GAP)));
        }
        out.extend(rows.iter().map(drawn));
        Some(out)
    }

    /// Every row as lines, each cell behind the heading of its column.
    fn records(&mut self, table: &Table, rows: &[Vec<Marked>], out: &mut Lines) {
        if rows.is_empty() {
            let head: Vec<Marked> = table.head.iter().map(|cell| self.marked(cell)).collect();
            out.paragraphs(head);
        }
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                out.blank();
            }
            for (column, cell) in row.iter().enumerate().filter(|(_, cell)| has_words(cell)) {
                let mut line = Marked::default();
                if let Some(heading) = table.head.get(column).filter(|heading| !heading.is_empty()) {
                    line = self.marked(&without_break(heading));
                    line.text(": ");
                }
                line.append(cell);
                let mut lines = Lines::default();
                lines.paragraph(line, None);
                out.append(lines, "", "  ");
            }
        }
    }

    /// Columns that a table may take; what it stands in may need some.
    fn room(&self) -> usize {
        WIDTH.saturating_sub(self.indent)
    }
}

/// A heading on one line.
fn without_break(heading: &[Inline]) -> Vec<Inline> {
    let space = |inline: &Inline| match inline {
        Inline::HardBreak => Inline::SoftBreak,
        other => other.clone(),
    };
    heading.iter().map(space).collect()
}

fn draw(row: &[String], columns: &[Align], widths: &[usize]) -> String {
    let cells = row.iter().zip(columns).zip(widths).map(|((cell, align), width)| {
        let free = width.saturating_sub(cell.width());
        let before = match align {
            Align::Right => free,
            Align::Center => free / 2,
            Align::Left | Align::None => 0,
        };
        format!("{}{cell}{}", " ".repeat(before), " ".repeat(free - before))
    });
    cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
}
