//! An input of a job.

/// An input: a file, or a value in memory.
#[derive(Debug, Clone)]
pub enum Input<F, M> {
    /// Read by the run.
    File(F),
    /// Given by the caller.
    Memory(M),
}
