//! Long answers read page by page, so that memory does not grow with them and no reader holds the ledger for long.

use rusqlite::Connection;

use super::error::{LedgerError, Work};
use super::store::Ledger;

/// Rows fetched at a time.
pub(super) const PAGE: usize = 500;

/// A question to the ledger whose answer comes in pages.
pub(super) trait Paged {
    /// A row of the answer.
    type Row;

    /// The next [`PAGE`] rows, or fewer if there are no more.
    fn fetch(&self, db: &Connection) -> Work<Vec<Self::Row>>;

    /// The rows after this one are next.
    fn passed(&mut self, row: &Self::Row);
}

/// An iterator over an answer, read as it is consumed; it ends after an error.
#[derive(Debug)]
pub(super) struct Pages<Q: Paged> {
    ledger: Ledger,
    question: Q,
    page: std::vec::IntoIter<Q::Row>,
    exhausted: bool,
}

impl<Q: Paged> Pages<Q> {
    /// The answer of this ledger.
    pub(super) fn new(ledger: Ledger, question: Q) -> Self {
        Self { ledger, question, page: Vec::new().into_iter(), exhausted: false }
    }

    /// No answer at all.
    pub(super) fn none(ledger: Ledger, question: Q) -> Self {
        Self { exhausted: true, ..Self::new(ledger, question) }
    }
}

impl<Q: Paged> Iterator for Pages<Q> {
    type Item = Result<Q::Row, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0 && !self.exhausted {
            match self.ledger.read(|db| self.question.fetch(db)) {
                Ok(page) => {
                    self.exhausted = page.len() < PAGE;
                    self.page = page.into_iter();
                }
                Err(error) => {
                    self.exhausted = true;
                    return Some(Err(error));
                }
            }
        }
        let row = self.page.next()?;
        self.question.passed(&row);
        Some(Ok(row))
    }
}
