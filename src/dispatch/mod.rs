//! Drives a run: claims, paces, delivers, records.
