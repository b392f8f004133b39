//! What a reply means: stages, outcomes, states, the retry schedule. Pure.
