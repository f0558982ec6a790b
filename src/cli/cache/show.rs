//! What `jamma cache` prints.

use crate::cli::report::print;
use crate::eigen::cache::{EigenCache, Entry, PruneOptions, Pruned, State};
use crate::error::{Error, Result, escaped};
use crate::kernels::memory::Amount;
use chrono::{DateTime, Local, Utc};
use std::path::Path;
use std::time::SystemTime;

/// Prints the files of the cache in `directory`, one per line, and the total.
pub(super) fn print_list(directory: &Path) -> Result<()> {
    let entries = EigenCache::new(directory.to_path_buf()).list()?;
    let shown = escaped(&directory.to_string_lossy());
    if entries.is_empty() {
        print(format_args!("{shown}: no cached eigendecompositions"));
        return Ok(());
    }
    print(line("size", "last use", "n", "description"));
    for entry in &entries {
        print(line_of(entry));
    }
    let count = |test: fn(&State) -> bool| {
        let of_kind = entries.iter().filter(|entry| test(&entry.state));
        of_kind.fold((0, 0), |(n, bytes), entry| (n + 1, bytes + entry.bytes))
    };
    let (n, bytes) = count(|state| matches!(state, State::Usable(_)));
    print(format_args!("total: {}", counted(n, bytes)));
    let (n, bytes) = count(|state| matches!(state, State::Unusable(_) | State::Abandoned));
    if n > 0 {
        print(format_args!(
            "{}, {}, cannot be used; `jamma cache prune {shown}` removes {}",
            files(n),
            Amount(bytes),
            if n == 1 { "it" } else { "them" }
        ));
    }
    Ok(())
}

fn line(size: &str, last_use: &str, n: &str, description: &str) -> String {
    format!("{size:>12}  {last_use:<16}  {n:>7}  {description}")
}

fn line_of(entry: &Entry) -> String {
    let (n, description) = match &entry.state {
        State::Usable(header) => (header.n.to_string(), header.description.to_string()),
        State::Unusable(reason) => (
            String::new(),
            format!("{}: not used: {reason}", name(&entry.path)),
        ),
        State::Unknown(reason) => (
            String::new(),
            format!("{}: ignored: {reason}", name(&entry.path)),
        ),
        State::Unfinished => (String::new(), "a run is writing this file".to_owned()),
        State::Abandoned => (
            String::new(),
            "an interrupted run left this file".to_owned(),
        ),
    };
    let size = Amount(entry.bytes).to_string();
    line(&size, &date(entry.last_use), &n, &escaped(&description))
}

/// The local time in minutes; a question mark if the time is far from any date.
fn date(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok());
    seconds
        .and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0))
        .map_or_else(
            || "?".to_owned(),
            |date| {
                date.with_timezone(&Local)
                    .format("%Y-%m-%d %H:%M")
                    .to_string()
            },
        )
}

/// Removes files of the cache in `directory`, and prints what was removed and what remains.
pub(super) fn print_pruned(directory: &Path, options: &PruneOptions) -> Result<()> {
    let mut pruned = EigenCache::new(directory.to_path_buf()).prune(options)?;
    for (path, bytes, reason) in &pruned.removed {
        print(format_args!(
            "removed {}, {}: {reason}",
            name(path),
            Amount(*bytes)
        ));
    }
    for (path, reason) in &pruned.unknown {
        print(format_args!("ignored {}: {reason}", name(path)));
    }
    print(summary(&pruned));
    if pruned.failed.is_empty() {
        return Ok(());
    }
    let (path, error) = pruned.failed.swap_remove(0);
    Err(Error::io("remove", &path)(error))
}

fn summary(pruned: &Pruned) -> String {
    let removed = match pruned.removed.len() {
        0 => "nothing removed".to_owned(),
        n => format!("{} removed, {} freed", files(n), Amount(pruned.freed())),
    };
    let left = match pruned.n_left {
        1 => "remains",
        _ => "remain",
    };
    let unfinished = match pruned.n_unfinished {
        0 => String::new(),
        n => format!("; runs are writing {}", files(n)),
    };
    let counted = counted(pruned.n_left, pruned.bytes_left);
    format!("{removed}; {counted}, {left}{unfinished}")
}

/// The name of a file, which is shorter than its path and as clear.
fn name(path: &Path) -> String {
    escaped(&path.file_name().unwrap_or_default().to_string_lossy())
}

fn files(n: usize) -> String {
    match n {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    }
}

fn counted(n: usize, bytes: u64) -> String {
    let what = match n {
        1 => "eigendecomposition",
        _ => "eigendecompositions",
    };
    format!("{n} {what}, {}", Amount(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_far_from_any_date_are_shown() {
        assert_eq!(date(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), "?");
        let far = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(1 << 60));
        assert!(far.is_none_or(|far| date(far) == "?"));
        assert_eq!(date(SystemTime::now()).len(), 16);
    }
}
