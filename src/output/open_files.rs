//! Many files open at once: one or more for each of several traits.

use crate::error::{Error, Result};

/// Files that are open besides those of the traits: inputs, the log, and what the system needs.
const OTHERS: u64 = 64;

/// Lets this process have `n_files` more files open, if the system permits.
///
/// Fails with [`Error::Inconsistent`] if it does not.
#[cfg(unix)]
pub(super) fn allow(n_files: usize) -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let needed = n_files as u64 + OTHERS;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let raised = Rlimit {
        current: Some(needed),
        maximum,
    };
    let is_permitted = maximum.is_none_or(|maximum| maximum >= needed);
    if is_permitted && setrlimit(Resource::Nofile, raised).is_ok() {
        return Ok(());
    }
    Err(Error::inconsistent(
        format!(
            "the traits of this run need {needed} open files, but the system permits {}",
            maximum.or(current).unwrap_or_default()
        ),
        "analyse fewer traits in one run (--traits), or raise the limit with `ulimit -n`",
    ))
}

#[cfg(not(unix))]
pub(super) fn allow(_: usize) -> Result<()> {
    Ok(())
}
