//! `issue.md` → front matter and blocks, with source positions.
