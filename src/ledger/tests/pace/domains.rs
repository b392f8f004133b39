//! The pace of single domains behind a relay.

use super::*;

/// A domain whose messages are always asked for: when they were let through, by one handle and the other in turn.
async fn domain(ledgers: &[&Ledger], limits: &[Limit], from: i64, end: i64) -> Vec<i64> {
    let (mut sent, mut now, mut turn) = (Vec::new(), from, 0);
    while now < end {
        turn += 1;
        let ledger = ledgers[turn % ledgers.len()];
        let permit = ledger.domain_permit("main", "gmail.com", limits.to_vec(), now).await.unwrap();
        now = match permit {
            DomainPermit::Granted { next_us } => {
                sent.push(now);
                next_us.max(now + 1)
            }
            DomainPermit::NotBefore(us) => {
                assert!(us > now);
                us
            }
        };
    }
    sent
}

#[tokio::test]
async fn a_domain_gets_its_rate_and_no_more() {
    for limits in [vec![limit(5, SECOND)], vec![limit(30, MINUTE)], vec![limit(1, SECOND)]] {
        let (one, other) = two_handles();
        let sent = domain(&[&one.ledger, &other], &limits, START, START + 2 * MINUTE).await;
        assert_full(&sent, limits[0], 2 * MINUTE);
        let gap = sent.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
        let even = i64::try_from(limits[0].window.as_micros()).unwrap() / i64::from(limits[0].messages);
        assert!(gap >= even * 3 / 4, "{gap}");
    }
}

#[tokio::test]
async fn a_domain_has_quotas_of_its_own() {
    let (one, other) = two_handles();
    let limits = [limit(10, SECOND), limit(40, HOUR)];
    let sent = domain(&[&one.ledger, &other], &limits, START, START + 3 * HOUR).await;
    assert!(most(&sent, HOUR) <= 40);
    assert!(sent.len() >= 116, "{}", sent.len());
    // The next domain has its own, and the relay's is untouched.
    let free = other.domain_permit("main", "gmx.de", limits.to_vec(), START).await.unwrap();
    assert!(matches!(free, DomainPermit::Granted { .. }));
    let Leased::Slots(slots) = other.lease(wish(START, &limits[1..], 100)).await.unwrap() else { panic!() };
    assert_eq!(slots.count, 40);
}

#[tokio::test]
async fn a_domain_is_told_when_its_next_message_may_leave() {
    let fixture = Fixture::new();
    let limits = vec![limit(2, SECOND)];
    let ask = async |us| fixture.ledger.domain_permit("main", "gmail.com", limits.clone(), us).await.unwrap();
    let mut now = START;
    for _ in 0..6 {
        let DomainPermit::Granted { next_us } = ask(now).await else { panic!("what was promised is kept") };
        assert_eq!(ask(next_us - 1).await, DomainPermit::NotBefore(next_us));
        now = next_us;
    }
}

#[tokio::test]
async fn requests_for_a_domain_out_of_order_do_not_double_its_rate() {
    let (one, other) = two_handles();
    let limits = vec![limit(5, SECOND)];
    let mut sent = Vec::new();
    for n in 0..300 {
        let now = START + n * 50 * MS;
        for (ledger, at) in [(&one.ledger, now), (&other, now - 900 * MS)] {
            let permit = ledger.domain_permit("main", "gmail.com", limits.clone(), at).await.unwrap();
            if matches!(permit, DomainPermit::Granted { .. }) {
                // It is used when it is answered, not when it was asked for.
                sent.push(now);
            }
        }
    }
    assert!(most(&sent, SECOND) <= 5, "{}", most(&sent, SECOND));
    assert!(sent.len() > 50, "{}", sent.len());
}

#[tokio::test]
async fn a_clock_set_back_neither_stops_a_domain_nor_forgets_what_it_got() {
    for jump in [SECOND, 3 * SECOND, HOUR, 30 * DAY] {
        let (one, other) = two_handles();
        let limits = [limit(5, SECOND), limit(160, DAY)];
        let mut sent = domain(&[&one.ledger], &limits, START, START + 10 * SECOND).await;
        let first_part = sent.len();
        let from = START + 10 * SECOND - jump;
        let later = domain(&[&other], &limits, from, from + 20 * SECOND).await;
        sent.extend(later.iter().map(|at| at + jump));
        assert!(most(&sent, SECOND) <= 5, "{} after a jump of {jump}", most(&sent, SECOND));
        assert!(sent.len() - first_part >= 80, "{} after a jump of {jump}", sent.len() - first_part);
        let rest = domain(&[&other], &limits, from + 20 * SECOND, from + HOUR).await;
        assert_eq!(sent.len() + rest.len(), 160, "after a jump of {jump}");
    }
}

#[tokio::test]
async fn a_domain_that_asked_for_less_is_slowed_and_the_others_are_not() {
    let fixture = Fixture::new();
    let ledger = &fixture.ledger;
    let limits = [limit(8, SECOND)];
    let now = |us: i64| Timestamp::from_microsecond(us).unwrap();
    ledger.slow_down("main", Some("gmail.com"), now(START)).await.unwrap();
    let slowed = ledger.slowed("main", now(START)).unwrap();
    assert_eq!(slowed.iter().map(|slowed| slowed.domain.as_deref()).collect::<Vec<_>>(), [Some("gmail.com")]);
    let sent = domain(&[ledger], &limits, START, START + 10 * SECOND).await;
    assert!(most(&sent, SECOND) <= 4 && sent.len() >= 38, "{}", sent.len());
    let relay = run(&mut [Process::busy(ledger, &limits)], START + 10 * SECOND).await;
    assert_full(&relay, limits[0], 10 * SECOND);

    // Below one message in a window, the window is longer.
    for n in 1..6 {
        ledger.slow_down("main", Some("gmail.com"), now(START + n * 10 * SECOND)).await.unwrap();
    }
    let from = START + 50 * SECOND;
    let sent = domain(&[ledger], &[limit(1, SECOND)], from, from + 30 * SECOND).await;
    assert!((1..=4).contains(&sent.len()), "{}", sent.len());
}

/// What is kept of the past does not grow.
/// Nothing but an hour's quota stands for this domain: without a pace there would be nothing to halve.
#[tokio::test]
async fn a_domain_with_nothing_but_a_quota_slows_down_too() {
    let fixture = Fixture::new();
    let ledger = &fixture.ledger;
    let limits = vec![limit(1_200, HOUR)];
    let now = |us: i64| Timestamp::from_microsecond(us).unwrap();
    let mut at = Vec::new();
    for n in 0..60 {
        if n == 10 {
            ledger.slow_down("main", Some("gmail.com"), now(START + n * SECOND)).await.unwrap();
        }
        let asked = START + n * SECOND;
        let permit = ledger.domain_permit("main", "gmail.com", limits.clone(), asked).await.unwrap();
        if matches!(permit, DomainPermit::Granted { .. }) {
            at.push(n);
        }
    }
    assert_eq!(at[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "a quota alone is used as fast as there is work");
    // 600 an hour is one in 6 seconds, and three quarters of that at least lie between two.
    assert!(at[10..].windows(2).all(|pair| pair[1] - pair[0] >= 4), "{at:?}");
    assert!((8..=13).contains(&at[10..].len()), "{at:?}");
}

#[tokio::test]
async fn old_permits_are_forgotten() {
    let fixture = Fixture::new();
    let limits = [limit(50, SECOND), limit(100_000, DAY)];
    domain(&[&fixture.ledger], &limits, START, START + 10 * SECOND).await;
    run(&mut [Process::busy(&fixture.ledger, &limits)], START + 10 * SECOND).await;
    let later = START + 3 * DAY;
    fixture.ledger.domain_permit("main", "gmail.com", limits.to_vec(), later).await.unwrap();
    fixture.ledger.lease(wish(later, &limits, 1)).await.unwrap();
    let db = rusqlite::Connection::open(fixture.file()).unwrap();
    for table in ["domain_send", "quota_used"] {
        let rows: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0)).unwrap();
        assert!((1..=2).contains(&rows), "{rows} in {table}");
    }
}
