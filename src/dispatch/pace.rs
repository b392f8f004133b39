//! The pace of a run: one clock for all sessions.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::config::Rate;

/// Gives out permits, evenly spaced and without burst. A permit is taken before MAIL.
#[derive(Debug)]
pub struct Pace {
    /// The time between two permits; none where there is no rate.
    interval: Option<Duration>,
    next: Mutex<Instant>,
}

impl Pace {
    /// The pace of this rate.
    pub fn new(rate: Option<Rate>) -> Self {
        let interval = rate.map(|rate| rate.per / rate.messages.max(1));
        Self { interval, next: Mutex::new(Instant::now()) }
    }

    /// Waits for a permit. A permit that nobody waits for any longer is lost, never given twice: the rate can
    /// only be lower for it.
    pub async fn permit(&self) {
        let Some(interval) = self.interval else { return };
        let slot = {
            let mut next = self.next.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let slot = (*next).max(Instant::now());
            *next = slot + interval;
            slot
        };
        sleep_until(slot).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    async fn sent_in(sessions: usize, rate: u32, time: Duration) -> Vec<Instant> {
        let pace = Arc::new(Pace::new(Some(Rate { messages: rate, per: Duration::from_secs(1) })));
        let end = Instant::now() + time;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..sessions {
            let pace = Arc::clone(&pace);
            tasks.spawn(async move {
                let mut sent = Vec::new();
                loop {
                    pace.permit().await;
                    if Instant::now() >= end {
                        return sent;
                    }
                    sent.push(Instant::now());
                }
            });
        }
        let mut sent: Vec<Instant> = tasks.join_all().await.into_iter().flatten().collect();
        sent.sort();
        sent
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_not_multiplied_by_the_sessions() {
        for sessions in [1, 10, 50] {
            let sent = sent_in(sessions, 20, Duration::from_secs(10)).await;
            assert!((196..=200).contains(&sent.len()), "{sessions} sessions sent {}", sent.len());
            for window in sent.windows(21) {
                assert!(window[20] - window[0] >= Duration::from_secs(1));
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_time_is_not_saved_up_for_a_burst() {
        let pace = Pace::new(Some(Rate { messages: 10, per: Duration::from_secs(1) }));
        pace.permit().await;
        tokio::time::advance(Duration::from_mins(1)).await;
        let start = Instant::now();
        for _ in 0..3 {
            pace.permit().await;
        }
        assert_eq!(start.elapsed(), Duration::from_millis(200));
    }
}
