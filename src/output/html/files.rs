//! Reports of finished runs, from their tables and logs.

use super::chromosomes::unify;
use super::facts::Facts;
use super::finished::read_table;
use super::linkage::linkage;
use super::page::page;
use super::study::RunView;
use crate::error::{Error, Result};
use crate::genotype::ChromosomeSet;
use crate::io::seal::{decoded, encoded};
use crate::output::file::OutputFile;
use crate::output::record::outputs_of;
use crate::sources::GenotypeFiles;
use std::path::{Path, PathBuf};

/// How the names of tables end, the preferred format first.
const TABLES: [&str; 6] = [
    "assoc.txt",
    "assoc.txt.gz",
    "assoc.tsv.gz",
    "assoc.tsv.bgz",
    "assoc.parquet",
    "ssf.tsv.gz",
];
/// Where runs without `-outdir` write.
const DEFAULT_DIRECTORY: &str = "output";
const ABSENT: &str = "The tables and the log of a finished run do not contain the phenotype, the likelihood profile of PVE and the kinship; their plots are only in the report that a run with --report writes.";

/// A table of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Table {
    path: PathBuf,
    /// The part of its name between the prefix and `assoc.txt`; empty for the table of the only trait.
    stem: String,
}

/// Finished runs of which a report is made.
#[derive(Debug, Clone, Copy)]
pub struct FinishedRuns<'a> {
    /// What the files of each run begin with: its table `PREFIX.assoc.txt` (or in another format, or one table for each of
    /// several traits) and, if it is there, `PREFIX.log.txt`; or a table of another program.
    pub prefixes: &'a [PathBuf],
    /// Genotypes whose individuals give r² in the regional plots; the SNPs are found by chromosome and position.
    pub genotypes: Option<&'a GenotypeFiles>,
    /// The chromosomes of the species, by which the number of a chromosome may be X. Without it, those of the runs.
    pub chromosomes: Option<&'a ChromosomeSet>,
    /// The report is `OUT.report.html`; by default, `PREFIX.report.html` for one run, and `comparison.report.html` next to the
    /// files of the first of several.
    pub out: Option<&'a Path>,
}

/// The files of a run.
#[derive(Debug)]
struct Found {
    name: String,
    tables: Vec<Table>,
    facts: Option<Facts>,
}

/// Writes a report of finished runs; returns its path.
///
/// Fails if a run has no table, or a table is malformed.
pub fn write(of: &FinishedRuns<'_>) -> Result<PathBuf> {
    let FinishedRuns {
        prefixes,
        genotypes,
        chromosomes,
        out,
    } = *of;
    let found = prefixes.iter().map(|prefix| find(prefix));
    let found = found.collect::<Result<Vec<(PathBuf, Found)>>>()?;
    let [(first, _), others @ ..] = found.as_slice() else {
        return Err(Error::option(
            "jamma report",
            "no run is given",
            "give the prefix of its files: jamma report output/result",
        ));
    };
    let out = match out {
        Some(out) => out.to_path_buf(),
        None if others.is_empty() => first.clone(),
        None => first.with_file_name("comparison"),
    };
    let path = with_end(&out, "report.html");
    OutputFile::check(&path)?;
    let n_tables: usize = found.iter().map(|(_, one)| one.tables.len()).sum();
    let name = out
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let runs = found.into_iter().map(|(_, one)| read(one, n_tables));
    let mut runs = named_apart(runs.collect::<Result<Vec<RunView>>>()?);
    let set = unify(&mut runs, chromosomes);
    if let Some(files) = genotypes {
        linkage(&mut runs, files, set.as_ref())?;
    }
    let mut file = OutputFile::create_alone(&path)?;
    file.write(page(&runs, &name).as_bytes())?;
    file.finish()
}

/// `PREFIX.END`.
fn with_end(prefix: &Path, end: &str) -> PathBuf {
    let mut name = prefix.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{end}"));
    prefix.with_file_name(name)
}

/// The prefix and the files of a run. A prefix without a directory is also looked for in `output/`; a file of the run may be
/// given instead of the prefix.
fn find(given: &Path) -> Result<(PathBuf, Found)> {
    let mut prefix = given.to_path_buf();
    let name = given.file_name().unwrap_or_default().to_string_lossy();
    let is_file = given.is_file();
    let mut endings = TABLES.into_iter().chain(["log.txt", "report.html"]);
    let start = endings.find_map(|end| Some(name.strip_suffix(end)?.strip_suffix('.')?.to_owned()));
    match start {
        Some(start) if is_file => prefix.set_file_name(start),
        // A table of another program, whose name says nothing.
        None if is_file => {
            let table = Table {
                path: prefix.clone(),
                stem: String::new(),
            };
            let found = Found {
                name: name.into_owned(),
                tables: vec![table],
                facts: None,
            };
            return Ok((prefix, found));
        }
        _ => {}
    }
    let elsewhere = Path::new(DEFAULT_DIRECTORY).join(&prefix);
    for prefix in [prefix, elsewhere] {
        let log = with_end(&prefix, "log.txt");
        let facts = match std::fs::read(&log) {
            Ok(bytes) => Some(Facts::of_log(&String::from_utf8_lossy(&bytes))),
            Err(_) => None,
        };
        let tables = tables(&prefix, facts.as_ref());
        if !tables.is_empty() {
            let name = prefix.file_name().unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            return Ok((
                prefix,
                Found {
                    name,
                    tables,
                    facts,
                },
            ));
        }
    }
    Err(Error::inconsistent(
        format!(
            "no table of associations begins with {0}: neither {0}.assoc.txt nor {0}.TRAIT.assoc.txt, or in another format",
            given.display()
        ),
        "give the directory and the prefix of the files of a run, without an ending (jamma report output/result), or a table of another program",
    ))
}

/// The tables of a run: that of its only trait, or those of the traits in its log, or all with its prefix.
fn tables(prefix: &Path, facts: Option<&Facts>) -> Vec<Table> {
    // A table that the last run did not write is that of an earlier one.
    let known = outputs_of(prefix);
    let is_known = |path: &Path| {
        known.as_ref().is_none_or(|files| {
            files
                .iter()
                .any(|file| file.file_name() == path.file_name())
        })
    };
    let in_any_format = |stem: &str| {
        let dot = if stem.is_empty() { "" } else { "." };
        let path = |end: &str| with_end(prefix, &format!("{stem}{dot}{end}"));
        let mut paths = TABLES.into_iter().map(path);
        let path = paths.find(|path| path.is_file() && is_known(path))?;
        Some(Table {
            path,
            stem: stem.to_owned(),
        })
    };
    if let Some(one) = in_any_format("") {
        return vec![one];
    }
    let of_log: Vec<Table> = (facts.iter().flat_map(|facts| &facts.traits))
        .filter_map(|(name, _)| in_any_format(&encoded(name)))
        .collect();
    if !of_log.is_empty() {
        return of_log;
    }
    let directory = prefix.parent().filter(|one| !one.as_os_str().is_empty());
    let Ok(entries) = std::fs::read_dir(directory.unwrap_or(Path::new("."))) else {
        return Vec::new();
    };
    let start = format!(
        "{}.",
        prefix.file_name().unwrap_or_default().to_string_lossy()
    );
    let mut stems: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let rest = name.strip_prefix(&start)?;
            let mut endings = TABLES.into_iter();
            let stem = endings.find_map(|end| rest.strip_suffix(end)?.strip_suffix('.'));
            Some(stem?.to_owned())
        })
        .collect();
    stems.sort();
    stems.dedup();
    stems
        .iter()
        .filter_map(|stem| in_any_format(stem))
        .collect()
}

fn read(found: Found, n_tables: usize) -> Result<RunView> {
    let mut traits = Vec::new();
    for table in &found.tables {
        let name = decoded(&table.stem);
        traits.extend(read_table(
            &table.path,
            &name,
            found.facts.as_ref(),
            n_tables,
        )?);
    }
    Ok(RunView {
        name: found.name,
        facts: found.facts,
        traits,
        ld_of: String::new(),
        kinships: Vec::new(),
        absent: vec![ABSENT.into()],
    })
}

/// The runs with different names: those with the same one are numbered.
fn named_apart(mut runs: Vec<RunView>) -> Vec<RunView> {
    let names: Vec<String> = runs.iter().map(|run| run.name.clone()).collect();
    for (at, run) in runs.iter_mut().enumerate() {
        let same = |other: &&String| **other == names[at];
        if names.iter().filter(same).count() > 1 {
            let number = names[..=at].iter().filter(same).count();
            run.name = format!("{} ({number})", run.name);
        }
    }
    runs
}
