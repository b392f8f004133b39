//! So many of a stream, spread evenly over it, in one pass and without knowing how long it is.

/// So many times more than are wanted are kept on the way, so that what is chosen in the end stands evenly.
const SPARE: usize = 8;

/// Keeps every `stride`-th of what it is offered; when that is too many, every other one goes and the stride doubles.
#[derive(Debug, Clone)]
pub(super) struct Spread<T> {
    wanted: usize,
    stride: u64,
    seen: u64,
    kept: Vec<T>,
}

impl<T> Spread<T> {
    /// Is to end with `wanted`, or with all there are if they are fewer.
    pub(super) fn new(wanted: usize) -> Self {
        Self { wanted, stride: 1, seen: 0, kept: Vec::new() }
    }

    /// Offers the next one; `keep` makes what is kept of it.
    pub(super) fn offer(&mut self, keep: impl FnOnce() -> T) {
        if self.wanted > 0 && self.seen.is_multiple_of(self.stride) {
            self.kept.push(keep());
            if self.kept.len() >= self.wanted.saturating_mul(SPARE) {
                let mut even = false;
                self.kept.retain(|_| {
                    even = !even;
                    even
                });
                self.stride *= 2;
            }
        }
        self.seen += 1;
    }

    /// Those that were wanted, in their order; the first of the stream is the first of them.
    pub(super) fn finish(self) -> Vec<T> {
        let len = self.kept.len();
        let wanted = self.wanted.min(len);
        let mut chosen = (0..wanted).map(|sample| sample * len / wanted).peekable();
        let kept = self.kept.into_iter().enumerate();
        kept.filter(|(index, _)| chosen.next_if_eq(index).is_some()).map(|(_, kept)| kept).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_many_as_wanted_and_none_far_from_the_next(wanted in 1_usize..40, total in 0_u64..3_000) {
            let mut spread = Spread::new(wanted);
            for n in 0..total {
                spread.offer(|| n);
                prop_assert!(spread.kept.len() < SPARE * wanted);
            }
            let chosen = spread.finish();
            prop_assert_eq!(chosen.len() as u64, total.min(wanted as u64));
            prop_assert!(chosen.first().is_none_or(|first| *first == 0));
            prop_assert!(chosen.is_sorted_by(|a, b| a < b));
            // No stretch without a sample is longer than two even shares of the whole.
            let share = total / wanted as u64 + 1;
            for (a, b) in chosen.iter().zip(chosen.iter().skip(1).chain([&total])) {
                prop_assert!(b - a <= 2 * share, "{} to {} of {}", a, b, total);
            }
        }
    }

    #[test]
    fn none_wanted_none_kept() {
        let mut spread = Spread::new(0);
        spread.offer(|| 1);
        assert!(spread.finish().is_empty());
    }
}
