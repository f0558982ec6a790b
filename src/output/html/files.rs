//! Reports of finished runs, from their tables and logs.

use super::collect::{Collector, SnpRow, neg_log10};
use super::facts::{Facts, label};
use super::loci::windows;
use super::page::page;
use super::study::{Region, RunView, TraitView};
use super::thin::Limits;
use crate::error::{Error, Result};
use crate::genotype::Subset;
use crate::io::finished::{ResultTable, number};
use crate::io::seal::{decoded, encoded};
use crate::output::file::OutputFile;
use crate::output::record::outputs_of;
use crate::sources::{GenotypeFiles, squared_correlations};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The end of the name of a table.
const TABLE: &str = "assoc.txt";
/// Regional plots of all traits together, about, and of one trait at most.
const REGIONS: usize = 48;
const MOST_REGIONS: usize = 8;
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

/// The files of a run.
#[derive(Debug)]
struct Found {
    name: String,
    tables: Vec<Table>,
    facts: Option<Facts>,
}

/// Writes a report of the runs whose files begin with `prefixes`: `PREFIX.assoc.txt` (or `.assoc.txt.gz`, or one table for each
/// of several traits) and, if it is there, `PREFIX.log.txt`.
///
/// * `bfile`: PLINK files whose individuals give r² in the regional plots; the SNPs are found by chromosome and position
/// * `out`: the report is `OUT.report.html`; by default, `PREFIX.report.html` for one run, and `comparison.report.html` next to
///   the files of the first of several
///
/// Returns the path of the report. Fails if a run has no table, or a table is malformed.
pub fn write(prefixes: &[PathBuf], bfile: Option<&Path>, out: Option<&Path>) -> Result<PathBuf> {
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
    if let Some(bfile) = bfile {
        linkage(&mut runs, bfile)?;
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
    for end in [".assoc.txt", ".assoc.txt.gz", ".log.txt", ".report.html"] {
        if let Some(start) = name.strip_suffix(end).filter(|_| given.is_file()) {
            prefix.set_file_name(start);
        }
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
            "no table of associations begins with {}: neither {}.{TABLE} nor {}.TRAIT.{TABLE}",
            given.display(),
            given.display(),
            given.display()
        ),
        "give the directory and the prefix of the files of a run, without an ending: jamma report output/result",
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
    let plain_or_gzip = |stem: &str| {
        let dot = if stem.is_empty() { "" } else { "." };
        let path = with_end(prefix, &format!("{stem}{dot}{TABLE}"));
        let gzip = path.with_extension("txt.gz");
        let mut paths = [path, gzip].into_iter();
        let path = paths.find(|path| path.is_file() && is_known(path))?;
        Some(Table {
            path,
            stem: stem.to_owned(),
        })
    };
    if let Some(one) = plain_or_gzip("") {
        return vec![one];
    }
    let of_log: Vec<Table> = (facts.iter().flat_map(|facts| &facts.traits))
        .filter_map(|(name, _)| plain_or_gzip(&encoded(name)))
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
            let rest = rest.strip_suffix(".gz").unwrap_or(rest);
            Some(rest.strip_suffix(&format!(".{TABLE}"))?.to_owned())
        })
        .collect();
    stems.sort();
    stems.dedup();
    stems
        .iter()
        .filter_map(|stem| plain_or_gzip(stem))
        .collect()
}

fn read(found: Found, n_tables: usize) -> Result<RunView> {
    let mut traits = Vec::new();
    for table in &found.tables {
        traits.extend(read_table(table, found.facts.as_ref(), n_tables)?);
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

/// The places of the columns that are shown.
struct Columns {
    chr: usize,
    rs: usize,
    ps: usize,
    n_miss: Option<usize>,
    alleles: Option<[usize; 2]>,
    af: Option<usize>,
    beta: Option<usize>,
    se: Option<usize>,
    p: usize,
    neg_log10_p: Option<usize>,
    status: Option<usize>,
    of_trait: Option<usize>,
}

impl Columns {
    fn of(table: &ResultTable, path: &Path) -> Result<Self> {
        let place = |name: &str| table.place(name);
        let need = |name: &str| {
            place(name).ok_or_else(|| {
                Error::malformed(
                    path,
                    format!("the table has no column {name}"),
                    "give the prefix of a run of `jamma lmm`, `jamma lm` or of GEMMA's -lmm or -lm",
                )
            })
        };
        let p = table
            .columns()
            .iter()
            .position(|name| name.starts_with("p_"));
        let p = p.map_or_else(|| need("p_wald"), Ok)?;
        Ok(Self {
            chr: need("chr")?,
            rs: need("rs")?,
            ps: need("ps")?,
            n_miss: place("n_miss").or_else(|| place("n_mis")),
            alleles: place("allele1").zip(place("allele0")).map(|(a, b)| [a, b]),
            af: place("af"),
            beta: place("beta"),
            se: place("se"),
            neg_log10_p: place(&format!("neg_log10_{}", table.columns()[p])),
            p,
            status: place("status"),
            of_trait: place("trait"),
        })
    }
}

/// The traits of a table: one, or those in the column `trait`.
fn read_table(table: &Table, facts: Option<&Facts>, n_tables: usize) -> Result<Vec<TraitView>> {
    let rows = ResultTable::open(&table.path)?;
    let columns = Columns::of(&rows, &table.path)?;
    let names: Vec<String> = rows.columns().to_vec();
    let n_traits = match (columns.of_trait, facts) {
        (Some(_), Some(facts)) => n_tables.max(facts.traits.len()),
        _ => n_tables,
    };
    let limits = Limits::for_traits(n_traits);
    let mut traits: Vec<(String, Collector, u32)> = Vec::new();
    let value = |cells: &[&str], place: Option<usize>| match place {
        None => Ok(f64::NAN),
        Some(place) => number(cells[place], &names[place]),
    };
    rows.each_row(|cells| {
        let name = columns.of_trait.map_or("", |place| cells[place]);
        let known = traits.iter().rposition(|(known, ..)| known == name);
        if known.is_none() {
            traits.push((name.to_owned(), Collector::new(limits), 0));
        }
        let at = known.unwrap_or(traits.len() - 1);
        let (_, collector, n_rows) = &mut traits[at];
        let snp = *n_rows;
        *n_rows += 1;
        if columns
            .status
            .is_some_and(|place| cells[place].starts_with("excluded"))
        {
            return Ok(());
        }
        let y = match columns.neg_log10_p {
            Some(place) => number(cells[place], &names[place])?,
            None => neg_log10(value(cells, Some(columns.p))?),
        };
        let position = cells[columns.ps]
            .parse()
            .map_err(|_| format!("{:?} in column ps is not a position", cells[columns.ps]))?;
        let [allele1, allele0] = columns
            .alleles
            .map_or([""; 2], |of| of.map(|place| cells[place]));
        collector.add(&SnpRow {
            snp,
            chr: cells[columns.chr],
            position,
            id: cells[columns.rs],
            allele1,
            allele0,
            af: value(cells, columns.af)?,
            n_miss: columns.n_miss.and_then(|place| cells[place].parse().ok()),
            beta: value(cells, columns.beta)?,
            se: value(cells, columns.se)?,
            y,
        });
        Ok(())
    })?;
    if traits.is_empty() {
        traits.push((String::new(), Collector::new(limits), 0));
    }
    let most = (REGIONS / n_traits.max(1)).clamp(1, MOST_REGIONS);
    let view = |(name, collector, _): (String, Collector, u32)| {
        let name = if name.is_empty() {
            decoded(&table.stem)
        } else {
            name
        };
        let collected = collector.finish();
        let regions = windows(&collected, most).into_iter().map(|window| Region {
            window,
            r2: Vec::new(),
        });
        TraitView {
            n_individuals: facts
                .and_then(|facts| facts.number(&name, label::ANALYSED))
                .map(|n| n as usize),
            column: names[columns.p].clone(),
            regions: regions.collect(),
            phenotype: None,
            profile: None,
            collected,
            name,
        }
    };
    Ok(traits.into_iter().map(view).collect())
}

/// Adds r² to the regional plots, over all individuals of PLINK files. A SNP whose position is that of no SNP or of several has none.
fn linkage(runs: &mut [RunView], bfile: &Path) -> Result<()> {
    let opened = GenotypeFiles::plink(bfile)?.open()?;
    let source = &*opened.source;
    let snps = source.snps().expect("PLINK files list their SNPs");
    let mut at: HashMap<(&str, i64), Option<usize>> = HashMap::new();
    for (index, snp) in snps.iter().enumerate() {
        let place = at.entry((snp.chr, snp.ps)).or_insert(Some(index));
        if *place != Some(index) {
            *place = None;
        }
    }
    let everybody = Subset::everybody(source.individuals().len());
    for run in runs {
        run.ld_of = format!("the {} individuals of {}", everybody.len(), bfile.display());
        for one in &mut run.traits {
            let collected = &one.collected;
            for region in &mut one.regions {
                let lead = collected.thinned.strongest[region.window.lead].point;
                let chr = collected.names[lead.chromosome as usize].as_str();
                let index = |position: u32| at.get(&(chr, i64::from(position))).copied().flatten();
                let Some(lead) = index(lead.position) else {
                    continue;
                };
                let rows = region.window.rows.iter();
                let found: Vec<Option<usize>> = rows
                    .map(|&row| index(collected.rows.position[row]))
                    .collect();
                let known: Vec<usize> = found.iter().copied().flatten().collect();
                let r2 = squared_correlations(source, &everybody, lead, &known, &|| Ok(()))?;
                let mut r2 = r2.into_iter();
                let r2 = found
                    .iter()
                    .map(|one| one.and_then(|_| r2.next()).unwrap_or(f32::NAN));
                region.r2 = r2.collect();
            }
        }
    }
    Ok(())
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
