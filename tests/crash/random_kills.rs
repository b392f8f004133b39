//! Kills at moments that nobody chose.

use std::hash::{BuildHasher, RandomState};
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::harness::{IN_DOUBT_PER_KILL, Newsletter, Standing, assert_rate};
use crate::random::{Random, from_environment};

const RECIPIENTS: usize = 500;
const RATE: usize = 100;
/// A kill in the midst of sending comes at most so long after the first message of that life.
const SENDING: Duration = Duration::from_millis(900);

/// When a life ends.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after the start: while it compiles, looks at the list, launches or resumes.
    AfterStart(Duration),
    /// So long after its first MAIL.
    AfterFirstMail(Duration),
}

impl Moment {
    /// Lives before the launch end while they start, so that the launch is met at many moments; most lives after it
    /// end while messages are under way.
    fn at_random(random: &mut Random, launched: bool, start_up: Duration) -> Self {
        if !launched || random.next().is_multiple_of(4) {
            Self::AfterStart(random.up_to(start_up))
        } else {
            Self::AfterFirstMail(random.up_to(SENDING))
        }
    }
}

/// Waits for the moment, or for the end of the life.
fn wait_for(moment: Moment, newsletter: &Newsletter, life: &mut Child) {
    let pause = match moment {
        Moment::AfterStart(pause) => pause,
        Moment::AfterFirstMail(pause) => {
            let first = |campaign: &crate::record::Campaign| !campaign.mails.last().unwrap().is_empty();
            if !newsletter.record.wait(first, || life.try_wait().unwrap().is_some()) {
                return;
            }
            pause
        }
    };
    sleep(pause);
}

/// `MAILSHOT_TEST_SEED` and `MAILSHOT_TEST_KILLS` choose other moments and more of them.
#[test]
fn a_run_that_is_killed_at_random_moments_loses_nobody_and_mails_nobody_twice() {
    let seed = from_environment("MAILSHOT_TEST_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let kills = from_environment("MAILSHOT_TEST_KILLS").unwrap_or(20);
    println!("MAILSHOT_TEST_SEED={seed} MAILSHOT_TEST_KILLS={kills}");
    let mut random = Random(seed);
    let newsletter = Newsletter::new(RECIPIENTS, &format!("{RATE}/s"));

    // How long it takes on this machine until messages leave: all but the launch itself.
    newsletter.project.expect(0, "send weekly --dry-run");
    let begun = Instant::now();
    newsletter.project.expect(0, "send weekly --dry-run");
    let start_up = begun.elapsed() * 3 / 2;
    println!("to start takes about {start_up:.0?}");

    println!(
        "kill  campaign  moment                            launched  accepted  delivered  in flight  in doubt"
    );
    let mut spent = 0;
    for number in 1.. {
        let slug = format!("weekly-{number}");
        newsletter.begin(&slug);
        let before = spent;
        let mut standing = Standing::default();
        while spent < kills && !standing.complete {
            let moment = Moment::at_random(&mut random, standing.launched, start_up);
            let mut life = newsletter.start(&slug);
            wait_for(moment, &newsletter, &mut life);
            if !newsletter.kill(life) {
                // It came to its end first: the kill is not spent.
                standing = newsletter.standing(&slug);
                assert!(standing.complete, "it ended by itself: {standing:?}");
                continue;
            }
            spent += 1;
            let earlier = std::mem::replace(&mut standing, newsletter.standing(&slug));
            println!(
                "{spent:>4}  {slug:<8}  {:<32}  {:<8}  {:>8}  {:>9}  {:>9}  {:>8}",
                format!("{moment:.1?}"),
                standing.launched,
                newsletter.record.campaign().messages(),
                standing.delivered,
                standing.in_flight,
                standing.in_doubt,
            );
            assert!(standing.launched >= earlier.launched && standing.delivered >= earlier.delivered);
            assert!(standing.in_flight <= IN_DOUBT_PER_KILL, "{standing:?}");
        }
        let (standing, seen) = newsletter.finish(&slug, spent - before);
        assert_rate(&seen, RATE);
        println!("      {slug}  complete after {} kills: {standing:?}", spent - before);
        if spent == kills {
            return;
        }
    }
}
