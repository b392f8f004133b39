//! Whether a relay can be used: one circuit for each.
//!
//! | state | what happens | then |
//! | --- | --- | --- |
//! | closed | a connection was lost, the first since a success | closed: relays close connections for reasons of their own |
//! | closed | the relay failed, or a second connection was lost | open: nobody connects for a pause |
//! | open, the pause is over | one session probes, the others stay away | |
//! | open | the probe failed | open, for twice as long, up to a minute |
//! | closed, open | a message was taken, or refused for its own sake | closed |
//! | any | the login, the certificate or the relay's consent is missing | out, for this process |
//!
//! No recipient is spent by any of it. Sessions that are open already may be used whatever the state: their success
//! is what closes the circuit. One over which the relay itself failed is ended, so that it is not asked again at once.

use std::time::Duration;

use tokio::time::Instant;

use crate::delivery::{Blame, Failure};

/// The first pause.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Whether a session may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Yes.
    Free,
    /// By one that claims it: to see whether the relay works again.
    Probe,
    /// Not before this time.
    NotBefore(Instant),
    /// No.
    Never,
}

/// The state of one relay as the sessions see it.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    /// A connection was lost, and nothing succeeded since.
    lost: bool,
    outage: Option<Outage>,
    out: Option<Failure>,
}

#[derive(Debug)]
struct Outage {
    failure: Failure,
    pause: Duration,
    until: Instant,
    probing: bool,
    /// The sum of all pauses. Time in which nobody tried is no proof of an outage.
    waited: Duration,
}

impl Circuit {
    /// Whether a session may be opened now.
    pub(super) fn access(&self, now: Instant) -> Access {
        match &self.outage {
            _ if self.out.is_some() => Access::Never,
            None => Access::Free,
            Some(outage) if now < outage.until => Access::NotBefore(outage.until),
            Some(_) => Access::Probe,
        }
    }

    /// Takes the probe: for a pause, nobody else may.
    pub(super) fn claim_probe(&mut self, now: Instant) {
        if let Some(outage) = &mut self.outage {
            outage.probing = true;
            outage.until = now + outage.pause;
        }
    }

    /// A session failed. The pause, where this made one.
    pub(super) fn failed(&mut self, now: Instant, blame: Blame, failure: Failure) -> Option<Duration> {
        match &mut self.outage {
            None if blame == Blame::Session && !std::mem::replace(&mut self.lost, true) => None,
            None => {
                let pause = FIRST_PAUSE;
                let until = now + pause;
                self.outage = Some(Outage { failure, pause, until, probing: false, waited: pause });
                Some(pause)
            }
            Some(outage) => {
                outage.failure = failure;
                // Others that fail within the same pause say nothing new.
                if !std::mem::take(&mut outage.probing) {
                    return None;
                }
                outage.pause = (outage.pause * 2).min(LONGEST_PAUSE);
                outage.until = now + outage.pause;
                outage.waited += outage.pause;
                Some(outage.pause)
            }
        }
    }

    /// A message went through or was refused for its own sake: the relay works. Whether it did not before.
    pub(super) fn works(&mut self) -> bool {
        self.lost = false;
        self.outage.take().is_some()
    }

    /// Only the operator can mend this relay.
    pub(super) fn close_for_good(&mut self, failure: Failure) {
        self.out.get_or_insert(failure);
    }

    /// Why it is of no use any more, where it is not: an outage that lasts longer than `patience`, or for good.
    pub(super) fn hopeless(&self, patience: Duration) -> Option<&Failure> {
        let lasting = self.outage.as_ref().filter(|outage| outage.waited > patience);
        self.out.as_ref().or(lasting.map(|outage| &outage.failure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Cause, Stage};

    const PATIENCE: Duration = Duration::from_mins(5);

    fn refused() -> Failure {
        Failure::new(Stage::Connect, Cause::Io("refused".into()))
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_to_a_minute_and_end_with_the_patience() {
        let mut circuit = Circuit::default();
        let mut pauses = Vec::new();
        while circuit.hopeless(PATIENCE).is_none() {
            let pause = circuit.failed(Instant::now(), Blame::Relay, refused()).unwrap();
            pauses.push(pause.as_millis());
            assert_eq!(circuit.access(Instant::now()), Access::NotBefore(Instant::now() + pause));
            tokio::time::advance(pause).await;
            assert_eq!(circuit.access(Instant::now()), Access::Probe);
            circuit.claim_probe(Instant::now());
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000, 60000]);
        assert!(circuit.works() && !circuit.works());
        assert_eq!(circuit.access(Instant::now()), Access::Free);
    }

    #[tokio::test(start_paused = true)]
    async fn one_lost_connection_costs_no_pause() {
        let mut circuit = Circuit::default();
        let now = Instant::now();
        assert_eq!(circuit.failed(now, Blame::Session, refused()), None);
        assert_eq!(circuit.failed(now, Blame::Session, refused()), Some(FIRST_PAUSE));
        circuit.works();
        assert_eq!(circuit.failed(now, Blame::Session, refused()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_that_fail_together_share_one_pause_and_one_probes() {
        let mut circuit = Circuit::default();
        let now = Instant::now();
        assert_eq!(circuit.failed(now, Blame::Relay, refused()), Some(FIRST_PAUSE));
        for _ in 0..10 {
            assert_eq!(circuit.failed(now, Blame::Relay, refused()), None);
        }
        let later = now + FIRST_PAUSE;
        assert_eq!(circuit.access(later), Access::Probe);
        circuit.claim_probe(later);
        assert_eq!(circuit.access(later), Access::NotBefore(later + FIRST_PAUSE));
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_tried_is_not_held_against_the_relay() {
        let mut circuit = Circuit::default();
        circuit.failed(Instant::now(), Blame::Relay, refused());
        tokio::time::advance(PATIENCE * 10).await;
        circuit.claim_probe(Instant::now());
        circuit.failed(Instant::now(), Blame::Relay, refused());
        assert_eq!(circuit.hopeless(PATIENCE), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_only_the_operator_can_mend_is_not_tried_again() {
        let mut circuit = Circuit::default();
        circuit.close_for_good(refused());
        assert_eq!(circuit.access(Instant::now()), Access::Never);
        assert_eq!(circuit.hopeless(PATIENCE), Some(&refused()));
    }
}
