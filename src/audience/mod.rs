//! The subscriber file → subscribers, and what is wrong with it.
