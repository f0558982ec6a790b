//! Small implementations of the open traits, each in one file, as a user of the library would write them.

pub mod correlation;
pub mod counting_sink;
pub mod text_source;
