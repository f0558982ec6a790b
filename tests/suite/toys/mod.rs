//! Small implementations of the open traits, as a user of the library would write them.

pub mod text_source;
