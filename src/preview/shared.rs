//! Texts that are much alike, stored once: the messages of a thousand samples differ in a few words each.
//!
//! A text is cut before each `<` and behind each line break. The pieces of the first one stand in the pool in their
//! order; another text is written as runs of pieces of the pool, and what is new in it is added to the pool.

use std::collections::HashMap;

/// The pieces of all texts so far.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pieces: Vec<String>,
    places: HashMap<String, Vec<usize>>,
    bytes: usize,
}

impl Pool {
    /// The pieces, which [`add`](Self::add) counts.
    pub(super) fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// How many bytes they have.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a text as it is: others are told by it.
    pub(super) fn lay(&mut self, text: &str) -> Vec<usize> {
        let start = self.pieces.len();
        for piece in pieces(text) {
            self.push(piece);
        }
        vec![start, self.pieces.len() - start]
    }

    /// Adds a text: its runs as start, count, start, count …
    pub(super) fn add(&mut self, text: &str) -> Vec<usize> {
        let mut runs: Vec<usize> = Vec::new();
        let mut next = 0;
        for piece in pieces(text) {
            let at = self.find(piece, next).unwrap_or_else(|| self.push(piece));
            // What is new stands at the end; the text goes on where it was left.
            next = if at + 1 == self.pieces.len() { next } else { at + 1 };
            match &mut runs[..] {
                [.., start, count] if *start + *count == at => *count += 1,
                _ => runs.extend([at, 1]),
            }
        }
        runs
    }

    /// Where `piece` stands at or soonest after `next`, or else at all.
    fn find(&self, piece: &str, next: usize) -> Option<usize> {
        let places = self.places.get(piece)?;
        let after = places.partition_point(|place| *place < next);
        places.get(after).or(places.first()).copied()
    }

    fn push(&mut self, piece: &str) -> usize {
        let at = self.pieces.len();
        self.pieces.push(piece.to_owned());
        self.places.entry(piece.to_owned()).or_default().push(at);
        self.bytes += piece.len();
        at
    }
}

/// `text` cut before each `<` and behind each line break.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n').flat_map(|line| {
        let mut rest = line;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let end = rest.match_indices('<').map(|(at, _)| at).find(|at| *at > 0).unwrap_or(rest.len());
            let (piece, after) = rest.split_at(end);
            rest = after;
            Some(piece)
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As the page puts a text together.
    fn text(pool: &Pool, runs: &[usize]) -> String {
        runs.chunks(2).map(|run| pool.pieces()[run[0]..run[0] + run[1]].concat()).collect()
    }

    proptest! {
        #[test]
        fn every_text_comes_back(texts in proptest::collection::vec("(<p>|</p>|a|b\n|\\PC|\n|<){0,30}", 1..8)) {
            let mut pool = Pool::default();
            let first = pool.lay(&texts[0]);
            let runs: Vec<_> = texts.iter().map(|text| pool.add(text)).collect();
            prop_assert_eq!(text(&pool, &first), &texts[0][..]);
            for (runs, expected) in runs.iter().zip(&texts) {
                prop_assert_eq!(&text(&pool, runs), expected);
            }
        }
    }

    #[test]
    fn what_is_alike_takes_room_once() {
        let paragraphs = |name: &str| -> String {
            let paragraph = |n| format!("<p>Hello {}, {n}</p>\n<br>\n", if n == 7 { name } else { "all" });
            (0..500).map(paragraph).collect::<Vec<_>>().concat()
        };
        let mut pool = Pool::default();
        pool.lay(&paragraphs("{{ first_name }}"));
        let before = pool.bytes();
        for n in 0..100 {
            let runs = pool.add(&paragraphs(&format!("reader {n}")));
            assert!(runs.len() <= 8, "{runs:?}");
        }
        assert!(pool.bytes() - before < 100 * 40);
    }
}
