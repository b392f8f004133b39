//! SIGKILL as the process enters a write, a send or a sync: every k-th of them, launch included.

use crate::harness::IN_DOUBT_PER_KILL;
use crate::strace::killed_at;
use crate::table::{newsletter, place, run};

#[test]
#[ignore = "needs strace"]
fn a_kill_at_every_kth_call_loses_nobody_and_mails_nobody_twice() {
    run("every_call", |point| {
        let newsletter = newsletter();
        if !killed_at(&newsletter, "weekly", point) {
            return None;
        }
        let place = place(&newsletter);
        // The launch is whole or absent: the counts add up to the whole audience, or there are none.
        let standing = newsletter.standing("weekly");
        assert!(standing.launched || place != "sending", "mailed without a launch");
        assert!(standing.in_flight <= IN_DOUBT_PER_KILL && standing.in_doubt == 0, "{standing:?}");
        Some(vec![("kill", place, newsletter.settle("weekly", 1))])
    });
}
