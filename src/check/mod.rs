//! Findings about a campaign and its audience before anything is sent.
