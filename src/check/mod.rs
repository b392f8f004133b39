//! Who gets the issue and what is wrong with the list, found before anything is sent: every row of the real
//! audience is read, judged and rendered.

mod filters;
mod rows;
mod selection;

pub use filters::{Admission, Filters};
pub use rows::RowCheck;
pub use selection::{Selected, Selection, Selector};
