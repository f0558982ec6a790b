//! The number of threads of a run: from the option, the environment, or the cores.

use crate::error::{Error, Result};

/// Largest number that is accepted; more is a typing error.
pub(super) const MAX_THREADS: usize = 4096;
/// Most threads per core; with more, a run only gets slower.
const PER_CORE: usize = 4;
/// Threads that are allowed even on few cores.
const ALWAYS: usize = 8;

/// The number of threads, and notes on it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Threads {
    pub(super) count: usize,
    pub(super) notes: Vec<String>,
}

/// The cores available to this process within its affinity and container limits.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The largest number of threads of a run on this machine.
pub(crate) fn most_threads() -> usize {
    (PER_CORE * cores()).max(ALWAYS)
}

/// Threads of a run without `--threads`.
pub(crate) fn default_threads() -> usize {
    of_environment(|name| std::env::var(name).ok(), cores(), most_threads())
        .map_or(1, |threads| threads.count)
}

/// The number of threads: `asked` (`--threads`), else `RAYON_NUM_THREADS`, `OMP_NUM_THREADS` or `SLURM_CPUS_PER_TASK`, else
/// the cores available to this process.
pub(super) fn threads(asked: Option<usize>) -> Result<Threads> {
    let most = most_threads();
    match asked {
        Some(count) => Ok(capped("--threads", count, most, Vec::new())),
        None => of_environment(|name| std::env::var(name).ok(), cores(), most),
    }
}

fn of_environment(
    variable: impl Fn(&str) -> Option<String>,
    cores: usize,
    most: usize,
) -> Result<Threads> {
    let given = |name| variable(name).map(|text| text.trim().to_owned());
    // For rayon, 0 and an empty value mean all cores.
    if let Some(text) = given("RAYON_NUM_THREADS").filter(|text| !text.is_empty() && text != "0") {
        let count = text.parse().ok().filter(|count| *count <= MAX_THREADS);
        let count = count.ok_or_else(|| {
            Error::option(
                "RAYON_NUM_THREADS",
                format!("expected a number of threads up to {MAX_THREADS}, found {text}"),
                "unset it, or give --threads",
            )
        })?;
        return Ok(capped("RAYON_NUM_THREADS", count, most, Vec::new()));
    }
    let mut notes = Vec::new();
    // These variables are set for other programs, so a value that is not a number is a note, not an error.
    for name in ["OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK"] {
        let Some(text) = given(name).filter(|text| !text.is_empty()) else {
            continue;
        };
        // OpenMP accepts a list with one number per level of nesting.
        let first = text.split(',').next().unwrap_or_default().trim();
        match first.parse() {
            Ok(count) if count >= 1 => return Ok(capped(name, count, most, notes)),
            _ => notes.push(format!(
                "{name}={text} is not a number of threads and is ignored"
            )),
        }
    }
    Ok(Threads {
        count: cores,
        notes,
    })
}

fn capped(given_by: &str, count: usize, most: usize, mut notes: Vec<String>) -> Threads {
    if count > most {
        notes.push(format!(
            "{given_by}: {most} threads are used instead of {count}, because more would be slower on this machine"
        ));
    }
    Threads {
        count: count.min(most),
        notes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Result<Threads> {
        let variable = |name: &str| {
            let mut all = variables.iter();
            all.find(|(given, _)| *given == name)
                .map(|(_, value)| (*value).to_owned())
        };
        of_environment(variable, 2, 8)
    }

    #[test]
    fn the_first_variable_with_a_number_counts() {
        for (variables, expected) in [
            (&[][..], 2),
            (&[("OMP_NUM_THREADS", "3")], 3),
            (&[("OMP_NUM_THREADS", "4,2")], 4),
            (&[("SLURM_CPUS_PER_TASK", " 5 ")], 5),
            (&[("SLURM_CPUS_PER_TASK", "5"), ("OMP_NUM_THREADS", "3")], 3),
            (&[("OMP_NUM_THREADS", "3"), ("RAYON_NUM_THREADS", "1")], 1),
            (&[("OMP_NUM_THREADS", "3"), ("RAYON_NUM_THREADS", "0")], 3),
            (&[("OMP_NUM_THREADS", ""), ("SLURM_CPUS_PER_TASK", "3")], 3),
        ] {
            let threads = found(variables).unwrap();
            assert_eq!(
                (threads.count, threads.notes.len()),
                (expected, 0),
                "{variables:?}"
            );
        }
    }

    #[test]
    fn too_many_are_capped_with_a_note() {
        for name in [
            "OMP_NUM_THREADS",
            "SLURM_CPUS_PER_TASK",
            "RAYON_NUM_THREADS",
        ] {
            let threads = found(&[(name, "100")]).unwrap();
            assert_eq!(threads.count, 8);
            assert_eq!(
                threads.notes,
                [format!(
                    "{name}: 8 threads are used instead of 100, because more would be slower on this machine"
                )]
            );
        }
    }

    #[test]
    fn a_value_that_is_not_a_number_is_ignored_with_a_note_or_an_error() {
        for text in ["many", "0", "-1", "1.5", "99999999999999999999999"] {
            let variables = [("OMP_NUM_THREADS", text), ("SLURM_CPUS_PER_TASK", "3")];
            let threads = found(&variables).unwrap();
            assert_eq!((threads.count, threads.notes.len()), (3, 1), "{text}");
        }
        assert!(found(&[("RAYON_NUM_THREADS", "many")]).is_err());
        assert!(found(&[("RAYON_NUM_THREADS", "5000")]).is_err());
    }
}
