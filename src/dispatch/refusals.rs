//! Watches how many of the latest results are refusals for good: far more than usual means that something is wrong
//! with the list or with the sender's standing, and going on would make it worse.

use std::collections::VecDeque;

/// How many results are looked at.
const LATEST: usize = 200;
/// With fewer results nothing is said: the first of a list may be unlucky.
const ENOUGH: usize = 50;

/// The latest results of a run, over all sessions.
#[derive(Debug)]
pub(super) struct Refusals {
    max_share: f64,
    latest: VecDeque<bool>,
    refused: u32,
}

impl Refusals {
    /// Speaks up when more than this share (0 to 1) is refused.
    pub(super) fn new(max_share: f64) -> Self {
        Self { max_share, latest: VecDeque::with_capacity(LATEST), refused: 0 }
    }

    /// One result. How many of how many were refused, where that is too many.
    pub(super) fn result(&mut self, refused: bool) -> Option<(u32, u32)> {
        if self.latest.len() == LATEST && self.latest.pop_front() == Some(true) {
            self.refused -= 1;
        }
        self.latest.push_back(refused);
        self.refused += u32::from(refused);
        let of = u32::try_from(self.latest.len()).unwrap_or(u32::MAX);
        let too_many =
            self.latest.len() >= ENOUGH && f64::from(self.refused) > self.max_share * f64::from(of);
        too_many.then_some((self.refused, of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_share_goes_on_for_ever() {
        let mut refusals = Refusals::new(0.2);
        assert!((0..10_000).all(|n| refusals.result(n % 6 == 0).is_none()));
    }

    #[test]
    fn a_list_gone_bad_is_noticed_within_the_latest_results() {
        let mut refusals = Refusals::new(0.2);
        assert!((0..10_000).all(|_| refusals.result(false).is_none()));
        assert_eq!((0..).find_map(|_| refusals.result(true)), Some((41, 200)));
    }

    #[test]
    fn a_few_at_the_start_say_nothing() {
        let mut refusals = Refusals::new(0.2);
        assert!((0..49).all(|_| refusals.result(true).is_none()));
        assert_eq!(refusals.result(true), Some((50, 50)));
    }

    #[test]
    fn all_of_them_is_allowed_where_the_operator_says_so() {
        let mut refusals = Refusals::new(1.0);
        assert!((0..1_000).all(|_| refusals.result(true).is_none()));
    }
}
