//! SIGKILL as the process enters a write, a send or a sync: every k-th of them, launch included.

use crate::harness::IN_DOUBT_PER_KILL;
use crate::points::Point;
use crate::strace::killed_at;
use crate::table::{Judged, Life, newsletter, place, run};

#[test]
#[ignore = "needs strace"]
fn a_kill_at_every_kth_call_loses_nobody_and_mails_nobody_twice() {
    run("every_call::a_kill", Life::First, |point| end_at(point, Life::First));
}

#[test]
#[ignore = "needs strace"]
fn another_kill_at_every_kth_call_loses_nobody_either() {
    run("every_call::another", Life::Resumed, |point| end_at(point, Life::Resumed));
}

fn end_at(point: &Point, life: Life) -> Option<Judged> {
    let newsletter = newsletter();
    if let Some(earlier) = life.earlier() {
        assert!(killed_at(&newsletter, "weekly", &earlier));
    }
    if !killed_at(&newsletter, "weekly", point) {
        return None;
    }
    let place = place(&newsletter, life);
    // The launch is whole or absent: the counts add up to the whole audience, or there are none.
    let standing = newsletter.standing("weekly");
    assert!(standing.launched || !newsletter.record.campaign().mailed(), "mailed without a launch");
    // Those in flight are found in doubt by the next life.
    let earlier = (life.kills() - 1) * IN_DOUBT_PER_KILL;
    assert!(
        standing.in_flight <= IN_DOUBT_PER_KILL + earlier && standing.in_doubt <= earlier,
        "{standing:?}"
    );
    Some(vec![("kill", place, newsletter.settle("weekly", life.kills()))])
}
