//! The durable store of runs, recipients and attempts.
